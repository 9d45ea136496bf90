package posthog_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/hedgerow/posthog"
)

// A program that died is reported by the one that starts next, as an exception
// of the time at which it died.
func ExampleCrashConfig() {
	dir, err := os.MkdirTemp("", "crash")
	check(err)
	defer func() { check(os.RemoveAll(dir)) }()
	dieOf(dir, "panic: out of tea\n\ngoroutine 1 [running]:\nmain.brew()\n\t/src/tea.go:7 +0x1d\n")

	client, server, end := sandbox(posthog.Config{Crash: posthog.CrashConfig{Dir: dir}})
	defer end()

	check(client.Close())
	for _, e := range server.Rows() {
		first := e.Exceptions()[0]
		fmt.Println(e.Name, e.Properties["$exception_level"], first.Type, first.Value, first.Frames[0].Function)
	}
	// Output: $exception fatal panic out of tea main.brew
}

// dieOf leaves what a process leaves that dies: a header, and the last words of
// the runtime.
func dieOf(dir, text string) {
	const header = `{"v":1,"uuid":"01990000-0000-7000-8000-000000000001"}` + "\n---\n"
	check(os.WriteFile(filepath.Join(dir, "ph-1795089500456-4022-01bf4a60c5d2e983.crash"), []byte(header+text), 0o600))
}

// What a request did goes with the exceptions that are captured within it.
func ExampleServerClient_AddStep() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	ctx := posthog.WithRequestContext(context.Background(), posthog.RequestContext{DistinctId: "u_42"})
	client.AddStep(ctx, "charged card", posthog.Properties{"order": 4711})
	client.AddStep(ctx, "asked the warehouse", nil)
	check(client.CaptureException(ctx, errors.New("nothing in stock")))

	check(client.Close())
	steps, _ := server.Rows()[0].Properties["$exception_steps"].([]any)
	for _, step := range steps {
		fmt.Println(step.(map[string]any)["$message"])
	}
	// Output:
	// charged card
	// asked the warehouse
}

// A program without a spool that is about to end saves its queue for the next
// start, such as at the platform's last warning.
func ExampleServerClient_WriteCrashFile() {
	dir, err := os.MkdirTemp("", "crash")
	check(err)
	defer func() { check(os.RemoveAll(dir)) }()
	client, _, end := sandbox(posthog.Config{Crash: posthog.CrashConfig{Dir: dir}, Interval: time.Hour})
	defer end()

	check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "order paid"}))
	fmt.Println(client.WriteCrashFile())
	// Output: 1 <nil>
}
