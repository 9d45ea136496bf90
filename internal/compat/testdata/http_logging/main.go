// Command http_logging measures every request with a middleware of its own.
package main

import (
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/posthog/posthog-go"
)

// statusWriter remembers the status.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// measure is used like the middleware of a router: it takes a handler and returns one.
func measure(client posthog.Client) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start, recorder := time.Now(), &statusWriter{ResponseWriter: w, status: http.StatusOK}
			next.ServeHTTP(recorder, r)
			client.Enqueue(posthog.Capture{
				DistinctId: r.Header.Get("X-User"),
				Event:      "http request",
				Properties: posthog.NewProperties().
					Set("status", recorder.status).
					Set("path", r.URL.Path).
					Set("duration", time.Since(start)),
			})
		})
	}
}

func main() {
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{Endpoint: os.Getenv("POSTHOG_HOST")})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	handler := measure(client)(http.NotFoundHandler())
	for _, path := range []string{"/a", "/b"} {
		request := httptest.NewRequest(http.MethodGet, path, nil)
		request.Header.Set("X-User", "u_1")
		handler.ServeHTTP(httptest.NewRecorder(), request)
	}
}
