package delivery

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/hedgerow/posthog/internal/queue"
)

// Verdict says what became of events, and why.
type Verdict struct {
	Outcome   queue.Outcome
	Status    int    // of the last answer; 0 if none came
	Message   string // of the last answer, or of the client
	Result    string // the server's word about these events, if it has one for each
	Details   string // and its reason, if it gave one
	RequestID string // of the batch, where the endpoint has such a thing
	Endpoint  string // the path that the last request went to; "" if there was none
	Attempts  int
	Err       error // of the transport, if no answer came

	// Code and Description are the endpoint's reason for taking nothing. The
	// Message has them as well.
	Code, Description string
}

// Same reports whether v and w say the same, be it of different requests. Errors are compared by their
// text: those of the application need not be comparable.
func (v Verdict) Same(w Verdict) bool {
	return v.Outcome == w.Outcome && v.Attempts == w.Attempts && v.Reason() == w.Reason()
}

// Reason says in a few words why the events ended, or the attempt failed, the
// way it did, and what to do about it if that is known.
func (v Verdict) Reason() string {
	var parts []string
	if v.Status != 0 {
		parts = append(parts, fmt.Sprintf("status %d", v.Status))
	}
	if v.Result != "" {
		parts = append(parts, "result "+v.Result)
	}
	if v.Details != "" {
		parts = append(parts, v.Details)
	}
	if v.Message != "" {
		parts = append(parts, v.Message)
	}
	if v.Err != nil {
		parts = append(parts, v.Err.Error())
	}
	if remedy := Remedy(v.Status); remedy != "" {
		parts = append(parts, remedy)
	}
	if len(parts) == 0 {
		return v.Outcome.String()
	}
	return strings.Join(parts, ": ")
}

// Remedy says what the operator can do about a status; "" if nothing is known.
func Remedy(status int) string {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return "check the project API key"
	case http.StatusPaymentRequired:
		return "check the billing limits of the project"
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return "check Config.Endpoint and Config.CaptureMode"
	}
	return ""
}
