//go:build darwin || dragonfly || freebsd || illumos || netbsd || openbsd

package posthog

import "os"

// adoptOrphans does nothing: orphans come to process 1, whoever that is.
func adoptOrphans() {}

// foregroundTerminal returns nil: whether this process runs in the foreground
// cannot be known.
func foregroundTerminal() *os.File { return nil }

// enterForeground is never called.
func enterForeground(*os.File) {}
