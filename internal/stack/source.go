package stack

import (
	"context"
	"io/fs"
	"slices"
	"sync"
	"time"

	"github.com/hedgerow/posthog/internal/apart"
)

const (
	window   = 5   // lines before and after the one of a frame
	maxFiles = 128 // files that are kept
	maxReads = 8   // files that are being read

	maxPatience = 20 * time.Millisecond // of a capture for all files that it needs
)

// Sources reads lines of source code for frames. It remembers up to 128 files, in memory, and reads a file once as long
// as it remembers it, two megabytes at most, and only regular files.
//
// Each file is read on a goroutine of its own, and who asks for lines waits for some 20 milliseconds at most, in all. A
// read that takes longer goes on, for the sake of later questions; with eight of them, no others begin. Sources are safe
// for concurrent use. Close waits for the reads.
type Sources struct {
	// NearestFirst turns the lines before a frame's own round. It is set before the first question.
	NearestFirst bool

	files  fs.FS
	newest time.Time
	reads  apart.Group

	mu      sync.Mutex         // guards what follows
	known   map[string]*source // by path
	reading int                // files
}

// A source is a file of source code.
type source struct {
	read  chan struct{} // closed when lines are known
	lines []string      // nil if the file cannot be used
	late  bool          // nobody waits for the file any more; guarded by the mutex of the Sources
}

// NewSources returns Sources that read files, named as frames name them. If files is nil, they are opened where they
// were when the program was built, and those changed after newest are left alone, because their lines may be others;
// the zero time trusts all of them.
func NewSources(files fs.FS, newest time.Time) *Sources {
	return &Sources{files: files, newest: newest, reads: apart.Group{Name: "sources"}, known: make(map[string]*source)}
}

// Close lets no further read begin, so that there are no lines of files that were not read before, and waits for those
// that are going on until ctx ends; the error then is that of ctx. It may be called again.
func (s *Sources) Close(ctx context.Context) error { return s.reads.Close(ctx) }

// withLines returns the frame with its lines, if it is one of the application's and they can be read. That makes it a
// custom one: PostHog ignores source lines of the others. Otherwise, it returns the frame as it is. Final says whether
// another time the answer is the same.
func (s *Sources) withLines(f *Frame, p *patience) (lined *Frame, final bool) {
	if !f.InApp || f.Line == 0 || f.Platform != "go" {
		return f, true
	}
	name := f.Path
	if s.files != nil {
		name = f.Filename
	}
	lines, final := s.lines(name, p)
	at := f.Line - 1
	if at >= len(lines) {
		return f, final
	}
	l := *f
	l.Platform, l.Lang, l.Resolved = "custom", "go", true
	l.ContextLine = lines[at]
	l.PreContext = lines[max(0, at-window):at:at]
	if s.NearestFirst {
		l.PreContext = slices.Clone(l.PreContext)
		slices.Reverse(l.PreContext)
	}
	after := min(at+1+window, len(lines))
	l.PostContext = lines[at+1 : after : after]
	return &l, true
}

// lines returns the lines of a file, nil if they cannot be used, and whether that is known.
func (s *Sources) lines(name string, p *patience) (lines []string, known bool) {
	file, fresh := s.file(name, p)
	switch {
	case file == nil:
		return nil, false
	case file.done():
		return file.lines, true
	}
	ctx, cancel := context.WithDeadline(context.Background(), p.until)
	defer cancel()
	if fresh {
		s.begin(ctx, file, name)
	} else {
		select {
		case <-file.read:
		case <-ctx.Done():
		}
	}
	if !file.done() {
		s.mu.Lock()
		defer s.mu.Unlock()
		file.late = true
		return nil, false
	}
	return file.lines, true
}

// file returns a file that is known or worth waiting for, nil if there is none, and whether it is to be read.
func (s *Sources) file(name string, p *patience) (file *source, fresh bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	file = s.known[name]
	switch {
	case file != nil && file.done():
		return file, false
	case file != nil && file.late, p.over():
		return nil, false
	case file != nil:
		return file, false
	case s.reading == maxReads:
		return nil, false
	case len(s.known) == maxFiles:
		clear(s.known) // a program that needs so many needs none in particular
	}
	file = &source{read: make(chan struct{})}
	s.known[name] = file
	s.reading++
	return file, true
}

// begin begins to read a file, and returns when it was read or ctx has ended, or at once after Close.
func (s *Sources) begin(ctx context.Context, file *source, name string) {
	_, _ = apart.Do(ctx, &s.reads, func() (none struct{}, err error) { // what became of it, the file knows
		defer s.end(file) // even if the file system ends the goroutine
		file.lines = s.read(name)
		return none, nil
	})
}

// end notes that a file was read.
func (s *Sources) end(file *source) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reading--
	close(file.read)
}

// done says whether the file was read.
func (f *source) done() bool {
	select {
	case <-f.read:
		return true
	default:
		return false
	}
}

// Patience is how long somebody still waits for files. The zero value has all of it.
type patience struct{ until time.Time }

// over says whether there is none left. It begins to run with the first question.
func (p *patience) over() bool {
	now := time.Now()
	if p.until.IsZero() {
		p.until = now.Add(maxPatience)
	}
	return !now.Before(p.until)
}
