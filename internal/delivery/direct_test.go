package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/transport"
)

// outcomes are those of verdicts, in order.
func outcomes(verdicts []delivery.Verdict) []queue.Outcome {
	var all []queue.Outcome
	for _, v := range verdicts {
		all = append(all, v.Outcome)
	}
	return all
}

func TestSend(t *testing.T) {
	t.Parallel()
	const (
		delivered, rejected    = queue.Delivered, queue.Rejected
		exhausted, unconfirmed = queue.Exhausted, queue.Unconfirmed
	)
	for name, c := range map[string]struct {
		adjust   func(*delivery.Config)
		react    reaction
		events   []string
		requests []string
		want     []queue.Outcome
		attempts []int
	}{
		"in one request": {
			react: inTurn(), events: []string{"a", "b"}, requests: []string{"0s a b"},
			want: []queue.Outcome{delivered, delivered}, attempts: []int{1, 1},
		},
		"not more than BatchSize at once": {
			adjust: func(c *delivery.Config) { c.BatchSize = 2 },
			react:  answers(200, 400), events: []string{"a", "b", "c", "d", "e"}, requests: []string{"0s a b", "0s c d", "0s e"},
			want: []queue.Outcome{delivered, delivered, rejected, rejected, delivered}, attempts: []int{1, 1, 1, 1, 1},
		},
		"not more than BatchBytes at once, but always one": {
			adjust: func(c *delivery.Config) { c.BatchBytes = 4 },
			react:  inTurn(), events: []string{"a", "bbb", "ccccc", "d"}, requests: []string{"0s a bbb", "0s ccccc", "0s d"},
			want: []queue.Outcome{delivered, delivered, delivered, delivered}, attempts: []int{1, 1, 1, 1},
		},
		"again after a failure": {
			react: inTurn(status(503), cut), events: []string{"a"}, requests: []string{"0s a", "1s a", "2s a"},
			want: []queue.Outcome{delivered}, attempts: []int{3},
		},
		"as often as configured": {
			adjust: counted(2), react: status(503), events: []string{"a"}, requests: []string{"0s a", "1s a", "2s a"},
			want: []queue.Outcome{exhausted}, attempts: []int{3},
		},
		"and it may have arrived": {
			adjust: counted(1), react: inTurn(cut, status(503)), events: []string{"a"}, requests: []string{"0s a", "1s a"},
			want: []queue.Outcome{unconfirmed}, attempts: []int{2},
		},
		"as long as configured": {
			adjust: func(c *delivery.Config) { c.Retry.Budget = 2 * time.Second },
			react:  status(503), events: []string{"a"}, requests: []string{"0s a", "1s a", "2s a"},
			want: []queue.Outcome{exhausted}, attempts: []int{3},
		},
		"in halves if it is too large": {
			adjust: counted(1),
			react:  answers(413, 413, 503, 200, 413), events: []string{"a", "b", "c"},
			requests: []string{"0s a b c", "0s a b", "0s a", "1s a", "1s b", "1s c"},
			want:     []queue.Outcome{delivered, rejected, delivered}, attempts: []int{2, 1, 1},
		},
		"not before a pause is over": {
			react: inTurn(pausing(20 * time.Second)), events: []string{"a"}, requests: []string{"0s a", "20s a"},
			want: []queue.Outcome{delivered}, attempts: []int{2},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, c.adjust, func(w *world) {
				w.becomes(c.react)
				verdicts, err := w.lane.Send(w.Context(), items(c.events...))
				if err != nil || !slices.Equal(outcomes(verdicts), c.want) {
					w.Errorf("Send: got %v, %v; want %v", outcomes(verdicts), err, c.want)
				}
				for i, v := range verdicts {
					if v.Attempts != c.attempts[i] {
						w.Errorf("event %d took %d attempts, want %d", i, v.Attempts, c.attempts[i])
					}
				}
				w.wantRequests(c.requests...)
			})
		})
	}
}

// The waits of Send are those of the queue, asked for by number, from 0.
func TestDelayOfSend(t *testing.T) {
	var asked []int
	adjust := func(c *delivery.Config) {
		c.Retry.Delay = func(n int) time.Duration {
			asked = append(asked, n)
			return time.Second
		}
	}
	inWorld(t, adjust, func(w *world) {
		w.becomes(answers(503, 503, 503))
		_, _ = w.lane.Send(w.Context(), items("a"))
	})
	if want := []int{0, 1, 2}; !slices.Equal(asked, want) {
		t.Errorf("asked for the waits %v, want %v", asked, want)
	}
}

// A pause that the queue's requests were asked for holds a Send, and the
// other way round.
func TestSendAndTheQueueShareAPause(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.becomes(inTurn(pausing(20 * time.Second)))
		w.put("a", "b", "c")
		synctest.Wait()
		_, _ = w.lane.Send(w.Context(), items("sent"))
		w.wantClock("Send returned", 20*time.Second)
		w.pass(10 * time.Second)

		w.becomes(inTurn(pausing(30 * time.Second)))
		go func() { _, _ = w.lane.Send(w.Context(), items("again")) }()
		synctest.Wait()
		w.put("d", "e", "f")
		w.pass(29 * time.Second)
		w.wantEnded(queue.Delivered, 4)
		w.pass(2 * time.Second)
		w.wantEnded(queue.Delivered, 8)
	})
}

