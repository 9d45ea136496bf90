package file_test

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"os"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/crash/file"
	"github.com/hedgerow/posthog/internal/golden"
)

const (
	first  = "0190a1b2-c3d4-7e5f-8a9b-000000000001"
	second = "0190a1b2-c3d4-7e5f-8a9b-000000000002"
)

// record returns a record as it lies in a file.
func record(text string) string {
	return fmt.Sprintf("=%08x %s\n", crc32.Checksum([]byte(text), crc32.MakeTable(crc32.Castagnoli)), text)
}

// texts returns pieces of JSON as one line.
func texts(list [][]byte) string { return string(bytes.Join(list, []byte(" "))) }

func TestEventsThatWereConfirmedAreLeftOut(t *testing.T) {
	t.Parallel()
	event := func(uuid string) string { return `{"event":"$exception","uuid":"` + uuid + `"}` }
	mark := func(uuid string) string { return `{"delivered":"` + uuid + `"}` }
	for name, c := range map[string]struct {
		records   []string
		want      string
		delivered string
	}{
		"none was confirmed":            {[]string{event(first), event(second)}, event(first) + " " + event(second), ""},
		"the first was confirmed":       {[]string{event(first), mark(first), event(second)}, event(second), first},
		"the last was confirmed":        {[]string{event(first), event(second), mark(second)}, event(first), second},
		"all were confirmed":            {[]string{event(first), event(second), mark(second), mark(first)}, "", first + second},
		"one that was added again":      {[]string{event(first), mark(first), event(first)}, "", first},
		"one that is not there":         {[]string{event(first), mark(second)}, event(first), second},
		"an upper-case uuid is another": {[]string{event(first), mark(strings.ToUpper(first))}, event(first), strings.ToUpper(first)},
		"a uuid further in": {
			[]string{`{"properties":{"uuid":"` + first + `"}}`, `{"UUID":"` + first + `"}`, mark(first)},
			`{"properties":{"uuid":"` + first + `"}} {"UUID":"` + first + `"}`, first,
		},
		"what is no mark": {
			[]string{`{"delivered": "` + first + `"}`, `{"delivered":"` + first + `","a":1}`, `{"delivered":"x"}`, `{"delivered":"` + first[1:] + `g"}`, `{"delivered":"` + first[1:] + `-"}`, `{"Delivered":"` + first + `"}`, `{"delivered":"` + first + `"]`},
			`{"delivered": "` + first + `"} {"delivered":"` + first + `","a":1} {"delivered":"x"} {"delivered":"` + first[1:] + `g"} {"delivered":"` + first[1:] + `-"} {"Delivered":"` + first + `"} {"delivered":"` + first + `"]`, "",
		},
		"what is no event": {[]string{`[1]`, `{"uuid":7}`, `{}`, mark(first)}, `[1] {"uuid":7} {}`, first},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := "{\"v\":1,\"uuid\":\"x\"}\n---\n"
			for _, r := range c.records {
				whole += record(r)
			}
			l, err := file.ParseLeft([]byte(whole + "panic: x\n"))
			if err != nil {
				t.Fatal(err)
			}
			if got := texts(l.Records); got != c.want || string(l.Text) != "panic: x\n" {
				t.Errorf("got records %s and text %q, want %s", got, l.Text, c.want)
			}
			for _, uuid := range []string{first, second, strings.ToUpper(first), "", "x"} {
				if got, want := l.Delivered(uuid), uuid != "" && uuid != "x" && strings.Contains(c.delivered, uuid); got != want {
					t.Errorf("Delivered(%q): got %v, want %v", uuid, got, want)
				}
			}
		})
	}
}

// A mark that was cut off, or damaged, confirms nothing, and what follows is text.
func TestAMarkThatIsDamaged(t *testing.T) {
	t.Parallel()
	sound := record(`{"delivered":"` + first + `"}`)
	for _, mark := range []string{sound[:len(sound)-1], sound[:30], strings.Replace(sound, "1\"", "2\"", 1)} {
		l, err := file.ParseLeft([]byte("{\"v\":1,\"uuid\":\"x\"}\n---\n" + record(`{"uuid":"`+first+`"}`) + mark))
		if err != nil || len(l.Records) != 1 || l.Delivered(first) || l.Delivered(second) || string(l.Text) != mark {
			t.Errorf("%q: got %+v and error %v, want a record that was not confirmed", mark, l, err)
		}
	}
}

func TestWhatIsNoUUIDIsNotConfirmed(t *testing.T) {
	t.Parallel()
	f := create(t, t.TempDir(), 0)
	for _, uuid := range []string{"", "x", first + "0", first[1:], strings.Repeat("-", 36), strings.ReplaceAll(first, "-", "0"), first[:35] + `"`} {
		if err := f.Confirm(uuid); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", uuid)) {
			t.Errorf("%q: got error %v, want one that names it", uuid, err)
		}
	}
}

// The bytes of the format, which other versions of the library will read.
func TestBytesOfACrashFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := create(t, dir, 0)
	for _, err := range []error{
		f.Record([]byte(`{"event":"$exception","uuid":"` + first + `"}`)),
		f.Record([]byte(`{"event":"$exception","uuid":"` + second + `"}`)),
		f.Confirm(first),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	write(t, f, "panic: out of tea\n\ngoroutine 1 [running]:\n")
	f.Die()
	whole, err := os.ReadFile(onlyPath(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "testdata/confirmed.crash", whole)
	l := find(t, dir).Left[0]
	if got := texts(l.Records); got != `{"event":"$exception","uuid":"`+second+`"}` || !l.Delivered(first) || l.Delivered(second) {
		t.Errorf("got records %s, want the second alone", got)
	}
}
