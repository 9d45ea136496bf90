package posthog

import (
	"strings"

	"github.com/hedgerow/posthog/internal/notice"
)

// crashPipeEnv tells the child of a supervisor the number of the pipe. Only
// Supervise looks at it.
const crashPipeEnv = "POSTHOG_CRASH_PIPE"

// Supervise runs the program as a child of itself, and reports the child's end
// within seconds: it is for containers, whose process 1 takes everything along
// when it ends, and whose files may not survive either. It must be the first
// statement of main, or follow [RunCrashMonitorIfChild]:
//
//	func main() {
//		posthog.Supervise(apiKey, config)
//		client, err := posthog.NewWithConfig(apiKey, config)
//		…
//	}
//
// In the child it returns, and the program goes on as if nothing had happened:
// with its arguments, environment, working directory, and standard files. A client
// that has a [CrashConfig.Dir] tells the supervisor what its events have, where its
// steps and fatal exceptions are, and that it was closed in order; its Monitor has
// nothing to do. Without such a client, crashes are reported all the same.
//
// In the first process it does not return. It passes on signals, from SIGHUP to
// SIGTERM, SIGUSR1 and SIGUSR2 among them, collects orphans, and exits as the child
// does: with its code, by its signal, or, where it cannot die of that, as
// process 1 cannot, with 128 and the number of the signal. Before that it takes
// up to five seconds, or [Config.ShutdownTimeout] if that is less, to report:
//
//   - what the runtime wrote when the child crashed, as the next start would;
//   - "process.oom_kill", if the child was killed by SIGKILL and the kernel has
//     counted a kill for want of memory in its control group within the last
//     minute;
//   - with [CrashConfig.ReportAbruptExit] "process.killed", if there is none, and
//     "process.abrupt_exit" for other ends without a word: a code that is not 0,
//     a signal, or a client that was not closed.
//
// All are fatal, but for abrupt exits. They are sent with apiKey and config, Hooks
// and Transport included. What cannot be sent waits in [CrashConfig.Dir] for a
// next start, and so does which end without a word it was.
//
// The child has a process group of its own, in the foreground if the program was,
// and cannot be stopped from the terminal. Signals that the program was started
// to ignore stay ignored.
//
// There is one process as before, and Supervise returns at once, with
// [Config.Disabled] or [Config.DryRun], without an API key, and with a config that
// is not valid; and, with a warning, where the child cannot be started, as on
// Windows.
func Supervise(apiKey string, config Config) {
	if pipe := takeMark(crashPipeEnv); pipe != "" {
		adoptCrashPipe(pipe)
		return
	}
	apiKey = strings.TrimSpace(apiKey)
	if crashOutput.supervision() != nil || apiKey == "" || config.Disabled || config.DryRun || config.Validate() != nil {
		return
	}
	trouble := supervise(apiKey, &config)
	defaults := config.withDefaults()
	notices := board(defaults.Logger, defaults.Verbose)
	notices.Report(notice.Warn, "no supervisor",
		"posthog: the program runs without a supervisor, so crashes are reported by the next start, if there are crash files: %v", trouble)
	notices.Flush()
}
