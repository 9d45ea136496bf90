package flood_test

import (
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/flood"
)

// Boundaries, and a line of code in each.
var (
	code       = flood.Place{Boundary: 1, PC: 100}
	log        = flood.Place{Boundary: 2, PC: 200}
	middleware = flood.Place{Boundary: 3, PC: 300}
	job        = flood.Place{Boundary: 4, PC: 400}
	somewhere  = flood.Place{}
)

// A capture of one and the same error, so long after noon, and whether it is expected to be known.
type capture struct {
	at    flood.Place
	scope string
	after time.Duration
	again bool
}

func TestWhichCapturesAreOneOccurrence(t *testing.T) {
	t.Parallel()
	const window = 10 * s
	other := func(p flood.Place) flood.Place { p.PC++; return p }
	for name, captures := range map[string][]capture{
		"captured once":                                 {{code, "", 0, false}},
		"on its way up":                                 {{code, "", 0, false}, {log, "", 1, true}, {middleware, "", 2, true}},
		"in a request":                                  {{code, "r1", 0, false}, {log, "r1", 1, true}, {middleware, "r1", 2, true}},
		"by two lines of one boundary":                  {{code, "", 0, false}, {other(code), "", 1, true}},
		"by one line through two boundaries":            {{flood.Place{Boundary: 1, PC: 100}, "", 0, false}, {flood.Place{Boundary: 2, PC: 100}, "", 1, true}},
		"by the same line again":                        {{code, "", 0, false}, {code, "", 1, false}, {code, "", 2, false}},
		"by the same unknown line again":                {{somewhere, "", 0, false}, {somewhere, "", 1, false}},
		"by unknown lines of two boundaries":            {{flood.Place{Boundary: 1}, "", 0, false}, {flood.Place{Boundary: 2}, "", 1, true}},
		"by a later place again":                        {{code, "", 0, false}, {log, "", 1, true}, {log, "", 2, false}},
		"a sentinel on its way up, twice":               {{code, "", 0, false}, {log, "", 1, true}, {code, "", 2, false}, {log, "", 3, false}, {log, "", 4, false}, {code, "", 5, false}},
		"a sentinel in one line again and again":        {{code, "", 0, false}, {code, "", 1, false}, {log, "", 2, false}, {code, "", 3, false}, {log, "", 4, false}},
		"a sentinel in a request, twice on its way up":  {{code, "r1", 0, false}, {log, "r1", 1, true}, {code, "r1", 2, false}, {log, "r1", 3, true}, {middleware, "r1", 4, true}},
		"a sentinel of requests, and outside of any":    {{code, "r1", 0, false}, {code, "r2", 1, false}, {log, "r2", 2, true}, {job, "", 3, false}, {log, "r2", 4, false}, {middleware, "r2", 5, true}},
		"a sentinel stays one when the window is over":  {{code, "", 0, false}, {code, "", 1, false}, {code, "", window + 1, false}, {log, "", window + 2, false}},
		"a sentinel that comes again after the window":  {{code, "", 0, false}, {code, "", window, false}, {log, "", window + 1, false}},
		"by a fourth place again":                       {{code, "", 0, false}, {log, "", 1, true}, {middleware, "", 2, true}, {job, "", 3, true}, {job, "", 4, false}, {code, "", 5, false}},
		"by a fifth place again":                        {{code, "", 0, false}, {log, "", 1, true}, {middleware, "", 2, true}, {job, "", 3, true}, {somewhere, "", 4, true}, {somewhere, "", 5, true}, {middleware, "", 6, false}},
		"just within the window":                        {{code, "", 0, false}, {log, "", window - 1, true}},
		"when the window is over":                       {{code, "", 0, false}, {log, "", window, false}, {code, "", window + 1, true}},
		"in a window that is not made longer":           {{code, "", 0, false}, {log, "", window - 1, true}, {middleware, "", window, false}, {log, "", 2*window - 1, true}},
		"in the window of another occurrence":           {{code, "r1", 0, false}, {code, "r1", window - 1, false}, {log, "r1", 2*window - 2, true}, {middleware, "r1", 2*window - 1, false}},
		"by a clock that was read a bit earlier":        {{code, "", 0, false}, {log, "", -1, true}, {middleware, "", 1 - window, true}},
		"by a clock that was set back":                  {{code, "", 0, false}, {log, "", -window, false}, {code, "", -window, true}},
		"in another request":                            {{code, "r1", 0, false}, {log, "r2", 1, false}, {code, "r2", 2, true}},
		"in two requests in turn":                       {{code, "r1", 0, false}, {middleware, "r2", 1, false}, {middleware, "r1", 2, false}, {code, "r2", 3, false}},
		"in a request, and then nobody knows which":     {{code, "r1", 0, false}, {log, "", 1, true}, {middleware, "r1", 2, true}, {job, "r2", 3, false}},
		"in a request, nobody knows which, another":     {{code, "r1", 0, false}, {log, "", 1, true}, {middleware, "r2", 2, false}},
		"nobody knows in which request, and then known": {{code, "", 0, false}, {log, "r1", 1, true}, {middleware, "r1", 2, true}},
		"in a request that is known late, and another":  {{code, "", 0, false}, {log, "r1", 1, true}, {middleware, "r2", 2, false}},
		"in a request that is known late, from a fifth": {{code, "", 0, false}, {log, "", 1, true}, {middleware, "", 2, true}, {job, "", 3, true}, {somewhere, "r1", 4, true}, {other(code), "r2", 5, false}},
		"another occurrence forgets the request":        {{code, "r1", 0, false}, {log, "", window, false}, {middleware, "r2", window + 1, true}},
		"another occurrence forgets the places":         {{code, "r1", 0, false}, {log, "r1", 1, true}, {middleware, "r2", 2, false}, {log, "r2", 3, true}, {code, "r2", 4, true}},
		"in another request after the window":           {{code, "r1", 0, false}, {code, "r2", window, false}, {log, "r1", window + 1, false}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := flood.NewSeen[string](10, window)
			err := errors.New("disk on fire")
			for i, c := range captures {
				if got := seen.Again(err, c.scope, c.at, noon.Add(c.after)); got != c.again {
					t.Errorf("capture %d: Again(err, %q, %+v, noon + %v) = %v, want %v", i, c.scope, c.at, c.after, got, c.again)
				}
			}
		})
	}
}

