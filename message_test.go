package posthog_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/hedgerow/posthog"
)

// Proves IDN-1, IDN-3, ZIG-04, ZIG-31, GO-10.
func TestIdentify(t *testing.T) {
	t.Parallel()
	e := send(t, posthog.Config{}, posthog.Identify{
		DistinctId:     "u_42",
		Properties:     posthog.NewProperties().Set("email", "a@example.com").Set("plan", "pro"),
		SetOnce:        posthog.Properties{"first_seen": "2026-01-01"},
		AnonDistinctID: "anon_1",
	})
	if e.Event != "$identify" || e.DistinctID != "u_42" {
		t.Errorf("got %q of %q, want $identify of u_42", e.Event, e.DistinctID)
	}
	requireProperties(t, e, map[string]any{
		"$set":              map[string]any{"email": "a@example.com", "plan": "pro"},
		"$set_once":         map[string]any{"first_seen": "2026-01-01"},
		"$anon_distinct_id": "anon_1",
		"$lib":              posthog.SDKName,
	})
	requireProperties(t, send(t, posthog.Config{}, posthog.Identify{DistinctId: "u"}), map[string]any{
		"$set": map[string]any{}, "$set_once": absent, "$anon_distinct_id": absent,
	})
}

// Proves ALI-1, GO-11.
func TestAlias(t *testing.T) {
	t.Parallel()
	e := send(t, posthog.Config{}, posthog.Alias{DistinctId: "anon_1", Alias: "u_42"})
	if e.Event != "$create_alias" || e.DistinctID != "anon_1" {
		t.Errorf("got %q of %q, want $create_alias of anon_1", e.Event, e.DistinctID)
	}
	requireProperties(t, e, map[string]any{"alias": "u_42", "distinct_id": "anon_1"})
}

// Proves GRP-1, GRP-3, GRP-4, ZIG-05, ZIG-32, GO-35.
func TestGroupIdentify(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		msg      posthog.GroupIdentify
		distinct string
		set      any
	}{
		"with properties":               {posthog.GroupIdentify{Type: "company", Key: "acme", Properties: posthog.Properties{"name": "Acme"}}, "$company_acme", map[string]any{"name": "Acme"}},
		"without properties":            {posthog.GroupIdentify{Type: "company", Key: "acme"}, "$company_acme", map[string]any{}},
		"with empty properties":         {posthog.GroupIdentify{Type: "company", Key: "acme", Properties: posthog.Properties{}}, "$company_acme", map[string]any{}},
		"by a person":                   {posthog.GroupIdentify{Type: "company", Key: "acme", DistinctId: "u_42"}, "u_42", map[string]any{}},
		"by a person who is only space": {posthog.GroupIdentify{Type: "company", Key: "acme", DistinctId: " \t"}, "$company_acme", map[string]any{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := send(t, posthog.Config{}, c.msg)
			if e.Event != "$groupidentify" || e.DistinctID != c.distinct {
				t.Errorf("got %q of %q, want $groupidentify of %q", e.Event, e.DistinctID, c.distinct)
			}
			requireProperties(t, e, map[string]any{"$group_type": "company", "$group_key": "acme", "$group_set": c.set})
		})
	}
}

// Proves SPP-1.
func TestPersonProperties(t *testing.T) {
	t.Parallel()
	e := send(t, posthog.Config{}, posthog.PersonProperties{
		DistinctId: "u", Set: posthog.Properties{"plan": "pro"}, SetOnce: posthog.Properties{"first": 1}, Unset: []string{"trial", "coupon"},
	})
	if e.Event != "$set" {
		t.Errorf("got %q, want $set", e.Event)
	}
	requireProperties(t, e, map[string]any{
		"$set": map[string]any{"plan": "pro"}, "$set_once": map[string]any{"first": 1}, "$unset": []string{"trial", "coupon"},
	})
	e = send(t, posthog.Config{}, posthog.PersonProperties{DistinctId: "u", Unset: []string{"trial"}})
	requireProperties(t, e, map[string]any{"$set": absent, "$set_once": absent, "$unset": []string{"trial"}})
}

// invalidMessages holds messages that lack something, with the field that the
// error names. What is blank varies; all of it counts as missing.
func invalidMessages(blank string) map[string]posthog.Message {
	item := posthog.ExceptionItem{Type: "*fs.PathError"}
	return map[string]posthog.Message{
		"Capture.Event":                   posthog.Capture{DistinctId: "u", Event: blank},
		"Capture.DistinctId":              posthog.Capture{DistinctId: blank, Event: "e"},
		"Identify.DistinctId":             posthog.Identify{DistinctId: blank, Properties: posthog.Properties{"a": 1}},
		"Alias.DistinctId":                posthog.Alias{DistinctId: blank, Alias: "u"},
		"Alias.Alias":                     posthog.Alias{DistinctId: "u", Alias: blank},
		"GroupIdentify.Type":              posthog.GroupIdentify{Type: blank, Key: "acme"},
		"GroupIdentify.Key":               posthog.GroupIdentify{Type: "company", Key: blank},
		"PersonProperties.DistinctId":     posthog.PersonProperties{DistinctId: blank, Unset: []string{"a"}},
		"PersonProperties.Set":            posthog.PersonProperties{DistinctId: "u", Set: posthog.Properties{}},
		"Exception.ExceptionList":         posthog.Exception{DistinctId: "u"},
		"Exception.ExceptionList[1].Type": posthog.Exception{DistinctId: "u", ExceptionList: []posthog.ExceptionItem{item, {Type: blank}}},
	}
}

