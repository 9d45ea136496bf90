package event

import "reflect"

var objectType = reflect.TypeFor[map[string]any]()

// Object views a value of any map type with string keys as a map[string]any.
// It is a copy where the values are of another type than any.
func Object(value any) (map[string]any, bool) {
	if m, ok := value.(map[string]any); ok {
		return m, true
	}
	v := reflect.ValueOf(value)
	if v.Kind() != reflect.Map || v.Type().Key().Kind() != reflect.String {
		return nil, false
	}
	if v.Type().ConvertibleTo(objectType) {
		return v.Convert(objectType).Interface().(map[string]any), true
	}
	m := make(map[string]any, v.Len())
	for members := v.MapRange(); members.Next(); {
		m[members.Key().String()] = members.Value().Interface()
	}
	return m, true
}
