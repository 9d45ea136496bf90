package file

import (
	"os"
	"syscall"
)

// keepSize is FALLOC_FL_KEEP_SIZE.
const keepSize = 1

// reserve takes room on the disk behind the given end of the file, which stays as long as it is, and reports whether the disk
// is too full. It allocates no memory. Where the file system cannot do that, there is room as long as there is.
func reserve(f *os.File, end int64) (full bool) {
	for {
		switch syscall.Fallocate(int(f.Fd()), keepSize, end, room) {
		case syscall.EINTR:
		case syscall.ENOSPC, syscall.EDQUOT:
			return true
		default:
			return false
		}
	}
}
