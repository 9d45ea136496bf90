package posthog

import "fmt"

// CaptureEventError is what PostHog said about one event that it did not store.
// errors.As finds it in a [DeliveryError], for programs written for posthog-go;
// others read the fields of that.
type CaptureEventError struct {
	// EventUUID is the event's uuid, empty where the error is about several.
	EventUUID string
	// Result is PostHog's word, such as "drop".
	Result string
	// Details is its reason, if it gave one.
	Details string
	// Exhausted says that PostHog wanted the event again, and that the client
	// had no attempt left.
	Exhausted bool
}

// Error says what became of the event, and why.
func (e *CaptureEventError) Error() string {
	text := fmt.Sprintf("capture event %s: %s", e.EventUUID, e.Result)
	if e.Details != "" {
		text += " (" + e.Details + ")"
	}
	if e.Exhausted {
		text += ", and no attempt is left"
	}
	return text
}

// CaptureRequestError is why a whole request failed. errors.As finds it in a
// [DeliveryError], for programs written for posthog-go; others read the fields
// of that.
type CaptureRequestError struct {
	// StatusCode is the HTTP status, 0 if there was no answer.
	StatusCode int
	// Code names PostHog's reason, if it gave one, such as
	// "payload_too_large".
	Code string
	// Description explains it, if PostHog does.
	Description string
	// Endpoint is the path that the request went to.
	Endpoint string
	// Err is the error of the transport, if there was no answer.
	Err error
}

// Error says which request failed, and why.
func (e *CaptureRequestError) Error() string {
	text := "capture request to " + e.Endpoint + " failed"
	if e.StatusCode != 0 {
		text += fmt.Sprintf(": status %d", e.StatusCode)
	}
	for _, part := range [...]string{e.Code, e.Description} {
		if part != "" {
			text += ": " + part
		}
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the error of the transport.
func (e *CaptureRequestError) Unwrap() error { return e.Err }

// As makes errors.As find a *CaptureEventError or a *CaptureRequestError,
// whichever fits.
func (e *DeliveryError) As(target any) bool {
	switch t := target.(type) {
	case **CaptureEventError:
		if e.Result == "" {
			return false
		}
		*t = &CaptureEventError{
			EventUUID: e.UUID,
			Result:    e.Result,
			Details:   e.Details,
			Exhausted: e.Outcome == OutcomeRetriesExhausted,
		}
		return true
	case **CaptureRequestError:
		if e.Result != "" || e.endpoint == "" {
			return false
		}
		description := e.description
		if e.code == "" && description == "" {
			description = e.Message // a proxy's, or that of an endpoint which has no codes
		}
		*t = &CaptureRequestError{
			StatusCode:  e.Status,
			Code:        e.code,
			Description: description,
			Endpoint:    e.endpoint,
			Err:         e.Err,
		}
		return true
	}
	return false
}
