package main

import (
	"strings"
	"testing"
)

func TestWhatPostHogLearns(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run(&out); err != nil {
		t.Fatal(err)
	}
	const want = `error   main.gatewayError payment failed: no gateway for order 17 (1)
        unwrap main.gatewayError: no gateway for order 17
        after it found the order
error   slog.Record    nothing in stock (1)
error   runtime.Error  assignment to entry in nil map (1)
error   runtime.Error  assignment to entry in nil map (1)
error   panic          image is too large (1)
error   main.gatewayError no gateway for order 0 (5)
1007 captured, 10 sent, 2 were duplicates, 995 held back
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
