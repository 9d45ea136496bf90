package posthog_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

func TestSpoolConfigIsValidated(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spool posthog.SpoolConfig
		event int
		field string
	}{
		"a durability without a directory": {posthog.SpoolConfig{Durability: posthog.DurabilityDisk}, 0, "Spool.Dir"},
		"an unknown durability":            {posthog.SpoolConfig{Dir: "d", Durability: 9}, 0, "Spool.Durability"},
		"a negative interval":              {posthog.SpoolConfig{Dir: "d", Durability: posthog.DurabilityDisk, SyncInterval: -1}, 0, "Spool.SyncInterval"},
		"an interval without syncs":        {posthog.SpoolConfig{Dir: "d", SyncInterval: time.Second}, 0, "Spool.SyncInterval"},
		"a tiny bound":                     {posthog.SpoolConfig{Dir: "d", MaxBytes: 1 << 20}, 0, "Spool.MaxBytes"},
		"a bound below four large events":  {posthog.SpoolConfig{Dir: "d", MaxBytes: 16 << 20}, 5 << 20, "Spool.MaxBytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := posthog.Config{Spool: c.spool, MaxEventBytes: c.event}
			var invalid posthog.ConfigError
			if err := config.Validate(); !errors.As(err, &invalid) || invalid.Field != c.field {
				t.Errorf("got %v, want a ConfigError about %s", err, c.field)
			}
		})
	}
	config := posthog.Config{Spool: posthog.SpoolConfig{Dir: "d"}, SyncMode: true}
	var invalid posthog.ConfigError
	if err := config.Validate(); !errors.As(err, &invalid) || invalid.Field != "Spool.Dir" {
		t.Errorf("with SyncMode: got %v, want a ConfigError about Spool.Dir", err)
	}
	config = posthog.Config{Spool: posthog.SpoolConfig{Dir: "d", Durability: posthog.DurabilityDisk, SyncInterval: time.Second, MaxBytes: 4 << 20, MaxAge: -1}}
	if err := config.Validate(); err != nil {
		t.Errorf("got %v for a valid SpoolConfig", err)
	}
}

// spooled is a configuration with a spool of the smallest files.
func spooled(dir string) posthog.Config {
	return posthog.Config{Spool: posthog.SpoolConfig{Dir: dir, MaxBytes: posthog.MinSpoolMaxBytes}, Interval: time.Hour}
}

// entries are the names of what is in dir.
func entries(t *testing.T, dir string) []string {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range all {
		names = append(names, entry.Name())
	}
	return names
}

// Proves ZIG-17.
func TestCloseLeavesEventsInTheSpool(t *testing.T) {
	dir := t.TempDir()
	inWorld(t, spooled(dir), func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 503, Times: -1})
		var handles []*posthog.Delivery
		for i := range 3 {
			d, err := w.client.Submit(w.Context(), event(i))
			if err != nil {
				t.Fatalf("Submit: %v", err)
			}
			handles = append(handles, d)
		}
		if s := w.client.Stats().Spool; s.Events != 3 || s.Bytes == 0 || s.Recovered != 0 || s.Err != nil {
			t.Errorf("before Close: got %+v, want three events in files", s)
		}
		ctx, cancel := context.WithTimeout(w.Context(), time.Second)
		defer cancel()
		err := w.client.CloseWithContext(ctx)
		var left *posthog.UndeliveredError
		if !errors.As(err, &left) || left.Events != 3 || left.Spooled != 3 {
			t.Fatalf("CloseWithContext: got %v, want three events left, all of them in the spool", err)
		}
		for i, d := range handles {
			var ended *posthog.DeliveryError
			if err := d.Wait(w.Context()); !errors.As(err, &ended) || ended.Outcome != posthog.OutcomeSpooled || !errors.Is(err, posthog.ErrClosed) {
				t.Errorf("event %d: got %v from Wait, want that it is spooled", i, err)
			}
		}
		s := w.client.Stats()
		if s.QueueBytes != 0 {
			t.Errorf("got %d bytes of memory after Close, want none", s.QueueBytes)
		}
		if s.Pending != 3 || s.Spool.Events != 3 || s.Dropped+s.Unconfirmed+s.Rejected != 0 {
			t.Errorf("after Close: got %+v, want three events pending in the spool", s)
		}

		w.server.ClearFaults()
		w.client = connect(t, w.server, spooled(dir))
		if s := w.client.Stats(); s.Accepted != 3 || s.Spool.Recovered != 3 || s.Spool.Events != 3 {
			t.Errorf("after the start: got %+v, want three recovered events", s)
		}
		w.close()
		w.wantRows(3)
	})
	if left := entries(t, dir); len(left) != 0 {
		t.Errorf("got %q left in the directory, want nothing", left)
	}
}

