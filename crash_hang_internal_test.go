package posthog

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/crash"
	"github.com/hedgerow/posthog/internal/crash/file"
)

// A disk that hangs holds up a fatal exception for half a second, the next ones
// not at all, and none when it is back. The exceptions are queued all the same.
func TestADiskThatHangsHoldsUpNobody(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		client, err := NewWithConfig("phc_test", Config{Endpoint: "http://127.0.0.1:1", Logger: StdLogger(log.New(io.Discard, "", 0), false), Crash: CrashConfig{Dir: dir}})
		if err != nil {
			t.Fatal(err)
		}
		capture := func(ctx context.Context, what string, want time.Duration, kept bool) {
			t.Helper()
			written := func() int {
				client.crashes.mu.Lock()
				defer client.crashes.mu.Unlock()
				return client.crashes.fatal.written
			}
			before := written()
			began := time.Now()
			if err := client.CaptureException(ctx, errors.New("no disk"), WithLevel(LevelFatal)); err != nil {
				t.Errorf("%s: %v", what, err)
			}
			if took := time.Since(began); took != want {
				t.Errorf("%s took %s, want %s", what, took, want)
			}
			if got := written() > before; got != kept {
				t.Errorf("%s: written to the file %t, want %t", what, got, kept)
			}
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		capture(t.Context(), "before", 0, true)
		client.crashes.recording <- struct{}{} // as somebody who waits for the disk
		capture(ended, "with a context that has ended", crashGrace, false)
		client.crashes.slow.Store(false)
		capture(t.Context(), "the first", recordPatience, false)
		capture(t.Context(), "the second", 0, false)
		<-client.crashes.recording
		capture(t.Context(), "the first after it", 0, true)
		capture(ended, "the second after it", 0, true)
		if got := client.Stats().Accepted; got != 6 {
			t.Errorf("%d exceptions were accepted, want all six", got)
		}
		ctx, stop := context.WithTimeout(context.Background(), time.Millisecond)
		defer stop()
		_ = client.CloseWithContext(ctx)
	})
}

// answering answers every request as PostHog does that has stored everything.
type answering struct{}

func (answering) RoundTrip(r *http.Request) (*http.Response, error) {
	_ = r.Body.Close()
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"status":"Ok"}`)), Request: r}, nil
}

// A panic that was reported goes on when the crash file says that PostHog has it, or
// the next start would send it again. It waits no longer for a disk that hangs
// than for PostHog.
func TestAPanicGoesOnWhenTheCrashFileSaysThatItWasSent(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		client, err := NewWithConfig("phc_test", Config{Transport: answering{}, Logger: StdLogger(log.New(io.Discard, "", 0), false), Crash: CrashConfig{Dir: dir}})
		if err != nil {
			t.Fatal(err)
		}
		name := client.crashes.own.Load().Output().Name()
		for _, disk := range []time.Duration{time.Second, time.Minute} {
			client.crashes.later(func() { <-time.After(disk) }) // what is written after it takes as long
			began := time.Now()
			func() {
				defer func() { _ = recover() }()
				defer client.CapturePanic(t.Context())
				_ = strings.Repeat("tea", -1) // a panic in this package would be one that the library let go on
			}()
			if took, want := time.Since(began), min(disk, panicFlushTimeout); took != want {
				t.Errorf("with a disk that takes %s, the panic went on after %s, want %s", disk, took, want)
			}
			text, err := os.ReadFile(name)
			if got := strings.Count(string(text), `{"delivered":`); err != nil || got != 1 {
				t.Errorf("with a disk that takes %s, the crash file says of %d exceptions (%v) that they were sent, want that of the first alone", disk, got, err)
			}
		}
		if err := client.CloseWithContext(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// A goroutine may survive a panic that was reported, and die of one like it much
// later: that is another event.
func TestOneDeathIsToldOnceAndTwoAreNot(t *testing.T) {
	t.Parallel()
	const text = "panic: a [recovered, repanicked]\n\ngoroutine 7 [running]:\npanic({0x1, 0x2})\n\t/go/panic.go:1 +0x1\n" +
		"main.main.func1()\n\t/a.go:2 +0x1\npanic({0x1, 0x2})\n\t/go/panic.go:1 +0x1\nmain.main()\n\t/a.go:1 +0x1\n"
	record := [][]byte{[]byte(`{"event":"$exception","timestamp":"2026-11-20T12:00:00Z","properties":{"$exception_list":[{"type":"T","value":"a","thread_id":7}]}}`)}
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	r := crash.Parse([]byte(text))
	for after, want := range map[time.Duration]bool{0: true, 30 * time.Second: true, 10 * time.Minute: false} {
		if got := told(&r, at.Add(after), record); got != want {
			t.Errorf("a death %s after the record: told %t, want %t", after, got, want)
		}
	}
}

// Only a death that is known, and was soon, is worth a wait for the verdict.
func TestWhoDiedEarly(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		start   string
		text    string
		records []string
		want    bool
	}{
		"at once":                 {"2026-11-20T12:00:00.004Z", "panic: x", nil, true}, // the clock of files is coarse
		"after nine seconds":      {"2026-11-20T11:59:51Z", "panic: x", nil, true},
		"after a minute":          {"2026-11-20T11:59:00Z", "panic: x", nil, false},
		"nobody knows when":       {"", "panic: x", nil, false},
		"with a record":           {"2026-11-20T12:00:00Z", "", []string{"{}"}, true},
		"with one, after Close":   {"2026-11-20T12:00:00Z", "", []string{"{}", closedRecord}, false},
		"with words, after Close": {"2026-11-20T12:00:00Z", "panic: x", []string{closedRecord}, true},
		"without a word":          {"2026-11-20T12:00:00Z", "", nil, false},
		"with a clock set back":   {"2026-11-21T12:00:00Z", "panic: x", nil, false},
	} {
		left := &file.Left{Header: file.Header{Start: c.start}, Text: []byte(c.text), Time: at}
		for _, record := range c.records {
			left.Records = append(left.Records, []byte(record))
		}
		if got := diedEarly(left); got != c.want {
			t.Errorf("%s: got %t, want %t", name, got, c.want)
		}
	}
}
