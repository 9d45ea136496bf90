package posthog

import (
	"os"
	"strconv"
	"syscall"
)

// dropInherited lets go of the files that the process which is watched has inherited,
// and so this one as well: others may wait for their end, or for their address. What
// this process opened is closed when it starts another program; what it inherited is
// not. Their numbers stay in use, for a package's init may have taken one for its own.
func dropInherited() {
	const files = "/proc/self/fd"
	entries, err := os.ReadDir(files)
	if err != nil {
		return
	}
	nothing, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return
	}
	defer func() { _ = nothing.Close() }() // its copies stay
	for _, entry := range entries {
		fd, err := strconv.Atoi(entry.Name())
		if err != nil || fd <= guardFile {
			continue
		}
		flags, _, failed := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_GETFD, 0)
		if failed == 0 && flags&syscall.FD_CLOEXEC == 0 {
			_ = syscall.Dup3(int(nothing.Fd()), fd, syscall.O_CLOEXEC) // it is no worse than before
		}
	}
}
