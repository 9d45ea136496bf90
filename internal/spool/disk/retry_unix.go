//go:build unix

package disk

import "syscall"

// uninterrupted repeats a system call that a signal has cut short.
func uninterrupted(call func() error) error {
	for {
		if err := call(); err != syscall.EINTR { //nolint:errorlint // a system call returns the number itself
			return err
		}
	}
}
