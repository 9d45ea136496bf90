//go:build !linux

package disk

import "os"

// preallocate writes zeros. File systems that copy on write, or leave holes
// where zeros are, give no promise about the space behind them.
func preallocate(f *os.File, size int64) error { return writeZeros(f, 0, size) }

// syncFile waits for the drive itself on macOS, where fsync does not.
func syncFile(f *os.File) error { return f.Sync() }
