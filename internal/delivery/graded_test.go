package delivery_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/segment"
	"github.com/hedgerow/posthog/internal/transport"
)

// graded is words with an answer for each record: the body has a word for each,
// in their order, "-" for none. Other bodies are "garbled" and "doubled".
type graded struct{ words }

func (graded) Read(a *delivery.Attempt, answer *delivery.Answer) {
	answer.RequestID = fmt.Sprintf("%x/%d", a.ID, a.Number)
	switch body := string(answer.Body); body {
	case "":
	case "garbled":
		answer.Reading = delivery.Garbled
	case "doubled":
		answer.Reading = delivery.Doubled
	default:
		answer.Reading = delivery.Each
		for word := range strings.FieldsSeq(body) {
			fate := map[string]delivery.Fate{
				"ok": delivery.Stored, "drop": delivery.Refused, "limited": delivery.Limited, "retry": delivery.Again,
			}[word]
			answer.Results = append(answer.Results, delivery.Result{Fate: fate, Word: strings.Trim(word, "-")})
		}
	}
}

// grading makes a lane whose server answers for each record.
func grading(c *delivery.Config) {
	ordered(c)
	c.Protocols = []delivery.Protocol{graded{words{"/test/"}}}
}

// grades answers 200 with these results, or something else that graded reads.
func grades(body string) reaction {
	return func(context.Context, []string) transport.Response {
		return transport.Response{Outcome: transport.Delivered, Status: 200, Body: []byte(body)}
	}
}

// doubled refuses everything because of a double.
func doubled(context.Context, []string) transport.Response {
	return transport.Response{Outcome: transport.Rejected, Status: 400, Body: []byte("doubled")}
}

// ends waits for the verdicts of events and returns their outcomes.
func ends(verdicts []<-chan delivery.Verdict) (all []queue.Outcome) {
	for _, verdict := range verdicts {
		all = append(all, (<-verdict).Outcome)
	}
	return all
}

// submitAll enqueues events and returns where their verdicts will be.
func (w *world) submitAll(names ...string) (all []<-chan delivery.Verdict) {
	w.Helper()
	for _, name := range names {
		all = append(all, w.submit(name))
	}
	return all
}

func TestEveryRecordHasItsFate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		react    func() reaction
		want     []queue.Outcome // of a, b, c and d
		requests []string
	}{
		"all alike": {
			func() reaction { return status(200) }, []queue.Outcome{queue.Delivered, queue.Delivered, queue.Delivered, queue.Delivered}, []string{"0s a b c d"},
		},
		"all different": {
			func() reaction { return grades("ok drop limited -") }, []queue.Outcome{queue.Delivered, queue.Rejected, queue.OverLimit, queue.Unconfirmed}, []string{"0s a b c d"},
		},
		"some again": {
			func() reaction { return inTurn(grades("ok retry drop retry"), grades("drop ok")) }, []queue.Outcome{queue.Delivered, queue.Rejected, queue.Rejected, queue.Delivered},
			[]string{"0s a b c d", "1s b d"},
		},
		"all again": {
			func() reaction { return inTurn(grades("retry retry retry retry")) }, []queue.Outcome{queue.Delivered, queue.Delivered, queue.Delivered, queue.Delivered},
			[]string{"0s a b c d", "1s a b c d"},
		},
		"one again for ever": {
			func() reaction {
				return first(grades("ok ok retry ok"), grades("retry"))
			},
			[]queue.Outcome{queue.Delivered, queue.Delivered, queue.Exhausted, queue.Delivered}, []string{"0s a b c d", "1s c", "2s c"},
		},
		"again, and then nothing": {
			func() reaction { return first(grades("ok ok retry ok"), cut) }, []queue.Outcome{queue.Delivered, queue.Delivered, queue.Unconfirmed, queue.Delivered},
			[]string{"0s a b c d", "1s c", "2s c"},
		},
		"nothing, and then again": {
			func() reaction { return inTurn(cut, grades("ok ok retry ok"), grades("retry")) }, []queue.Outcome{queue.Delivered, queue.Delivered, queue.Unconfirmed, queue.Delivered},
			[]string{"0s a b c d", "1s a b c d", "2s c"},
		},
		"garbled": {
			func() reaction { return grades("garbled") }, []queue.Outcome{queue.Unconfirmed, queue.Unconfirmed, queue.Unconfirmed, queue.Unconfirmed}, []string{"0s a b c d"},
		},
		"over the limit": {
			func() reaction { return status(402) }, []queue.Outcome{queue.OverLimit, queue.OverLimit, queue.OverLimit, queue.OverLimit}, []string{"0s a b c d"},
		},
	} {
		adjust := func(config *delivery.Config) { grading(config); config.Retry.Max = 2 }
		inPutAndSend := map[string]func(w *world) []queue.Outcome{
			"from the queue": func(w *world) []queue.Outcome { return ends(w.submitAll("a", "b", "c", "d")) },
			"with Send": func(w *world) (all []queue.Outcome) {
				verdicts, err := w.lane.Send(w.Context(), items("a", "b", "c", "d"))
				if err != nil {
					w.Fatal(err)
				}
				for _, v := range verdicts {
					all = append(all, v.Outcome)
				}
				return all
			},
		}
		for how, deliver := range inPutAndSend {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				inWorld(t, adjust, func(w *world) {
					w.becomes(c.react())
					if got := deliver(w); !slices.Equal(got, c.want) {
						w.Errorf("got %v, want %v", got, c.want)
					}
					w.wantRequests(c.requests...)
				})
			})
		}
	}
}

