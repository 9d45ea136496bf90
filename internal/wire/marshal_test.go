package wire_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/wire"
)

type amount int

func (a amount) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, ` { "cents" : %d } `, int(a)), nil
}

type textKey [2]string

func (k textKey) MarshalText() ([]byte, error) { return []byte(strings.Join(k[:], "/")), nil }

type bothWays struct{}

func (bothWays) MarshalJSON() ([]byte, error) { return []byte(`"as JSON"`), nil }
func (bothWays) MarshalText() ([]byte, error) { return []byte(`as text`), nil }

type pointerOnly struct{ Name string }

func (p *pointerOnly) MarshalJSON() ([]byte, error) { return json.Marshal("*" + p.Name) }

type pointerText struct{ Name string }

func (p *pointerText) MarshalText() ([]byte, error) { return []byte("*" + p.Name), nil }

type failure struct{ Code int }

func (f failure) Error() string { return fmt.Sprintf("failure %d", f.Code) }

type pointerFailure struct{ reason string }

func (f *pointerFailure) Error() string { return f.reason }

// marshals answers MarshalJSON with whatever a test wants, and panics if that is nothing.
type marshals struct {
	text []byte
	err  error
}

func (m marshals) MarshalJSON() ([]byte, error) {
	if m.text == nil && m.err == nil {
		panic("secret")
	}
	return m.text, m.err
}

// texts does the same for MarshalText.
type texts struct {
	text []byte
	err  error
}

func (m texts) MarshalText() ([]byte, error) {
	if m.text == nil && m.err == nil {
		panic("secret")
	}
	return m.text, m.err
}

type panickingError struct{}

func (panickingError) Error() string { panic(errors.New("secret")) }

func TestCodeOfTheCallerThatMisbehavesLosesItsValue(t *testing.T) {
	t.Parallel()
	failed := errors.New("secret")
	for name, tc := range map[string]struct {
		value  any
		reason string
	}{
		"MarshalJSON panics":               {marshals{}, "MarshalJSON panicked"},
		"MarshalJSON fails":                {marshals{err: failed}, "MarshalJSON returned an error"},
		"MarshalJSON returns half a value": {marshals{text: []byte(`{"secret":`)}, "MarshalJSON returned invalid JSON"},
		"MarshalJSON returns two values":   {marshals{text: []byte(`1 2`)}, "MarshalJSON returned invalid JSON"},
		"MarshalJSON returns nothing":      {marshals{text: []byte{}}, "MarshalJSON returned invalid JSON"},
		"MarshalText panics":               {texts{}, "MarshalText panicked"},
		"MarshalText fails":                {texts{err: failed}, "MarshalText returned an error"},
		"Error panics":                     {panickingError{}, "Error panicked"},
		"raw JSON that is none":            {json.RawMessage(`{secret}`), "json.RawMessage is not valid JSON"},
		"empty raw JSON":                   {json.RawMessage{}, "json.RawMessage is not valid JSON"},
		"a map key that has no text":       {map[bool]int{true: 1}, "map key has no text form"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, losses := encode(t, map[string]any{"bad": tc.value})
			if got != `{}` || len(losses) != 1 || losses[0].Key != "bad" || losses[0].Reason != tc.reason {
				t.Errorf("got %s with losses %v, want {} and the reason %q for bad", got, losses, tc.reason)
			}
		})
	}
}

func TestAKeyThatCannotBeWrittenLosesItsMember(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		value  any
		reason string
	}{
		"a key that is nil":              {map[any]any{nil: 1}, "map key has no text form"},
		"a float among keys of any type": {map[any]any{1.5: 1}, "map key has no text form"},
		"a key whose MarshalText fails":  {map[badKey]int{{}: 1}, "MarshalText returned an error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, losses := encode(t, tc.value)
			if got != `{}` || len(losses) != 1 || losses[0].Reason != tc.reason {
				t.Errorf("got %s with losses %v, want {} and the reason %q", got, losses, tc.reason)
			}
		})
	}
}

type badKey struct{}

func (badKey) MarshalText() ([]byte, error) { return nil, errors.New("secret") }

func TestTextOfTheCallerIsMadeUTF8(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		value any
		want  string
	}{
		"from MarshalJSON":             {marshals{text: []byte("\"a\xffb\"")}, "\"a\uFFFDb\""},
		"from MarshalJSON in a struct": {struct{ M marshals }{marshals{text: []byte("\"a\xffb\"")}}, "{\"M\":\"a\uFFFDb\"}"},
		"from MarshalText":             {texts{text: []byte("a\xffb")}, "\"a\uFFFDb\""},
		"from Error":                   {errors.New("a\xffb"), "\"a\uFFFDb\""},
		"from raw JSON":                {json.RawMessage("\"a\xffb\""), "\"a\uFFFDb\""},
		"from a map key":               {map[string]any{"a\xff": 1}, "{\"a\uFFFD\":1}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, losses := encode(t, tc.value); got != tc.want || losses != nil {
				t.Errorf("got %q with losses %v, want %q", got, losses, tc.want)
			}
		})
	}
}

