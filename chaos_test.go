package posthog_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// counting is a Callback that counts.
type counting struct{ events int }

func (c *counting) Success(posthog.APIMessage)        { c.events++ }
func (c *counting) Failure(posthog.APIMessage, error) { c.events++ }

// Random clients with random servers: whatever happens, Close keeps its
// deadline, everybody hears of every event, and the ledger adds up.
func TestAnyTrouble(t *testing.T) {
	t.Parallel()
	for seed := range uint64(25) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 1))
			callback := new(counting)
			config := randomConfig(random)
			if random.IntN(2) == 0 {
				config.Callback = callback
			}
			synctest.Test(t, func(t *testing.T) {
				server := posthogtest.NewServer(t, nil)
				for range random.IntN(12) {
					server.Inject(randomFault(random))
					server.InjectEvents(randomEventFault(random))
				}
				if random.IntN(3) == 0 {
					route := []string{posthogtest.RouteAnalytics, posthogtest.RouteAIBatch}[random.IntN(2)]
					server.Inject(posthogtest.Fault{Path: route, Status: 404, Times: -1})
				}
				w := &world{T: t, server: server, client: connect(t, server, config)}
				var producing sync.WaitGroup
				for p := range uint64(3) {
					producing.Go(func() { w.makeTrouble(rand.New(rand.NewPCG(seed, p+2))) })
				}
				w.pass(time.Duration(random.IntN(15000)) * time.Millisecond)
				begin := time.Now()
				err := w.client.Close()
				if took := time.Since(begin); took > config.ShutdownTimeout+20*time.Millisecond {
					t.Errorf("Close within %v took %v", config.ShutdownTimeout, took)
				}
				producing.Wait()
				s := requireLedger(t, w.client)
				if s.Pending != 0 || s.Queued != 0 || s.InFlight != 0 {
					t.Errorf("after Close: got %+v, want nothing under way", s)
				}
				var undelivered *posthog.UndeliveredError
				if lost := s.DroppedBy[posthog.OutcomeShutdown]; lost > 0 && (!errors.As(err, &undelivered) || uint64(undelivered.Events) < lost) {
					t.Errorf("Close: got %v, want an *UndeliveredError of at least %d events", err, lost)
				}
				if config.Callback != nil && uint64(callback.events) != s.Accepted {
					t.Errorf("the callback was told of %d events of %d", callback.events, s.Accepted)
				}
			})
		})
	}
}

func randomConfig(r *rand.Rand) posthog.Config {
	config := posthog.Config{
		Workers: 1 + r.IntN(4), BatchSize: 1 + r.IntN(30), MaxQueueSize: 30 + r.IntN(60), MaxQueueBytes: 4096 << r.IntN(6),
		Overflow: posthog.Overflow(r.IntN(3)), MaxEnqueuedRequests: 1 + r.IntN(6), Interval: time.Duration(1+r.IntN(3000)) * time.Millisecond,
		BatchUploadTimeout: time.Second, ShutdownTimeout: time.Duration(1+r.IntN(20000)) * time.Millisecond,
		BatchSubmitTimeout: time.Duration(r.IntN(1000)) * time.Millisecond,
		CaptureMode:        posthog.CaptureMode(r.IntN(3)), Compression: posthog.CompressionMode(r.IntN(5)),
		CaptureAIMaxQueueSize: 5 + r.IntN(60), CaptureAIMaxQueueBytes: 4096 << r.IntN(6),
	}
	if r.IntN(2) == 0 {
		config.MaxRetries = posthog.Ptr(r.IntN(4))
	}
	return config
}

func randomFault(r *rand.Rand) posthogtest.Fault {
	faults := []posthogtest.Fault{
		{Status: 503}, {Status: 413}, {Status: 400}, {Status: 307}, {Hang: true}, {Delay: 500 * time.Millisecond},
		{Reset: posthogtest.ResetMidBody}, {Status: 429, Header: http.Header{"Retry-After": {"1"}}},
	}
	fault := faults[r.IntN(len(faults))]
	fault.Times = 1 + r.IntN(5)
	return fault
}

func randomEventFault(r *rand.Rand) posthogtest.EventFault {
	faults := []posthogtest.EventFault{
		{Result: "retry"}, {Result: "retry", Persist: true}, {Result: "drop", Details: "invalid_options"}, {Result: "limited"}, {Result: "new"}, {Omit: true},
	}
	fault := faults[r.IntN(len(faults))]
	fault.Position, fault.Times = r.IntN(4), 1+r.IntN(20)
	return fault
}

// makeTrouble makes sixty calls, some of which fail, and expects every
// Delivery to end.
func (w *world) makeTrouble(r *rand.Rand) {
	var deliveries []*posthog.Delivery
	for i := range 60 {
		msg := event(i)
		msg.Properties["padding"] = strings.Repeat("x", r.IntN(2000))
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(r.IntN(3000))*time.Millisecond)
		switch r.IntN(16) {
		case 0:
			_, _ = w.client.Send(ctx, msg, event(9000))
		case 1:
			_ = w.client.Flush(ctx)
		case 2, 3, 4, 5:
			if d, err := w.client.Submit(ctx, msg); err == nil {
				deliveries = append(deliveries, d)
			}
		case 6, 7:
			if d, err := w.client.SubmitAI(ctx, msg); err == nil {
				deliveries = append(deliveries, d)
			}
		case 8:
			msg.Event = "$ai_span"
			_ = w.client.EnqueueAI(msg)
		case 9:
			_, _ = w.client.SendAI(ctx, msg, generation(i))
		default:
			_ = w.client.Enqueue(msg)
		}
		cancel()
		if r.IntN(4) == 0 {
			timer := time.NewTimer(time.Duration(r.IntN(400)) * time.Millisecond)
			<-timer.C
		}
		requireLedger(w.T, w.client)
	}
	for _, d := range deliveries {
		<-d.Done() // or the bubble says that all wait for ever
	}
}
