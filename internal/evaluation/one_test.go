package evaluation_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/internal/evaluation"
	"github.com/hedgerow/posthog/internal/flagsync/remote"
)

// needsPlan is why the flag plan is open.
var needsPlan = &flags.Inconclusive{Why: flags.MissingProperty, MissingProperties: []flags.Property{{Key: "plan"}}}

// Proves FO-01, FO-07, FR-10, FR-11, FR-12, FT-09 and FT-10.
func TestWhatBecomesOfOneFlag(t *testing.T) {
	t.Parallel()
	evaluated := time.UnixMilli(1767225600123).UTC()
	type want struct {
		record   evaluation.Record
		err      error
		requests int
	}
	for name, tc := range map[string]struct {
		setup
		key   string
		reply reply
		want  want
	}{
		"decided by the definitions": {
			setup{definitions: definitions}, "on", reply{},
			want{record: evaluation.Record{
				State: evaluation.Found, Enabled: true, Reason: "Evaluated locally", Code: "condition_match",
				ID: 1, Version: 7, Source: evaluation.Local, Minimal: true,
			}},
		},
		"a variant, its payload and its experiment": {
			setup{definitions: definitions}, "split", reply{},
			want{record: evaluation.Record{
				State: evaluation.Found, Enabled: true, Variant: "blue", Payload: "7", Reason: "Evaluated locally",
				Code: "condition_match", ID: 2, Version: 3, HasExperiment: evaluation.Yes, Source: evaluation.Local, Minimal: true,
			}},
		},
		"off by the definitions": {
			setup{definitions: definitions}, "off", reply{},
			want{record: evaluation.Record{
				State: evaluation.Found, Reason: "Evaluated locally", Code: "flag_disabled", ConditionIndex: -1,
				ID: 5, Source: evaluation.Local, Minimal: true,
			}},
		},
		"left open by the definitions": {
			setup{definitions: definitions}, "plan", reply{body: full},
			want{record: evaluation.Record{
				State: evaluation.Found, Enabled: true, Variant: "gold", Payload: "[1]", Reason: "Matched condition set 2",
				Code: "condition_match", ConditionIndex: 1, ID: 33, Version: 8, HasExperiment: evaluation.Yes,
				Source: evaluation.Remote, RequestID: "r-1", EvaluatedAt: evaluated, Minimal: true, Inconclusive: needsPlan,
			}, requests: 1},
		},
		"without definitions": {
			setup{}, "on", reply{body: full},
			want{record: evaluation.Record{
				State: evaluation.Found, Reason: "no_condition_match", Code: "no_condition_match", ConditionIndex: -1, ID: 1, Version: 7,
				Source: evaluation.Remote, RequestID: "r-1", EvaluatedAt: evaluated, Minimal: true,
			}, requests: 1},
		},
		"only the server has it": {
			setup{definitions: definitions}, "far", reply{body: full},
			want{record: evaluation.Record{
				State: evaluation.Found, Enabled: true, ConditionIndex: -1,
				Source: evaluation.Remote, RequestID: "r-1", EvaluatedAt: evaluated, Minimal: true,
			}, requests: 1},
		},
		"nobody has it": {
			setup{definitions: definitions}, "nowhere", reply{body: full},
			want{record: evaluation.Record{
				State: evaluation.Missing, ConditionIndex: -1, RequestID: "r-1", EvaluatedAt: evaluated, Errors: "flag_missing",
			}, requests: 1},
		},
		"in a partial answer": {
			setup{}, "a", reply{body: `{"flags":{"a":{"enabled":true}},"errorsWhileComputingFlags":true}`},
			want{record: evaluation.Record{
				State: evaluation.Found, Enabled: true, ConditionIndex: -1, Source: evaluation.Remote, Errors: "errors_while_computing_flags",
			}, requests: 1},
		},
		"not in a partial answer": {
			setup{}, "b", reply{body: `{"flags":{"a":{"enabled":true}},"errorsWhileComputingFlags":true}`},
			want{
				record: evaluation.Record{ConditionIndex: -1, Errors: "errors_while_computing_flags,flag_missing"},
				err:    evaluation.ErrIncomplete, requests: 1,
			},
		},
		"not in an answer that leaves out what is off": {
			setup{}, "b", reply{body: `{"featureFlags":["a"]}`},
			want{record: evaluation.Record{ConditionIndex: -1, Errors: "flag_missing"}, err: evaluation.ErrIncomplete, requests: 1},
		},
		"the server failed on it": {
			setup{}, "a", reply{body: `{"flags":{"a":{"enabled":false,"failed":true}},"errorsWhileComputingFlags":true}`},
			want{
				record: evaluation.Record{ConditionIndex: -1, Errors: "errors_while_computing_flags,evaluation_failed"},
				err:    evaluation.ErrFailed, requests: 1,
			},
		},
		"the server failed on it alone": {
			setup{}, "a", reply{body: `{"flags":{"a":{"enabled":false,"failed":true}}}`},
			want{record: evaluation.Record{ConditionIndex: -1, Errors: "evaluation_failed"}, err: evaluation.ErrFailed, requests: 1},
		},
		"over the quota": {
			setup{}, "a", reply{body: `{"flags":{},"quotaLimited":["feature_flags"],"requestId":"r-9"}`},
			want{
				record: evaluation.Record{ConditionIndex: -1, Errors: "quota_limited", RequestID: "r-9"},
				err:    &remote.Error{Kind: remote.QuotaLimited}, requests: 1,
			},
		},
		"the server is broken": {
			setup{definitions: definitions}, "plan", reply{status: http.StatusInternalServerError},
			want{
				record: evaluation.Record{ConditionIndex: -1, Errors: "api_error_500", Inconclusive: needsPlan},
				err:    &remote.Error{Kind: remote.API}, requests: 1,
			},
		},
		"the server is away": {
			setup{}, "a", reply{err: errRefused},
			want{record: evaluation.Record{ConditionIndex: -1, Errors: "connection_error"}, err: &remote.Error{Kind: remote.Connection}, requests: 1},
		},
		"the server is slow": {
			setup{}, "a", reply{after: time.Hour},
			want{record: evaluation.Record{ConditionIndex: -1, Errors: "timeout"}, err: &remote.Error{Kind: remote.Timeout}, requests: 1},
		},
		"the answer is none": {
			setup{}, "a", reply{body: `<html>`},
			want{record: evaluation.Record{ConditionIndex: -1, Errors: "unknown_error"}, err: &remote.Error{Kind: remote.Unknown}, requests: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := open(t, tc.setup)
				w.server.answer(tc.reply)
				if tc.want.record.Source == evaluation.Local {
					tc.want.record.LoadedAt = time.Now()
				}
				tc.want.record.Key = tc.key
				got, err := w.One(t.Context(), tc.key, person("u-1"))
				if !reflect.DeepEqual(got, tc.want.record) {
					t.Errorf("One(%q):\n got %+v\nwant %+v", tc.key, got, tc.want.record)
				}
				if !sameError(err, tc.want.err) {
					t.Errorf("One(%q) has error %v, want %v", tc.key, err, tc.want.err)
				}
				for _, b := range w.wantRequests(tc.want.requests) {
					if !slices.Equal(b.Keys, []string{tc.key}) {
						t.Errorf("One(%q) asks for %q", tc.key, b.Keys)
					}
				}
			})
		})
	}
}

