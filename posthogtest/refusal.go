package posthogtest

import (
	"fmt"
	"net/http"
)

// refusal is a request the service turns away: a status and a plain sentence.
type refusal struct {
	status int
	text   string
	// kind is the ingestion warning recorded with it.
	kind WarningKind
}

func malformed(format string, args ...any) *refusal {
	return &refusal{http.StatusBadRequest, fmt.Sprintf(format, args...), RequestRejected}
}

func unauthorized(format string, args ...any) *refusal {
	return &refusal{http.StatusUnauthorized, fmt.Sprintf(format, args...), RequestRejected}
}

func tooLarge(format string, args ...any) *refusal {
	return &refusal{http.StatusRequestEntityTooLarge, fmt.Sprintf(format, args...), RequestRejected}
}

// inEvent says which event of a batch is at fault.
func (r *refusal) inEvent(index, total int) *refusal {
	if total > 1 {
		r.text = fmt.Sprintf("event %d of %d: %s", index+1, total, r.text)
	}
	return r
}
