package stack

import (
	"bufio"
	"io"
	"io/fs"
	"os"
	"strings"
)

const (
	maxLine      = 300     // bytes of a line, beyond which PostHog cuts
	maxSource    = 2 << 20 // bytes of a file; longer ones are not read
	maxLineCount = 50_000  // lines of a file
)

// read reads a file. A file system of the application's may panic.
func (s *Sources) read(name string) (lines []string) {
	defer func() {
		if recover() != nil {
			lines = nil
		}
	}()
	var file fs.File
	var err error
	if s.files != nil {
		file, err = s.files.Open(name)
	} else {
		file, err = openRegular(name)
	}
	if err != nil {
		return nil
	}
	defer func() { _ = file.Close() }() // it was only read
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxSource {
		return nil
	}
	if s.files == nil && !s.newest.IsZero() && info.ModTime().After(s.newest) {
		return nil
	}
	scanner := bufio.NewScanner(io.LimitReader(file, maxSource))
	scanner.Buffer(nil, maxSource)
	for scanner.Scan() && len(lines) < maxLineCount {
		lines = append(lines, clip(strings.TrimRight(scanner.Text(), "\r"), maxLine))
	}
	if scanner.Err() != nil {
		return nil
	}
	return lines
}

// openRegular opens a file unless it is a pipe or a device, whose opening may wait.
func openRegular(name string) (fs.File, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fs.ErrInvalid
	}
	return os.Open(name)
}