// Proves CAP-5, CAP-6, IDN-2, ALI-2, GRP-2, GO-05, GO-11: nothing is enqueued,
// the error names the field, and the log says so.
func TestBlankFieldsAreRefused(t *testing.T) {
	t.Parallel()
	for kind, blank := range map[string]string{"empty": "", "a space": " ", "line ends": "\r\n", "spaces beyond ASCII": "\u00a0\u2003"} {
		for field, msg := range invalidMessages(blank) {
			t.Run(field+" is "+kind, func(t *testing.T) {
				t.Parallel()
				log := new(logLines)
				client, server := open(t, posthog.Config{Logger: log})
				for name, err := range map[string]error{"Enqueue": client.Enqueue(msg), "Validate": msg.Validate()} {
					var invalid posthog.FieldError
					if !errors.As(err, &invalid) || invalid.Type+"."+invalid.Name != "posthog."+field {
						t.Errorf("%s(%#v): got %v, want a FieldError about %s", name, msg, err, field)
					}
				}
				if _, err := client.Send(t.Context(), capture("good"), msg); err == nil {
					t.Errorf("Send(valid, %#v): got nil, want an error", msg)
				}
				log.requireLine(t, "WARN", "refused")
				flush(t, client)
				server.Recorder(t).Empty()
				if s := requireLedger(t, client); s.Accepted != 0 || s.RefusedBy[posthog.RefusalInvalid] != 3 {
					t.Errorf("accepted %d, refused %v, want 0 and 3 invalid", s.Accepted, s.RefusedBy)
				}
			})
		}
	}
}

// Messages may be passed as values and as pointers.
func TestPointersToMessages(t *testing.T) {
	t.Parallel()
	item := []posthog.ExceptionItem{{Type: "T"}}
	client, server := open(t, posthog.Config{Workers: 1})
	enqueue(t, client,
		&posthog.Capture{DistinctId: "u", Event: "e"},
		&posthog.Identify{DistinctId: "u"},
		&posthog.Alias{DistinctId: "a", Alias: "u"},
		&posthog.GroupIdentify{Type: "company", Key: "acme"},
		&posthog.PersonProperties{DistinctId: "u", Unset: []string{"a"}},
		&posthog.Exception{DistinctId: "u", ExceptionList: item},
	)
	flush(t, client)
	server.Recorder(t).Order("e", "$identify", "$create_alias", "$groupidentify", "$set", "$exception")
}

// Proves CAP-15.
func TestDistinctIdIsAtTheRootOfEveryType(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	for _, msg := range everyMessage() {
		enqueue(t, client, msg)
	}
	flush(t, client)
	for _, e := range arrived(t, server) { // fails for an empty root distinct_id
		if _, ok := everyMessage()[e.Event]; !ok {
			t.Errorf("unexpected event %q", e.Event)
		}
	}
}

// APIfy shows the event without a client.
func TestAPIfyShowsTheMessage(t *testing.T) {
	t.Parallel()
	for name, msg := range everyMessage() {
		e := msg.APIfy()
		if e.Event != name || e.DistinctId == "" || !version7.MatchString(e.Uuid) || e.Timestamp.IsZero() {
			t.Errorf("%T.APIfy() = %+v, want the event %q with all of its fields", msg, e, name)
		}
		if _, ok := e.Properties["$lib"]; ok {
			t.Errorf("%T.APIfy() has properties of a client: %v", msg, e.Properties)
		}
	}
	if e := (posthog.Capture{}).APIfy(); e == nil {
		t.Error("APIfy of an invalid message is nil")
	}
}

// The ids that broken code sends for everybody are sent, and warned of.
func TestIllegalIdsAreWarnedOf(t *testing.T) {
	t.Parallel()
	for _, msg := range []posthog.Message{
		posthog.Identify{DistinctId: "null"},
		posthog.Alias{DistinctId: "u", Alias: "undefined"},
		posthog.Identify{DistinctId: "u", AnonDistinctID: "[object Object]"},
	} {
		t.Run(fmt.Sprintf("%T", msg), func(t *testing.T) {
			t.Parallel()
			log := new(logLines)
			client, server := open(t, posthog.Config{Logger: log})
			enqueue(t, client, msg)
			one(t, client, server)
			log.requireLine(t, "WARN", "placeholder")
		})
	}
}

// PostHog cuts distinct ids after 200 characters, whatever the event.
func TestLongDistinctIdsAreWarnedOf(t *testing.T) {
	t.Parallel()
	id := fmt.Sprintf("%0201d", 1)
	for _, msg := range []posthog.Message{
		posthog.Capture{DistinctId: id, Event: "e"},
		posthog.Identify{DistinctId: id},
		posthog.Alias{DistinctId: "u", Alias: id},
	} {
		t.Run(fmt.Sprintf("%T", msg), func(t *testing.T) {
			t.Parallel()
			log := new(logLines)
			client, _ := open(t, posthog.Config{Logger: log})
			enqueue(t, client, msg)
			log.requireLine(t, "WARN", "200 characters")
		})
	}
}
