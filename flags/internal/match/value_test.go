package match_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/flags/internal/match"
)

type (
	plan   string
	seats  struct{ Used, Free int }
	loud   struct{}
	broken struct{}
	link   struct{ Next *link }
	fault  struct{ Code int }
)

func (loud) MarshalJSON() ([]byte, error) { return []byte(` { "b" : 1.50, "a" : "<&>" } `), nil }
func (broken) MarshalJSON() ([]byte, error) {
	panic("out of order")
}
func (*fault) Error() string { return "fault" }

func cycle() *link {
	l := new(link)
	l.Next = l
	return l
}

// Proves FL-18, FL-28.
func TestAPropertyHasTheTextOfItsEncoding(t *testing.T) {
	t.Parallel()
	text := "pointed at"
	for name, c := range map[string]struct {
		property any
		want     string
	}{
		"nil":                                  {nil, "null"},
		"a string":                             {"Größe", "Größe"},
		"a string with bytes that are no text": {"a\xff\xc3b", "a\ufffd\ufffdb"},
		"true":                                 {true, "true"},
		"int":                                  {math.MinInt, strconv.Itoa(math.MinInt)},
		"int8":                                 {int8(-8), "-8"},
		"int16":                                {int16(16), "16"},
		"int32":                                {int32(32), "32"},
		"int64":                                {int64(64), "64"},
		"uint":                                 {uint(1), "1"},
		"uint8":                                {uint8(8), "8"},
		"uint16":                               {uint16(16), "16"},
		"uint32":                               {uint32(32), "32"},
		"uint64":                               {uint64(math.MaxUint64), "18446744073709551615"},
		"uintptr":                              {uintptr(5), "5"},
		"a duration":                           {time.Second, "1000000000"},
		"a whole float":                        {25.0, "25"},
		"a fraction":                           {2.5, "2.5"},
		"a negative zero":                      {math.Copysign(0, -1), "-0.0"},
		"a large float with an exponent":       {1e21, "1e+21"},
		"a large float that is written out":    {1e20, "1e+20"},
		"a float that is cut to be written":    {float64(1 << 63), "9223372036854776000"},
		"a smaller float that is cut":          {float64(1 << 60), "1152921504606847000"},
		"the largest float":                    {math.MaxFloat64, "1.7976931348623157e+308"},
		"the smallest float":                   {math.SmallestNonzeroFloat64, "5e-324"},
		"a float32":                            {float32(0.1), "0.1"},
		"a whole float32":                      {float32(3), "3"},
		"a large float32":                      {float32(1 << 30), "1073741800"},
		"a number with its literal":            {json.Number("25.0"), "25.0"},
		"a number with an exponent":            {json.Number("1E2"), "100.0"},
		"a long number":                        {json.Number("-9223372036854775809"), "-9.223372036854776e+18"},
		"the empty number":                     {json.Number(""), "0"},
		"a time":                               {noon.Add(time.Millisecond), "2026-03-31T12:00:00.001Z"},
		"raw JSON":                             {json.RawMessage(`{"b":[1, 2.0],"a":"\u00e9"}`), `{"a":"é","b":[1,2.0]}`},
		"nil raw JSON":                         {json.RawMessage(nil), "null"},
		"a typed string":                       {plan("pro"), "pro"},
		"a pointer":                            {&text, "pointed at"},
		"a nil pointer":                        {(*int)(nil), "null"},
		"a struct":                             {seats{1, 2}, `{"Free":2,"Used":1}`},
		"bytes":                                {[]byte("hedge"), "aGVkZ2U="},
		"a list":                               {[]any{"a\"\\\n\u0001", nil, true, 1.5}, `["a\"\\\n\u0001",null,true,1.5]`},
		"an empty list":                        {[]int{}, "[]"},
		"a map":                                {map[string]any{"b": 1, "a": map[int]string{7: "<&>\u2028"}}, "{\"a\":{\"7\":\"<&>\u2028\"},\"b\":1}"},
		"a marshaler":                          {loud{}, `{"a":"<&>","b":1.5}`},
		"an error":                             {errors.New("out of hedges"), "out of hedges"},
		"a nil error of a type":                {(*fault)(nil), "null"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			value := match.ValueOf(c.property)
			if got := value.Text(); got != c.want || !value.Usable() {
				t.Errorf("ValueOf(%#v): got %q, usable %v, want %q", c.property, got, value.Usable(), c.want)
			}
		})
	}
}

