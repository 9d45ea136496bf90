package posthogtest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/posthogtest"
)

func TestExceptionsAreThoseOfTheEvent(t *testing.T) {
	t.Parallel()
	s := raise(t,
		raised("u", listed(stacked("T", "v", goFrame("main.main", 3, true), goFrame("main.fail", 9, true))+`,{"type":"U"}`)),
		`{"event":"other","distinct_id":"u","properties":`+listed(`{"type":"T"}`)+`}`)
	list := s.Recorder(t).Event("$exception").Event().Exceptions()
	if len(list) != 2 || list[0].Type != "T" || list[1].Type != "U" {
		t.Fatalf("got exceptions %+v, want T and U", list)
	}
	frames := list[0].Frames
	if last := frames[len(frames)-1]; last.Function != "main.fail" || last.Line != 9 || !last.InApp {
		t.Errorf("got last frame %+v, want main.fail in line 9", last)
	}
	if list[1].Frames != nil {
		t.Errorf("got frames %v of an exception without a stacktrace, want nil", list[1].Frames)
	}
	if list := s.Recorder(t).Event("other").Event().Exceptions(); list != nil {
		t.Errorf("got exceptions %+v of another event, want none", list)
	}
	if frames := raise(t, raised("u", listed(stacked("T", "")))).Rows()[0].Exceptions()[0].Frames; frames == nil || len(frames) > 0 {
		t.Errorf("got frames %#v of an empty stacktrace, want none, but not nil", frames)
	}
}

