package posthog_test

import (
	"context"
	"errors"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// Proves AI-9: the AI lane starts with its first event, and neither Flush nor
// Close nor anything else starts it; after Close nothing runs.
func TestTheAILaneStartsWithItsFirstEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		running := func() int { synctest.Wait(); return oursInBubble() }
		client, _ := open(t, posthog.Config{Spool: posthog.SpoolConfig{Dir: t.TempDir()}})
		enqueue(t, client, capture("e"))
		flush(t, client)
		_, _ = client.Stats(), client.LaneStats(posthog.LaneAI)
		alone := running()
		if err := client.EnqueueAI(generation(0)); err != nil {
			t.Fatal(err)
		}
		if got, want := running()-alone, 1+2+1; got != want { // pump, senders, keeper of the spool
			t.Errorf("the AI lane runs %d goroutines, want %d", got, want)
		}
		if err := client.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if got := running(); got != 0 {
			t.Errorf("%d goroutines after Close, want none", got)
		}
		if err := client.EnqueueAI(generation(1)); !errors.Is(err, posthog.ErrClosed) {
			t.Errorf("EnqueueAI after Close: got %v, want ErrClosed", err)
		}
	})
}

// oursInBubble counts the library's goroutines in the bubble of the caller.
func oursInBubble() int {
	stacks := make([]byte, 4<<20)
	bubble := regexp.MustCompile(`synctest bubble \d+\]`).FindString(string(stacks[:runtime.Stack(stacks, false)]))
	n := 0
	for one := range strings.SplitSeq(string(stacks[:runtime.Stack(stacks, true)]), "\n\n") {
		header, _, _ := strings.Cut(one, "\n")
		if strings.Contains(header, bubble) && strings.Contains(one, ours) {
			n++
		}
	}
	return n
}

// The first AI event may come after Close: it starts nothing and makes no file.
func TestTheFirstAIEventAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		client, _ := open(t, posthog.Config{Spool: posthog.SpoolConfig{Dir: dir}})
		if err := client.Close(); err != nil {
			t.Fatal(err)
		}
		another := connect(t, posthogtest.NewServer(t, nil), posthog.Config{Spool: posthog.SpoolConfig{Dir: dir}, Interval: time.Hour})
		if err := another.EnqueueAI(generation(0)); err != nil {
			t.Fatal(err)
		}
		closeNow(t, another)
		before := directories(t, dir, "ai-")
		if err := client.EnqueueAI(generation(0)); !errors.Is(err, posthog.ErrClosed) {
			t.Errorf("EnqueueAI: got %v, want ErrClosed", err)
		}
		if _, err := client.SendAI(t.Context(), generation(0)); !errors.Is(err, posthog.ErrClosed) {
			t.Errorf("SendAI: got %v, want ErrClosed", err)
		}
		synctest.Wait()
		if got := oursInBubble(); got != 0 {
			t.Errorf("%d goroutines were started", got)
		}
		if after := directories(t, dir, "ai-"); len(after) != 1 || !slices.Equal(after, before) {
			t.Errorf("the spool has %q, want what another client left, %q", after, before)
		}
		if s := requireLedger(t, client); s.RefusedBy[posthog.RefusalClosed] != 2 || s.Accepted != 0 {
			t.Errorf("got %+v, want 2 refused and nothing taken over", s)
		}
	})
}

// directories returns the entries of dir that begin so.
func directories(t *testing.T, dir, prefix string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) {
			found = append(found, e.Name())
		}
	}
	return found
}

