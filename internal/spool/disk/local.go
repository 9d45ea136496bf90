package disk

import (
	"os"
)

// Local returns the operating system that the process runs on.
func Local() System { return local{} }

type local struct{}

func (local) MkdirAll(dir string) error                 { return os.MkdirAll(dir, 0o700) }
func (local) Mkdir(dir string) error                    { return os.Mkdir(dir, 0o700) }
func (local) ReadDir(dir string) ([]os.DirEntry, error) { return os.ReadDir(dir) }
func (local) Rename(from, to string) error              { return os.Rename(from, to) }
func (local) Remove(name string) error                  { return os.Remove(name) }
func (local) Stat(name string) (os.FileInfo, error)     { return os.Stat(name) }
func (local) SyncDir(dir string) error                  { return syncDir(dir) }

func (local) Open(name string, flag int) (Handle, error) {
	f, err := os.OpenFile(name, flag, 0o600)
	if err != nil {
		return nil, err
	}
	return localFile{f}, nil
}

// localFile is an os.File and what package os does not offer.
type localFile struct{ *os.File }

// OSFile returns the file of a handle that Local opened, for a child process that is to have it, and its lock, as
// well. It is nil for others.
func OSFile(h Handle) *os.File {
	f, _ := h.(localFile)
	return f.File
}

// Adopt returns the handle of a file that another process opened, and of whose
// lock this one has a copy. Closing the handle gives the lock back for both.
func Adopt(f *os.File) Handle { return localFile{f} }

// Close gives the lock back, if there is one, before it closes the file: a child
// that is just being started has a copy of every descriptor until its program
// begins, and would have the lock as well.
func (f localFile) Close() error {
	unlockFile(f.File)
	return f.File.Close()
}

func (f localFile) Sync() error { return syncFile(f.File) }
func (f localFile) Lock() error { return lockFile(f.File) }

func (f localFile) Preallocate(size int64) error { return preallocate(f.File, size) }

func (f localFile) Map(size int) (Mapping, error) { return mapFile(f.File, size) }

// control runs call with the file's descriptor. Call's error is returned as
// one of the operation on the file, except for sentinels of this package.
func control(f *os.File, op string, call func(fd uintptr) error) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failure error
	if err := raw.Control(func(fd uintptr) { failure = call(fd) }); err != nil {
		return err
	}
	if failure != nil {
		return &os.PathError{Op: op, Path: f.Name(), Err: failure}
	}
	return nil
}

var zeros [64 << 10]byte

// writeZeros writes zeros over the bytes from from to to.
func writeZeros(f interface {
	WriteAt(p []byte, off int64) (int, error)
}, from, to int64) error {
	for from < to {
		n, err := f.WriteAt(zeros[:min(to-from, int64(len(zeros)))], from)
		if err != nil {
			return err
		}
		from += int64(n)
	}
	return nil
}
