package posthog_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/hedgerow/posthog"
)

// A service whose crashes are reported at once, although its disk may not survive.
// The first statement is that of the monitor, which is the same program.
func ExampleRunCrashMonitorIfChild() {
	posthog.RunCrashMonitorIfChild()

	client, err := posthog.NewWithConfig("phc_test", posthog.Config{
		Crash: posthog.CrashConfig{Dir: "/var/lib/shop/crash", Monitor: true},
	})
	if err != nil {
		panic(err)
	}
	defer client.Close()
	fmt.Println("ready")
}

// A monitor has to be told what cannot be written down, such as hooks.
func ExampleRunCrashMonitorIfChild_hooks() {
	withoutMail := func(e *posthog.Event) *posthog.Event {
		delete(e.Properties, "mail")
		return e
	}
	posthog.RunCrashMonitorIfChild(func(config *posthog.Config) {
		config.Hooks = []posthog.Hook{withoutMail}
	})

	client, err := posthog.NewWithConfig("phc_test", posthog.Config{
		Hooks: []posthog.Hook{withoutMail},
		Crash: posthog.CrashConfig{Dir: "/var/lib/shop/crash", Monitor: true},
	})
	if err != nil {
		panic(err)
	}
	defer client.Close()
	fmt.Println("ready")
}

// A service in a container, of which it is process 1.
func ExampleSupervise() {
	config := posthog.Config{
		Crash: posthog.CrashConfig{Dir: filepath.Join(os.TempDir(), "crash"), ReportAbruptExit: true},
	}
	posthog.Supervise("phc_test", config)

	// From here on, this is the child.
	client, err := posthog.NewWithConfig("phc_test", config)
	if err != nil {
		panic(err)
	}
	defer client.Close()
	fmt.Println("ready")
}
