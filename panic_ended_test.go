package posthog_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/hedgerow/posthog"
)

// A panic that ends, and that no event tells of, is in the log, with its stack:
// otherwise nobody would ever learn of it.
func TestAPanicDoesNotEndInSilence(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config posthog.Config
		before func(*posthog.ServerClient)
		value  any
		logged int
	}{
		"it is reported":         {value: &chargeError{17}},
		"disabled":               {config: posthog.Config{Disabled: true}, value: &chargeError{17}, logged: 1},
		"a dry run":              {config: posthog.Config{DryRun: true}, value: &chargeError{17}},
		"opted out":              {before: (*posthog.ServerClient).OptOut, value: &chargeError{17}, logged: 1},
		"closed":                 {before: func(c *posthog.ServerClient) { _ = c.Close() }, value: &chargeError{17}, logged: 1},
		"it is no failure":       {config: posthog.Config{Disabled: true}, value: http.ErrAbortHandler},
		"its methods panic, too": {config: posthog.Config{Disabled: true}, value: &hostile{}, logged: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := new(logLines)
			c.config.Logger = log
			client, _ := open(t, c.config)
			if c.before != nil {
				c.before(client)
			}
			func() {
				defer func() { _ = recover() }() // http.ErrAbortHandler goes on
				defer client.Recover(t.Context())
				panic(c.value)
			}()
			lines := log.having("a panic was ended")
			if len(lines) != c.logged {
				t.Fatalf("the log has %d lines about the panic, want %d:\n%s", len(lines), c.logged, strings.Join(lines, "\n"))
			}
			if c.logged > 0 && !strings.Contains(lines[0], "panic_ended_test.go") {
				t.Errorf("the log says %q, want the stack", lines[0])
			}
		})
	}
}

// The error of a task has the stack of its panic: whoever captures it with
// another client, or a day later, sees where it came from.
func TestTheErrorOfATaskHasTheStackOfItsPanic(t *testing.T) {
	t.Parallel()
	disabled, err := posthog.NewWithConfig(testKey, posthog.Config{Disabled: true, Logger: silent{}})
	if err != nil {
		t.Fatal(err)
	}
	failed := disabled.Task(t.Context(), func(context.Context) error { settle(); return nil })()
	client, server := open(t, posthog.Config{})
	if err := client.CaptureException(t.Context(), failed); err != nil {
		t.Fatal(err)
	}
	list := onlyException(t, client, server).Exceptions()
	if len(list) != 2 || list[0].Type != "posthog_test.chargeError" || list[0].Value != "panic: charge 17 failed" || *list[0].Mechanism.Synthetic {
		t.Fatalf("got %s, want the panic and the charge", canonical(t, list))
	}
	if got := last(list[0].Frames); got != "posthog_test.settle" {
		t.Errorf("the stack ends in %s, want settle", got)
	}
	if callers := new(posthog.PanicError).Callers(); len(callers) != 0 {
		t.Errorf("an error that no task made has the stack %v", callers)
	}
	text := disabled.Task(t.Context(), func(context.Context) error { panic("out of paper") })()
	if failed, ok := errors.AsType[*posthog.PanicError](text); !ok || failed.ErrorType() != "panic" {
		t.Errorf("the error of a text is %v of type %T", text, text)
	}
}
