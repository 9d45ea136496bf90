package posthogtest

import (
	"strings"
	"time"
)

// The most bytes [RouteAnalytics] takes for a name and a distinct id.
const (
	maxName            = 200
	maxDistinctIDBytes = 200
)

// judge makes a line what the project stores, and says what to answer. The
// item is nil where the verdict is to drop it.
func (l *line) judge(from origin, p *preamble, limit int64) (*item, Verdict) {
	distinctID := strings.TrimSpace(l.distinctID)
	verdict := Verdict{Event: l.name, DistinctID: distinctID, UUID: l.uuid, Result: ResultOK}
	drop := func(details string) (*item, Verdict) {
		verdict.Result, verdict.Details = ResultDrop, details
		return nil, verdict
	}
	switch {
	case l.name == "":
		return drop("missing_event_name")
	case len(l.name) > maxName:
		return drop("event_name_too_long")
	case distinctID == "":
		return drop("missing_distinct_id")
	case len(distinctID) > maxDistinctIDBytes:
		return drop("distinct_id_too_large")
	}
	at, err := time.Parse(time.RFC3339, l.timestamp)
	if err != nil {
		return drop("invalid_event_timestamp")
	}
	properties := make(map[string]any)
	if !isNull(l.properties) && (l.properties[0] != '{' || unmarshalExact(l.properties, &properties) != nil) {
		return drop("malformed_event_properties")
	}
	options, ok := readOptions(l.options)
	switch {
	case !ok:
		return drop("invalid_options")
	case l.name == "$performance_event":
		return drop("dropped_performance_event")
	case int64(len(l.raw)) > limit:
		return drop("event_too_big")
	}
	it := &item{event: Event{
		Name:          l.name,
		DistinctID:    strings.ReplaceAll(distinctID, "\x00", "\uFFFD"),
		UUID:          l.uuid,
		SentTimestamp: l.timestamp,
		Properties:    properties,
		Route:         from.route,
		Token:         from.token,
		Historical:    from.historical,
		Received:      from.clock.now,
		Raw:           l.raw,
	}}
	l.promote(properties, options, p)
	it.date(at, from.clock, options.uncorrected)
	if standsForNobody(distinctID) {
		verdict.Details = string(PersonProcessingDisabled)
		it.warn(PersonProcessingDisabled, "the distinct id "+quote(distinctID)+" stands for nobody: the event is stored without a person")
	}
	inspect(it)
	return it, verdict
}

// promote copies into the properties what has a place of its own in this
// protocol, and what the headers say.
func (l *line) promote(properties map[string]any, o options, p *preamble) {
	properties["$lib"], properties["$lib_version"] = p.lib, p.version
	for name, id := range map[string]string{"$session_id": l.sessionID, "$window_id": l.windowID} {
		if id != "" {
			properties[name] = id
		}
	}
	o.copyTo(properties)
}

// date decides the event's time. Uncorrected is stored as it was sent.
func (it *item) date(at time.Time, c clock, uncorrected bool) {
	e := &it.event
	if uncorrected {
		c.sentAt, c.now = time.Time{}, at // nothing is ahead of itself
	}
	var kind WarningKind
	e.Timestamp, e.sent, kind = c.stored(e.SentTimestamp, nil, uncorrected)
	if kind != "" {
		it.warn(kind, "timestamp "+quote(e.SentTimestamp)+" is stored as "+e.Timestamp.Format(time.RFC3339Nano))
	}
}

// nobody are the distinct ids, in lower case, for which [RouteAnalytics] keeps no
// person, beside those of illegalAnyCase.
var nobody = map[string]bool{
	"[object object]": true, "nan": true, "none": true, "null": true, "0": true,
	"00000000-0000-0000-0000-000000000000": true,
	"anonymous-user":                       true,
	"backend":                              true,
	"system":                               true,
	"user":                                 true,
}

// standsForNobody reports a distinct id that many share.
func standsForNobody(id string) bool {
	id = strings.ToLower(id)
	return nobody[id] || illegalAnyCase[id]
}
