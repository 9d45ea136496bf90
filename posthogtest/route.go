package posthogtest

import (
	"io"
	"net/http"
	"strings"
)

// endpoint is how an ingestion path reads its body.
type endpoint struct {
	path string // without final slash
	// batch paths take the larger body.
	batch bool
	// legacy paths undo one more layer of base64 after decompression.
	legacy bool
	// engage turns an object without a name into $identify.
	engage bool
}

var endpoints = map[string]endpoint{
	"/batch":   {path: "/batch", batch: true},
	"/i/v0/e":  {path: "/i/v0/e"},
	"/capture": {path: "/capture", legacy: true},
	"/e":       {path: "/e", legacy: true},
	"/track":   {path: "/track", legacy: true},
	"/engage":  {path: "/engage", legacy: true, engage: true},
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
	if at, ok := endpoints[path]; ok {
		s.serveIngestion(w, r, at)
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
