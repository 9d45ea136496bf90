package wire_test

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/wire"
)

// A grower builds a value out of bytes, so that the fuzzer decides its shape.
type grower struct {
	bytes []byte
	odd   bool // something encoding/json refuses or writes otherwise is inside
}

func (g *grower) next() byte {
	if len(g.bytes) == 0 {
		return 0
	}
	b := g.bytes[0]
	g.bytes = g.bytes[1:]
	return b
}

func (g *grower) text() string {
	n := min(int(g.next()%24), len(g.bytes))
	text := string(g.bytes[:n])
	g.bytes = g.bytes[n:]
	return text
}

func (g *grower) bits() (bits uint64) {
	for range 8 {
		bits = bits<<8 | uint64(g.next())
	}
	return bits
}

// value grows a value of at most the given depth.
func (g *grower) value(depth int) any {
	kind := g.next() % 32
	if depth == 0 {
		kind %= 16
	}
	switch kind {
	case 1:
		return g.text()
	case 2:
		return g.next()&1 == 1
	case 3:
		return int64(g.bits())
	case 4:
		return g.bits()
	case 5:
		return g.float()
	case 6:
		return float32(g.float())
	case 7:
		return time.Unix(int64(int32(g.bits())), int64(g.next())*1e6).UTC()
	case 8:
		return name(g.text())
	case 9:
		return []byte(g.text())
	case 10:
		return []string{g.text(), g.text()}
	case 11:
		return map[string]string{g.text(): g.text()}
	case 12:
		return point{X: int(g.next()), Label: g.text()}
	case 13:
		g.odd = true
		return json.RawMessage(g.text())
	case 14:
		g.odd = true
		return g.oddity()
	case 15:
		return textKey{g.text(), "b"}
	case 16, 17, 18:
		m := map[string]any{}
		for range g.next() % 5 {
			// Two keys that are not UTF-8 may become one, and which of the values is read then is chance.
			m[strings.ToValidUTF8(g.text(), "?")] = g.value(depth - 1)
		}
		return m
	case 19, 20, 21:
		list := []any{}
		for range g.next() % 5 {
			list = append(list, g.value(depth-1))
		}
		return list
	case 22:
		return properties{g.text(): g.value(depth - 1)}
	case 23:
		return map[int]any{int(g.next()): g.value(depth - 1)}
	case 24:
		return []map[string]any{{g.text(): g.value(depth - 1)}, nil}
	case 25:
		return pointer(g.value(depth - 1))
	case 26:
		return node{Name: g.text(), Any: g.value(depth - 1)}
	case 27:
		return &node{Name: g.text(), Next: &node{Any: g.value(depth - 1)}}
	case 28:
		return [2]any{g.value(depth - 1), g.value(depth - 1)}
	}
	return nil
}

func (g *grower) float() float64 {
	f := math.Float64frombits(g.bits())
	if math.IsNaN(f) || math.IsInf(f, 0) || math.Abs(f) > math.MaxFloat32 {
		g.odd = true
	}
	return f
}

// oddity grows a value that is written otherwise than by encoding/json, or not at all.
func (g *grower) oddity() any {
	text := []byte(g.text())
	switch g.next() % 8 {
	case 0:
		return func() {}
	case 1:
		return marshals{text: text}
	case 2:
		return texts{text: text}
	case 3:
		return errors.New(string(text))
	case 4:
		return json.Number(text)
	case 5:
		return map[any]any{string(text): 1, 2: nil}
	case 6:
		cycle := map[string]any{}
		cycle[string(text)] = []any{cycle, cycle}
		return cycle
	}
	return complex(1, 2)
}

func FuzzEncoder(f *testing.F) {
	f.Add([]byte{16, 3, 1, 'a', 1, 3, 'b', '"', 'c', 1, 'd', 5, 63, 240, 0, 0, 0, 0, 0, 0, 1, 'e', 19, 2, 2, 1, 7})
	f.Add([]byte{26, 2, 'h', 'i', 27, 1, 'x', 22, 1, 'k', 23, 7, 25, 28, 12, 1, 1, 'z'})
	f.Add([]byte{19, 4, 14, 4, 'a', 'b', 'c', 'd', 6, 14, 2, '{', '}', 1, 14, 0, 1, 14, 1, 0xff, 2})
	f.Add([]byte{13, 5, '[', '1', ',', '2', ']'})
	f.Fuzz(func(t *testing.T, data []byte) {
		g := grower{bytes: data}
		value := g.value(6)
		var encoder wire.Encoder
		got := append(encoder.AppendProperty([]byte("{"), "k", value), '}')
		requireJSON(t, got)
		if g.odd {
			return
		}
		if losses := encoder.Losses(); losses != nil {
			t.Fatalf("%#v loses %v, want nothing lost", value, losses)
		}
		want, err := json.Marshal(map[string]any{"k": value})
		if err != nil {
			t.Fatalf("encoding/json refuses %#v: %v", value, err)
		}
		if !reflect.DeepEqual(decode(t, got), decode(t, want)) {
			t.Fatalf("%#v\n got %s\nwant %s", value, got, want)
		}
	})
}
