package flood_test

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/hedgerow/posthog/internal/flood"
)

type (
	failure struct{ text string }
	wrapped struct{ failure } // its first field has its address
	number  struct {
		status int
		_      [3]int // too large to share its memory with other small ones
	}
	numbers  struct{ many [17]int64 }
	empty    struct{}
	array    [0]int
	byValue  struct{ text string }
	mapped   map[string]int
	function func() string
	status   struct{ of *failure }
	words    struct{ Words *[]string }
	guarded  struct{ Last atomic.Pointer[failure] }
	pair     struct{ first, second failure }
	linked   struct {
		Next *linked
		Ring *[1]linked
		Self Loop
		Code int
	}
	Loop *Loop

	// What cgo makes of C's types, by the names that it gives them.
	_Ctype_int    int32
	_Ctype_struct struct{ Code int32 }
	ofC           struct{ Code _Ctype_int }
	ofCByPointer  struct{ Of *_Ctype_struct }
	ofCByArray    struct{ Message [8]_Ctype_int }
	ofCByNumber   struct{ Of *int32 }
	withC         struct {
		Of   *_Ctype_struct
		text string
	}
)

func (e *failure) Error() string      { return e.text }
func (e *number) Error() string       { return fmt.Sprint(e.status) }
func (e *numbers) Error() string      { return fmt.Sprint(e.many) }
func (e *empty) Error() string        { return "empty" }
func (e *array) Error() string        { return "array" }
func (e byValue) Error() string       { return e.text }
func (e mapped) Error() string        { return "map" }
func (e function) Error() string      { return e() }
func (e *status) Error() string       { return e.of.text }
func (e *linked) Error() string       { return "linked" }
func (e *words) Error() string        { return "words" }
func (e *guarded) Error() string      { return "guarded" }
func (e *ofC) Error() string          { return "C" }
func (e *ofCByPointer) Error() string { return "C" }
func (e *ofCByArray) Error() string   { return "C" }
func (e *ofCByNumber) Error() string  { return "C" }
func (e *withC) Error() string        { return "C" }

// Errors that are in the binary and not on the heap.
var (
	errStatic       = errors.New("static")
	errStaticStruct = &failure{"static"}
	staticFailure   failure
	staticNumber    number
	staticEmpty     empty
	staticParts     [3]failure
)

func TestWhichErrorsAreTheSame(t *testing.T) {
	t.Parallel()
	one := func(err error) [2]error { return [2]error{err, err} }
	outer := &wrapped{failure{"x"}}
	parts := &pair{failure{"x"}, failure{"x"}}
	list := make([]failure, 3)
	for name, tc := range map[string]struct {
		captured [2]error
		same     bool
	}{
		"one error":                                {one(errors.New("x")), true},
		"two errors with one text":                 {[2]error{errors.New("x"), errors.New("x")}, false},
		"an error and what wraps it":               {[2]error{errStatic, fmt.Errorf("x: %w", errStatic)}, false},
		"a sentinel of the standard library":       {one(io.EOF), true},
		"an error of the package":                  {one(errStatic), true},
		"a struct of the package":                  {one(errStaticStruct), true},
		"a variable of the package":                {one(&staticFailure), true},
		"a number of the package":                  {one(&staticNumber), true},
		"a part of a variable of the package":      {one(&staticParts[1]), true},
		"two parts of a variable of the package":   {[2]error{&staticParts[1], &staticParts[2]}, false},
		"nothing":                                  {[2]error{}, false},
		"nil of a type":                            {one((*failure)(nil)), false},
		"nil of two types":                         {[2]error{(*failure)(nil), (*number)(nil)}, false},
		"a value":                                  {one(byValue{"x"}), false},
		"a pointer to a type with value methods":   {one(&byValue{"x"}), true},
		"a map":                                    {one(mapped{}), false},
		"a function":                               {one(function(func() string { return "x" })), false},
		"a pointer to nothing":                     {one(&empty{}), false},
		"two pointers to nothing":                  {[2]error{&empty{}, &empty{}}, false},
		"a pointer to nothing, of the package":     {one(&staticEmpty), false},
		"a pointer to no elements":                 {one(&array{}), false},
		"a struct":                                 {one(outer), true},
		"a struct and its first field":             {[2]error{outer, &outer.failure}, false},
		"the first field and the struct":           {[2]error{&outer.failure, outer}, false},
		"a first field":                            {one(&outer.failure), true},
		"a later field":                            {one(&parts.second), true},
		"two fields":                               {[2]error{&parts.first, &parts.second}, false},
		"an element":                               {one(&list[1]), true},
		"two elements":                             {[2]error{&list[1], &list[2]}, false},
		"a number":                                 {one(&number{status: 500}), true},
		"two equal numbers":                        {[2]error{&number{status: 500}, &number{status: 500}}, false},
		"numbers without end":                      {one(&numbers{}), false},
		"nothing but a pointer":                    {one(&status{&failure{"x"}}), true},
		"a type that holds itself":                 {one(&linked{}), true},
		"a pointer to words":                       {one(&words{&[]string{}}), true},
		"a pointer that is changed by many":        {one(&guarded{}), true},
		"a struct of C's":                          {one(&ofC{}), false},
		"a struct of C's with a pointer":           {one(&ofCByPointer{}), false},
		"a struct of C's with an array":            {one(&ofCByArray{}), false},
		"a struct with a pointer to anything":      {one(holding(reflect.ValueOf(outer).UnsafePointer())), false},
		"a struct with a pointer to a number":      {one(&ofCByNumber{}), false},
		"a struct of Go's that belongs to a C one": {one(&withC{}), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := flood.NewSeen[int](10, s)
			if seen.Again(tc.captured[0], 0, code, noon) {
				t.Errorf("%T is known before it was captured", tc.captured[0])
			}
			if got := seen.Again(tc.captured[1], 0, log, noon); got != tc.same {
				t.Errorf("%T is known after %T: %v, want %v", tc.captured[1], tc.captured[0], got, tc.same)
			}
		})
	}
}

