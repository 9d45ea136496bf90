package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/life"
	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/transport"
)

// reaction is how a server meets a request with these events.
type reaction func(ctx context.Context, events []string) transport.Response

// server is an Exchange that remembers its requests and reacts to each.
type server struct {
	mu    sync.Mutex
	begin time.Time
	react reaction
	seen  []string // "1s a b": when, and which events

	// deaf, if set, takes over everything, reading the body included.
	deaf func(transport.Request) transport.Response
}

func (s *server) Post(ctx context.Context, r transport.Request) transport.Response {
	if s.deaf != nil {
		return s.deaf(r)
	}
	events := strings.Fields(string(r.Body(nil)))
	s.mu.Lock()
	s.seen = append(s.seen, fmt.Sprintf("%v %s", time.Since(s.begin), strings.Join(events, " ")))
	react := s.react
	s.mu.Unlock()
	return react(ctx, events)
}

// becomes changes the reaction to requests from now on.
func (s *server) becomes(r reaction) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.react = r
}

func (s *server) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

// status answers with a status.
func status(code int) reaction {
	return func(context.Context, []string) transport.Response {
		return transport.Response{Outcome: transport.Classify(code), Status: code}
	}
}

// pausing answers 429 and asks for d without a request.
func pausing(d time.Duration) reaction {
	return func(context.Context, []string) transport.Response {
		return transport.Response{Outcome: transport.Retry, Status: 429, RetryAfter: d}
	}
}

// cut ends without an answer; the events may have arrived.
func cut(context.Context, []string) transport.Response {
	return transport.Response{Outcome: transport.Retry, MaybeDelivered: true, Err: errors.New("connection reset")}
}

// hang answers nothing. The events may have arrived.
func hang(ctx context.Context, _ []string) transport.Response {
	<-ctx.Done()
	return transport.Response{Outcome: transport.Canceled, MaybeDelivered: true, Err: ctx.Err()}
}

// after reacts as r does, but not before d.
func after(d time.Duration, r reaction) reaction {
	return func(ctx context.Context, events []string) transport.Response {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return r(ctx, events)
		case <-ctx.Done():
			return transport.Response{Outcome: transport.Canceled, MaybeDelivered: true, Err: ctx.Err()}
		}
	}
}

// inTurn reacts in each way once, and then with 200.
func inTurn(all ...reaction) reaction {
	var mu sync.Mutex
	return func(ctx context.Context, events []string) transport.Response {
		mu.Lock()
		next := status(200)
		if len(all) > 0 {
			next, all = all[0], all[1:]
		}
		mu.Unlock()
		return next(ctx, events)
	}
}

// first reacts in one way once, and in another from then on.
func first(once, then reaction) reaction {
	var mu sync.Mutex
	met := false
	return func(ctx context.Context, events []string) transport.Response {
		mu.Lock()
		next := then
		if !met {
			next, met = once, true
		}
		mu.Unlock()
		return next(ctx, events)
	}
}

// answers answers with each status once, and then with 200.
func answers(codes ...int) reaction {
	var all []reaction
	for _, code := range codes {
		all = append(all, status(code))
	}
	return inTurn(all...)
}

// to reacts as hit does to requests with the event name, and otherwise as
// others does.
func to(name string, hit, others reaction) reaction {
	return func(ctx context.Context, events []string) transport.Response {
		if slices.Contains(events, name) {
			return hit(ctx, events)
		}
		return others(ctx, events)
	}
}

// words is a protocol whose bodies are the payloads, separated by spaces, and
// whose answers are about all of them.
type words struct{ path string }

func (p words) Path() string { return p.path }

func (p words) Request(a *delivery.Attempt) transport.Request {
	return transport.Request{URL: p.path, Body: func(dst []byte) []byte {
		for i := range a.Records {
			dst = append(append(dst, a.Records[i].Payload...), ' ')
		}
		return dst
	}}
}

func (words) Read(*delivery.Attempt, *delivery.Answer) {}

// world is a lane and the server it sends to, in a bubble of virtual time.
type world struct {
	*testing.T
	*server
	lane   *delivery.Lane
	queue  *queue.Queue
	closed bool
}

