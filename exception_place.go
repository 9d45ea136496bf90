package posthog

import (
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/hedgerow/posthog/internal/flood"
)

// boundary is the kind of a place that captures.
type boundary uint8

const (
	atCode boundary = iota // the application asked for it
	atLog
	atMiddleware
	atPanic
)

// place is where an error is captured, and what is known there.
type place struct {
	boundary  boundary
	mechanism string
	source    string
	level     Level
	handled   *bool
	pc        uintptr // of the line; 0 if it does not matter
	apart     string  // what tells exceptions of one title from each other where they are limited
	goroutine uint64  // 0 if unknown
	last      bool    // the program is likely to end, so even a report has a deadline
}

// The places of the library, but for the lines that they are at.
var (
	inCode           = place{boundary: atCode, mechanism: "generic", level: LevelError, handled: new(true)}
	inLog            = place{boundary: atLog, mechanism: "logger", source: "go.slog", handled: new(true)}
	inMiddleware     = place{boundary: atMiddleware, mechanism: "middleware", source: "go.http_recover_middleware", level: LevelError, handled: new(false)}
	inServerError    = place{boundary: atMiddleware, mechanism: "middleware", source: "go.http_middleware", level: LevelError, handled: new(true)}
	inRecover        = place{boundary: atPanic, mechanism: "panic", source: "go.recover", level: LevelError, handled: new(true)}
	inCapturePanic   = place{boundary: atPanic, mechanism: "panic", source: "go.panic", level: LevelFatal, handled: new(false), last: true}
	inGoroutine      = place{boundary: atPanic, mechanism: "panic", source: "go.goroutine", level: LevelFatal, handled: new(false), last: true}
	inGoroutineEnded = place{boundary: atPanic, mechanism: "task", source: "go.goroutine", level: LevelError, handled: new(false)}
	inTask           = place{boundary: atPanic, mechanism: "task", source: "go.worker", level: LevelError, handled: new(true)}
	inNobody         = place{} // of a message that is made without a client
)

// caller is the line that called the function that asks. It is simple enough to
// become a part of that, which spares a look at the stack.
func caller() (line [1]uintptr) {
	runtime.Callers(3, line[:])
	return line
}

// where is p as what remembers errors knows it.
func (p *place) where() flood.Place { return flood.Place{Boundary: uint8(p.boundary), PC: p.pc} }

// on returns p on the goroutine with that number.
func (p *place) on(goroutine uint64) *place {
	there := *p
	there.goroutine = goroutine
	return &there
}

// at returns p at the line with that program counter.
func (p *place) at(pc uintptr) *place {
	there := *p
	there.pc = pc
	return &there
}

// line is the option that says where p is to a method that has other callers.
func (p *place) line(o *ExceptionOptions) { o.line = p.pc }

// option says what p knows to a client that knows p not.
func (p *place) option() ExceptionOption {
	return func(o *ExceptionOptions) {
		o.Mechanism, o.Source, o.Level, o.Handled = p.mechanism, p.source, p.level, clonePointer(p.handled)
	}
}

// builtAt is when the binary was made, as far as the system knows: files that
// are newer have other lines. It is the zero time if nobody knows.
var builtAt = sync.OnceValue(func() time.Time {
	path, err := os.Executable()
	if err != nil {
		return time.Time{}
	}
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
})
