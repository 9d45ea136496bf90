package posthog_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hedgerow/posthog"
)

// fullException is an exception with every field that there is.
func fullException() posthog.Exception {
	return posthog.Exception{
		DistinctId: "u_42", Level: posthog.LevelWarning, Source: "go.cron", ExceptionFingerprint: posthog.Ptr("nightly"),
		Properties: posthog.Properties{"order": 17, "$release_id": "r_7", "$issue_name": "Nightly"},
		ExceptionList: []posthog.ExceptionItem{
			{
				Type: "shop.NightlyError", Value: "nightly run failed", Module: "example.com/shop", ThreadID: 18,
				Mechanism: &posthog.ExceptionMechanism{
					Type: "moonlight", Handled: posthog.Ptr(false), Synthetic: posthog.Ptr(true),
					Extra: posthog.Properties{"phase": "full", "data": map[string]any{"n": 1}, "handled": "forged", "exception_id": -1, "type": 7},
				},
				Stacktrace: &posthog.ExceptionStacktrace{Type: "raw", Frames: []posthog.StackFrame{
					{
						Filename: "main.go", LineNo: 10, Function: "main.main", InApp: true, Platform: "native", Lang: "go", ClientResolved: true,
						InstructionAddr: "0x401000", SymbolAddr: "0x400f00", ImageAddr: "0x400000",
					},
					{Filename: "main.go", LineNo: 12, Function: "main.inlined", InApp: true, Platform: "native", Lang: "go", Inline: true,
						InstructionAddr: "0x401000", SymbolAddr: "0x400f00", ImageAddr: "0x400000"},
					{
						Filename: "run.go", LineNo: 3, Function: "main.run", Platform: "custom", Lang: "go", Resolved: true, Synthetic: true,
						ContextLine: "\treturn err", PreContext: []string{"{", "}"}, PostContext: []string{"}"},
					},
				}},
			},
			{Type: "io.Error", Mechanism: &posthog.ExceptionMechanism{Source: "member", Handled: posthog.Ptr(true)}, Stacktrace: &posthog.ExceptionStacktrace{}},
			{Type: "io.Error", Value: "second", Mechanism: &posthog.ExceptionMechanism{Type: "generic", ParentID: posthog.Ptr(0)}},
		},
		DebugImages: []posthog.DebugImage{
			{Type: "elf", DebugID: "d1", CodeID: "c1", ImageAddr: "0x400000", ImageSize: 4096, ImageVmaddr: "0x0", CodeFile: "/app", Arch: "x86_64"},
		},
	}
}

// A hook that changes nothing changes nothing, whoever made the exception.
// Proves EXC-23.
func TestHooksKeepEverything(t *testing.T) {
	t.Parallel()
	plain := send(t, posthog.Config{}, fullException())
	mechanism := plain.Properties["$exception_list"].([]any)[0].(map[string]any)["mechanism"]
	if got, want := canonical(t, mechanism), `{"data":{"n":1},"exception_id":0,"handled":false,"phase":"full","synthetic":true,"type":"moonlight"}`; got != want {
		t.Errorf("the mechanism is %s, want %s", got, want)
	}
	requireProperties(t, plain, map[string]any{
		"$exception_level": "warning", "$exception_source": "go.cron", "$exception_fingerprint": "nightly", "$release_id": "r_7",
		"$issue_name": "Nightly", "order": 17,
	})
	for name, config := range map[string]posthog.Config{
		"a Hook":     {Hooks: []posthog.Hook{func(e *posthog.Event) *posthog.Event { return e }}},
		"BeforeSend": {BeforeSend: func(m posthog.Message) posthog.Message { return m }},
		"both": {
			BeforeSend: func(m posthog.Message) posthog.Message { return m },
			Hooks:      []posthog.Hook{func(e *posthog.Event) *posthog.Event { return e }},
		},
	} {
		hooked := send(t, config, fullException())
		if got, want := canonical(t, hooked.Properties), canonical(t, plain.Properties); got != want {
			t.Errorf("%s: a message arrives as\n%s\nwant\n%s", name, got, want)
		}
		lists := make(map[bool]string)
		for _, with := range []bool{true, false} {
			c := posthog.Config{}
			if with {
				c = config
			}
			e := captureOne(t, c, fmt.Errorf("order: %w", errors.Join(&chargeError{1}, readLedger())), posthog.WithSource("go.cron", "timer"))
			for _, entry := range e.Properties["$exception_list"].([]any) {
				if stack, ok := entry.(map[string]any)["stacktrace"].(map[string]any); ok {
					for _, f := range stack["frames"].([]any) {
						if f := f.(map[string]any); f["synthetic"] == false {
							delete(f, "synthetic") // which is what its absence says
						}
					}
				}
			}
			lists[with] = canonical(t, e.Properties["$exception_list"]) + canonical(t, e.Properties["$exception_source"])
		}
		if lists[true] != lists[false] {
			t.Errorf("%s: a captured error arrives as\n%s\nwant\n%s", name, lists[true], lists[false])
		}
	}
}

