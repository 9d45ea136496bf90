package evaluation

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"github.com/hedgerow/posthog/flags"
)

// A Set is the answer for many flags at one moment. It never changes, and is safe for concurrent use. A nil Set is
// an empty one.
//
// It is made of what the sources said, and a Record is made of that when it is asked for: most flags of a Set never
// are.
type Set struct {
	scoped  bool     // whether certain keys were asked for
	records []Record // of these keys, sorted

	// What follows is for all flags.
	overrides map[string]Override
	stale     map[string]Record
	view      *view          // nil without definitions
	results   []flags.Result // by the index in the program
	answer    answer         // empty without one
	trouble   string         // the words of what is open because there is no answer
	certain   bool           // without an answer, a key that is nowhere has no flag
	extra     []string       // the keys that the program does not have, sorted

	requestID   string // of the request that failed
	evaluatedAt time.Time
}

// Lookup returns what is known about a flag. Of a flag that is not there, the State is Missing if that is certain and
// Unresolved if not; a key that was not asked for is Missing.
func (s *Set) Lookup(key string) Record {
	switch {
	case s == nil:
		return missing(key)
	case s.scoped:
		at, ok := slices.BinarySearchFunc(s.records, key, func(r Record, key string) int { return cmp.Compare(r.Key, key) })
		if !ok {
			return missing(key)
		}
		return s.records[at]
	}
	if s.view != nil {
		if at, ok := s.view.program.Lookup(key); ok {
			return s.record(key, &s.results[at])
		}
	}
	return s.record(key, nil)
}

// record makes the Record of a flag of which the definitions say so much, nil if they do not have it.
func (s *Set) record(key string, result *flags.Result) Record {
	if o, ok := s.overrides[key]; ok {
		return o.record(key)
	}
	var why *flags.Inconclusive
	if result != nil {
		if s.view.excludes(result.Flag()) {
			return missing(key)
		}
		if result.Inconclusive == nil {
			return fromResult(result, s.view)
		}
		why = result.Inconclusive
	}
	if r, ok := s.stale[key]; ok {
		r.Inconclusive = why
		return r
	}
	switch {
	case s.answer.FlagsResponse != nil:
		return s.answer.record(key, why)
	case why == nil && s.certain:
		return missing(key)
	default:
		r := unresolved(key, s.trouble, why)
		r.RequestID, r.EvaluatedAt = s.requestID, s.evaluatedAt
		return r
	}
}

// Keys returns the keys of the flags that are Found, sorted. The slice is the caller's.
func (s *Set) Keys() []string {
	var keys []string
	for r := range s.All() {
		keys = append(keys, r.Key)
	}
	return keys
}

// All yields the flags that are Found, in the order of their keys.
func (s *Set) All() iter.Seq[Record] {
	return func(yield func(Record) bool) {
		if s == nil {
			return
		}
		if s.scoped {
			for i := range s.records {
				if s.records[i].State == Found && !yield(s.records[i]) {
					return
				}
			}
			return
		}
		s.walk(yield)
	}
}

// walk yields the flags of the program and the others that are Found, in the order of their keys.
func (s *Set) walk(yield func(Record) bool) {
	extra := s.extra
	if s.view != nil {
		for _, at := range s.view.order {
			key := s.view.keys[at]
			for len(extra) > 0 && extra[0] < key {
				if r := s.record(extra[0], nil); r.State == Found && !yield(r) {
					return
				}
				extra = extra[1:]
			}
			if r := s.record(key, &s.results[at]); r.State == Found && !yield(r) {
				return
			}
		}
	}
	for _, key := range extra {
		if r := s.record(key, nil); r.State == Found && !yield(r) {
			return
		}
	}
}

// finish finds the keys that the program does not have.
func (s *Set) finish() {
	add := func(key string) {
		if s.view != nil {
			if _, ok := s.view.program.Lookup(key); ok {
				return
			}
		}
		s.extra = append(s.extra, key)
	}
	for key := range s.overrides {
		add(key)
	}
	for key := range s.stale {
		add(key)
	}
	if s.answer.FlagsResponse != nil {
		for key := range s.answer.Flags {
			add(key)
		}
	}
	slices.Sort(s.extra)
	s.extra = slices.Compact(s.extra)
}
