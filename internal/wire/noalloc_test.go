package wire_test

import (
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/wire"
)

func requireNoAlloc(t *testing.T, properties map[string]any) {
	t.Helper()
	var encoder wire.Encoder
	buffer := make([]byte, 0, 8192)
	got := testing.AllocsPerRun(100, func() {
		encoder.Reset()
		buffer = appendEvent(buffer[:0], &encoder, properties)
	})
	if got != 0 {
		t.Errorf("encoding %v allocates %v times, want 0", properties, got)
	}
	requireJSON(t, buffer)
}

func TestScalarsNoAlloc(t *testing.T) {
	requireNoAlloc(t, small5())
	requireNoAlloc(t, props20())
	requireNoAlloc(t, map[string]any{
		"text": "größe \"7\"\n", "time": eventTime, "local": eventTime.In(time.FixedZone("", 3600)), "wait": time.Second,
		"float32": float32(0.1), "third": 1.0 / 3, "uint64": uint64(1) << 63, "nothing": nil, "bytes": []byte("hedge"),
	})
}

func TestContainersNoAlloc(t *testing.T) {
	requireNoAlloc(t, nested())
	requireNoAlloc(t, map[string]any{
		"named":   properties{"a": properties{"b": []int{1, 2}}},
		"maps":    []map[string]any{{"a": 1}, {"b": 2}},
		"strings": map[string]string{"a": "b"},
		"floats":  []float64{1.5, 2.5},
		"level":   level(3),
		"bools":   []bool{true, false},
		"names":   names{"a", "b"},
		"pointer": &properties{"a": 1},
	})
}

func TestBatchNoAlloc(t *testing.T) {
	batch := wire.Batch{APIKey: "phc_test", Historical: true}
	buffer := make([]byte, 0, 256)
	got := testing.AllocsPerRun(100, func() {
		buffer = batch.AppendOpen(buffer[:0], eventTime)
		buffer = batch.AppendClose(buffer)
	})
	if got != 0 {
		t.Errorf("AppendOpen and AppendClose allocate %v times, want 0", got)
	}
}
