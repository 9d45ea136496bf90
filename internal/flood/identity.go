package flood

import (
	"reflect"
	"strings"
	"weak"
)

// An identity is where an error is and what. The type is a part of it because a struct and its first field have one
// address.
type identity struct {
	address uintptr // without a hold on what is there
	of      reflect.Type
}

// identify returns the identity of err and a pointer to it, nil if it has none.
func identify(err error) (identity, *byte) {
	v := reflect.ValueOf(err)
	if v.Kind() != reflect.Pointer || v.Type().Elem().Size() == 0 {
		return identity{}, nil
	}
	pointer := v.UnsafePointer()
	return identity{uintptr(pointer), v.Type()}, (*byte)(pointer)
}

// A hold is what tells an error from a later one that has its address: a weak pointer, or one that keeps it from going.
type hold struct {
	weak   weak.Pointer[byte]
	strong *byte
}

// holdNumbers is the size up to which an error of mere numbers is kept.
const holdNumbers = 128

// holdOf returns a hold on what pointer points to, a value of type t, and false if there can be none.
//
// To ask for a weak pointer into memory that is not Go's, such as C's, ends the process, and nothing tells such an
// address from others. But what holds a string or anything else that only Go has is in Go's memory. What C declared, as
// far as it can be told, has no hold, because the memory may be used again without notice. What is left are Go's
// structs of numbers and the odd enum of C: they are kept, being small, and refer to nothing. One that is a part of
// something larger keeps all of that, until later errors have taken its place.
func holdOf(pointer *byte, t reflect.Type) (hold, bool) {
	byC, byGo := madeOf(t)
	switch {
	case byGo:
		return hold{weak: weak.Make(pointer)}, true
	case byC || t.Size() > holdNumbers:
		return hold{}, false
	}
	return hold{strong: pointer}, true
}

// on reports whether h is on what pointer points to now.
func (h hold) on(pointer *byte) bool { return h.strong == pointer || h.weak.Value() == pointer }

// madeOf reports whether a type holds what cgo made of C's types, and whether it holds what only Go has.
func madeOf(t reflect.Type) (byC, byGo bool) {
	switch {
	case ofC(t):
		return true, false
	case ofGo(t):
		return false, true
	}
	switch t.Kind() {
	case reflect.Pointer: // types that hold themselves do so behind a pointer, so one step is enough
		byGo = ofGo(t.Elem()) || t.Elem().Kind() == reflect.Struct && !ofC(t.Elem())
		return !byGo, byGo
	case reflect.Array:
		return madeOf(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			c, g := madeOf(t.Field(i).Type)
			byC, byGo = byC || c, byGo || g
		}
	}
	return byC, byGo
}

// ofGo reports whether only Go has such a type.
func ofGo(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Interface, reflect.Slice, reflect.Map, reflect.Chan, reflect.Func:
		return true
	}
	return false
}

// ofC reports whether only C has such a type: by the name that cgo gives it, or because it is a void *.
func ofC(t reflect.Type) bool {
	return strings.HasPrefix(t.Name(), "_Ctype_") || t.Kind() == reflect.UnsafePointer
}