// What stands beside the list follows it, so that a text that a hook takes out is
// gone. What PostHog finds by itself is not a hook's to say either. Proves EXC-26.
func TestHooksRedact(t *testing.T) {
	t.Parallel()
	redact := func(items []posthog.ExceptionItem) { items[0].Type, items[0].Value = "Redacted", "***" }
	for name, config := range map[string]posthog.Config{
		"a Hook": {Hooks: []posthog.Hook{func(e *posthog.Event) *posthog.Event {
			redact(e.Properties["$exception_list"].([]posthog.ExceptionItem))
			e.Properties["$exception_level"], e.Properties["$exception_fingerprint"], e.Properties["$issue_name"] = "warn", 7, []int{7}
			e.Properties["$issue_severity"], e.Properties["$exception_handled"], e.Properties["$exception_issue_id"] = 7, true, "i"
			return e
		}}},
		"BeforeSend": {BeforeSend: func(m posthog.Message) posthog.Message {
			msg := m.(posthog.Exception)
			redact(msg.ExceptionList)
			msg.Level, msg.Properties["$exception_fingerprint"], msg.Properties["$issue_name"] = "warn", 7, []int{7}
			return msg
		}},
	} {
		e := captureOne(t, config, errors.New("password is hunter2"))
		if strings.Contains(string(e.Raw), "hunter2") {
			t.Errorf("%s: the text that was taken out arrived: %s", name, e.Raw)
		}
		requireStored(t, e, map[string]any{
			"$exception_type": "Redacted", "$exception_message": "***", "$exception_level": "warning",
			"$exception_fingerprint": absent, "$issue_name": absent, "$issue_severity": absent,
			"$exception_handled": absent, "$exception_issue_id": absent,
		})
	}
	e := captureOne(t, posthog.Config{BeforeSend: func(m posthog.Message) posthog.Message {
		msg := m.(posthog.Exception)
		msg.Level = ""
		return msg
	}}, errors.New("e"))
	requireStored(t, e, map[string]any{"$exception_level": "error"})
}

// The copies beside the list are there for programs that read them. A hook that
// does without them is obeyed. Proves EXC-2.
func TestHooksRemoveCopies(t *testing.T) {
	t.Parallel()
	for name, keys := range map[string][]string{
		"both":        {"$exception_type", "$exception_message"},
		"the message": {"$exception_message"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, server := open(t, posthog.Config{Hooks: []posthog.Hook{func(e *posthog.Event) *posthog.Event {
				for _, key := range keys {
					delete(e.Properties, key)
				}
				return e
			}}})
			if err := client.CaptureException(t.Context(), errors.New("e")); err != nil {
				t.Fatal(err)
			}
			e := one(t, client, server)
			for _, key := range keys {
				requireProperties(t, e, map[string]any{key: absent})
			}
			if len(keys) == 1 {
				requireProperties(t, e, map[string]any{"$exception_type": "errors.errorString"})
			}
		})
	}
}

// Hooks that leave nothing to show drop the exception, and are told so.
func TestHooksThatBreakExceptions(t *testing.T) {
	t.Parallel()
	for name, hook := range map[string]posthog.Hook{
		"panics":           func(*posthog.Event) *posthog.Event { panic("hook") },
		"removes the list": func(e *posthog.Event) *posthog.Event { delete(e.Properties, "$exception_list"); return e },
		"empties the list": func(e *posthog.Event) *posthog.Event {
			e.Properties["$exception_list"] = []posthog.ExceptionItem{}
			return e
		},
		"empties a title": func(e *posthog.Event) *posthog.Event {
			e.Properties["$exception_list"].([]posthog.ExceptionItem)[0].Type = " "
			return e
		},
	} {
		log := new(logLines)
		client, server := open(t, posthog.Config{Logger: log, Hooks: []posthog.Hook{hook}})
		if err := client.CaptureException(t.Context(), errors.New("e")); err != nil {
			t.Errorf("%s: CaptureException: %v", name, err)
		}
		flush(t, client)
		if s := requireLedger(t, client); s.DroppedBy[posthog.OutcomeHookFailed] != 1 || len(server.Events()) != 0 || len(log.having("WARN")) != 1 {
			t.Errorf("%s: %v were dropped, %d events arrived, and the log is %q; want one drop and a warning", name, s.DroppedBy, len(server.Events()), log.all())
		}
	}
	drop := func(*posthog.Event) *posthog.Event { return nil }
	client, _ := open(t, posthog.Config{Hooks: []posthog.Hook{drop}})
	if err := client.CaptureException(t.Context(), errors.New("e")); err != nil {
		t.Errorf("CaptureException with a hook that drops: %v", err)
	}
	if s := requireLedger(t, client); s.DroppedBy[posthog.OutcomeHookDropped] != 1 {
		t.Errorf("%v were dropped, want one by a hook", s.DroppedBy)
	}
}
