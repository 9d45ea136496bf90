package torture_test

import (
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/torture"
)

func TestAnIDReadsAsItWasWritten(t *testing.T) {
	t.Parallel()
	for _, want := range []torture.ID{{}, {1, 2, 3}, {1 << 30, 255, 1 << 30}} {
		got, err := torture.ParseID(want.String())
		if err != nil || got != want {
			t.Errorf("ParseID(%q): got %v, %v; want %v", want.String(), got, err, want)
		}
	}
}

func TestWhatIsNoIDIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "1", "1.2", "1.2.3.4", "1..3", "a.2.3", "1.-2.3", "1.2.99999999999"} {
		if got, err := torture.ParseID(text); err == nil {
			t.Errorf("ParseID(%q): got %v, want an error", text, got)
		}
	}
}

func FuzzParseID(f *testing.F) {
	f.Add("1.2.3")
	f.Add("..")
	f.Fuzz(func(t *testing.T, text string) {
		id, err := torture.ParseID(text)
		if err != nil {
			return
		}
		if again, err := torture.ParseID(id.String()); err != nil || again != id {
			t.Errorf("ParseID(%q) is %v, which reads as %v, %v", text, id, again, err)
		}
	})
}

func TestTextsFollowFromSeedAndID(t *testing.T) {
	t.Parallel()
	sizes := torture.Sizes{Least: 50, Most: 300_000}
	first := torture.Text(1, torture.ID{1, 2, 3}, sizes)
	if again := torture.Text(1, torture.ID{1, 2, 3}, sizes); again != first {
		t.Error("the same seed and id have two texts")
	}
	for name, other := range map[string]string{
		"seed":    torture.Text(2, torture.ID{1, 2, 3}, sizes),
		"process": torture.Text(1, torture.ID{2, 2, 3}, sizes),
		"worker":  torture.Text(1, torture.ID{1, 1, 3}, sizes),
		"number":  torture.Text(1, torture.ID{1, 2, 4}, sizes),
	} {
		if strings.HasPrefix(other, first[:40]) {
			t.Errorf("another %s has the same text: %.40q", name, other)
		}
	}
}

func TestTextsHaveAllSizes(t *testing.T) {
	t.Parallel()
	sizes := torture.Sizes{Least: 50, Most: 300_000}
	var short, long int
	for n := range 300 {
		switch size := len(torture.Text(1, torture.ID{Number: n}, sizes)); {
		case size < sizes.Least || size > sizes.Most:
			t.Fatalf("event %d has %d bytes, want from %d to %d", n, size, sizes.Least, sizes.Most)
		case size < 500:
			short++
		case size > 30_000:
			long++
		}
	}
	if short < 30 || long < 30 {
		t.Errorf("of 300 texts %d are shorter than 500 and %d longer than 30,000 bytes, want a tenth of each at least", short, long)
	}
}