// What is refused because records have one uuid is sent apart, at no cost, until
// no two of them are together; b and d have that of a.
func TestDoublesTravelApart(t *testing.T) {
	t.Parallel()
	for name, deliver := range map[string]func(w *world) []queue.Outcome{
		"from the queue": func(w *world) []queue.Outcome { return ends(w.submitUnique("a", "b", "c", "d")) },
		"with Send": func(w *world) (all []queue.Outcome) {
			verdicts, err := w.lane.Send(w.Context(), unique("a", "b", "c", "d"))
			if err != nil {
				w.Fatal(err)
			}
			for _, v := range verdicts {
				all = append(all, v.Outcome)
			}
			return all
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			adjust := func(config *delivery.Config) { grading(config); config.Retry.Max = 0 }
			inWorld(t, adjust, func(w *world) {
				again := doubled
				w.becomes(inTurn(doubled, grades("drop ok"), again, grades("drop")))
				want := []queue.Outcome{queue.Rejected, queue.Rejected, queue.Delivered, queue.Delivered} // b is refused although it is alone
				if got := deliver(w); !slices.Equal(got, want) {
					w.Errorf("got %v, want %v", got, want)
				}
				w.wantRequests("0s a b c d", "0s a c", "0s b d", "0s b", "0s d")
			})
		})
	}
}

// unique are items with uuids; b and d have that of a.
func unique(names ...string) []queue.Item {
	all := items(names...)
	for i := range all {
		all[i].UUID[0] = names[i][0]
		if names[i] == "b" || names[i] == "d" {
			all[i].UUID[0] = 'a'
		}
	}
	return all
}

// submitUnique enqueues items with uuids, and returns where their verdicts will be.
func (w *world) submitUnique(names ...string) (all []<-chan delivery.Verdict) {
	w.Helper()
	for _, it := range unique(names...) {
		verdict := make(chan delivery.Verdict, 1)
		it.Tag = verdict
		if err := w.lane.Put(w.Context(), &it, false); err != nil {
			w.Fatal(err)
		}
		all = append(all, verdict)
	}
	return all
}

// Records of different formats never share a request.
func TestFormatsTravelApart(t *testing.T) {
	inWorld(t, grading, func(w *world) {
		for i, name := range []string{"a", "b", "x", "c"} {
			frame := segment.Frame{Payload: []byte(name)}
			if i == 2 {
				frame.Format = 1
			}
			if err := w.lane.Put(w.Context(), &queue.Item{Frame: frame}, false); err != nil {
				w.Fatal(err)
			}
		}
		_, _ = w.flush(time.Second)
		mixed := items("d", "y", "e")
		mixed[1].Format = 1
		if _, err := w.lane.Send(w.Context(), mixed); err != nil {
			w.Fatal(err)
		}
		w.wantRequests("0s a b", "0s x", "0s c", "0s d", "0s y", "0s e")
	})
}

// What an answer decides while the lane is being closed holds, and the rest is
// left.
func TestAnAnswerAfterTheDeadline(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		late reaction
		want []queue.Outcome
		left int
	}{
		"stored":    {status(200), []queue.Outcome{queue.Delivered, queue.Delivered, queue.Delivered, queue.Delivered}, 0},
		"each":      {grades("ok retry drop -"), []queue.Outcome{queue.Delivered, queue.Shutdown, queue.Rejected, queue.Unconfirmed}, 1},
		"missing":   {status(404), []queue.Outcome{queue.Shutdown, queue.Shutdown, queue.Shutdown, queue.Shutdown}, 4},
		"doubled":   {doubled, []queue.Outcome{queue.Shutdown, queue.Shutdown, queue.Shutdown, queue.Shutdown}, 4},
		"too large": {status(413), []queue.Outcome{queue.Shutdown, queue.Shutdown, queue.Shutdown, queue.Shutdown}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			adjust := func(config *delivery.Config) {
				grading(config)
				config.Protocols = append(config.Protocols, words{"/other/"})
			}
			inWorld(t, adjust, func(w *world) {
				w.becomes(func(ctx context.Context, events []string) transport.Response {
					<-ctx.Done() // the answer is there when the request is canceled
					return c.late(context.Background(), events)
				})
				verdicts := w.submitAll("a", "b", "c", "d")
				synctest.Wait()
				if left := w.close(time.Second); left != c.left {
					w.Errorf("Close left %d events, want %d", left, c.left)
				}
				if got := ends(verdicts); !slices.Equal(got, c.want) {
					w.Errorf("got %v, want %v", got, c.want)
				}
			})
		})
	}
}

