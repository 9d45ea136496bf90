package flood

import (
	"hash/maphash"
	"sync"
	"time"

	"github.com/hedgerow/posthog/internal/lru"
)

// limiterKeys is how many keys have a bucket of their own at a time.
const limiterKeys = 1000

// keyBytes is how much of a key is looked at, so that no key costs much time. Keys that agree so far are one. PostHog
// shows 255 bytes of a type.
const keyBytes = 1024

// A Rate is how often something may happen: Burst times at once, and once more whenever Every has passed, up to Burst
// again. It is no limit if Burst or Every is 0 or less.
type Rate struct {
	Burst int
	Every time.Duration
}

func (r Rate) unlimited() bool { return r.Burst <= 0 || r.Every <= 0 }

// A Limiter has a bucket of tokens for each key and one for all of them. What passes takes a token from both, and what is
// held back takes none. It is safe for concurrent use. A nil Limiter lets everything pass.
//
// It knows 1,000 keys; then the one whose use is longest ago is forgotten, and starts with a full bucket when it is met
// again. A key costs the same memory however long it is, and is told from others by its first 1,024 bytes.
type Limiter struct {
	each, total Rate
	seed        maphash.Seed

	mu    sync.Mutex // guards what is below, and what keys holds
	all   bucket
	keys  *lru.Cache[uint64, *account]
	count uint64 // of what was held back
}

// An account is what is known of one key.
type account struct {
	bucket bucket
	held   uint64 // since one passed
}

// NewLimiter returns a Limiter that lets pass what both rates allow: each for every key by itself, and total for all
// together. Its buckets are full at first.
func NewLimiter(each, total Rate) *Limiter {
	return &Limiter{
		each:  each,
		total: total,
		seed:  maphash.MakeSeed(),
		all:   bucket{tokens: total.Burst},
		keys:  lru.New[uint64, *account](limiterKeys, 0),
	}
}

// Allow reports whether one of that key passes. If so, held is how many of the key were held back since another passed,
// or since the key was forgotten; whoever is told has to tell it on, because the next call starts from 0. A now that is
// earlier than that of another call adds no token, and loses no part of one.
func (l *Limiter) Allow(key string, now time.Time) (ok bool, held uint64) {
	if l == nil {
		return true, 0
	}
	hash := l.hash(key)
	l.mu.Lock()
	defer l.mu.Unlock()
	a, known := l.keys.Get(hash, now)
	if !known {
		a = &account{bucket: bucket{tokens: l.each.Burst}}
		l.keys.Put(hash, a, now)
	}
	a.bucket.refill(l.each, now)
	l.all.refill(l.total, now)
	if a.bucket.empty(l.each) || l.all.empty(l.total) {
		a.held++
		l.count++
		return false, 0
	}
	a.bucket.tokens--
	l.all.tokens--
	held, a.held = a.held, 0
	return true, held
}

// Untold takes back the number that Allow told, because who was told could not tell it on: the next one of the key that
// passes is told of them as well. The token is gone.
func (l *Limiter) Untold(key string, held uint64, now time.Time) {
	if l == nil || held == 0 {
		return
	}
	hash := l.hash(key)
	l.mu.Lock()
	defer l.mu.Unlock()
	if a, known := l.keys.Get(hash, now); known {
		a.held += held
	}
}

func (l *Limiter) hash(key string) uint64 {
	return maphash.String(l.seed, key[:min(len(key), keyBytes)])
}

// Held returns how many were ever held back, of all keys, with those that were forgotten before Allow told of them.
func (l *Limiter) Held() uint64 {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count
}

// A bucket holds up to a rate's Burst of tokens. Without a limit, nobody looks at how many there are.
type bucket struct {
	tokens int
	since  time.Time // when the latest token was due; what passed since is a part of the next. Zero is long ago
}

func (b *bucket) empty(r Rate) bool { return b.tokens <= 0 && !r.unlimited() }

// refill adds the tokens that are due.
func (b *bucket) refill(r Rate, now time.Time) {
	passed := now.Sub(b.since)
	if passed < 0 || r.unlimited() {
		return
	}
	due := int64(passed / r.Every)
	if due >= int64(r.Burst-b.tokens) {
		b.tokens, b.since = r.Burst, now // a full bucket gathers no part of a token
		return
	}
	b.tokens += int(due)
	b.since = b.since.Add(time.Duration(due) * r.Every)
}
