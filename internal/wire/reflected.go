package wire

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strconv"
)

var (
	typeString        = reflect.TypeFor[string]()
	typeAny           = reflect.TypeFor[any]()
	typeProperties    = reflect.TypeFor[map[string]any]()
	typeMarshaler     = reflect.TypeFor[json.Marshaler]()
	typeTextMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
	typeError         = reflect.TypeFor[error]()
)

// appendReflected appends a value whose type is none of those appendValue knows, by its kind.
func (e *Encoder) appendReflected(dst []byte, v reflect.Value) ([]byte, bool) {
	switch v.Kind() {
	case reflect.String:
		return e.appendText(dst, v.String())
	case reflect.Bool:
		return strconv.AppendBool(dst, v.Bool()), true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(dst, v.Int(), 10), true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.AppendUint(dst, v.Uint(), 10), true
	case reflect.Float32, reflect.Float64:
		return appendFloat(dst, v.Float(), v.Type().Bits()), true
	case reflect.Map:
		return e.appendReflectedMap(dst, v)
	case reflect.Slice:
		if v.IsNil() {
			return append(dst, "null"...), true
		}
		if v.Type().Elem().Kind() == reflect.Uint8 && !marshalsItself(reflect.PointerTo(v.Type().Elem())) {
			return e.appendBytes(dst, v.Bytes())
		}
		return e.appendReflectedList(dst, v, container{address: v.Pointer(), length: v.Len()})
	case reflect.Array:
		return e.appendReflectedList(dst, v, container{})
	case reflect.Pointer:
		return e.appendPointer(dst, v)
	case reflect.Struct:
		return e.appendStruct(dst, v)
	}
	return e.refuse(dst, v.Kind().String()+reasonNoForm)
}

// appendPointer appends what v points to.
func (e *Encoder) appendPointer(dst []byte, v reflect.Value) ([]byte, bool) {
	if v.IsNil() {
		return append(dst, "null"...), true
	}
	at := container{address: v.Pointer(), length: -1}
	if reason := e.nesting.enter(at, len(dst)); reason != "" {
		return e.refuse(dst, reason)
	}
	defer e.nesting.leave()
	return e.appendAddressable(dst, v.Elem())
}

// appendReflectedList appends a slice or an array. An array is not identified: only a pointer or a slice could
// make it hold itself, and those are.
func (e *Encoder) appendReflectedList(dst []byte, v reflect.Value, at container) ([]byte, bool) {
	if reason := e.nesting.enter(at, len(dst)); reason != "" {
		return e.refuse(dst, reason)
	}
	defer e.nesting.leave()
	plain := isPlain(v.Type().Elem())
	dst = append(dst, '[')
	for i := range v.Len() {
		if e.endsAt(i, dst) {
			break
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		known := len(e.losses)
		var ok bool
		if plain {
			dst, ok = e.appendReflected(dst, v.Index(i))
		} else {
			dst, ok = e.appendAddressable(dst, v.Index(i))
		}
		if len(e.losses) != known {
			e.withinElement(i, known)
		}
		if !ok {
			dst = append(dst, "null"...)
		}
	}
	return append(dst, ']'), true
}

// appendAddressable appends a value found inside another. If v has an address and the pointer to it marshals
// itself, that is used, as encoding/json does. A struct or an array keeps its address for the sake of what is in it.
func (e *Encoder) appendAddressable(dst []byte, v reflect.Value) ([]byte, bool) {
	if v.CanAddr() && !v.Type().Implements(typeMarshaler) {
		switch {
		case marshalsItself(reflect.PointerTo(v.Type())):
			return e.appendValue(dst, v.Addr().Interface())
		case (v.Kind() == reflect.Struct || v.Kind() == reflect.Array) && !v.Type().Implements(typeError):
			return e.appendReflected(dst, v)
		}
	}
	return e.appendValue(dst, v.Interface())
}

// isPlain reports whether t is a scalar type without methods, whose kind alone says how its values are written.
func isPlain(t reflect.Type) bool {
	scalar := reflect.Bool <= t.Kind() && t.Kind() <= reflect.Float64 || t.Kind() == reflect.String
	return scalar && reflect.PointerTo(t).NumMethod() == 0
}

// marshalsItself reports whether t has a MarshalJSON or a MarshalText method.
func marshalsItself(t reflect.Type) bool {
	return t.Implements(typeMarshaler) || t.Implements(typeTextMarshaler)
}

// appendReflectedMap appends a map of a type other than map[string]any. Types that merely rename it, such as a
// caller's own Properties, are converted, which costs nothing.
func (e *Encoder) appendReflectedMap(dst []byte, v reflect.Value) ([]byte, bool) {
	if t := v.Type(); t.Key() == typeString && t.Elem() == typeAny {
		return e.appendMap(dst, v.Convert(typeProperties).Interface().(map[string]any))
	}
	if v.IsNil() {
		return append(dst, "null"...), true
	}
	if !canBeKey(v.Type().Key()) {
		return e.refuse(dst, reasonKey)
	}
	at := container{address: v.Pointer(), length: v.Len()}
	if reason := e.nesting.enter(at, len(dst)); reason != "" {
		return e.refuse(dst, reason)
	}
	defer e.nesting.leave()
	dst = append(dst, '{')
	for members := v.MapRange(); members.Next(); {
		key, ok := e.keyText(members.Key())
		if !ok {
			continue
		}
		dst = e.AppendProperty(dst, key, members.Value().Interface())
	}
	return append(dst, '}'), true
}

// canBeKey reports whether some key of type t has a text form. For an interface type the keys decide one by one.
func canBeKey(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Interface,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return true
	}
	return t.Implements(typeTextMarshaler)
}

// keyText returns the text encoding/json uses for a map key: the string itself, else MarshalText, else digits.
// A key without one loses its member, which is recorded.
func (e *Encoder) keyText(key reflect.Value) (string, bool) {
	if key.Kind() == reflect.Interface {
		key = key.Elem()
	}
	if key.Kind() == reflect.String {
		return key.String(), true
	}
	if key.IsValid() {
		if m, ok := key.Interface().(encoding.TextMarshaler); ok {
			if isNilPointer(key) {
				return "", true
			}
			text, reason := callMarshalText(m)
			if reason != "" {
				e.lose(reason)
				return "", false
			}
			return string(text), true
		}
	}
	switch key.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(key.Int(), 10), true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.FormatUint(key.Uint(), 10), true
	}
	e.lose(reasonKey)
	return "", false
}
