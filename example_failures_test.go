package posthog_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/hedgerow/posthog"
)

// outcome is where the handlers of a program leave the error that they met.
type outcome struct{ err error }

type outcomeKey struct{}

// torn is a handler that meets an error.
func torn(_ http.ResponseWriter, r *http.Request) {
	o, _ := r.Context().Value(outcomeKey{}).(*outcome)
	o.err = fmt.Errorf("pay order 7: %w", errors.New("no such table"))
}

// finish gives each request an outcome, and answers it.
func finish(w http.ResponseWriter, r *http.Request, next http.Handler) {
	next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), outcomeKey{}, new(outcome))))
}

// The report of an answer of 500 is about the error, not about the status.
func ExampleWithServerError() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		torn(w, r)
		http.Error(w, "sorry", http.StatusInternalServerError)
	})
	handler := posthog.NewRequestContextMiddleware(answer,
		posthog.WithCaptureServerErrors(client),
		posthog.WithServerError(func(r *http.Request) error {
			o, _ := r.Context().Value(outcomeKey{}).(*outcome)
			return o.err
		}),
	)

	finish(httptest.NewRecorder(), request("/orders/7/payment"), handler)
	check(client.Close())
	for _, e := range server.Events()[0].Exceptions() {
		fmt.Println(e.Value)
	}
	// Output:
	// pay order 7: no such table
	// no such table
}

// A framework of the application's own has other words for how a request ends.
// They are not worth a report where an error was captured that says more.
func ExampleStatusError() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	handler := posthog.NewRequestContextMiddleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
	}), posthog.WithCaptureServerErrors(client), posthog.WithServerError(func(*http.Request) error {
		return posthog.StatusError{Title: "SOAP Server", Text: "the ledger is torn"}
	}))

	handler.ServeHTTP(httptest.NewRecorder(), request("/ledger"))
	check(client.Close())
	first := server.Events()[0].Exceptions()[0]
	fmt.Println(first.Type+":", first.Value)
	// Output: SOAP Server: the ledger is torn
}

// declined is an error of a shop that names its issue as a StatusError does, so
// that PostHog shows a title for people.
type declined struct{ order int }

func (d *declined) Error() string   { return fmt.Sprintf("card of order %d declined", d.order) }
func (*declined) ErrorType() string { return "Card declined" }

// Any error can have the method, and be called what the application calls it.
func ExampleStatusError_ErrorType() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	check(client.CaptureException(context.Background(), &declined{order: 17}))
	check(client.Close())
	fmt.Println(server.Issues()[0].Name)
	// Output: Card declined
}

// A panic becomes an answer, which is the end of it.
func ExampleWithRecoverPanics() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	handler := posthog.NewRequestContextMiddleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic("no paper")
	}), posthog.WithCapturePanics(client), posthog.WithRecoverPanics())

	w := httptest.NewRecorder()
	handler.ServeHTTP(w, request("/orders/7/receipt"))
	check(client.Close())
	first := server.Events()[0].Exceptions()[0]
	fmt.Println(w.Code, first.Value, "handled:", *first.Mechanism.Handled)
	// Output: 500 no paper handled: true
}

// Reports of one route are one issue, and those of the batch interface are not
// urgent.
func ExampleWithReportOptions() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	mux := http.NewServeMux()
	mux.HandleFunc("POST /batch/{job}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	handler := posthog.NewRequestContextMiddleware(mux,
		posthog.WithCaptureServerErrors(client),
		posthog.WithReportOptions(func(r *http.Request) []posthog.ExceptionOption {
			return []posthog.ExceptionOption{posthog.WithFingerprint(r.Pattern), posthog.WithLevel(posthog.LevelWarning)}
		}),
	)

	r := request("/batch/9")
	r.Method = http.MethodPost
	handler.ServeHTTP(httptest.NewRecorder(), r)
	check(client.Close())
	p := server.Events()[0].Properties
	fmt.Println(p["$exception_level"], p["$exception_fingerprint"])
	// Output: warning POST /batch/{job}
}
