package posthogtest

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"

	"github.com/hedgerow/posthog/flags"
)

// remoteConfigPath finds the project and the flag in the path of a remote
// configuration, "/api/projects/@current/feature_flags/{key}/remote_config".
func remoteConfigPath(path string) (project, key string, ok bool) {
	rest, ok := strings.CutPrefix(path, "/api/projects/")
	if !ok {
		return "", "", false
	}
	rest, ok = strings.CutSuffix(rest, "/remote_config")
	if !ok {
		return "", "", false
	}
	project, key, ok = strings.Cut(rest, "/feature_flags/")
	return project, key, ok && key != ""
}

// serveRemoteConfig answers with the payload of a remote configuration.
func (s *Server) serveRemoteConfig(w http.ResponseWriter, r *http.Request, project, key string) {
	entry := newFlagRequest(r, forRemoteConfig)
	entry.Token, entry.Keys, entry.Time = entry.Query.Get("token"), []string{key}, s.config.Now()
	s.record.asked(entry)
	if fault, ok := s.script.take(strings.TrimSuffix(r.URL.Path, "/"), false); ok && s.overrule(w, r, fault, &visit{asked: entry}) {
		return
	}
	status, payload := s.remoteConfig(r, project, key)
	s.record.told(entry, status, 0)
	if len(payload) > 0 {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, _ = w.Write(payload)
}

func (s *Server) remoteConfig(r *http.Request, project, key string) (status int, payload []byte) {
	if s.checkSecret(r.Header) != nil {
		return http.StatusUnauthorized, nil
	}
	_, notNumber := strconv.ParseUint(project, 10, 63)
	f := s.configFlag(key)
	if f == nil || (notNumber != nil && (project != "@current" || r.URL.Query().Get("token") == "")) {
		return http.StatusNotFound, nil
	}
	payload = f.Payloads["true"]
	if bytes.Equal(payload, []byte(`""`)) || isNull(payload) {
		return http.StatusOK, nil
	}
	if f.HasEncryptedPayloads && !isPersonal(secretIn(r.Header)) {
		payload = []byte(compact(redactedPayload))
	}
	return http.StatusOK, payload
}

// configFlag finds a remote configuration by its key or its number, nil for
// none.
func (s *Server) configFlag(key string) *flags.Flag {
	definitions := s.Flags().Definitions()
	f, ok := definitions.Flag(key)
	for i := range definitions.Flags {
		if candidate := &definitions.Flags[i]; !ok && strconv.FormatInt(candidate.ID, 10) == key {
			f, ok = candidate, true
		}
	}
	if !ok || f.Deleted || !isRemoteConfig(f) {
		return nil
	}
	return f
}
