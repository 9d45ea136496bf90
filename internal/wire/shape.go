package wire

import "reflect"

const (
	standardDepth  = 256     // how deep a value may nest that encoding/json is given; it recurses without a limit
	standardValues = 1 << 20 // and how many values may be in it, with those in several places counted in each
)

// shapes remembers which types are closed. A value of a closed type cannot nest deeper than its type does: the
// type does not contain itself, nor an interface that could hold anything. What marshals itself counts as
// closed, because encoding/json does not look inside it. There are only so many types in a program, so nothing
// is ever forgotten.
type shapes map[reflect.Type]bool

// closed reports whether t is closed.
func (s *shapes) closed(t reflect.Type) bool {
	if closed, known := (*s)[t]; known {
		return closed
	}
	if *s == nil {
		*s = make(shapes)
	}
	// Until its parts say otherwise t is open. So it is found open in itself, as are the types on the way back.
	(*s)[t] = false
	closed := marshalsItself(t) || marshalsItself(reflect.PointerTo(t)) || s.partsClosed(t)
	(*s)[t] = closed
	return closed
}

func (s *shapes) partsClosed(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Interface:
		return false
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return s.closed(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if field := t.Field(i); isWritten(field) && !s.closed(field.Type) {
				return false
			}
		}
	}
	return true
}

// isWritten reports whether encoding/json looks at the field. What it leaves alone may be guarded by a lock of
// the caller's, and must not be read.
func isWritten(field reflect.StructField) bool {
	return (field.IsExported() || field.Anonymous) && field.Tag.Get("json") != "-"
}

// isShallow reports whether v nests at most depth levels and consists of no more values than are left, which it
// counts down.
func isShallow(v reflect.Value, depth int, left *int) bool {
	if *left--; *left < 0 || depth < 0 {
		return false
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map, reflect.Struct:
	default:
		return true
	}
	if t := v.Type(); marshalsItself(t) || marshalsItself(reflect.PointerTo(t)) {
		return true
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		return v.IsNil() || isShallow(v.Elem(), depth-1, left)
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if !isShallow(v.Index(i), depth-1, left) {
				return false
			}
		}
	case reflect.Map:
		for members := v.MapRange(); members.Next(); {
			if !isShallow(members.Value(), depth-1, left) {
				return false
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if isWritten(v.Type().Field(i)) && !isShallow(v.Field(i), depth-1, left) {
				return false
			}
		}
	}
	return true
}
