package exposure

import "testing"

// Proves FT-06 for two goroutines that both found nothing without the lock.
func TestTheLockDecidesWhoIsFirst(t *testing.T) {
	t.Parallel()
	tracker := New(0)
	key := tracker.Key(Exposure{DistinctID: "u-1", Flag: "new-nav"})
	shard := tracker.shard(key)
	if first, second := shard.add(key), shard.add(key); !first || second {
		t.Errorf("two adds of one key are first: %v and %v, want true and false", first, second)
	}
}
