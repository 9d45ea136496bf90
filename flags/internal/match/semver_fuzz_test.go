package match_test

import (
	"cmp"
	"math/big"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/hedgerow/posthog/flags/internal/match"
)

// FuzzSemver compares with the grammar as a regular expression and with long numbers, and takes three versions at a
// time to see that their order is one.
func FuzzSemver(f *testing.F) {
	f.Add("1.2.3", "v1.2", "01.02.04")
	f.Add("1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-rc.1+build.5")
	f.Add("1.0.0+0", "1.0.0+00", "1.0.0+a-b")
	f.Add("2.4.9", "2.x.x", "*")
	f.Add("0.0.3-1", "0.0.3-0", "0.0")
	f.Add("18446744073709551615", "18446744073709551616", " 1.2.3\u2003")
	f.Fuzz(checkVersions)
}

// Proves FL-22.
func TestVersionsMadeOfOddPieces(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	number := func() string { return pick(random, "0", "0", "1", "1", "2", "02", "18446744073709551615", "x", "*") }
	version := func() string {
		text := pick(random, "", "", "v", " ", "V") + number()
		for range random.IntN(4) {
			text += "." + number()
		}
		return text + pick(random, "", "", "-", "-a", "-a.1", "-1", "-01", "-a.b") + pick(random, "", "", "", "+", "+1", "+01", "+a.b")
	}
	for range 200 {
		checkVersions(t, version(), version(), version())
	}
}

// checkVersions asks all operators that compare versions.
func checkVersions(t *testing.T, a, b, c string) {
	t.Helper()
	ab, bc, ac := checkOrder(t, a, b), checkOrder(t, b, c), checkOrder(t, a, c)
	if ba := checkOrder(t, b, a); ab != unordered && ab != -ba {
		t.Errorf("%q and %q have order %d, and turned round %d", a, b, ab, ba)
	}
	if ab != unordered && bc != unordered && ab <= 0 && bc <= 0 && ac > 0 {
		t.Errorf("%q <= %q <= %q, but the first is above the last", a, b, c)
	}
	for _, operator := range []string{"semver_tilde", "semver_caret", "semver_wildcard"} {
		checkRange(t, operator, a, b)
	}
}

func relate(t *testing.T, operator, property, operand string, want match.Outcome) {
	t.Helper()
	if got, _ := answer(t, operator, quoted(t, property), quoted(t, operand), time.UTC, noon); got != want {
		t.Errorf("%q %s %q is %v, want %v", property, operator, operand, got, want)
	}
}

// unordered is the order of what is no version.
const unordered = -9

// checkOrder asks the operators that order, and returns the order.
func checkOrder(t *testing.T, property, operand string) int {
	t.Helper()
	a, b := slowVersion(property), slowVersion(operand)
	order := unordered
	if a != nil && b != nil {
		order = cmp.Or(a.precedence(b), slowIdentifiers(a.build, b.build))
	}
	for operator, wanted := range map[string]bool{
		"semver_eq": order == 0, "semver_neq": order != 0, "semver_gt": order > 0, "semver_gte": order >= 0, "semver_lt": order < 0,
		"semver_lte": order <= 0,
	} {
		want := match.Of(wanted && a != nil)
		if b == nil {
			want = match.Inconclusive
		}
		relate(t, operator, property, operand, want)
	}
	return order
}

// checkRange asks an operator with a range.
func checkRange(t *testing.T, operator, property, operand string) {
	t.Helper()
	v, from := slowVersion(property), slowVersion(operand)
	pinned := 2
	switch operator {
	case "semver_caret":
		pinned = from.pins(3)
	case "semver_wildcard":
		from, pinned = slowWildcard(operand)
	}
	switch {
	case from == nil:
		relate(t, operator, property, operand, match.Inconclusive)
	case v == nil:
		relate(t, operator, property, operand, match.No)
	default:
		end := from.next(pinned)
		in := v.precedence(from) >= 0 && (end == nil || slowCore(v.core, end) < 0)
		admitted := v.prerelease == "" || from.prerelease != "" && slowCore(v.core, from.core) == 0
		relate(t, operator, property, operand, match.Of(in && admitted))
	}
}

type slow struct {
	core              []*big.Int
	prerelease, build string
}

