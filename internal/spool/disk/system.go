package disk

import (
	"errors"
	"io"
	"os"
)

// What a System may answer beside the errors of the operating system.
var (
	// ErrHeld is Lock's answer if somebody else has the lock.
	ErrHeld = errors.New("the lock is held")
	// ErrNoMapping is Map's answer where the operating system or the file
	// system cannot map files, or does not want to map this one.
	ErrNoMapping = errors.New("the file cannot be mapped")
	// ErrFault says that a mapping faulted while its file was prepared: the
	// disk is full or broken, and the system does not say which.
	ErrFault = errors.New("the mapping of the file faulted")
	// ErrNoPopulate is Populate's answer where there is no call for it.
	ErrNoPopulate = errors.New("pages cannot be populated")
)

// System is the operating system as the spool sees it; [Local] is the real
// one. Its methods may be called by several goroutines at once. Errors are
// those of package os, which name the file.
type System interface {
	// MkdirAll makes a directory, and those that it is in, with mode 0700.
	MkdirAll(dir string) error
	// Mkdir makes a directory with mode 0700.
	Mkdir(dir string) error
	// ReadDir lists a directory, sorted by name.
	ReadDir(dir string) ([]os.DirEntry, error)
	// Open opens a file, with mode 0600 if the flags make it one. The flags are
	// those of os.OpenFile.
	Open(name string, flag int) (Handle, error)
	// Rename gives a file another name, in place of the file that has it.
	Rename(from, to string) error
	// Remove removes a file or an empty directory.
	Remove(name string) error
	// Stat describes a file.
	Stat(name string) (os.FileInfo, error)
	// SyncDir makes a directory's entries survive a power cut, where there is
	// a way to do so.
	SyncDir(dir string) error
}

// Handle is an open file. Its methods may be called by several goroutines at
// once.
type Handle interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	// Stat describes the file.
	Stat() (os.FileInfo, error)
	// Sync makes the file's contents survive a power cut, those that were
	// written through a mapping included.
	Sync() error
	// Lock takes the exclusive lock of the file without waiting, or returns
	// ErrHeld. Close gives it back, also for those that have a copy of the
	// handle, and without Close it ends with the last of them.
	Lock() error
	// Preallocate makes an empty file that large, of zeros, with blocks of the
	// disk behind all of it.
	Preallocate(size int64) error
	// Map maps the first size bytes of the file, or returns ErrNoMapping. The
	// mapping may outlive the handle.
	Map(size int) (Mapping, error)
}

// Mapping is a file in memory that is only ever written. A fault on it, be it
// that the file has become shorter, the disk full or unreadable, is an answer
// and not the end of the process. Append and Populate may run at the same time; the
// other methods must run alone. No method follows Unmap.
type Mapping interface {
	// Append copies a frame, whose salt is zero, to offset of the file with
	// the salt, and makes sure that nothing behind it looks like another. It
	// reports whether there was no fault. It does not allocate.
	Append(offset int, frame []byte, salt uint32) bool
	// Populate makes the pages that hold the bytes from from to to
	// present and writable, so that Append does not have to wait for them. It
	// changes no byte. It returns ErrNoPopulate where there is no such call.
	Populate(from, to int) error
	// Clear writes zeros over the bytes from from to to, and reports
	// whether there was no fault.
	Clear(from, to int) bool
	// Unmap ends the mapping. What was written stays in the file.
	Unmap() error
}
