package crash

import (
	"slices"
	"strings"
)

// messages are the texts of fatal errors that programs meet. The longest one that fits counts.
var messages = []string{
	"concurrent map iteration and map write",
	"concurrent map read and map write",
	"concurrent map clone and map write",
	"concurrent map writes",
	"small map with no empty slot (concurrent map writes?)",
	"go of nil func value",
	"all goroutines are asleep - deadlock!",
	"no goroutines (main called runtime.Goexit) - deadlock!",
	"stack overflow",
	"runtime: cannot allocate memory",
	"runtime: out of memory",
	"out of memory",
	"out of memory (stackalloc)",
	"sync: unlock of unlocked mutex",
	"sync: Unlock of unlocked RWMutex",
	"sync: RUnlock of unlocked RWMutex",
	"sync: inconsistent mutex state",
	"sync: WaitGroup is reused before previous Wait has returned",
	"unexpected signal during runtime execution",
	"fault",
	"too many concurrent timer firings",
	"thread exhaustion",
	"runtime: cannot map pages in arena address space",
	"found bad pointer in Go heap (incorrect use of unsafe or cgo?)",
	"exitsyscall: syscall frame is no longer valid",
	"bulkBarrierPreWrite: unaligned arguments",
	"schedule: holding locks",
	"checkptr: unsafe pointer arithmetic",
	"checkptr: pointer arithmetic result points to invalid allocation",
	"checkptr: misaligned pointer conversion",
	"checkptr: converted pointer straddles multiple allocations",
}

// Unprintable is the message of a fatal error that a panic became, because the method Error or String of its value
// panicked when the runtime wanted to print it. What that panic said is not in the text.
const Unprintable = "panic while printing panic value"

// Complete fills in the message of a fatal error from the binary that crashed, which the runtime leaves out of crash
// files. Read fills p with what the binary holds at an address, from its first byte on, and returns how many bytes
// it could; it must be the same build, and it is asked for less than 256 bytes. Complete says whether the message
// is known for certain now.
func (r *Report) Complete(read func(p []byte, addr uint64) int) bool {
	if r.Thrown == nil || r.Kind != Fatal && r.Kind != Unknown || r.Message != "" && !r.Inferred {
		return r.Kind == Fatal && r.Message != "" && !r.Inferred
	}
	const most = 255
	var buffer [most]byte
	n := most
	if r.Thrown.Exact && r.Thrown.Len > 0 && r.Thrown.Len < most {
		n = int(r.Thrown.Len)
	}
	got := string(buffer[:min(max(read(buffer[:n], r.Thrown.Addr), 0), n)])
	message := ""
	if r.Thrown.Exact && n < most && len(got) == n && readable(got) {
		message = got
	} else { // texts follow one another without a gap
		for _, m := range messages {
			if strings.HasPrefix(got, m) && len(m) > len(message) {
				message = m
			}
		}
	}
	if message == "" {
		return false
	}
	r.Kind, r.Type, r.Message, r.Inferred = Fatal, "fatal error", message, false
	return true
}

func readable(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// fatal concludes the message of a fatal error from the stacks, "" if they show none.
func (r *Report) fatal() string {
	g := r.Crashed()
	var frames []Frame
	frames = append(frames, r.System...)
	if g != nil {
		frames = append(frames, g.Frames...)
	}
	calls := func(part string) bool {
		return slices.ContainsFunc(frames, func(f Frame) bool { return strings.Contains(f.Function, part) })
	}
	thrown := slices.ContainsFunc(frames, func(f Frame) bool { return slices.Contains(throwers, f.Function) })
	switch {
	case calls("runtime.checkdead"):
		if !slices.ContainsFunc(r.Goroutines, func(g Goroutine) bool { return g.ID == 1 }) {
			return "no goroutines (main called runtime.Goexit) - deadlock!"
		}
		return "all goroutines are asleep - deadlock!"
	case calls("runtime.preprintpanics"):
		return Unprintable
	case calls("runtime.newstack"):
		return "stack overflow"
	case calls("runtime.(*mheap)"), calls("runtime.(*mcache).allocLarge"), calls("runtime.sysMap"), calls("runtime.sysReserve"):
		return "out of memory"
	case calls("runtime.mapassign"), calls("runtime.mapdelete"), calls("internal/runtime/maps.(*Map).Put"):
		return "concurrent map writes"
	case calls("runtime.mapiter"), calls("internal/runtime/maps.(*Iter)"):
		return "concurrent map iteration and map write"
	case calls("runtime.mapaccess"), calls("internal/runtime/maps.(*Map).get"):
		return "concurrent map read and map write"
	case calls("internal/runtime/maps.fatal"):
		return "concurrent map access"
	case calls("sync.(*Mutex).unlockSlow"), calls("sync.(*Mutex).Unlock"):
		return "sync: unlock of unlocked mutex"
	case calls("sync.(*RWMutex).RUnlock"), calls("sync.(*RWMutex).rUnlockSlow"):
		return "sync: RUnlock of unlocked RWMutex"
	case calls("sync.(*RWMutex).Unlock"):
		return "sync: Unlock of unlocked RWMutex"
	case thrown, g != nil && strings.HasPrefix(g.State, "running"):
		return "fatal error" // what else ends a process without a message
	case g != nil && g.ID == 1 && waits(g.State):
		return "all goroutines are asleep - deadlock!"
	}
	return ""
}

// waits says whether a goroutine in this state waits for another one.
func waits(state string) bool {
	state, _, _ = strings.Cut(state, ",")
	return state != "" && !strings.HasPrefix(state, "run") && state != "syscall" && state != "idle"
}