var (
	versionGrammar = regexp.MustCompile(`^(\d+)(?:\.(\d+))?(?:\.(\d+))?` +
		`(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?` +
		`(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$`)
	wildcardGrammar = regexp.MustCompile(`^(?:[*xX]|(\d+)(?:\.[*xX]){1,2}|(\d+)\.(\d+)\.[*xX])$`)
	partialGrammar  = regexp.MustCompile(`^(\d+)(?:\.(\d+))?$`)
)

func normal(text string) string {
	return strings.TrimFunc(strings.TrimPrefix(text, "v"), unicode.IsSpace)
}

func slowVersion(text string) *slow {
	parts := versionGrammar.FindStringSubmatch(normal(text))
	if parts == nil {
		return nil
	}
	return slowParts(parts[1:4], parts[4], parts[5])
}

func slowParts(numbers []string, prerelease, build string) *slow {
	v := &slow{prerelease: prerelease, build: build}
	for _, number := range numbers {
		n, _ := new(big.Int).SetString("0"+number, 10)
		if !n.IsUint64() {
			return nil
		}
		v.core = append(v.core, n)
	}
	return v
}

func slowWildcard(text string) (from *slow, pinned int) {
	if parts := wildcardGrammar.FindStringSubmatch(normal(text)); parts != nil {
		switch {
		case parts[1] != "":
			return slowParts([]string{parts[1], "", ""}, "", ""), 1
		case parts[2] != "":
			return slowParts([]string{parts[2], parts[3], ""}, "", ""), 2
		default:
			return slowParts([]string{"", "", ""}, "", ""), 0
		}
	}
	if parts := partialGrammar.FindStringSubmatch(normal(text)); parts != nil {
		from, pinned = slowParts([]string{parts[1], parts[2], ""}, "", ""), 1
		if parts[2] != "" {
			pinned = from.pins(2)
		}
		return from, pinned
	}
	if from = slowVersion(text); from != nil && strings.Count(strings.FieldsFunc(normal(text), isSign)[0], ".") < 2 {
		return nil, 0 // a suffix wants all three numbers
	}
	pinned = from.pins(3)
	return from, pinned
}

func isSign(r rune) bool { return r == '-' || r == '+' }

// pins returns how many numbers a caret pins.
func (v *slow) pins(given int) int {
	for i := range given {
		if v != nil && v.core[i].Sign() != 0 {
			return i + 1
		}
	}
	return given
}

// next returns the first release that differs in the first n numbers, nil if n is 0.
func (v *slow) next(n int) []*big.Int {
	if n == 0 {
		return nil
	}
	end := []*big.Int{new(big.Int), new(big.Int), new(big.Int)}
	for i := range n {
		end[i].Set(v.core[i])
	}
	end[n-1].Add(end[n-1], big.NewInt(1))
	return end
}

func (v *slow) precedence(other *slow) int {
	if c := slowCore(v.core, other.core); c != 0 || v.prerelease == other.prerelease {
		return c
	}
	switch {
	case v.prerelease == "":
		return 1
	case other.prerelease == "":
		return -1
	default:
		return slowIdentifiers(v.prerelease, other.prerelease)
	}
}

func slowCore(a, b []*big.Int) int {
	return cmp.Or(a[0].Cmp(b[0]), a[1].Cmp(b[1]), a[2].Cmp(b[2]))
}

func slowIdentifiers(a, b string) int {
	if a == "" || b == "" {
		return cmp.Compare(len(a), len(b)) // -1, 0 or 1
	}
	left, right := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(left), len(right)) {
		x, xNumeric := new(big.Int).SetString(left[i], 10)
		y, yNumeric := new(big.Int).SetString(right[i], 10)
		xNumeric, yNumeric = xNumeric && left[i][0] != '-', yNumeric && right[i][0] != '-'
		order := strings.Compare(left[i], right[i])
		switch {
		case xNumeric && yNumeric:
			order = cmp.Or(x.Cmp(y), cmp.Compare(len(left[i]), len(right[i])))
		case xNumeric:
			order = -1
		case yNumeric:
			order = 1
		}
		if order != 0 {
			return order
		}
	}
	return cmp.Compare(len(left), len(right))
}
