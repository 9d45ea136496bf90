//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// What the process that hammers the disk may do.
const (
	hammerFile  = 32 << 20 // size of one of its files
	hammerBytes = 32 << 30 // of all of them together
	hammerTime  = 2 * time.Minute
)

// blows is what such a process did.
type blows struct {
	Bytes     int64
	Syncs     int
	Longest   time.Duration // of a sync
	Exhausted bool          // it reached one of its bounds before it was told to end
}

// add adds what another did.
func (b *blows) add(other blows) {
	b.Bytes += other.Bytes
	b.Syncs += other.Syncs
	b.Longest = max(b.Longest, other.Longest)
}

// hammer writes, syncs and removes files below dir, one after the other, until in ends. It writes a line to out after the first.
func hammer(dir string, in io.Reader, out io.Writer) (blows, error) {
	runtime.LockOSThread() // whose priority it is: the disk is to be busy, and not the processor
	if err := syscall.Setpriority(syscall.PRIO_PROCESS, 0, 19); err != nil {
		return blows{}, os.NewSyscallError("setpriority", err)
	}
	told := make(chan struct{}) // closed by the reader
	go func() {
		defer close(told)
		io.Copy(io.Discard, in) //nolint:errcheck // whoever started this has gone, whatever the reason
	}()
	var did blows
	block := make([]byte, 1<<20)
	for i := range block {
		block[i] = byte(i * 31)
	}
	for end := time.Now().Add(hammerTime); ; {
		took, err := hammerOnce(filepath.Join(dir, "hammer"), block)
		if err != nil {
			return did, err
		}
		did.add(blows{Bytes: hammerFile, Syncs: 1, Longest: took})
		if did.Syncs == 1 {
			fmt.Fprintln(out, "hammering")
		}
		select {
		case <-told:
			return did, nil
		default:
		}
		if did.Bytes >= hammerBytes || time.Now().After(end) {
			did.Exhausted = true
			<-told
			return did, nil
		}
	}
}

// hammerOnce writes, syncs and removes one file, and returns how long the sync took.
func hammerOnce(name string, block []byte) (time.Duration, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer os.Remove(name) //nolint:errcheck // its folder is removed
	defer f.Close()       //nolint:errcheck // it was synced
	for written := 0; written < hammerFile; written += len(block) {
		if _, err := f.Write(block); err != nil {
			return 0, err
		}
	}
	start := time.Now()
	err = syscall.Fdatasync(int(f.Fd()))
	return time.Since(start), err
}
