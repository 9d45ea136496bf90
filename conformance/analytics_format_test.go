package main_test

import (
	"fmt"
	"slices"
	"time"
)

// eventTests state what an event looks like, alone and as one of several.
var eventTests = append(everyForm(), test{"uuid_is_generated", func(p *play) {
	p.start(nil)
	want := []string{p.capture(nil), p.capture(nil)}
	p.flush()
	got := p.field("uuid", p.atLeast(1, 2*time.Second)...)
	p.distinct("uuids", got)
	slices.Sort(want)
	if slices.Sort(got); !slices.Equal(got, want) {
		p.failf("uuids: got %v at the mock and %v from /capture, want the same", got, want)
	}
}})

// form is something that every event has to be.
type form struct {
	name  string
	given object
	wrong func(event object) string // "" if nothing is
}

// everyForm makes two tests of each form: for a single event, and for all of a batch.
func everyForm() []test {
	var all []test
	for _, f := range forms {
		all = append(all,
			test{"event_" + f.name, func(p *play) {
				event, _ := p.only(f.given)
				if wrong := f.wrong(event); wrong != "" {
					p.failf("%s; the event is %v", wrong, event)
				}
			}},
			test{"every_event_" + f.name, func(p *play) {
				p.start(object{"flush_at": 10})
				for range 3 {
					p.capture(f.given)
				}
				p.flush()
				events := p.events(p.exactly(1)[0])
				if len(events) != 3 {
					p.failf("events of the request: got %d, want 3", len(events))
				}
				for i, event := range events {
					if wrong := f.wrong(event); wrong != "" {
						p.failf("%s; event %d is %v", wrong, i, event)
					}
				}
			}},
		)
	}
	return all
}

const local = "2025-01-02T08:34:05+05:30"

var forms = []form{
	{"has_its_name", object{"event": "Order Paid"}, func(event object) string {
		return differs("event", event["event"], "Order Paid")
	}},
	{"has_a_uuid", nil, func(event object) string {
		if uuid, _ := event["uuid"].(string); !uuidForm.MatchString(uuid) {
			return fmt.Sprintf("uuid: got %v, want one that can be parsed", event["uuid"])
		}
		return ""
	}},
	{"has_its_distinct_id", object{"distinct_id": "12345"}, func(event object) string {
		return differs("distinct_id", event["distinct_id"], "12345")
	}},
	{"has_a_timestamp_in_utc", nil, func(event object) string {
		if at, _ := event["timestamp"].(string); !instantUTC.MatchString(at) {
			return fmt.Sprintf("timestamp: got %v, want an instant in UTC", event["timestamp"])
		}
		return ""
	}},
	{"has_its_instant", object{"timestamp": local, "properties": object{"seen_at": local}}, func(event object) string {
		if at, _ := event["timestamp"].(string); !instantForm.MatchString(at) {
			return fmt.Sprintf("timestamp for %s: got %v, want 2025-01-02T03:04:05Z", local, event["timestamp"])
		}
		return differs("a property with the same text", property(event, "seen_at"), local)
	}},
	{"has_no_distinct_id_among_its_properties", nil, func(event object) string {
		if properties, ok := event["properties"].(object); !ok || properties["distinct_id"] != nil {
			return fmt.Sprintf("properties: got %v, want an object without distinct_id", event["properties"])
		}
		return ""
	}},
	{"keeps_its_properties", object{"properties": object{"text": "value", "number": 42, "yes": true}}, func(event object) string {
		return differs("properties", []any{property(event, "text"), property(event, "number"), property(event, "yes")}, []any{"value", 42.0, true})
	}},
	{"keeps_set", object{"properties": object{"$set": object{"plan": "pro"}}}, func(event object) string {
		return differs("$set", property(event, "$set"), object{"plan": "pro"})
	}},
	{"keeps_set_once", object{"properties": object{"$set_once": object{"first": "x"}}}, func(event object) string {
		return differs("$set_once", property(event, "$set_once"), object{"first": "x"})
	}},
	{"keeps_groups", object{"properties": object{"$groups": object{"company": "acme"}}}, func(event object) string {
		return differs("$groups", property(event, "$groups"), object{"company": "acme"})
	}},
}

func property(event object, name string) any {
	properties, _ := event["properties"].(object)
	return properties[name]
}

// differs says how, if it does.
func differs(what string, got, want any) string {
	if fmt.Sprintf("%#v", got) == fmt.Sprintf("%#v", want) {
		return ""
	}
	return fmt.Sprintf("%s: got %#v, want %#v", what, got, want)
}
