package match

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"
)

// compileVersion makes the Test of an operator that compares semantic versions. The Test is nil if there is a
// cause.
func compileVersion(operator string, operand Value) (Test, Cause) {
	switch operator {
	case "semver_eq":
		return compileVersionOrder(equal, operand)
	case "semver_neq":
		return compileVersionOrder(below|above, operand)
	case "semver_gt":
		return compileVersionOrder(above, operand)
	case "semver_gte":
		return compileVersionOrder(above|equal, operand)
	case "semver_lt":
		return compileVersionOrder(below, operand)
	case "semver_lte":
		return compileVersionOrder(below|equal, operand)
	case "semver_tilde", "semver_caret":
		return compileVersionRange(operator, operand)
	case "semver_wildcard":
		return compileWildcard(operand)
	default:
		return nil, UnknownOperator
	}
}

// versionOrder compares with a version.
type versionOrder struct {
	wanted  ordering
	operand version
}

func compileVersionOrder(wanted ordering, operand Value) (Test, Cause) {
	v, ok := operand.version()
	if !ok {
		return nil, BadOperand
	}
	return &versionOrder{wanted, v}, NoCause
}

// Match misses what is no version, also when all others are wanted.
func (o *versionOrder) Match(property Value, _ time.Time) (Outcome, Cause) {
	v, ok := property.version()
	return Of(ok && o.wanted.has(v.compare(&o.operand))), NoCause
}

// version is a semantic version, https://semver.org.
type version struct {
	core              [3]uint64 // major, minor, patch
	prerelease, build string    // identifiers and the dots between them; empty without
}

// version reads the canonical text of v as a version. That of an array or an object is none. Of a number, only the
// core is kept, since there cannot be more: its text then stays on the stack.
func (v Value) version() (version, bool) {
	switch v.kind {
	case textKind:
		return parseVersion(v.text)
	case signedKind, unsignedKind:
		negative := v.kind == signedKind && int64(v.bits) < 0 //nolint:gosec // the bits of an int64
		return version{core: [3]uint64{v.bits}}, !negative
	case floatKind:
		var buffer [scalarText]byte
		parsed, ok := parseVersion(string(appendFloat(buffer[:0], math.Float64frombits(v.bits))))
		return version{core: parsed.core}, ok
	default:
		return version{}, false
	}
}

// parseVersion reads a version. It is more lenient than the standard about what people write: there may be a v and
// white space, leading zeros, and one or two numbers only.
func parseVersion(text string) (v version, ok bool) {
	core, suffix := splitVersion(text)
	for i := range v.core {
		number, rest, more := strings.Cut(core, ".")
		v.core[i], ok = parseComponent(number)
		if !ok {
			return version{}, false
		}
		if !more {
			v.prerelease, v.build, ok = parseSuffix(suffix)
			return v, ok
		}
		core = rest
	}
	return version{}, false
}

// splitVersion separates the numbers of a version from the sign and the text that may follow them.
func splitVersion(text string) (core, suffix string) {
	text = strings.TrimSpace(strings.TrimPrefix(text, "v"))
	for i := range len(text) {
		if text[i] == '-' || text[i] == '+' {
			return text[:i], text[i:]
		}
	}
	return text, ""
}

// parseComponent reads one number of the core.
func parseComponent(text string) (n uint64, ok bool) {
	if text == "" || digits(text) != len(text) {
		return 0, false
	}
	for i := range len(text) {
		digit := uint64(text[i] - '0')
		if n > (math.MaxUint64-digit)/10 {
			return 0, false
		}
		n = n*10 + digit
	}
	return n, true
}

// parseSuffix reads what follows the core.
func parseSuffix(suffix string) (prerelease, build string, ok bool) {
	if suffix == "" {
		return "", "", true
	}
	prerelease, build, built := strings.Cut(suffix, "+")
	if built && !validIdentifiers(build, true) {
		return "", "", false
	}
	if prerelease == "" {
		return "", build, true
	}
	prerelease = prerelease[1:] // the hyphen
	return prerelease, build, validIdentifiers(prerelease, false)
}

// validIdentifiers reports whether a text is one or more identifiers with dots between them.
func validIdentifiers(text string, leadingZeros bool) bool {
	for more := true; more; {
		var identifier string
		identifier, text, more = strings.Cut(text, ".")
		if identifier == "" || !leadingZeros && len(identifier) > 1 && identifier[0] == '0' && isNumeric(identifier) {
			return false
		}
		for i := range len(identifier) {
			c := identifier[i]
			if c != '-' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
				return false
			}
		}
	}
	return true
}

func isNumeric(identifier string) bool {
	return digits(identifier) == len(identifier)
}

// compare orders versions by precedence, and those of the same precedence by their builds.
func (v *version) compare(other *version) int {
	if c := v.precedence(other); c != 0 {
		return c
	}
	return compareIdentifiers(v.build, other.build)
}

// precedence orders versions by everything but their builds. A release comes after its prereleases.
func (v *version) precedence(other *version) int {
	if c := slices.Compare(v.core[:], other.core[:]); c != 0 {
		return c
	}
	if v.prerelease == "" || other.prerelease == "" {
		return cmp.Compare(len(other.prerelease), len(v.prerelease))
	}
	return compareIdentifiers(v.prerelease, other.prerelease)
}

// compareIdentifiers orders identifiers with dots between them, the first that differ deciding. None come before
// some.
func compareIdentifiers(a, b string) int {
	for a != "" && b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		if c := compareIdentifier(x, y); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

// compareIdentifier puts numbers in their order, before everything else, which is in the order of its bytes. Of
// equal numbers, which only builds can write in several ways, the shorter comes first.
func compareIdentifier(a, b string) int {
	numericA, numericB := isNumeric(a), isNumeric(b)
	switch {
	case numericA && numericB:
		valueA, valueB := strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		return cmp.Or(cmp.Compare(len(valueA), len(valueB)), strings.Compare(valueA, valueB), cmp.Compare(len(a), len(b)))
	case numericA:
		return -1
	case numericB:
		return 1
	default:
		return strings.Compare(a, b)
	}
}
