package stack

import (
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/hedgerow/posthog/internal/stack/image"
)

// Options are the application's wishes for its stacks. The zero value is what most programs want.
type Options struct {
	// MaxFrames is how many frames a stack has at most, 0 for [DefaultFrames], and never more than [Depth]. The
	// outermost ones are left out first.
	MaxFrames int
	// ProjectRoot is the folder of the application's sources when it was built. Files below it are named relative
	// to it, and are the application's own unless they are vendored. Empty means that the build information tells.
	ProjectRoot string
	// Include and Exclude are import paths of packages whose frames, and those of packages below, are the
	// application's own or not; "example.com/lib/..." is the same as "example.com/lib". Exclude wins over Include, and
	// both over everything else.
	Include, Exclude []string
	// InApp decides about frames in place of all rules, Include and Exclude among them. If it panics, the frame is not
	// the application's own. It may be called by any goroutine, usually the one that met the error, and is seldom asked
	// twice about the same place in the program: its answers are remembered.
	InApp func(runtime.Frame) bool
	// AbsolutePaths names files as the compiler did, with the folders of the machine that built the program. That
	// keeps issues of different builds apart.
	AbsolutePaths bool
	// AlwaysCaptureSite gives the first exception the stack of the capture even if an error that it wraps has one.
	AlwaysCaptureSite bool
	// StableGrouping gives errors further down the tree that have no stack an empty one, so that PostHog does not
	// group by their texts, which often hold ids.
	StableGrouping bool
	// Sources adds lines of source code to the application's frames. Nil adds none.
	Sources *Sources
	// Image makes frames of the running binary native ones, which PostHog resolves with uploaded symbols. Nil
	// leaves them as they are.
	Image *image.Image
}

// Rules decide what becomes of a frame, and remember what became of it: of up to 8,192 places in the program, which take
// a few megabytes then, and some thirty at most with lines of source code. They are safe for concurrent use.
type Rules struct {
	options Options
	goroot  string
	known   bool   // there is build information
	main    string // path of the main module
	path    string // import path of package main
	program string // the same, if it is part of the main module
	modules []module

	atlas atlas
}

// A module is one that the program was built with.
type module struct {
	path    string
	version string // empty for a folder beside the main module
	source  string // path of the module that it was replaced by, or its own
	tag     string // version in the names of its files, where those have one
	own     bool   // its sources lie beside those of the main module
}

// NewRules returns the rules for a program that was built as info says, usually the answer of
// [debug.ReadBuildInfo]. Info may be nil: some build systems leave nothing in the binary, and then the paths of
// files decide.
func NewRules(info *debug.BuildInfo, options Options) *Rules {
	if options.MaxFrames <= 0 {
		options.MaxFrames = DefaultFrames
	}
	options.MaxFrames = min(options.MaxFrames, Depth)
	if options.ProjectRoot != "" {
		options.ProjectRoot = strings.TrimSuffix(filepath.ToSlash(filepath.Clean(options.ProjectRoot)), "/")
	}
	options.Include, options.Exclude = roots(options.Include), roots(options.Exclude)
	r := &Rules{options: options, goroot: sourcesOfGo()}
	if info == nil {
		return r
	}
	r.main, r.path = info.Main.Path, info.Path
	for _, dep := range info.Deps {
		if dep != nil {
			r.modules = append(r.modules, moduleOf(dep))
		}
	}
	if r.main == "" {
		r.findMain(info.Deps)
	}
	r.known = r.main != "" || len(r.modules) > 0
	if within(r.path, r.main) {
		r.program = r.path
	}
	return r
}

// roots returns import paths without what says that the packages below are meant as well.
func roots(patterns []string) []string {
	paths := make([]string, len(patterns))
	for i, pattern := range patterns {
		paths[i] = strings.TrimRight(strings.TrimSuffix(pattern, "/..."), "/")
	}
	return paths
}

// moduleOf returns the module that a dependency was built from.
func moduleOf(dep *debug.Module) module {
	m := module{path: dep.Path, version: dep.Version, source: dep.Path, tag: dep.Version}
	if other := dep.Replace; other != nil {
		if m.own = local(other.Path); !m.own { // the files of a folder are still named like the module
			m.version, m.source, m.tag = other.Version, other.Path, other.Version
		}
	}
	if m.own || m.version == "(devel)" { // a folder of the workspace
		m.version, m.own = "", true
	}
	return m
}

// findMain finds the main module among the dependencies of a program that was built from files, as by "go run main.go": it
// is the only one that has no version and was not replaced.
func (r *Rules) findMain(deps []*debug.Module) {
	for _, dep := range deps {
		switch {
		case dep == nil || dep.Replace != nil || dep.Version != "(devel)":
		case r.main != "":
			r.main = "" // there are several, of a workspace
			return
		default:
			r.main = dep.Path
		}
	}
}

// local says whether a replacement of a module is a folder.
func local(path string) bool {
	return strings.HasPrefix(path, "./") || strings.HasPrefix(path, "../") || filepath.IsAbs(path)
}

// module returns the module of a package, the one with the longest path if several fit, or nil.
func (r *Rules) module(pkg string) *module {
	var best *module
	for i := range r.modules {
		if m := &r.modules[i]; within(pkg, m.path) && (best == nil || len(m.path) > len(best.path)) {
			best = m
		}
	}
	return best
}

// ofMain says whether a package belongs to the main module. A module may lie in a folder of another one and is not
// part of it.
func (r *Rules) ofMain(pkg string) bool {
	if pkg == "main" {
		return true
	}
	if !within(pkg, r.main) {
		return false
	}
	m := r.module(pkg)
	return m == nil || len(m.path) <= len(r.main)
}
