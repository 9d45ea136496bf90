package event

import (
	"reflect"
	"time"
)

// Clone returns a deep copy of m: maps and slices are copied, whatever their
// named type; structs and what pointers point to are shared. A map that
// contains itself is copied into one that contains itself. Clone never
// returns nil.
func Clone(m map[string]any) map[string]any {
	if m == nil {
		return make(map[string]any)
	}
	return new(cloner).object(m)
}

// cloneValue copies one value as Clone does.
func cloneValue(value any) any { return new(cloner).value(value) }

// cloner remembers what it has copied, so that a part that occurs twice is
// copied once, and a cycle ends.
type cloner struct {
	copies map[part]any
}

// part identifies a map or slice.
type part struct {
	kind    reflect.Type
	pointer uintptr
	length  int
}

func (c *cloner) remember(v reflect.Value, copied any) {
	if c.copies == nil {
		c.copies = make(map[part]any)
	}
	c.copies[part{v.Type(), v.Pointer(), v.Len()}] = copied
}

func (c *cloner) known(v reflect.Value) (any, bool) {
	copied, ok := c.copies[part{v.Type(), v.Pointer(), v.Len()}]
	return copied, ok
}

func (c *cloner) value(value any) any {
	switch v := value.(type) {
	case nil, bool, string, int, int64, float64, time.Time:
		return v
	case map[string]any:
		if v != nil {
			return c.object(v)
		}
		return v
	}
	v := reflect.ValueOf(value)
	switch {
	case v.Kind() == reflect.Map && !v.IsNil():
		return c.mapping(v)
	case v.Kind() == reflect.Slice && !v.IsNil():
		return c.slice(v)
	}
	return value
}

func (c *cloner) object(m map[string]any) map[string]any {
	v := reflect.ValueOf(m)
	if copied, ok := c.known(v); ok {
		return copied.(map[string]any)
	}
	copied := make(map[string]any, len(m))
	c.remember(v, copied)
	for key, value := range m {
		copied[key] = c.value(value)
	}
	return copied
}

// mapping copies a map of another type, with its type.
func (c *cloner) mapping(v reflect.Value) any {
	if copied, ok := c.known(v); ok {
		return copied
	}
	m := reflect.MakeMapWithSize(v.Type(), v.Len())
	c.remember(v, m.Interface())
	for members := v.MapRange(); members.Next(); {
		m.SetMapIndex(members.Key(), c.element(members.Value()))
	}
	return m.Interface()
}

// slice copies a slice of any type, with its type.
func (c *cloner) slice(v reflect.Value) any {
	if copied, ok := c.known(v); ok {
		return copied
	}
	s := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	c.remember(v, s.Interface())
	switch v.Type().Elem().Kind() {
	case reflect.Map, reflect.Slice, reflect.Interface:
		for i := range v.Len() {
			s.Index(i).Set(c.element(v.Index(i)))
		}
	default:
		reflect.Copy(s, v)
	}
	return s.Interface()
}

// element copies one element of a map or slice.
func (c *cloner) element(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Map, reflect.Slice, reflect.Interface:
		if !v.IsNil() {
			return reflect.ValueOf(c.value(v.Interface()))
		}
	}
	return v
}

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