// First events that race Close are delivered or refused.
func TestFirstAIEventsRaceClose(t *testing.T) {
	t.Parallel()
	for range 50 {
		client, server := open(t, posthog.Config{})
		var accepted sync.Map
		var racing sync.WaitGroup
		for i := range 4 {
			racing.Go(func() {
				switch err := client.EnqueueAI(generation(i)); {
				case err == nil:
					accepted.Store(i, true)
				case !errors.Is(err, posthog.ErrClosed):
					t.Errorf("EnqueueAI: got %v, want nil or ErrClosed", err)
				}
			})
		}
		racing.Go(func() {
			if err := client.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
		racing.Wait()
		count := 0
		accepted.Range(func(any, any) bool { count++; return true })
		if rows := len(server.Rows()); rows != count {
			t.Errorf("%d events were accepted, and %d arrived", count, rows)
		}
		if s := requireLedger(t, client); s.Pending != 0 || s.Delivered != uint64(count) {
			t.Errorf("got %+v, want %d delivered", s, count)
		}
	}
}

// Flush and Close wait for both lanes, and have one deadline for them.
func TestOneDeadlineForBothLanes(t *testing.T) {
	inWorld(t, posthog.Config{Interval: time.Hour, BatchUploadTimeout: time.Hour}, func(w *world) {
		w.server.Inject(
			posthogtest.Fault{Path: posthogtest.RouteBatch, Delay: 2 * time.Second},
			posthogtest.Fault{Path: posthogtest.RouteAIBatch, Delay: 3 * time.Second},
		)
		put := func() {
			w.enqueue(0, 3)
			for i := range 2 {
				if err := w.client.EnqueueAI(generation(i)); err != nil {
					w.Fatal(err)
				}
			}
		}
		put()
		begin := time.Now()
		w.flush()
		if took := time.Since(begin); took != 3*time.Second {
			w.Errorf("Flush took %v, want 3s, the longer of the two", took)
		}
		w.server.Inject(posthogtest.Fault{Hang: true, Times: -1})
		put()
		begin = time.Now()
		ctx, cancel := context.WithTimeout(w.Context(), 5*time.Second)
		defer cancel()
		var left *posthog.UndeliveredError
		if err := w.client.Flush(ctx); !errors.As(err, &left) || left.Events != 5 {
			w.Errorf("Flush: got %v, want 5 events left", err)
		}
		if took := time.Since(begin); took != 5*time.Second {
			w.Errorf("Flush took %v, want 5s", took)
		}
		begin = time.Now()
		ctx, cancel = context.WithTimeout(w.Context(), 5*time.Second)
		defer cancel()
		if err := w.client.CloseWithContext(ctx); !errors.As(err, &left) || left.Events != 5 {
			w.Errorf("Close: got %v, want 5 events left", err)
		}
		if took := time.Since(begin); took > 5*time.Second+20*time.Millisecond {
			w.Errorf("Close took %v, want 5s", took)
		}
	})
}

// Close does not keep one lane waiting for the other: what can be delivered is.
func TestALaneThatHangsCostsTheOtherNothingAtClose(t *testing.T) {
	t.Parallel()
	for hanging, other := range map[string]posthog.Lane{
		posthogtest.RouteBatch: posthog.LaneAI, posthogtest.RouteAIBatch: posthog.LaneAnalytics,
	} {
		t.Run(hanging, func(t *testing.T) {
			t.Parallel()
			inWorld(t, posthog.Config{Interval: time.Hour}, func(w *world) {
				w.server.Inject(posthogtest.Fault{Path: hanging, Hang: true, Times: -1})
				w.enqueue(0, 1)
				if err := w.client.EnqueueAI(generation(0)); err != nil {
					w.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(w.Context(), 5*time.Second)
				defer cancel()
				_ = w.client.CloseWithContext(ctx)
				if s := w.client.LaneStats(other); s.Delivered != 1 {
					w.Errorf("got %+v of %s, want its event delivered", s, other)
				}
			})
		})
	}
}

// Stats is the sum of the lanes'.
func TestStatsAreTheSumOfTheLanes(t *testing.T) {
	inWorld(t, posthog.Config{Interval: time.Hour}, func(w *world) {
		w.enqueue(0, 3)
		w.pass(time.Second)
		if s := w.client.LaneStats(posthog.LaneAI); s.Accepted != 0 || s.QueueBytes != 0 {
			w.Errorf("LaneStats of a lane that was not used: got %+v, want zeros", s)
		}
		for i := range 2 {
			if err := w.client.EnqueueAI(generation(i)); err != nil {
				w.Fatal(err)
			}
		}
		_ = w.client.EnqueueAI(posthog.Capture{DistinctId: "u"})
		_ = w.client.Enqueue(posthog.Capture{DistinctId: "u"})
		all, analytics, ai := w.client.Stats(), w.client.LaneStats(posthog.LaneAnalytics), w.client.LaneStats(posthog.LaneAI)
		if analytics.Accepted != 3 || ai.Accepted != 2 || all.Accepted != 5 || all.Queued != 5 || all.Refused != 2 || ai.Refused != 1 ||
			all.QueueBytes != analytics.QueueBytes+ai.QueueBytes || all.OldestAge != time.Second || ai.OldestAge != 0 {
			w.Errorf("got %+v, %+v and %+v", all, analytics, ai)
		}
		if s := w.client.LaneStats("none"); s.Accepted != 0 {
			w.Errorf("LaneStats of no lane: got %+v, want zeros", s)
		}
	})
}

// AI events in the spool survive the process. The next client sends them
// without being asked, and one that finds none makes nothing for them.
func TestTheSpoolKeepsAIEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := posthog.Config{Spool: posthog.SpoolConfig{Dir: t.TempDir()}}
		down := posthogtest.NewServer(t, nil)
		down.Inject(posthogtest.Fault{Status: 503, Times: -1})
		first := connect(t, down, config)
		if found := directories(t, config.Spool.Dir, "ai-"); len(found) != 0 {
			t.Errorf("before the first AI event, the spool has %q", found)
		}
		for i := range 3 {
			if err := first.EnqueueAI(generation(i)); err != nil {
				t.Fatal(err)
			}
		}
		if err := first.EnqueueAI(large(6_000_000)); err != nil {
			t.Fatal(err)
		}
		beside := connect(t, down, config) // while they belong to somebody who lives
		if s := beside.LaneStats(posthog.LaneAI); s.Accepted != 0 || len(directories(t, config.Spool.Dir, "ai-")) != 1 {
			t.Errorf("a client beside the first one has %+v", s)
		}
		closeNow(t, beside)
		closeNow(t, first)

		log := new(logLines)
		config.Logger = log
		up := posthogtest.NewServer(t, nil)
		second := connect(t, up, config)
		if err := up.WaitEvents(t.Context(), 4); err != nil {
			t.Fatal(err)
		}
		flush(t, second)
		if s := second.LaneStats(posthog.LaneAI); s.Spool.Recovered != 4 || s.Delivered != 4 {
			t.Errorf("got %+v, want 4 events recovered and delivered", s)
		}
		if got := by(up, posthogtest.RouteAIBatch); len(got) != 4 {
			t.Errorf("the AI endpoint got %q, want 4 events", got)
		}
		if lines := log.all(); len(lines) != 1 || !strings.Contains(lines[0], "INFO") {
			t.Errorf("the log says %q, want what was found and nothing else: all is well", lines)
		}
		if err := second.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		third := connect(t, up, config)
		if found := directories(t, config.Spool.Dir, "ai-"); len(found) != 0 {
			t.Errorf("when all is sent, the spool has %q", found)
		}
		closeNow(t, third)
	})
}