// sameError reports whether an error is another one, or a failed request of the same kind.
func sameError(got, want error) bool {
	wanted, isRequest := errors.AsType[*remote.Error](want)
	if !isRequest {
		return errors.Is(got, want)
	}
	failure, ok := errors.AsType[*remote.Error](got)
	return ok && failure.Kind == wanted.Kind
}

// Proves FO-02, GO-25 and C-23.
func TestStrictEvaluationOfOneFlag(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		setup
		key     string
		state   evaluation.State
		words   string
		err     error
		reports int
	}{
		"decided":             {setup{definitions: definitions}, "on", evaluation.Found, "", nil, 0},
		"open":                {setup{definitions: definitions}, "plan", evaluation.Unresolved, "evaluation_failed", evaluation.ErrInconclusive, 0},
		"without definition":  {setup{definitions: definitions}, "far", evaluation.Missing, "flag_missing", nil, 0},
		"without definitions": {setup{}, "on", evaluation.Unresolved, "evaluation_failed", evaluation.ErrNotLoaded, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for way, strict := range map[string]func(*setup, *evaluation.Request){
				"for this question": func(_ *setup, r *evaluation.Request) { r.OnlyLocally = true },
				"for all questions": func(s *setup, _ *evaluation.Request) { s.local = true },
			} {
				r, s := person("u-1"), tc.setup
				strict(&s, r)
				w := open(t, s)
				w.server.answer(reply{body: full})
				got, err := w.One(t.Context(), tc.key, r)
				if got.State != tc.state || got.Errors != tc.words || !errors.Is(err, tc.err) {
					t.Errorf("strict %s, One(%q) is %v with errors %q, error %v; want %v, %q, %v",
						way, tc.key, got.State, got.Errors, err, tc.state, tc.words, tc.err)
				}
				w.wantRequests(0)
				if reports := w.reported(); len(reports) != tc.reports {
					t.Errorf("strict %s, One(%q) reports %q, want %d", way, tc.key, reports, tc.reports)
				}
			}
		})
	}
}

