package adapter

import (
	"errors"
	"net/http"
	"strings"

	"github.com/hedgerow/posthog"
)

// question is the body of /get_feature_flag. Its force_remote is not read, for it is always so: the clients have neither
// definitions nor a memory of answers, and ask PostHog each time.
type question struct {
	Key              string                        `json:"key"`
	DistinctID       string                        `json:"distinct_id"`
	PersonProperties posthog.Properties            `json:"person_properties"`
	Groups           posthog.Groups                `json:"groups"`
	GroupProperties  map[string]posthog.Properties `json:"group_properties"`
	NoGeoIP          *bool                         `json:"disable_geoip"` // nil means what /init said
}

// valued is the answer to it.
type valued struct {
	Success bool `json:"success"`
	Value   any  `json:"value"` // a variant, true or false, or nil if nothing is known of the flag
}

// flag asks the test's client for the value of one flag. Whether PostHog has an answer is what is being tested, so that
// the call succeeds without one too: the value is null then, and /state tells why.
func (a *Adapter) flag(w http.ResponseWriter, r *http.Request) {
	s := a.current(w, r)
	if s == nil {
		return
	}
	var call question
	if !read(w, r, &call) {
		return
	}
	if strings.TrimSpace(call.Key) == "" {
		refuse(w, http.StatusBadRequest, "key is missing")
		return
	}
	// Of the ways to ask for one flag, this is the one that lets each call decide on GeoIP.
	flags, err := s.client.EvaluateFlagsWithContext(r.Context(), posthog.EvaluateFlagsPayload{
		DistinctId:       call.DistinctID,
		Groups:           call.Groups,
		PersonProperties: call.PersonProperties,
		GroupProperties:  call.GroupProperties,
		DisableGeoIP:     call.NoGeoIP,
		FlagKeys:         []string{call.Key},
	})
	switch {
	case errors.Is(err, posthog.ErrNoDistinctID):
		refuse(w, http.StatusUnprocessableEntity, err.Error())
		return
	case errors.Is(err, posthog.ErrClosed):
		refuse(w, http.StatusConflict, err.Error())
		return
	case err != nil:
		s.note(err)
	}
	reply(w, valued{Success: true, Value: flags.GetFlag(call.Key)})
}
