package wire

import (
	"reflect"
	"slices"
	"strings"
)

// appendStruct appends a struct with encoding/json. If that fails because of something inside, or would never
// end, the fields are written one by one instead, and only the one at fault is lost.
func (e *Encoder) appendStruct(dst []byte, v reflect.Value) ([]byte, bool) {
	if e.salvaging {
		return e.salvageStruct(dst, v)
	}
	if left := e.nesting.left(len(dst)); e.shapes.fits(v, standardDepth, &left) {
		whole := v
		if v.CanAddr() {
			whole = v.Addr() // lets encoding/json see methods with a pointer receiver
		}
		if out, ok := e.std.appendEncoded(dst, whole.Interface()); ok {
			if e.nesting.full(len(out)) {
				return e.refuse(e.takeBack(out, len(dst)), reasonSize)
			}
			return out, true
		}
	}
	// What is below is salvaged as well. Asking encoding/json again at each level would multiply its work.
	e.salvaging = true
	defer func() { e.salvaging = false }()
	return e.salvageStruct(dst, v)
}

// salvageStruct writes the fields of a struct by encoding/json's rules for tags and embedding, except that a
// field hidden by another is judged by its Go name and that omitzero does not call an IsZero method.
func (e *Encoder) salvageStruct(dst []byte, v reflect.Value) ([]byte, bool) {
	if reason := e.nesting.enter(container{}, len(dst)); reason != "" {
		return e.refuse(dst, reason)
	}
	defer e.nesting.leave()
	var closed [][]int // embedded structs that are members of their own or left out; so are their fields
	dst = append(dst, '{')
	for _, field := range reflect.VisibleFields(v.Type()) {
		if isBelow(field.Index, closed) {
			continue
		}
		tag := field.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		if field.Anonymous && name == "" && isStruct(field.Type) {
			continue // its fields follow
		}
		if field.Anonymous {
			closed = append(closed, field.Index)
		}
		if !field.IsExported() || tag == "-" {
			continue
		}
		value, err := v.FieldByIndexErr(field.Index)
		if err != nil {
			continue // promoted through a nil pointer
		}
		if name == "" {
			name = field.Name
		}
		dst = e.appendField(dst, name, ","+options+",", value)
	}
	return append(dst, '}'), true
}

// appendField appends a member for a field, unless its options leave it out. Each option stands between commas.
func (e *Encoder) appendField(dst []byte, name, options string, v reflect.Value) []byte {
	if strings.Contains(options, ",omitempty,") && isEmpty(v) || strings.Contains(options, ",omitzero,") && v.IsZero() {
		return dst
	}
	known, start := len(e.losses), len(dst)
	dst = append(AppendString(appendComma(dst, '{'), name), ':')
	quoted := strings.Contains(options, ",string,") && (v.CanInt() || v.CanUint() || v.CanFloat() || v.Kind() == reflect.Bool)
	var ok bool
	if quoted {
		dst = append(dst, '"')
		dst, ok = e.appendReflected(dst, v)
		dst = append(dst, '"')
	} else {
		dst, ok = e.appendAddressable(dst, v)
	}
	if len(e.losses) != known {
		e.within(name, known)
	}
	if !ok {
		return dst[:start]
	}
	return dst
}

// isBelow reports whether index leads through one of the fields in closed.
func isBelow(index []int, closed [][]int) bool {
	for _, outer := range closed {
		if len(index) > len(outer) && slices.Equal(index[:len(outer)], outer) {
			return true
		}
	}
	return false
}

// isStruct reports whether t is a struct or a pointer to one.
func isStruct(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct
}

// isEmpty reports whether the omitempty option leaves v out.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}
