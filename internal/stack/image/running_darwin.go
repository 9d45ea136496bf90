package image

import (
	"fmt"
	"os"
	"runtime"
)

// Running describes the binary of this process. It fails with [ErrFormat] if that has no UUID, and with [ErrPlace] if it was
// stripped of names, or another file is in its place.
func Running() (*Image, error) {
	binary, path, start, err := running()
	if err != nil {
		return nil, err
	}
	return binary.Loaded(path, start)
}

// Place returns the path of the binary of this process, and the address that it is loaded at. What a [Binary] says of
// addresses differs from the process's by Place's address less the binary's.
func Place() (path string, start uint64, err error) {
	_, path, start, err = running()
	return path, start, err
}

// running reads the headers of the binary of this process, and finds where it is loaded.
func running() (binary *Binary, path string, start uint64, err error) {
	if path, err = os.Executable(); err != nil {
		return nil, "", 0, fmt.Errorf("find the running binary: %w", err)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, "", 0, fmt.Errorf("open the running binary: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	if binary, err = Read(file); err != nil {
		return nil, "", 0, err
	}
	known := function()
	linked, found := binary.Linked(known.Function, uint64(known.Entry))
	if !found {
		return nil, "", 0, ErrPlace
	}
	return binary, path, binary.Addr + uint64(known.Entry) - linked, nil
}

// function returns one of the program that was not inlined.
func function() runtime.Frame {
	var pcs [8]uintptr
	for frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs[:])]); ; {
		frame, more := frames.Next()
		if frame.Func != nil || !more {
			return frame
		}
	}
}
