package evaluation_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/hedgerow/posthog/internal/evaluation"
	"github.com/hedgerow/posthog/internal/flagsync/remote"
)

// Proves FO-01, FO-02, FO-03, FO-04, FO-05, FO-07, FR-10, FR-12, C-23, C-25 and GO-24.
func TestWhatBecomesOfManyFlags(t *testing.T) {
	t.Parallel()
	all := []string{"far", "nowhere", "off", "on", "plan", "split", "zeal"}
	for name, tc := range map[string]struct {
		setup
		keys  []string
		reply reply
		asked []string // nil for all, if there is a request
		want  []string // what is known of all the keys above
		found []string
		err   error
		none  bool // there is no request
	}{
		"all are decided": {
			setup: setup{definitions: decided}, none: true, found: []string{"on"},
			want: []string{"far is missing: flag_missing", "nowhere is missing: flag_missing", "off is missing: flag_missing", "on=true local", "plan is missing: flag_missing", "split is missing: flag_missing", "zeal is missing: flag_missing"},
		},
		"one is open, and the definitions win": {
			setup: setup{definitions: definitions}, reply: reply{body: full}, found: []string{"far", "off", "on", "plan", "split", "zeal"},
			want: []string{"far=true remote", "nowhere is missing: flag_missing", "off=false local", "on=true local", "plan=gold remote", "split=blue local", "zeal=true local"},
		},
		"without definitions": {
			reply: reply{body: full}, found: []string{"far", "on", "plan"},
			want: []string{"far=true remote", "nowhere is missing: flag_missing", "off is missing: flag_missing", "on=false remote", "plan=gold remote", "split is missing: flag_missing", "zeal is missing: flag_missing"},
		},
		"the answer is partial": {
			setup: setup{definitions: definitions}, reply: reply{body: `{"flags":{"far":{"enabled":true},"plan":{"enabled":false,"failed":true}},"errorsWhileComputingFlags":true}`},
			found: []string{"far", "off", "on", "split", "zeal"},
			want: []string{"far=true remote: errors_while_computing_flags", "nowhere is unresolved: errors_while_computing_flags,flag_missing", "off=false local", "on=true local",
				"plan is unresolved: errors_while_computing_flags,evaluation_failed", "split=blue local", "zeal=true local"},
		},
		"the request fails": {
			setup: setup{definitions: definitions}, reply: reply{status: http.StatusServiceUnavailable}, found: []string{"off", "on", "split", "zeal"}, err: &remote.Error{Kind: remote.API},
			want: []string{"far is unresolved: api_error_503", "nowhere is unresolved: api_error_503", "off=false local", "on=true local", "plan is unresolved: api_error_503", "split=blue local", "zeal=true local"},
		},
		"over the quota": {
			reply: reply{body: `{"quotaLimited":["feature_flags"]}`}, err: &remote.Error{Kind: remote.QuotaLimited},
			want: []string{"far is unresolved: quota_limited", "nowhere is unresolved: quota_limited", "off is unresolved: quota_limited", "on is unresolved: quota_limited", "plan is unresolved: quota_limited", "split is unresolved: quota_limited", "zeal is unresolved: quota_limited"},
		},
		"nobody may be asked": {
			setup: setup{definitions: definitions, local: true}, none: true, found: []string{"off", "on", "split", "zeal"},
			want: []string{"far is missing: flag_missing", "nowhere is missing: flag_missing", "off=false local", "on=true local", "plan is unresolved: evaluation_failed", "split=blue local", "zeal=true local"},
		},
		"nobody may be asked, and there are no definitions": {
			setup: setup{local: true}, none: true, err: evaluation.ErrNotLoaded,
			want: []string{"far is unresolved: evaluation_failed", "nowhere is unresolved: evaluation_failed", "off is unresolved: evaluation_failed", "on is unresolved: evaluation_failed", "plan is unresolved: evaluation_failed", "split is unresolved: evaluation_failed", "zeal is unresolved: evaluation_failed"},
		},
		"none are asked for": {
			setup: setup{definitions: definitions}, keys: []string{}, reply: reply{body: full}, none: true,
			want: []string{"far is missing: flag_missing", "nowhere is missing: flag_missing", "off is missing: flag_missing", "on is missing: flag_missing", "plan is missing: flag_missing", "split is missing: flag_missing", "zeal is missing: flag_missing"},
		},
		"some are asked for, and decided": {
			setup: setup{definitions: definitions}, keys: []string{"zeal", "on", "on"}, reply: reply{body: full}, none: true, found: []string{"on", "zeal"},
			want: []string{"far is missing: flag_missing", "nowhere is missing: flag_missing", "off is missing: flag_missing", "on=true local", "plan is missing: flag_missing", "split is missing: flag_missing", "zeal=true local"},
		},
		"some are asked for, and one is open": {
			setup: setup{definitions: definitions}, keys: []string{"plan", "on"}, reply: reply{body: full}, asked: []string{"plan", "on"}, found: []string{"on", "plan"},
			want: []string{"far is missing: flag_missing", "nowhere is missing: flag_missing", "off is missing: flag_missing", "on=true local", "plan=gold remote", "split is missing: flag_missing", "zeal is missing: flag_missing"},
		},
		"some are asked for, and one has no definition": {
			setup: setup{definitions: definitions}, keys: []string{"on", "far", "nowhere"}, reply: reply{body: full}, asked: []string{"on", "far", "nowhere"}, found: []string{"far", "on"},
			want: []string{"far=true remote", "nowhere is missing: flag_missing", "off is missing: flag_missing", "on=true local", "plan is missing: flag_missing", "split is missing: flag_missing", "zeal is missing: flag_missing"},
		},
		"some are asked for, and the request fails": {
			setup: setup{definitions: definitions}, keys: []string{"on", "far"}, reply: reply{err: errRefused}, asked: []string{"on", "far"}, found: []string{"on"}, err: &remote.Error{Kind: remote.Connection},
			want: []string{"far is unresolved: connection_error", "nowhere is missing: flag_missing", "off is missing: flag_missing", "on=true local", "plan is missing: flag_missing", "split is missing: flag_missing", "zeal is missing: flag_missing"},
		},
		"some are asked for, and nobody may be asked": {
			setup: setup{definitions: definitions, local: true}, keys: []string{"on", "plan", "far"}, none: true, found: []string{"on"},
			want: []string{"far is missing: flag_missing", "nowhere is missing: flag_missing", "off is missing: flag_missing", "on=true local", "plan is unresolved: evaluation_failed", "split is missing: flag_missing", "zeal is missing: flag_missing"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t, tc.setup)
			w.server.answer(tc.reply)
			r := person("u-1")
			r.Keys = tc.keys
			s, err := w.All(t.Context(), r)
			if !sameError(err, tc.err) {
				t.Errorf("All(%q) has error %v, want %v", tc.keys, err, tc.err)
			}
			var got []string
			for _, key := range all {
				got = append(got, described(s.Lookup(key)))
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("All(%q) has\n%q, want\n%q", tc.keys, got, tc.want)
			}
			if got := s.Keys(); !slices.Equal(got, tc.found) {
				t.Errorf("All(%q) has the keys %q, want %q", tc.keys, got, tc.found)
			}
			requests := 1
			if tc.none {
				requests = 0
			}
			for _, b := range w.wantRequests(requests) {
				if !slices.Equal(b.Keys, tc.asked) || (b.Keys == nil) != (tc.asked == nil) {
					t.Errorf("All(%q) asks for %q, want %q", tc.keys, b.Keys, tc.asked)
				}
			}
		})
	}
}

