package posthog_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/internal/crash/file"
	"github.com/hedgerow/posthog/posthogtest"
)

// A program that died is reported by the one that starts next, as an exception
// of the time at which it died.
func ExampleCrashConfig() {
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		panic(err)
	}
	defer server.Close()
	dir, err := os.MkdirTemp("", "crash")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	dieOf(dir, "panic: out of tea\n\ngoroutine 1 [running]:\nmain.brew()\n\t/src/tea.go:7 +0x1d\n")

	client, err := posthog.NewWithConfig("phc_test", posthog.Config{
		Endpoint:  server.URL(),
		Transport: server.Transport(),
		Crash:     posthog.CrashConfig{Dir: dir},
	})
	if err != nil {
		panic(err)
	}
	if err := client.Close(); err != nil {
		panic(err)
	}
	for _, e := range server.Rows() {
		first := e.Exceptions()[0]
		fmt.Println(e.Name, e.Properties["$exception_level"], first.Type, first.Value, first.Frames[0].Function)
	}
	// Output: $exception fatal panic out of tea main.brew
}

// dieOf leaves what a process leaves that dies.
func dieOf(dir, text string) {
	f, err := file.Create(dir, file.Header{UUID: "01990000-0000-7000-8000-000000000001"}, time.Now())
	if err != nil {
		panic(err)
	}
	if _, err := f.Output().WriteString(text); err != nil {
		panic(err)
	}
	f.Leave()
}

// What a request did goes with the exceptions that are captured within it.
func ExampleServerClient_AddStep() {
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		panic(err)
	}
	defer server.Close()
	client, err := posthog.NewWithConfig("phc_test", posthog.Config{Endpoint: server.URL(), Transport: server.Transport()})
	if err != nil {
		panic(err)
	}
	ctx := posthog.WithRequestContext(context.Background(), posthog.RequestContext{DistinctId: "user_1"})
	client.AddStep(ctx, "charged card", posthog.Properties{"order": 4711})
	client.AddStep(ctx, "asked the warehouse", nil)
	if err := client.CaptureException(ctx, errors.New("nothing in stock")); err != nil {
		panic(err)
	}
	if err := client.Close(); err != nil {
		panic(err)
	}
	steps, _ := server.Rows()[0].Properties["$exception_steps"].([]any)
	for _, step := range steps {
		fmt.Println(step.(map[string]any)["$message"])
	}
	// Output:
	// charged card
	// asked the warehouse
}

// A program without a spool that is about to end saves its queue for the next
// start.
func ExampleServerClient_WriteCrashFile() {
	client, err := posthog.NewWithConfig("phc_test", posthog.Config{
		Crash: posthog.CrashConfig{Dir: filepath.Join(os.TempDir(), "shop", "crash")},
	})
	if err != nil {
		panic(err)
	}
	// In a handler of the platform's last warning:
	events, err := client.WriteCrashFile()
	fmt.Println(events, err)
}
