package flagsync

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// fileMark is by what a change of a file is noticed.
type fileMark struct {
	info os.FileInfo // nil before the first reading
	err  error       // of its contents
}

// same reports whether info is that of the marked file, unchanged.
func (m fileMark) same(info os.FileInfo) bool {
	return m.info != nil && os.SameFile(m.info, info) && m.info.Size() == info.Size() && m.info.ModTime().Equal(info.ModTime())
}

// settled is how old a file's time stamp must be to tell the next change apart: stamps are coarse.
const settled = 2 * time.Second

// readFile loads the file if it has changed since it was last read.
func (w *worker) readFile() error {
	info, err := os.Stat(w.config.File)
	if err != nil {
		w.seen = fileMark{}
		return err
	}
	if w.seen.same(info) {
		return w.seen.err
	}
	document, info, err := readFile(w.config.File)
	if err != nil {
		return err
	}
	w.loader.seal(w.load)
	err = w.install(document, File, "")
	w.seen = fileMark{}
	if age := time.Since(info.ModTime()); age > settled || age < 0 {
		w.seen = fileMark{info, err}
	}
	return err
}

// readFile reads a document and describes the file that it was in before.
func readFile(path string) ([]byte, os.FileInfo, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, nil, irregular(path) // opening a pipe waits for somebody to write to it
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, irregular(path)
	}
	if info.Size() > MaxDocument {
		return nil, nil, fmt.Errorf("read %s: %w", path, errTooLarge)
	}
	document, err := readBounded(f, int(info.Size()))
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", path, err)
	}
	return document, info, nil
}

func irregular(path string) error {
	return fmt.Errorf("read %s: %w", path, errors.New("it is no regular file"))
}
