package posthogtest

import (
	"maps"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/hedgerow/posthog/flags"
)

// subject is whom a question is about, with all that the server knows of them.
func (s *Server) subject(q *FlagRequest, r *http.Request, at *edition) flags.Subject {
	stored := s.record.whoIs(q, at.continuous)
	properties := stored.properties
	if properties == nil || truthy(q.Query, "only_use_override_person_properties") {
		properties = make(map[string]any)
	}
	if s.config.Geo != nil && !q.GeoIPDisable {
		maps.Copy(properties, s.config.Geo(addressOf(q, r)))
	}
	maps.Copy(properties, q.PersonProperties)
	addInitial(properties)

	metadata := make(map[string]any)
	if !stored.created.IsZero() {
		metadata["created_at"] = stored.created.UTC().Format(time.RFC3339Nano)
	}
	subject := flags.Subject{
		DistinctID: q.DistinctID, DeviceID: q.DeviceID,
		PersonProperties: properties, PersonMetadata: metadata,
		Cohorts: s.flags.memberships(stored.ids), HashIDs: stored.firstIDs,
		Now: q.Time, Complete: true,
	}
	for groupType, key := range q.Groups {
		known := s.record.groupProperties(q.Token, groupType, text(key))
		maps.Copy(known, q.GroupProperties[groupType])
		subject.Groups = append(subject.Groups, flags.Group{Type: groupType, Key: key, Properties: known})
	}
	return subject
}

// memberships are the static cohorts that the person with these ids is in, and
// is not in.
func (b *flagBook) memberships(ids []string) map[string]bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make(map[string]bool, len(b.static))
	for cohort, members := range b.static {
		for _, id := range ids {
			all[cohort] = all[cohort] || members[id]
		}
	}
	return all
}

// addressOf is where a question comes from.
func addressOf(q *FlagRequest, r *http.Request) string {
	if q.ip != "" {
		return q.ip
	}
	if forwarded, _, _ := strings.Cut(r.Header.Get("X-Forwarded-For"), ","); forwarded != "" {
		return strings.TrimSpace(forwarded)
	}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}

// addInitial fills in first values from the current ones, where there are none.
func addInitial(properties map[string]any) {
	const initial = "$initial_"
	for name, value := range maps.Clone(properties) {
		plain, isOwn := strings.CutPrefix(name, "$")
		if (!isOwn && !strings.HasPrefix(name, "utm_")) || strings.HasPrefix(name, initial) {
			continue
		}
		if _, given := properties[initial+plain]; !given {
			properties[initial+plain] = value
		}
	}
}