func TestNumbersUpToWhatErrorTrackingReads(t *testing.T) {
	t.Parallel()
	for name, list := range map[string]string{
		"a line of 32 bits":     stacked("T", "", strings.Replace(goFrame("main.main", 7, true), "7", "4294967295", 1)),
		"an id of 64 bits":      `{"type":"T","mechanism":{"exception_id":18446744073709551615}}`,
		"a goroutine below 0":   `{"type":"T","thread_id":-2147483648}`,
		"an address of 64 bits": stacked("T", "", `{"platform":"native","instruction_addr":"0x0ffffffffffffffff"}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := raise(t, raised("u", listed(list)))
			s.Recorder(t).NoWarnings()
			s.Recorder(t).Event("$exception")
		})
	}
}

// Proves EXC-26: what PostHog finds by itself is removed, and the client told.
func TestWhatIsNotTheClientsIsRemoved(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"$exception_types", "$exception_values", "$exception_sources", "$exception_functions", "$exception_handled",
		"$exception_issue_id", "$exception_fingerprint_record", "$exception_fingerprint_version",
		"$exception_proposed_fingerprint", "$exception_release", "$exception_releases", "$cymbal_errors",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := raise(t, raised("u", listed(`{"type":"T"}`, `"`+name+`":null`, `"$exception_type":"T"`)),
				`{"event":"other","distinct_id":"u","properties":{"`+name+`":7}}`)
			s.Recorder(t).Event("$exception").NoProperty(name).Property("$exception_type", "T")
			s.Recorder(t).Event("other").Property(name, 7)
			if got := kinds(s); !slices.Equal(got, []posthogtest.WarningKind{posthogtest.ServerOwnedProperty}) ||
				!strings.HasPrefix(s.Warnings()[0].Detail, name+": ") {
				t.Errorf("got warnings %v, want one about %s", s.Warnings(), name)
			}
		})
	}
}

func TestTextsOfExceptionsAreCut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		title, value         string
		wantTitle, wantValue string
		cuts                 int
	}{
		"as long as may be":            {strings.Repeat("T", 255), strings.Repeat("v", 10_000), strings.Repeat("T", 255), strings.Repeat("v", 10_000), 0},
		"a type that is too long":      {strings.Repeat("T", 256), "v", strings.Repeat("T", 252) + "...", "v", 1},
		"a message that is too long":   {"T", strings.Repeat("v", 10_001), "T", strings.Repeat("v", 10_000), 1},
		"both, in letters of two":      {strings.Repeat("é", 128) + "T", "v" + strings.Repeat("é", 5000), strings.Repeat("é", 126) + "...", "v" + strings.Repeat("é", 4999), 2},
		"a letter of two at the limit": {"T" + strings.Repeat("é", 128), "v", "T" + strings.Repeat("é", 125) + "...", "v", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := raise(t, raised("u", listed(`{"type":"first"},`+fmt.Sprintf(`{"type":%q,"value":%q,"extra":1}`, c.title, c.value))))
			s.Recorder(t).Event("$exception").Property("$exception_list", []any{
				map[string]any{"type": "first"},
				map[string]any{"type": c.wantTitle, "value": c.wantValue, "extra": 1},
			})
			if e := s.Rows()[0].Exceptions()[1]; e.Type != c.wantTitle || e.Value != c.wantValue {
				t.Errorf("got type %q and value %s, want %q and %s", e.Type, cut(e.Value), c.wantTitle, cut(c.wantValue))
			}
			for _, w := range s.Warnings() {
				if !strings.HasPrefix(w.Detail, "$exception_list[1].") {
					t.Errorf("got %s, want the path of the second exception", w)
				}
			}
			want := slices.Repeat([]posthogtest.WarningKind{posthogtest.ExceptionCut}, c.cuts)
			if got := kinds(s); !slices.Equal(got, want) {
				t.Errorf("got warnings %v, want %v", s.Warnings(), want)
			}
		})
	}
}

func TestChainsMayBeTooLong(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{50: 0, 51: 1} {
		s := raise(t, raised("u", listed(strings.Join(slices.Repeat([]string{`{"type":"T"}`}, n), ","))))
		if got := s.Warnings(); len(got) != want || want > 0 && got[0].Kind != posthogtest.ImplausibleException {
			t.Errorf("%d exceptions: got warnings %v, want %d", n, got, want)
		}
		if got := len(s.Rows()[0].Exceptions()); got != n {
			t.Errorf("got %d exceptions, want %d", got, n)
		}
	}
}

func TestExceptionsAreReadOnEveryRoute(t *testing.T) {
	t.Parallel()
	s := still(t, posthogtest.Config{})
	const bad = `{"$exception_list":[{"type":""}]}`
	if got := report(t, s, sheet(odd("event", `"$exception"`, "properties", bad))); got.status != 200 || !strings.Contains(got.body, `"ok"`) {
		t.Errorf("got %d %s, want ok: nobody tells the client", got.status, got.body)
	}
	for _, path := range []string{"/e/", "/capture"} {
		if got := call(t, s, "POST", path, nil, strings.Replace(raised("u", bad), "{", `{"token":"phc_test",`, 1)); got.status != 200 {
			t.Errorf("%s: got %d %s, want 200", path, got.status, got.body)
		}
	}
	s.Recorder(t).None("$exception")
	if got := len(s.Warnings()); got != 3 || len(s.Events()) != 3 {
		t.Errorf("got %d warnings and %d events, want 3 and 3", got, len(s.Events()))
	}
}

func TestAFailureTellsWhatWasLost(t *testing.T) {
	t.Parallel()
	s := raise(t, event("other", "u", 2),
		`{"event":"$exception","distinct_id":"u","uuid":"`+uuid(2)+`","properties":`+listed(`{"type":7}`)+`}`, // a warning about the uuid comes after it
		`{"event":"$groupidentify","distinct_id":"u","properties":{"$group_type":"company","$group_key":"acme","$group_set":7}}`)
	const want = "  lost: malformed_exception: $exception_list[0].type is 7, want a string that is not empty: the whole event is lost"
	for name, state := range map[string]func(r *posthogtest.Recorder){
		"an event": func(r *posthogtest.Recorder) { r.Event("$exception") },
		"a count":  func(r *posthogtest.Recorder) { r.Count("$exception", 1) },
		"an issue": func(r *posthogtest.Recorder) { r.Issue("T") },
		"issues":   func(r *posthogtest.Recorder) { r.IssueCount(1) },
	} {
		tb, narrow := new(fakeTB), new(fakeTB)
		state(s.Recorder(tb))
		state(s.Recorder(narrow).For("v"))
		if len(tb.errors) != 1 || !strings.Contains(tb.errors[0], want) {
			t.Errorf("%s: got failures %q, want one with %q", name, tb.errors, want)
		}
		if len(narrow.errors) != 1 || strings.Contains(narrow.errors[0], "lost") {
			t.Errorf("%s of somebody else: got failures %q, want one that does not tell of it", name, narrow.errors)
		}
	}
}
