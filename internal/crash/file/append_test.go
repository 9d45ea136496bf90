package file_test

import (
	"strings"
	"testing"
	"time"
)

// What somebody saw of a silent end is found by the next sweep, with the records that were there, and at the same time.
func TestARecordOfTheEnd(t *testing.T) {
	t.Parallel()
	const ended = `{"ended":{"type":"process.killed"}}`
	crashed := time.Now().Add(-time.Minute).Truncate(time.Millisecond)
	for name, c := range map[string]struct {
		records, there string
		want           string // records; empty if there can be no other
	}{
		"alone":                           {"", "", ended},
		"after a record":                  {`{"a":1}`, "", `{"a":1} ` + ended},
		"after a text":                    {`{"a":1}`, "fatal error: y\n", ""},
		"after a record that was cut off": {`{"a":1}`, "=0012", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			l := takeOf(t, dir, c.records, c.there)
			if err := l.Append(nil, crashed); err != nil {
				t.Fatal(err)
			}
			if err := l.Note([]byte(ended)); (err == nil) != (c.want != "") {
				t.Errorf("got error %v, want one if there is a text", err)
			}
			noted := texts(l.Records)
			l.Keep()
			if err := l.Note([]byte(ended)); err == nil {
				t.Error("got no error from a file that was given back")
			}
			again := take(t, dir)
			want := c.want
			if want == "" {
				want = c.records
			}
			if got := texts(again.Records); got != want || noted != want || strings.TrimSuffix(string(again.Text), "\n") != strings.TrimSuffix(c.there, "\n") || !again.Time.Equal(crashed) {
				t.Errorf("got records %s, before %s, and text %q at %s, want %s and %q at %s", got, noted, again.Text, again.Time, want, c.there, crashed)
			}
		})
	}
}
