package evaluation

import (
	"strings"
	"time"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/internal/wire"
)

// An answer is the server's, and how it came here. It never changes: several questions may share it.
type answer struct {
	*wire.FlagsResponse
	source Source // Remote or Cached
}

// whole reports whether what the answer does not have does not exist.
func (a answer) whole() bool { return !a.Partial && !a.EnabledOnly && !a.QuotaLimited }

// clean reports whether the answer is whole, and the server failed on none of its flags.
func (a answer) clean() bool {
	if !a.whole() {
		return false
	}
	for _, f := range a.Flags {
		if f.Failed {
			return false
		}
	}
	return true
}

// record is what the answer says about a flag, for which the definitions, if they have it, lack what why says.
func (a answer) record(key string, why *flags.Inconclusive) Record {
	f, ok := a.Flags[key]
	record := Record{Key: key, ConditionIndex: -1, Inconclusive: why, RequestID: a.RequestID, EvaluatedAt: a.EvaluatedAt}
	if a.Partial {
		record.Errors = wordPartial
	}
	switch {
	case ok && !f.Failed:
		record.setFlag(f)
		record.Source, record.Minimal = a.source, a.MinimalFlagCalledEvents
	case ok:
		record.Errors = joined(record.Errors, wordEvaluation)
	default:
		record.Errors = joined(record.Errors, wordMissing)
		if a.whole() {
			record.State = Missing
		}
	}
	return record
}

// setFlag makes r Found, with what the server says about the flag.
func (r *Record) setFlag(f wire.Flag) {
	r.State = Found
	r.Enabled, r.Variant, r.Payload = f.Enabled, f.Variant, f.Payload
	r.Reason, r.Code, r.ConditionIndex = f.ReasonText, f.ReasonCode, f.ConditionIndex
	if r.Reason == "" {
		r.Reason = f.ReasonCode
	}
	r.ID, r.Version, r.HasExperiment = f.ID, f.Version, triOf(f.HasExperiment)
}

// origin returns the server's name and time of the request, as far as there are any.
func (a answer) origin() (requestID string, evaluatedAt time.Time) {
	if a.FlagsResponse == nil {
		return "", time.Time{}
	}
	return a.RequestID, a.EvaluatedAt
}

// problem is why an answer left a record unresolved.
func (r *Record) problem() error {
	if strings.HasSuffix(r.Errors, wordEvaluation) {
		return ErrFailed
	}
	return ErrIncomplete
}

// joined appends a word to words.
func joined(words, word string) string {
	if words == "" {
		return word
	}
	return words + "," + word
}
