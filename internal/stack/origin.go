package stack

import (
	"path"
	"runtime"
	"strings"
)

// packageOf returns the import path of the package in which the code of a call was written, empty if nobody knows. The
// name of the function says it, but for a closure of a function that the compiler inlined: it is named after the
// function around it, so that middleware of a dependency looks like a part of main. Its file is still that of the
// dependency, so a file that is known to be somebody's decides.
func (r *Rules) packageOf(call runtime.Frame) string {
	if pkg := r.packageOfFile(call.File); pkg != "" {
		return pkg
	}
	return packageOf(call.Function)
}

// packageOfFile returns the import path of the package that a file belongs to, if it is one of the standard library or
// of a dependency, in whatever way the compiler names it. Of most other files, it is empty.
func (r *Rules) packageOfFile(file string) string {
	if r.goroot != "" {
		if inside, found := strings.CutPrefix(file, r.goroot+"/src/"); found {
			return path.Dir(inside)
		}
	}
	if pkg := r.cached(file); pkg != "" {
		return pkg
	}
	if i := strings.LastIndex(file, "/vendor/"); i >= 0 {
		pkg := path.Dir(file[i+len("/vendor/"):])
		if r.known && r.module(pkg) != nil || !r.known && !standard(pkg) {
			return pkg
		}
		return ""
	}
	pkg := path.Dir(file)
	if r.goroot == "" && r.known && standard(pkg) && !absolute(file) && pkg != r.path && strings.HasSuffix(file, ".go") {
		return pkg // the build hid where everything was, and named files by packages, but for those that //line names
	}
	return ""
}

// cached returns the import path of the package that a file of the module cache belongs to, as in
// "/go/pkg/mod/github.com/!azure/sdk@v1.0.0/blob/get.go", or the same after a build that hid the folders before the
// module. Of another file it is empty, and of the main module, which may be there as well.
func (r *Rules) cached(file string) string {
	at := strings.LastIndexByte(file, '@')
	if at < 0 {
		return ""
	}
	version, inside, found := strings.Cut(upperCase(file[at+1:]), "/")
	if !found {
		return ""
	}
	folder := upperCase(file[:at])
	for i := range r.modules {
		m := &r.modules[i]
		if version == m.tag && (folder == m.source || strings.HasSuffix(folder, "/"+m.source)) {
			return path.Join(m.path, path.Dir(inside))
		}
	}
	if r.known {
		return ""
	}
	if absolute(file) {
		if _, folder, found = strings.Cut(folder, "/pkg/mod/"); !found {
			return ""
		}
	}
	return path.Join(folder, path.Dir(inside))
}

// absolute says whether the name of a file begins at the root of a file system, Windows's among them.
func absolute(file string) bool { return path.IsAbs(file) || strings.Contains(file, ":/") }
