//go:build !linux

package image

// Running fails with [ErrFormat]: on this system nobody says where the binary is loaded.
func Running() (*Image, error) { return nil, ErrFormat }
