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

// A key that finds no room in a table that has just grown is not forgotten, as long as the table may grow.
func TestATableThatGrowsForgetsNothing(t *testing.T) {
	t.Parallel()
	var keys []Key
	add := func(first, second uint64) { // which of eight buckets
		n := uint64(len(keys))
		keys = append(keys, Key{high: n + 1, low: first<<61 | n<<57 | second<<29})
	}
	add(0, 2) // goes to 2, where it takes a place from those below
	add(0, 0)
	for range bucketKeys {
		add(2, 2)
	}
	table := &table{buckets: make([]bucket, 4)}
	for i, k := range keys {
		if !table.place(k) {
			t.Fatalf("key %d: got no room in a table of four buckets, want some", i)
		}
	}
	for limit, want := range map[int]int{100: 0, 8: 1} {
		larger, lost := table.grown(limit), 0
		for _, k := range keys {
			if !larger.met(k) {
				lost++
			}
		}
		if lost != want || larger.size() > limit {
			t.Errorf("of %d keys, got %d forgotten by a table that may have %d buckets and has %d, want %d", len(keys), lost, limit, larger.size(), want)
		}
	}
}
