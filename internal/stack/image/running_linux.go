package image

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
)

const (
	self       = "/proc/self/exe" // stays the running binary, even if another one took its place
	mappings   = "/proc/self/maps"
	maxMapping = 1 << 20      // bytes of the list of mappings
	gone       = " (deleted)" // follows the path of a file that was removed
)

// Running describes the binary of this process. It fails with [ErrFormat] if that has no build id, as after a build with
// -ldflags=-B=none.
func Running() (*Image, error) {
	file, err := os.Open(self)
	if err != nil {
		return nil, fmt.Errorf("open the running binary: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	binary, err := Read(file)
	if err != nil {
		return nil, err
	}
	path, start, err := Place()
	if err != nil {
		return nil, err
	}
	return binary.Loaded(path, start)
}

// Place returns the path of the binary of this process, and the address that it is loaded at. What a [Binary] says of
// addresses differs from the process's by Place's address less the binary's. It fails with [ErrPlace] if this code is not
// that of the binary: in a library that another program loaded, and where ld.so was told to run it.
func Place() (path string, start uint64, err error) {
	list, err := os.Open(mappings)
	if err != nil {
		return "", 0, fmt.Errorf("read where the binary is loaded: %w", err)
	}
	defer func() { _ = list.Close() }() // it was only read
	exe, err := os.Readlink(self)
	if err != nil {
		return "", 0, fmt.Errorf("find the running binary: %w", err)
	}
	var pcs [1]uintptr
	runtime.Callers(0, pcs[:])
	path, start, found := mapped(io.LimitReader(list, maxMapping), exe, uint64(pcs[0]))
	if !found {
		return "", 0, ErrPlace
	}
	return path, start, nil
}

// mapped returns the path of the binary that the system knows as exe, and the lowest address that it is mapped to. It is
// not found if the address given is mapped from another file.
func mapped(list io.Reader, exe string, addr uint64) (path string, start uint64, found bool) {
	lowest := make(map[string]uint64) // of each file
	at := ""                          // the file of the address
	scanner := bufio.NewScanner(list)
	for scanner.Scan() {
		// 00400000-004b7000 r-xp 00000000 08:02 173521      /path, which may have spaces (deleted)
		fields := strings.SplitN(scanner.Text(), " ", 6)
		if len(fields) < 6 || fields[4] == "0" {
			continue
		}
		from, to, ok := strings.Cut(fields[0], "-")
		first, err1 := strconv.ParseUint(from, 16, 64)
		end, err2 := strconv.ParseUint(to, 16, 64)
		if !ok || err1 != nil || err2 != nil {
			continue
		}
		file := fields[3] + " " + fields[4]
		if before, known := lowest[file]; !known || first < before {
			lowest[file] = first
		}
		if first <= addr && addr < end && strings.TrimLeft(fields[5], " ") == exe {
			at = file
		}
	}
	if at == "" {
		return "", 0, false
	}
	return strings.TrimSuffix(exe, gone), lowest[at], true
}
