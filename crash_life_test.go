package posthog_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/internal/crash/file"
	"github.com/hedgerow/posthog/posthogtest"
)

// deadHeader is that of a process that is dead.
var deadHeader = file.Header{UUID: "01990000-0000-7000-8000-00000000dead", PID: 4711, Host: "h1", Props: []byte(`{"app_version":"of the dead","n":9007199254740993}`)}

// deadText is how it ended.
const deadText = "panic: out of tea\n\ngoroutine 7 [running]:\nmain.brew()\n\t/app/tea.go:7 +0x1d\n"

// bury leaves the crash file of a dead process in dir.
func bury(t *testing.T, dir, text string, records ...string) {
	t.Helper()
	f, err := file.Create(dir, deadHeader, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range records {
		if err := f.Record([]byte(record)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Output().WriteString(text); err != nil {
		t.Fatal(err)
	}
	f.Leave()
}

// inCrashWorld is inWorld with a directory of crash files, in which the dead has
// left something.
func inCrashWorld(t *testing.T, config posthog.Config, leave func(dir string), test func(w *world, dir string)) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "crash")
	config.Crash.Dir = dir
	leave(dir)
	inWorld(t, config, func(w *world) { test(w, dir) })
}

func nothing(string) {}

// crashFiles are the names of crash files, without those of steps.
func crashFiles(t *testing.T, dir string) []string {
	t.Helper()
	return slices.DeleteFunc(namesIn(t, dir), func(name string) bool { return strings.HasSuffix(name, ".steps") })
}

// A client with crash files has no goroutine when it has nothing to do, and
// leaves no file.
func TestACrashFileLivesAsLongAsItsClient(t *testing.T) {
	inCrashWorld(t, posthog.Config{}, nothing, func(w *world, dir string) {
		if got := crashFiles(t, dir); len(got) != 1 {
			t.Errorf("got files %v, want one", got)
		}
		w.close()
		if got := namesIn(t, dir); len(got) != 0 {
			t.Errorf("after Close: got files %v, want none", got)
		}
	})
}

// Clients that send nothing, and those that are in a pool, have no crash files.
func TestWhoHasNoCrashFile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		key    string
		config posthog.Config
	}{
		"a disabled client":         {testKey, posthog.Config{Disabled: true}},
		"one on a dry run":          {testKey, posthog.Config{DryRun: true}},
		"one without a key":         {"", posthog.Config{}},
		"one without a directory":   {testKey, posthog.Config{Crash: posthog.CrashConfig{ReportAbruptExit: true}}},
		"a client that is no child": {testKey, posthog.Config{Disabled: true, SyncMode: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if name != "one without a directory" {
				c.config.Crash.Dir = dir
			}
			c.config.Logger = silent{}
			client, err := posthog.NewWithConfig(c.key, c.config)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			if got := namesIn(t, dir); len(got) != 0 {
				t.Errorf("got files %v, want none", got)
			}
			if n, err := client.WriteCrashFile(); n != 0 || err == nil || !strings.Contains(err.Error(), "Config.Crash.Dir") {
				t.Errorf("WriteCrashFile: got %d, %v, want an error that names Config.Crash.Dir", n, err)
			}
		})
	}
	_, err := posthog.NewPool(posthog.PoolConfig{Config: posthog.Config{Crash: posthog.CrashConfig{Dir: t.TempDir()}}})
	if invalid, ok := errors.AsType[posthog.ConfigError](err); !ok || invalid.Field != "Crash.Dir" {
		t.Errorf("NewPool: got %v, want a ConfigError of Crash.Dir", err)
	}
	var none *posthog.ServerClient
	if n, err := none.WriteCrashFile(); n != 0 || err != nil {
		t.Errorf("WriteCrashFile of nil: got %d, %v", n, err)
	}
	none.AddStep(t.Context(), "nobody looks", nil)
}

