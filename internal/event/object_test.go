package event_test

import (
	"reflect"
	"testing"

	"github.com/hedgerow/posthog/internal/event"
)

func TestObject(t *testing.T) {
	t.Parallel()
	type name string
	for what, tc := range map[string]struct {
		value any
		want  object
	}{
		"a map of anything":    {object{"a": 1}, object{"a": 1}},
		"a named map":          {bag{"a": 1}, object{"a": 1}},
		"a map of texts":       {map[string]string{"a": "b"}, object{"a": "b"}},
		"a map of numbers":     {map[string]int{"a": 1}, object{"a": 1}},
		"a map by named texts": {map[name]any{"a": 1}, object{"a": 1}},
		"a map by numbers":     {map[int]any{1: 1}, nil},
		"a list":               {[]any{1}, nil},
		"a text":               {"a", nil},
		"nothing":              {nil, nil},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			got, ok := event.Object(tc.value)
			if !reflect.DeepEqual(got, tc.want) || ok != (tc.want != nil) {
				t.Errorf("Object(%#v): got %v, %v, want %v, %v", tc.value, got, ok, tc.want, tc.want != nil)
			}
		})
	}
}
