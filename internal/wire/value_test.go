package wire_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"net"
	"net/url"
	"testing"
	"time"
)

type (
	name       string
	level      int8
	ratio      float32
	enabled    bool
	properties map[string]any
	names      []name
	labels     map[name]level
	octet      byte
	grid       [2][2]int
	point      struct {
		X, Y  int
		Label string `json:"label,omitempty"`
	}
	spoken string // has a String method, which JSON does not ask for
)

func (spoken) String() string { return "spoken aloud" }

func pointer[T any](v T) *T { return &v }

// Each value is written exactly as encoding/json writes it. Maps have one member, for the order of more is Go's.
func TestValuesAreThoseOfTheStandardLibrary(t *testing.T) {
	t.Parallel()
	var nilPointer *point
	var nilTime *time.Time
	for name, value := range map[string]any{
		"nil":                                    nil,
		"a string":                               "größe \"7\"\n",
		"true":                                   true,
		"int":                                    math.MinInt,
		"int8":                                   int8(-8),
		"int16":                                  int16(-16),
		"int32":                                  int32(-32),
		"int64 beyond a float's digits":          int64(math.MaxInt64),
		"uint":                                   uint(1),
		"uint8":                                  uint8(8),
		"uint16":                                 uint16(16),
		"uint32":                                 uint32(32),
		"uint64":                                 uint64(math.MaxUint64),
		"uintptr":                                uintptr(5),
		"a duration":                             1500 * time.Millisecond,
		"a time":                                 eventTime,
		"a time with an offset":                  eventTime.In(time.FixedZone("", -19800)),
		"a pointer to a time":                    &eventTime,
		"a nil pointer to a time":                nilTime,
		"a number":                               json.Number("12.50"),
		"raw JSON":                               json.RawMessage(`{"a": [1, 2]}`),
		"nil raw JSON":                           json.RawMessage(nil),
		"bytes":                                  []byte("\x00\xffhedge"),
		"nil bytes":                              []byte(nil),
		"no bytes":                               []byte{},
		"a map":                                  map[string]any{"a": 1.5},
		"a nil map":                              map[string]any(nil),
		"an empty map":                           map[string]any{},
		"a map of strings":                       map[string]string{"a": "b"},
		"a nil map of strings":                   map[string]string(nil),
		"a list":                                 []any{1, "a", nil, []any{}, map[string]any{"k": true}},
		"a nil list":                             []any(nil),
		"an empty list":                          []any{},
		"a list of maps":                         []map[string]any{{"a": 1}, nil, {}},
		"a nil list of maps":                     []map[string]any(nil),
		"an empty list of maps":                  []map[string]any{},
		"strings":                                []string{"a", "", "c"},
		"no strings":                             []string{},
		"nil strings":                            []string(nil),
		"ints":                                   []int{1, -2, 3},
		"nil ints":                               []int(nil),
		"int64s":                                 []int64{math.MaxInt64},
		"floats":                                 []float64{1.5, 2, 1e-7},
		"nil floats":                             []float64(nil),
		"numbers":                                []json.Number{"1.50", "2"},
		"durations":                              []time.Duration{time.Second},
		"a list of Stringers":                    []spoken{"quiet"},
		"float32s":                               []float32{0.1, 2},
		"bools":                                  []bool{true, false},
		"a named string":                         name("x"),
		"a named int":                            level(-3),
		"a named float":                          ratio(0.1),
		"a named map":                            properties{"a": properties{"b": 1}},
		"a nil named map":                        properties(nil),
		"a named list":                           names{"a", "b"},
		"a nil named list":                       names(nil),
		"a map with named keys":                  labels{"a": 1},
		"a list of named bytes":                  []octet("abc"),
		"an array of bytes":                      [3]byte{1, 2, 3},
		"an array of arrays":                     grid{{1, 2}, {3, 4}},
		"an empty array":                         [0]int{},
		"a map with int keys":                    map[int]string{-7: "a"},
		"a map with uint keys":                   map[uint8]string{7: "a"},
		"a map with text keys":                   map[textKey]int{{"a", "b"}: 1},
		"a nil map with int keys":                map[int]string(nil),
		"a struct":                               point{X: 1, Y: 2},
		"a pointer to a struct":                  &point{X: 1, Label: "<here>"},
		"a nil pointer":                          nilPointer,
		"a pointer to a pointer":                 pointer(pointer(7)),
		"a list of structs":                      []point{{X: 1}, {Y: 2}},
		"a list of pointers":                     []*point{{X: 1}, nil},
		"a map of structs":                       map[string]point{"a": {X: 1}},
		"an address":                             net.IPv4(192, 0, 2, 1),
		"a big number":                           big.NewInt(1 << 62),
		"a URL, which is a struct":               url.URL{Scheme: "https", Host: "example.com"},
		"a Stringer":                             spoken("quiet"),
		"a marshaler":                            amount(1250),
		"a pointer to a marshaler":               pointer(amount(1250)),
		"a text marshaler":                       textKey{"a", "b"},
		"both kinds of marshaler":                bothWays{},
		"a nil marshaler":                        (*pointerOnly)(nil),
		"a nil text marshaler":                   (*pointerText)(nil),
		"a named bool":                           enabled(true),
		"a marshaler by pointer":                 &pointerOnly{"x"},
		"a marshaler by pointer, given by value": pointerOnly{"x"},
		"a list of marshalers by pointer":        []pointerOnly{{"x"}, {"y"}},
		"a pointer to an array of them":          &[1]pointerOnly{{"x"}},
		"a list of text marshalers by pointer":   []pointerText{{"x"}},
		"a struct with a marshaler by pointer inside": &struct{ P pointerOnly }{pointerOnly{"x"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, losses := encode(t, value)
			if want := standard(t, value); got != want || losses != nil {
				t.Errorf("%#v: got %s with losses %v, want %s", value, got, losses, want)
			}
		})
	}
}

func TestValuesTheStandardLibraryTreatsOtherwise(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		value any
		want  string
	}{
		"an error is its message":          {errors.New(`disk "full"`), `"disk \"full\""`},
		"a struct that is an error":        {failure{Code: 7}, `"failure 7"`},
		"errors in a list":                 {[]error{failure{Code: 1}, nil}, `["failure 1",null]`},
		"structs that are errors, listed":  {[]failure{{Code: 1}}, `["failure 1"]`},
		"a nil pointer that is an error":   {(*pointerFailure)(nil), `null`},
		"a map with keys of any type":      {map[any]any{7: "a"}, `{"7":"a"}`},
		"a nil key that is a text pointer": {map[*pointerText]int{nil: 1}, `{"":1}`},
		"HTML in a struct is left alone":   {struct{ A string }{"<&>"}, `{"A":"<&>"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, losses := encode(t, tc.value); got != tc.want || losses != nil {
				t.Errorf("%#v: got %s with losses %v, want %s", tc.value, got, losses, tc.want)
			}
		})
	}
}
