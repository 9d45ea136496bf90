package posthogtest

import (
	"io"
	"net/http"
	"strings"
)

// The routes a client is most often asked about: paths without their final
// slash, as in [Request.Route], [Event.Route] and [Recorder.Via], and good for
// [Fault.Path]. The older ones ("/i/v0/e", "/capture", "/e", "/track",
// "/engage") go by their paths.
const (
	// RouteBatch takes a batch of events of any kind, all or nothing.
	RouteBatch = "/batch"
	// RouteAIBatch takes a batch of large $ai_ events, and no others.
	RouteAIBatch = "/i/v0/ai/batch"
	// RouteAnalytics takes a batch of events and answers for each.
	RouteAnalytics = "/i/v1/analytics/events"
)

// endpoint is how an ingestion path reads its body.
type endpoint struct {
	route string
	// batch paths take the larger body.
	batch bool
	// legacy paths undo one more layer of base64 after decompression.
	legacy bool
	// engage turns an object without a name into $identify.
	engage bool
	// ai takes $ai_ events alone, and larger ones.
	ai bool
	// analytics speaks another protocol altogether: see serveAnalytics.
	analytics bool
}

var endpoints = map[string]endpoint{
	RouteBatch:     {route: RouteBatch, batch: true},
	RouteAIBatch:   {route: RouteAIBatch, batch: true, ai: true},
	RouteAnalytics: {route: RouteAnalytics, analytics: true},
	"/i/v0/e":      {route: "/i/v0/e"},
	"/capture":     {route: "/capture", legacy: true},
	"/e":           {route: "/e", legacy: true},
	"/track":       {route: "/track", legacy: true},
	"/engage":      {route: "/engage", legacy: true, engage: true},
}

// probes answer orchestrators and the curious.
var probes = map[string]string{
	"":            "capture",
	"/_readiness": "ready",
	"/_liveness":  "ok",
}

// ServeHTTP is the service itself, for callers that bring their own listener
// or mount it under a path with [http.StripPrefix]. A cut connection is made
// by hijacking, or where that is impossible by panicking with
// [http.ErrAbortHandler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimSuffix(r.URL.Path, "/")
	switch at, ok := endpoints[path]; {
	case ok && at.analytics:
		s.serveAnalytics(w, r, at)
		return
	case ok:
		s.serveIngestion(w, r, at)
		return
	}
	if s.serveFlagRoute(w, r, path) {
		return
	}
	if r.Method != http.MethodOptions {
		if fault, ok := s.script.take(path, false); ok && s.overrule(w, r, fault, nil) {
			return
		}
	}
	text, ok := probes[path]
	switch {
	case !ok:
		http.NotFound(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		notAllowed(w, "GET, HEAD")
	default:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, text)
	}
}

func notAllowed(w http.ResponseWriter, allow string) {
	w.Header().Set("Allow", allow)
	http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
}

// allowOrigin lets web pages post from anywhere, as the service does.
func allowOrigin(w http.ResponseWriter, r *http.Request) {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Allow-Credentials", "true")
	h.Add("Vary", "Origin")
	if r.Method != http.MethodOptions {
		return
	}
	h.Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		h.Set("Access-Control-Allow-Headers", asked)
	}
}
