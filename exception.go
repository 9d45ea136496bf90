package posthog

import (
	"fmt"
	"time"

	"github.com/hedgerow/posthog/internal/event"
)

// Level says how serious an exception is.
type Level string

// The levels that PostHog knows.
const (
	LevelFatal   Level = "fatal"
	LevelError   Level = "error"
	LevelWarning Level = "warning"
	LevelLog     Level = "log"
	LevelInfo    Level = "info"
	LevelDebug   Level = "debug"
)

// Exception is an error for PostHog's error tracking. DistinctId and at least
// one item with a type are required; with [ServerClient.EnqueueWithContext]
// the distinct id may come from the request context instead.
type Exception struct {
	// Type is ignored. It exists for programs written for posthog-go.
	//
	// Deprecated: PostHog ignores it.
	Type string
	// Uuid identifies the event; see [Capture.Uuid].
	Uuid string
	// DistinctId is who met the error.
	DistinctId string
	// DebugImages are the binaries that native frames refer to.
	DebugImages []DebugImage
	// Timestamp is when. The zero time means now.
	Timestamp time.Time
	// Properties are further properties of the event. Those that describe the
	// exception itself are ignored here: the fields decide them.
	Properties Properties
	// Flags adds the feature flags of a snapshot; see [Capture.Flags].
	Flags *FeatureFlagEvaluations
	// DisableGeoIP is ignored: [Config.DisableGeoIP] decides.
	DisableGeoIP bool
	// IsServer is ignored: [Config.IsServer] decides.
	IsServer bool
	// ExceptionList holds the error that was caught first, and then what
	// caused it. PostHog takes 50.
	ExceptionList []ExceptionItem
	// ExceptionFingerprint groups exceptions into one issue. Nil leaves that to
	// PostHog.
	ExceptionFingerprint *string
	// Level says how serious it is. Empty means [LevelError].
	Level Level
}

func (Exception) internal() {}

// Validate reports an empty DistinctId, an empty ExceptionList, or an item
// without a type as a [FieldError].
func (msg Exception) Validate() error {
	if event.Blank(msg.DistinctId) {
		return kindException.invalid("DistinctId", msg.DistinctId)
	}
	return msg.validateList()
}

func (msg *Exception) validateList() error {
	if len(msg.ExceptionList) == 0 {
		return FieldError{
			Type: string(kindException), Name: "ExceptionList", Value: msg.ExceptionList,
			Reason: "must hold at least one item",
		}
	}
	for i := range msg.ExceptionList {
		if event.Blank(msg.ExceptionList[i].Type) {
			return kindException.invalid(fmt.Sprintf("ExceptionList[%d].Type", i), msg.ExceptionList[i].Type)
		}
	}
	return nil
}

// APIfy returns the event that the message stands for.
func (msg Exception) APIfy() APIMessage { return apify(msg) }

// reservedExceptionProperties belong to the library or to PostHog's own
// processing of exceptions; an application's properties cannot set them.
var reservedExceptionProperties = []string{
	"$exception_list", "$exception_type", "$exception_message", "$exception_level",
	"$exception_source", "$debug_images", "$exception_types", "$exception_values",
	"$exception_sources", "$exception_functions", "$exception_fingerprint_version",
	"$exception_fingerprint_record", "$exception_issue_id", "$exception_release",
	"$cymbal_errors",
}

// maxExceptions is how many exceptions of a chain PostHog takes.
const maxExceptions = 50

func (msg *Exception) load(d *event.Draft) (header, error) {
	if err := msg.validateList(); err != nil {
		return header{}, err
	}
	d.Event = "$exception"
	d.DistinctID = msg.DistinctId
	d.Properties = msg.Properties
	d.Reserved = reservedExceptionProperties
	level := msg.Level
	if level == "" {
		level = LevelError
	}
	first := &msg.ExceptionList[0]
	d.Own("$exception_level", string(level))
	d.Own("$exception_type", first.Type)
	d.Own("$exception_message", first.Value)
	d.Own("$exception_list", msg.ExceptionList[:min(len(msg.ExceptionList), maxExceptions)])
	if len(msg.DebugImages) > 0 {
		d.Own("$debug_images", msg.DebugImages)
	}
	if msg.ExceptionFingerprint != nil && *msg.ExceptionFingerprint != "" {
		d.Own("$exception_fingerprint", *msg.ExceptionFingerprint)
	}
	return header{
		kind: kindException, uuid: msg.Uuid, timestamp: msg.Timestamp, usesContext: true, flags: msg.Flags,
	}, nil
}
