package posthogtest_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

func TestAFaultThatMakesNoSenseIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault posthogtest.Fault
		want  string
	}{
		"a status that is none":                     {posthogtest.Fault{Status: 42}, "posthogtest: Fault.Status is 42, want 0 or 200 to 999"},
		"an interim status":                         {posthogtest.Fault{Status: 100}, "posthogtest: Fault.Status is 100, want 0 or 200 to 999"},
		"a status of four digits":                   {posthogtest.Fault{Status: 1000}, "posthogtest: Fault.Status is 1000, want 0 or 200 to 999"},
		"a negative status":                         {posthogtest.Fault{Status: -1}, "posthogtest: Fault.Status is -1, want 0 or 200 to 999"},
		"a path without its slash":                  {posthogtest.Fault{Path: "batch", Status: 503}, `posthogtest: Fault.Path is "batch", want one that begins with a slash`},
		"a negative delay":                          {posthogtest.Fault{Delay: -time.Second}, "posthogtest: Fault.Delay is -1s, want 0 or more"},
		"a reset before the first":                  {posthogtest.Fault{Reset: -1}, "posthogtest: Fault.Reset is -1, want NoReset, ResetBeforeResponse or ResetMidBody"},
		"a reset after the last":                    {posthogtest.Fault{Reset: 3}, "posthogtest: Fault.Reset is 3, want NoReset, ResetBeforeResponse or ResetMidBody"},
		"hanging and cutting":                       {posthogtest.Fault{Hang: true, Reset: posthogtest.ResetMidBody}, "posthogtest: Fault.Reset is set, and so is Hang, which never answers"},
		"hanging after a delay":                     {posthogtest.Fault{Hang: true, Delay: time.Second}, "posthogtest: Fault.Delay is set, and so is Hang, which never answers"},
		"hanging with a status":                     {posthogtest.Fault{Hang: true, Status: 503}, "posthogtest: Fault.Status is set, and so is Hang, which never answers"},
		"hanging with a header":                     {posthogtest.Fault{Hang: true, Header: http.Header{"Retry-After": {"1"}}}, "posthogtest: Fault.Header is set, and so is Hang, which never answers"},
		"hanging with a body":                       {posthogtest.Fault{Hang: true, Body: "late"}, "posthogtest: Fault.Body is set, and so is Hang, which never answers"},
		"cutting before a status":                   {posthogtest.Fault{Reset: posthogtest.ResetBeforeResponse, Status: 503}, "posthogtest: Fault.Status is set, and so is ResetBeforeResponse, which never answers"},
		"cutting before a header":                   {posthogtest.Fault{Reset: posthogtest.ResetBeforeResponse, Header: http.Header{"Retry-After": {"1"}}}, "posthogtest: Fault.Header is set, and so is ResetBeforeResponse, which never answers"},
		"cutting before a body":                     {posthogtest.Fault{Reset: posthogtest.ResetBeforeResponse, Body: "late"}, "posthogtest: Fault.Body is set, and so is ResetBeforeResponse, which never answers"},
		"a body of the usual answer":                {posthogtest.Fault{Body: "hello"}, "posthogtest: Fault.Body is set, which needs Status or ResetMidBody"},
		"persistence without a failure":             {posthogtest.Fault{Persist: 1}, "posthogtest: Fault.Persist is 1, which needs Status, Hang or Reset"},
		"full persistence with nothing but a delay": {posthogtest.Fault{Persist: -1, Delay: time.Second}, "posthogtest: Fault.Persist is -1, which needs Status, Hang or Reset"},
		"persistence where there are no events":     {posthogtest.Fault{Path: "/_readiness", Status: 503, Persist: 1}, `posthogtest: Fault.Persist is 1, which needs an ingestion path, not "/_readiness"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // a fault that hangs after all is a deadlock in it
				tb := new(fakeTB)
				tested := posthogtest.NewServer(tb, nil)
				t.Cleanup(tb.cleanups[0])
				tested.Inject(posthogtest.Fault{Status: 503}, c.fault)
				if tb.fatal != c.want {
					t.Errorf("%+v: got %q in the test, want %q", c.fault, tb.fatal, c.want)
				}

				alone, err := posthogtest.Start(posthogtest.Config{})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(alone.Close)
				c.fault.Times = 2
				alone.Inject(posthogtest.Fault{Status: 503}, c.fault)
				path, body := "/batch/", batch(event("a", "u", 1))
				if c.fault.Path == "/_readiness" {
					post(t, alone, body, 503)
					path = c.fault.Path
				} else {
					call(t, alone, http.MethodPost, path, nil, body)
				}
				for range 2 {
					if got := call(t, alone, http.MethodPost, path, nil, body); got.status != 500 || got.body != c.want {
						t.Errorf("%+v: got answer %d %q without a test, want 500 %q", c.fault, got.status, got.body, c.want)
					}
				}
				if n := len(alone.Events()); n != 0 {
					t.Errorf("%+v: got %d events stored, want none", c.fault, n)
				}
			})
		})
	}
}

func TestAFaultThatMakesSenseIsTaken(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]posthogtest.Fault{
		"nothing":                           {},
		"any path, without its final slash": {Path: "/landing", Status: 999, Times: -1, Body: "hello"},
		"a delay and a header":              {Delay: time.Hour, Header: http.Header{"X-Slow": {"yes"}}},
		"a delayed cut, after storing":      {Delay: time.Hour, Reset: posthogtest.ResetBeforeResponse, Persist: -1, Header: http.Header{}},
		"a cut body":                        {Reset: posthogtest.ResetMidBody, Body: "hello", Header: http.Header{"Retry-After": {"1"}}},
		"a hang, after storing":             {Path: "/e/", Hang: true, Persist: 1, Times: -1},
		"a success that kept all":           {Path: "/i/v0/e/", Status: 200, Persist: -1},
	} {
		tb := new(fakeTB)
		s := posthogtest.NewServer(tb, nil)
		t.Cleanup(tb.cleanups[0])
		s.Inject(fault)
		if tb.fatal != "" {
			t.Errorf("%s, %+v: got %q, want it taken", name, fault, tb.fatal)
		}
	}
}
