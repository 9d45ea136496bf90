package evaluation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"sync/atomic"
	"time"

	"github.com/hedgerow/posthog/internal/apart"
	"github.com/hedgerow/posthog/internal/lru"
	"github.com/hedgerow/posthog/internal/notice"
)

// A Fallback keeps the last known answers, in this process or outside of it. Keys are hashes of everything that an
// answer depends on, in printable ASCII; entries are text. Its methods must be safe for concurrent use and obey their
// contexts; a panic counts as an error, and an error as no entry.
type Fallback interface {
	// Get returns the entry of a key, false if there is none. It is called only after a request failed, on a goroutine
	// of the Engine's for each call. All calls for one question have 250 ms together, and after an error there are none
	// for a second.
	Get(ctx context.Context, key string) (entry []byte, found bool, err error)
	// Set makes entry the entry of key, which may be forgotten after ttl. The entry is the Fallback's to keep. It has
	// one second. Calls come one after the other, on a goroutine of the Engine's.
	Set(ctx context.Context, key string, entry []byte, ttl time.Duration) error
}

// Limits of a Fallback.
const (
	getTimeout = 250 * time.Millisecond // of all calls for one question
	setTimeout = time.Second
	getPause   = time.Second // after an error, before the next Get
	maxStored  = 10_000      // entries that are not stored again before their time
)

// fallback is what an Engine does with a Fallback.
type fallback struct {
	config *Config
	store  Fallback
	ttl    time.Duration // see Config.FallbackTTL
	stale  time.Duration // see Config.FallbackStale

	seed   maphash.Seed
	stored *lru.Cache[digest, uint64] // hashes of what is stored, so that it is not stored again and again
	failed atomic.Pointer[time.Time]  // when a Get last failed; nil if none has
	reads  apart.Group
	writer *writer // nil for a store that never waits
}

func newFallback(c *Config) *fallback {
	f := &fallback{config: c, store: c.Fallback, ttl: c.FallbackTTL, stale: c.FallbackStale, seed: maphash.MakeSeed()}
	if f.ttl <= 0 {
		f.ttl = DefaultFallbackTTL
	}
	if f.stale <= 0 {
		f.stale = DefaultFallbackStale
	}
	f.reads.Name = "flag fallback"
	f.stored = lru.New[digest, uint64](maxStored, f.ttl)
	if _, prompt := f.store.(*MemoryFallback); !prompt {
		f.writer = newWriter(f.write)
	}
	return f
}

// rememberOne stores what is known about one flag.
func (e *Engine) rememberOne(q *question, r Record) {
	name := e.identify(q).of(r.Key, false)
	f := e.fallback
	if sum := f.sum(&r); f.news(name, sum) {
		f.remember(name, []Record{r})
	}
}

// rememberAll stores what is known about all flags.
func (e *Engine) rememberAll(q *question, s *Set) {
	name := e.identify(q).of("", true)
	f := e.fallback
	var sum uint64
	for r := range s.All() {
		if r.lasting() {
			sum += f.sum(&r)
		}
	}
	if !f.news(name, sum) {
		return
	}
	var records []Record
	for r := range s.All() {
		if r.lasting() {
			records = append(records, r)
		}
	}
	f.remember(name, records)
}

// lasting reports whether a record that is Found is worth to be remembered: it is new, and true.
func (r *Record) lasting() bool { return r.Source == Local || r.Source == Remote }

// sum returns a hash of a flag and its value.
func (f *fallback) sum(r *Record) uint64 {
	var h maphash.Hash
	h.SetSeed(f.seed)
	h.WriteString(r.Key)
	if r.Enabled {
		h.WriteByte(1)
	} else {
		h.WriteByte(0)
	}
	h.WriteString(r.Variant)
	h.WriteByte(0)
	h.WriteString(r.Payload)
	return h.Sum64()
}

