package stack

import (
	"fmt"
	"reflect"
	"strconv"
)

// Recovered reads a value that a panic was called with, or anything else that is to be reported as an exception. An
// error is walked as by [Walk]; text is its own message, of an exception of type "panic"; of other values the type
// is the title, and a short form of the value the message. It survives values whose methods panic, and reads no maps
// and follows no pointers, because other goroutines may be writing there.
func Recovered(value any, namer func(error) string) Tree {
	var n node
	made := true
	switch value := value.(type) {
	case error:
		return Walk(value, namer)
	case nil:
		n.title, n.value = "panic", "<nil>"
	case string:
		n.title, n.value, made = "panic", clip(value, maxValue), false
	default:
		n.title = clip(reflect.TypeOf(value).String(), maxType)
		n.value = clip(describe(value), maxValue)
	}
	return Tree{nodes: []node{n}, made: made}
}

// describe returns the text of a value that is neither an error nor a string.
func describe(value any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("<panic in String(): %T>", value)
		}
	}()
	if value, ok := value.(fmt.Stringer); ok {
		return value.String()
	}
	return string(appendValue(nil, reflect.ValueOf(value), 3))
}

// appendValue writes a value about as %v does, up to the length of a message, and a few levels deep.
func appendValue(to []byte, v reflect.Value, levels int) []byte {
	switch v.Kind() {
	case reflect.Bool:
		return strconv.AppendBool(to, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(to, v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.AppendUint(to, v.Uint(), 10)
	case reflect.Float32, reflect.Float64:
		return strconv.AppendFloat(to, v.Float(), 'g', -1, v.Type().Bits())
	case reflect.Complex64, reflect.Complex128:
		return append(to, strconv.FormatComplex(v.Complex(), 'g', -1, v.Type().Bits())...)
	case reflect.String:
		return append(to, cut(v.String(), maxValue)...)
	case reflect.Struct:
		return appendList(to, '{', '}', v.NumField(), levels, v.Field)
	case reflect.Array, reflect.Slice:
		return appendList(to, '[', ']', v.Len(), levels, v.Index)
	case reflect.Interface:
		if !v.IsNil() {
			return appendValue(to, v.Elem(), levels)
		}
	}
	if v.Kind() == reflect.Invalid || nillable(v.Kind()) && v.IsNil() {
		return append(to, "<nil>"...)
	}
	return append(append(append(to, '('), v.Type().String()...), ')')
}

func appendList(to []byte, open, end byte, n, levels int, at func(int) reflect.Value) []byte {
	to = append(to, open)
	for i := range n {
		if i > 0 {
			to = append(to, ' ')
		}
		if len(to) > maxValue || levels == 0 {
			to = append(to, "..."...)
			break
		}
		to = appendValue(to, at(i), levels-1)
	}
	return append(to, end)
}

func nillable(kind reflect.Kind) bool {
	switch kind {
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.Interface, reflect.UnsafePointer:
		return true
	}
	return false
}
