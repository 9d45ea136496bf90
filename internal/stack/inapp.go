package stack

import (
	"runtime"
	"strings"
)

// inApp says whether a frame is the application's own code. It goes by the import path of its package, which is the same
// wherever and however the program was built; paths only count where nothing else is known.
func (r *Rules) inApp(frame runtime.Frame, pkg string) bool {
	if r.options.InApp != nil {
		return r.asked(frame)
	}
	for _, root := range r.options.Exclude {
		if within(pkg, root) {
			return false
		}
	}
	for _, root := range r.options.Include {
		if within(pkg, root) {
			return true
		}
	}
	switch {
	case pkg == "" || ofLibrary(pkg):
		return false
	case pkg == "main" || strings.HasPrefix(pkg, plugin) || r.known && r.ofMain(pkg):
		return true
	case r.belowRoot(frame.File) && !r.foreign(frame.File):
		return true
	case r.known:
		m := r.module(pkg)
		return m != nil && m.own
	}
	return !r.foreign(frame.File) && (!standard(pkg) || r.goroot != "" && strings.IndexByte(frame.File, '/') >= 0)
}

// asked returns the application's own decision.
func (r *Rules) asked(frame runtime.Frame) (own bool) {
	defer func() {
		if recover() != nil {
			own = false
		}
	}()
	return r.options.InApp(frame)
}

// belowRoot says whether a file lies in the folder of the project, if that is known.
func (r *Rules) belowRoot(file string) bool {
	root := r.options.ProjectRoot
	return root != "" && strings.HasPrefix(file, root) && len(file) > len(root) && file[len(root)] == '/'
}

// foreign says whether the path of a file is that of a dependency or of the standard library.
func (r *Rules) foreign(file string) bool {
	if strings.Contains(file, "/pkg/mod/") || strings.Contains(file, "/vendor/") {
		return true
	}
	if strings.HasPrefix(file, "external/") || strings.HasPrefix(file, "vendor/") { // as Bazel names what it fetched
		return true
	}
	if _, version, found := strings.Cut(file, "@v"); found && version != "" && version[0] >= '0' && version[0] <= '9' {
		return true
	}
	return r.goroot != "" && strings.HasPrefix(file, r.goroot+"/")
}
