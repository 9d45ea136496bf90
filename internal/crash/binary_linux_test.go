package crash_test

import (
	"os"
	"testing"

	"github.com/hedgerow/posthog/internal/crash"
	"github.com/hedgerow/posthog/internal/stack/image"
)

// The runtime leaves the messages of fatal errors out of crash files, and the binary has them.
func TestMessagesComeFromTheBinary(t *testing.T) {
	t.Parallel()
	file, err := os.Open(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	binary, err := image.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	for death, want := range map[string]string{
		"concurrent_map_writes": "concurrent map writes",
		"concurrent_map_read":   "concurrent map read and map write",
		"unlock":                "sync: unlock of unlocked mutex",
		"stack_overflow":        "stack overflow",
	} {
		t.Run(death, func(t *testing.T) {
			t.Parallel()
			end := died(t, death, "single")
			r := crash.Parse(end.text)
			slide := end.place - binary.Addr // not 0 where binaries are loaded anywhere
			certain := r.Complete(func(p []byte, addr uint64) int { return binary.At(p, addr-slide) })
			if !certain || r.Message != want {
				t.Errorf("loaded at %#x: got %q, certain %v, want %q; the text:\n%.2000s", end.place, r.Message, certain, want, end.text)
			}
		})
	}
}
