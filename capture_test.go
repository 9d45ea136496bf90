package posthog_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// canonicalUUID is the form in which uuids travel; version 7 is what the
// library makes.
var (
	canonicalUUID = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	version7      = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
)

// Proves CAP-1, ZIG-30, GO-05, RS-09.
func TestCaptureArrivesWithItsProperties(t *testing.T) {
	t.Parallel()
	e := send(t, posthog.Config{}, posthog.Capture{
		DistinctId: "u_42",
		Event:      "order paid",
		Properties: posthog.Properties{"amount": 12.5, "items": 3, "id": int64(9007199254740993), "big": uint64(1) << 63, "note": "größe"},
	})
	if e.Event != "order paid" || e.DistinctID != "u_42" {
		t.Errorf("got event %q of %q, want %q of %q", e.Event, e.DistinctID, "order paid", "u_42")
	}
	requireProperties(t, e, map[string]any{
		"amount": 12.5, "items": 3, "id": int64(9007199254740993), "big": uint64(1) << 63, "note": "größe",
		"$lib": posthog.SDKName, "$lib_version": posthog.Version, "distinct_id": absent,
	})
}

// Proves CAP-2.
func TestEveryEventHasAUUIDAndATime(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	before := time.Now()
	for _, msg := range everyMessage() {
		enqueue(t, client, msg)
	}
	after := time.Now()
	flush(t, client)
	events := arrived(t, server)
	if len(events) != len(everyMessage()) {
		t.Fatalf("got %d events, want %d", len(events), len(everyMessage()))
	}
	seen := make(map[string]bool)
	for _, e := range events {
		if !version7.MatchString(e.UUID) || seen[e.UUID] {
			t.Errorf("%s: uuid %q is no new UUIDv7", e.Event, e.UUID)
		}
		seen[e.UUID] = true
		at, err := time.Parse(time.RFC3339Nano, e.Timestamp)
		if err != nil || at.Before(before) || at.After(after) || !strings.HasSuffix(e.Timestamp, "Z") {
			t.Errorf("%s: timestamp %q (%v), want the time of the call in UTC", e.Event, e.Timestamp, err)
		}
	}
}

// Proves CAP-3: the caller learns the uuid on the wire, or that there is none.
func TestSubmitReturnsTheUUIDOfTheWire(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	delivery, err := client.Submit(t.Context(), capture("order paid"))
	if err != nil {
		t.Fatalf("Submit: %v", err)
	}
	e := one(t, client, server)
	if e.UUID != delivery.UUID {
		t.Errorf("Delivery.UUID is %q, on the wire it is %q", delivery.UUID, e.UUID)
	}
	if err := delivery.Wait(t.Context()); err != nil {
		t.Errorf("Wait: %v, want nil for a delivered event", err)
	}
	if delivery, err := client.Submit(t.Context(), posthog.Capture{}); delivery != nil || err == nil {
		t.Errorf("Submit of an invalid message: got %v, %v, want nil and an error", delivery, err)
	}
}

// Proves CAP-3: whatever makes nothing travel leaves Submit and Send without a
// uuid, and says so.
func TestNoUUIDOfWhatDoesNotTravel(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config posthog.Config
		want   posthog.Outcome
	}{
		"a hook drops it":        {posthog.Config{Hooks: []posthog.Hook{func(*posthog.Event) *posthog.Event { return nil }}}, posthog.OutcomeHookDropped},
		"a hook fails":           {posthog.Config{Hooks: []posthog.Hook{func(*posthog.Event) *posthog.Event { panic("boom") }}}, posthog.OutcomeHookFailed},
		"the client is disabled": {posthog.Config{Disabled: true}, posthog.OutcomeDisabled},
		"the run is dry":         {posthog.Config{DryRun: true}, posthog.OutcomeDryRun},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, server := open(t, c.config)
			delivery, err := client.Submit(t.Context(), capture("e"))
			if err != nil || delivery.UUID != "" {
				t.Errorf("Submit: got uuid %q, %v; want none of both", delivery.UUID, err)
			}
			var ended *posthog.DeliveryError
			if err := delivery.Wait(t.Context()); !errors.As(err, &ended) || ended.Outcome != c.want {
				t.Errorf("Wait: got %v, want a DeliveryError with %s", err, c.want)
			}
			result, err := client.Send(t.Context(), capture("e"))
			if err != nil || result.Events[0].UUID != "" || result.Events[0].Verdict != posthog.VerdictDiscarded {
				t.Errorf("Send: got %+v, %v; want a discarded event without a uuid", result, err)
			}
			flush(t, client)
			server.Recorder(t).Empty()
		})
	}
}

