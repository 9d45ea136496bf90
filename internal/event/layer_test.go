package event_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/wire"
)

// layered returns a draft with the same properties of the request context as
// those of d, in a layer: those that are texts by one way, the others by the
// other.
func layered(d event.Draft) *event.Draft {
	var texts []event.Text
	rest := object{}
	for _, key := range slices.Sorted(maps.Keys(d.Context)) {
		if text, ok := d.Context[key].(string); ok {
			texts = append(texts, event.Text{Key: key, Value: text})
		} else {
			rest[key] = d.Context[key]
		}
	}
	d.Context, d.Layer = nil, event.NewLayer(texts, rest)
	return &d
}

// A layer makes the event that a map would make, whether or not something
// clashes: the keys are so many that about half of the events have no clash.
func TestALayerChangesNothing(t *testing.T) {
	t.Parallel()
	values := []any{"text", 7, true, nil, object{"a": 1}, func() {}, ""}
	keys := []string{"$current_url", "$request_method", "$ip", "$os", "$session_id", "$product_tour_id", "service"}
	for i := range 60 {
		keys = append(keys, fmt.Sprintf("key %d", i))
	}
	for seed := range uint64(2000) {
		dice := rand.New(rand.NewPCG(seed, 1))
		some := func(most int) object {
			m := object{}
			for range dice.IntN(most) {
				m[keys[dice.IntN(len(keys))]] = values[dice.IntN(len(values))]
			}
			return m
		}
		s, _ := event.NewStatic("hedgerow", "1.2.3", some(5))
		draft := event.Draft{Properties: some(5), Context: some(5), Personless: dice.IntN(2) == 0}
		if dice.IntN(2) == 0 {
			draft.SessionID, draft.WindowID, draft.DeviceID = "s_1", "w_1", "d_1"
		}
		if dice.IntN(4) == 0 {
			draft.Groups = object{"company": "acme"}
		}
		want, got := written(t, complete(draft), s), written(t, layered(*complete(draft)), s)
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: with a layer Append made\n%v, without\n%v, want the same", seed, got, want)
		}
	}
}

// Of a text and another property of one name, the property counts.
func TestPropertiesOfALayerBeatItsTexts(t *testing.T) {
	t.Parallel()
	layer := event.NewLayer([]event.Text{{Key: "$ip", Value: "192.0.2.1"}, {Key: "$request_path", Value: "/"}}, object{"$ip": "hidden"})
	want := object{"$ip": "hidden", "$request_path": "/"}
	if got := layer.Values(); !reflect.DeepEqual(got, want) {
		t.Errorf("Values: got %v, want %v", got, want)
	}
	if got := written(t, complete(event.Draft{Layer: layer}), new(event.Static)); !reflect.DeepEqual(got, want) {
		t.Errorf("Append: got %v, want %v", got, want)
	}
}

// A value that is lost is lost for each event, and each says so.
func TestALayerReportsItsLossesEachTime(t *testing.T) {
	t.Parallel()
	layer := event.NewLayer(nil, object{"broken": func() {}})
	for range 2 {
		var e wire.Encoder
		event.Append(nil, &e, complete(event.Draft{Layer: layer}), new(event.Static))
		if losses := e.Losses(); len(losses) != 1 || losses[0].Key != "broken" {
			t.Errorf("got losses %v, want one of broken", losses)
		}
	}
}

// One layer serves the events of several clients at the same time.
func TestALayerIsShared(t *testing.T) {
	t.Parallel()
	layer := event.NewLayer([]event.Text{{Key: "$ip", Value: "192.0.2.1"}}, object{"plan": "pro"})
	var group sync.WaitGroup
	for i := range 8 {
		s := static(t, object{"client": i})
		group.Go(func() {
			for range 100 {
				got := written(t, complete(event.Draft{Layer: layer, Properties: object{"i": "i"}}), s)
				if got["client"] != float64(i) || got["$ip"] != "192.0.2.1" || got["plan"] != "pro" {
					t.Errorf("got %v, want the client %d, and $ip and plan of the layer", got, i)
				}
				if values := layer.Values(); len(values) != 2 {
					t.Errorf("Values: got %v, want two", values)
				}
			}
		})
	}
	group.Wait()
}
