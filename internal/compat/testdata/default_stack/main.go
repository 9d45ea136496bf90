// Command default_stack looks at the stack of the exception that it makes.
package main

import (
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/posthog/posthog-go"
)

//go:noinline
func charge() posthog.Exception {
	return posthog.NewDefaultException(time.Now(), "u_1", "PaymentError", "card declined")
}

func main() {
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{Endpoint: os.Getenv("POSTHOG_HOST")})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	exception := charge()
	frames := exception.ExceptionList[0].Stacktrace.Frames
	for _, frame := range frames[len(frames)-2:] {
		fmt.Println(frame.Function[strings.LastIndexByte(frame.Function, '.')+1:], frame.LineNo, frame.InApp)
	}
	exception.Properties = posthog.NewProperties().Set("frames", len(frames) > 1)
	client.Enqueue(exception)
}