// Proves PY-49: a hook may change the uuid, or make it invalid, and the caller
// learns the one that travels all the same.
func TestSubmitReturnsTheUUIDThatAHookChose(t *testing.T) {
	t.Parallel()
	const chosen = "0198f2c4-7a10-7c3e-9d54-3b0f6f0a1c22"
	for name, c := range map[string]struct {
		given string
		known bool
	}{
		"it is valid":   {chosen, true},
		"in capitals":   {strings.ToUpper(chosen), true},
		"it is invalid": {"not a uuid", false},
		"it is empty":   {"", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, server := open(t, posthog.Config{Hooks: []posthog.Hook{func(e *posthog.Event) *posthog.Event {
				e.Uuid = c.given
				return e
			}}})
			msg := capture("e")
			msg.Uuid = "0198f2c4-7a10-7c3e-9d54-ffffffffffff"
			delivery, err := client.Submit(t.Context(), msg)
			if err != nil {
				t.Fatalf("Submit: %v", err)
			}
			e := one(t, client, server)
			if e.UUID != delivery.UUID || !canonicalUUID.MatchString(e.UUID) || e.UUID == msg.Uuid || (e.UUID == chosen) != c.known {
				t.Errorf("a hook chose %q: Delivery.UUID is %q, on the wire it is %q", c.given, delivery.UUID, e.UUID)
			}
			result, err := client.Send(t.Context(), msg)
			if err != nil || result.Events[0].UUID != arrived(t, server)[1].UUID {
				t.Errorf("Send: got %+v, %v; on the wire it is %q", result, err, arrived(t, server)[1].UUID)
			}
		})
	}
}

// Proves CAP-8, HV0-6.
func TestTimestampKeepsTheInstant(t *testing.T) {
	t.Parallel()
	kolkata := time.FixedZone("IST", 5*3600+1800)
	for name, c := range map[string]struct {
		given time.Time
		want  string
	}{
		"a whole second in UTC":         {time.Date(2026, 8, 22, 9, 15, 4, 0, time.UTC), "2026-08-22T09:15:04Z"},
		"milliseconds":                  {time.Date(2026, 8, 22, 9, 15, 4, 120e6, time.UTC), "2026-08-22T09:15:04.12Z"},
		"nanoseconds":                   {time.Date(2026, 8, 22, 9, 15, 4, 123456789, time.UTC), "2026-08-22T09:15:04.123456789Z"},
		"another zone":                  {time.Date(2026, 8, 22, 9, 15, 4, 5e8, kolkata), "2026-08-22T03:45:04.5Z"},
		"a zone that changes the day":   {time.Date(2026, 1, 1, 0, 0, 0, 0, kolkata), "2025-12-31T18:30:00Z"},
		"the distant past":              {time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), "0001-01-01T00:00:01Z"},
		"the last year that is allowed": {time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), "9999-12-31T23:59:59Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			msg := capture("e")
			msg.Timestamp = c.given
			if got := send(t, posthog.Config{}, msg).Timestamp; got != c.want {
				t.Errorf("timestamp of %v is %q, want %q", c.given, got, c.want)
			}
		})
	}
}

// Proves CAP-9.
func TestTextThatLooksLikeATimeIsLeftAlone(t *testing.T) {
	t.Parallel()
	text := "2026-08-22T09:15:04+05:30"
	e := send(t, posthog.Config{}, posthog.Capture{DistinctId: "u", Event: "e", Properties: posthog.Properties{
		"at": text, "list": []string{text}, "nested": map[string]any{"timestamp": text},
	}})
	requireProperties(t, e, map[string]any{"at": text, "list": []string{text}, "nested": map[string]any{"timestamp": text}})
}

// Proves CAP-10: what travels is canonical, and is what Submit returns.
func TestUUIDOfTheCaller(t *testing.T) {
	t.Parallel()
	const id = "0198f2c4-7a10-7c3e-9d54-3b0f6f0a1c22"
	for name, c := range map[string]struct{ given, want string }{
		"canonical":         {id, id},
		"upper case":        {strings.ToUpper(id), id},
		"in braces":         {"{" + id + "}", id},
		"a urn":             {"urn:uuid:" + id, id},
		"without hyphens":   {strings.ReplaceAll(id, "-", ""), id},
		"of version 4":      {"F47AC10B-58CC-4372-A567-0E02B2C3D479", "f47ac10b-58cc-4372-a567-0e02b2c3d479"},
		"garbage":           {"order-17", ""},
		"one digit short":   {id[:35], ""},
		"with white space":  {" " + id, ""},
		"not hexadecimal":   {"g" + id[1:], ""},
		"nothing but space": {"  ", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := new(logLines)
			client, server := open(t, posthog.Config{Logger: log})
			msg := capture("e")
			msg.Uuid = c.given
			delivery, err := client.Submit(t.Context(), msg)
			if err != nil {
				t.Fatalf("Submit with Uuid %q: %v", c.given, err)
			}
			e := one(t, client, server)
			if e.UUID != delivery.UUID || !canonicalUUID.MatchString(e.UUID) {
				t.Errorf("Uuid %q travels as %q, Submit says %q", c.given, e.UUID, delivery.UUID)
			}
			switch {
			case c.want != "" && (e.UUID != c.want || len(log.all()) != 0):
				t.Errorf("Uuid %q travels as %q, want %q; log %q", c.given, e.UUID, c.want, log.all())
			case c.want == "":
				log.requireLine(t, "WARN", "no UUID")
			}
		})
	}
}

