package event_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/uuid7"
)

func TestTooLong(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		id   string
		want bool
	}{
		"empty":                       {"", false},
		"200 letters":                 {strings.Repeat("a", 200), false},
		"201 letters":                 {strings.Repeat("a", 201), true},
		"200 characters of two bytes": {strings.Repeat("ß", 200), false},
		"201 characters of two bytes": {strings.Repeat("ß", 201), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := event.TooLong(tc.id); got != tc.want {
				t.Errorf("TooLong(%q): got %v, want %v", tc.id, got, tc.want)
			}
		})
	}
}

func TestBlank(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"": true, " ": true, "\t\r\n ": true, "\u00a0": true, "\u0085": true, "\u2003\u3000": true, " \u2028": true,
		"a": false, " a": false, "\u00a0a": false, "ß": false, "0": false, "\x00": false, "\u200b": false, "\xff": false,
	} {
		if got := event.Blank(text); got != want {
			t.Errorf("Blank(%q): got %v, want %v", text, got, want)
		}
	}
}

func TestIllegal(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{
		"anonymous": true, "Anonymous": true, " guest ": true, "distinct_id": true, "DISTINCTID": true, "id": true,
		"not_authenticated": true, "email": true, "undefined": true, "true": true, "false": true,
		"[object Object]": true, "NaN": true, "None": true, "null": true, "0": true, `"null"`: true, "'null'": true,
		"anonymous-user": true, "backend": true, "system": true, "user": true,
		"00000000-0000-0000-0000-000000000000": true,
		"user_42":                              false, "1": false, "": false, `"`: false, `"null'`: false, `"user_42"`: false,
		"users": false, "00000000-0000-0000-0000-000000000001": false,
	} {
		if got := event.Illegal(id); got != want {
			t.Errorf("Illegal(%q): got %v, want %v", id, got, want)
		}
	}
}

// Proves CAP-10.
func TestID(t *testing.T) {
	t.Parallel()
	const given = "0198f2c4-7a10-7c3e-9d54-3b0f6f0a1c22"
	for name, tc := range map[string]struct {
		given    string
		kept     bool
		replaced bool
	}{
		"a new one without any":     {"", false, false},
		"the one that was given":    {given, true, false},
		"in upper case":             {strings.ToUpper(given), true, false},
		"in braces":                 {"{" + given + "}", true, false},
		"as a name":                 {"urn:uuid:" + given, true, false},
		"a new one for a bad one":   {"order-42", false, true},
		"a new one for a short one": {given[1:], false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var g uuid7.Generator
			id, replaced := event.ID(&g, tc.given, noon)
			if replaced != tc.replaced || (id.String() == given) != tc.kept {
				t.Errorf("ID(%q): got %v, replaced %v, want it kept: %v, replaced: %v", tc.given, id, replaced, tc.kept, tc.replaced)
			}
			if id == (uuid7.UUID{}) || id[6]>>4 != 7 {
				t.Errorf("ID(%q): got %v, want a version 7", tc.given, id)
			}
		})
	}
}

// Proves CAP-8.
func TestMoment(t *testing.T) {
	t.Parallel()
	india := time.FixedZone("", 19800)
	early := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		given    time.Time
		want     time.Time
		replaced bool
	}{
		"now without any":                   {time.Time{}, noon, false},
		"the caller's, down to nanoseconds": {noon.Add(-time.Nanosecond), noon.Add(-time.Nanosecond), false},
		"the caller's, in UTC":              {noon.In(india), noon, false},
		"the year 0":                        {early, early, false},
		"the year 0 that is -1 in UTC":      {early.Add(-time.Hour).In(india), noon, true},
		"the year 9999":                     {time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), false},
		"the year 10000":                    {time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), noon, true},
		"long before":                       {time.Date(-44, 3, 15, 0, 0, 0, 0, time.UTC), noon, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, replaced := event.Moment(tc.given, noon.In(india))
			if !got.Equal(tc.want) || got.Location() != time.UTC || replaced != tc.replaced {
				t.Errorf("Moment(%v): got %v, replaced %v, want %v in UTC, %v", tc.given, got, replaced, tc.want, tc.replaced)
			}
		})
	}
}
