package posthogtest

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// maxAhead is how far into the future a timestamp may lie.
const maxAhead = 23 * time.Hour

// stored decides an event's time from what the client sent, and names the
// warning it deserves, if any. The time sent is returned beside it, and is zero
// where the one stored does not come from it.
func (c clock) stored(text string, offset *int64, ignoreSentAt bool) (at, sent time.Time, kind WarningKind) {
	at = c.now
	switch {
	case offset != nil:
		at = c.now.Add(-milliseconds(*offset))
	case text != "":
		var ok bool
		if sent, ok = readTime(text); !ok {
			return c.now, time.Time{}, TimestampUnreadable
		}
		at = sent
		if !c.sentAt.IsZero() && !ignoreSentAt {
			at = at.Add(c.now.Sub(c.sentAt))
		}
	}
	if at.After(c.now.Add(maxAhead)) {
		at, sent, kind = c.now, time.Time{}, TimestampInFuture
	}
	if at = at.UTC(); at.Year() < 0 || at.Year() > 9999 {
		at, sent = time.Unix(0, 0).UTC(), time.Time{}
	}
	return at, sent, kind
}

// milliseconds converts without overflow, by stopping at the longest duration.
func milliseconds(n int64) time.Duration {
	const most = int64(1<<63-1) / int64(time.Millisecond)
	return time.Duration(max(-most, min(n, most))) * time.Millisecond
}

// layouts are tried in order. Fractions of a second are read everywhere, a
// missing zone means UTC.
var layouts = []string{
	time.RFC3339,
	"2006-01-02T15:04:05Z0700",
	"2006-01-02T15:04:05",
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04",
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05 Z07:00",
	"2006-01-02 15:04:05 -0700",
	"2006-01-02 15:04:05",
	"2006-01-02 15:04",
	"2006-01-02",
	"2006/01/02 15:04:05",
	"2006/01/02",
	"01/02/2006 15:04:05",
	"01/02/2006",
	"Mon, 2 Jan 2006 15:04:05 -0700",
	"Mon, 2 Jan 2006 15:04:05 MST",
	"2 Jan 2006 15:04:05 -0700",
}

// shortZone is a zone of hours alone after a time of day.
var shortZone = regexp.MustCompile(`:\d\d(\.\d+)?[+-]\d\d$`)

// readTime reads RFC 3339 and the lenient spellings the service accepts.
func readTime(text string) (time.Time, bool) {
	text = strings.TrimSpace(text)
	if shortZone.MatchString(text) {
		text += ":00"
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return readEpoch(text)
}

// readEpoch reads seconds since 1970 as text, or milliseconds when the number
// is too large for seconds.
func readEpoch(text string) (time.Time, bool) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n != n || n < 0 || n > 1e15 {
		return time.Time{}, false
	}
	if n >= 1e11 {
		return time.UnixMilli(int64(n)), true
	}
	return time.UnixMicro(int64(n * 1e6)), true
}

// readClientClock reads the query's client clock: milliseconds, believed only
// after 2020.
func readClientClock(text string) (time.Time, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	t := time.UnixMilli(n)
	return t, t.Year() > 2020
}
