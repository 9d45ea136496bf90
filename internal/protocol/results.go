package protocol

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/transport"
	"github.com/hedgerow/posthog/internal/wire"
)

// readResults reads the results out of a 2xx answer.
func readResults(records []queue.Record, answer *delivery.Answer) {
	m := matcher{records: records, results: slices.Grow(answer.Results[:0], len(records))[:len(records)]}
	clear(m.results)
	err := wire.DecodeResults(answer.Body, m.tell)
	answer.Results = m.results
	switch {
	case errors.Is(err, wire.ErrTruncated) && !answer.BodyCut:
		// The rest was lost on the way. Sent again, the request has the same
		// id, and the server knows what it has.
		answer.Outcome, answer.MaybeDelivered = transport.Retry, true
		answer.Err = fmt.Errorf("read answer of %s: %w", RouteAnalytics, err)
	case errors.Is(err, wire.ErrMalformed):
		answer.Reading = delivery.Garbled
		answer.Message = fmt.Sprintf("the answer of %s, of the type %q, holds no results", RouteAnalytics, answer.ContentType)
	case m.usual():
		answer.Reading, answer.Word = delivery.Alike, wire.ResultOK
	default:
		answer.Reading = delivery.Each
	}
}

// matcher finds the record that a result is about.
type matcher struct {
	records []queue.Record
	results []delivery.Result
	next    int              // the record that is mentioned next, if the answer keeps their order
	places  map[[16]byte]int // of all records; nil as long as it does
}

// tell takes in one result. Of two about one event, the later counts.
func (m *matcher) tell(event [16]byte, word, details string) {
	at := m.next
	if at >= len(m.records) || m.records[at].UUID != event {
		var known bool
		if at, known = m.find(event); !known {
			return
		}
	}
	m.next = at + 1
	m.results[at] = delivery.Result{Fate: fateOf(word, details), Word: tidy(word), Details: tidy(details)}
}

// find returns the place of an event that is mentioned out of turn.
func (m *matcher) find(event [16]byte) (at int, known bool) {
	if m.places == nil {
		m.places = make(map[[16]byte]int, len(m.records))
		for i := range m.records {
			m.places[m.records[i].UUID] = i
		}
	}
	at, known = m.places[event]
	return at, known
}

// usual reports whether every record was stored without a remark.
func (m *matcher) usual() bool {
	for i := range m.results {
		if r := &m.results[i]; r.Word != wire.ResultOK || r.Details != "" {
			return false
		}
	}
	return true
}

// tidy makes text of unknown origin fit for a log. What a server usually says
// is fit already.
func tidy(text string) string {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] >= 0x7f || i == 64 {
			return transport.OneLine(text)
		}
	}
	return text
}

// overQuota ends the details of events that are dropped because the project
// has used up what it may have of their kind.
const overQuota = "_over_quota"

// fateOf says what a server's word means. One that it may have some day is a
// refusal: what it does not ask for is not sent again.
func fateOf(word, details string) delivery.Fate {
	switch word {
	case wire.ResultDrop:
		if strings.HasSuffix(details, overQuota) {
			return delivery.Limited
		}
	case wire.ResultOK, wire.ResultWarning:
		return delivery.Stored
	case wire.ResultLimited:
		return delivery.Limited
	case wire.ResultRetry:
		return delivery.Again
	}
	return delivery.Refused
}
