package disk_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/hedgerow/posthog/internal/spool/disk"
)

// image is a disk in memory, with one dead owner on it, for tests that look at
// thousands of versions of a file.
type image struct {
	disk.System // for what nobody calls

	files fstest.MapFS
	lock  os.FileInfo
}

const imageDir = "spool/analytics-" + keyHex + "-0123456789abcdef"

func newImage(t testing.TB) *image {
	t.Helper()
	lock, err := os.Stat(".") // os.SameFile takes no other than a real one
	must(t, err)
	return &image{lock: lock}
}

// imageName is the name of the owner's segment number i.
func imageName(i int) string { return filepath.Join(imageDir, fmt.Sprintf("%010d.segment", i)) }

// claim claims what is on the disk when these are the segments.
func (m *image) claim(t testing.TB, segments ...[]byte) disk.Sweep {
	t.Helper()
	m.files = fstest.MapFS{filepath.Join(imageDir, "lock"): {}}
	for i, file := range segments {
		m.files[imageName(i)] = &fstest.MapFile{Data: file}
	}
	sweep, err := disk.Claim(m, "spool", analytics, nil)
	must(t, err)
	return sweep
}

func (m *image) ReadDir(dir string) ([]os.DirEntry, error) { return fs.ReadDir(m.files, dir) }
func (m *image) Stat(string) (os.FileInfo, error)          { return m.lock, nil }
func (m *image) MkdirAll(string) error                     { return nil }

func (m *image) Remove(name string) error {
	delete(m.files, name)
	return nil
}

func (m *image) Rename(from, to string) error {
	m.files[to] = m.files[from]
	return m.Remove(from)
}

func (m *image) Open(name string, flag int) (disk.Handle, error) {
	if flag&os.O_CREATE != 0 && m.files[name] == nil {
		m.files[name] = &fstest.MapFile{}
	}
	f, err := m.files.Open(name)
	if err != nil {
		return nil, err
	}
	return &imageHandle{image: m, name: name, data: bytes.NewReader(m.files[name].Data), open: f}, nil
}

// imageHandle reads a file of an image. What is written to it is lost.
type imageHandle struct {
	disk.Handle // for what nobody calls

	image *image
	name  string
	data  *bytes.Reader
	open  fs.File
}

func (h *imageHandle) ReadAt(p []byte, off int64) (int, error) { return h.data.ReadAt(p, off) }
func (h *imageHandle) WriteAt(p []byte, _ int64) (int, error)  { return len(p), nil }
func (h *imageHandle) Close() error                            { return h.open.Close() }
func (h *imageHandle) Lock() error                             { return nil }

func (h *imageHandle) Stat() (os.FileInfo, error) {
	if filepath.Base(h.name) == "lock" {
		return h.image.lock, nil
	}
	return h.open.Stat()
}
