package flags

import (
	"errors"
	"fmt"
	"time"

	"github.com/hedgerow/posthog/flags/internal/match"
)

// Options are what [Compile] needs to know that the definitions do not say. The zero value suits most projects.
type Options struct {
	// Location is the project's time zone, which dates without an offset are in, those of filters and those of
	// properties. It is a setting of the project that the definitions do not tell. Nil is UTC.
	Location *time.Location
	// Regexp runs the regular expressions that Go's regexp package cannot: those with look-around or back
	// references, and classes such as \w against text beyond ASCII. Nil leaves filters with them inconclusive. The
	// module contrib/regexp2 has one.
	Regexp RegexpEngine
	// AssumeNotEnrolled goes on to the conditions of a flag with early access where it is not known whether the
	// person opted in or out, as the server does for somebody who did neither. It is for programs that must not ask the
	// server, and wrong about those who did. False leaves such flags inconclusive.
	AssumeNotEnrolled bool
}

// RegexpEngine compiles regular expressions of the dialect that the server has, which is that of Rust's fancy-regex. It is
// called during [Compile], on the same goroutine. One that panics, here or in a search, counts as one that returns an error.
type RegexpEngine interface {
	// Compile returns an error for a pattern that the engine does not support either.
	Compile(pattern string) (RegexpPattern, error)
}

// RegexpPattern is a compiled regular expression. Any number of goroutines may use it at once.
type RegexpPattern interface {
	// MatchString reports whether the text has a match anywhere. An error means that the search was given up:
	// the filter is inconclusive.
	MatchString(text string) (bool, error)
}

// errNoPattern is an engine's pattern that is missing.
var errNoPattern = errors.New("the engine returned no pattern")

// guardedEngine keeps the panics of an engine away from whoever evaluates a flag.
type guardedEngine struct{ engine RegexpEngine }

func (g guardedEngine) Compile(pattern string) (compiled match.Pattern, err error) {
	defer func() {
		if r := recover(); r != nil {
			compiled, err = nil, fmt.Errorf("compile pattern: panic: %v", r)
		}
	}()
	p, err := g.engine.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("compile pattern: %w", err)
	}
	if p == nil {
		return nil, errNoPattern
	}
	return guardedPattern{p}, nil
}

type guardedPattern struct{ pattern RegexpPattern }

func (g guardedPattern) MatchString(text string) (matched bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			matched, err = false, fmt.Errorf("match pattern: panic: %v", r)
		}
	}()
	return g.pattern.MatchString(text)
}

// matching are the options that the operators need.
func (o Options) matching(version int) match.Options {
	m := match.Options{Version: version, Zone: o.Location}
	if m.Zone == nil {
		m.Zone = time.UTC
	}
	if o.Regexp != nil {
		m.Regexp = guardedEngine{o.Regexp}
	}
	return m
}
