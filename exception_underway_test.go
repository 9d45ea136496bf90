package posthog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// A message that nothing came of is no duplicate when it is enqueued again, and
// tells again of what was held back.
func TestAMessageIsEnqueuedAgain(t *testing.T) {
	t.Parallel()
	limit := posthog.ExceptionRateLimit{Burst: 1, Every: time.Minute}
	inWorld(t, posthog.Config{ErrorTracking: posthog.ErrorTrackingConfig{RateLimit: limit}, MaxRetries: new(0)}, func(w *world) {
		var kept []posthog.Message
		logger := slog.New(posthog.NewSlogCaptureHandler(nil, clientFunc(func(msg posthog.Message) error {
			kept = append(kept, msg)
			return nil
		})))
		for i := range 3 {
			logger.Error("payment failed", "err", &chargeError{i})
		}
		send := func(msgs ...posthog.Message) (*posthog.SendResult, error) { return w.client.Send(w.Context(), msgs...) }
		result, err := send(kept[0], kept[1], kept[0])
		if err != nil || result.Events[1].Verdict != posthog.VerdictDiscarded {
			w.Fatalf("Send is %+v and %v, want the second one held back", result, err)
		}
		for name, fail := range map[string]func() error{
			"beside an invalid one": func() error { _, err := send(kept[2], posthog.Capture{}); return err },
			"to a server that has it not": func() error {
				w.server.Inject(posthogtest.Fault{Status: 503})
				_, err := send(kept[2])
				return err
			},
		} {
			w.pass(time.Minute)
			if fail() == nil {
				w.Errorf("%s: Send is nil, want an error", name)
			}
		}
		w.pass(time.Minute)
		enqueue(w.T, w.client, kept[2])
		all := exceptions(w.T, w.client, w.server)
		if got := fmt.Sprint(heldBack(all)); len(all) != 2 || got != "[2]" {
			w.Errorf("%d exceptions arrived, and said that %s were held back, want 2, and 2", len(all), got)
		}
	})
}

// An exception whose caller had no time for the disk is on its way like any other:
// another capture of it is a duplicate, and what was held back is told once.
func TestWhatIsNotSyncedIsSent(t *testing.T) {
	t.Parallel()
	config := spooled(t.TempDir())
	config.Spool.Durability = posthog.DurabilityDisk
	config.ErrorTracking.RateLimit = posthog.ExceptionRateLimit{Burst: 1, Every: time.Minute, Manual: true}
	inWorld(t, config, func(w *world) {
		ctx, cancel := context.WithCancel(w.Context())
		cancel()
		accepted := func(err error) {
			if err != nil && !errors.Is(err, posthog.ErrNotSynced) { // the sync may have been quicker
				w.Errorf("CaptureException is %v, want nil or ErrNotSynced", err)
			}
		}
		relaying := pointing{w.client}
		const rounds = 20 // each of which sends one of two
		for i := range rounds {
			for _, err := range []error{&chargeError{2 * i}, &chargeError{2*i + 1}} {
				accepted(w.client.CaptureException(ctx, err))
				accepted(posthog.CaptureException(ctx, relaying, err))
			}
			w.pass(time.Minute)
			err := &chargeError{-i}
			accepted(posthog.CaptureException(ctx, relaying, err))
			accepted(w.client.CaptureException(ctx, err))
			w.pass(time.Minute)
		}
		all := exceptions(w.T, w.client, w.server)
		told := strings.Join(heldBack(all), "")
		s := requireLedger(w.T, w.client)
		if len(all) != 2*rounds || s.DroppedBy[posthog.OutcomeDuplicate] != 2*rounds || told != strings.Repeat("2", rounds) {
			w.Errorf("%d exceptions arrived, and %v were dropped, want %d and as many duplicates; held back were %s, want 2 each time", len(all), s.DroppedBy, 2*rounds, told)
		}
	})
}
