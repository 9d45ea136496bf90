package posthog

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/crash/file"
	"github.com/hedgerow/posthog/internal/queue"
)

// Writing a fatal exception allocates nothing, so that it works when there is no
// memory left. Proves ZIG-21.
func TestWritingAFatalExceptionNoAlloc(t *testing.T) {
	client, err := NewWithConfig("phc_test", Config{Crash: CrashConfig{Dir: t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	x := client.crashes
	own := x.own.Load()
	record := []byte(`{"event":"$exception","properties":{}}`)
	if allocs := testing.AllocsPerRun(20, func() {
		if err := x.write(own, record); err != nil {
			t.Fatal(err)
		}
		x.verdict(own, "", queue.Rejected)
	}); allocs > 0 {
		t.Errorf("got %g allocations, want none", allocs)
	}
}

// A file in which all has its verdict is cut back before it grows, and one that
// PostHog has not confirmed is not.
func TestACrashFileDoesNotGrow(t *testing.T) {
	client, err := NewWithConfig("phc_test", Config{Crash: CrashConfig{Dir: t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	x := client.crashes
	own := x.own.Load()
	record := make([]byte, 100<<10)
	for i := range record {
		record[i] = 'x'
	}
	size := func() int64 {
		info, err := own.Output().Stat()
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	for range 20 {
		if err := x.write(own, record); err != nil {
			t.Fatal(err)
		}
		x.verdict(own, "", queue.Rejected)
	}
	if got := size(); got > staleFatal+2*int64(len(record)) {
		t.Errorf("got a file of %d bytes, want less", got)
	}
	failed := false
	for range 100 {
		failed = failed || x.write(own, record) != nil
	}
	if got := size(); !failed || got > 9<<20 {
		t.Errorf("got a file of %d bytes with events that have no verdict, want a bound", got)
	}
}

// A disk that is full for long takes no room in the file from what comes when it is back.
func TestWhatWasNotWrittenIsNotInTheCrashFile(t *testing.T) {
	client, err := NewWithConfig("phc_test", Config{Endpoint: "http://127.0.0.1:1", Interval: time.Hour, Logger: mute(), Crash: CrashConfig{Dir: t.TempDir(), DisableSteps: true}})
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	defer func() { _ = client.CloseWithContext(ended) }() // it leaves an event behind
	x := client.crashes
	own := x.own.Load()
	record := bytes.Repeat([]byte("x"), 100<<10)
	if err := x.write(own, record); err != nil { // which has no verdict, so nothing is cut back
		t.Fatal(err)
	}
	before := x.fatal.written
	if err := own.Output().Close(); err != nil { // as a disk without room
		t.Fatal(err)
	}
	for range 100 {
		if err := x.write(own, record); !errors.Is(err, file.ErrNotWritten) {
			t.Fatalf("got error %v, want %v", err, file.ErrNotWritten)
		}
	}
	if err := client.Enqueue(Capture{DistinctId: "u", Event: "e"}); err != nil {
		t.Fatal(err)
	}
	if n, err := client.WriteCrashFile(); n > 0 || !errors.Is(err, file.ErrNotWritten) {
		t.Errorf("WriteCrashFile: got %d events and error %v, want none and %v", n, err, file.ErrNotWritten)
	}
	if got := x.fatal.written; got != before || before < len(record) {
		t.Errorf("got %d bytes in the file by its account, want the %d of before", got, before)
	}
	x.verdict(own, "", queue.Rejected)
}

// Close looks for panics before it waits for the disk. If its time is up, there are
// but moments for the disk, and the look would take them: then the file would stay,
// and be taken for that of an abrupt exit.
func TestCloseLooksForPanicsBeforeTheDisk(t *testing.T) {
	dir := t.TempDir()
	client, err := NewWithConfig("phc_test", Config{Crash: CrashConfig{Dir: dir, DisableSteps: true}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = debug.SetCrashOutput(nil, debug.CrashOptions{}) })
	x := client.crashes
	disk, panics, closed, recovered := make(chan struct{}), make(chan struct{}), make(chan struct{}), make(chan struct{})
	x.later(func() { <-disk })
	go func() {
		defer close(recovered)
		func() {
			defer func() {
				close(panics)
				<-closed
				_ = recover()
			}()
			panic("out of tea")
		}()
	}()
	<-panics
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_ = client.CloseWithContext(ctx)
	close(closed)
	<-recovered
	close(disk)
	x.wait(context.Background())
	files, err := filepath.Glob(filepath.Join(dir, "*.crash"))
	if err != nil || len(files) != 1 {
		t.Fatalf("got crash files %v, %v, want that of a client which was closed while a goroutine panicked", files, err)
	}
	if text, err := os.ReadFile(files[0]); err != nil || !bytes.HasSuffix(text, []byte(closedRecord+"\n")) {
		t.Errorf("got %s, %v, want that the client was closed", text, err)
	}
}

// FuzzCrashEvents proves that what is in a crash file, whoever wrote it, becomes
// events that can be sent, or none.
func FuzzCrashEvents(f *testing.F) {
	const text = "panic: a [recovered, repanicked]\n\ngoroutine 7 [running]:\nmain.main()\n\t/a.go:1 +0x1\n"
	const record = `{"event":"$exception","distinct_id":"u","uuid":"01990000-0000-7000-8000-000000000001","properties":{"$exception_list":[{"type":"T","value":"a","thread_id":7}]}}`
	f.Add(`{"v":1,"uuid":"01990000-0000-7000-8000-00000000dead","props":{"a":1},"pid":7}`, record, text, `{"$message":"m","$timestamp":"2026-11-20T12:00:00.000Z"}`)
	f.Add(`{"v":1,"uuid":"x","distinct_id":" ","main":"example.com/other","slide":"0xfffffffffffffffff","build_id":"b","exe":"/dev/null"}`, `{"closed":true}`, "", `{}`)
	f.Add(`{"v":1,"uuid":"","props":[1]}`, `{"event":1}`, "fatal error: \x00\xff", `{"$timestamp":"9999999-01-01"}`)
	f.Add(`{"v":1,"uuid":"x"}`, `{"ended":{"type":"process.killed","value":"v","level":"fatal","signal":"SIGKILL","code":3,"always":true}}`, "", `{}`)
	client, err := NewWithConfig("phc_test", Config{
		Crash: CrashConfig{Dir: f.TempDir(), ReportAbruptExit: true},
		Hooks: []Hook{func(e *Event) *Event { return e }},
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = client.Close() })
	f.Fuzz(func(t *testing.T, header, record, text, step string) {
		left := &file.Left{Records: [][]byte{[]byte(record)}, Text: []byte(text), Time: time.Unix(1_800_000_000, 0)}
		if json.Unmarshal([]byte(header), &left.Header) != nil {
			return
		}
		if object := map[string]any(nil); json.Unmarshal([]byte(step), &object) == nil { // a reader of steps sees to that
			left.Steps = [][]byte{[]byte(step)}
		}
		for _, e := range client.crashEvents(left) {
			payload := e.record
			if e.report != nil {
				s := new(scratch)
				if outcome, err := client.encode(t.Context(), client.main, s, e.report); err != nil || outcome != queue.Delivered {
					t.Fatalf("got %v, %v, want an event", outcome, err)
				}
				payload = s.buffer
			}
			if _, ok := recordID(payload); !ok {
				t.Errorf("got %s, which is no event", payload)
			}
		}
	})
}