// What Forget takes back does not count, and what Knows looks at is not remembered.
func TestACaptureThatIsTakenBack(t *testing.T) {
	t.Parallel()
	type step struct {
		do    string
		at    flood.Place
		scope string
		want  bool
	}
	for name, steps := range map[string][]step{
		"the next is the first":             {{"again", code, "", false}, {"forget", code, "", false}, {"again", log, "", false}, {"again", middleware, "", true}},
		"the same line is the first":        {{"again", code, "r1", false}, {"forget", code, "r1", false}, {"again", code, "r1", false}, {"again", log, "", true}},
		"what joined it is gone as well":    {{"again", code, "", false}, {"again", log, "", true}, {"forget", code, "", false}, {"again", log, "", false}},
		"another occurrence has begun":      {{"again", code, "r1", false}, {"again", log, "r2", false}, {"forget", code, "r1", false}, {"again", middleware, "r2", true}},
		"another one, in the same place":    {{"again", code, "r1", false}, {"again", code, "r2", false}, {"forget", code, "r1", false}, {"again", middleware, "r2", true}},
		"it is known to be a sentinel":      {{"again", code, "", false}, {"again", code, "", false}, {"forget", code, "", false}, {"again", log, "", false}, {"again", middleware, "", false}},
		"an error that nobody captured":     {{"forget", code, "", false}, {"knows", code, "", false}, {"again", code, "", false}},
		"a look remembers nothing":          {{"knows", code, "", false}, {"again", code, "", false}, {"knows", log, "", true}, {"again", log, "", true}},
		"a look after it was taken back":    {{"again", code, "", false}, {"forget", code, "", false}, {"knows", log, "", false}},
		"a look in another request":         {{"again", code, "r1", false}, {"knows", log, "r2", false}, {"knows", log, "r1", true}, {"knows", log, "", true}},
		"a look at a sentinel":              {{"again", code, "r1", false}, {"again", code, "r1", false}, {"knows", log, "r1", true}, {"knows", log, "", false}},
		"a look at a sentinel, no requests": {{"again", code, "", false}, {"again", code, "", false}, {"knows", log, "", false}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := flood.NewSeen[string](10, 10*s)
			err := errors.New("disk on fire")
			for i, step := range steps {
				got := false
				switch step.do {
				case "again":
					got = seen.Again(err, step.scope, step.at, noon)
				case "knows":
					got = seen.Knows(err, step.scope, noon)
				case "forget":
					seen.Forget(err, step.scope, step.at)
				}
				if got != step.want {
					t.Errorf("step %d: %s at %+v in %q is %v, want %v", i, step.do, step.at, step.scope, got, step.want)
				}
			}
			if seen.Knows(err, "", noon.Add(10*s)) {
				t.Error("the error is known when the window is over")
			}
		})
	}
}

// Proves EXC-42 as far as this package goes: an error that code captures, a log and then a middleware is one event, and
// the same sentinel in the next request is another.
func TestOneErrorOnItsWayUpIsOneEvent(t *testing.T) {
	t.Parallel()
	seen := flood.NewSeen[int](4096, 10*s)
	sentinel := errors.New("EOF")
	events := 0
	for request := range 3 {
		for i, place := range []flood.Place{code, log, middleware} {
			if !seen.Again(sentinel, request+1, place, noon.Add(time.Duration(request*3+i)*time.Millisecond)) {
				events++
			}
		}
	}
	if events != 3 {
		t.Errorf("3 requests that failed, each captured in 3 places, are %d events, want 3", events)
	}
}

