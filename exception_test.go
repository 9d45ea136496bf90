package posthog_test

import (
	"testing"

	"github.com/hedgerow/posthog"
)

// Proves EXC-1, EXC-2, EXC-24, ZIG-33.
func TestExceptionArrivesWithItsFields(t *testing.T) {
	t.Parallel()
	e := send(t, posthog.Config{}, posthog.Exception{
		DistinctId: "u_42",
		Level:      posthog.LevelWarning,
		ExceptionList: []posthog.ExceptionItem{
			{
				Type: "*shop.CheckoutError", Value: "checkout failed",
				Mechanism: &posthog.ExceptionMechanism{Type: "generic", Handled: posthog.Ptr(false), Synthetic: posthog.Ptr(false), ExceptionID: posthog.Ptr(0)},
				Stacktrace: &posthog.ExceptionStacktrace{Type: "raw", Frames: []posthog.StackFrame{
					{Filename: "main.go", LineNo: 10, Function: "main.main", InApp: true, Platform: "native", Lang: "go", ImageAddr: "0x400000", InstructionAddr: "0x401000"},
				}},
			},
			{
				Type: "*net.OpError", Value: "dial tcp: refused",
				Mechanism: &posthog.ExceptionMechanism{Type: "chained", Source: "cause", ExceptionID: posthog.Ptr(1), ParentID: posthog.Ptr(0)},
			},
		},
		DebugImages:          []posthog.DebugImage{{Type: "elf", DebugID: "d1", ImageAddr: "0x400000", Arch: "amd64"}},
		ExceptionFingerprint: posthog.Ptr("checkout"),
		Properties:           posthog.Properties{"order": 17},
	})
	requireProperties(t, e, map[string]any{
		"$exception_level":       "warning",
		"$exception_type":        "*shop.CheckoutError",
		"$exception_message":     "checkout failed",
		"$exception_fingerprint": "checkout",
		"order":                  17,
		"$exception_list": []any{
			map[string]any{
				"type": "*shop.CheckoutError", "value": "checkout failed",
				"mechanism": map[string]any{"type": "generic", "handled": false, "synthetic": false, "exception_id": 0},
				"stacktrace": map[string]any{"type": "raw", "frames": []any{map[string]any{
					"filename": "main.go", "lineno": 10, "function": "main.main", "in_app": true, "synthetic": false, "platform": "native", "lang": "go",
					"image_addr": "0x400000", "instruction_addr": "0x401000",
				}}},
			},
			map[string]any{
				"type": "*net.OpError", "value": "dial tcp: refused",
				"mechanism": map[string]any{"type": "chained", "source": "cause", "exception_id": 1, "parent_id": 0},
			},
		},
		"$debug_images": []any{map[string]any{"type": "elf", "debug_id": "d1", "image_addr": "0x400000", "arch": "amd64"}},
	})
}

// Proves ZIG-34, EXC-17: every level has the name that PostHog knows, other words
// for it are understood, and what is none is an error.
func TestExceptionLevels(t *testing.T) {
	t.Parallel()
	for level, want := range map[posthog.Level]string{
		posthog.LevelFatal: "fatal", posthog.LevelError: "error", posthog.LevelWarning: "warning",
		posthog.LevelLog: "log", posthog.LevelInfo: "info", posthog.LevelDebug: "debug", "": "error",
		"Critical": "fatal", "ALERT": "fatal", "emergency": "fatal", "panic": "fatal", "Fatal": "fatal", "ERROR": "error",
		"warn": "warning", "WARNING": "warning", "LOG": "log", "notice": "info", "INFO": "info", "trace": "debug", "Debug": "debug",
		"severe": "error", "warnings": "error",
	} {
		e := send(t, posthog.Config{}, posthog.Exception{DistinctId: "u", Level: level, ExceptionList: []posthog.ExceptionItem{{Type: "T"}}})
		requireProperties(t, e, map[string]any{"$exception_level": want})
	}
}

// Proves EXC-10, EXC-16, EXC-17, EXC-24, ZIG-33: what is unknown is left out,
// and an empty text is no reason to refuse.
func TestLeastException(t *testing.T) {
	t.Parallel()
	e := send(t, posthog.Config{}, posthog.Exception{
		DistinctId:           "u",
		ExceptionList:        []posthog.ExceptionItem{{Type: "string", Mechanism: &posthog.ExceptionMechanism{}}},
		ExceptionFingerprint: posthog.Ptr(""),
	})
	requireProperties(t, e, map[string]any{
		"$exception_level": "error", "$exception_type": "string", "$exception_message": "",
		"$exception_list":        []any{map[string]any{"type": "string", "value": "", "mechanism": map[string]any{"exception_id": 0}}},
		"$exception_fingerprint": absent, "$debug_images": absent, "$exception_source": absent,
	})
}

