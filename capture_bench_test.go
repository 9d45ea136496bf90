package posthog_test

import (
	"fmt"
	"testing"

	"github.com/hedgerow/posthog"
)

// BenchmarkCaptureException32 captures an error that wraps another, on a stack of
// some 32 calls: everything that the caller waits for.
func BenchmarkCaptureException32(b *testing.B) {
	client := swallowing(b, posthog.Config{})
	ctx := b.Context()
	callDepth(28, func() {
		benchmark(b, client, func() error {
			return client.CaptureException(ctx, fmt.Errorf("order 17: %w", &chargeError{17}))
		})
	})
}

// BenchmarkCaptureDuplicate captures an error that was captured a moment ago, in
// other places.
func BenchmarkCaptureDuplicate(b *testing.B) {
	client := swallowing(b, posthog.Config{})
	err := capturedElsewhere(b, client)
	benchmark(b, client, func() error { return client.CaptureException(b.Context(), err) })
}

// BenchmarkCaptureDuplicateWithOptions is the same, and says more of it.
func BenchmarkCaptureDuplicateWithOptions(b *testing.B) {
	client := swallowing(b, posthog.Config{})
	err, properties := capturedElsewhere(b, client), scalars(5)
	benchmark(b, client, func() error {
		return client.CaptureException(b.Context(), err, posthog.WithDistinctId("u_1"), posthog.WithProperties(properties))
	})
}

// BenchmarkCaptureDuplicateOfMany is the same of as many errors as a failure of
// something that all requests need may cause, and within such a request.
func BenchmarkCaptureDuplicateOfMany(b *testing.B) {
	client := swallowing(b, posthog.Config{})
	errs := make([]error, 1000)
	for i := range errs {
		errs[i] = capturedElsewhere(b, client)
	}
	ctx := posthog.WithRequestContext(b.Context(), posthog.RequestContext{})
	i := 0
	benchmark(b, client, func() error {
		i++
		return client.CaptureException(ctx, errs[i%len(errs)])
	})
}

// capturedElsewhere returns an error that was captured in as many places as are
// remembered, so that one further place may capture it again and again.
func capturedElsewhere(tb testing.TB, client *posthog.ServerClient) error {
	tb.Helper()
	var err error = &chargeError{17}
	for _, failure := range []error{
		client.CaptureException(tb.Context(), err),
		client.CaptureException(tb.Context(), err),
		client.CaptureException(tb.Context(), err),
		client.CaptureException(tb.Context(), err),
	} {
		if failure != nil {
			tb.Fatal(failure)
		}
	}
	return err
}

// BenchmarkCaptureLimited reports a panic that is one too many.
func BenchmarkCaptureLimited(b *testing.B) {
	client := swallowing(b, posthog.Config{ErrorTracking: posthog.ErrorTrackingConfig{RateLimit: posthog.ExceptionRateLimit{Burst: 1, Every: 1 << 62}}})
	benchmark(b, client, func() error { return client.CaptureRecovered(b.Context(), fault("one too many")) })
}