// Proves FO-08: nobody is asked about nobody.
func TestNobodyIsAskedAboutNobody(t *testing.T) {
	t.Parallel()
	w := open(t, setup{})
	if r, err := w.One(t.Context(), "a", person("")); r.State != evaluation.Unresolved || !errors.Is(err, evaluation.ErrNoIdentity) {
		t.Errorf("One without a distinct id is %+v, error %v", r, err)
	}
	if s, err := w.All(t.Context(), person("")); s == nil || s.Lookup("a").State != evaluation.Unresolved || !errors.Is(err, evaluation.ErrNoIdentity) {
		t.Errorf("All without a distinct id is %+v, error %v", s, err)
	}
	w.wantRequests(0)

	w = open(t, setup{definitions: definitions})
	s, err := w.All(t.Context(), person(""))
	if got := s.Lookup("far").State; got != evaluation.Unresolved || !errors.Is(err, evaluation.ErrNoIdentity) {
		t.Errorf("All without a distinct id, with definitions, has a flag without definition that is %v, error %v", got, err)
	}
	w.wantRequests(0)
}

// What the server is asked is the whole request, and what the definitions need and the server does not is left out.
func TestWhatTheServerIsTold(t *testing.T) {
	t.Parallel()
	w := open(t, setup{Config: evaluation.Config{Contexts: []string{"web"}}})
	w.server.answer(reply{body: full})
	r := &evaluation.Request{
		Subject: flags.Subject{
			DistinctID: "u-1", DeviceID: "d-1", PersonProperties: map[string]any{"plan": "pro"},
			Groups: []flags.Group{
				{Type: "company", Key: "acme", Properties: map[string]any{"seats": 4}},
				{Type: "company", Key: "other", Properties: map[string]any{"seats": 9}},
				{Type: "team", Key: 7},
			},
		},
		Groups:       map[string]any{"company": "acme", "team": 7},
		Keys:         []string{"plan", "far", "plan"},
		DisableGeoIP: true,
	}
	if _, err := w.All(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	want := body{
		DistinctID: "u-1", DeviceID: "d-1", Groups: map[string]any{"company": "acme", "team": 7.0},
		PersonProperties: map[string]any{"plan": "pro"}, GroupProperties: map[string]map[string]any{"company": {"seats": 4.0}},
		GeoIPDisable: true, Keys: []string{"plan", "far", "plan"}, Contexts: []string{"web"},
	}
	if got := w.wantRequests(1); !reflect.DeepEqual(got, []body{want}) {
		t.Errorf("the server is asked\n%+v, want\n%+v", got, want)
	}
}

// A relative date is relative to the time of the question, which is the Engine's to know, unless the request says.
func TestRelativeDates(t *testing.T) {
	t.Parallel()
	const document = `{"flags":[{"id":1,"key":"new","active":true,"filters":{"groups":[{"properties":[` +
		`{"key":"joined","value":"-7d","operator":"is_date_after","type":"person"}],"rollout_percentage":100}]}}],"group_type_mapping":{},"cohorts":{}}`
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	w := open(t, setup{definitions: document, local: true, Config: evaluation.Config{Now: func() time.Time { return now }}})
	r := person("u-1")
	r.Subject.PersonProperties = map[string]any{"joined": "2026-03-28"}
	for _, tc := range []struct {
		said time.Time
		want bool
	}{{time.Time{}, true}, {now.AddDate(1, 0, 0), false}} {
		r.Subject.Now = tc.said
		got, err := w.One(t.Context(), "new", r)
		if err != nil || got.Enabled != tc.want {
			t.Errorf("asked at %v, One is %+v, error %v; want enabled %v", tc.said, got, err, tc.want)
		}
		all, err := w.All(t.Context(), r)
		if got := all.Lookup("new"); err != nil || got.Enabled != tc.want {
			t.Errorf("asked at %v, All has %+v, error %v; want enabled %v", tc.said, got, err, tc.want)
		}
		if !r.Subject.Now.Equal(tc.said) {
			t.Errorf("the request's time has become %v, want %v", r.Subject.Now, tc.said)
		}
	}
}

// Proves promise 4 for a server that hangs.
func TestADeadlineIsADeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, setup{retries: 1})
		w.server.answer(reply{after: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		begin := time.Now()
		r, err := w.One(ctx, "a", person("u-1"))
		if took := time.Since(begin); took != 50*time.Millisecond {
			t.Errorf("One took %v, want 50ms", took)
		}
		if !errors.Is(err, context.DeadlineExceeded) || r.Errors != "timeout" {
			t.Errorf("One is %+v, error %v, want context.DeadlineExceeded and timeout", r, err)
		}
		w.wantRequests(1)
	})
}

