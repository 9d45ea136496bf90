package file

import (
	"os"
	"syscall"
)

// keepSize is FALLOC_FL_KEEP_SIZE.
const keepSize = 1

// reserve takes room on the disk behind the given end of the file, which stays as long as it is. It allocates no memory. Where the
// disk is full, or the file system cannot do that, there is room as long as there is.
func reserve(f *os.File, end int64) {
	for syscall.Fallocate(int(f.Fd()), keepSize, end, room) == syscall.EINTR {
	}
}
