package posthogtest

import (
	"net/http"
	"slices"
	"strings"
)

// pollPrice is how many flag requests one for definitions is charged as.
const pollPrice = 10

// serveDefinitions hands out the flags, unless the client has them.
func (s *Server) serveDefinitions(w http.ResponseWriter, r *http.Request, path string) {
	entry := newFlagRequest(r, forDefinitions)
	entry.Token, entry.Time = entry.Query.Get("token"), s.config.Now()
	s.record.asked(entry)
	if fault, ok := s.script.take(path, false); ok && s.overrule(w, r, fault, &visit{asked: entry}) {
		return
	}
	current, exhausted := s.flags.latest()
	problem := s.checkSecret(r.Header)
	switch {
	case problem != nil:
	case exhausted:
		problem = flagProblems[http.StatusPaymentRequired]
	case path == RouteDefinitions && entry.Token == "":
		problem = missingToken
	}
	if problem != nil {
		s.record.told(entry, problem.status, 0)
		problem.answer(w)
		return
	}
	billed := 0
	if current.billable {
		billed = pollPrice
	}
	h := w.Header()
	h.Set("ETag", current.etag)
	h.Set("Cache-Control", "private, must-revalidate")
	if sameTag(r.Header.Values("If-None-Match"), current.etag) {
		s.record.told(entry, http.StatusNotModified, billed)
		w.WriteHeader(http.StatusNotModified)
		return
	}
	s.record.told(entry, http.StatusOK, billed)
	h.Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(current.feed)
}

// sameTag reports whether one of the tags, be they weak, strong or without
// quotes, is etag.
func sameTag(lists []string, etag string) bool {
	for _, list := range lists {
		for tag := range strings.SplitSeq(list, ",") {
			if tag = strings.TrimSpace(tag); tag == "*" || opaque(tag) == opaque(etag) {
				return true
			}
		}
	}
	return false
}

func opaque(tag string) string { return strings.Trim(strings.TrimPrefix(tag, "W/"), `"`) }

// checkSecret looks for a secret key in the headers.
func (s *Server) checkSecret(h http.Header) *flagProblem {
	key := secretIn(h)
	switch {
	case key == "":
		return notAuthenticated
	case s.config.SecretKeys != nil && !slices.Contains(s.config.SecretKeys, key), !isPersonal(key) && !strings.HasPrefix(key, "phs_"):
		return flagProblems[http.StatusUnauthorized]
	}
	return nil
}

// secretIn is what the client authenticates itself with.
func secretIn(h http.Header) string {
	scheme, key, _ := strings.Cut(h.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(key)
}

// isPersonal reports the key of a person, unlike that of a project.
func isPersonal(key string) bool { return strings.HasPrefix(key, "phx_") }
