package queue_test

import (
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/queue"
)

func TestExpire(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		parked bool
		before int // the number of the first that is young enough
		want   int // how many end
	}{
		"nothing is too old":          {false, 1, 0},
		"some of a segment":           {false, 3, 2},
		"more than a segment":         {false, 7, 6},
		"everything":                  {false, 99, 12},
		"nothing in files is too old": {true, 1, 0},
		"some of a segment that is in no memory, for now":  {true, 4, 0},
		"all of a segment that is in no memory":            {true, 5, 4},
		"a segment that is in no memory, and some of next": {true, 7, 4},
		"everything that is in no memory":                  {true, 99, 12},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q, s := newSpooled(t, spooled)
			fill(t, q, 1, 12)
			if tc.parked {
				q, s = restarted(t, s, spooled)
			}
			barrier := q.Barrier()
			expired := q.Expire(int64(tc.before) * 1000)
			if len(expired) != tc.want {
				t.Fatalf("got %d expired, want %d", len(expired), tc.want)
			}
			for i := range expired {
				if got := expired[i].Sequence(); got != uint64(i+1) {
					t.Errorf("got sequence %d, want %d", got, i+1)
				}
				if !tc.parked {
					requireWhole(t, &expired[i])
				}
			}
			requireLeft(t, q, barrier, 12)
			end(q, expired, queue.Delivered) // has no effect but to pass them
			requireLeft(t, q, barrier, 12-tc.want)
			requireLedger(t, q, 12, uint64(12-tc.want), map[queue.Outcome]uint64{queue.Expired: uint64(tc.want)})
			s.arriveAll()
			requireFiled(t, s, upTo(tc.want+1, 12))
			if got := drain(t, q, s, 5); !slices.Equal(got, upTo(tc.want+1, 12)) {
				t.Errorf("got %v, want %d to 12", got, tc.want+1)
			}
		})
	}
}

// Records of a segment that is in no memory are looked at one by one when it
// has been read.
func TestExpireAfterTheSegmentWasRead(t *testing.T) {
	t.Parallel()
	q, s := newSpooled(t, spooled)
	fill(t, q, 1, 12)
	q, s = restarted(t, s, spooled)
	s.arriveAll()
	expired := q.Expire(6000)
	if got := numbers(expired); !slices.Equal(got, upTo(1, 5)) {
		t.Fatalf("got %v, want 1 to 5", got)
	}
	end(q, expired, queue.Delivered)
	requireFiled(t, s, upTo(6, 12))
}

func TestExpireSparesRecordsInRequests(t *testing.T) {
	t.Parallel()
	q := queue.New(roomy)
	fill(t, q, 1, 4)
	flying := q.Take(nil, 2, 1<<20)
	if got := numbers(q.Expire(99000)); !slices.Equal(got, []int{3, 4}) {
		t.Errorf("got %v, want 3 and 4", got)
	}
	end(q, flying, queue.Delivered)
	requireLedger(t, q, 4, 0, map[queue.Outcome]uint64{queue.Delivered: 2, queue.Expired: 2})
}
