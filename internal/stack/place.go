package stack

import (
	"runtime"
	"slices"
	"sync/atomic"
)

// A place is what a program counter stands for. It is found out once, because a program raises errors in a limited
// number of places.
type place struct {
	call  runtime.Frame
	frame *Frame                // without source lines; nil if the program counter is that of no function
	lined atomic.Pointer[Frame] // with them, or frame if there are none; nil until that is known
	next  *place                // further out, where one program counter stands for several calls of C
	// outer is the return address of the call that this one was inlined into, as [runtime.Callers] gives it. It is 0
	// if there is none.
	outer uintptr

	// What the rules by which a stack is shortened ask of its function.
	ofLibrary, ofRuntime, panics, startsGoroutine bool
}

// place returns what becomes of a call.
func (r *Rules) place(call runtime.Frame) *place {
	f := r.frame(call)
	f.encodeOnce()
	return &place{
		call:            call,
		frame:           f,
		ofLibrary:       ofLibrary(f.Package),
		ofRuntime:       ofRuntime(call.Function),
		panics:          call.Function == "runtime.gopanic",
		startsGoroutine: startsGoroutine(call.Function),
	}
}

// places returns those of calls that are named already.
func (r *Rules) places(calls []runtime.Frame) []*place {
	list := make([]*place, len(calls))
	for i := range calls {
		list[i] = r.place(calls[i])
	}
	return list
}

// at appends the places of return addresses to an empty list, innermost first. Addresses of no function have none.
func (r *Rules) at(list []*place, pcs []uintptr) []*place {
	var room [DefaultFrames + slack]*place
	found := room[:]
	if len(pcs) > len(found) {
		found = make([]*place, len(pcs))
	}
	found = found[:len(pcs)]
	if !r.atlas.find(found, pcs) {
		for i, pc := range pcs {
			if found[i] == nil {
				found[i] = r.find(pc)
			}
		}
		r.atlas.add(found, pcs)
	}
	for i, p := range found {
		if p.outer != 0 && i+1 < len(pcs) && pcs[i+1] != p.outer {
			// Addresses as in the text of a stack, of which each implies the calls that were inlined there.
			return append(list[:0], r.places(lookUp(pcs))...)
		}
		for ; p != nil && p.frame != nil; p = p.next {
			list = append(list, p)
		}
	}
	return list
}

// find finds out what a return address stands for.
func (r *Rules) find(pc uintptr) *place {
	var none place
	last := &none
	for _, call := range lookUp([]uintptr{pc}) {
		last.next = r.place(call)
		last = last.next
	}
	first := none.next
	if first == nil {
		return &none
	}
	if first.call.Func == nil && first.call.Entry != 0 {
		// It was inlined. If what follows is not the call around it, the runtime tells that as well.
		if calls := lookUp([]uintptr{pc, pc}); len(calls) > 2 {
			first.outer = calls[1].PC + 1
		}
	}
	return first
}

// lookUp returns the calls that return addresses stand for. Those that belong to no function are left out.
func lookUp(pcs []uintptr) []runtime.Frame {
	if len(pcs) == 0 {
		return nil
	}
	calls := make([]runtime.Frame, 0, len(pcs))
	for frames := runtime.CallersFrames(slices.Clone(pcs)); ; { // which the runtime keeps; a Trace can stay on its stack
		frame, more := frames.Next()
		if frame.Function != "" {
			calls = append(calls, frame)
		}
		if !more {
			return calls
		}
	}
}

// startsGoroutine says whether the function is one with which the runtime begins a stack.
func startsGoroutine(function string) bool {
	return function == "runtime.goexit" || function == "runtime.main"
}

// complete returns the frame of a place, with the lines of its source if there shall be some and they are at hand.
func (r *Rules) complete(c *place, p *patience) *Frame {
	if r.options.Sources == nil {
		return c.frame
	}
	if f := c.lined.Load(); f != nil {
		return f
	}
	f, final := r.options.Sources.withLines(c.frame, p)
	if !final {
		return f
	}
	if f != c.frame {
		f.encodeOnce()
	}
	if c.lined.CompareAndSwap(nil, f) && f != c.frame {
		r.atlas.grow(len(f.json))
	}
	return c.lined.Load()
}
