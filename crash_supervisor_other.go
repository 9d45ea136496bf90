//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package posthog

import "errors"

func adoptCrashPipe(string) {}

func supervise(string, *Config) (trouble error) { return errors.ErrUnsupported }