func TestRecoveredEventsAreSentByThemselves(t *testing.T) {
	dir := t.TempDir()
	inWorld(t, spooled(dir), func(w *world) {
		w.enqueue(0, 3)
		closeNow(t, w.client)
		w.client = connect(t, w.server, posthog.Config{Spool: posthog.SpoolConfig{Dir: dir}})
		elapse(posthog.DefaultInterval)
		w.wantRows(3)
	})
}

func TestOtherProjectsAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	inWorld(t, spooled(dir), func(w *world) {
		w.enqueue(0, 3)
		closeNow(t, w.client)
		log := new(logLines)
		config := connected(w.server, spooled(dir))
		config.Logger = log
		other, err := posthog.NewWithConfig("phc_other", config)
		if err != nil {
			t.Fatal(err)
		}
		if got := other.Stats().Spool.Recovered; got != 0 {
			t.Errorf("got %d events of another project recovered, want none", got)
		}
		log.requireLine(t, "another project key", dir)
		closeNow(t, other)

		w.client = connect(t, w.server, spooled(dir))
		w.close()
		w.wantRows(3)
	})
}

func TestAFullSpool(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		overflow posthog.Overflow
		evicted  bool
	}{
		"refuses the newest": {posthog.OverflowReject, false},
		"evicts the oldest":  {posthog.OverflowDropOldest, true},
		"waits":              {posthog.OverflowWait, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := spooled(t.TempDir())
			config.Overflow = c.overflow
			inWorld(t, config, func(w *world) {
				// The lane waits for a minute after the first answer: nothing that comes
				// later is on its way, where it could not be evicted.
				w.server.Inject(posthogtest.Fault{Status: 503, Times: -1, Header: http.Header{"Retry-After": {"60"}}})
				w.enqueue(0, posthog.DefaultFlushAt)
				synctest.Wait()
				large := posthog.Properties{"text": fmt.Sprintf("%0100000d", 0)}
				refused := 0
				for i := range 60 { // 6 MB into 4 MiB
					err := w.client.Enqueue(posthog.Capture{DistinctId: "u", Event: event(i).Event, Properties: large})
					if errors.Is(err, posthog.ErrQueueFull) {
						refused++
					} else if err != nil {
						t.Fatalf("Enqueue of event %d: %v", i, err)
					}
				}
				s := requireLedger(t, w.client)
				evicted := s.DroppedBy[posthog.OutcomeQueueFull]
				if c.evicted && (refused > 0 || evicted < 20) || !c.evicted && (refused < 20 || evicted > 0) {
					t.Errorf("got %d refused and %d evicted events, want only one of them", refused, evicted)
				}
				if s.Spool.Bytes > posthog.MinSpoolMaxBytes {
					t.Errorf("got %d bytes of files, want at most %d", s.Spool.Bytes, posthog.MinSpoolMaxBytes)
				}
				w.server.ClearFaults()
				elapse(2 * time.Minute)
				w.close()
				if got, want := len(w.server.Rows()), posthog.DefaultFlushAt+60-refused-int(evicted); got != want {
					t.Errorf("got %d rows, want %d", got, want)
				}
			})
		})
	}
}

func TestEventsThatAreTooOldExpire(t *testing.T) {
	config := spooled(t.TempDir())
	config.Spool.MaxAge = time.Hour
	config.FlushAt = 3
	inWorld(t, config, func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 503, Times: -1})
		w.enqueue(0, 3)
		elapse(time.Hour + 5*time.Minute)
		w.enqueue(3, 6)
		w.server.ClearFaults()
		w.close()
		if s := w.client.Stats(); s.DroppedBy[posthog.OutcomeExpired] != 3 || s.Delivered != 3 {
			t.Errorf("got %+v, want three events expired and three delivered", s)
		}
	})
}

