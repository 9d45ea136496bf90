package torture_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/torture"
)

// read returns the reports of text.
func read(text string) (reports []torture.Report, err error) {
	err = torture.ReadReports(strings.NewReader(text), func(r torture.Report) { reports = append(reports, r) })
	return reports, err
}

// writes counts the calls of Write.
type writes struct {
	text  strings.Builder
	calls int
}

func (w *writes) Write(p []byte) (int, error) {
	w.calls++
	return w.text.Write(p)
}

func TestReportsReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	want := []torture.Report{
		{Word: torture.Starting},
		{Word: torture.Accepted, ID: torture.ID{1, 2, 3}},
		{Word: torture.Accepted, ID: torture.ID{1, 2, 6}, UUID: "01a1f7e9"},
		{Word: torture.Refused, ID: torture.ID{1, 2, 4}},
		{Word: torture.Unsynced, ID: torture.ID{1, 2, 5}},
		{Word: torture.Slow, ID: torture.ID{Process: 1}},
		{Word: torture.Waiting},
		{Word: torture.Closing},
		{Word: torture.Failed, Text: "for two reasons"},
		{Word: torture.Done},
	}
	var w writes
	for _, r := range want {
		if err := r.Write(&w); err != nil {
			t.Fatalf("Write(%v): %v", r, err)
		}
	}
	got, err := read(w.text.String())
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	if w.calls != len(want) {
		t.Errorf("%d reports took %d calls of Write, want one for each", len(want), w.calls)
	}
}

func TestAReportOfSeveralLinesIsOneLine(t *testing.T) {
	t.Parallel()
	var w writes
	if err := (torture.Report{Word: torture.Failed, Text: "a\nb"}).Write(&w); err != nil {
		t.Fatal(err)
	}
	if got, want := w.text.String(), "failed a | b\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestATornReportIsIgnored(t *testing.T) {
	t.Parallel()
	got, err := read("accepted 1.0.0\naccepted 1.0.1")
	if err != nil || len(got) != 1 {
		t.Errorf("got %v, %v; want the first line alone", got, err)
	}
}

func TestWhatIsNoReportIsRefused(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"", "hello", "accepted", "accepted 1.2", "Accepted 1.2.3"} {
		if got, err := read(line + "\n"); err == nil {
			t.Errorf("%q: got %v, want an error", line, got)
		}
	}
}

func FuzzReadReports(f *testing.F) {
	f.Add("starting\naccepted 1.2.3\nfailed for a reason\ntorn")
	f.Fuzz(func(t *testing.T, text string) {
		reports, _ := read(text)
		var w writes
		for _, r := range reports {
			if err := r.Write(&w); err != nil {
				t.Fatal(err)
			}
		}
		if again, err := read(w.text.String()); err != nil || !slices.Equal(again, reports) {
			t.Errorf("%q reads as %v; written again that reads as %v, %v", text, reports, again, err)
		}
	})
}
