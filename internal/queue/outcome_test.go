package queue_test

import (
	"testing"

	"github.com/hedgerow/posthog/internal/queue"
)

func TestFirstOutcomeIsTheOnlyOne(t *testing.T) {
	t.Parallel()
	q := queue.New(roomy)
	fill(t, q, 1, 3)
	records := q.Take(nil, 3, 1<<10)
	copies := append([]queue.Record(nil), records...)
	q.Finish(records[:2], queue.Delivered)
	q.Finish(records, queue.Rejected)
	q.Finish(copies, queue.Shutdown)
	requireLedger(t, q, 3, 0, map[queue.Outcome]uint64{queue.Delivered: 2, queue.Rejected: 1})
	q.Release(records)
	q.Finish(records, queue.Shutdown)
	requireLedger(t, q, 3, 0, map[queue.Outcome]uint64{queue.Delivered: 2, queue.Rejected: 1})
}

// Proves RTQ-7.
func TestFinishGoesByIdentity(t *testing.T) {
	t.Parallel()
	q := queue.New(roomy)
	for range 3 {
		put(t, q, item(7, 10)) // the same item thrice is three records
	}
	records := q.Take(nil, 3, 1<<10)
	q.Finish(records[1:2], queue.Rejected)
	q.Finish(records, queue.Delivered)
	requireLedger(t, q, 3, 0, map[queue.Outcome]uint64{queue.Delivered: 2, queue.Rejected: 1})
}

func TestCountAcceptsAndEndsAtOnce(t *testing.T) {
	t.Parallel()
	q := queue.New(roomy)
	q.Count(queue.OptedOut)
	q.Close()
	q.Count(queue.HookDropped) // no outcome is uncounted, not even after Close
	requireLedger(t, q, 2, 0, map[queue.Outcome]uint64{queue.OptedOut: 1, queue.HookDropped: 1})
}

func TestAdmittedEventsArePendingUntilSettled(t *testing.T) {
	t.Parallel()
	q := queue.New(roomy)
	if err := q.Admit(3); err != nil {
		t.Fatalf("Admit: %v", err)
	}
	fill(t, q, 1, 1)
	requireLedger(t, q, 4, 4, nil)
	q.Settle(2, queue.Delivered)
	requireLedger(t, q, 4, 2, map[queue.Outcome]uint64{queue.Delivered: 2})
	q.Close()
	q.Settle(1, queue.Unconfirmed)
	requireLedger(t, q, 4, 1, map[queue.Outcome]uint64{queue.Delivered: 2, queue.Unconfirmed: 1})
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	names := map[queue.Outcome]string{
		queue.Delivered: "delivered", queue.Unconfirmed: "unconfirmed", queue.Rejected: "rejected", queue.OverLimit: "billing_limit",
		queue.QueueFull: "queue_full", queue.HookDropped: "hook_dropped", queue.HookFailed: "hook_failed",
		queue.Exhausted: "retries_exhausted", queue.Shutdown: "shutdown", queue.OptedOut: "opted_out",
		queue.Disabled: "disabled", queue.DryRun: "dry_run", queue.Expired: "expired", queue.Unreadable: "unreadable",
		queue.Duplicate: "duplicate", queue.RateLimited: "rate_limited",
	}
	q := queue.New(roomy)
	s := q.Snapshot()
	seen := 0
	for o := range s.Outcomes() {
		seen++
		if got := o.String(); got != names[o] {
			t.Errorf("outcome %d: got name %q, want %q", o, got, names[o])
		}
		server := o == queue.Delivered || o == queue.Unconfirmed || o == queue.Rejected || o == queue.OverLimit
		if got := o.Dropped(); got == server {
			t.Errorf("outcome %v: got dropped: %v, want %v", o, got, !server)
		}
		q.Count(o)
	}
	if seen != len(names) {
		t.Errorf("got %d outcomes, want %d", seen, len(names))
	}
	for range s.Outcomes() {
		break // a range may end early
	}
	s = q.Snapshot()
	if got, want := s.Dropped(), uint64(len(names)-4); got != want {
		t.Errorf("got %d dropped, want %d", got, want)
	}
	if got := queue.Spooled; got.String() != "spooled" || got.Dropped() || s.Ended(got) != 0 {
		t.Errorf("got name %q, dropped %v, ended %d, want spooled, which is no end", got, got.Dropped(), s.Ended(got))
	}
	const beyond = queue.Outcome(200)
	if beyond.String() != "unknown" || beyond.Dropped() || s.Ended(beyond) != 0 {
		t.Errorf("outcome 200: got name %q, dropped %v, ended %d, want an unknown one without events",
			beyond, beyond.Dropped(), s.Ended(beyond))
	}
}
