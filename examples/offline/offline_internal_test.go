package main

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hedgerow/posthog"
)

// Proves PY-37, with fewer events and less memory.
func TestWhatIsEnqueuedWithoutANetworkArrivesOnceItIsBack(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		config := offlineFirst(dir)
		config.MaxQueueBytes = 8 << 20 // 4,000 events need 10 MiB
		config.DefaultEventProperties = posthog.Properties{"note": strings.Repeat("cloudy ", 300)}
		var out strings.Builder
		if err := run(&out, config, 4000); err != nil {
			t.Fatalf("got %v, want no error, after:\n%s", err, out.String())
		}
		if want := "The service received 4000 events, 4000 of them different.\n"; !strings.HasSuffix(out.String(), want) {
			t.Errorf("got:\n%swant at the end:\n%s", out.String(), want)
		}
	})
}
