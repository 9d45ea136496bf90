package main

import (
	"os"
	"strings"
	"testing"
)

// TestMain is also the program that dies.
func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		die(dir)
	}
	os.Exit(m.Run())
}

func TestTheNextStartReports(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run(&out); err != nil {
		t.Fatal(err)
	}
	const want = `the first start: exit status 2
the second start reports: fatal error: concurrent map writes (fatal), in github.com/hedgerow/posthog/examples/crash.count of the service shop
  before that it read the orders
  before that it counted them
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
