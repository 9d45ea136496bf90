package posthogtest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/hedgerow/posthog/flags"
)

// flagBook is the flags of the server. Every change makes a new edition.
type flagBook struct {
	options flags.Options

	mu        sync.Mutex // guards everything below
	entries   []entry    // of several with one key the last counts
	rest      fields     // the other members of the definitions document
	lastID    int64
	static    map[string]map[string]bool // the distinct ids in each static cohort
	exhausted bool                       // the quota is
	current   *edition
}

// entry is one flag.
type entry struct {
	key         string
	id, version int64
	definition  json.RawMessage // without the pins
	pins        []pin
}

func newFlagBook(options flags.Options) *flagBook {
	b := &flagBook{options: options, rest: emptyRest(), static: make(map[string]map[string]bool)}
	b.publish()
	return b
}

// latest is the current edition, and whether the quota is used up.
func (b *flagBook) latest() (current *edition, exhausted bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.current, b.exhausted
}

// find is the index of the entry that counts for a key, -1 for none. Callers
// hold mu.
func (b *flagBook) find(key string) int {
	for i, e := range slices.Backward(b.entries) {
		if e.key == key {
			return i
		}
	}
	return -1
}

// open returns the entry for a key, a new one if there is none. Callers hold mu.
func (b *flagBook) open(key string) *entry {
	if i := b.find(key); i >= 0 {
		return &b.entries[i]
	}
	b.lastID++
	b.entries = append(b.entries, entry{key: key, id: b.lastID})
	return &b.entries[len(b.entries)-1]
}

// set adds or replaces flags, each that makes no sense by one that cannot be
// evaluated, and returns what is wrong with the first of those.
func (b *flagBook) set(list []Flag) (wrong error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range list {
		f := &list[i]
		e := b.open(f.Key)
		e.version++
		e.pins = nil
		definition, err := b.define(f, e)
		if err != nil {
			err = fmt.Errorf("posthogtest: flag %s: %w", quote(f.Key), err)
			wrong = cmp.Or(wrong, err)
			definition, _ = marshal(map[string]any{"id": e.id, "key": e.key, "version": e.version, "active": true, "filters": err.Error()})
		}
		e.definition = definition
	}
	b.publish()
	return wrong
}

// pin sets the value that a person has of a flag.
func (b *flagBook) pin(key string, p pin) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.open(key)
	if e.definition == nil {
		off := Flag{Key: key, Value: false} // for everybody else
		e.definition, _ = off.definition(e.id, 0, nil)
	}
	pins := slices.DeleteFunc(slices.Clone(e.pins), func(old pin) bool { return old.distinctID == p.distinctID })
	pins = append(pins, p)
	if _, err := pinned(e.definition, e.version+1, pins); err != nil {
		return err
	}
	e.pins = pins
	e.version++
	b.publish()
	return nil
}

func (b *flagBook) remove(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.entries = slices.DeleteFunc(b.entries, func(e entry) bool { return e.key == key })
	b.publish()
}

// load replaces all flags by those of a document.
func (b *flagBook) load(document []byte) error {
	parsed, err := flags.Parse(document)
	if err != nil {
		return err
	}
	var members fields
	if err := json.Unmarshal(parsed.JSON(), &members); err != nil {
		return err
	}
	for camel, name := range camelCase {
		if isNull(members[name]) && !isNull(members[camel]) {
			members[name] = members[camel]
		}
		delete(members, camel)
	}
	delete(members, "flags")
	rest := emptyRest()
	maps.Copy(rest, members)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rest, b.entries = rest, nil
	for i := range parsed.Flags {
		f := &parsed.Flags[i]
		b.lastID = max(b.lastID, f.ID)
		b.entries = append(b.entries, entry{key: f.Key, id: f.ID, version: f.Version, definition: f.Raw})
	}
	b.publish()
	return nil
}
