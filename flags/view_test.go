package flags_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// view writes out what is in a definition, or in a document of them: a line for each field that is not zero, what
// an Err says included. Fields that nobody outside the package sees are left out.
func view(value any) string {
	var b strings.Builder
	writeView(&b, "", "", reflect.ValueOf(value))
	return b.String()
}

func writeView(b *strings.Builder, indent, name string, v reflect.Value) {
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	line := func(format string, args ...any) {
		fmt.Fprintf(b, "%s%s %s\n", indent, name, fmt.Sprintf(format, args...))
	}
	switch contents := v.Interface().(type) {
	case json.RawMessage:
		line("%s", strings.Join(strings.Fields(string(contents)), " "))
		return
	case error:
		line("%q", contents.Error())
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		line("")
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() && !v.Field(i).IsZero() {
				writeView(b, indent+"  ", field.Name, v.Field(i))
			}
		}
	case reflect.Slice:
		line("(%d)", v.Len())
		for i := range v.Len() {
			writeView(b, indent+"  ", fmt.Sprintf("[%d]", i), v.Index(i))
		}
	case reflect.Map:
		line("(%d)", v.Len())
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		for _, key := range keys {
			writeView(b, indent+"  ", fmt.Sprintf("[%v]", key), v.MapIndex(key))
		}
	case reflect.String:
		line("%q", v.String())
	default:
		line("%v", v.Interface())
	}
}
