package posthog

import (
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

// maxFrames is how many calls of a panicking stack are reported, counted from the panic.
const maxFrames = 64

// panicFrames returns the calls that led to a panic, outermost first. The
// innermost of pcs are those of the deferred function that recovered it.
func panicFrames(pcs []uintptr) []StackFrame {
	var frames []StackFrame
	panicked, module := false, mainModule()
	for calls := runtime.CallersFrames(pcs); len(frames) < maxFrames; {
		call, more := calls.Next()
		switch {
		case call.Function == "runtime.gopanic":
			panicked = true
		case !panicked, len(frames) == 0 && strings.HasPrefix(call.Function, "runtime."): // what raises it
		default:
			frames = append(frames, StackFrame{
				Filename: call.File, LineNo: call.Line, Function: call.Function,
				InApp: inApp(call.Function, call.File, module), Platform: "go",
			})
		}
		if !more {
			break
		}
	}
	slices.Reverse(frames)
	return frames
}

// inApp reports whether a function is the program's own: of package main, of
// the main module, or of another one that does not lie in the module cache.
func inApp(function, file, module string) bool {
	folder := function[:strings.LastIndexByte(function, '/')+1] // of the package
	name, _, _ := strings.Cut(function[len(folder):], ".")
	path := folder + name
	if path == "main" {
		return true
	}
	if path == libraryPath || strings.Contains(file, "/pkg/mod/") || strings.Contains(file, "/vendor/") || strings.Contains(file, "@v") {
		return false
	}
	if module != "" && (path == module || strings.HasPrefix(path, module+"/")) {
		return true
	}
	first, _, _ := strings.Cut(path, "/")
	return strings.Contains(first, ".") // the standard library has no dot there
}

// mainModule is the path of the program's module, or nothing if it has none.
func mainModule() string {
	build, ok := debug.ReadBuildInfo() // which reads it anew each time
	if !ok {
		return ""
	}
	return build.Main.Path
}

// libraryPath is the import path of this package.
const libraryPath = "github.com/hedgerow/posthog"
