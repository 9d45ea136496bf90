package posthog_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"sync"
	"testing/fstest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// showErrors prints what arrived: each error of each exception, and who met it.
func showErrors(server *posthogtest.Server) {
	for _, e := range server.Rows() {
		for i, x := range e.Exceptions() {
			if i == 0 {
				fmt.Printf("%v: %s: %s\n", e.Properties["$exception_level"], x.Type, x.Value)
				continue
			}
			fmt.Printf("  %s %s: %s\n", x.Mechanism.Source, x.Type, x.Value)
		}
	}
}

// errDeclined is an error of a shop.
var errDeclined = errors.New("card declined")

// An error arrives with what it wraps, and with the stack of the call.
func ExampleServerClient_CaptureException() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	err := fmt.Errorf("order 17: %w", errors.Join(&fs.PathError{Op: "open", Path: "ledger", Err: fs.ErrPermission}, errDeclined))
	ctx := posthog.WithRequestContext(context.Background(), posthog.RequestContext{DistinctId: "u_42"})
	check(client.CaptureException(ctx, err, posthog.WithLevel(posthog.LevelWarning), posthog.WithFingerprint("checkout")))

	check(client.Close())
	showErrors(server)
	// Output:
	// warning: fs.PathError: order 17: open ledger: permission denied
	// card declined
	//   unwrap errors.joinError: open ledger: permission denied
	// card declined
	//   member fs.PathError: open ledger: permission denied
	//   unwrap errors.errorString: permission denied
	//   member errors.errorString: card declined
}

// Code that holds any client, or none, captures with the function.
func ExampleCaptureException() {
	var client posthog.EnqueueClient // none, in a test say
	fmt.Println(posthog.CaptureException(context.Background(), client, errDeclined))
	// Output:
	// <nil>
}

// A message can be looked at and changed before it is sent.
func ExampleNewException() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	msg := posthog.NewException(fmt.Errorf("order 17: %w", errDeclined), posthog.WithDistinctId("u_42"))
	msg.ExceptionList[0].Mechanism.Extra = posthog.Properties{"queue": "orders"}
	check(client.Enqueue(msg))

	check(client.Close())
	showErrors(server)
	// Output:
	// error: fmt.wrapError: order 17: card declined
	//   unwrap errors.errorString: card declined
}

// Recover is deferred where the program can go on.
func ExampleServerClient_Recover() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	func() {
		defer client.Recover(context.Background(), posthog.WithProperties(posthog.Properties{"job": "invoice"}))
		count(nil, "17")
	}()
	fmt.Println("and on it goes")

	check(client.Close())
	showErrors(server)
	// Output:
	// and on it goes
	// error: runtime.Error: assignment to entry in nil map
}

func count(orders map[string]int, id string) { orders[id]++ }

// CapturePanic is deferred at the beginning of main, after Close, so that it
// runs before. The panic goes on when it is delivered.
func ExampleServerClient_CapturePanic() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	defer func() { fmt.Println("the program panics:", recover()) }() // as the runtime would say
	defer showErrors(server)
	defer func() { check(client.Close()) }()
	defer client.CapturePanic(context.Background())
	panic("no gateway")
	// Output:
	// fatal: panic: no gateway
	// the program panics: no gateway
}

// Go starts a goroutine. Without WithRecover its panic would end the program,
// when it is delivered.
func ExampleServerClient_Go() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	var refreshed sync.WaitGroup
	refreshed.Add(1)
	client.Go(context.Background(), func(context.Context) {
		defer refreshed.Done()
		fmt.Println("refreshing")
	}, posthog.WithRecover())
	refreshed.Wait()

	check(client.Close())
	showErrors(server)
	// Output:
	// refreshing
}

// Task makes a panic the error of a function that something else runs, such as
// an errgroup.
func ExampleServerClient_Task() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	resize := func(context.Context) error { panic(errDeclined) }
	err := client.Task(context.Background(), resize)()
	fmt.Println(err, errors.Is(err, errDeclined))

	check(client.Close())
	showErrors(server)
	// Output:
	// panic: card declined true
	// error: errors.errorString: card declined
}

// The error of a task knows where the panic was, for a log of the application's
// own.
func ExamplePanicError_Callers() {
	var client *posthog.ServerClient
	err := client.Task(context.Background(), func(context.Context) error { panic("no such size") })()
	if failed, ok := errors.AsType[*posthog.PanicError](err); ok {
		call, _ := runtime.CallersFrames(failed.Callers()).Next()
		fmt.Printf("%s: %v at %s\n", failed.ErrorType(), failed.Value, filepath.Base(call.File))
	}
	// Output:
	// panic: no such size at example_errors_test.go
}

// CaptureRecovered reports what a deferred function has recovered itself.
func ExampleCaptureRecovered() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	handle := func() (err error) {
		defer func() {
			if value := recover(); value != nil {
				check(posthog.CaptureRecovered(context.Background(), client, value, posthog.WithSource("go.jobs", "task")))
				err = fmt.Errorf("job failed: %v", value)
			}
		}()
		panic("no gateway")
	}
	fmt.Println(handle())

	check(client.Close())
	showErrors(server)
	// Output:
	// job failed: no gateway
	// error: panic: no gateway
}

// What nobody dealt with can be said to be so, where the library cannot know it.
func ExampleWithHandled() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	check(client.CaptureException(context.Background(), errDeclined, posthog.WithHandled(false)))

	check(client.Close())
	fmt.Println(*server.Rows()[0].Exceptions()[0].Mechanism.Handled)
	// Output:
	// false
}

// The fields of ErrorTracking are all optional.
func ExampleErrorTrackingConfig() {
	client, server, end := sandbox(posthog.Config{
		ErrorTracking: posthog.ErrorTrackingConfig{
			ReleaseID:    "2026-11-20",
			InAppInclude: []string{"example.com/shared"},
			TypeName: func(err error) string {
				if errors.Is(err, errDeclined) {
					return "Declined"
				}
				return "" // as the library would call it
			},
			SourceContext:     true,
			SourceFS:          fstest.MapFS{}, // such as an embed.FS of the module's root
			NearestLinesFirst: true,
			RateLimit:         posthog.ExceptionRateLimit{Burst: 10, Every: time.Minute},
		},
	})
	defer end()

	check(client.CaptureException(context.Background(), errDeclined))

	check(client.Close())
	showErrors(server)
	fmt.Println(server.Rows()[0].Properties["$release_id"])
	// Output:
	// error: Declined: card declined
	// 2026-11-20
}
