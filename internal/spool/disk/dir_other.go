//go:build !unix

package disk

// syncDir does nothing: directories cannot be opened for it here.
func syncDir(string) error { return nil }
