package stack

import (
	"reflect"
	"runtime"
)

// stackOf returns the stack that an error brought along, if it has one and shows it in a way that is common: as
// return addresses, or as frames. A method that panics shows none.
func stackOf(err error) (found calls) {
	defer func() {
		if recover() != nil {
			found = calls{}
		}
	}()
	switch err := err.(type) { //nolint:errorlint // of this error, not of one that it wraps
	case interface{ StackPCs() []uintptr }:
		return addresses(err.StackPCs())
	case interface{ Callers() []uintptr }:
		return addresses(err.Callers())
	case interface{ StackTrace() []uintptr }:
		return addresses(err.StackTrace())
	case interface{ StackTrace() []runtime.Frame }:
		return known(err.StackTrace())
	case interface{ StackFrames() []runtime.Frame }:
		return known(err.StackFrames())
	case interface{ StackTrace() *runtime.Frames }:
		return drained(err.StackTrace())
	case interface{ StackFrames() *runtime.Frames }:
		return drained(err.StackFrames())
	}
	if c := reflected(err); !c.empty() {
		return c
	}
	return field(reflect.ValueOf(err))
}

// addresses keeps the inner calls of a stack. The slice is copied, for its owner may use it again.
func addresses(pcs []uintptr) calls {
	return calls{pcs: append([]uintptr(nil), pcs[:min(len(pcs), Depth)]...)}
}

// known keeps the inner frames of a stack that say what was called.
func known(frames []runtime.Frame) (c calls) {
	for i := range frames[:min(len(frames), Depth)] {
		if frames[i].Function != "" {
			c.frames = append(c.frames, frames[i])
		}
	}
	return c
}

func drained(frames *runtime.Frames) (c calls) {
	for more := frames != nil; more && len(c.frames) < Depth; {
		var frame runtime.Frame
		if frame, more = frames.Next(); frame.Function != "" {
			c.frames = append(c.frames, frame)
		}
	}
	return c
}

// reflected looks for stacks whose types belong to packages that this one does not import: a slice of addresses of
// another name, a slice of structs with an address each, or something that is asked for the stack.
func reflected(err error) calls {
	if ordinary(err) {
		return calls{}
	}
	v := reflect.ValueOf(err)
	if m := v.MethodByName("StackTrace"); m.IsValid() {
		if c := listed(result(m)); !c.empty() {
			return c
		}
	}
	if m := v.MethodByName("StackFrames"); m.IsValid() {
		if c := listed(result(m)); !c.empty() {
			return c
		}
	}
	if m := v.MethodByName("GetStackTracer"); m.IsValid() {
		tracer := result(m)
		if tracer.Kind() == reflect.Interface {
			tracer = tracer.Elem()
		}
		if tracer.IsValid() {
			if m := tracer.MethodByName("StackTrace"); m.IsValid() {
				return listed(result(m))
			}
		}
	}
	return calls{}
}

// ordinary says whether an error has no methods but those that errors usually have. To look for others by their names
// takes longer than everything else.
func ordinary(err error) bool {
	others := reflect.TypeOf(err).NumMethod() - 1
	if others == 0 {
		return true
	}
	//nolint:errorlint // of this error, not of one that it wraps
	switch err.(type) {
	case interface{ Unwrap() error }, interface{ Unwrap() []error }:
		others--
	}
	if _, ok := err.(interface{ Is(error) bool }); ok {
		others--
	}
	if _, ok := err.(interface{ As(any) bool }); ok {
		others--
	}
	if _, ok := err.(interface{ Timeout() bool }); ok {
		others--
	}
	if _, ok := err.(interface{ Temporary() bool }); ok {
		others--
	}
	return others == 0
}

// result calls a method without parameters that returns one value. Of another method it returns nothing.
func result(m reflect.Value) reflect.Value {
	if t := m.Type(); t.NumIn() != 0 || t.NumOut() != 1 {
		return reflect.Value{}
	}
	return m.Call(nil)[0]
}

// listed reads a slice of addresses, or of structs that have one.
func listed(v reflect.Value) calls {
	if v.Kind() != reflect.Slice {
		return calls{}
	}
	at := func(element reflect.Value) reflect.Value { return element }
	element := v.Type().Elem()
	pointers := element.Kind() == reflect.Pointer
	if pointers {
		element = element.Elem()
	}
	switch element.Kind() {
	case reflect.Uintptr:
	case reflect.Struct:
		name := "PC"
		if _, found := element.FieldByName(name); !found {
			name = "ProgramCounter"
		}
		if f, found := element.FieldByName(name); !found || f.Type.Kind() != reflect.Uintptr {
			return calls{}
		}
		at = func(element reflect.Value) reflect.Value { return element.FieldByName(name) }
	default:
		return calls{}
	}
	var c calls
	for i := range min(v.Len(), Depth) {
		e := v.Index(i)
		if pointers {
			if e.IsNil() {
				continue
			}
			e = e.Elem()
		}
		c.pcs = append(c.pcs, uintptr(at(e).Uint()))
	}
	return c
}

// field reads the stack of golang.org/x/xerrors: a private field frame, with a private array frames of addresses, of
// which the first belongs to that package.
func field(v reflect.Value) calls {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return calls{}
	}
	frame := v.FieldByName("frame")
	if frame.Kind() != reflect.Struct {
		return calls{}
	}
	pcs := frame.FieldByName("frames")
	if pcs.Kind() != reflect.Array || pcs.Type().Elem().Kind() != reflect.Uintptr || pcs.Len() > Depth {
		return calls{}
	}
	var c calls
	for i := 1; i < pcs.Len(); i++ {
		if pc := uintptr(pcs.Index(i).Uint()); pc != 0 {
			c.pcs = append(c.pcs, pc)
		}
	}
	return c
}
