package wire

import (
	"reflect"
	"strconv"
)

// appendMap appends a map that may hold anything, itself included.
func (e *Encoder) appendMap(dst []byte, m map[string]any) ([]byte, bool) {
	if m == nil {
		return append(dst, "null"...), true
	}
	if len(m) == 0 {
		return append(dst, "{}"...), true
	}
	at := container{address: reflect.ValueOf(m).Pointer(), length: len(m)}
	if reason := e.nesting.enter(at, len(dst)); reason != "" {
		return e.refuse(dst, reason)
	}
	dst = append(dst, '{')
	for key, value := range m {
		dst = e.AppendProperty(dst, key, value)
	}
	e.nesting.leave()
	return append(dst, '}'), true
}

// appendList appends a slice that may hold anything, itself included. An element that cannot be written is
// null, which keeps the others in their places.
func (e *Encoder) appendList(dst []byte, list []any) ([]byte, bool) {
	if list == nil {
		return append(dst, "null"...), true
	}
	if len(list) == 0 {
		return append(dst, "[]"...), true
	}
	at := container{address: reflect.ValueOf(&list[0]).Pointer(), length: len(list)}
	if reason := e.nesting.enter(at, len(dst)); reason != "" {
		return e.refuse(dst, reason)
	}
	dst = append(dst, '[')
	for i, element := range list {
		dst = e.appendElement(dst, i, element)
	}
	e.nesting.leave()
	return append(dst, ']'), true
}

// appendMaps is appendList for a slice of objects, a common shape for lists of line items.
func (e *Encoder) appendMaps(dst []byte, list []map[string]any) ([]byte, bool) {
	if list == nil {
		return append(dst, "null"...), true
	}
	if len(list) == 0 {
		return append(dst, "[]"...), true
	}
	at := container{address: reflect.ValueOf(&list[0]).Pointer(), length: len(list)}
	if reason := e.nesting.enter(at, len(dst)); reason != "" {
		return e.refuse(dst, reason)
	}
	dst = append(dst, '[')
	for i, element := range list {
		dst = e.appendElement(dst, i, element)
	}
	e.nesting.leave()
	return append(dst, ']'), true
}

// appendElement appends the element at index of a list, after a comma if it is not the first.
func (e *Encoder) appendElement(dst []byte, index int, element any) []byte {
	if index > 0 {
		dst = append(dst, ',')
	}
	known := len(e.losses)
	dst, ok := e.appendValue(dst, element)
	if len(e.losses) != known {
		e.withinElement(index, known)
	}
	if !ok {
		dst = append(dst, "null"...)
	}
	return dst
}

// The containers below hold only scalars. They cannot nest, so nothing is entered.

func appendTextMap(dst []byte, m map[string]string) []byte {
	if m == nil {
		return append(dst, "null"...)
	}
	dst = append(dst, '{')
	for key, value := range m {
		dst = appendComma(dst, '{')
		dst = append(AppendString(dst, key), ':')
		dst = AppendString(dst, value)
	}
	return append(dst, '}')
}

func appendStrings(dst []byte, list []string) []byte {
	if list == nil {
		return append(dst, "null"...)
	}
	dst = append(dst, '[')
	for _, s := range list {
		dst = AppendString(appendComma(dst, '['), s)
	}
	return append(dst, ']')
}

func appendInts[T int | int64](dst []byte, list []T) []byte {
	if list == nil {
		return append(dst, "null"...)
	}
	dst = append(dst, '[')
	for _, n := range list {
		dst = strconv.AppendInt(appendComma(dst, '['), int64(n), 10)
	}
	return append(dst, ']')
}

func appendFloats(dst []byte, list []float64) []byte {
	if list == nil {
		return append(dst, "null"...)
	}
	dst = append(dst, '[')
	for _, f := range list {
		dst = appendFloat(appendComma(dst, '['), f, 64)
	}
	return append(dst, ']')
}

// appendComma appends a comma unless dst ends in open, the bracket of the container being written. No scalar
// ends in a bracket.
func appendComma(dst []byte, open byte) []byte {
	if dst[len(dst)-1] == open {
		return dst
	}
	return append(dst, ',')
}