func TestDurabilityDisk(t *testing.T) {
	for name, interval := range map[string]time.Duration{"that waits": 0, "at an interval": time.Second} {
		t.Run(name, func(t *testing.T) {
			config := spooled(t.TempDir())
			config.Spool.Durability, config.Spool.SyncInterval = posthog.DurabilityDisk, interval
			inWorld(t, config, func(w *world) {
				w.enqueue(0, 10)
				elapse(2 * time.Second)
				w.close()
				w.wantRows(10)
			})
		})
	}
}

// A caller who has no time hears that the event is accepted and not yet safe.
func TestSubmitOfAnEventThatIsNotSynced(t *testing.T) {
	config := spooled(t.TempDir())
	config.Spool.Durability = posthog.DurabilityDisk
	inWorld(t, config, func(w *world) {
		ctx, cancel := context.WithCancel(w.Context())
		cancel()
		d, err := w.client.Submit(ctx, event(0))
		if err != nil && !errors.Is(err, posthog.ErrNotSynced) { // the sync may have been quicker
			t.Fatalf("Submit: got %v, want nil or ErrNotSynced", err)
		}
		if d == nil {
			t.Fatal("got no Delivery of an event that was accepted")
		}
		w.close()
		if err := d.Wait(w.Context()); err != nil {
			t.Errorf("got %v from Wait, want that the event was delivered", err)
		}
		if s := w.client.Stats(); s.Accepted != 1 || s.Refused != 0 {
			t.Errorf("got %d accepted and %d refused, want 1 and 0", s.Accepted, s.Refused)
		}
	})
}

func TestASpoolThatCannotBeUsed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	log := new(logLines)
	config := spooled(filepath.Join(file, "spool"))
	config.Logger = log
	inWorld(t, config, func(w *world) {
		w.enqueue(0, 3)
		if w.client.Stats().Spool.Err == nil {
			t.Error("got no error in the statistics of a spool below a file")
		}
		elapse(10 * time.Minute)
		if lines := log.having(config.Spool.Dir); len(lines) != 1 {
			t.Errorf("got log lines %q, want one that names the directory", lines)
		}
		w.close()
		w.wantRows(3)
	})
}

// The disk is back when the client is closed, though the spool has yet to see it.
func TestCloseTriesTheDiskOnceMore(t *testing.T) {
	blocker := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(blocker, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	inWorld(t, spooled(filepath.Join(blocker, "spool")), func(w *world) {
		w.server.Inject(posthogtest.Fault{Status: 503, Times: -1})
		w.enqueue(0, 3)
		if err := os.Remove(blocker); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(w.Context(), time.Second/10)
		defer cancel()
		err := w.client.CloseWithContext(ctx)
		var left *posthog.UndeliveredError
		if !errors.As(err, &left) || left.Spooled != 3 {
			t.Errorf("got %v, want three events in the spool", err)
		}
	})
}

// The directory is that of the start, wherever the program goes.
func TestARelativeDirectory(t *testing.T) {
	home, away := t.TempDir(), t.TempDir()
	t.Chdir(home)
	inWorld(t, spooled("spool"), func(w *world) {
		t.Chdir(away)
		w.enqueue(0, 3)
		elapse(time.Minute)
		w.enqueue(3, 6)
		if left := entries(t, away); len(left) != 0 {
			t.Errorf("got %q where the program went, want nothing", left)
		}
		if len(entries(t, filepath.Join(home, "spool"))) == 0 {
			t.Error("got nothing where the program started, want the spool")
		}
	})
}

func TestNothingIsWrittenWhereNothingIsQueued(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*posthog.Config){
		"disabled":  func(c *posthog.Config) { c.Disabled = true },
		"a dry run": func(c *posthog.Config) { c.DryRun = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			config := spooled(dir)
			change(&config)
			inWorld(t, config, func(w *world) {
				w.enqueue(0, 1)
				if left := entries(t, dir); len(left) != 0 {
					t.Errorf("got %q in the directory, want nothing", left)
				}
			})
		})
	}
}

func TestASpoolWithoutEventsLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		client, err := posthog.NewWithConfig(testKey, spooled(dir))
		if err != nil {
			t.Fatal(err)
		}
		if err := client.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	if left := entries(t, dir); len(left) != 0 {
		t.Errorf("got %q left in the directory, want nothing", left)
	}
}
