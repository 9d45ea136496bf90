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
	panicked := false
	for calls := runtime.CallersFrames(pcs); len(frames) < maxFrames; {
		call, more := calls.Next()
		switch {
		case call.Function == "runtime.gopanic":
			panicked = true
		case !panicked, len(frames) == 0 && strings.HasPrefix(call.Function, "runtime."): // what raises it
		default:
			frames = append(frames, StackFrame{
				Filename: call.File, LineNo: call.Line, Function: call.Function,
				InApp: inApp(call.Function, call.File), Platform: "go",
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
func inApp(function, file string) bool {
	folder := function[:strings.LastIndexByte(function, '/')+1] // of the package
	name, _, _ := strings.Cut(function[len(folder):], ".")
	path := folder + name
	if path == "main" {
		return true
	}
	if path == libraryPath || strings.Contains(file, "/pkg/mod/") || strings.Contains(file, "/vendor/") || strings.Contains(file, "@v") {
		return false
	}
	if build, ok := debug.ReadBuildInfo(); ok && build.Main.Path != "" &&
		(path == build.Main.Path || strings.HasPrefix(path, build.Main.Path+"/")) {
		return true
	}
	first, _, _ := strings.Cut(path, "/")
	return strings.Contains(first, ".") // the standard library has no dot there
}

// libraryPath is the import path of this package.
const libraryPath = "github.com/hedgerow/posthog"