// Everything of a Send ends with its context, for its cause.
func TestSendEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		react reaction
		want  []queue.Outcome
	}{
		"in a request":                       {hang, []queue.Outcome{queue.Unconfirmed, queue.Exhausted}},
		"in a request that was not sent":     {canceled, []queue.Outcome{queue.Exhausted, queue.Exhausted}},
		"in a wait":                          {status(503), []queue.Outcome{queue.Exhausted, queue.Exhausted}},
		"in a wait, and it may have arrived": {inTurn(cut, hang), []queue.Outcome{queue.Unconfirmed, queue.Exhausted}},
		"in a pause":                         {pausing(time.Hour), []queue.Outcome{queue.Exhausted, queue.Exhausted}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			adjust := func(c *delivery.Config) {
				c.BatchSize = 1
				c.Retry.Delay = func(int) time.Duration { return time.Minute }
			}
			inWorld(t, adjust, func(w *world) {
				w.becomes(c.react)
				ctx, cancel := context.WithTimeout(w.Context(), 50*time.Millisecond)
				defer cancel()
				verdicts, err := w.lane.Send(ctx, items("a", "b"))
				if err != nil || !slices.Equal(outcomes(verdicts), c.want) {
					w.Errorf("Send: got %v, %v; want %v", outcomes(verdicts), err, c.want)
				}
				for _, v := range verdicts {
					if !errors.Is(v.Err, context.DeadlineExceeded) {
						w.Errorf("the verdict's error is %v, want that of the context", v.Err)
					}
				}
				w.wantClock("Send returned", 50*time.Millisecond)
				if got := len(w.requests()); got != 1 {
					w.Errorf("%d requests, want 1", got)
				}
			})
		})
	}
}

// canceled waits for the end of ctx without having sent anything.
func canceled(ctx context.Context, _ []string) transport.Response {
	<-ctx.Done()
	return transport.Response{Outcome: transport.Canceled, Err: ctx.Err()}
}

// Close waits for Send, and ends it at the deadline. What it cuts off is
// counted, and says so.
func TestCloseAndSend(t *testing.T) {
	t.Parallel()
	for _, queued := range []bool{false, true} {
		for name, c := range map[string]struct {
			react  reaction
			left   int
			want   queue.Outcome
			took   time.Duration
			single bool // attempt
		}{
			"it ends in time":               {after(300*time.Millisecond, status(200)), 0, queue.Delivered, 300 * time.Millisecond, false},
			"it hangs":                      {hang, 1, queue.Unconfirmed, time.Second, false},
			"it hangs and sends nothing":    {canceled, 1, queue.Shutdown, time.Second, false},
			"it waits for a pause to end":   {pausing(time.Minute), 1, queue.Shutdown, time.Second, false},
			"its retries end in time":       {answers(503), 0, queue.Delivered, 500 * time.Millisecond, false},
			"its retries do not help it":    {status(503), 1, queue.Shutdown, time.Second, false},
			"it does not hear of anything":  {nil, 0, queue.Delivered, 1005 * time.Millisecond, false},
			"it hangs, and would not retry": {canceled, 1, queue.Shutdown, time.Second, true},
		} {
			t.Run(fmt.Sprintf("%s, and the queue was used: %v", name, queued), func(t *testing.T) {
				t.Parallel()
				adjust := func(config *delivery.Config) {
					config.Retry.Delay = func(int) time.Duration { return 500 * time.Millisecond }
					if c.single {
						config.Retry.Max = 0
					}
				}
				inWorld(t, adjust, func(w *world) {
					if queued {
						w.put("a", "b", "c")
						synctest.Wait()
					}
					free := make(chan struct{})
					if w.becomes(c.react); c.react == nil {
						w.becomes(func(context.Context, []string) transport.Response {
							<-free
							return transport.Response{Outcome: transport.Delivered}
						})
					}
					sent := make(chan delivery.Verdict, 1)
					go func() {
						verdicts, err := w.lane.Send(context.Background(), items("sent"))
						if err != nil {
							w.Errorf("Send: %v", err)
						}
						sent <- verdicts[0]
					}()
					synctest.Wait()
					if left := w.close(time.Second); left != c.left {
						w.Errorf("Close left %d events, want %d", left, c.left)
					}
					w.wantClock("Close returned", c.took)
					close(free)
					v := <-sent
					if v.Outcome != c.want || errors.Is(v.Err, queue.ErrClosed) != (c.left > 0) {
						w.Errorf("the verdict is %+v, want %v, because of Close: %v", v, c.want, c.left > 0)
					}
				})
			})
		}
	}
}

// Close cancels nothing while there is time.
func TestCloseLeavesSendItsTime(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.becomes(inTurn(after(5*time.Second, status(200))))
		sent := make(chan []delivery.Verdict, 1)
		go func() {
			verdicts, _ := w.lane.Send(context.Background(), items("a"))
			sent <- verdicts
		}()
		synctest.Wait()
		w.put("b")
		if left := w.close(10 * time.Second); left != 0 {
			w.Errorf("Close left %d events", left)
		}
		w.wantClock("Close returned", 5*time.Second)
		if got := outcomes(<-sent); !slices.Equal(got, []queue.Outcome{queue.Delivered}) {
			w.Errorf("Send: got %v, want a delivery", got)
		}
	})
}
