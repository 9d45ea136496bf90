package posthogtest

import (
	"fmt"
	"net/http"
)

// refusal is a request the service turns away: a status and a sentence.
type refusal struct {
	status int
	text   string
	// kind is the ingestion warning recorded with it.
	kind WarningKind
	// word is the error word on [RouteAnalytics], "" for the status's own.
	word string
}

func reject(status int, word, format string, args ...any) *refusal {
	return &refusal{status: status, text: fmt.Sprintf(format, args...), kind: RequestRejected, word: word}
}

func malformed(format string, args ...any) *refusal {
	return reject(http.StatusBadRequest, "", format, args...)
}

func unauthorized(format string, args ...any) *refusal {
	return reject(http.StatusUnauthorized, "", format, args...)
}

func tooLarge(format string, args ...any) *refusal {
	return reject(http.StatusRequestEntityTooLarge, "", format, args...)
}

// inEvent says which event of a batch is at fault.
func (r *refusal) inEvent(index, total int) *refusal {
	if total > 1 {
		r.text = fmt.Sprintf("event %d of %d: %s", index+1, total, r.text)
	}
	return r
}
