package match

import (
	"strings"
	"time"
)

// versionRange is all versions from one on that have some of its numbers. Builds do not matter to it.
type versionRange struct {
	from   version
	pinned int // how many of the numbers, from the left
}

// Match misses what is no version.
func (r *versionRange) Match(property Value, _ time.Time) (Outcome, Cause) {
	v, ok := property.version()
	return Of(ok && r.contains(&v)), NoCause
}

// contains reports whether v is in the range. A prerelease is only in a range that starts at a prerelease of the same
// release: others have other numbers, and a range that starts at the release itself starts above.
func (r *versionRange) contains(v *version) bool {
	if v.prerelease != "" && v.core != r.from.core {
		return false
	}
	for i := range r.pinned {
		if v.core[i] != r.from.core[i] {
			return false
		}
	}
	return v.precedence(&r.from) >= 0
}

// compileVersionRange makes the Test of a tilde, which pins the major and the minor version, or of a caret.
func compileVersionRange(operator string, operand Value) (Test, Cause) {
	from, ok := operand.version()
	if !ok {
		return nil, BadOperand
	}
	if operator == "semver_tilde" {
		return &versionRange{from, 2}, NoCause
	}
	return &versionRange{from, caretPins(from.core, 3)}, NoCause
}

// caretPins returns how many numbers a caret pins: those up to the first that is not zero, or all that are given.
func caretPins(core [3]uint64, given int) int {
	for i := range given {
		if core[i] != 0 {
			return i + 1
		}
	}
	return given
}

// compileWildcard makes the Test of a version with wildcards in the places of its last numbers. Without any it
// is a caret, on as many numbers as there are.
func compileWildcard(operand Value) (Test, Cause) {
	core, suffix := splitVersion(operand.Text())
	if isWildcard(core) && suffix == "" {
		return &versionRange{}, NoCause
	}
	var r versionRange
	given, wildcards := 0, 0
	for more := true; more; {
		var component string
		component, core, more = strings.Cut(core, ".")
		if given+wildcards == len(r.from.core) {
			return nil, BadOperand
		}
		if isWildcard(component) && given > 0 {
			wildcards++
			continue
		}
		number, ok := parseComponent(component)
		if !ok || wildcards > 0 {
			return nil, BadOperand
		}
		r.from.core[given] = number
		given++
	}
	if suffix != "" {
		var ok bool
		r.from.prerelease, r.from.build, ok = parseSuffix(suffix)
		if !ok || given < len(r.from.core) {
			return nil, BadOperand
		}
	}
	r.pinned = given
	if wildcards == 0 {
		r.pinned = caretPins(r.from.core, given)
	}
	return &r, NoCause
}

func isWildcard(component string) bool {
	return component == "*" || component == "x" || component == "X"
}
