// Command errors fails in the ways in which services fail, and prints the issues
// that PostHog makes of it: an error on its way up through code, log and
// middleware, with what was done before, a line of the log, a panic of a handler,
// a goroutine that must not end the program, a task that becomes an error, and
// one line that fails a thousand times. It needs no account; the service is one
// of its own.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

func main() {
	if err := run(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// run fails in every way, and tells what PostHog has learned.
func run(out io.Writer) error {
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		return err
	}
	defer server.Close()
	client, err := posthog.NewWithConfig("phc_errors", posthog.Config{
		Endpoint: server.URL(), Transport: server.Transport(),
		ErrorTracking: posthog.ErrorTrackingConfig{RateLimit: posthog.ExceptionRateLimit{Burst: 5, Every: time.Hour}},
	})
	if err != nil {
		return err
	}
	fail(context.Background(), client)
	if err := client.Close(); err != nil {
		return err
	}
	for _, issue := range server.Issues() {
		e := issue.Events[0]
		fmt.Fprintf(out, "%-7v %-14s %s (%d)\n", e.Properties["$exception_level"], issue.Name, issue.Description, len(issue.Events))
		for i, x := range e.Exceptions() {
			if i > 0 {
				fmt.Fprintf(out, "        %s %s: %s\n", x.Mechanism.Source, x.Type, x.Value)
			}
		}
		steps, _ := e.Properties["$exception_steps"].([]any)
		for _, step := range steps {
			if step, ok := step.(map[string]any); ok {
				fmt.Fprintf(out, "        after it %s\n", step["$message"])
			}
		}
	}
	s := client.Stats()
	fmt.Fprintf(out, "%d captured, %d sent, %d were duplicates, %d held back\n",
		s.Accepted, s.Delivered, s.DroppedBy[posthog.OutcomeDuplicate], s.DroppedBy[posthog.OutcomeRateLimited])
	return nil
}

// fail fails.
func fail(ctx context.Context, client *posthog.ServerClient) {
	shop := posthog.NewRequestContextMiddleware(newShop(client), posthog.WithCapturePanics(client), posthog.WithCaptureServerErrors(client))
	visit(ctx, shop, "/pay")
	visit(ctx, shop, "/ship")
	visit(ctx, shop, "/refund")

	var ran sync.WaitGroup
	ran.Go(func() {
		defer client.Recover(ctx) // a panic of this goroutine would end the program
		refresh(nil)
	})
	ran.Wait()

	var panicked *posthog.PanicError
	if err := client.Task(ctx, resize)(); errors.As(err, &panicked) {
		capture(ctx, client, err) // as whoever gets the error would; it is known already
	}
	for i := range 1000 {
		poll(ctx, client, i)
	}
}

// newShop is the service.
func newShop(client *posthog.ServerClient) http.Handler {
	logger := slog.New(posthog.NewSlogCaptureHandler(slog.DiscardHandler, client)) // the program's own handler, in a program
	mux := http.NewServeMux()
	mux.HandleFunc("POST /pay", func(w http.ResponseWriter, r *http.Request) {
		client.AddStep(r.Context(), "found the order", posthog.Properties{"order": 17})
		if err := pay(); err != nil {
			capture(r.Context(), client, err)
			logger.ErrorContext(r.Context(), "no payment", "err", err) // known already, and so is the answer
			http.Error(w, "later", http.StatusBadGateway)
		}
	})
	mux.HandleFunc("POST /ship", func(_ http.ResponseWriter, r *http.Request) {
		logger.ErrorContext(r.Context(), "nothing in stock", "tea", "oolong")
	})
	mux.HandleFunc("POST /refund", func(http.ResponseWriter, *http.Request) {
		refresh(nil)
	})
	return mux
}

// visit makes a request, as a server would.
func visit(ctx context.Context, shop http.Handler, path string) {
	defer func() { _ = recover() }() // as net/http does with a panic that the middleware has passed on
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://shop.example.com"+path, http.NoBody)
	if err != nil {
		log.Print(err)
		return
	}
	r.Header.Set(posthog.HeaderPostHogDistinctID, "u_42")
	shop.ServeHTTP(&answer{http.Header{}}, r)
}

// answer is one that nobody reads.
type answer struct{ header http.Header }

func (a *answer) Header() http.Header          { return a.header }
func (*answer) WriteHeader(int)                {}
func (*answer) Write(body []byte) (int, error) { return len(body), nil }

// capture reports an error. What went wrong with that is in the log.
func capture(ctx context.Context, client *posthog.ServerClient, err error) {
	_ = client.CaptureException(ctx, err)
}

// gatewayError is an error with an id in its text, which makes no issue of its
// own.
type gatewayError struct{ order int }

func (e *gatewayError) Error() string { return fmt.Sprintf("no gateway for order %d", e.order) }

func pay() error { return fmt.Errorf("payment failed: %w", &gatewayError{17}) }

func refresh(prices map[string]int) { prices["tea"]++ }

func resize(context.Context) error { panic("image is too large") }

// poll is what fails in a loop.
func poll(ctx context.Context, client *posthog.ServerClient, i int) {
	defer client.Recover(ctx)
	panic(&gatewayError{i})
}
