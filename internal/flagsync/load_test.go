package flagsync_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/flagsync"
)

// hang answers nothing until the client gives up, or the rest of a body never.
func hang(begin string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if begin != "" {
			_, _ = io.WriteString(w, begin)
			_ = http.NewResponseController(w).Flush()
		}
		<-r.Context().Done()
	}
}

// cut breaks the connection in the middle of a body.
func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, document("a"))
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// step is one load: what PostHog answers, and what is to be so afterwards.
type step struct {
	answer    http.HandlerFunc
	asked     string // If-None-Match of the request
	keys      string // that are loaded, separated by spaces
	condition flagsync.Condition
	reports   int
	fails     bool
}

// Proves FD-02, FD-03, FD-04, FD-05, FD-07, FD-09.
func TestLoadsOneAfterAnother(t *testing.T) {
	a, b := document("a"), document("b")
	first := step{answer: ok(a, `W/"1"`), keys: "a", condition: flagsync.Current}
	kept := func(answer http.HandlerFunc) []step {
		return []step{
			first,
			{answer: answer, asked: `W/"1"`, keys: "a", condition: flagsync.Stale, reports: 1, fails: true},
			{answer: answer, asked: `W/"1"`, keys: "a", condition: flagsync.Stale, fails: true},
			{answer: status(304), asked: `W/"1"`, keys: "a", condition: flagsync.Current, reports: 1},
			{answer: answer, asked: `W/"1"`, keys: "a", condition: flagsync.Stale, reports: 1, fails: true},
			{answer: ok(b, ""), asked: `W/"1"`, keys: "b", condition: flagsync.Current, reports: 1},
		}
	}
	for name, steps := range map[string][]step{
		"200 without an ETag asks without one": {
			{answer: ok(a, ""), keys: "a", condition: flagsync.Current},
			{answer: ok(b, ""), keys: "b", condition: flagsync.Current},
		},
		"304 keeps the definitions and the ETag": {
			first,
			{answer: status(304), asked: `W/"1"`, keys: "a", condition: flagsync.Current},
			{answer: status(304, "ETag", `W/"2"`), asked: `W/"1"`, keys: "a", condition: flagsync.Current},
			{answer: status(304), asked: `W/"2"`, keys: "a", condition: flagsync.Current},
		},
		"200 replaces the ETag, or ends it": {
			first,
			{answer: ok(b, `W/"2"`), asked: `W/"1"`, keys: "b", condition: flagsync.Current},
			{answer: ok(a, ""), asked: `W/"2"`, keys: "a", condition: flagsync.Current},
			{answer: ok(a, `W/"3"`), keys: "a", condition: flagsync.Current},
			{answer: status(304), asked: `W/"3"`, keys: "a", condition: flagsync.Current},
		},
		"304 that nobody asked for is a failure": {
			{answer: ok(a, ""), keys: "a", condition: flagsync.Current},
			{answer: status(304, "ETag", `W/"1"`), keys: "a", condition: flagsync.Stale, reports: 1, fails: true},
			{answer: ok(b, ""), keys: "b", condition: flagsync.Current, reports: 1},
		},
		"304 before anything is loaded is a failure": {
			{answer: status(304), condition: flagsync.Empty, reports: 1, fails: true},
		},
		"402 clears everything, the ETag too": {
			first,
			{answer: status(402), asked: `W/"1"`, condition: flagsync.QuotaLimited, reports: 1, fails: true},
			{answer: status(402), condition: flagsync.QuotaLimited, fails: true},
			{answer: status(503), condition: flagsync.Empty, reports: 1, fails: true},
			{answer: conditional(a, `W/"1"`), keys: "a", condition: flagsync.Current, reports: 1},
		},
		"each kind of failure is reported once in a streak": {
			first,
			{answer: status(503), asked: `W/"1"`, keys: "a", condition: flagsync.Stale, reports: 1, fails: true},
			{answer: status(401), asked: `W/"1"`, keys: "a", condition: flagsync.Stale, reports: 1, fails: true},
			{answer: status(503), asked: `W/"1"`, keys: "a", condition: flagsync.Stale, fails: true},
		},
		"400": kept(status(400)), "401": kept(status(401)), "403": kept(status(403)), "404": kept(status(404)),
		"429": kept(status(429, "Retry-After", "1")), "500": kept(status(500)), "502": kept(status(502)),
		"503": kept(status(503)), "204": kept(status(204)), "302 to nowhere": kept(status(302)),
		"302 to another host": kept(status(302, "Location", "http://elsewhere.example.com/")),
		"truncated JSON":      kept(ok(a[:len(a)-9], "x")), "no JSON": kept(ok("<html>", "x")), "an empty body": kept(ok("", "x")),
		"no flags": kept(ok(`{"cohorts":{}}`, "x")), "flags that are no array": kept(ok(`{"flags":{}}`, "x")),
		"an array": kept(ok("[]", "x")), "a body that breaks off": kept(cut), "an unknown encoding": kept(
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Encoding", "br")
				_, _ = io.WriteString(w, b)
			}),
		"gzip that is none": kept(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, b)
		}),
		"no answer": kept(hang("")), "a slow body": kept(hang(a[:20])),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := secret()
				c.Interval = time.Hour // the test alone loads
				w := open(t, c, status(500))
				for i, s := range steps {
					w.service.answer(s.answer)
					began := time.Now()
					err := w.Reload(t.Context())
					if (err != nil) != s.fails {
						t.Errorf("step %d: Reload: %v, want an error: %v", i, err, s.fails)
					}
					if took := time.Since(began); took > flagsync.DefaultTimeout {
						t.Errorf("step %d took %s, want at most %s", i, took, flagsync.DefaultTimeout)
					}
					seen := w.service.seen()
					if got := seen[len(seen)-1].header.Get("If-None-Match"); got != s.asked {
						t.Errorf("step %d asked with ETag %q, want %q", i, got, s.asked)
					}
					if got := strings.Join(loaded(w.State()), " "); got != s.keys {
						t.Errorf("step %d: loaded %q, want %q", i, got, s.keys)
					}
					if got := w.Status(); got.Condition != s.condition || (got.LastError != nil) != s.fails {
						t.Errorf("step %d: condition %v, last error %v, want %v", i, got.Condition, got.LastError, s.condition)
					}
					if got := w.reported(); len(got) != s.reports {
						t.Errorf("step %d: reports %q, want %d", i, got, s.reports)
					}
				}
				if got := len(w.service.seen()); got != len(steps) {
					t.Errorf("%d requests, want %d", got, len(steps))
				}
			})
		})
	}
}

