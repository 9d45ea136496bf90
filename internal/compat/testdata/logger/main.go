// Command logger sends the library's words to a logger of its own.
package main

import (
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/posthog/posthog-go"
)

// lines implements posthog.Logger.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) add(level, format string, args ...interface{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(&l.text, level+": "+format+"\n", args...)
}

func (l *lines) Debugf(format string, args ...interface{}) { l.add("debug", format, args...) }
func (l *lines) Logf(format string, args ...interface{})   { l.add("info", format, args...) }
func (l *lines) Warnf(format string, args ...interface{})  { l.add("warn", format, args...) }
func (l *lines) Errorf(format string, args ...interface{}) { l.add("error", format, args...) }

func main() {
	logger := &lines{}
	client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_API_KEY"), posthog.Config{
		Endpoint: os.Getenv("POSTHOG_HOST"),
		Logger:   logger,
		Verbose:  true,
	})
	if err != nil {
		panic(err)
	}
	client.Enqueue(posthog.Capture{DistinctId: "u_1", Event: "logged"})
	client.Close()
	logger.mu.Lock()
	defer logger.mu.Unlock()
	fmt.Println(strings.Contains(logger.text.String(), "debug: "), strings.Contains(logger.text.String(), "error: "))
}
