package posthog

import "time"

// NewDefaultException returns an [Exception] of one error that the application
// dealt with. The title, which must not be empty, is what PostHog shows, and
// the description is the error's text. The zero timestamp means now. Its stack
// is that of the call, as [DefaultStackTraceExtractor] takes it. Where there is
// an error value, [NewException] tells more.
func NewDefaultException(timestamp time.Time, distinctID, title, description string) Exception {
	return Exception{
		DistinctId: distinctID,
		Timestamp:  timestamp,
		ExceptionList: []ExceptionItem{{
			Type:       title,
			Value:      description,
			Mechanism:  &ExceptionMechanism{Handled: new(true), Synthetic: new(true), Type: "generic"},
			Stacktrace: DefaultStackTraceExtractor{}.GetStackTrace(3),
		}},
	}
}