// Proves FL-28. No operator but is_set matches what cannot be interpreted, and none panics.
func TestWhatCannotBeInterpretedIsMissedByEveryOperator(t *testing.T) {
	t.Parallel()
	operands := map[string][]string{
		"exact":  {`"1"`, `true`, `false`, `[]`, `["a","b"]`, `["a","b","c","d","e","f","g","h","i"]`},
		"is_not": {`"1"`, `true`, `false`, `[]`, `["a","b"]`, `["a","b","c","d","e","f","g","h","i"]`},
		"regex":  {`"1"`, `"("`}, "not_regex": {`"1"`, `"("`}, "not_icontains_multi": {`[]`, `["a","b"]`},
		"between": {`[1,2]`}, "not_between": {`[1,2]`},
		"is_date_exact": {`"2026-01-01"`}, "is_date_before": {`"2026-01-01"`}, "is_date_after": {`"-1d"`},
	}
	for name, property := range map[string]any{
		"NaN":                         math.NaN(),
		"infinity":                    math.Inf(-1),
		"a small infinity":            float32(math.Inf(1)),
		"a channel":                   make(chan int),
		"a function":                  func() {},
		"a cycle":                     cycle(),
		"a marshaler that panics":     broken{},
		"an infinity within a list":   []any{1, math.Inf(1)},
		"a number that is none":       json.Number("1_000"),
		"a number with a bare point":  json.Number("1."),
		"a number with a bare e":      json.Number("1e"),
		"a number with a plus":        json.Number("+1"),
		"a number in octal":           json.Number("-01"),
		"a number beyond float64":     json.Number("1e999"),
		"raw JSON that is none":       json.RawMessage(`{"a":`),
		"a time that JSON cannot say": time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC),
		"deep nesting":                json.RawMessage(strings.Repeat("[", 200) + strings.Repeat("]", 200)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			value := match.ValueOf(property)
			if value.Usable() {
				t.Errorf("ValueOf(%T) is usable, with the text %q", property, value.Text())
			}
			for _, operator := range operatorNames() {
				want := match.No
				if operator == "is_set" {
					want = match.Yes
				}
				ask := operands[operator]
				if ask == nil {
					ask = []string{`"1"`}
				}
				for _, operand := range ask {
					if got, cause := compiled(t, operator, operand).Match(value, noon); got != want || cause != match.NoCause {
						t.Errorf("%s %s: got %v, cause %d, want %v", operator, operand, got, cause, want)
					}
				}
			}
		})
	}
}

func TestNumbersAreWrittenAsTheServerWritesThem(t *testing.T) {
	t.Parallel()
	for literal, want := range map[string]string{
		"25": "25", "25.0": "25.0", "-0": "-0.0", "-0.0": "-0.0", "0": "0", "0.0": "0.0", "1e0": "1.0", "0.00001": "0.00001",
		"0.000012": "0.000012", "0.0000012": "1.2e-6", "9999999999999998.0": "9999999999999998.0", "1e15": "1000000000000000.0",
		"1e16": "1e+16", "12345678901234567890123": "1.2345678901234568e+22", "-1.5e-300": "-1.5e-300", "1e-7": "1e-7", "1e100": "1e+100",
		"18446744073709551615": "18446744073709551615", "9223372036854775808": "9223372036854775808",
		"-9223372036854775808": "-9223372036854775808", "1e-400": "0.0", "123.456e3": "123456.0",
	} {
		if got := parse(t, literal).Text(); got != want {
			t.Errorf("the text of %s: got %s, want %s", literal, got, want)
		}
	}
}

func TestParseValueRefusesWhatIsNoValue(t *testing.T) {
	t.Parallel()
	for _, document := range []string{"", " ", "nul", "01", "1 2", `"a`, "[1,]", "{", "\"\n\"", "1e999", "[[1e999]]", `{"a":-1e999}`,
		strings.Repeat("[", 130) + strings.Repeat("]", 130)} {
		if value, ok := match.ParseValue([]byte(document)); ok || value.Usable() {
			t.Errorf("ParseValue(%.40q): got %q, want no value", document, value.Text())
		}
	}
}

func TestParseValueTakesWhateverJSONAllows(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		" \t\r\n{ \"b\" : [ ] , \"a\" : { } } ": `{"a":{},"b":[]}`,
		`{"a":1,"b":2,"a":3}`:                   `{"a":3,"b":2}`,
		`"\u00e9\ud83d\ude00\/"`:                "é😀/",
		`["\\",["\""],"]"]`:                     `["\\",["\""],"]"]`,
		`["\u007f \b\f\t\r"]`:                   "[\"\u007f \\b\\f\\t\\r\"]",
		"[\"\xff\"]":                            "[\"\ufffd\"]",
		`{"\u0062":1,"a":2}`:                    `{"a":2,"b":1}`,
		strings.Repeat("[", 128) + "1" + strings.Repeat("]", 128): strings.Repeat("[", 128) + "1" + strings.Repeat("]", 128),
		`[true , false,null ,-1 , {"k":[1.0 ] } ]`:                `[true,false,null,-1,{"k":[1.0]}]`,
	} {
		if got := parse(t, document).Text(); got != want {
			t.Errorf("the text of %s: got %s, want %s", document, got, want)
		}
	}
}

