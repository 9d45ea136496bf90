package delivery_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/transport"
)

// counted makes a lane repeat at most n times.
func counted(n int) func(*delivery.Config) {
	return func(c *delivery.Config) { c.Retry.Max = n }
}

func TestWhatBecomesOfAnAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answers  []reaction
		retries  int
		want     queue.Outcome
		requests []string
		attempts int
	}{
		"it is accepted":                            {nil, 2, queue.Delivered, []string{"0s a"}, 1},
		"it is refused":                             {[]reaction{status(400)}, 2, queue.Rejected, []string{"0s a"}, 1},
		"it fails once":                             {[]reaction{status(503)}, 2, queue.Delivered, []string{"0s a", "1s a"}, 2},
		"it fails as often as it is repeated":       {[]reaction{status(503), status(503)}, 2, queue.Delivered, []string{"0s a", "1s a", "2s a"}, 3},
		"it fails once more":                        {[]reaction{status(503), status(503), status(503)}, 2, queue.Exhausted, []string{"0s a", "1s a", "2s a"}, 3},
		"it fails and is not repeated":              {[]reaction{status(503)}, 0, queue.Exhausted, []string{"0s a"}, 1},
		"it may have arrived":                       {[]reaction{cut}, 0, queue.Unconfirmed, []string{"0s a"}, 1},
		"it may have arrived the first time":        {[]reaction{cut, status(503)}, 1, queue.Unconfirmed, []string{"0s a", "1s a"}, 2},
		"it may have arrived, and is refused later": {[]reaction{cut, status(400)}, 1, queue.Rejected, []string{"0s a", "1s a"}, 2},
		"it is too large by itself":                 {[]reaction{status(413)}, 2, queue.Rejected, []string{"0s a"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, counted(c.retries), func(w *world) {
				w.becomes(inTurn(c.answers...))
				verdict := w.submit("a")
				if left, err := w.flush(time.Minute); left != 0 || err != nil {
					w.Errorf("Flush: %d left, %v", left, err)
				}
				w.wantRequests(c.requests...)
				w.wantEnded(c.want, 1)
				if v := <-verdict; v.Outcome != c.want || v.Attempts != c.attempts {
					w.Errorf("the verdict is %+v, want %v after %d attempts", v, c.want, c.attempts)
				}
			})
		})
	}
}

// The application's waits are asked for by number, from 0, and are never so
// short that a server is hammered.
func TestDelay(t *testing.T) {
	var asked []int
	adjust := func(c *delivery.Config) {
		c.Retry.Max = 3
		c.Retry.Delay = func(n int) time.Duration {
			asked = append(asked, n)
			return time.Duration(n) * time.Second
		}
	}
	inWorld(t, adjust, func(w *world) {
		w.becomes(status(503))
		w.put("a")
		_, _ = w.flush(time.Minute)
		w.wantRequests("0s a", "100ms a", "1.1s a", "3.1s a")
		if want := []int{0, 1, 2}; !slices.Equal(asked, want) {
			w.Errorf("asked for the waits %v, want %v", asked, want)
		}
	})
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	for n, whole := range map[int]time.Duration{
		-1: 500 * time.Millisecond, 0: 500 * time.Millisecond, 1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second,
		6: 30 * time.Second, 7: 30 * time.Second, 1000: 30 * time.Second,
	} {
		least, most := whole, time.Duration(0)
		for range 200 {
			d := delivery.Backoff(n)
			least, most = min(least, d), max(most, d)
		}
		if least < whole/2 || most > whole || most-least < whole/4 {
			t.Errorf("Backoff(%d) is from %v to %v, want most of %v to %v", n, least, most, whole/2, whole)
		}
	}
}

// The default is used if the application has none.
func TestTheDefaultDelay(t *testing.T) {
	inWorld(t, func(c *delivery.Config) { c.Retry.Delay = nil }, func(w *world) {
		w.becomes(answers(503))
		w.put("a")
		_, _ = w.flush(time.Minute)
		if took := time.Since(w.begin); took < 250*time.Millisecond || took > 500*time.Millisecond {
			w.Errorf("the first retry came after %v, want 250ms to 500ms", took)
		}
	})
}

