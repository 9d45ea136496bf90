package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"

	"github.com/hedgerow/posthog/bench/internal/host"
)

// machine describes where a run took place. What cannot be read is "unknown".
type machine struct {
	Processor string
	Cores     int
	Memory    string
	Kernel    string
	Disk      string // the file system that spools lie on
	Go        string
	Rival     string // the version of posthog-go
	Sentry    string // the version of sentry-go
}

// thisMachine describes the machine this process runs on, with spools below a folder.
func thisMachine(folder string) machine {
	return machine{
		Processor: or(line("/proc/cpuinfo", "model name")),
		Cores:     runtime.NumCPU(),
		Memory:    gigabytes(line("/proc/meminfo", "MemTotal")),
		Kernel:    host.Kernel(),
		Disk:      host.FileSystem(folder),
		Go:        runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH,
		Rival:     or(moduleVersion("github.com/posthog/posthog-go")),
		Sentry:    or(moduleVersion("github.com/getsentry/sentry-go")),
	}
}

// file reads a short file.
func file(path string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(bytes.TrimSpace(content))
}

// line finds the value of a "key: value" line in a file.
func line(path, key string) string {
	_, rest, found := bytes.Cut([]byte("\n"+file(path)), []byte("\n"+key))
	if !found {
		return ""
	}
	rest, _, _ = bytes.Cut(rest, []byte("\n"))
	_, value, _ := bytes.Cut(rest, []byte(":"))
	return string(bytes.TrimSpace(value))
}

// gigabytes turns "24681472 kB" into "25 GB".
func gigabytes(text string) string {
	digits, _, _ := bytes.Cut([]byte(text), []byte(" "))
	kib, err := strconv.ParseFloat(string(digits), 64)
	if err != nil {
		return host.Unknown
	}
	return fmt.Sprintf("%.0f GB", kib*1024/1e9)
}

// moduleVersion is the version of a module that this program was built with.
func moduleVersion(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, m := range info.Deps {
		if m.Path == path {
			return m.Version
		}
	}
	return ""
}

// or is the text, or host.Unknown if there is none.
func or(text string) string {
	if len(bytes.TrimSpace([]byte(text))) == 0 {
		return host.Unknown
	}
	return text
}