// described shows a record, its source and its errors.
func described(r evaluation.Record) string {
	text := value(r)
	if r.State == evaluation.Found {
		text += " " + r.Source.String()
	}
	if r.Errors != "" {
		text += ": " + r.Errors
	}
	return text
}

// A flag that is open because the request failed knows the request.
func TestTheRequestThatFailed(t *testing.T) {
	t.Parallel()
	w := open(t, setup{})
	w.server.answer(reply{body: `{"quotaLimited":["feature_flags"],"requestId":"r-9"}`})
	for _, keys := range [][]string{nil, {"a"}} {
		r := person("u-1")
		r.Keys = keys
		s, err := w.All(t.Context(), r)
		if got := s.Lookup("a"); err == nil || got.RequestID != "r-9" {
			t.Errorf("All(%q) has %+v, error %v, want the request r-9", keys, got, err)
		}
	}
	if reports := w.reported(); len(reports) != 2 {
		t.Errorf("reported is %q, want the quota twice", reports)
	}
}

// What a Set yields is what Lookup finds, in order, and as often as it is asked.
//
// Proves FT-19.
func TestTheOrderOfASet(t *testing.T) {
	t.Parallel()
	w := open(t, setup{definitions: definitions})
	w.server.answer(answers("aaa", "b", "on", "plan", "pz", "zz"))
	w.SetOverrides(map[string]evaluation.Override{"b": {Enabled: true}, "zeal": {}, "zzz": {Enabled: true}})
	s, err := w.All(t.Context(), person("u-1"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"aaa=true remote", "b=true override", "off=false local", "on=true local", "plan=true remote", "pz=true remote",
		"split=blue local", "zeal=false override", "zz=true remote", "zzz=true override"}
	for range 2 {
		var got []string
		for r := range s.All() {
			got = append(got, described(r))
			if again := described(s.Lookup(r.Key)); again != got[len(got)-1] {
				t.Errorf("Lookup(%q) is %q, All yields %q", r.Key, again, got[len(got)-1])
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("All yields\n%q, want\n%q", got, want)
		}
	}
	for n := range want {
		left := n + 1
		for range s.All() {
			if left--; left == 0 {
				break
			}
		}
		if left != 0 {
			t.Errorf("a loop that ends after %d of %d goes on", n+1, len(want))
		}
	}
}

// A nil Set, and one of nothing, can be read.
func TestAnEmptySet(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*evaluation.Set{"nil": nil, "zero": {}} {
		if r := s.Lookup("a"); r.State == evaluation.Found || r.Key != "a" || r.ConditionIndex != -1 {
			t.Errorf("Lookup of a %s Set is %+v, want nothing", name, r)
		}
		if keys := s.Keys(); keys != nil {
			t.Errorf("Keys of a %s Set are %q, want none", name, keys)
		}
	}
}

// A Set stays what it was when the definitions become others.
//
// Proves FT-19.
func TestASetOutlivesItsDefinitions(t *testing.T) {
	t.Parallel()
	w := open(t, setup{definitions: definitions, polled: true, local: true})
	before, err := w.All(t.Context(), person("u-1"))
	if err != nil {
		t.Fatal(err)
	}
	w.server.define(decided)
	if err := w.loader.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	after, err := w.All(t.Context(), person("u-1"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := before.Keys(), []string{"off", "on", "split", "zeal"}; !slices.Equal(got, want) {
		t.Errorf("the Set of before has %q, want %q", got, want)
	}
	if got, want := after.Keys(), []string{"on"}; !slices.Equal(got, want) {
		t.Errorf("the Set of after has %q, want %q", got, want)
	}
	if got := before.Lookup("split").Variant; got != "blue" {
		t.Errorf("split of before is %q, want blue", got)
	}
}

// Proves FR-14: without a cache, each question is a request.
func TestEachQuestionIsAskedAfresh(t *testing.T) {
	t.Parallel()
	w := open(t, setup{definitions: definitions})
	w.server.answer(answers("plan"))
	for range 3 {
		w.one("plan", "u-1", evaluation.Found, evaluation.Remote, "")
	}
	if _, err := w.All(t.Context(), person("u-1")); err != nil {
		t.Fatal(err)
	}
	w.wantRequests(4)
	w.server.answer(reply{status: http.StatusBadRequest})
	w.one("plan", "u-1", evaluation.Unresolved, evaluation.None, "api_error_400")
	if s, err := w.All(t.Context(), person("u-1")); errors.Is(err, nil) || !s.Lookup("on").Enabled {
		t.Errorf("All after a failure is %+v, error %v, want what is known, and an error", s, err)
	}
}