// What the dead left is in the first request, in front of what the program does
// first, with the properties of the dead and no others. Proves ZIG-22, EXC-29.
func TestCrashesGoFirst(t *testing.T) {
	config := posthog.Config{
		DefaultEventProperties: posthog.Properties{"app_version": "of the living", "new": true},
		ErrorTracking:          posthog.ErrorTrackingConfig{ReleaseID: "of the living"},
	}
	died := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	leave := func(dir string) {
		bury(t, dir, deadText)
		if err := os.Chtimes(filepath.Join(dir, crashFiles(t, dir)[0]), died, died); err != nil {
			t.Fatal(err)
		}
	}
	inCrashWorld(t, config, leave, func(w *world, dir string) {
		synctest.Wait()
		if names := w.names(); !slices.Equal(names, []string{"$exception"}) {
			t.Errorf("before the program did anything, got %v, want the crash", names)
		}
		w.enqueue(0, 1)
		w.flush()
		if names := w.names(); !slices.Equal(names, []string{"$exception", event(0).Event}) {
			t.Errorf("got %v, want the crash and then an event", names)
		}
		e := w.server.Rows()[0]
		requireProperties(t, onWire(e), map[string]any{
			"app_version": "of the dead", "n": int64(9007199254740993), "new": absent, "$release_id": absent,
			"crash_host": "h1", "crash_pid": 4711, "$lib": "hedgerow", "$is_server": absent,
		})
		if e.UUID != deadHeader.UUID || e.DistinctID != deadHeader.UUID {
			t.Errorf("got uuid %s of %s, want those of the header", e.UUID, e.DistinctID)
		}
		if e.SentTimestamp != "2026-01-02T03:04:05Z" {
			t.Errorf("got time %s, want that of the file", e.SentTimestamp)
		}
		synctest.Wait() // the file goes after the verdict
		if got := crashFiles(t, dir); len(got) != 1 {
			t.Errorf("got files %v, want that of the client alone", got)
		}
	})
}

// A record is sent byte by byte as it is, and a file goes only when all that is in
// it has a verdict.
func TestRecordsAreSentAsTheyAre(t *testing.T) {
	const record = `{"event":"$exception","distinct_id":"u","uuid":"01990000-0000-7000-8000-000000000001","timestamp":"2026-11-20T12:00:00Z","properties":{"b":1,"a":{"c":[]},"$exception_list":[{"type":"T","value":"v"}],"$lib":"older"}}`
	dir := filepath.Join(t.TempDir(), "crash")
	bury(t, dir, "", `{"delivered":"01990000-0000-7000-8000-000000000001"}`, record) // has arrived
	bury(t, dir, deadText, `{"delivered":"`+deadHeader.UUID+`"}`)                    // as well
	bury(t, dir, "", record, `{"event":" ","uuid":"01990000-0000-7000-8000-000000000001"}`, `{}`)
	synctest.Test(t, func(t *testing.T) {
		server := posthogtest.NewServer(t, nil)
		server.Inject(posthogtest.Fault{Status: 503})
		w := &world{T: t, server: server, client: connect(t, server, posthog.Config{Crash: posthog.CrashConfig{Dir: dir}})}
		defer closeNow(t, w.client)
		synctest.Wait()
		if got := crashFiles(t, dir); len(got) != 2 {
			t.Errorf("before the verdict: got files %v, want two", got)
		}
		w.flush()
		synctest.Wait()
		if got := crashFiles(t, dir); len(got) != 1 {
			t.Errorf("after it: got files %v, want one", got)
		}
		if events := w.server.Events(); len(events) != 1 || string(events[0].Raw) != record {
			t.Errorf("got %d events, the first %s, want the record", len(events), events[0].Raw)
		}
		w.wantStats(1, 1)
	})
}

// A file stays for the next start if Close comes before the verdict, and goes if
// the event is refused or dropped.
func TestWhatBecomesOfACrashFile(t *testing.T) {
	drop := []posthog.Hook{func(*posthog.Event) *posthog.Event { return nil }}
	for name, c := range map[string]struct {
		config posthog.Config
		status int
		stays  bool
	}{
		"PostHog is away":              {posthog.Config{}, 503, true},
		"PostHog refuses the event":    {posthog.Config{}, 400, false},
		"a hook drops the event":       {posthog.Config{Hooks: drop}, 0, false},
		"the event is too large":       {posthog.Config{MaxEventBytes: 100}, 0, false},
		"the queue is full":            {posthog.Config{MaxQueueBytes: 1000, MaxEventBytes: 500, Hooks: []posthog.Hook{shrink}}, 503, true},
		"it is sent without a queue":   {posthog.Config{SyncMode: true}, 0, false},
		"it cannot be sent without it": {posthog.Config{SyncMode: true, MaxRetries: posthog.Ptr(0)}, 503, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "crash")
			bury(t, dir, deadText)
			bury(t, dir, deadText)
			synctest.Test(t, func(t *testing.T) {
				server := posthogtest.NewServer(t, nil)
				if c.status != 0 {
					server.Inject(posthogtest.Fault{Status: c.status, Times: -1})
				}
				c.config.Crash.Dir = dir
				client := connect(t, server, c.config)
				closeAfter(t, client, time.Second)
			})
			if got := len(crashFiles(t, dir)); (got == 2) != c.stays || got != 0 && got != 2 {
				t.Errorf("got files %v, want that they stay: %t", namesIn(t, dir), c.stays)
			}
		})
	}
}

// shrink makes a small event of a crash.
func shrink(e *posthog.Event) *posthog.Event {
	return &posthog.Event{Uuid: e.Uuid, Event: "crash", DistinctId: e.DistinctId, Timestamp: e.Timestamp}
}

