package jsonview_test

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/flags/internal/jsonview"
)

func TestCheckSaysWhereATextIsNotJSON(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"nothing":                        {"", "it ends where it needs a value at byte 0"},
		"only white space":               {" \n", "it ends where it needs a value at byte 2"},
		"a word that is none":            {"nul!", `it has '!' where it needs null at byte 3`},
		"another value behind":           {"{} {}", `it has '{' where it needs the end at byte 3`},
		"an array that does not end":     {"[1", `it ends where it needs "," or "]" at byte 2`},
		"an array ended as an object":    {"[1}", `it has '}' where it needs "," or "]" at byte 2`},
		"an object ended as an array":    {`{"a":1]`, `it has ']' where it needs "," or "}" at byte 6`},
		"an element missing":             {"[1,]", `it has ']' where it needs a value at byte 3`},
		"a member missing":               {`{"a":1,}`, `it has '}' where it needs the name of a member at byte 7`},
		"a name without quotes":          {`{a:1}`, `it has 'a' where it needs the name of a member at byte 1`},
		"a member without a colon":       {`{"a" 1}`, `it has '1' where it needs ":" at byte 5`},
		"a string that does not end":     {`"abc`, "it ends where it needs the end of a string at byte 4"},
		"a line break in a string":       {"\"a\nb\"", `it has '\n' where it needs an escaped character at byte 2`},
		"an unknown escape sequence":     {`"\x"`, `it has 'x' where it needs an escape sequence at byte 2`},
		"an escape sequence cut short":   {`"\`, "it ends where it needs an escape sequence at byte 2"},
		"a digit that is not":            {`"\u12g4"`, `it has 'g' where it needs a hexadecimal digit at byte 5`},
		"a minus without a number":       {"-", "it ends where it needs a digit at byte 1"},
		"a leading zero":                 {"012", `it has '1' where it needs the end at byte 1`},
		"a point without a fraction":     {"1.", "it ends where it needs a digit at byte 2"},
		"an exponent without a number":   {"1e+", "it ends where it needs a digit at byte 3"},
		"a number that is none":          {"NaN", `it has 'N' where it needs a value at byte 0`},
		"a comment":                      {"[1 /* one */]", `it has '/' where it needs "," or "]" at byte 3`},
		"a zero byte":                    {"[1,\x00]", `it has '\x00' where it needs a value at byte 3`},
		"a hundred thousand open arrays": {strings.Repeat("[", 100_000), "it ends where it needs a value at byte 100000"},
		"an array too deep for a parser": {strings.Repeat("[", 50_000) + strings.Repeat("]", 50_000), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := jsonview.Check([]byte(test.text))
			got := ""
			if syntax := (*jsonview.SyntaxError)(nil); errors.As(err, &syntax) {
				got = syntax.Error()
			} else if err != nil {
				t.Fatalf("got a %T, want a *SyntaxError", err)
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestMembersAreInOrderAndWithDuplicates(t *testing.T) {
	t.Parallel()
	const text = ` { "a" : 1 , "\u0062":[ {"}":"]"} , 2.50 ],"A":"","a":null, "é":-0e5 } `
	want := []string{`a=1`, `b=[ {"}":"]"} , 2.50 ]`, `A=""`, `a=null`, `é=-0e5`}
	var got []string
	for name, value := range view(t, text).Members() {
		got = append(got, string(name)+"="+string(value))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestElementsAreInOrder(t *testing.T) {
	t.Parallel()
	const text = "[true,false , null,\n\"a\\\\\\\"]\",12,[],{}, [[ ]] ,{ \"a\":{}}\t,3]"
	want := []string{"true", "false", "null", `"a\\\"]"`, "12", "[]", "{}", "[[ ]]", `{ "a":{}}`, "3"}
	var got []string
	for value := range view(t, text).Elements() {
		got = append(got, string(value))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestKindAndContents(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		kind jsonview.Kind
		name string
		text string
	}{
		"":                  {jsonview.Absent, "missing", ""},
		"null":              {jsonview.Null, "null", ""},
		"true":              {jsonview.Bool, "a boolean", ""},
		"-12.5e3":           {jsonview.Number, "a number", ""},
		`"plain"`:           {jsonview.String, "a string", "plain"},
		`"ümlaut"`:          {jsonview.String, "a string", "ümlaut"},
		`"a\n\"\u00fc\/"`:   {jsonview.String, "a string", "a\n\"ü/"},
		`"\ud83d\ude42"`:    {jsonview.String, "a string", "🙂"},
		`"half \ud83d"`:     {jsonview.String, "a string", "half \ufffd"},
		"\"\xff \xc3\x28\"": {jsonview.String, "a string", "\ufffd \ufffd("},
		"[1]":               {jsonview.Array, "an array", ""},
		"{}":                {jsonview.Object, "an object", ""},
	} {
		value := jsonview.Value(text)
		if value.Kind() != want.kind || value.Kind().String() != want.name {
			t.Errorf("%s: got kind %v, want %v", text, value.Kind(), want.name)
		}
		if got := string(value.Text()); got != want.text {
			t.Errorf("%s: got contents %q, want %q", text, got, want.text)
		}
		if got := value.True(); got != (text == "true") {
			t.Errorf("%s: got %t for the question whether it is true", text, got)
		}
	}
}

func TestOtherKindsHaveNeitherMembersNorElements(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "null", "1", `"a"`, "[1]", `{"a":1}`} {
		value := jsonview.Value(text)
		if members := maps.Collect(stringNames(value)); (len(members) > 0) != (value.Kind() == jsonview.Object) {
			t.Errorf("%s: got members %v", text, members)
		}
		if elements := slices.Collect(value.Elements()); (len(elements) > 0) != (value.Kind() == jsonview.Array) {
			t.Errorf("%s: got elements %q", text, elements)
		}
	}
}

// FuzzView compares with encoding/json: the same texts are accepted, and the same values are found in them.
func FuzzView(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,-2.5e-3,true,false,null,"\u00e9\n"],"b":{"c":{}}}`, ` [ ] `, `"\ud800x"`, "\"\xff\"", "0", "-", "[1,", `{"a":1,"a":2}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		err := jsonview.Check(text)
		if valid := json.Valid(text); valid != (err == nil) {
			t.Fatalf("got error %v for %q, which encoding/json calls valid: %t", err, text, valid)
		}
		if err == nil {
			compare(t, jsonview.Of(text))
		}
	})
}

// compare takes a value apart with both packages.
func compare(t *testing.T, value jsonview.Value) {
	t.Helper()
	switch value.Kind() {
	case jsonview.Object:
		want := map[string]json.RawMessage{}
		mustUnmarshal(t, value, &want)
		got := maps.Collect(stringNames(value))
		if len(got) != len(want) {
			t.Fatalf("got members %q of %q, want %q", got, value, want)
		}
		for name, member := range got {
			if string(member) != string(want[name]) {
				t.Fatalf("got %q for member %q of %q, want %q", member, name, value, want[name])
			}
			compare(t, member)
		}
	case jsonview.Array:
		var want []json.RawMessage
		mustUnmarshal(t, value, &want)
		got := slices.Collect(value.Elements())
		if len(got) != len(want) {
			t.Fatalf("got elements %q of %q, want %q", got, value, want)
		}
		for i := range got {
			if string(got[i]) != string(want[i]) {
				t.Fatalf("got %q for element %d of %q, want %q", got[i], i, value, want[i])
			}
			compare(t, got[i])
		}
	case jsonview.String:
		var want string
		mustUnmarshal(t, value, &want)
		if got := string(value.Text()); got != want {
			t.Fatalf("got contents %q of %q, want %q", got, value, want)
		}
	default:
		var want any
		mustUnmarshal(t, value, &want)
	}
}

// stringNames are the members with names that can be compared.
func stringNames(value jsonview.Value) func(func(string, jsonview.Value) bool) {
	return func(yield func(string, jsonview.Value) bool) {
		for name, member := range value.Members() {
			if !yield(string(name), member) {
				return
			}
		}
	}
}

func mustUnmarshal(t *testing.T, text []byte, into any) {
	t.Helper()
	// A number beyond the range of a float64 is JSON all the same.
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("encoding/json cannot read %q, which is a part of a valid text: %v", text, err)
	}
}

func view(t *testing.T, text string) jsonview.Value {
	t.Helper()
	if err := jsonview.Check([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return jsonview.Of([]byte(text))
}
