package evaluation

import (
	"context"
	"errors"
)

// further answers for the flags of the open records, which the definitions leave open: it makes others of those that
// it can. The error says why it could not have asked or got no answer, whether or not something else was known.
func (e *Engine) further(ctx context.Context, q *question, open []*Record) error {
	if err := e.mayAsk(q); err != nil {
		for _, r := range open {
			if q.undefined(r) && errors.Is(err, ErrInconclusive) {
				*r = missing(r.Key)
			} else {
				r.Errors = word(err)
			}
		}
		return err
	}
	var unheardOf []string
	for _, r := range open {
		if q.undefined(r) && e.known(q, r.Key) == unheard {
			unheardOf = append(unheardOf, r.Key)
		}
	}
	a, ok, err := e.ask(ctx, q, unheardOf, len(unheardOf) == len(open))
	for _, r := range open {
		switch {
		case !ok:
			*r = missing(r.Key)
		case err == nil:
			*r = a.record(r.Key, r.Inconclusive)
		default:
			r.Errors = word(err)
			r.RequestID, r.EvaluatedAt = a.origin()
		}
	}
	if e.fallback == nil {
		return err
	}
	if ok && err == nil && a.source == Remote && a.clean() {
		for _, r := range open {
			if r.State == Found {
				e.rememberOne(q, *r)
			}
		}
	}
	if !givenUp(err) {
		e.substitute(ctx, q, open)
	}
	return err
}

// undefined reports whether an open record is about a flag that the definitions do not have.
func (q *question) undefined(r *Record) bool { return q.view != nil && r.Inconclusive == nil }

// substitute puts the last known values in the place of unresolved records.
func (e *Engine) substitute(ctx context.Context, q *question, open []*Record) {
	var keys []string
	for _, r := range open {
		if r.State == Unresolved {
			keys = append(keys, r.Key)
		}
	}
	if len(keys) == 0 {
		return
	}
	last := e.recall(ctx, q, keys, false)
	for _, r := range open {
		if known, ok := last[r.Key]; ok {
			known.Errors, known.Inconclusive = r.Errors, r.Inconclusive
			*r = known
		}
	}
}