// A partial answer pauses the lane if it asks for that, and is no outage
// otherwise.
func TestAPartialAnswerAndTheOthers(t *testing.T) {
	adjust := func(c *delivery.Config) { grading(c); c.Workers, c.MaxBatches = 2, 8 }
	partial := func(pause time.Duration) reaction {
		return func(_ context.Context, events []string) transport.Response {
			r := transport.Response{Outcome: transport.Delivered, Status: 200, RetryAfter: pause}
			if slices.Contains(events, "a") {
				r.Body = []byte("retry" + strings.Repeat(" ok", len(events)-1))
			}
			return r
		}
	}
	inWorld(t, adjust, func(w *world) {
		w.becomes(partial(0))
		w.put("a", "b", "c", "d")
		w.pass(3500 * time.Millisecond)
		w.put("e", "f", "g", "h", "i", "j", "k", "l")
		w.wantSorted("0s a b c d", "1s a", "2s a", "3.5s e f g h", "3.5s i j k l", "3s a")
		w.becomes(status(200))
	})
	inWorld(t, adjust, func(w *world) {
		w.becomes(partial(5 * time.Second))
		w.put("a", "b", "c", "d")
		w.pass(3500 * time.Millisecond)
		w.becomes(status(200))
		w.put("e", "f", "g", "h")
		w.pass(5 * time.Second)
		w.wantSorted("0s a b c d", "5s a", "5s e f g h")
	})
}

// wantSorted is wantRequests for such of which some are made at the same time.
func (w *world) wantSorted(want ...string) {
	w.Helper()
	synctest.Wait()
	got := w.requests()
	if slices.Sort(got); !slices.Equal(got, want) {
		w.Errorf("requests, sorted: got %q, want %q", got, want)
	}
}

// What a change of format keeps out of a batch has waited as long as what is in
// it, and does not wait again.
func TestFormatsWaitOnce(t *testing.T) {
	inWorld(t, func(c *delivery.Config) { c.Workers, c.FlushAt = 1, 10 }, func(w *world) {
		for i, name := range []string{"a", "x", "b", "y"} {
			frame := segment.Frame{Payload: []byte(name), Format: uint8(i % 2)}
			if err := w.lane.Put(w.Context(), &queue.Item{Frame: frame}, false); err != nil {
				w.Fatal(err)
			}
		}
		w.pass(10 * time.Second)
		w.wantRequests("10s a", "10s x", "10s b", "10s y")
	})
}

// A few records that the server wants again and again do not keep out all
// others, however many batches they were in.
func TestRecordsThatAreNeverStoredLeaveRoom(t *testing.T) {
	adjust := func(c *delivery.Config) { grading(c); c.Workers, c.MaxBatches, c.FlushAt = 2, 4, 2 }
	inWorld(t, adjust, func(w *world) {
		w.becomes(func(_ context.Context, events []string) transport.Response {
			words := make([]string, len(events))
			for i, name := range events {
				words[i] = "ok"
				if strings.HasPrefix(name, "never") {
					words[i] = "retry"
				}
			}
			return transport.Response{Outcome: transport.Delivered, Status: 200, Body: []byte(strings.Join(words, " "))}
		})
		for i := range 6 {
			w.put(fmt.Sprintf("never%d", i), "a")
			w.pass(0)
		}
		w.wantEnded(queue.Delivered, 6)
		w.becomes(status(200))
		_, _ = w.flush(time.Minute)
		w.wantEnded(queue.Delivered, 12)
	})
}

// The pause that comes with a partial answer to Send is the lane's as well.
func TestAPartialAnswerToSendPausesTheLane(t *testing.T) {
	inWorld(t, grading, func(w *world) {
		w.becomes(first(func(context.Context, []string) transport.Response {
			return transport.Response{Outcome: transport.Delivered, Status: 200, RetryAfter: 5 * time.Second, Body: []byte("ok retry")}
		}, status(200)))
		if _, err := w.lane.Send(w.Context(), items("a", "b")); err != nil {
			w.Fatal(err)
		}
		w.wantRequests("0s a b", "5s b")
	})
}

// A loss that stands for those of several requests names none of them.
func TestLossesOfSeveralRequestsNameNone(t *testing.T) {
	var free chan struct{}
	var told []delivery.Loss
	adjust := func(c *delivery.Config) {
		grading(c)
		c.FlushAt = 1
		c.Observer = &delivery.Observer{Lost: func(l delivery.Loss) {
			<-free
			told = append(told, l)
		}}
	}
	inWorld(t, adjust, func(w *world) {
		free = make(chan struct{}) // of the bubble
		w.becomes(status(400))
		for _, name := range []string{"a", "b", "c"} {
			w.put(name)
			w.pass(0)
		}
		close(free)
		w.pass(0)
		if len(told) != 2 || told[0].RequestID == "" || told[1].Events != 2 || told[1].RequestID != "" {
			w.Errorf("told of %+v, want one loss of a request, and one of two that names none", told)
		}
	})
}
