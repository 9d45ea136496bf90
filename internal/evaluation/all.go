package evaluation

import (
	"context"
	"errors"
	"slices"

	"github.com/hedgerow/posthog/flags"
)

// All answers for the flags that r asks for. The Set is never nil, whatever the error is: it has what is known.
//
// The error is nil if everything is known that can be. Otherwise it is the *remote.Error of the request, or wraps one
// of this package's. A flag that the server failed on, or that the definitions leave open while nobody else may be
// asked, is Unresolved in the Set and no error.
func (e *Engine) All(ctx context.Context, r *Request) (*Set, error) {
	switch {
	case r.Keys == nil:
		return e.every(ctx, r)
	case len(r.Keys) == 0:
		return &Set{scoped: true}, nil
	default:
		return e.several(ctx, r)
	}
}

// several answers for the flags with certain keys.
func (e *Engine) several(ctx context.Context, r *Request) (*Set, error) {
	keys := slices.Clone(r.Keys)
	slices.Sort(keys)
	keys = slices.Compact(keys)
	q := e.question(r)
	q.asked = r.Keys
	s := &Set{scoped: true, records: make([]Record, len(keys))}
	open := e.locally(&q, keys, s.records)
	if len(open) == 0 {
		return s, nil
	}
	err := e.further(ctx, &q, open)
	if errors.Is(err, ErrInconclusive) || !slices.ContainsFunc(open, func(r *Record) bool { return r.State == Unresolved }) {
		err = nil
	}
	return s, err
}

// locally puts what is known without asking into records, one for each of keys, and returns those that are open.
func (e *Engine) locally(q *question, keys []string, records []Record) (open []*Record) {
	var results []flags.Result
	if q.view != nil {
		subject := e.subject(q.Request, q.view)
		results = q.view.program.EvaluateKeys(keys, subject, nil)
		e.done(subject, q.Request)
	}
	overrides := e.overridden()
	for i, key := range keys {
		if o, ok := overrides[key]; ok {
			records[i] = o.record(key)
			continue
		}
		records[i] = unresolved(key, "", nil)
		if q.view != nil {
			result := &results[i]
			definition := result.Flag()
			switch {
			case definition == nil && e.known(q, key) == absent, definition != nil && q.view.excludes(definition):
				records[i] = missing(key)
				continue
			case result.Inconclusive == nil:
				records[i] = fromResult(result, q.view)
				if e.fallback != nil {
					e.rememberOne(q, records[i])
				}
				continue
			case definition != nil:
				records[i].Inconclusive = result.Inconclusive
			}
		}
		open = append(open, &records[i])
	}
	return open
}

// every answers for all flags.
func (e *Engine) every(ctx context.Context, r *Request) (*Set, error) {
	q := e.question(r)
	s := &Set{overrides: e.overridden(), view: q.view, certain: q.view != nil}
	if q.view != nil {
		subject := e.subject(r, q.view)
		s.results = q.view.program.EvaluateAll(subject, nil)
		e.done(subject, r)
	}
	open := s.open()
	var err error
	if q.view == nil || len(open) > 0 {
		err = e.everyFurther(ctx, &q, s, open)
	}
	s.finish()
	if e.fallback != nil && err == nil && s.trouble == "" && (s.answer.FlagsResponse == nil || s.answer.source == Remote && s.answer.clean()) {
		e.rememberAll(&q, s)
	}
	return s, err
}

// open returns the keys of the flags that the definitions leave open.
func (s *Set) open() []string {
	var open []string
	for i := range s.results {
		if s.results[i].Inconclusive == nil || s.view.excludes(s.results[i].Flag()) {
			continue
		}
		if _, ok := s.overrides[s.results[i].Key]; !ok {
			open = append(open, s.results[i].Key)
		}
	}
	return open
}

// everyFurther adds to a Set of all flags what the definitions leave open: those flags and all others, or everything.
func (e *Engine) everyFurther(ctx context.Context, q *question, s *Set, open []string) error {
	if err := e.mayAsk(q); err != nil {
		s.trouble = word(err)
		if errors.Is(err, ErrInconclusive) {
			return nil
		}
		s.certain = false
		return err
	}
	a, _, err := e.ask(ctx, q, nil, false)
	if err == nil {
		s.answer = a
		open = s.unanswered(open)
	} else {
		s.trouble, s.certain = word(err), false
		s.requestID, s.evaluatedAt = a.origin()
	}
	if e.fallback == nil || givenUp(err) || err == nil && len(open) == 0 {
		return err
	}
	stale := e.recall(ctx, q, open, err != nil)
	for key, r := range stale {
		r.Errors = s.Lookup(key).Errors
		stale[key] = r
	}
	s.stale = stale
	covered := len(stale) > 0 && !slices.ContainsFunc(open, func(key string) bool { return stale[key].State != Found })
	if covered {
		return nil
	}
	return err
}

// unanswered returns the keys of the flags that the server failed on, and of those of open that its answer lacks although
// they may exist.
func (s *Set) unanswered(open []string) []string {
	var keys []string
	for key, f := range s.answer.Flags {
		if f.Failed {
			keys = append(keys, key)
		}
	}
	for _, key := range open {
		if _, ok := s.answer.Flags[key]; !ok && !s.answer.whole() {
			keys = append(keys, key)
		}
	}
	return keys
}
