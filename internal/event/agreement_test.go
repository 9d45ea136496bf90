package event_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/event"
)

// dice makes drafts and default properties by chance, from so few keys that
// most of them clash.
type dice struct {
	*rand.Rand

	keys  []string
	texts []string
}

func newDice(seed uint64, key, text string) *dice {
	return &dice{
		Rand: rand.New(rand.NewPCG(seed, 0)),
		keys: []string{
			"$lib", "$lib_version", "$is_server", "$session_id", "$process_person_profile", "$groups", "$set",
			"$set_once", "$geoip_disable", "$os", "$window_id", "$device_id", "$cookieless_mode", "$ignore_sent_at", "$product_tour_id",
			"distinct_id", "plan", "amount", "größe", "", strings.ToValidUTF8(key, "?"),
		},
		texts: []string{"", "{", "pro", "\"quoted\"\n", strings.ToValidUTF8(text, "?")},
	}
}

func (d *dice) key() string  { return d.keys[d.IntN(len(d.keys))] }
func (d *dice) text() string { return d.texts[d.IntN(len(d.texts))] }

// object returns up to most members, or nil.
func (d *dice) object(most, depth int) object {
	if d.IntN(3) == 0 {
		return nil
	}
	m := make(object)
	for range d.IntN(most + 1) {
		m[d.key()] = d.value(depth)
	}
	return m
}

func (d *dice) value(depth int) any {
	if depth > 0 && d.IntN(3) == 0 {
		switch inner := d.object(4, depth-1); d.IntN(5) {
		case 0:
			return inner
		case 1:
			return bag(inner)
		case 2:
			return []any{d.value(depth - 1), inner, d.text()}
		case 3:
			cycle := object{"inner": inner}
			cycle["self"] = cycle
			return object{"cycle": cycle}
		default:
			return map[string]string{d.key(): d.text()}
		}
	}
	return [...]any{
		nil, true, false, d.IntN(1000), int64(-7), uint8(7), 0.5, math.NaN(), d.text(), d.text(), noon, time.Second,
		[]int{1, 2}, []byte("bytes"), errors.New("failed"), func() {}, make(chan int), struct{ A, b int }{1, 2}, &[]string{"x"},
	}[d.IntN(19)]
}

func (d *dice) draft() *event.Draft {
	draft := event.Draft{
		Properties: d.object(8, 2),
		Context:    d.object(4, 2),
		Groups:     d.object(3, 1),
		Set:        d.object(3, 1),
		SetOnce:    d.object(3, 1),
		Personless: d.IntN(2) == 0,
	}
	if d.IntN(2) == 0 {
		draft.SessionID, draft.WindowID, draft.DeviceID = d.text(), d.text(), d.text()
	}
	if d.IntN(3) == 0 { // message types that own something own several things, each once, but never the library's name
		for i := 2 + d.IntN(3); i < len(d.keys)-1; i += 1 + d.IntN(6) {
			draft.Own(d.keys[i], d.value(2))
		}
	}
	for range d.IntN(4) - 1 {
		draft.Reserved = append(draft.Reserved, d.key())
	}
	return complete(draft)
}

// requireAgreement fails the test unless Append and Build make the same event
// of a draft and defaults that the dice choose.
func requireAgreement(t *testing.T, d *dice) {
	t.Helper()
	s := new(event.Static)
	if d.IntN(8) > 0 {
		s, _ = event.NewStatic("hedgerow", "1.2.3", d.object(8, 2))
	}
	draft := d.draft()
	appended, built := written(t, draft, s), built(t, draft, s)
	if !reflect.DeepEqual(appended, built) {
		t.Fatalf("Append made %v, Build made %v, want the same", appended, built)
	}
	if again := written(t, draft, s); !reflect.DeepEqual(again, appended) {
		t.Fatalf("the second Append made %v, the first %v, want the same", again, appended)
	}
	if layered := written(t, layered(*draft), s); !reflect.DeepEqual(layered, appended) {
		t.Fatalf("with a layer, Append made %v, without one %v, want the same", layered, appended)
	}
	if appended["$is_server"] == false {
		t.Fatalf("Append made %v, want $is_server to be true or absent", appended)
	}
}

func TestAppendAndBuildAgree(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3000) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			requireAgreement(t, newDice(seed, "key", "text"))
		})
	}
}

func FuzzAppendEqualsBuild(f *testing.F) {
	f.Add(uint64(1), "plan", "pro")
	f.Add(uint64(2), "$groups", "{")
	f.Add(uint64(3), "$", "\x00\u2028</script>")
	f.Fuzz(func(t *testing.T, seed uint64, key, text string) {
		requireAgreement(t, newDice(seed, key, text))
	})
}
