package delivery_test

import (
	"errors"
	"testing"

	"github.com/hedgerow/posthog/internal/delivery"
	"github.com/hedgerow/posthog/internal/queue"
)

func TestReason(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]delivery.Verdict{
		"delivered":                             {},
		"status 500":                            {Status: 500},
		"status 400: bad: cut":                  {Status: 400, Message: "bad", Err: errors.New("cut")},
		"cut":                                   {Outcome: queue.Exhausted, Err: errors.New("cut")},
		"status 401: check the project API key": {Status: 401},
		"status 403: check the project API key": {Status: 403},
		"status 404: check Config.Endpoint and Config.CaptureMode": {Status: 404},
		"status 405: check Config.Endpoint and Config.CaptureMode": {Status: 405},
		"status 402: check the billing limits of the project":      {Status: 402},
	} {
		if got := v.Reason(); got != want {
			t.Errorf("Reason of %+v is %q, want %q", v, got, want)
		}
	}
}

// uncomparable is an error that == panics on.
type uncomparable []string

func (u uncomparable) Error() string { return u[0] }

func TestVerdictsThatSayTheSame(t *testing.T) {
	t.Parallel()
	v := delivery.Verdict{Outcome: queue.Exhausted, Status: 503, Message: "busy", Attempts: 2, Err: uncomparable{"cut"}}
	for name, change := range map[string]func(*delivery.Verdict){
		"another outcome": func(w *delivery.Verdict) { w.Outcome = queue.Rejected },
		"another status":  func(w *delivery.Verdict) { w.Status = 500 },
		"another message": func(w *delivery.Verdict) { w.Message = "" },
		"more attempts":   func(w *delivery.Verdict) { w.Attempts = 3 },
		"another error":   func(w *delivery.Verdict) { w.Err = uncomparable{"refused"} },
		"no error":        func(w *delivery.Verdict) { w.Err = nil },
	} {
		w := v
		if change(&w); v.Same(w) {
			t.Errorf("%s: %+v says the same as %+v", name, w, v)
		}
	}
	w := v
	if w.Err = (uncomparable{"cut"}); !v.Same(w) {
		t.Errorf("%+v and %+v do not say the same", v, w)
	}
}
