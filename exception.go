package posthog

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/hedgerow/posthog/internal/event"
)

// Exception is an error for PostHog's error tracking, as plain data:
// [NewException] makes one of an error, and [ServerClient.CaptureException] makes
// and sends one. At least one item with a type is required.
type Exception struct {
	// Type is ignored. It exists for programs written for posthog-go.
	//
	// Deprecated: PostHog ignores it.
	Type string
	// Uuid identifies the event; see [Capture.Uuid].
	Uuid string
	// DistinctId is who met the error. Default: the one of the request context;
	// without one the event has no person profile.
	DistinctId string
	// DebugImages are the binaries that native frames refer to. A client leaves
	// out those that none refers to.
	DebugImages []DebugImage
	// Timestamp is when. The zero time means now.
	Timestamp time.Time
	// Properties are further properties of the event. Those that describe the
	// exception itself are ignored here: the fields decide them. Only
	// $exception_fingerprint counts where there is no ExceptionFingerprint.
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
	// Level says how serious it is. A client takes an empty one for [LevelError].
	Level Level
	// Source is what reported the exception by itself, such as "go.slog". Empty
	// for what the application captures.
	Source string

	sighted *sighting // nil in what the application made
}

func (Exception) internal() {}

// Validate reports an empty ExceptionList, or an item without a type, as a
// [FieldError].
func (msg Exception) Validate() error { return msg.validateList() }

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

// exceptionEvent is the name of every exception's event.
const exceptionEvent = "$exception"

// Names of properties of exceptions.
const (
	propertyExceptionList        = "$exception_list"
	propertyExceptionType        = "$exception_type"
	propertyExceptionMessage     = "$exception_message"
	propertyExceptionLevel       = "$exception_level"
	propertyExceptionSource      = "$exception_source"
	propertyExceptionFingerprint = "$exception_fingerprint"
	propertyDebugImages          = "$debug_images"
)

// foundProperties are those that PostHog's own processing of exceptions finds.
var foundProperties = []string{
	"$exception_handled", "$exception_types", "$exception_values", "$exception_sources", "$exception_functions",
	"$exception_fingerprint_version", "$exception_fingerprint_record", "$exception_proposed_fingerprint",
	"$exception_issue_id", "$exception_release", "$exception_releases", "$cymbal_errors",
}

// reservedExceptionProperties belong to the library or to PostHog; an
// application's properties cannot set them.
var reservedExceptionProperties = append([]string{
	propertyExceptionList, propertyExceptionType, propertyExceptionMessage, propertyExceptionLevel,
	propertyExceptionSource, propertyExceptionFingerprint, propertyDebugImages,
}, foundProperties...)

// issueHints are what an application may say about the issue in properties. One
// that is no text would lose the event.
var issueHints = [...]string{"$issue_name", "$issue_description", "$issue_severity"}

func (msg *Exception) load(d *event.Draft) (header, error) {
	if err := msg.validateList(); err != nil {
		return header{}, err
	}
	list := completed(msg.ExceptionList)
	h := msg.describe(d, list[0].Type, list[0].Value)
	d.Own(propertyExceptionList, list)
	if images := usableImages(msg.DebugImages, list); len(images) > 0 {
		d.Own(propertyDebugImages, images)
	}
	return h, nil
}

// describe makes d the event of msg, but for its list.
func (msg *Exception) describe(d *event.Draft, title, text string) header {
	d.Event = exceptionEvent
	d.DistinctID = msg.DistinctId
	d.Properties = msg.Properties
	d.Reserved = reservedExceptionProperties
	for _, hint := range issueHints {
		if value, given := msg.Properties[hint]; given && stringOf(value) == "" {
			d.Reserved = append(slices.Clone(d.Reserved), hint)
		}
	}
	d.Own(propertyExceptionType, title)
	d.Own(propertyExceptionMessage, text)
	level := msg.Level.known()
	if level != "" {
		d.Own(propertyExceptionLevel, string(level))
	}
	if !event.Blank(msg.Source) {
		d.Own(propertyExceptionSource, msg.Source)
	}
	if fingerprint := msg.fingerprint(); fingerprint != "" {
		d.Own(propertyExceptionFingerprint, fingerprint)
	}
	return header{
		kind: kindException, uuid: msg.Uuid, timestamp: msg.Timestamp, usesContext: true, flags: msg.Flags,
		level: level,
	}
}

// fingerprint is the one that the application gave, or nothing.
func (msg *Exception) fingerprint() string {
	fingerprint := ""
	if msg.ExceptionFingerprint != nil {
		fingerprint = *msg.ExceptionFingerprint
	}
	if event.Blank(fingerprint) {
		fingerprint = stringOf(msg.Properties[propertyExceptionFingerprint])
	}
	if event.Blank(fingerprint) {
		return ""
	}
	return fingerprint
}

// stringOf returns value if it is a string, of whatever type, and nothing
// otherwise.
func stringOf(value any) string {
	if v := reflect.ValueOf(value); v.Kind() == reflect.String {
		return v.String()
	}
	return ""
}
