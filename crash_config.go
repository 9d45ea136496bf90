package posthog

import "path/filepath"

// CrashConfig configures reports of the ends that no code of the program sees:
// panics that nobody recovers, on any goroutine, fatal errors of the runtime,
// such as concurrent map writes, and signals that dump stacks. The runtime
// writes its last words into a file, and the next client with the same Dir
// sends them, before anything else and with the time of the crash.
//
// Such an event says what ran then: its properties are those that every event of
// the dead process had, as its [Config] had them; [ServerClient.Register] came
// too late for the file. It has no person profile, unless there is a DistinctId.
// It passes the Hooks and OptOut of the client that finds it.
//
// The file serves exceptions that are fatal as well, such as those of
// [ServerClient.CapturePanic]: they are on the disk before they are queued, and
// so before the capture returns. The next start sends those that PostHog has
// not confirmed.
//
// Close removes the file, unless a panic is what called it, or it leaves fatal
// exceptions behind. There is none with [Config.Disabled] and [Config.DryRun],
// nor without an API key. What is in it, and what becomes of it, is in
// docs/crash-format.md.
type CrashConfig struct {
	// Dir is the directory of crash files. It is made if it is missing, and
	// belongs on a local disk that survives the process, and a container if there
	// is one. Any number of processes of one project may share it. Empty means no
	// crash reports.
	//
	// If it cannot be used, the log says so once, and everything else works.
	// NewWithConfig waits for it for a second at most; a disk that takes longer
	// finds its crashes later.
	//
	// The runtime writes into one file of a process ([debug.SetCrashOutput]): it
	// is that of the first client with a Dir, until that client is closed. Others
	// have files for fatal exceptions alone, and say so in the log. A
	// program, or a library, that calls SetCrashOutput itself takes it away.
	Dir string
	// ReportAbruptExit reports processes that ended without a word as well: by
	// os.Exit, log.Fatal or kill -9, for want of memory, or because main returned
	// without Close. The exception is "process.abrupt_exit", of level error. As
	// nothing tells when it was, its time is that of the last step or else of the
	// process's start.
	ReportAbruptExit bool
	// DistinctId is who crashes. Default: nobody, and the event has no person
	// profile.
	DistinctId string
	// DisableSteps does without the file of 64 KiB that keeps the steps of
	// [ServerClient.AddStep] for a crash.
	DisableSteps bool
}

// withDefaults returns c with a Dir that does not depend on where the program
// is.
func (c CrashConfig) withDefaults() CrashConfig {
	if c.Dir != "" {
		if dir, err := filepath.Abs(c.Dir); err == nil {
			c.Dir = dir
		}
	}
	return c
}

// keepsCrashes reports whether the client has to do with crash files.
func (c *ServerClient) keepsCrashes() bool {
	return c.config.Crash.Dir != "" && !c.keyless && !c.config.Disabled && !c.config.DryRun && c.tenant == nil
}
