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
	case json.RawMessage:
		return e.appendRaw(dst, v)
	case map[string]any:
		return e.appendMap(dst, v)
	case map[string]string:
		return appendTextMap(dst, v), true
	case []any:
		return e.appendList(dst, v)
	case []map[string]any:
		return e.appendMaps(dst, v)
	case []string:
		return appendStrings(dst, v), true
	case []int:
		return appendInts(dst, v), true
	case []int64:
		return appendInts(dst, v), true
	case []float64:
		return appendFloats(dst, v), true
	case []byte:
		return appendBytes(dst, v), true

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
	}
	return append(dst, n...), true
}

// appendBytes appends b in base64, the way encoding/json writes bytes.
func appendBytes(dst, b []byte) []byte {
	if b == nil {
		return append(dst, "null"...)
	}
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, b)
	return append(dst, '"')
}
