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
// null, which keeps the others in their places; where the list becomes too large it ends.
func appendList[T any](e *Encoder, dst []byte, list []T) ([]byte, bool) {
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
	for i := range list {
		if e.endsAt(i, dst) {
			break
		}
		dst = e.appendElement(dst, i, list[i])
	}
	e.nesting.leave()
	return append(dst, ']'), true
}

// endsAt reports whether there is no room for the element at index of a list, and then records its loss.
func (e *Encoder) endsAt(index int, dst []byte) bool {
	if !e.nesting.full(len(dst)) {
		return false
	}
	known := len(e.losses)
	e.lose(reasonSize)
	e.withinElement(index, known)
	return true
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

// The containers below hold only scalars. They cannot nest, so nothing is entered. One that is too large is lost
// whole.

func (e *Encoder) appendTextMap(dst []byte, m map[string]string) ([]byte, bool) {
	if m == nil {
		return append(dst, "null"...), true
	}
	start := len(dst)
	dst = append(dst, '{')
	for key, value := range m {
		var ok bool
		if dst, ok = e.appendText(appendComma(dst, '{'), key); ok {
			dst, ok = e.appendText(append(dst, ':'), value)
		}
		if !ok {
			return e.takeBack(dst, start), false
		}
	}
	return append(dst, '}'), true
}

func (e *Encoder) appendStrings(dst []byte, list []string) ([]byte, bool) {
	if list == nil {
		return append(dst, "null"...), true
	}
	start := len(dst)
	dst = append(dst, '[')
	for _, s := range list {
		dst = appendComma(dst, '[')
		if !e.nesting.full(len(dst) + longestEscape*len(s)) {
			dst = AppendString(dst, s)
			continue
		}
		var ok bool
		if dst, ok = e.appendText(dst, s); !ok {
			return e.takeBack(dst, start), false
		}
	}
	return append(dst, ']'), true
}

func appendInts[T int | int64](e *Encoder, dst []byte, list []T) ([]byte, bool) {
	if list == nil {
		return append(dst, "null"...), true
	}
	start := len(dst)
	dst = append(dst, '[')
	for _, n := range list {
		dst = strconv.AppendInt(appendComma(dst, '['), int64(n), 10)
		if e.nesting.full(len(dst)) {
			return e.refuse(e.takeBack(dst, start), reasonSize)
		}
	}
	return append(dst, ']'), true
}

func (e *Encoder) appendFloats(dst []byte, list []float64) ([]byte, bool) {
	if list == nil {
		return append(dst, "null"...), true
	}
	start := len(dst)
	dst = append(dst, '[')
	for _, f := range list {
		dst = appendFloat(appendComma(dst, '['), f, 64)
		if e.nesting.full(len(dst)) {
			return e.refuse(e.takeBack(dst, start), reasonSize)
		}
	}
	return append(dst, ']'), true
}

// appendComma appends a comma unless dst ends in open, the bracket of the container being written. No scalar
// ends in a bracket.
func appendComma(dst []byte, open byte) []byte {
	if dst[len(dst)-1] == open {
		return dst
	}
	return append(dst, ',')
}
