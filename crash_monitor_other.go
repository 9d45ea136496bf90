//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package posthog

import (
	"errors"
	"os"
	"time"

	"github.com/hedgerow/posthog/internal/crash/file"
)

func startMonitorProcess(*os.File) (*os.File, *os.Process, error) {
	return nil, nil, errors.ErrUnsupported
}

func outliveGroup() {}

func claimCrashFile(string, *os.File, time.Duration) (*file.Left, error) {
	return nil, errors.ErrUnsupported
}
