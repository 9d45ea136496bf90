package posthog

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/crash/file"
	"github.com/hedgerow/posthog/internal/crash/monitor"
)

// A process that is restarted at once may take the crash file before the monitor has
// put the text into it, and remove it because there is nothing in it.
func TestATextWhoseFileIsGoneIsLeftInAnother(t *testing.T) {
	t.Parallel()
	const id, text = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", "panic: out of tea\n\ngoroutine 1 [running]:\n"
	dir, now := t.TempDir(), time.Now()
	died := now.Add(-time.Hour).Truncate(time.Second)
	d := death{words: monitor.Words{
		Hello: &monitor.Hello{
			Header: file.Header{UUID: id, PID: 4711},
			File:   filepath.Join(dir, "ph-1795089600123-4711-8c1f60a4b2d97e35.crash"),
		},
		Text: []byte(text), Time: died,
	}}
	d.claim()
	d.report("phc_test", func() Config { return Config{Endpoint: ":"} }) // nothing can be sent there
	d.left.Keep()
	found, err := file.Find(dir, now)
	if err != nil || len(found.Left) != 1 {
		t.Fatalf("got %d crash files, %v; want the one that the monitor made", len(found.Left), err)
	}
	left := found.Left[0]
	defer left.Keep()
	if left.Header.UUID != id || string(left.Text) != text || !left.Time.Equal(died) {
		t.Errorf("got %s of %s: %q, want %s of %s: %q", left.Header.UUID, left.Time, left.Text, id, died, text)
	}
}