// An address that is used again, once its error is gone, is another error's.
func TestAnAddressIsUsedAgain(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		size int // below the number of errors where those that are kept have to go first
		fail func() error
	}{
		"by a struct with text":          {1 << 20, func() error { return &failure{"x"} }},
		"by a struct that was forgotten": {100, func() error { return &failure{"x"} }},
		"by a number":                    {100, func() error { return &number{status: 500} }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := flood.NewSeen[int](tc.size, s)
			gone := map[uintptr]bool{}
			var alive []error // among those that go, so that Go fills the gaps
			for i := range 4000 {
				err := tc.fail()
				for range 2 { // it happens again, and so may be told from the next one with its address
					seen.Again(err, 0, code, noon)
				}
				if i%2 == 0 {
					alive = append(alive, err)
				} else {
					gone[reflect.ValueOf(err).Pointer()] = true
				}
			}
			runtime.GC()
			for again := 0; again < 100; {
				err := tc.fail()
				if seen.Again(err, 0, log, noon) {
					t.Fatalf("error %d is known before it was captured: %p was another's", len(alive), err)
				}
				if !seen.Again(err, 0, middleware, noon) {
					t.Fatalf("error %d is not known after it was captured", len(alive))
				}
				if gone[reflect.ValueOf(err).Pointer()] {
					again++
				}
				if alive = append(alive, err); len(alive) > 500_000 {
					t.Fatalf("%d of %d addresses were used again, want 100: the test proves nothing", again, len(gone))
				}
			}
			runtime.KeepAlive(alive)
		})
	}
}

// held is an error that refers to whatever may be captured.
type held[T any] struct {
	number int
	of     T
}

func (e *held[T]) Error() string { return fmt.Sprint(e.number, e.of) }

func holding[T any](of T) error { return &held[T]{of: of} }

// What was captured is collected like any other error.
func TestCapturedErrorsAreLetGo(t *testing.T) {
	t.Parallel()
	for name, letGo := range map[string]func(t *testing.T){
		"with text":                 letGo[string],
		"with another":              letGo[error],
		"with bytes":                letGo[[]byte],
		"with properties":           letGo[map[string]int],
		"with a channel":            letGo[chan int],
		"with a function":           letGo[func()],
		"with a struct elsewhere":   letGo[*failure],
		"with properties elsewhere": letGo[*map[string]int],
		"with several":              letGo[[2]error],
		"with a struct":             letGo[pair],
		"with something of C's":     letGo[withC],
		"that has no identity":      letGo[[1000]int],
		"that is C's":               letGo[_Ctype_int],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			letGo(t)
		})
	}
}

func letGo[T any](t *testing.T) {
	t.Helper()
	seen := flood.NewSeen[int](10, s)
	gone := make(chan struct{})
	err := new(held[T])
	runtime.AddCleanup(err, func(struct{}) { close(gone) }, struct{}{})
	if seen.Again(err, 0, code, noon) {
		t.Errorf("%T is known before it was captured", err)
	}
	seen.Again(err, 0, log, noon)
	runtime.GC()
	<-gone
	runtime.KeepAlive(seen)
}