func TestKeysAreStringsAndNumbers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		key  any
		want string
		ok   bool
	}{
		{"acme", "acme", true}, {7, "7", true}, {7.0, "7", true}, {json.Number("7.0"), "7.0", true}, {plan("pro"), "pro", true},
		{"", "", false}, {true, "", false}, {nil, "", false}, {[]int{1}, "", false}, {math.NaN(), "", false},
	} {
		if got, ok := match.ValueOf(c.key).KeyText(); got != c.want || ok != c.ok {
			t.Errorf("the key %v: got %q, %v, want %q, %v", c.key, got, ok, c.want, c.ok)
		}
	}
}

func TestBoolAndContentsTellTypesApart(t *testing.T) {
	t.Parallel()
	if value, ok := match.ValueOf(true).Bool(); !value || !ok {
		t.Errorf("true: got %v, %v, want true, true", value, ok)
	}
	if value, ok := match.ValueOf("true").Bool(); value || ok {
		t.Errorf("the text true: got %v, %v, want false, false", value, ok)
	}
	if value, ok := match.ValueOf(1).Bool(); value || ok {
		t.Errorf("1: got %v, %v, want false, false", value, ok)
	}
	if contents, ok := match.ValueOf("blue").Contents(); contents != "blue" || !ok {
		t.Errorf("a text: got %q, %v, want blue, true", contents, ok)
	}
	if contents, ok := match.ValueOf([]string{"blue"}).Contents(); contents != "" || ok {
		t.Errorf("a list: got %q, %v, want nothing", contents, ok)
	}
}

func FuzzParseValue(f *testing.F) {
	for _, seed := range []string{`{"b":[1,2.50,"é"],"a":null}`, `"\ud800"`, "1e21", "-0", `[[[]]]`, `{"a":{"a":1},"a":2}`, "\"\xff\"", " 7 "} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		value, ok := match.ParseValue(document)
		if ok && !json.Valid(document) {
			t.Fatalf("ParseValue(%q) takes what is no JSON", document)
		}
		if !ok {
			return
		}
		decoder := json.NewDecoder(bytes.NewReader(document))
		decoder.UseNumber()
		var decoded any
		if err := decoder.Decode(&decoded); err != nil {
			t.Fatal(err)
		}
		if got, want := value.Text(), slowText(decoded, false); got != want {
			t.Errorf("the text of %q: got %q, want %q", document, got, want)
		}
		again := match.ValueOf(decoded)
		if got, want := again.Text(), value.Text(); got != want {
			t.Errorf("%q through Go values: got %q, want %q", document, got, want)
		}
	})
}

func FuzzValueOf(f *testing.F) {
	f.Add("pro", 2.5, int64(-1), uint64(1)<<63, byte(0))
	f.Add("\xff", math.Inf(1), int64(math.MinInt64), uint64(math.MaxUint64), byte(1))
	f.Add("true", 1e21, int64(0), uint64(0), byte(2))
	f.Add("", math.Copysign(0, -1), int64(7), uint64(7), byte(3))
	f.Add("x", 9007199254740993.0, int64(7), uint64(7), byte(9))
	f.Fuzz(func(t *testing.T, s string, number float64, i int64, u uint64, shape byte) {
		property := [...]any{
			s, number, i, u, float32(number), plan(s), &number, []any{s, i, u}, map[string]any{s: number, "k": []string{s}},
			json.Number(s), json.RawMessage(s), seats{int(i), int(u)}, time.Unix(i%1e11, 0).UTC(), errors.New(s), fmt.Sprint, []byte(s),
		}[shape%16]
		value := match.ValueOf(property)
		if _, isError := property.(error); isError {
			return
		}
		if raw, isRaw := property.(json.RawMessage); isRaw && len(raw) == 0 {
			return
		}
		encoded, err := json.Marshal(property)
		if err != nil {
			if value.Usable() {
				t.Fatalf("ValueOf(%#v) is %q, but it has no JSON: %v", property, value.Text(), err)
			}
			return
		}
		want, _ := match.ParseValue(encoded)
		if got := value.Text(); got != want.Text() || value.Usable() != want.Usable() {
			t.Errorf("ValueOf(%#v): got %q, want %q as of its encoding %s", property, got, want.Text(), encoded)
		}
	})
}
