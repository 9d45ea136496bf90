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
// so before the capture returns, unless the disk takes longer than half a second.
// The next start sends those that PostHog has not confirmed.
//
// Close removes the file, unless a goroutine panics and has not got further than
// its deferred functions, or it leaves fatal exceptions behind. There is none with
// [Config.Disabled] and [Config.DryRun], nor without an API key. What is in it, and
// what becomes of it, is in docs/crash-format.md.
type CrashConfig struct {
	// Dir is the directory of crash files. It is made if it is missing, and
	// belongs on a local disk that survives the process, and a container if there
	// is one. Any number of processes of one project may share it. A relative one
	// is below the working directory that the process has when the client is made.
	// Empty means no crash reports.
	//
	// If it cannot be used, because its disk is full for example, the log says so
	// once, everything else works, and the client tries again every minute. When
	// somebody has removed its file, it makes another with a later step.
	// NewWithConfig reads it, and sends what it finds at once. If a process died
	// within ten seconds, it waits for PostHog to have the crash, because this one
	// may end as soon. It takes a second at most; what takes longer goes on
	// without it.
	//
	// The runtime writes into one file of a process ([debug.SetCrashOutput]): it
	// is that of the first client with a Dir, until that client is closed, and
	// then of the next. Meanwhile others have files for fatal exceptions alone, and
	// say so in the log. A program, or a library, that calls SetCrashOutput itself
	// takes it away, and loses it again when a client with a Dir is closed.
	Dir string
	// ReportAbruptExit reports processes that ended without a word as well: by
	// os.Exit, log.Fatal or kill -9, for want of memory, or because main returned
	// without Close. The exception is "process.abrupt_exit", of level error. As
	// nothing tells when it was, its time is that of the last step or else of the
	// process's start.
	ReportAbruptExit bool
	// Monitor starts the program once more, as a process that waits for the end of
	// this one and reports it within seconds, instead of at the next start. What it
	// cannot send goes into the crash file. Main has to begin with
	// [RunCrashMonitorIfChild]; otherwise, and where there are no such processes, as
	// on Windows, the log says so once, and there are crash files alone. For process
	// 1 of a container there is [Supervise] instead. The monitor costs the memory of
	// an idle Go program, ends with the process or with Close, and survives what
	// ends the process group.
	Monitor bool
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
