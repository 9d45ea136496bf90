// Command server is a small web service: its middleware knows who every
// request is made by, its handlers capture events without knowing it, and it
// ends gracefully. Set POSTHOG_API_KEY to see the events in PostHog; without
// it they are discarded.
package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/hedgerow/posthog"
)

func main() {
	client, err := posthog.FromEnv(posthog.Config{DefaultEventProperties: posthog.Properties{"service": "shop"}})
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	server := &http.Server{Addr: "localhost:8080", Handler: newHandler(client), ReadHeaderTimeout: 10 * time.Second}
	if err := serve(ctx, server); err != nil {
		log.Print(err)
	}
	if err := client.Close(); err != nil && !errors.Is(err, posthog.ErrSDKDisabled) { // last, when nobody captures any more
		log.Print(err)
	}
}

// serve answers requests until ctx ends, and those that have begun to their
// end.
func serve(ctx context.Context, server *http.Server) error {
	served := make(chan error, 1)
	go func() { served <- server.ListenAndServe() }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return server.Shutdown(patience)
}

// newHandler is the service. The middleware stands in front of everything, so
// that panics and server errors are reported with what is known by then.
func newHandler(client posthog.EnqueueClient) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /orders/{id}/payment", authenticated(func(w http.ResponseWriter, r *http.Request) {
		if err := posthog.EnqueueWithContext(r.Context(), client, posthog.Capture{
			Event:      "order paid",
			Properties: posthog.Properties{"order": r.PathValue("id")},
		}); err != nil {
			log.Print(err) // the customer need not know
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	return posthog.NewRequestContextMiddleware(mux,
		posthog.WithCapturePanics(client),
		posthog.WithCaptureServerErrors(client),
		posthog.WithRequestFilter(func(r *http.Request) bool { return r.URL.Path != "/healthz" }),
	)
}

// authenticated lets in whoever has a name, and says who that is.
func authenticated(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, _, ok := r.BasicAuth()
		if !ok {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		posthog.SetDistinctId(r.Context(), user)
		next(w, r)
	})
}