// A pause is for the whole lane, whoever was asked for it.
func TestRetryAfterPausesTheLane(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.becomes(inTurn(pausing(20 * time.Second)))
		w.put("a", "b", "c")
		w.pass(time.Second)
		w.put("d", "e", "f")
		w.pass(18 * time.Second)
		w.wantRequests("0s a b c")
		w.pass(time.Minute)
		if got := w.requests()[1:]; !slices.Contains(got, "20s a b c") || !slices.Contains(got, "20s d e f") {
			w.Errorf("after the pause the requests were %q, want both batches at 20s", got)
		}
	})
}

// A shorter pause does not end a longer one.
func TestPausesAreNotShortened(t *testing.T) {
	adjust := func(c *delivery.Config) { c.FlushAt, c.BatchSize = 1, 1 }
	inWorld(t, adjust, func(w *world) {
		w.becomes(inTurn(pausing(30*time.Second), after(time.Second, pausing(2*time.Second))))
		w.put("a")
		w.put("b")
		w.pass(29 * time.Second)
		if got := w.requests(); len(got) > 2 {
			w.Errorf("requests in a pause of 30s: %q", got)
		}
		w.pass(time.Minute)
		w.wantEnded(queue.Delivered, 2)
	})
}

// The wish of a server is respected although the batch is given up.
func TestRetryAfterOfTheLastAttempt(t *testing.T) {
	inWorld(t, counted(0), func(w *world) {
		w.becomes(inTurn(pausing(time.Minute)))
		w.put("a")
		_, _ = w.flush(time.Second)
		w.put("b")
		if left, err := w.flush(time.Hour); left != 0 || err != nil {
			w.Errorf("Flush: %d left, %v", left, err)
		}
		w.wantRequests("0s a", "1m0s b")
	})
}

// What is enqueued during a pause leaves when it is over, and not with the
// retry of something else.
func TestAPauseShorterThanTheBackoff(t *testing.T) {
	adjust := func(c *delivery.Config) { c.Retry.Delay = func(int) time.Duration { return 10 * time.Minute } }
	inWorld(t, adjust, func(w *world) {
		w.becomes(inTurn(pausing(2 * time.Second)))
		w.put("a", "b", "c")
		synctest.Wait()
		w.put("d", "e", "f")
		w.pass(time.Minute)
		w.wantRequests("0s a b c", "2s d e f")
	})
}

// What is left after the first batch that follows a pause has its interval.
func TestNothingIsForgottenAfterAPause(t *testing.T) {
	adjust := func(c *delivery.Config) { c.Interval = time.Minute }
	inWorld(t, adjust, func(w *world) {
		w.becomes(inTurn(pausing(2 * time.Minute)))
		w.put("a", "b", "c")
		synctest.Wait()
		for range 11 {
			w.put("d")
		}
		w.pass(4 * time.Minute)
		w.wantEnded(queue.Delivered, 14)
	})
}

// The log says once that deliveries fail, once that they work again, and the
// same for the next outage.
func TestAnOutageIsTwoLines(t *testing.T) {
	log := new(lines)
	inWorld(t, func(c *delivery.Config) { c.Notices = log.board() }, func(w *world) {
		for range 2 {
			w.becomes(answers(503, 503, 503))
			w.put("a")
			_, _ = w.flush(time.Minute)
			w.put("b")
			_, _ = w.flush(time.Minute)
			w.pass(2 * time.Minute)
		}
		w.put("c")
		_, _ = w.flush(time.Minute)
	})
	log.want(t, "sending 1 events failed and will be repeated: status 503", "delivered again",
		"sending 1 events failed and will be repeated: status 503", "delivered again")
}

// An answer that nobody filled in is none.
func TestAnEmptyAnswerIsRepeated(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.becomes(inTurn(func(context.Context, []string) transport.Response { return transport.Response{} }))
		w.put("a")
		_, _ = w.flush(time.Minute)
		w.wantRequests("0s a", "1s a")
	})
}
