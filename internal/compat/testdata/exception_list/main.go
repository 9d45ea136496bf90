// Command exception_list describes an error, its cause and its stack by itself.
package main

import (
	"log"
	"os"
	"runtime"

	"github.com/posthog/posthog-go"
)

// stack is where the program is now.
func stack() *posthog.ExceptionStacktrace {
	pcs := make([]uintptr, 8)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	trace := &posthog.ExceptionStacktrace{Type: "raw"}
	for {
		frame, more := frames.Next()
		trace.Frames = append(trace.Frames, posthog.StackFrame{
			Filename: frame.File, LineNo: frame.Line, Function: frame.Function, InApp: true, Platform: "go",
		})
		if !more {
			return trace
		}
	}
}

func main() {
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{Endpoint: os.Getenv("POSTHOG_HOST")})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	err = client.Enqueue(posthog.Exception{
		DistinctId: "u_1",
		Properties: posthog.NewProperties().Set("order", 17),
		ExceptionList: []posthog.ExceptionItem{
			{Type: "PaymentError", Value: "not paid", Stacktrace: stack()},
			{Type: "DeclineError", Value: "card declined", Mechanism: &posthog.ExceptionMechanism{Handled: posthog.Ptr(true), Synthetic: posthog.Ptr(false)}},
		},
		ExceptionFingerprint: posthog.Ptr("payment"),
	})
	if err != nil {
		log.Fatal(err)
	}
}