// closeAfter closes a client that has so long to deliver.
func closeAfter(t *testing.T, client *posthog.ServerClient, limit time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	_ = client.CloseWithContext(ctx)
}

// A fatal exception is on the disk when the capture returns, and before the network
// has heard of it; when PostHog has it, the file says so. Proves ZIG-21.
func TestAFatalExceptionIsOnTheDisk(t *testing.T) {
	inCrashWorld(t, posthog.Config{}, nothing, func(w *world, dir string) {
		read := func() string {
			text, err := os.ReadFile(filepath.Join(dir, crashFiles(t, dir)[0]))
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		capture := func(level posthog.Level) {
			if err := w.client.CaptureException(w.Context(), errors.New("no disk"), posthog.WithLevel(level)); err != nil {
				t.Fatal(err)
			}
		}
		capture(posthog.LevelError)
		if text := read(); strings.Contains(text, "no disk") {
			t.Errorf("an error that is not fatal is in the file: %s", text)
		}
		capture(posthog.LevelFatal)
		if text := read(); strings.Count(text, "\n=") != 1 || !strings.Contains(text, `"value":"no disk"`) || len(w.server.Requests()) > 0 {
			t.Errorf("got file %s, want the exception in it and no request", text)
		}
		w.flush()
		synctest.Wait()
		uuid := w.server.Rows()[1].UUID
		if text := read(); !strings.Contains(text, `{"delivered":"`+uuid+`"}`) {
			t.Errorf("got file %s, want that %s was delivered", text, uuid)
		}
		delivery, err := w.client.Submit(w.Context(), posthog.Exception{
			DistinctId: "u", Level: posthog.LevelFatal, ExceptionList: []posthog.ExceptionItem{{Type: "T"}},
		})
		if err != nil || !strings.Contains(read(), delivery.UUID) {
			t.Errorf("Submit of a fatal exception: got %v, and the file %s", err, read())
		}
		w.close()
		if got := namesIn(t, dir); len(got) != 0 {
			t.Errorf("after Close: got files %v, want none", got)
		}
	})
}

// Close keeps its deadline, whatever is in the file.
func TestCloseLeavesAFileThatNobodyElseHas(t *testing.T) {
	for name, c := range map[string]struct {
		fail  func(w *world)
		stays bool
	}{
		"a fatal exception that is not delivered": {func(w *world) {
			_ = w.client.CaptureException(w.Context(), errors.New("no disk"), posthog.WithLevel(posthog.LevelFatal))
		}, true},
		"a queue that was written": {func(w *world) {
			w.enqueue(0, 3)
			if n, err := w.client.WriteCrashFile(); n != 3 || err != nil {
				w.Errorf("WriteCrashFile: got %d, %v, want 3", n, err)
			}
		}, true},
		"events that nobody asked to save": {func(w *world) { w.enqueue(0, 3) }, false},
		"a queue that had nothing when it was written": {func(w *world) {
			if n, err := w.client.WriteCrashFile(); n != 0 || err != nil {
				w.Errorf("WriteCrashFile: got %d, %v, want nothing", n, err)
			}
			w.enqueue(0, 3)
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			inCrashWorld(t, posthog.Config{}, nothing, func(w *world, dir string) {
				w.server.Inject(posthogtest.Fault{Status: 503, Times: -1})
				c.fail(w)
				closeAfter(t, w.client, 0)
				if got := len(crashFiles(t, dir)); (got == 1) != c.stays {
					t.Errorf("got %d files, want that one stays: %t", got, c.stays)
				}
				if _, err := w.client.WriteCrashFile(); !errors.Is(err, posthog.ErrClosed) {
					t.Errorf("WriteCrashFile after Close: got %v, want ErrClosed", err)
				}
				w.server.ClearFaults()
				next := connect(t, w.server, posthog.Config{Crash: posthog.CrashConfig{Dir: dir, ReportAbruptExit: true}})
				if err := next.Close(); err != nil {
					t.Error(err)
				}
				if rows := len(w.server.Rows()); (rows > 0) != c.stays {
					t.Errorf("PostHog has %d events, want some: %t", rows, c.stays)
				}
			})
		})
	}
}

// The runtime has one crash output, which the first client has until it is
// closed. The others say that they have it not.
func TestTwoClientsWithCrashFiles(t *testing.T) {
	dir := t.TempDir()
	client := func() (*posthog.ServerClient, *journal) {
		log := new(journal)
		c, err := posthog.NewWithConfig(testKey, posthog.Config{Crash: posthog.CrashConfig{Dir: dir}, Logger: log})
		if err != nil {
			t.Fatal(err)
		}
		return c, log
	}
	first, quiet := client()
	second, loud := client()
	if quiet.has("another client") || !loud.has("another client") {
		t.Errorf("the first client said %v, the second %v; want that the second has no crash output", quiet, loud)
	}
	if got := crashFiles(t, dir); len(got) != 2 {
		t.Errorf("got files %v, want two", got)
	}
	end := func(c *posthog.ServerClient) {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	end(first)
	third, loud := client()
	if !loud.has("another client") {
		t.Errorf("after the first was closed, the third said %v; want that the second has the crash output", loud)
	}
	end(third)
	end(second)
	fourth, quiet := client()
	if quiet.has("another client") {
		t.Errorf("after all were closed, the fourth said %v", quiet)
	}
	end(fourth)
	if got := namesIn(t, dir); len(got) != 0 {
		t.Errorf("got files %v, want none", got)
	}
}

// POSTHOG_CRASH_DIR is Crash.Dir where there is none.
func TestTheCrashDirectoryOfTheEnvironment(t *testing.T) {
	given, named := filepath.Join(t.TempDir(), "given"), filepath.Join(t.TempDir(), "named")
	t.Setenv(posthog.EnvCrashDir, named)
	t.Setenv(posthog.EnvAPIKey, testKey)
	for _, dir := range []string{given, named} {
		config := posthog.Config{Logger: silent{}}
		if dir == given {
			config.Crash.Dir = given
		}
		client, err := posthog.FromEnv(config)
		if err != nil {
			t.Fatal(err)
		}
		if got := crashFiles(t, dir); len(got) != 1 {
			t.Errorf("in %s: got files %v, want one", dir, got)
		}
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A crash that the spool has needs its file no more, whatever PostHog says.
func TestACrashGoesIntoTheSpool(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "crash")
	bury(t, dir, deadText)
	synctest.Test(t, func(t *testing.T) {
		server := posthogtest.NewServer(t, nil)
		server.Inject(posthogtest.Fault{Status: 503, Times: -1})
		client := connect(t, server, posthog.Config{
			Crash: posthog.CrashConfig{Dir: dir},
			Spool: posthog.SpoolConfig{Dir: filepath.Join(t.TempDir(), "spool")},
		})
		synctest.Wait()
		if got := crashFiles(t, dir); len(got) != 1 || client.Stats().Spool.Events != 1 {
			t.Errorf("got files %v and %d events in the spool, want that of the client, and the crash", got, client.Stats().Spool.Events)
		}
		closeAfter(t, client, 0)
	})
}

// A program that crashes whenever it starts fills no disk: of the dead, the newest
// twenty are told.
func TestManyDead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "crash")
	for range 25 {
		bury(t, dir, deadText)
	}
	log := new(journal)
	synctest.Test(t, func(t *testing.T) {
		server := posthogtest.NewServer(t, nil)
		client := connect(t, server, posthog.Config{Logger: log, Crash: posthog.CrashConfig{Dir: dir}})
		if err := client.Close(); err != nil {
			t.Error(err)
		}
		if sent := len(server.Events()); sent != 20 {
			t.Errorf("%d crashes were sent, want the newest twenty", sent)
		}
	})
	if got := namesIn(t, dir); len(got) > 0 || !log.has("5 crash files were removed unread") {
		t.Errorf("got files %v and the log %v, want none and five that were removed", got, log.lines)
	}
}

// NewWithConfig waits for the crash files for a second at most. What takes longer
// goes on without it.
func TestNobodyWaitsForCrashesForLong(t *testing.T) {
	log := new(journal)
	dir := filepath.Join(t.TempDir(), "crash")
	bury(t, dir, deadText)
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{}) // closed by the test
		server := posthogtest.NewServer(t, nil)
		began := time.Now()
		client := connect(t, server, posthog.Config{
			Logger: log, Crash: posthog.CrashConfig{Dir: dir},
			Hooks: []posthog.Hook{func(e *posthog.Event) *posthog.Event {
				if e.Event == "$exception" {
					<-release
				}
				return e
			}},
		})
		if took := time.Since(began); took != time.Second || !log.has("does not answer") {
			t.Errorf("NewWithConfig took %s and said %v, want a second and a warning", took, log.lines)
		}
		if err := client.Enqueue(capture("e")); err != nil {
			t.Error(err)
		}
		began = time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_ = client.CloseWithContext(ctx)
		if took := time.Since(began); took > 20*time.Millisecond {
			t.Errorf("Close took %s after its deadline", took)
		}
		close(release)
	})
	if got := crashFiles(t, dir); len(got) != 1 || !strings.Contains(got[0], ".1.crash") {
		t.Errorf("got files %v, want that of the dead for the next start", got)
	}
}
