package posthog

// CaptureMode is a protocol to send events with.
type CaptureMode uint8

// CaptureModeLegacy is the zero value: it posts batches to /batch/, which every
// PostHog understands.
const CaptureModeLegacy CaptureMode = 0
