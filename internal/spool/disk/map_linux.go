package disk

import "syscall"

// syncCoversMappings says that what was written to a mapping is among what
// Sync writes to the disk.
const syncCoversMappings = true

// populateWrite is MADV_POPULATE_WRITE, since Linux 5.14.
const populateWrite = 23

// populate faults the pages in for writing, without writing.
func populate(memory []byte) error {
	err := uninterrupted(func() error { return syscall.Madvise(memory, populateWrite) })
	if err == syscall.EINVAL { //nolint:errorlint // a system call returns the number itself
		return ErrNoPopulate
	}
	return err
}