// news reports whether an entry is to be stored, because its sum is new or its time has come, and counts it as stored.
func (f *fallback) news(name digest, sum uint64) bool {
	now := f.config.Now()
	if stored, ok := f.stored.Get(name, now); ok && stored == sum {
		return false
	}
	f.stored.Put(name, sum, now)
	return true
}

// remember stores an entry, or has it stored soon.
func (f *fallback) remember(name digest, records []Record) {
	text, err := newEntry(records, f.config.Now())
	if err != nil {
		return // texts, numbers and truths always have a JSON form
	}
	if f.writer == nil {
		f.write(context.Background(), name, text)
	} else if !f.writer.put(name, text) {
		f.stored.Delete(name)
	}
}

// write stores the text of an entry.
func (f *fallback) write(ctx context.Context, name digest, text []byte) {
	limited, cancel := context.WithTimeout(ctx, setTimeout)
	defer cancel()
	err := guarded(func() error { return f.store.Set(limited, name.String(), text, f.stale) })
	if err != nil && ctx.Err() == nil {
		f.stored.Delete(name)
		f.report("flag fallback not written", fmt.Sprintf("posthog: cannot store the last known feature flags: %v", err))
	}
}

// recall returns the last known Records of keys, and of all flags whatsoever that were in an answer about all, if every is
// set. There may be none. They lack their Errors.
func (e *Engine) recall(ctx context.Context, q *question, keys []string, every bool) map[string]Record {
	f := e.fallback
	if f.down() {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, getTimeout)
	defer cancel()
	id := e.identify(q)
	all, ok, fine := f.read(limited, ctx, id.of("", true))
	found := make(map[string]Record)
	if ok && every {
		for key := range all.Flags {
			if r, known := all.record(key); known {
				found[key] = r
			}
		}
	}
	for _, key := range keys {
		if ok {
			if r, known := all.record(key); known {
				found[key] = r
			}
		}
		if !fine {
			continue
		}
		var one lastAnswer
		var have bool
		one, have, fine = f.read(limited, ctx, id.of(key, false))
		if r, known := one.record(key); have && known && (!ok || one.storedAt.After(found[key].EvaluatedAt)) {
			found[key] = r
		}
	}
	return found
}

// down reports whether the store failed a moment ago.
func (f *fallback) down() bool {
	failed := f.failed.Load()
	if failed == nil {
		return false
	}
	since := f.config.Now().Sub(*failed)
	return since >= 0 && since < getPause
}

// read returns an entry that is not too old, for a question within caller, until ctx ends. It is not fine if the store
// failed.
func (f *fallback) read(ctx, caller context.Context, name digest) (last lastAnswer, ok, fine bool) {
	text, err := f.get(ctx, name)
	switch {
	case err != nil && over(caller) && !errors.Is(err, apart.ErrDeaf):
		return lastAnswer{}, false, false // the store is not to blame
	case err != nil:
		now := f.config.Now()
		f.failed.Store(&now)
		f.report("flag fallback not read", fmt.Sprintf("posthog: cannot read the last known feature flags: %v", err))
		return lastAnswer{}, false, false
	case text == nil:
		return lastAnswer{}, false, true
	}
	last, ok = readEntry(text)
	return last, ok && f.config.Now().Sub(last.storedAt) < f.stale, true
}

// get returns the text of an entry, nil if there is none.
func (f *fallback) get(ctx context.Context, name digest) ([]byte, error) {
	get := func() ([]byte, error) {
		text, ok, err := f.store.Get(ctx, name.String())
		if !ok {
			text = nil
		}
		return text, err
	}
	if f.writer == nil {
		return get()
	}
	return apart.Do(ctx, &f.reads, get)
}

func (f *fallback) report(name, text string) {
	if f.config.Report != nil {
		f.config.Report(notice.Warn, name, text)
	}
}

// close ends the writing, and waits for it and for what is being read until ctx ends.
func (f *fallback) close(ctx context.Context) error {
	if f.writer == nil {
		return nil
	}
	return cmp.Or(f.writer.close(ctx), f.reads.Close(ctx))
}
