package posthog_test

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"time"

	"github.com/hedgerow/posthog"
)

// Programs that put exceptions together themselves can take stacks.
func ExampleDefaultStackTraceExtractor() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	var extractor posthog.StackTraceExtractor = posthog.DefaultStackTraceExtractor{}
	check(client.Enqueue(posthog.Exception{ExceptionList: []posthog.ExceptionItem{{
		Type: "PaymentError", Value: "card declined", Stacktrace: extractor.GetStackTrace(2),
	}}}))

	check(client.Close())
	frames := server.Events()[0].Exceptions()[0].Frames
	last := frames[len(frames)-1]
	fmt.Println(last.Function, last.Filename, last.InApp)
	// Output:
	// github.com/hedgerow/posthog_test.ExampleDefaultStackTraceExtractor example_stack_test.go true
}

// A decider may have an opinion about some frames, and leave others to the
// library.
func ExampleSimpleInAppDecider() {
	var decide posthog.InAppDecider = func(frame runtime.Frame) bool {
		return posthog.SimpleInAppDecider(frame) || strings.HasPrefix(frame.Function, "example.com/platform/")
	}
	for _, function := range []string{"main.main", "example.com/platform/queue.Pop", "net/http.Serve"} {
		fmt.Println(function, decide(runtime.Frame{Function: function}))
	}
	// Output:
	// main.main true
	// example.com/platform/queue.Pop true
	// net/http.Serve false
}

// A helper that logs for others is not where things went wrong: a skip of one
// more than the default lets the stack begin with its caller.
func ExampleWithSkip() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	logger := slog.New(posthog.NewSlogCaptureHandler(nil, client, posthog.WithSkip(6)))
	fail := func(err error) { logger.Error("failed", "err", err) }
	fail(errors.New("card declined"))

	check(client.Close())
	frames := server.Events()[0].Exceptions()[0].Frames
	fmt.Println(frames[len(frames)-1].Function)
	// Output:
	// github.com/hedgerow/posthog_test.ExampleWithSkip
}

// topFrame is an extractor that sends one frame, without the rest of the stack,
// and knows the binary that it is in.
type topFrame struct {
	posthog.DefaultStackTraceExtractor
}

func (x topFrame) GetStackTrace(skip int) *posthog.ExceptionStacktrace {
	trace := x.DefaultStackTraceExtractor.GetStackTrace(skip + 1) // for this method
	trace.Frames = trace.Frames[max(len(trace.Frames)-1, 0):]
	return trace
}

// Extractors decide what is told of the stack.
func ExampleWithStackTraceExtractor() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	var provider posthog.DebugImageProvider = topFrame{}
	fmt.Println(len(provider.GetDebugImages()))
	logger := slog.New(posthog.NewSlogCaptureHandler(nil, client, posthog.WithStackTraceExtractor(topFrame{})))
	logger.Error("payment failed", "err", errors.New("card declined"))

	check(client.Close())
	for _, frame := range server.Events()[0].Exceptions()[0].Frames {
		fmt.Println(frame.Function)
	}
	// Output:
	// 0
	// github.com/hedgerow/posthog_test.ExampleWithStackTraceExtractor
}

// Where there is no error value, a title and a text are enough.
func ExampleNewDefaultException() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	check(client.Enqueue(posthog.NewDefaultException(time.Now(), "u_42", "PaymentError", "card declined")))

	check(client.Close())
	showExceptions(server, "$exception_level")
	// Output:
	// PaymentError: card declined, $exception_level=error
}
