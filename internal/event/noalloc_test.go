package event_test

import (
	"fmt"
	"testing"

	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/wire"
)

// usual are the default properties of a usual client.
func usual() object {
	return object{
		"$os": "Linux", "$os_version": "12", "$os_distro": "Debian", "$go_version": "go1.26", "$is_server": true,
		"$geoip_disable": true, "service": "shop",
	}
}

// scalars returns n scalar properties.
func scalars(n int) object {
	values := []any{"some text", 42, 12.5, true, int64(7)}
	m := make(object)
	for i := range n {
		m[fmt.Sprintf("property_%d", i)] = values[i%len(values)]
	}
	return m
}

func requireNoAlloc(t *testing.T, what string, draft event.Draft) {
	t.Helper()
	s, d := static(t, usual()), complete(draft)
	var e wire.Encoder
	buffer := make([]byte, 0, 8<<10)
	got := testing.AllocsPerRun(100, func() {
		e.Reset()
		buffer, _ = event.Append(buffer[:0], &e, d, s)
	})
	if got != 0 {
		t.Errorf("Append of %s allocates %v times, want 0", what, got)
	}
}

func TestAppend5NoAlloc(t *testing.T) {
	requireNoAlloc(t, "5 properties", event.Draft{Properties: scalars(5)})
}

func TestAppend20NoAlloc(t *testing.T) {
	requireNoAlloc(t, "20 properties", event.Draft{Properties: scalars(20)})
}

func TestAppendWithContextNoAlloc(t *testing.T) {
	requireNoAlloc(t, "a request's event", event.Draft{
		Properties: scalars(5), Context: object{"$current_url": "https://example.com/", "service": "shop"},
		SessionID: "s_1", Personless: true, Groups: object{"company": "acme"},
	})
}

func TestAppendWithLayerNoAlloc(t *testing.T) {
	requireNoAlloc(t, "a request's event with a layer", event.Draft{
		Properties: scalars(5), SessionID: "s_1", Personless: true,
		Layer: event.NewLayer([]event.Text{{Key: "$request_method", Value: "GET"}}, object{"$current_url": "https://example.com/"}),
	})
}

func BenchmarkAppend(b *testing.B) {
	for name, draft := range map[string]event.Draft{
		"5 properties":         {Properties: scalars(5)},
		"20 properties":        {Properties: scalars(20)},
		"5 properties, groups": {Properties: scalars(5), Groups: object{"company": "acme"}},
		"5 properties, request": {
			Properties: scalars(5), Context: object{"$current_url": "https://example.com/"}, SessionID: "s_1",
		},
		"5 properties, request in a layer": {
			Properties: scalars(5), Layer: event.NewLayer(nil, object{"$current_url": "https://example.com/"}), SessionID: "s_1",
		},
	} {
		b.Run(name, func(b *testing.B) {
			s, d := static(b, usual()), complete(draft)
			var e wire.Encoder
			var buffer []byte
			b.ReportAllocs()
			for b.Loop() {
				e.Reset()
				buffer, _ = event.Append(buffer[:0], &e, d, s)
			}
		})
	}
}

func BenchmarkBuild(b *testing.B) {
	s, d := static(b, usual()), complete(event.Draft{Properties: scalars(20)})
	b.ReportAllocs()
	for b.Loop() {
		event.Build(d, s)
	}
}
