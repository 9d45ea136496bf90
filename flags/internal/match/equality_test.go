package match_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/flags/internal/match"
)

// Proves FL-18.
func TestLowerCaseIsThatOfTheServer(t *testing.T) {
	t.Parallel()
	for upper, lower := range map[string]string{
		"ΑΣ":         "ας",       // after a letter, at the end
		"Σ":          "σ",        // no letter before it
		"ΣΑ":         "σα",       // a letter after it
		"ΑΣΑ":        "ασα",      // a letter on both sides
		"ΑΣ.":        "ας.",      // a stop is passed over
		"ΑΣ.Α":       "ασ.α",     // and a letter found behind it
		"Α'Σ 1":      "α'ς 1",    // an apostrophe before it
		"1Σ":         "1σ",       // a digit has no case
		"Α\u0301Σ":   "α\u0301ς", // an accent is passed over
		"ΑΣΣ":        "ασς",      // only the last of two
		"ʰΣ":         "ʰσ",       // a modifier letter is passed over, although it has case
		"ªΣ":         "ªς",       // a letter with case that is neither upper nor lower
		"İİ":         "i\u0307i\u0307",
		"ẞ":          "ß",
		"ǅ":          "ǆ", // a title letter
		"Ⱥ":          "ⱥ", // longer in lower case
		"K":          "k", // the Kelvin sign is not an ASCII letter
		"ÀÉÎ-Я-𐐀":    "àéî-я-𐐨",
		"ΌΣΟΣ ΚΙ ΑΝ": "όσος κι αν",
	} {
		test := compiled(t, "exact", quoted(t, upper))
		if got, _ := test.Match(match.ValueOf(lower), noon); got != match.Yes {
			t.Errorf("the operand %q and the property %q: got %v, want yes", upper, lower, got)
		}
		test = compiled(t, "exact", quoted(t, lower))
		if got, _ := test.Match(match.ValueOf(upper), noon); got != match.Yes {
			t.Errorf("the operand %q and the property %q: got %v, want yes", lower, upper, got)
		}
		if got, _ := test.Match(match.ValueOf(upper+"x"), noon); got != match.No {
			t.Errorf("the operand %q and the property %q: got %v, want no", lower, upper+"x", got)
		}
	}
}

// A list is looked up in another way when it is long, and so are its long members.
func TestLongListsAnswerAsShortOnesDo(t *testing.T) {
	t.Parallel()
	members := []string{"Gold", "ΌΣΟΣ", "25", strings.Repeat("Ä", 300), strings.Repeat("i", 256), "null", "x"}
	padded := append([]string{}, members...)
	for i := range 100 {
		padded = append(padded, fmt.Sprint("filler-", i))
	}
	short, long := operandOf(t, members), operandOf(t, padded)
	for _, c := range []struct {
		property any
		want     match.Outcome
	}{
		{"GOLD", match.Yes}, {"όσος", match.Yes}, {"Όσοσ", match.No}, {25, match.Yes}, {25.5, match.No}, {nil, match.Yes}, {true, match.No},
		{strings.Repeat("ä", 300), match.Yes}, {strings.Repeat("ä", 299), match.No}, {strings.Repeat("I", 256), match.Yes},
		{strings.Repeat("I", 257), match.No}, {strings.Repeat("İ", 256), match.No}, {"", match.No}, {"X", match.Yes},
		{[]string{"x"}, match.No}, {strings.Repeat("x", 1<<16), match.No},
	} {
		for _, operand := range []string{short, long} {
			if got, _ := compiled(t, "exact", operand).Match(match.ValueOf(c.property), noon); got != c.want {
				t.Errorf("%.20q in a list of %d bytes: got %v, want %v", fmt.Sprint(c.property), len(operand), got, c.want)
			}
			if got, _ := compiled(t, "is_not", operand).Match(match.ValueOf(c.property), noon); got != c.want.Not() {
				t.Errorf("%.20q not in a list of %d bytes: got %v, want %v", fmt.Sprint(c.property), len(operand), got, c.want.Not())
			}
		}
	}
}

func operandOf(t *testing.T, members []string) string {
	t.Helper()
	document, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return string(document)
}

// Proves FL-18.
func FuzzEquality(f *testing.F) {
	f.Add([]byte(`"Gold"`), []byte(`"gold"`))
	f.Add([]byte(`["true",[]]`), []byte(`"TRUE"`))
	f.Add([]byte(`"ΣΊΣΥΦΟΣ"`), []byte(`"σίσυφος"`))
	f.Add([]byte(`["a","b","c","d","e","f","g","h","i",1.0]`), []byte(`1e0`))
	f.Add([]byte(`"İ"`), []byte(`"i̇"`))
	f.Add([]byte(`{"b":1,"a":[2]}`), []byte(`"{\"A\":[2],\"b\":1}"`))
	f.Add([]byte(`[]`), []byte(`null`))
	f.Fuzz(func(t *testing.T, operand, property []byte) {
		value, ok := match.ParseValue(property)
		if _, readable := match.ParseValue(operand); !ok || !readable || string(bytes.TrimSpace(operand)) == "null" {
			return
		}
		for version := range 3 {
			want := match.Of(slowExact(decode(t, operand), decode(t, property), version))
			for operator, want := range map[string]match.Outcome{"exact": want, "is_not": want.Not()} {
				test, cause := compile(operator, string(operand), match.Options{Version: version})
				if cause != match.NoCause {
					t.Fatalf("Compile(%s, %q): cause %d", operator, operand, cause)
				}
				if got, _ := test.Match(value, noon); got != want {
					t.Errorf("%q %s %q, version %d: got %v, want %v", property, operator, operand, version, got, want)
				}
			}
		}
	})
}

func decode(t *testing.T, document []byte) any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}
