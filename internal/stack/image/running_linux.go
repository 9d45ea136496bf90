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
	maxMapping = 1 << 20 // bytes of the list of mappings
)

// Running describes the binary of this process. It fails with [ErrFormat] if that has no build id, which is what a
// plain go build makes: it takes -ldflags=-B=gobuildid.
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
// addresses differs from the process's by Place's address less the binary's.
func Place() (path string, start uint64, err error) {
	list, err := os.Open(mappings)
	if err != nil {
		return "", 0, fmt.Errorf("read where the binary is loaded: %w", err)
	}
	defer func() { _ = list.Close() }() // it was only read
	var pcs [1]uintptr
	runtime.Callers(0, pcs[:])
	path, start, found := mapped(io.LimitReader(list, maxMapping), uint64(pcs[0]))
	if !found {
		return "", 0, ErrPlace
	}
	return path, start, nil
}

// mapped returns the path of the file that an address is mapped from, and the lowest address that it is mapped to.
func mapped(list io.Reader, addr uint64) (path string, start uint64, found bool) {
	type mapping struct{ file, path string }
	lowest := make(map[string]uint64)
	var at mapping
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
		if first <= addr && addr < end {
			at = mapping{file, strings.TrimSuffix(strings.TrimLeft(fields[5], " "), " (deleted)")}
		}
	}
	if at.file == "" {
		return "", 0, false
	}
	return at.path, lowest[at.file], true
}
