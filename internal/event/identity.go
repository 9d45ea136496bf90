package event

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hedgerow/posthog/internal/uuid7"
)

// MaxDistinctID is the number of characters of a distinct id that PostHog
// keeps.
const MaxDistinctID = 200

// TooLong reports whether PostHog would shorten a distinct id.
func TooLong(id string) bool {
	return len(id) > MaxDistinctID && utf8.RuneCountInString(id) > MaxDistinctID
}

// Blank reports whether an id or a name is empty or nothing but white space.
func Blank(s string) bool {
	return s == "" || s[0] <= ' ' && strings.TrimSpace(s) == "" || s[0] >= utf8.RuneSelf && strings.TrimSpace(s) == ""
}

// illegalIDs are the distinct ids that PostHog refuses to merge, in lower
// case: they are what broken code sends for everybody.
var illegalIDs = map[string]bool{
	"anonymous": true, "guest": true, "distinctid": true, "distinct_id": true, "id": true,
	"not_authenticated": true, "email": true, "undefined": true, "true": true, "false": true,
	"[object object]": true, "nan": true, "none": true, "null": true, "0": true,
	"anonymous-user": true, "backend": true, "system": true, "user": true,
	"00000000-0000-0000-0000-000000000000": true,
}

// Illegal reports whether PostHog stores events of this distinct id, but
// refuses to identify, alias or merge it.
func Illegal(id string) bool {
	id = strings.TrimSpace(id)
	if n := len(id); n >= 2 && (id[0] == '"' || id[0] == '\'') && id[n-1] == id[0] {
		id = id[1 : n-1]
	}
	return illegalIDs[strings.ToLower(id)]
}

// ID returns the uuid that the caller gave, or a new one, and reports whether
// a given one had to be replaced.
func ID(g *uuid7.Generator, given string, now time.Time) (id uuid7.UUID, replaced bool) {
	if given == "" {
		return g.New(now), false
	}
	if id, ok := uuid7.Parse(given); ok {
		return id, false
	}
	return g.New(now), true
}

// Moment returns when an event happened: the caller's time in UTC, or now
// where there is none. A year that RFC 3339 cannot write is replaced.
func Moment(given, now time.Time) (t time.Time, replaced bool) {
	if given.IsZero() {
		return now.UTC(), false
	}
	if t := given.UTC(); t.Year() >= 0 && t.Year() <= 9999 {
		return t, false
	}
	return now.UTC(), true
}