func TestTheErrorThatWasCapturedLongestAgoGoesFirst(t *testing.T) {
	t.Parallel()
	seen := flood.NewSeen[int](3, 10*s)
	failed := make([]error, 5)
	for i := range failed {
		failed[i] = errors.New(strconv.Itoa(i))
	}
	for i, c := range []struct {
		of    int
		at    flood.Place
		again bool
	}{
		{0, code, false}, {1, code, false}, {2, code, false}, // full
		{0, log, true},   // which is a use
		{3, code, false}, // instead of 1
		{0, middleware, true}, {2, log, true}, {3, log, true},
		{1, log, false}, // instead of 0
		{0, job, false}, // instead of 2
		{3, middleware, true}, {1, middleware, true}, {2, middleware, false},
	} {
		if got := seen.Again(failed[c.of], 0, c.at, noon); got != c.again {
			t.Errorf("capture %d: error %d at %+v is known: %v, want %v", i, c.of, c.at, got, c.again)
		}
	}
}

// Of ever new errors the latest ones are known, all of them, and no others.
func TestTheLatestOfManyErrorsAreKnown(t *testing.T) {
	t.Parallel()
	const size = 1000
	seen := flood.NewSeen[int](size, 10*s)
	failed := make([]error, 5*size)
	for i := range failed {
		failed[i] = errors.New(strconv.Itoa(i))
		if seen.Again(failed[i], 0, code, noon) {
			t.Errorf("error %d is known before it was captured", i)
		}
		if i > 0 && i < size && !seen.Knows(failed[i-1], 0, noon) {
			t.Errorf("error %d is not known beside %d others", i-1, i)
		}
	}
	for i, err := range failed {
		if got, want := seen.Knows(err, 0, noon), i >= len(failed)-size; got != want {
			t.Errorf("error %d of %d is known: %v, want %v", i, len(failed), got, want)
		}
	}
}

func TestSizesAndWindowsThatRememberNothing(t *testing.T) {
	t.Parallel()
	for name, seen := range map[string]*flood.Seen[int]{
		"nil":               nil,
		"no size":           flood.NewSeen[int](0, s),
		"less than no size": flood.NewSeen[int](-1, s),
		"no window":         flood.NewSeen[int](1, 0),
		"a window before":   flood.NewSeen[int](1, -s),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := errors.New("x")
			for i, place := range []flood.Place{code, log} {
				if seen.Again(err, 0, place, noon) || seen.Knows(err, 0, noon) {
					t.Errorf("capture %d is known, want none to be", i)
				}
				seen.Forget(err, 0, place)
			}
		})
	}
}

// Of those who capture one error at once, in places of their own, one is the first.
func TestOneOfManyGoroutinesCapturesFirst(t *testing.T) {
	t.Parallel()
	const goroutines, rounds = 8, 300
	seen := flood.NewSeen[int](16, s)
	for range rounds {
		err := errors.New("x")
		var firsts atomic.Int32
		var running sync.WaitGroup
		start := make(chan struct{})
		for g := range goroutines {
			running.Go(func() {
				<-start
				if !seen.Again(err, 0, flood.Place{PC: uintptr(g)}, noon.Add(time.Duration(g))) {
					firsts.Add(1)
				}
			})
		}
		close(start)
		running.Wait()
		if got := firsts.Load(); got != 1 {
			t.Fatalf("%d of %d goroutines captured an error first, want 1", got, goroutines)
		}
	}
}

// Errors come, are captured by several goroutines, and go, in a Seen that is too small for them.
func TestManyGoroutinesShareASeen(t *testing.T) {
	t.Parallel()
	seen := flood.NewSeen[int](8, s)
	sentinels := [12]error{}
	for i := range sentinels {
		sentinels[i] = errors.New("sentinel")
	}
	var running sync.WaitGroup
	for g := range 8 {
		running.Go(func() {
			for i := range 1000 {
				err := errors.New("x")
				if seen.Again(err, i, code, noon) {
					t.Errorf("goroutine %d: error %d is known before it was captured", g, i)
				}
				seen.Again(err, i, log, noon)
				seen.Forget(err, i, code)
				seen.Knows(err, i, noon)
				at := flood.Place{PC: uintptr(i % 5)}
				if !seen.Again(sentinels[(i+g)%len(sentinels)], i%3, at, noon) {
					seen.Forget(sentinels[(i+g)%len(sentinels)], i%3, at)
				}
			}
		})
	}
	running.Wait()
}
