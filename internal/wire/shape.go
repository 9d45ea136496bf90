package wire

import "reflect"

// standardDepth is how deep a value may nest that encoding/json is given, which recurses without a limit.
const standardDepth = 256

// shapes remembers what each type of a struct looks like. There are only so many types in a program, so nothing
// is ever forgotten.
type shapes map[reflect.Type]*shape

// A shape says which parts of a struct can be many, long or deep, and so have to be looked at in each value.
type shape struct {
	fields []int // those that are written and not short
}

// shape returns the shape of a struct type.
func (s *shapes) shape(t reflect.Type) *shape {
	if known := (*s)[t]; known != nil {
		return known
	}
	if *s == nil {
		*s = make(shapes)
	}
	found := new(shape)
	for i := range t.NumField() {
		if field := t.Field(i); isWritten(field) && !s.short(field.Type) {
			found.fields = append(found.fields, i)
		}
	}
	(*s)[t] = found
	return found
}

// short reports whether every value of type t is written in a few bytes. What marshals itself counts as short,
// because only its own method could say.
func (s *shapes) short(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Slice:
		return false
	case reflect.Interface, reflect.Array, reflect.Map, reflect.Pointer:
		return marshalsItself(t)
	case reflect.Struct:
		return marshalsItself(t) || len(s.shape(t).fields) == 0
	}
	return true
}

// isWritten reports whether encoding/json looks at the field. What it leaves alone may be guarded by a lock of
// the caller's, and must not be read.
func isWritten(field reflect.StructField) bool {
	return (field.IsExported() || field.Anonymous) && field.Tag.Get("json") != "-"
}

// fits reports whether v nests at most depth levels and its text is not sure to be longer than left, which it
// counts down. What is in several places counts in each.
func (s *shapes) fits(v reflect.Value, depth int, left *int) bool {
	if depth < 0 {
		return false
	}
	*left-- // nothing is written in less than a byte
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		return v.IsNil() || s.fits(v.Elem(), depth-1, left)
	case reflect.String:
		*left -= v.Len()
	case reflect.Slice, reflect.Array:
		if elem := v.Type().Elem(); isPlain(elem) && elem.Kind() != reflect.String {
			*left -= v.Len()
			break
		}
		return s.partsFit(v, depth-1, left)
	case reflect.Map, reflect.Struct:
		return s.partsFit(v, depth-1, left)
	}
	return *left >= 0
}

// partsFit is fits for all that is in v.
func (s *shapes) partsFit(v reflect.Value, depth int, left *int) bool {
	if t := v.Type(); marshalsItself(t) || v.CanAddr() && marshalsItself(reflect.PointerTo(t)) {
		return *left >= 0 // encoding/json does not look inside
	}
	switch v.Kind() {
	case reflect.Map:
		for members := v.MapRange(); members.Next(); {
			if key := members.Key(); key.Kind() == reflect.String {
				*left -= key.Len()
			}
			if !s.fits(members.Value(), depth, left) {
				return false
			}
		}
	case reflect.Struct:
		for _, i := range s.shape(v.Type()).fields {
			if !s.fits(v.Field(i), depth, left) {
				return false
			}
		}
	default:
		for i := range v.Len() {
			if !s.fits(v.Index(i), depth, left) {
				return false
			}
		}
	}
	return *left >= 0
}
