//go:build !linux && !darwin

package image

// Running fails with [ErrPlace]: on this system nobody says where the binary is loaded.
func Running() (*Image, error) { return nil, ErrPlace }

// Place fails with [ErrPlace]: on this system nobody says where the binary is loaded.
func Place() (path string, start uint64, err error) { return "", 0, ErrPlace }