// Proves CAP-11, GO-34.
func TestGroupsBecomeAProperty(t *testing.T) {
	t.Parallel()
	e := send(t, posthog.Config{}, posthog.Capture{
		DistinctId: "u", Event: "e",
		Properties: posthog.Properties{"$groups": map[string]any{"company": "old", "team": "red"}},
		Groups:     posthog.NewGroups().Set("company", "acme").Set("project", 17).Set("tier", 1.5),
	})
	requireProperties(t, e, map[string]any{
		"$groups": map[string]any{"company": "acme", "team": "red", "project": "17", "tier": "1.5"},
	})
}

// Proves CAP-13, PY-19.
func TestGeoIPIsOffUnlessAskedFor(t *testing.T) {
	t.Parallel()
	msg := capture("e")
	requireProperties(t, send(t, posthog.Config{}, msg), map[string]any{"$geoip_disable": true})
	requireProperties(t, send(t, posthog.Config{DisableGeoIP: posthog.Ptr(false)}, msg), map[string]any{"$geoip_disable": absent})
	msg.Properties = posthog.Properties{"$geoip_disable": false}
	requireProperties(t, send(t, posthog.Config{}, msg), map[string]any{"$geoip_disable": false})
	msg.Properties = posthog.Properties{"$geoip_disable": true}
	requireProperties(t, send(t, posthog.Config{DisableGeoIP: posthog.Ptr(false)}, msg), map[string]any{"$geoip_disable": true})
}

// Proves CAP-14.
func TestIsServerIsTrueOrAbsent(t *testing.T) {
	t.Parallel()
	no := posthog.Ptr(false)
	identity := func(e *posthog.Event) *posthog.Event { return e }
	denied := posthog.Capture{DistinctId: "u", Event: "e", Properties: posthog.Properties{"$is_server": false}}
	for name, c := range map[string]struct {
		config posthog.Config
		msg    posthog.Message
		want   any
	}{
		"by default":                   {posthog.Config{}, capture("e"), true},
		"configured false":             {posthog.Config{IsServer: no}, capture("e"), absent},
		"false as a property":          {posthog.Config{}, denied, absent},
		"false as a default property":  {posthog.Config{DefaultEventProperties: posthog.Properties{"$is_server": false}}, capture("e"), absent},
		"false and seen by a hook":     {posthog.Config{Hooks: []posthog.Hook{identity}}, denied, absent},
		"configured, with a hook":      {posthog.Config{IsServer: no, Hooks: []posthog.Hook{identity}}, capture("e"), absent},
		"false as a context's default": {posthog.Config{IsServer: no}, denied, absent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireProperties(t, send(t, c.config, c.msg), map[string]any{"$is_server": c.want})
		})
	}
}

// Proves GO-08, GO-09, GO-13, GO-36.
func TestPersonPropertiesOnAnEvent(t *testing.T) {
	t.Parallel()
	e := send(t, posthog.Config{}, posthog.Capture{
		DistinctId: "u", Event: "$pageview",
		Properties: posthog.Properties{
			"$current_url": "https://example.com/",
			"$set":         posthog.Properties{"plan": "free", "nested": map[string]any{"deep": []any{1, "two"}}},
			"$set_once":    map[string]any{"first": "kept"},
			"name":         "Acme",
		},
		Set:     posthog.Properties{"plan": "pro"},
		SetOnce: posthog.Properties{"seen": 1},
	})
	requireProperties(t, e, map[string]any{
		"$current_url": "https://example.com/",
		"$set":         map[string]any{"plan": "pro", "nested": map[string]any{"deep": []any{1, "two"}}},
		"$set_once":    map[string]any{"first": "kept", "seen": 1},
		"name":         "Acme",
	})
}

// Proves CAP-4: at once, for every type, and back again.
func TestOptOutIsImmediate(t *testing.T) {
	t.Parallel()
	client, server := open(t, posthog.Config{})
	enqueue(t, client, capture("before"))
	client.OptOut()
	if !client.OptedOut() {
		t.Error("OptedOut is false after OptOut")
	}
	for _, msg := range everyMessage() {
		enqueue(t, client, msg)
	}
	if result, err := client.Send(t.Context(), capture("sent")); err != nil || result.Events[0].Verdict != posthog.VerdictDiscarded {
		t.Errorf("Send while opted out: got %+v, %v, want a discarded event", result, err)
	}
	delivery, err := client.Submit(t.Context(), capture("submitted"))
	if err != nil || delivery.UUID != "" || delivery.Wait(t.Context()) == nil {
		t.Errorf("Submit while opted out: got %+v, %v, want a Delivery without uuid that ended undelivered", delivery, err)
	}
	client.OptIn()
	enqueue(t, client, capture("after"))
	flush(t, client)
	server.Recorder(t).Exactly([]posthogtest.Want{{Name: "before"}, {Name: "after"}})
	if s := requireLedger(t, client); s.DroppedBy[posthog.OutcomeOptedOut] != uint64(len(everyMessage())+2) {
		t.Errorf("DroppedBy is %v, want %d opted out", s.DroppedBy, len(everyMessage())+2)
	}
}
