package posthogtest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/hedgerow/posthog/flags"
)

// The routes about feature flags, good for [Fault.Path] with or without a final
// slash. There are older ones too: "/decide" and
// "/api/feature_flag/local_evaluation".
const (
	// RouteFlags answers what the flags of a person are.
	RouteFlags = "/flags"
	// RouteDefinitions hands out the flags to who evaluates by itself.
	RouteDefinitions = "/flags/definitions"
)

const (
	routeDecide          = "/decide"
	routeLocalEvaluation = "/api/feature_flag/local_evaluation"
)

// serveFlagRoute answers a request to a route about flags and reports whether
// the path is one.
func (s *Server) serveFlagRoute(w http.ResponseWriter, r *http.Request, path string) bool {
	if project, key, ok := remoteConfigPath(path); ok {
		s.meet(w, r, path, "GET, OPTIONS", func() { s.serveRemoteConfig(w, r, project, key) })
		return true
	}
	switch path {
	case RouteFlags, routeDecide:
		s.meet(w, r, path, "GET, POST, HEAD, OPTIONS", func() { s.serveFlags(w, r, path) })
	case RouteDefinitions, routeLocalEvaluation:
		s.meet(w, r, path, "GET, HEAD, OPTIONS", func() { s.serveDefinitions(w, r, path) })
	default:
		return false
	}
	return true
}

// meet answers what all routes about flags answer alike, and otherwise serves.
func (s *Server) meet(w http.ResponseWriter, r *http.Request, path, allow string, serve func()) {
	allowOrigin(w, r)
	switch {
	case r.Method == http.MethodOptions:
		w.Header().Set("Allow", allow)
		w.WriteHeader(http.StatusNoContent)
	case !slices.Contains(strings.Split(allow, ", "), r.Method):
		notAllowed(w, allow)
	case r.Method == http.MethodHead: // a look whether the service is there
		if fault, ok := s.script.take(path, false); !ok || !s.overrule(w, r, fault, nil) {
			w.WriteHeader(http.StatusOK)
		}
	default:
		serve()
	}
}

// serveFlags answers one question about flags: read, decode, log, meet the
// faults, then refuse or evaluate.
func (s *Server) serveFlags(w http.ResponseWriter, r *http.Request, path string) {
	if r.Method == http.MethodGet {
		if fault, ok := s.script.take(path, false); !ok || !s.overrule(w, r, fault, nil) {
			answer := s.newFlagsAnswer(r)
			answer.configure()
			answer.fill(shapeOf(path, r.URL.Query()), nil)
			answerJSON(w, http.StatusOK, answer)
		}
		return
	}
	entry := newFlagRequest(r, forValues)
	raw, err := readLimited(r.Body, maxFlagsBody, r.ContentLength)
	entry.RawBody, entry.Time = raw, s.config.Now()
	refused := malformed("failed to decode request: %v", err)
	if err == nil {
		refused = s.openFlags(entry)
	}
	s.record.asked(entry)
	if fault, ok := s.script.take(path, false); ok && s.overrule(w, r, fault, &visit{asked: entry}) {
		return
	}
	if refused != nil {
		s.record.told(entry, refused.status, 0)
		w.Header().Set("Content-Type", contentType(refused.status))
		w.WriteHeader(refused.status)
		_, _ = w.Write([]byte(refused.text))
		return
	}
	answer, billed := s.answerFlags(entry, r, path)
	s.record.told(entry, http.StatusOK, billed)
	answerJSON(w, http.StatusOK, answer)
}

// answerFlags evaluates.
func (s *Server) answerFlags(entry *FlagRequest, r *http.Request, path string) (answer *flagsAnswer, billed int) {
	answer = s.newFlagsAnswer(r)
	if configured(entry.Query) {
		answer.configure()
	}
	shape := shapeOf(path, entry.Query)
	current, exhausted := s.flags.latest()
	switch {
	case exhausted:
		answer.QuotaLimited = []string{"feature_flags"}
	case !entry.disabled:
		results := s.evaluate(entry, r, current)
		answer.Minimal = current.program.Definitions().MinimalFlagCalledEvents
		answer.fill(shape, results)
		for i := range results {
			if !unbilled(results[i].Key) {
				billed = 1
			}
		}
		return answer, billed
	}
	answer.fill(shape, nil)
	return answer, 0
}

// evaluate answers about each flag that is considered.
func (s *Server) evaluate(entry *FlagRequest, r *http.Request, current *edition) []flags.Result {
	subject := s.subject(entry, r, current)
	var all []flags.Result
	if entry.Keys == nil {
		all = current.program.EvaluateAll(&subject, nil)
	} else {
		all = current.program.EvaluateKeys(entry.Keys, &subject, nil)
	}
	runtime := entry.runtime()
	var results []flags.Result
	for _, result := range all {
		if f := result.Flag(); f != nil && considered(f, entry, runtime) {
			results = append(results, result)
		}
	}
	return results
}

// newFlagRequest notes a request before its body is read.
func newFlagRequest(r *http.Request, kind flagRequestKind) *FlagRequest {
	return &FlagRequest{kind: kind, Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Header: r.Header.Clone()}
}

// configured reports whether a question asks for the configuration of a client
// too, as one without a version does.
func configured(query url.Values) bool {
	return truthy(query, "config") || (!query.Has("config") && versionOf(query) == "")
}
