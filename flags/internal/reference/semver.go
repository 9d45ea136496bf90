package reference

import (
	"cmp"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// version is a parsed semantic version.
type version struct {
	core       [3]uint64
	prerelease []string
	build      []string
}

var (
	digits          = regexp.MustCompile(`^[0-9]+$`)
	buildPart       = regexp.MustCompile(`^[0-9A-Za-z-]+$`)
	prereleasePart  = regexp.MustCompile(`^(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)$`)
	wildcardVersion = regexp.MustCompile(`^([0-9]+\.){0,2}[*xX](\.[*xX])*$`)
)

// bare is the text of a version without the v that people write before it.
func bare(value any) string {
	return strings.TrimSpace(strings.TrimPrefix(text(value), "v"))
}

// parts splits 1.2.3-rc.1+linux into its core, prerelease and build; the latter two are nil when there are none.
func parts(written string) (core, prerelease, build []string, ok bool) {
	written, metadata, hasBuild := strings.Cut(written, "+")
	written, suffix, hasPrerelease := strings.Cut(written, "-")
	if hasPrerelease {
		prerelease = strings.Split(suffix, ".")
	}
	if hasBuild {
		build = strings.Split(metadata, ".")
	}
	invalid := func(pattern *regexp.Regexp) func(string) bool {
		return func(s string) bool { return !pattern.MatchString(s) }
	}
	ok = !slices.ContainsFunc(prerelease, invalid(prereleasePart)) && !slices.ContainsFunc(build, invalid(buildPart))
	return strings.Split(written, "."), prerelease, build, ok
}

// components reads the numbers of a core, however many zeros they begin with.
func components(core []string) ([]uint64, bool) {
	var numbers []uint64
	for _, part := range core {
		n, err := strconv.ParseUint(part, 10, 64)
		if err != nil || !digits.MatchString(part) {
			return nil, false
		}
		numbers = append(numbers, n)
	}
	return numbers, len(numbers) <= 3
}

// semver reads a version. What is missing of the core is zero.
func semver(value any) (version, bool) {
	core, prerelease, build, ok := parts(bare(value))
	numbers, valid := components(core)
	v := version{prerelease: prerelease, build: build}
	copy(v.core[:], numbers)
	return v, ok && valid
}

// compareSemver is the family of operators on versions.
func compareSemver(operator string, operand any) (test, verdict) {
	var holds func(version) bool
	bound, ok := semver(operand)
	switch operator {
	case "semver_wildcard":
		holds, ok = wildcard(operand)
	case "semver_tilde":
		holds = func(v version) bool {
			return v.core[0] == bound.core[0] && v.core[1] == bound.core[1] && precedence(v, bound) >= 0 && admits(bound, v)
		}
	case "semver_caret":
		holds = func(v version) bool { return caret(bound, 3, v) }
	default:
		holds = func(v version) bool {
			return ordered(operator, cmp.Or(precedence(v, bound), compareBuild(v.build, bound.build)))
		}
	}
	if !ok {
		return nil, because(MalformedFilter)
	}
	return func(property any) verdict {
		v, ok := semver(property)
		return definite(ok && holds(v))
	}, matches
}

func ordered(operator string, order int) bool {
	switch operator {
	case "semver_eq":
		return order == 0
	case "semver_neq":
		return order != 0
	case "semver_gt":
		return order > 0
	case "semver_gte":
		return order >= 0
	case "semver_lt":
		return order < 0
	default:
		return order <= 0
	}
}

// admits is whether a range lets a prerelease in: only next to a prerelease of the same version.
func admits(bound, v version) bool {
	return v.prerelease == nil || bound.prerelease != nil && v.core == bound.core
}

// caret allows what does not change the leftmost component that is not zero. Of the bound only some are given.
func caret(bound version, given int, v version) bool {
	fixed := 0
	for fixed < given-1 && bound.core[fixed] == 0 {
		fixed++
	}
	for i := range fixed + 1 {
		if v.core[i] != bound.core[i] {
			return false
		}
	}
	return precedence(v, bound) >= 0 && admits(bound, v)
}

// wildcard is a version with a star or an x from some component on, or else a caret on the components that are given.
func wildcard(operand any) (func(version) bool, bool) {
	written := bare(operand)
	if wildcardVersion.MatchString(written) {
		core := strings.Split(written, ".")
		numbers, ok := components(slices.DeleteFunc(slices.Clone(core), func(part string) bool { return !digits.MatchString(part) }))
		if !ok || len(core) > 3 || len(numbers) == 0 && len(core) > 1 {
			return nil, false
		}
		return func(v version) bool { return v.prerelease == nil && slices.Equal(v.core[:len(numbers)], numbers) }, true
	}
	core, prerelease, build, ok := parts(written)
	numbers, valid := components(core)
	if !ok || !valid || len(numbers) < 3 && (prerelease != nil || build != nil) {
		return nil, false
	}
	bound := version{prerelease: prerelease, build: build}
	copy(bound.core[:], numbers)
	return func(v version) bool { return caret(bound, len(numbers), v) }, true
}

// precedence compares everything but the builds. A version without a prerelease is above those with one.
func precedence(a, b version) int {
	if order := slices.Compare(a.core[:], b.core[:]); order != 0 {
		return order
	}
	if a.prerelease == nil || b.prerelease == nil {
		return cmp.Compare(len(b.prerelease), len(a.prerelease))
	}
	return slices.CompareFunc(a.prerelease, b.prerelease, identifiers)
}

// identifiers compares two parts of a prerelease or a build. Numbers are below everything else.
func identifiers(a, b string) int {
	x, y := digits.MatchString(a), digits.MatchString(b)
	switch {
	case x && y:
		return integer(a).Cmp(integer(b))
	case x:
		return -1
	case y:
		return 1
	default:
		return cmp.Compare(a, b)
	}
}

func integer(s string) *big.Int {
	n, _ := new(big.Int).SetString(s, 10)
	return n
}

// compareBuild compares builds part by part; a number with more zeros before it is above the same number.
func compareBuild(a, b []string) int {
	return slices.CompareFunc(a, b, func(x, y string) int {
		order := identifiers(x, y)
		if order == 0 {
			order = cmp.Compare(len(x), len(y))
		}
		return order
	})
}