// A question that needs no request is answered whatever the context is.
func TestALocalAnswerNeedsNoTime(t *testing.T) {
	t.Parallel()
	w := open(t, setup{definitions: definitions})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := w.One(ctx, "on", person("u-1")); err != nil || !r.Enabled {
		t.Errorf("One is %+v, error %v, want it on", r, err)
	}
	_, err := w.One(ctx, "plan", person("u-1"))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("One has error %v, want context.Canceled", err)
	}
	w.wantRequests(0)
}

// Overrides come before everything, and end when they are taken away.
func TestOverrides(t *testing.T) {
	t.Parallel()
	w := open(t, setup{definitions: definitions, local: true})
	given := map[string]evaluation.Override{
		"on": {}, "plan": {Enabled: true, Variant: "x", Payload: "1"}, "brand-new": {Enabled: true}, "off-with-variant": {Variant: "x"},
	}
	w.SetOverrides(given)
	given["zeal"] = evaluation.Override{}
	want := []string{"plan=x", "on=false", "brand-new=true", "off-with-variant=false", "zeal=true"}
	all, err := w.All(t.Context(), person("u-1"))
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{"plan", "on", "brand-new", "off-with-variant", "zeal"}
	r := person("u-1")
	r.Keys = keys
	scoped, err := w.All(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	var one, whole, some []string
	for _, key := range keys {
		r, err := w.One(t.Context(), key, person("u-1"))
		if err != nil {
			t.Errorf("One(%q): %v", key, err)
		}
		one, whole, some = append(one, value(r)), append(whole, value(all.Lookup(key))), append(some, value(scoped.Lookup(key)))
	}
	for name, got := range map[string][]string{"One": one, "All": whole, "All of some": some} {
		if !slices.Equal(got, want) {
			t.Errorf("with overrides, %s is %q, want %q", name, got, want)
		}
	}
	if got, want := all.Keys(), []string{"brand-new", "off", "off-with-variant", "on", "plan", "split", "zeal"}; !slices.Equal(got, want) {
		t.Errorf("with overrides, there are %q, want %q", got, want)
	}
	w.SetOverrides(nil)
	if r := w.one("on", "u-1", evaluation.Found, evaluation.Local, ""); !r.Enabled {
		t.Error("the override lasts after it was taken away")
	}
	if got := all.Lookup("on"); got.Source != evaluation.Overridden {
		t.Errorf("a Set changed to %+v when the overrides ended", got)
	}
}

// An override of the only flag that is open saves the request.
func TestAnOverrideNeedsNoRequest(t *testing.T) {
	t.Parallel()
	w := open(t, setup{definitions: definitions})
	w.SetOverrides(map[string]evaluation.Override{"plan": {Enabled: true}})
	if s, err := w.All(t.Context(), person("u-1")); err != nil || !s.Lookup("plan").Enabled {
		t.Errorf("All has %+v, error %v, want plan on", s.Lookup("plan"), err)
	}
	w.wantRequests(0)
}

// value shows a record.
func value(r evaluation.Record) string {
	switch {
	case r.State != evaluation.Found:
		return r.Key + " is " + r.State.String()
	case r.Variant != "":
		return r.Key + "=" + r.Variant
	case r.Enabled:
		return r.Key + "=true"
	default:
		return r.Key + "=false"
	}
}
