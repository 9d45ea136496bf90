package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// cpuTime is the processor time this process has used, user and system together.
func cpuTime() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, fmt.Errorf("read processor time: %w", err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}

// processMemory reads one line of this process's status, in bytes: "VmRSS" is what it holds, "VmHWM" the most it ever held.
// The peak of getrusage will not do, because a process inherits it from the one that started it.
func processMemory(line string) (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, rest, found := bytes.Cut(status, []byte("\n"+line+":"))
	fields := bytes.Fields(rest)
	if !found || len(fields) == 0 {
		return 0, fmt.Errorf("/proc/self/status has no %s", line)
	}
	kib, err := strconv.ParseInt(string(fields[0]), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", line, err)
	}
	return kib << 10, nil
}

// watchGoroutines looks at the number of goroutines every ten milliseconds. The function it returns ends that and gives
// the highest number above those that ran before, the watcher excluded.
func watchGoroutines(ctx context.Context) func() int {
	before := runtime.NumGoroutine() + 1
	ctx, stop := context.WithCancel(ctx)
	peak := make(chan int) // sent once by the watcher
	go func() {
		most := 0
		ticker := time.NewTicker(10 * time.Millisecond)
		defer ticker.Stop()
		for {
			most = max(most, runtime.NumGoroutine()-before)
			select {
			case <-ctx.Done():
				peak <- most
				return
			case <-ticker.C:
			}
		}
	}()
	return func() int {
		stop()
		return <-peak
	}
}