// Proves FD-05: whoever has the wrong key is told which kind it is, and never the key.
func TestReportsNameTheKindOfTheKey(t *testing.T) {
	for name, c := range map[string]struct {
		secret string
		code   int
		want   string
	}{
		"a project key":                   {"phc_abc", 401, "it is the public project key"},
		"a project secret key":            {"phs_abc", 401, "project secret key (phs_) is not, or no longer, a key"},
		"one of another project":          {"phs_abc", 403, "project secret key (phs_) has no right"},
		"a personal key":                  {"phx_abc", 401, "personal API key (phx_) is not"},
		"one without the scope":           {" phx_abc\n", 403, "needs the scope to read feature flags"},
		"something else":                  {"sk_abc", 401, "neither a project secret key (phs_) nor a personal API key (phx_)"},
		"a quota that is used up":         {"phs_abc", 402, "quota"},
		"more requests than are allowed":  {"phs_abc", 429, "share the definitions"},
		"an endpoint that is not PostHog": {"phs_abc", 404, "check the endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := open(t, flagsync.Config{Secret: c.secret}, status(c.code))
				_ = w.Reload(t.Context())
				got := w.reported()
				if len(got) != 1 || !strings.Contains(got[0], c.want) || strings.Contains(got[0], "abc") {
					t.Errorf("reports %q, want one with %q and without the key", got, c.want)
				}
			})
		})
	}
}

// Proves FD-17: and again only when the list is another one.
func TestFlagsWithContinuityAreReportedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := secret()
		c.WarnContinuity = true
		sticky := strings.Replace(document("a", "b"), `"active":true`, `"active":true,"ensure_experience_continuity":true`, 1)
		both := strings.ReplaceAll(document("a", "b"), `"active":true`, `"active":true,"ensure_experience_continuity":true`)
		w := open(t, c, answers{ok(document("a", "b"), ""), ok(sticky, ""), ok(sticky, ""), ok(both, ""), ok(document("a"), "")}...)
		for i, want := range []string{"", ": a", "", ": a, b", ""} {
			if err := w.Reload(t.Context()); err != nil {
				t.Fatal(err)
			}
			got := strings.Join(w.reported(), "\n")
			if !strings.HasSuffix(got, want) || (want == "") != (got == "") {
				t.Errorf("load %d: reported %q, want something that ends in %q", i, got, want)
			}
		}
	})
}