// Proves EXC-20, EXC-26.
func TestExceptionPropertiesCannotBeOverridden(t *testing.T) {
	t.Parallel()
	forged := posthog.Properties{"mine": 1}
	for _, name := range []string{
		"$exception_list", "$exception_type", "$exception_message", "$exception_level", "$exception_source", "$debug_images",
		"$exception_handled", "$exception_types", "$exception_values", "$exception_sources", "$exception_functions",
		"$exception_fingerprint_version", "$exception_fingerprint_record", "$exception_proposed_fingerprint",
		"$exception_issue_id", "$exception_release", "$exception_releases", "$cymbal_errors",
	} {
		forged[name] = "forged"
	}
	msg := posthog.Exception{DistinctId: "u", ExceptionList: []posthog.ExceptionItem{{Type: "T", Value: "v"}}, Properties: forged}
	want := map[string]any{"mine": 1}
	for name := range forged {
		if name != "mine" {
			want[name] = absent
		}
	}
	want["$exception_list"] = []any{map[string]any{"type": "T", "value": "v", "mechanism": map[string]any{"exception_id": 0}}}
	want["$exception_type"], want["$exception_message"], want["$exception_level"] = "T", "v", "error"

	for name, config := range map[string]posthog.Config{
		"in the message":             {},
		"and seen by a hook":         {Hooks: []posthog.Hook{func(e *posthog.Event) *posthog.Event { return e }}},
		"and seen by BeforeSend":     {BeforeSend: func(m posthog.Message) posthog.Message { return m }},
		"also in default properties": {DefaultEventProperties: forged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireProperties(t, send(t, config, msg), want)
		})
	}
}

// PostHog takes fifty exceptions of a chain: the outermost and the next 49.
func TestExceptionListIsBounded(t *testing.T) {
	t.Parallel()
	items := make([]posthog.ExceptionItem, 60)
	for i := range items {
		items[i] = posthog.ExceptionItem{Type: "T"}
	}
	items[0].Type = "outermost"
	e := send(t, posthog.Config{}, posthog.Exception{DistinctId: "u", ExceptionList: items})
	list, _ := e.Properties["$exception_list"].([]any)
	if len(list) != 50 || canonical(t, list[0]) != `{"mechanism":{"exception_id":0},"type":"outermost","value":""}` {
		t.Errorf("got %d exceptions, the first %v, want 50 and the outermost", len(list), list[:min(1, len(list))])
	}
	if len(items) != 60 {
		t.Errorf("the caller's list has %d items, want 60", len(items))
	}
}

// A hook gets a copy of the whole exception: what it changes in frames and
// mechanisms stays with the event.
func TestHooksCannotReachIntoTheCallersException(t *testing.T) {
	t.Parallel()
	list := func() []posthog.ExceptionItem {
		return []posthog.ExceptionItem{{
			Type:       "T",
			Mechanism:  &posthog.ExceptionMechanism{Handled: posthog.Ptr(true)},
			Stacktrace: &posthog.ExceptionStacktrace{Type: "raw", Frames: []posthog.StackFrame{{Filename: "/home/u/main.go"}}},
		}}
	}
	redact := func(items []posthog.ExceptionItem) {
		items[0].Type = "changed"
		*items[0].Mechanism.Handled = false
		items[0].Mechanism.Type = "changed"
		items[0].Stacktrace.Frames[0].Filename = "main.go"
	}
	for name, config := range map[string]posthog.Config{
		"a Hook": {Hooks: []posthog.Hook{func(e *posthog.Event) *posthog.Event {
			redact(e.Properties["$exception_list"].([]posthog.ExceptionItem))
			return e
		}}},
		"BeforeSend": {BeforeSend: func(m posthog.Message) posthog.Message {
			redact(m.(posthog.Exception).ExceptionList)
			return m
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mine := list()
			e := send(t, config, posthog.Exception{DistinctId: "u", ExceptionList: mine})
			if got, want := canonical(t, mine), canonical(t, list()); got != want {
				t.Errorf("the caller's list is now %s, want %s", got, want)
			}
			changed := list()
			redact(changed)
			changed[0].Mechanism.ExceptionID = posthog.Ptr(0) // what is missing is completed afterwards
			changed[0].Stacktrace.Frames[0].Function, changed[0].Stacktrace.Frames[0].Platform = "unknown", "go"
			if got, want := canonical(t, e.Properties["$exception_list"]), canonical(t, changed); !sameJSON(t, got, want) {
				t.Errorf("the event's list is %s, want %s", got, want)
			}
		})
	}
}