// The AI lane's own limits: of events, and of bytes.
func TestTheAIQueueIsBounded(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{CaptureAIMaxQueueSize: 2, Interval: time.Hour})
	server.Inject(posthogtest.Fault{Path: posthogtest.RouteAIBatch, Hang: true, Times: -1})
	for i := range 2 {
		if err := client.EnqueueAI(generation(i)); err != nil {
			t.Fatal(err)
		}
	}
	fill := func(client *posthog.ServerClient, msg posthog.Message) (accepted int) {
		for accepted < 1000 && client.EnqueueAI(msg) == nil {
			accepted++
		}
		return accepted
	}
	if more := fill(client, generation(2)); more > 2*4*2 {
		t.Errorf("the queue took %d more events, want at most what fits into requests", more)
	}
	enqueue(t, client, capture("others have room"))
	bytes, _ := open(t, posthog.Config{CaptureAIMaxQueueBytes: 20 << 20, Interval: time.Hour, CaptureAIMaxEventBytes: 5 << 20, Transport: answering(503)})
	if n := fill(bytes, large(4<<20)); n != 4 {
		t.Errorf("a queue of 20 MiB took %d events of 4 MiB, want 4", n)
	}
	if s := bytes.Stats(); s.QueueBytes > 20<<20 || s.RefusedBy[posthog.RefusalQueueFull] != 1 {
		t.Errorf("got %+v, want at most 20 MiB and one event refused", s)
	}
	closeNow(t, client)
	closeNow(t, bytes)
}

// Clients that do nothing do so for AI events.
func TestAIEventsOfIdleClients(t *testing.T) {
	t.Parallel()
	var none *posthog.ServerClient
	if err := none.EnqueueAI(generation(0)); err != nil {
		t.Errorf("EnqueueAI of a nil client: %v", err)
	}
	if err := none.EnqueueAIWithContext(t.Context(), generation(0)); err != nil {
		t.Errorf("EnqueueAIWithContext of a nil client: %v", err)
	}
	if d, err := none.SubmitAI(t.Context(), generation(0)); err != nil || d.Wait(t.Context()) != nil {
		t.Errorf("SubmitAI of a nil client: got %v, %v, want neither", d, err)
	}
	if r, err := none.SendAI(t.Context(), generation(0)); err != nil || len(r.Events) != 0 {
		t.Errorf("SendAI of a nil client: got %v, %v, want an empty result", r, err)
	}
	if s := none.LaneStats(posthog.LaneAI); s.Accepted != 0 {
		t.Errorf("LaneStats of a nil client: got %+v", s)
	}
	keyless, err := posthog.NewWithConfig("", posthog.Config{Logger: silent{}})
	if err != nil {
		t.Fatal(err)
	}
	if err := keyless.EnqueueAI(generation(0)); !errors.Is(err, posthog.ErrSDKDisabled) {
		t.Errorf("EnqueueAI without a key: got %v, want ErrSDKDisabled", err)
	}
	for name, config := range map[string]posthog.Config{"disabled": {Disabled: true}, "dry run": {DryRun: true}} {
		client, server := open(t, config)
		if err := client.EnqueueAI(generation(0)); err != nil {
			t.Errorf("%s: EnqueueAI: %v", name, err)
		}
		_ = client.Close()
		if s := requireLedger(t, client); s.Accepted != 1 || s.Dropped != 1 || len(server.Requests()) != 0 {
			t.Errorf("%s: got %+v and %d requests, want one event dropped and no request", name, s, len(server.Requests()))
		}
	}
	if err := posthog.EnqueueAIWithContext(t.Context(), nil, generation(0)); err != nil {
		t.Errorf("EnqueueAIWithContext without a client: %v", err)
	}
	if err := posthog.EnqueueAIWithContext(t.Context(), mockClient{}, generation(0)); err != nil {
		t.Errorf("EnqueueAIWithContext with a mock: %v", err)
	}
}
