package file_test

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// A record is written at once, however long it is, so a process that is dying needs no second chance to run. The kernel
// counts the writes of each thread, unless it was built without. Proves ZIG-21.
func TestARecordIsOneWrite(t *testing.T) {
	t.Parallel()
	f := create(t, t.TempDir(), 0)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for _, size := range []int{0, 100, 900_000} {
		record := []byte(`{"a":"` + strings.Repeat("x", size) + `"}`)
		before, counted := writes()
		if err := f.Record(record); err != nil {
			t.Fatal(err)
		}
		if after, _ := writes(); counted && after != before+1 {
			t.Errorf("a record of %d bytes took %d writes, want 1", len(record), after-before)
		}
	}
}

// writes is how often this thread has called write, or alike.
func writes() (n int, counted bool) {
	text, err := os.ReadFile("/proc/thread-self/io")
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(text)) {
		if number, found := strings.CutPrefix(line, "syscw: "); found {
			n, err := strconv.Atoi(strings.TrimSpace(number))
			return n, err == nil
		}
	}
	return 0, false
}
