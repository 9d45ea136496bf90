package main

import (
	"strings"
	"testing"
	"testing/synctest"
)

// Proves PY-37, with fewer events and as much less memory.
func TestWhatIsEnqueuedWithoutANetworkArrivesOnceItIsBack(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		config := offlineFirst(dir)
		config.MaxQueueBytes = 1 << 20 // and MaxEventBytes follows
		var out strings.Builder
		if err := run(&out, config, 10_000); err != nil { // of 3.5 MiB
			t.Fatalf("got %v, want no error, after:\n%s", err, out.String())
		}
		if want := "The service received 10000 events, 10000 of them different.\n"; !strings.HasSuffix(out.String(), want) {
			t.Errorf("got:\n%swant at the end:\n%s", out.String(), want)
		}
	})
}
