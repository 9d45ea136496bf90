package wire

import (
	"encoding"
	"encoding/json"
	"reflect"
)

// This file is where code of the caller runs: MarshalJSON, MarshalText and Error. Each call is made by a small
// function that survives a panic in it, and what comes back is checked before it is believed.

func (e *Encoder) appendMarshaler(dst []byte, m json.Marshaler) ([]byte, bool) {
	if isNilPointer(reflect.ValueOf(m)) {
		return append(dst, "null"...), true
	}
	text, reason := callMarshalJSON(m)
	if reason != "" {
		return e.refuse(dst, reason)
	}
	if e.nesting.full(len(dst) + len(text)) {
		return e.refuse(dst, reasonSize)
	}
	out, ok := e.std.appendCompact(dst, text)
	if !ok {
		return e.refuse(dst, "MarshalJSON returned invalid JSON")
	}
	return out, true
}

func (e *Encoder) appendTextMarshaler(dst []byte, m encoding.TextMarshaler) ([]byte, bool) {
	if isNilPointer(reflect.ValueOf(m)) {
		return append(dst, "null"...), true
	}
	text, reason := callMarshalText(m)
	if reason != "" {
		return e.refuse(dst, reason)
	}
	return e.appendText(dst, string(text))
}

func (e *Encoder) appendError(dst []byte, err error) ([]byte, bool) {
	if isNilPointer(reflect.ValueOf(err)) {
		return append(dst, "null"...), true
	}
	message, reason := callError(err)
	if reason != "" {
		return e.refuse(dst, reason)
	}
	return e.appendText(dst, message)
}

// appendRaw appends JSON text the caller has ready.
func (e *Encoder) appendRaw(dst []byte, raw json.RawMessage) ([]byte, bool) {
	if raw == nil {
		return append(dst, "null"...), true
	}
	if e.nesting.full(len(dst) + len(raw)) {
		return e.refuse(dst, reasonSize)
	}
	out, ok := e.std.appendCompact(dst, raw)
	if !ok {
		return e.refuse(dst, reasonRaw)
	}
	return out, true
}

func callMarshalJSON(m json.Marshaler) (text []byte, reason string) {
	defer func() {
		if recover() != nil {
			text, reason = nil, "MarshalJSON panicked"
		}
	}()
	text, err := m.MarshalJSON()
	if err != nil {
		return nil, "MarshalJSON returned an error"
	}
	return text, ""
}

func callMarshalText(m encoding.TextMarshaler) (text []byte, reason string) {
	defer func() {
		if recover() != nil {
			text, reason = nil, "MarshalText panicked"
		}
	}()
	text, err := m.MarshalText()
	if err != nil {
		return nil, "MarshalText returned an error"
	}
	return text, ""
}

func callError(err error) (message, reason string) {
	defer func() {
		if recover() != nil {
			message, reason = "", "Error panicked"
		}
	}()
	return err.Error(), ""
}

func isNilPointer(v reflect.Value) bool {
	return v.Kind() == reflect.Pointer && v.IsNil()
}