// inWorld runs test with a lane that two workers serve in batches of three to
// ten, with ten seconds between them and a second before a retry. The bubble
// does not end before every goroutine has. At its end the ledger has to add up.
func inWorld(t *testing.T, adjust func(c *delivery.Config), test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, server: &server{begin: time.Now(), react: status(200)}}
		config := delivery.Config{
			Name:        "test",
			NewExchange: func() delivery.Exchange { return w.server },
			Protocols:   []delivery.Protocol{words{"/test/"}},
			Workers:     2, FlushAt: 3, BatchSize: 10, BatchBytes: 1000, MaxBatches: 4,
			Interval: 10 * time.Second, AttemptTimeout: 2 * time.Second,
			Retry:   delivery.Retry{Max: -1, Budget: time.Minute, Delay: func(int) time.Duration { return time.Second }},
			Resolve: func(tag any, v delivery.Verdict) { tag.(chan delivery.Verdict) <- v },
			Life:    new(life.Group),
		}
		if adjust != nil {
			adjust(&config)
		}
		if config.Queue == nil {
			config.Queue = newQueue(queue.Config{})
		}
		w.queue, w.lane = config.Queue, delivery.New(config)
		defer func() {
			w.close(0)
			config.Life.Wait()
			if config.Spool != nil {
				w.pass(time.Millisecond) // what is being read arrives
			}
			if s := w.queue.Snapshot(); s.Pending != uint64(s.Kept) {
				t.Errorf("the lane has ended, and %d events are pending, want the %d that the next process finds", s.Pending, s.Kept)
			}
			w.addsUp()
		}()
		test(w)
	})
}

// newQueue returns a queue with room for a thousand records, unless c says
// otherwise.
func newQueue(c queue.Config) *queue.Queue {
	if c.MaxRecords == 0 {
		c.MaxRecords = 1000
	}
	if c.MaxBytes == 0 {
		c.MaxBytes, c.SegmentSize = 1<<20, 1<<16
	}
	return queue.New(c)
}

// put enqueues events that must be accepted.
func (w *world) put(names ...string) {
	w.Helper()
	for _, name := range names {
		if err := w.lane.Put(w.Context(), &queue.Item{Frame: segment.Frame{Payload: []byte(name)}}, false); err != nil {
			w.Fatalf("Put(%q): %v", name, err)
		}
	}
}

// submit enqueues an event and returns where its verdict will be.
func (w *world) submit(name string) <-chan delivery.Verdict {
	w.Helper()
	verdict := make(chan delivery.Verdict, 1)
	if err := w.lane.Put(w.Context(), &queue.Item{Frame: segment.Frame{Payload: []byte(name)}, Tag: verdict}, false); err != nil {
		w.Fatalf("Put(%q): %v", name, err)
	}
	return verdict
}

// items are events for Send.
func items(names ...string) []queue.Item {
	var all []queue.Item
	for _, name := range names {
		all = append(all, queue.Item{Frame: segment.Frame{Payload: []byte(name)}})
	}
	return all
}

// flush flushes for at most d.
func (w *world) flush(d time.Duration) (left int, err error) {
	ctx, cancel := context.WithTimeout(w.Context(), d)
	defer cancel()
	return w.lane.Flush(ctx)
}

// close closes the lane within d, unless it is closed.
func (w *world) close(d time.Duration) (left int) {
	if w.closed {
		return 0
	}
	w.closed = true
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	left, _ = w.lane.Close(ctx)
	return left
}

// pass lets virtual time pass, and everything that it sets off happen.
func (w *world) pass(d time.Duration) {
	wait(d)
	synctest.Wait()
}

// wait takes d of virtual time.
func wait(d time.Duration) {
	timer := time.NewTimer(d)
	<-timer.C
}

// wantRequests fails the test unless these were the requests.
func (w *world) wantRequests(want ...string) {
	w.Helper()
	synctest.Wait()
	if got := w.requests(); !slices.Equal(got, want) {
		w.Errorf("requests:\ngot  %q\nwant %q", got, want)
	}
}

// wantClock fails the test unless d has passed since its beginning.
func (w *world) wantClock(what string, want time.Duration) {
	w.Helper()
	if got := time.Since(w.begin); got != want {
		w.Errorf("%s after %v, want %v", what, got, want)
	}
}

// wantEnded fails the test unless exactly n events ended in o.
func (w *world) wantEnded(o queue.Outcome, n uint64) {
	w.Helper()
	synctest.Wait()
	s := w.addsUp()
	if got := s.Ended(o); got != n {
		w.Errorf("%d events ended as %v, want %d", got, o, n)
	}
}

// addsUp fails the test if an accepted event is missing in the ledger.
func (w *world) addsUp() queue.Snapshot {
	w.Helper()
	s := w.queue.Snapshot()
	sum := s.Pending
	for o := range s.Outcomes() {
		sum += s.Ended(o)
	}
	if sum != s.Accepted {
		w.Errorf("the ledger does not add up: accepted %d, sum %d", s.Accepted, sum)
	}
	return s
}

// lines keeps what a lane has to say.
type lines struct {
	mu   sync.Mutex
	kept []string
}

func (l *lines) board() *notice.Board { return l.boardThat(func() {}) }

// want fails the test unless the lines contain these texts, one each.
func (l *lines) want(t *testing.T, texts ...string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.EqualFunc(l.kept, texts, strings.Contains) {
		t.Errorf("the log is\n%q, want lines with\n%q", l.kept, texts)
	}
}
