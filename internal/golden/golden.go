// Package golden compares what a test produced with a file under testdata, and writes the file when asked to.
//
// Only test files import it, which is why it, alone among the library's packages, registers a flag: go test
// -update rewrites the golden files of the packages under test. It runs on the test's goroutine, reads and
// writes the one file it is given, and never deletes one.
package golden

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
)

var update = flag.Bool("update", false, "rewrite golden files instead of comparing with them")

// TB is the part of [testing.TB] that Compare needs.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Compare fails the test if got differs from the contents of the file at path, which is relative to the
// package's folder, and says where they part. With -update it writes got to the file, and creates folders on
// the way, instead. The comparison is exact: a golden file of bytes without a final newline has none.
func Compare(tb TB, path string, got []byte) {
	tb.Helper()
	if *update {
		if err := write(path, got); err != nil {
			tb.Fatalf("update golden file: %v", err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		tb.Fatalf("read golden file (go test -update writes it): %v", err)
		return
	}
	if bytes.Equal(got, want) {
		return
	}
	at := commonPrefix(got, want)
	tb.Errorf("%s differs from byte %d (line %d) on; go test -update accepts the new bytes\n got: %q\nwant: %q",
		path, at, 1+bytes.Count(want[:at], []byte("\n")), around(got, at), around(want, at))
}

func write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

// commonPrefix returns how many bytes a and b begin with in common.
func commonPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// around returns the bytes of data near a position: enough to recognise the place, short enough to read.
func around(data []byte, at int) []byte {
	return data[max(0, at-30):min(len(data), at+60)]
}
