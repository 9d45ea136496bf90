package posthog

// CaptureMode is a protocol to send events with. Whatever it is, events are the
// same, and so are the names and times that PostHog stores; and those that an
// earlier process left in the spool are sent with the one that is set now.
type CaptureMode uint8

// The capture modes.
const (
	// CaptureModeLegacy, the zero value, posts batches to /batch/, which every
	// PostHog understands. A batch is taken or refused whole.
	CaptureModeLegacy CaptureMode = iota
	// CaptureModeAnalyticsV1 posts them to /i/v1/analytics/events, which answers
	// for each event: what it refuses does not harm the others, and what it could
	// not store is sent again, and nothing else. The server's words are in
	// [Delivery], [EventResult] and [DeliveryError]. It refuses names and
	// distinct ids of more than 200 bytes. $session_id, $window_id and a few other
	// properties have a place and a type of their own there: of another type they
	// are left out. Self-hosted servers may lack this endpoint; then every event
	// ends as [OutcomeRejected].
	CaptureModeAnalyticsV1
	// CaptureModeAuto is CaptureModeAnalyticsV1 until the server turns out to
	// lack the endpoint, with status 404 or 405, and CaptureModeLegacy from then
	// on, with a warning, until the client is closed. No event is lost by it.
	CaptureModeAuto
)

// String returns "v0", "v1" or "auto".
func (m CaptureMode) String() string {
	switch m {
	case CaptureModeLegacy:
		return "v0"
	case CaptureModeAnalyticsV1:
		return "v1"
	case CaptureModeAuto:
		return "auto"
	}
	return "unknown"
}

// parseCaptureMode reads the value of POSTHOG_CAPTURE_MODE.
func parseCaptureMode(text string) (CaptureMode, bool) {
	switch text {
	case "v0", "legacy":
		return CaptureModeLegacy, true
	case "v1", "analytics_v1":
		return CaptureModeAnalyticsV1, true
	case "auto":
		return CaptureModeAuto, true
	}
	return 0, false
}
