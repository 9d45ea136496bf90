package posthog_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/internal/golden"
)

// The errors of a shop.

type chargeError struct{ order int }

func (e *chargeError) Error() string { return fmt.Sprintf("charge %d failed", e.order) }

// noCharge returns none, in a way that the compiler does not see.
func noCharge() (e *chargeError) { return e }

// shell is an error that wraps one, and whose name says so.
type shell struct {
	text string
	next error
}

func (w *shell) Error() string { return w.text }
func (w *shell) Unwrap() error { return w.next }

// causing is an error from before errors could be wrapped.
type causing struct{ error }

func (c *causing) Error() string { return "caused" }
func (c *causing) Cause() error  { return c.error }

// stateError is a value that cannot be compared.
type stateError struct{ states []string }

func (e stateError) Error() string { return "states " + strings.Join(e.states, ",") }

// hostile is an error all of whose methods panic.
type hostile struct{}

func (*hostile) Error() string     { panic("Error") }
func (*hostile) Unwrap() error     { panic("Unwrap") }
func (*hostile) ErrorType() string { panic("ErrorType") }

// named is an error that says what it is called.
type named struct{ error }

func (named) ErrorType() string { return "billing.Declined" }

// box is an error of a generic type.
type box[T any] struct{ in T }

func (b box[T]) Error() string { return fmt.Sprint(b.in) }

// traced is an error with the stack of where it was made, as those of
// github.com/pkg/errors are.
type traced struct {
	text string
	at   []programCounter
}

type programCounter uintptr

func (e *traced) Error() string                { return e.text }
func (e *traced) StackTrace() []programCounter { return e.at }

// trace returns a traced error with the stack of its caller.
func trace(text string) error {
	pcs := make([]uintptr, 32)
	e := &traced{text: text}
	for _, pc := range pcs[:runtime.Callers(2, pcs)] {
		e.at = append(e.at, programCounter(pc))
	}
	return e
}

func readLedger() error { return trace("ledger is locked") }

// shells returns err within depth errors.
func shells(err error, depth int) error {
	for i := range depth {
		err = &shell{fmt.Sprintf("layer %d", i), err}
	}
	return err
}

// circle returns an error that wraps itself.
func circle() error {
	inner := &shell{text: "inner"}
	outer := &shell{"outer", inner}
	inner.next = outer
	return outer
}

// The graphs of errors that programs have, and those that they should not have:
// what PostHog stores of each. Proves EXC-1, EXC-2, EXC-5, EXC-6, EXC-8, EXC-10,
// EXC-11, EXC-12, EXC-13, EXC-15, EXC-16, EXC-26, EXC-36.
func TestErrorGraphs(t *testing.T) {
	t.Parallel()
	charge := &chargeError{17}
	shared := errors.New("shared")
	for name, err := range map[string]error{
		"plain":                   errors.New("out of paper"),
		"typed":                   charge,
		"value":                   stateError{[]string{"open", "paid"}},
		"standard library":        &fs.PathError{Op: "open", Path: "/etc/shop.conf", Err: fs.ErrNotExist},
		"wrap":                    fmt.Errorf("order 17: %w", charge),
		"wrap twice":              fmt.Errorf("checkout: %w", fmt.Errorf("order 17: %w", io.ErrUnexpectedEOF)),
		"join":                    errors.Join(errors.New("first"), nil, charge),
		"several wrapped":         fmt.Errorf("two at once: %w and %w", charge, io.EOF),
		"join within wrap":        fmt.Errorf("close: %w", errors.Join(charge, fmt.Errorf("flush: %w", io.ErrShortWrite))),
		"cause":                   &causing{charge},
		"cycle":                   circle(),
		"shared leaf":             errors.Join(&shell{"a", shared}, &shell{"b", shared}),
		"60 deep":                 shells(io.EOF, 60),
		"10000 deep":              shells(io.EOF, 10_000),
		"many members":            errors.Join(make60()...),
		"typed nil":               (*chargeError)(nil),
		"nil member":              errors.Join((*chargeError)(nil), nil),
		"panics":                  &hostile{},
		"wraps one that panics":   fmt.Errorf("around: %w", &shell{"next", &hostile{}}),
		"names itself":            named{errors.New("declined")},
		"generic":                 box[int]{42},
		"long text":               fmt.Errorf("upload: %w", errors.New(strings.Repeat("é", 5<<20))),
		"not UTF-8":               errors.New("a\xffb\x00c"),
		"no text":                 errors.New(""),
		"own stack":               readLedger(),
		"own stack further down":  fmt.Errorf("audit: %w", readLedger()),
		"two own stacks":          &shell{"both", errors.Join(readLedger(), readLedger())},
		"runtime error":           recovered(func() { noCharge().order++ }),
		"failed type assertion":   recovered(func() { var v any = "text"; _ = v.(fmt.Stringer) }),
		"a panic that was caught": &posthog.PanicError{Value: charge},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := captureOne(t, posthog.Config{}, err)
			file := filepath.Join("testdata", "exceptions", strings.ReplaceAll(name, " ", "_")+".txt")
			golden.Compare(t, file, outline(t, e.Exceptions()))
		})
	}
}

func make60() (members []error) {
	for i := range 60 {
		members = append(members, &chargeError{i})
	}
	return members
}

// recovered returns the error that f panics with.
func recovered(f func()) (err error) {
	defer func() { err, _ = recover().(error) }()
	f()
	return nil
}

// What a fault of the application's program looks like in the issue list: one
// issue for each fault, whatever ids are in texts, unless the application wants
// it otherwise.
func TestIssuesDoNotDependOnTexts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config posthog.ErrorTrackingConfig
		issues int
	}{
		"by default":         {posthog.ErrorTrackingConfig{}, 1},
		"grouped by message": {posthog.ErrorTrackingConfig{GroupByMessages: true}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, server := open(t, posthog.Config{ErrorTracking: c.config})
			for i := range 3 {
				if err := client.CaptureException(t.Context(), fmt.Errorf("order %d: %w", i, &chargeError{i})); err != nil {
					t.Fatal(err)
				}
			}
			flush(t, client)
			server.Recorder(t).IssueCount(c.issues)
		})
	}
}
