package evaluation

import (
	"sync"
	"time"

	"github.com/hedgerow/posthog/internal/lru"
)

const (
	// maxKnown bounds how many keys without a definition are remembered.
	maxKnown = 10_000
	// knownFor bounds how long, where definitions are not looked for again: they are fixed, or cannot be loaded.
	knownFor = 5 * time.Minute
)

// existence is what is known of a key that the definitions do not have.
type existence uint8

const (
	unheard existence = iota // nothing
	absent                   // the server has no such flag either
	present                  // the server has it
)

// knowledge is what the server said about keys that the definitions do not have, so that a misspelt key does not cost
// a request whenever it is asked for. It is worth as much as the definitions are, and forgotten whenever they were
// looked for again, or after a while.
type knowledge struct {
	mu        sync.Mutex // guards refreshes; held to keep it and keys together
	refreshes uint64     // of the loader, when the oldest of keys was learned
	keys      *lru.Cache[string, existence]
}

func newKnowledge() *knowledge {
	return &knowledge{keys: lru.New[string, existence](maxKnown, knownFor)}
}

// of returns what is known of a key, after so many refreshes.
func (k *knowledge) of(key string, refreshes uint64, now time.Time) existence {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ageLocked(refreshes)
	known, _ := k.keys.Get(key, now)
	return known
}

// ageLocked forgets everything if there were that many refreshes, and that is more than before.
func (k *knowledge) ageLocked(refreshes uint64) {
	if k.refreshes < refreshes {
		k.keys.Clear()
		k.refreshes = refreshes
	}
}

// learn takes down what the answer to q, which came after so many refreshes, says about keys that the definitions do not
// have: those that were asked for, and those that were believed to be absent.
func (k *knowledge) learn(a answer, q *question, refreshes uint64, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ageLocked(refreshes)
	if k.keys.Len() > 0 {
		for key := range a.Flags {
			if known, _ := k.keys.Get(key, now); known == absent {
				k.keys.Put(key, present, now)
			}
		}
	}
	if q.refreshes != k.refreshes {
		return // it may be about other definitions
	}
	for _, key := range q.asked {
		if _, defined := q.view.program.Lookup(key); defined {
			continue
		}
		if _, ok := a.Flags[key]; ok {
			k.keys.Put(key, present, now)
		} else if a.whole() {
			k.keys.Put(key, absent, now)
		}
	}
}
