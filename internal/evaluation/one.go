package evaluation

import (
	"context"

	"github.com/hedgerow/posthog/flags"
)

// One answers for one flag; the Keys of r do not count. It allocates nothing if there is a local answer.
//
// The error is nil if the Record is Found or Missing. Otherwise nothing is known about the flag, and the error is
// the *remote.Error of a request, or wraps one of this package's.
func (e *Engine) One(ctx context.Context, key string, r *Request) (record Record, err error) {
	if o, ok := e.overridden()[key]; ok {
		return o.record(key), nil
	}
	q := e.question(r)
	var why *flags.Inconclusive
	if q.view != nil {
		subject := e.subject(r, q.view)
		result := q.view.program.Evaluate(key, subject)
		e.done(subject, r)
		definition := result.Flag()
		switch {
		case definition == nil:
			if e.known(&q, key) == absent {
				return missing(key), nil
			}
		case q.view.excludes(definition):
			return missing(key), nil
		case result.Inconclusive == nil:
			record.setResult(&result, q.view)
			if e.fallback != nil {
				e.rememberOne(&q, record)
			}
			return record, nil
		default:
			why = result.Inconclusive
		}
	}
	return e.oneOpen(ctx, key, q, why)
}

// oneOpen answers for a flag that the definitions leave open.
func (e *Engine) oneOpen(ctx context.Context, key string, q question, why *flags.Inconclusive) (Record, error) {
	q.asked = []string{key}
	record := unresolved(key, "", why)
	err := e.further(ctx, &q, []*Record{&record})
	if record.State != Unresolved {
		return record, nil
	}
	if err == nil {
		err = record.problem()
	}
	return record, err
}
