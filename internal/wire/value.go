package wire

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strconv"
	"time"
)

// appendValue appends value and reports whether it could. If not, it returns dst as it was and has recorded the
// loss. The concrete types come first because they are what properties are made of; the compiler finds the
// right one by its type's hash.
func (e *Encoder) appendValue(dst []byte, value any) ([]byte, bool) {
	switch v := value.(type) {
	case nil:
		return append(dst, "null"...), true
	case string:
		if e.nesting.full(len(dst) + longestEscape*len(v)) {
			return e.appendText(dst, v)
		}
		return AppendString(dst, v), true
	case bool:
		return strconv.AppendBool(dst, v), true
	case int:
		return strconv.AppendInt(dst, int64(v), 10), true
	case int8:
		return strconv.AppendInt(dst, int64(v), 10), true
	case int16:
		return strconv.AppendInt(dst, int64(v), 10), true
	case int32:
		return strconv.AppendInt(dst, int64(v), 10), true
	case int64:
		return strconv.AppendInt(dst, v, 10), true
	case uint:
		return strconv.AppendUint(dst, uint64(v), 10), true
	case uint8:
		return strconv.AppendUint(dst, uint64(v), 10), true
	case uint16:
		return strconv.AppendUint(dst, uint64(v), 10), true
	case uint32:
		return strconv.AppendUint(dst, uint64(v), 10), true
	case uint64:
		return strconv.AppendUint(dst, v, 10), true
	case float64:
		return appendFloat(dst, v, 64), true
	case float32:
		return appendFloat(dst, float64(v), 32), true
	case time.Duration:
		return strconv.AppendInt(dst, int64(v), 10), true
	case time.Time:
		return e.appendTime(dst, v)
	case *time.Time:
		if v == nil {
			return append(dst, "null"...), true
		}
		return e.appendTime(dst, *v)
	case json.Number:
		return e.appendNumber(dst, v)
	case Verbatim:
		return e.appendVerbatim(dst, v)
	case json.RawMessage:
		return e.appendRaw(dst, v)
	case map[string]any:
		return e.appendMap(dst, v)
	case map[string]string:
		return e.appendTextMap(dst, v)
	case []any:
		return appendList(e, dst, v)
	case []map[string]any:
		return appendList(e, dst, v)
	case []string:
		return e.appendStrings(dst, v)
	case []int:
		return appendInts(e, dst, v)
	case []int64:
		return appendInts(e, dst, v)
	case []float64:
		return e.appendFloats(dst, v)
	case []byte:
		return e.appendBytes(dst, v)

	case json.Marshaler:
		return e.appendMarshaler(dst, v)
	case encoding.TextMarshaler:
		return e.appendTextMarshaler(dst, v)
	case error:
		return e.appendError(dst, v)
	}
	return e.appendReflected(dst, reflect.ValueOf(value))
}

// refuse records why the value being encoded is lost, and returns dst as it is.
func (e *Encoder) refuse(dst []byte, reason string) ([]byte, bool) {
	e.lose(reason)
	return dst, false
}

func (e *Encoder) appendTime(dst []byte, t time.Time) ([]byte, bool) {
	if out, ok := appendZonedTime(dst, t); ok {
		return out, true
	}
	return e.refuse(dst, reasonTime)
}

func (e *Encoder) appendNumber(dst []byte, n json.Number) ([]byte, bool) {
	switch {
	case n == "": // the zero value of the type, which encoding/json takes for a zero as well
		return append(dst, '0'), true
	case !isNumber(string(n)):
		return e.refuse(dst, reasonNumber)
	case e.nesting.full(len(dst) + len(n)):
		return e.refuse(dst, reasonSize)
	}
	return append(dst, n...), true
}

// appendBytes appends b in base64, the way encoding/json writes bytes.
func (e *Encoder) appendBytes(dst, b []byte) ([]byte, bool) {
	if b == nil {
		return append(dst, "null"...), true
	}
	if e.nesting.full(len(dst) + base64.StdEncoding.EncodedLen(len(b))) {
		return e.refuse(dst, reasonSize)
	}
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, b)
	return append(dst, '"'), true
}

// appendText is AppendString within the limit for a property. What is too large as it is costs nothing; escapes
// are found out by writing them.
func (e *Encoder) appendText(dst []byte, s string) ([]byte, bool) {
	if e.nesting.full(len(dst) + len(s)) {
		return e.refuse(dst, reasonSize)
	}
	out := AppendString(dst, s)
	if e.nesting.full(len(out)) {
		return e.refuse(e.takeBack(out, len(dst)), reasonSize)
	}
	return out, true
}

// takeBack undoes what was written since dst was start bytes long.
func (e *Encoder) takeBack(dst []byte, start int) []byte {
	e.nesting.takeBack(len(dst) - start)
	return dst[:start]
}
