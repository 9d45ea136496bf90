//go:build unix

package flood_test

import (
	"reflect"
	"syscall"
	"testing"

	"github.com/hedgerow/posthog/internal/flood"
)

// What is told of errors by numbers alone may be in memory that is not Go's, where a weak pointer would end the process.
func TestMemoryThatIsNotGos(t *testing.T) {
	t.Parallel()
	page, err := syscall.Mmap(-1, 0, 4096, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Munmap(page) })
	for name, tc := range map[string]struct {
		of   reflect.Type
		same bool
	}{
		"a number":                         {reflect.TypeFor[number](), true},
		"more numbers than are kept":       {reflect.TypeFor[numbers](), false},
		"a struct of C's":                  {reflect.TypeFor[ofC](), false},
		"a struct of C's with a pointer":   {reflect.TypeFor[ofCByPointer](), false},
		"a struct of C's with an array":    {reflect.TypeFor[ofCByArray](), false},
		"a struct with a number's address": {reflect.TypeFor[ofCByNumber](), false},
		"nothing":                          {reflect.TypeFor[empty](), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := flood.NewSeen[int](10, s)
			err := reflect.NewAt(tc.of, reflect.ValueOf(page).UnsafePointer()).Interface().(error)
			if seen.Again(err, 0, code, noon) {
				t.Errorf("%T is known before it was captured", err)
			}
			if got := seen.Again(err, 0, log, noon); got != tc.same {
				t.Errorf("%T is known after it was captured: %v, want %v", err, got, tc.same)
			}
		})
	}
}
