package evaluation

import (
	"sync"
	"time"

	"github.com/hedgerow/posthog/internal/lru"
)

// maxKnown bounds how many keys without a definition are remembered.
const maxKnown = 10_000

// existence is what is known of a key that the definitions do not have.
type existence uint8

const (
	unheard existence = iota // nothing
	absent                   // the server has no such flag either
	present                  // the server has it
)

// knowledge is what the server said about keys that the definitions do not have, so that a misspelt key does not cost
// a request whenever it is asked for. It is worth as much as the definitions are, and forgotten whenever they were
// looked for again.
type knowledge struct {
	mu        sync.Mutex // guards refreshes; held to keep it and keys together
	refreshes uint64     // of the loader, when the oldest of keys was learned
	keys      *lru.Cache[string, existence]
}

func newKnowledge() *knowledge {
	return &knowledge{keys: lru.New[string, existence](maxKnown, 0)}
}

// of returns what is known of a key, after so many refreshes.
func (k *knowledge) of(key string, refreshes uint64) existence {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.refreshes < refreshes {
		k.keys.Clear()
		k.refreshes = refreshes
	}
	known, _ := k.keys.Get(key, time.Time{})
	return known
}

// learn takes down what an answer, which was asked for after so many refreshes and came after now many, says about keys
// that the definitions do not have: those that were asked for, and those that were believed to be absent.
func (k *knowledge) learn(a answer, asked []string, v *view, refreshes, now uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.refreshes < now {
		k.keys.Clear()
		k.refreshes = now
	}
	if k.keys.Len() > 0 {
		for key := range a.Flags {
			if known, _ := k.keys.Get(key, time.Time{}); known == absent {
				k.keys.Put(key, present, time.Time{})
			}
		}
	}
	if refreshes != k.refreshes {
		return // it may be about other definitions
	}
	for _, key := range asked {
		if _, defined := v.program.Lookup(key); defined {
			continue
		}
		if _, ok := a.Flags[key]; ok {
			k.keys.Put(key, present, time.Time{})
		} else if a.whole() {
			k.keys.Put(key, absent, time.Time{})
		}
	}
}
