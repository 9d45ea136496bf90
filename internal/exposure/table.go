package exposure

import (
	"math/bits"
	"sync/atomic"
)

// A bucket is two cache lines of 64 bytes.
const (
	bucketKeys  = 7
	bucketBytes = 128
	firstTable  = 4 // buckets
)

// A bucket holds some keys. Its fields are written under the lock of the shard, except for the marks of those keys that
// were met, and read without. A reader that meets a key in change takes it for absent, and then asks again under the
// lock.
type bucket struct {
	marks atomic.Uint64             // bit i: key i was met since the hand passed; the bits from handShift on: the hand
	high  [bucketKeys]atomic.Uint64 // 0 where there is no key
	low   [bucketKeys]atomic.Uint64
	_     uint64
}

// handShift is where, in the marks of a bucket, the hand is: the key that is looked at next when one has to go.
const handShift = 8

// allMarks are the marks of all keys, without the hand.
const allMarks = uint64(1)<<bucketKeys - 1

// A table holds each key in one of two buckets. With a choice of two, buckets fill evenly: the table is some four fifths
// full before a key finds no place. A nil table is empty.
type table struct{ buckets []bucket }

func (t *table) size() int {
	if t == nil {
		return 0
	}
	return len(t.buckets)
}

// choices returns the buckets where k may be.
func (t *table) choices(k Key) (first, second *bucket) {
	n := uint64(len(t.buckets))
	i, _ := bits.Mul64(k.low, n)
	j, _ := bits.Mul64(bits.RotateLeft64(k.low, 32), n)
	return &t.buckets[i], &t.buckets[j]
}

// met reports whether k is in the table, and marks it.
func (t *table) met(k Key) bool {
	if t == nil {
		return false
	}
	first, second := t.choices(k)
	return first.met(k) || second.met(k)
}

// place puts k, which is not in the table, into the emptier of its buckets. It reports false if there is no room.
func (t *table) place(k Key) bool {
	if t == nil {
		return false
	}
	first, second := t.choices(k)
	place, room := first.room()
	if other, more := second.room(); more > room {
		first, place, room = second, other, more
	}
	if room == 0 {
		return false
	}
	first.put(place, k)
	return true
}

// displace puts k, for which there is no room, in the place of another key.
func (t *table) displace(k Key) {
	bucket, _ := t.choices(k)
	bucket.put(bucket.turn(), k)
}

func (t *table) remove(k Key) {
	if t == nil {
		return
	}
	first, second := t.choices(k)
	for _, b := range []*bucket{first, second} {
		if i := b.find(k); i >= 0 {
			b.high[i].Store(0)
		}
	}
}

// grown returns a table of twice the size, though not above limit, with the same keys. By chance one of them may find no
// room, although there is plenty: then the table is twice as large again. At the limit that key is forgotten.
func (t *table) grown(limit int) *table {
	for size := max(firstTable, 2*t.size()); ; size *= 2 {
		larger := &table{buckets: make([]bucket, min(size, limit))}
		if t.copyTo(larger) || size >= limit {
			return larger
		}
	}
}

// copyTo places the keys of t in another table, and reports whether all of them found room.
func (t *table) copyTo(other *table) bool {
	all := true
	for i := range t.size() {
		b := &t.buckets[i]
		for j := range b.high {
			if k := (Key{high: b.high[j].Load(), low: b.low[j].Load()}); k.high != 0 && !other.place(k) {
				all = false
			}
		}
	}
	return all
}

// find returns where k is, or -1.
func (b *bucket) find(k Key) int {
	for i := range b.high {
		if b.high[i].Load() == k.high && b.low[i].Load() == k.low {
			return i
		}
	}
	return -1
}

// met reports whether k is in the bucket, and marks it. The mark is written only if it is missing, so that goroutines
// that meet the same exposures do not take the cache line from each other.
func (b *bucket) met(k Key) bool {
	i := b.find(k)
	if i < 0 {
		return false
	}
	if mark := uint64(1) << i; b.marks.Load()&mark == 0 {
		b.marks.Or(mark)
	}
	return true
}

// room returns a place without a key, and how many there are.
func (b *bucket) room() (place, count int) {
	for i := range b.high {
		if b.high[i].Load() == 0 {
			place, count = i, count+1
		}
	}
	return place, count
}

// put makes k the key at a place. A reader sees the key before, none or k, and never half of each.
func (b *bucket) put(place int, k Key) {
	b.high[place].Store(0)
	b.marks.And(^(uint64(1) << place))
	b.low[place].Store(k.low)
	b.high[place].Store(k.high)
}

// turn moves the hand past the keys that were met since its last round, and returns the place of the first that was
// not. Marks that are set meanwhile do not keep it going for more than two rounds.
func (b *bucket) turn() (place int) {
	for range 2 * bucketKeys {
		marks := b.marks.Load()
		place = int(marks >> handShift)
		mark, next := uint64(1)<<place, uint64(place+1)%bucketKeys
		b.marks.And(allMarks &^ mark) // with an And and an Or, marks of readers in between are kept
		b.marks.Or(next << handShift)
		if marks&mark == 0 {
			break
		}
	}
	return place
}
