package match_test

import (
	"encoding/json"
	"math"
	"math/big"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/flags/internal/match"
)

// FuzzNumber compares with the grammar as a regular expression and arithmetic on long numbers.
func FuzzNumber(f *testing.F) {
	f.Add("100", "20")
	f.Add("+.5e-3", "1.")
	f.Add("9007199254740993", "9007199254740992.0")
	f.Add("1e999", "0x10")
	f.Add("1_000", "-Inf")
	f.Add("2.2250738585072011e-308", "4.9e-324")
	f.Fuzz(checkNumbers)
}

// Proves FL-20.
func TestNumbersMadeOfOddPieces(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	number := func() string {
		return pick(random, "", "", "+", "-", " ") + pick(random, "", "0", "007", "5", "20", "9007199254740993", "1_0") +
			pick(random, "", ".", ".0", ".5", "..") + pick(random, "", "", "e0", "E+1", "e-2", "e400", "e", "x")
	}
	for range 600 {
		checkNumbers(t, number(), number())
	}
}

// pick chooses one of the texts.
func pick(random *rand.Rand, texts ...string) string {
	return texts[random.IntN(len(texts))]
}

// checkNumbers asks all operators that compare numbers.
func checkNumbers(t *testing.T, property, operand string) {
	t.Helper()
	a, aOK := slowNumber(property)
	b, bOK := slowNumber(operand)
	high, _ := json.Marshal([]any{operand, "1.7976931348623157e308"})
	low, _ := json.Marshal([]any{"-1.7976931348623157e308", operand})
	for _, c := range []struct {
		operator, operand string
		want              bool
	}{
		{"gt", quoted(t, operand), a > b},
		{"gte", quoted(t, operand), a >= b},
		{"min", quoted(t, operand), a >= b},
		{"lt", quoted(t, operand), a < b},
		{"lte", quoted(t, operand), a <= b},
		{"max", quoted(t, operand), a <= b},
		{"between", string(high), a >= b},
		{"between", string(low), a <= b},
		{"not_between", string(high), a < b},
		{"not_between", string(low), a > b},
	} {
		want := match.Of(aOK && c.want)
		if !bOK {
			want = match.Inconclusive
		}
		if got, _ := answer(t, c.operator, quoted(t, property), c.operand, time.UTC, noon); got != want {
			t.Errorf("%q %s %s is %v, want %v", property, c.operator, c.operand, got, want)
		}
	}
}

var numberGrammar = regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

func slowNumber(text string) (float64, bool) {
	// The grammar is on bytes, and $ is the end of the text without a flag.
	if !numberGrammar.MatchString(text) || strings.ContainsRune(text, '\n') {
		return 0, false
	}
	long, _, err := big.ParseFloat(text, 10, uint(4*len(text)+1200), big.ToNearestEven)
	if err != nil {
		_, exponent, _ := strings.Cut(strings.ToLower(text), "e")
		return 0, strings.HasPrefix(exponent, "-") // beyond the range of long numbers, too
	}
	short, _ := long.Float64()
	return short, !math.IsInf(short, 0)
}
