package event

import (
	"reflect"
	"time"
)

// cloneDepth is how many levels of maps, slices and arrays are copied. It is
// one more than the encoder writes, which so finds what it must report.
const cloneDepth = 65

// Clone returns a deep copy of m: maps, slices and arrays are copied, whatever
// their named type; structs and what pointers point to are shared. A map that
// contains itself is copied into one that contains itself. What nests deeper
// than an event can carry is the zero value of its type. Clone never returns
// nil.
func Clone(m map[string]any) map[string]any {
	copied := make(map[string]any, len(m))
	if len(m) > 0 {
		c := new(cloner)
		c.begin(reflect.ValueOf(m), reflect.ValueOf(copied), 0)
		c.finish()
	}
	return copied
}

// cloneValue copies the value of a property as Clone does.
func cloneValue(value any) any {
	c := new(cloner)
	copied := c.value(value, 1)
	c.finish()
	return copied
}

// cloner copies level by level: first every map and slice of one level, then
// those in them. So the stack does not grow with the depth of a value, and a
// part that occurs in several places is met first where it is highest, with
// the most levels left.
type cloner struct {
	copies map[part]reflect.Value // a part that occurs twice is copied once, and a cycle ends
	begun  []unfinished
}

// part identifies a map or slice.
type part struct {
	kind    reflect.Type
	pointer uintptr
	length  int
}

// unfinished is a map or slice whose copy is still empty.
type unfinished struct {
	original, copied reflect.Value
	level            int // of the original; the properties of an event are at 0
}

// remember notes that copied is, or becomes, the copy of original.
func (c *cloner) remember(original, copied reflect.Value) {
	if c.copies == nil {
		c.copies = make(map[part]reflect.Value)
	}
	c.copies[identify(original)] = copied
}

// begin notes that copied is to be filled.
func (c *cloner) begin(original, copied reflect.Value, level int) {
	c.remember(original, copied)
	c.begun = append(c.begun, unfinished{original, copied, level})
}

func identify(v reflect.Value) part { return part{v.Type(), v.Pointer(), v.Len()} }

// finish fills every copy that was begun, and those begun by that.
func (c *cloner) finish() {
	for next := 0; next < len(c.begun); next++ {
		u := c.begun[next]
		level := u.level + 1
		if u.original.Kind() == reflect.Slice {
			for i := range u.original.Len() {
				u.copied.Index(i).Set(c.part(u.original.Index(i), level))
			}
			continue
		}
		if m, ok := u.original.Interface().(map[string]any); ok {
			copied := u.copied.Interface().(map[string]any)
			for key, value := range m {
				copied[key] = c.value(value, level)
			}
			continue
		}
		for members := u.original.MapRange(); members.Next(); {
			u.copied.SetMapIndex(members.Key(), c.part(members.Value(), level))
		}
	}
}

// value copies a value found in a map.
func (c *cloner) value(value any, level int) any {
	switch value.(type) {
	case nil, bool, string, int, int64, float64, time.Time:
		return value
	}
	if v := reflect.ValueOf(value); nests(v.Kind()) {
		return c.part(v, level).Interface()
	}
	return value
}

// part copies what is in a map, slice or array at a level. Maps and slices are
// filled later.
func (c *cloner) part(v reflect.Value, level int) reflect.Value {
	for v.Kind() == reflect.Interface && nests(v.Elem().Kind()) {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Map, reflect.Slice:
		if v.IsNil() {
			return v
		}
		if copied, ok := c.copies[identify(v)]; ok {
			return copied
		}
	case reflect.Array:
		if !nests(v.Type().Elem().Kind()) {
			return v
		}
	default:
		return v
	}
	if level > cloneDepth {
		return reflect.Zero(v.Type())
	}
	return c.copied(v, level)
}

// copied begins the copy of a map or slice, and makes that of an array.
func (c *cloner) copied(v reflect.Value, level int) reflect.Value {
	var copied reflect.Value
	switch v.Kind() {
	case reflect.Array: // its copy is a value, so it must be whole
		copied = reflect.New(v.Type()).Elem()
		for i := range v.Len() {
			copied.Index(i).Set(c.part(v.Index(i), level+1))
		}
		return copied
	case reflect.Map:
		copied = reflect.MakeMapWithSize(v.Type(), v.Len())
	default:
		copied = reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		if !nests(v.Type().Elem().Kind()) {
			reflect.Copy(copied, v)
			c.remember(v, copied)
			return copied
		}
	}
	c.begin(v, copied, level)
	return copied
}

// nests reports whether a value of this kind may hold others that are copied.
func nests(k reflect.Kind) bool {
	switch k {
	case reflect.Map, reflect.Slice, reflect.Array, reflect.Interface:
		return true
	}
	return false
}
