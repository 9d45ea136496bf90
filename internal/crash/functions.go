package crash

import (
	"slices"
	"strings"
)

// throwers are the functions with which the runtime ends a process. Their argument is the message.
var throwers = []string{
	"runtime.throw",
	"runtime.fatal",
	"runtime.fatalthrow",
	"internal/runtime/maps.fatal",
	"internal/sync.fatal",
	"internal/sync.throw",
	"sync.fatal",
	"sync.throw",
}

// panics says whether a function is the one that calls deferred functions, under either of its names.
func panics(function string) bool { return function == "panic" || function == "runtime.gopanic" }

// ofRuntime says whether a function is the runtime's.
func ofRuntime(function string) bool {
	return strings.HasPrefix(function, "runtime.") || strings.HasPrefix(function, "internal/runtime/")
}

// raised leaves out the innermost calls if they are the runtime's way from the failing statement to the end. If
// there is nothing else, it leaves out nothing.
func raised(frames []Frame) []Frame {
	rest := frames
	for len(rest) > 0 {
		f := rest[0].Function
		if !panics(f) && !slices.Contains(throwers, f) && !ofRuntime(f) {
			return rest
		}
		rest = rest[1:]
	}
	return frames
}

// ofRuntimeAlone says whether all of the calls are the runtime's.
func ofRuntimeAlone(frames []Frame) bool {
	return !slices.ContainsFunc(frames, func(f Frame) bool { return !ofRuntime(f.Function) })
}
