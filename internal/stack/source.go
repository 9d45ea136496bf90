package stack

import (
	"bufio"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	window       = 5       // lines before and after the one of a frame
	maxLine      = 300     // bytes of a line, beyond which PostHog cuts
	maxSource    = 2 << 20 // bytes of a file; longer ones are not read
	maxFiles     = 128     // files that are kept
	maxLineCount = 50_000  // lines of a file
)

// Sources reads lines of source code for frames. It remembers up to 128 files, in memory, and reads a file at most
// once, two megabytes at most, and only regular files. It is safe for concurrent use.
type Sources struct {
	files  fs.FS
	newest time.Time

	mu    sync.Mutex          // guards known, held while a file is read
	known map[string][]string // by path; nil lines of files that cannot be used
}

// NewSources returns Sources that read files, named as frames name them. If files is nil, they are opened where they
// were when the program was built, and those changed after newest are left alone, because their lines may be others;
// the zero time trusts all of them.
func NewSources(files fs.FS, newest time.Time) *Sources {
	return &Sources{files: files, newest: newest, known: make(map[string][]string)}
}

// add gives a frame of the application its lines, if they can be read, and makes it a custom one: PostHog ignores
// source lines of the others.
func (s *Sources) add(f *Frame) {
	if !f.InApp || f.Line == 0 || f.Platform != "go" {
		return
	}
	lines := s.lines(f)
	at := f.Line - 1
	if at >= len(lines) {
		return
	}
	f.Platform, f.Lang, f.Resolved = "custom", "go", true
	f.ContextLine = lines[at]
	f.PreContext = lines[max(0, at-window):at:at]
	after := min(at+1+window, len(lines))
	f.PostContext = lines[at+1 : after : after]
}

// lines returns the lines of a frame's file, nil if they cannot be used.
func (s *Sources) lines(f *Frame) []string {
	name := f.Path
	if s.files != nil {
		name = f.Filename
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	lines, found := s.known[name]
	if found {
		return lines
	}
	if len(s.known) >= maxFiles {
		clear(s.known) // a program that needs so many needs none in particular
	}
	lines = s.read(name)
	s.known[name] = lines
	return lines
}

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
