package disk_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/hedgerow/posthog/internal/spool/disk"
)

// image is a disk in memory, with one dead owner and one segment on it, for
// tests that look at thousands of versions of that file.
type image struct {
	disk.System // for what nobody calls

	files fstest.MapFS
	lock  os.FileInfo
	name  string
}

const imageDir = "spool"

// newImage returns a disk on which the segment of that name and owner is.
func newImage(t testing.TB, name string) *image {
	t.Helper()
	lock, err := os.Stat(name) // os.SameFile takes no other than a real one
	must(t, err)
	owner := filepath.Join(imageDir, filepath.Base(filepath.Dir(name)))
	return &image{lock: lock, name: filepath.Join(owner, filepath.Base(name))}
}

// claim claims what is on the disk when the segment's bytes are these.
func (m *image) claim(t testing.TB, file []byte) disk.Sweep {
	t.Helper()
	m.files = fstest.MapFS{
		filepath.Join(filepath.Dir(m.name), "lock"): {},
		m.name: {Data: file},
	}
	sweep, err := disk.Claim(m, imageDir, analytics, nil)
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
	return &imageHandle{image: m, file: m.files[name], Reader: bytes.NewReader(m.files[name].Data), open: f}, nil
}

// imageHandle reads a file of an image. What is written to it is lost.
type imageHandle struct {
	disk.Handle // for what nobody calls
	*bytes.Reader

	image *image
	file  *fstest.MapFile
	open  fs.File
}

func (h *imageHandle) ReadAt(p []byte, off int64) (int, error) { return h.Reader.ReadAt(p, off) }
func (h *imageHandle) WriteAt(p []byte, _ int64) (int, error)  { return len(p), nil }
func (h *imageHandle) Close() error                            { return h.open.Close() }
func (h *imageHandle) Lock() error                             { return nil }
func (h *imageHandle) Stat() (os.FileInfo, error) {
	if filepath.Base(h.image.name) != "" && len(h.file.Data) == 0 {
		return h.image.lock, nil
	}
	return h.open.Stat()
}
