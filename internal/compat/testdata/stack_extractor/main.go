// Command stack_extractor takes a stack, and sends it with an exception of its own.
package main

import (
	"fmt"
	"log"
	"os"
	"runtime"
	"strings"

	"github.com/posthog/posthog-go"
)

//go:noinline
func charge(extractor posthog.StackTraceExtractor) *posthog.ExceptionStacktrace {
	return extractor.GetStackTrace(2)
}

func main() {
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{Endpoint: os.Getenv("POSTHOG_HOST")})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	var own posthog.InAppDecider = func(frame runtime.Frame) bool {
		return posthog.SimpleInAppDecider(frame) && strings.HasSuffix(frame.Function, ".charge")
	}
	extractor := posthog.DefaultStackTraceExtractor{InAppDecider: own}
	trace := charge(extractor)
	last := trace.Frames[len(trace.Frames)-1]
	fmt.Println(trace.Type, last.Function[strings.LastIndexByte(last.Function, '.'):], last.InApp, trace.Frames[len(trace.Frames)-2].InApp)

	client.Enqueue(posthog.Exception{
		DistinctId:    "u_1",
		ExceptionList: []posthog.ExceptionItem{{Type: "PaymentError", Value: "card declined", Stacktrace: trace}},
		DebugImages:   extractor.GetDebugImages(),
	})
}
