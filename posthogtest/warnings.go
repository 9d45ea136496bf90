package posthogtest

import (
	"strconv"
	"time"
)

// WarningKind names a way in which production loses or changes data without
// telling the client.
type WarningKind string

// What the server looks for in events.
const (
	// RequestRejected: a whole request was refused with a 4xx; every event in
	// it is lost unless the client sends it again.
	RequestRejected WarningKind = "request_rejected"
	// InvalidUUID: a malformed uuid refused its whole request.
	InvalidUUID WarningKind = "skipping_event_invalid_uuid"
	// EventTooLarge: one event above 1,000,000 bytes; it and the events after
	// it in the request are not stored. On the AI route: one above 8 MiB; none
	// of the request is stored.
	EventTooLarge WarningKind = "message_size_too_large"
	// EventDropped: [RouteAnalytics] answered "drop" for the event, which is
	// lost.
	EventDropped WarningKind = "event_dropped"
	// PersonProcessingDisabled: on [RouteAnalytics] a distinct id that stands
	// for nobody, such as "null" or "anonymous"; the event is stored without a
	// person.
	PersonProcessingDisabled WarningKind = "person_processing_disabled"
	// DistinctIDCut: a distinct id longer than 200 characters was cut.
	DistinctIDCut WarningKind = "distinct_id_cut"
	// TimestampInFuture: a time more than 23 hours ahead was replaced by the
	// server's.
	TimestampInFuture WarningKind = "event_timestamp_in_future"
	// TimestampUnreadable: a text that is no time was replaced by the
	// server's time.
	TimestampUnreadable WarningKind = "ignored_invalid_timestamp"
	// SentAtUnreadable: the batch's sent_at is no time, so the client's clock
	// error was not removed.
	SentAtUnreadable WarningKind = "ignored_invalid_sent_at"
	// UUIDReused: a uuid came again with another name, distinct id or day, so
	// the two do not collapse into one row.
	UUIDReused WarningKind = "uuid_reused"
	// IllegalMergeID: an identify, alias or merge with an id such as "null" or
	// "anonymous" was stored and had no effect.
	IllegalMergeID WarningKind = "cannot_merge_with_illegal_distinct_id"
	// MergeOfIdentified: the id being merged in already belongs to an
	// identified person, so nothing was merged.
	MergeOfIdentified WarningKind = "cannot_merge_already_identified"
	// InvalidGroupSet: $group_set is no object; the event is dropped.
	InvalidGroupSet WarningKind = "invalid_group_set"
	// GroupKeyMissing: a $groupidentify without type or key had no effect.
	GroupKeyMissing WarningKind = "group_key_missing"
	// GroupKeyTooLong: a group key above 400 characters; the group is ignored.
	GroupKeyTooLong WarningKind = "group_key_too_long"
	// TooManyGroupTypes: a sixth group type in one project is ignored.
	TooManyGroupTypes WarningKind = "too_many_group_types"
	// SetOnException: $set on an $exception is ignored.
	SetOnException WarningKind = "set_on_exception"
	// MalformedException: an $exception that error tracking cannot read, because
	// of one entry, frame or image; the event is dropped.
	MalformedException WarningKind = "malformed_exception"
	// ImplausibleException: an $exception that error tracking reads, but not as
	// the client can have meant it, such as one that hangs on an entry that is
	// not there.
	ImplausibleException WarningKind = "implausible_exception"
	// ExceptionCut: a type longer than 255 bytes, or a message longer than 10,000
	// bytes, was cut.
	ExceptionCut WarningKind = "exception_cut"
	// UnknownExceptionLevel: $exception_level is none of those that PostHog
	// knows.
	UnknownExceptionLevel WarningKind = "unknown_exception_level"
	// ServerOwnedProperty: a property of an $exception that PostHog finds by
	// itself, such as $exception_types, was removed.
	ServerOwnedProperty WarningKind = "server_owned_property"
	// ProfileFlagNotBoolean: $process_person_profile is not a boolean and
	// counts as true.
	ProfileFlagNotBoolean WarningKind = "invalid_process_person_profile"
	// AICostNotNumber: a cost of an $ai_ event, such as $ai_total_cost_usd, is
	// not a number and is ignored.
	AICostNotNumber WarningKind = "invalid_ai_cost"
)

// Warning is one complaint. Production samples and delays them; this server
// records each at once.
type Warning struct {
	// Kind is the class of problem, PostHog's own name where it has one.
	Kind WarningKind
	// Detail is a sentence for people.
	Detail string
	// Event, DistinctID, UUID and Token tell the event, all "" when the
	// warning is about a whole request.
	Event, DistinctID, UUID, Token string
	// Route is the path the event or the request came by, without a final
	// slash.
	Route string
	// Time is the server's clock.
	Time time.Time
}

// String is the warning on one line.
func (w Warning) String() string {
	s := string(w.Kind) + ": " + w.Detail
	if w.Event != "" {
		s += " (event " + quote(w.Event) + ", distinct id " + quote(w.DistinctID) + ", uuid " + w.UUID + ")"
	}
	return s
}

// about makes a warning about one event.
func about(e *Event, kind WarningKind, detail string) Warning {
	return Warning{
		Kind: kind, Detail: detail, Time: e.Received,
		Event: e.Name, DistinctID: e.DistinctID, UUID: e.UUID, Token: e.Token, Route: e.Route,
	}
}

// loses reports a kind of warning whose event is no row.
func (k WarningKind) loses() bool {
	return k == MalformedException || k == InvalidGroupSet || k == EventDropped
}

func (it *item) warn(kind WarningKind, detail string) {
	it.warnings = append(it.warnings, about(&it.event, kind, detail))
}

// quote is strconv.Quote, shortened for one line of output.
func quote(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "..."
	}
	return strconv.Quote(s)
}