func TestAStructLosesOnlyTheFieldAtFault(t *testing.T) {
	t.Parallel()
	type base struct {
		ID     int
		Hidden string
	}
	type Named struct{ N int }
	type skipped struct{ S int }
	type order struct {
		base
		*Named  `json:"named"`
		skipped `json:"-"`
		Hidden  bool
		Total   float64 `json:"total"`
		Note    string  `json:"note,omitempty"`
		List    []int   `json:",omitempty"`
		Zero    point   `json:"zero,omitzero"`
		Count   int     `json:"count,string"`
		Bad     any     `json:"bad"`
		Inner   struct{ F, G any }
		secret  string
		Ignored string `json:"-"`
		Dash    int    `json:"-,"` //nolint:staticcheck // the odd spelling is what is tested
	}
	value := order{base: base{ID: 1}, Named: &Named{2}, Total: math.NaN(), Count: 3, Bad: marshals{}, secret: "s", Ignored: "i"}
	value.Inner.F, value.Inner.G = func() {}, []any{1}
	got, losses := encode(t, map[string]any{"order": &value})
	want := `{"order":{"ID":1,"named":{"N":2},"Hidden":false,"total":null,"count":"3","Inner":{"G":[1]},"-":0}}`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if len(losses) != 2 || losses[0].Key != "order.bad" || losses[0].Reason != "MarshalJSON panicked" || losses[1].Key != "order.Inner.F" {
		t.Errorf("got losses %v, want order.bad and order.Inner.F", losses)
	}
}

func TestAPanicInsideAStructLosesOneField(t *testing.T) {
	t.Parallel()
	got, losses := encode(t, []any{struct{ A, B any }{A: marshals{}, B: 1}})
	if got != `[{"B":1}]` || len(losses) != 1 || losses[0].Key != "0.A" || losses[0].Reason != "MarshalJSON panicked" {
		t.Errorf("got %s with losses %v, want 0.A lost", got, losses)
	}
}

// seven calls itself zero when it is seven, which only encoding/json asks about.
type seven int

func (s seven) IsZero() bool { return s == 7 }

func TestAStructAfterOneAtFaultIsWrittenWhole(t *testing.T) {
	t.Parallel()
	type sound struct {
		Seven seven `json:",omitzero"`
	}
	bad := struct{ Inner, Bad any }{struct{ N float64 }{math.NaN()}, func() {}}
	var encoder wire.Encoder
	for range 2 {
		out, _ := encoder.AppendValue(nil, []any{bad, sound{7}, bad, sound{7}})
		want := `[{"Inner":{"N":null}},{},{"Inner":{"N":null}},{}]`
		if losses := encoder.Losses(); string(out) != want || len(losses) != 2 {
			t.Errorf("got %s with losses %v, want %s and both of Bad", out, losses, want)
		}
		encoder.Reset()
	}
}

// A struct that has to be written field by field looks like the same struct written whole.
func TestFieldsAreThoseOfTheStandardLibrary(t *testing.T) {
	t.Parallel()
	type hidden struct{ A, B int }
	type Shown struct{ C int }
	type fields struct {
		hidden
		*Shown
		name                     // embedded, unexported and no struct: left out
		Empty     []int          `json:",omitempty"`
		NoMap     map[string]int `json:"no_map,omitempty"`
		NoNumber  int            `json:",omitempty"`
		NoPointer *int           `json:",omitempty"`
		NoAny     any            `json:",omitempty"`
		Struct    hidden         `json:",omitempty"`
		Zero      hidden         `json:",omitzero"`
		Float     float64        `json:",string"`
		Flag      bool           `json:",string"`
		Marshaled pointerOnly
		When      time.Time
		Bad       any `json:"bad,omitempty"`
	}
	for name, value := range map[string]fields{
		"all of them empty":   {},
		"an embedded pointer": {Shown: &Shown{3}},
		"all of them set": {
			hidden: hidden{1, 2}, Shown: &Shown{3}, name: "x", Empty: []int{1}, NoMap: map[string]int{"a": 1}, NoNumber: 7,
			NoPointer: pointer(1), NoAny: 0, Struct: hidden{4, 5}, Zero: hidden{6, 7}, Float: 1.5, Flag: true,
			Marshaled: pointerOnly{"x"}, When: eventTime,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := decode(t, []byte(standard(t, &value)))
			value.Bad = func() {}
			got, losses := encode(t, &value)
			if !reflect.DeepEqual(decode(t, []byte(got)), whole) || len(losses) != 1 || losses[0].Key != "bad" {
				t.Errorf("got %s with losses %v, want %v and bad lost", got, losses, whole)
			}
		})
	}
}

func TestALargeValueIsWrittenWhole(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 100<<10)
	var encoder wire.Encoder
	for range 2 { // the second time shows that the buffer given up after the first is replaced
		out, ok := encoder.AppendValue(nil, []any{struct{ Text string }{large}, amount(1)})
		if want := `[{"Text":"` + large + `"},{"cents":1}]`; !ok || string(out) != want {
			t.Errorf("got %d bytes, %t, want %d, true", len(out), ok, len(want))
		}
	}
}
