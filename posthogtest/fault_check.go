package posthogtest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// check names the first field that is out of range, or that could have no
// effect beside the others.
func (f *Fault) check() error {
	switch {
	case f.Path != "" && !strings.HasPrefix(f.Path, "/"):
		return fmt.Errorf("posthogtest: Fault.Path is %q, want one that begins with a slash", f.Path)
	case f.Status != 0 && (f.Status < 200 || f.Status > 999):
		return fmt.Errorf("posthogtest: Fault.Status is %d, want 0 or 200 to 999", f.Status)
	case f.Delay < 0:
		return fmt.Errorf("posthogtest: Fault.Delay is %s, want 0 or more", f.Delay)
	case f.Reset < NoReset || f.Reset > ResetMidBody:
		return fmt.Errorf("posthogtest: Fault.Reset is %d, want NoReset, ResetBeforeResponse or ResetMidBody", f.Reset)
	}
	if err := f.checkSilence(); err != nil {
		return err
	}
	switch _, ingestion := endpoints[strings.TrimSuffix(f.Path, "/")]; {
	case f.Body != "" && f.Status == 0 && f.Reset != ResetMidBody:
		return errors.New("posthogtest: Fault.Body is set, which needs Status or ResetMidBody")
	case f.Persist != 0 && !f.answers():
		return fmt.Errorf("posthogtest: Fault.Persist is %d, which needs Status, Hang or Reset", f.Persist)
	case f.Persist != 0 && f.Path != "" && !ingestion:
		return fmt.Errorf("posthogtest: Fault.Persist is %d, which needs an ingestion path, not %q", f.Persist, f.Path)
	}
	return nil
}

// checkSilence names a field about an answer in a fault that sends none.
func (f *Fault) checkSilence() error {
	var silence string
	switch {
	case f.Hang:
		silence = "Hang"
	case f.Reset == ResetBeforeResponse:
		silence = "ResetBeforeResponse"
	default:
		return nil
	}
	for _, field := range []struct {
		name string
		set  bool
	}{
		{"Reset", f.Hang && f.Reset != NoReset},
		{"Delay", f.Hang && f.Delay != 0},
		{"Status", f.Status != 0},
		{"Header", len(f.Header) > 0},
		{"Body", f.Body != ""},
	} {
		if field.set {
			return fmt.Errorf("posthogtest: Fault.%s is set, and so is %s, which never answers", field.name, silence)
		}
	}
	return nil
}

// confession answers in the place of a fault that makes no sense: 500 and
// what is wrong, to the requests the fault would have met, or to any ingestion
// request where its path could meet none.
func (f *Fault) confession(wrong error) Fault {
	path := f.Path
	if !strings.HasPrefix(path, "/") {
		path = ""
	}
	return Fault{Path: path, Times: f.Times, Status: http.StatusInternalServerError, Body: wrong.Error()}
}
