package disk

// syncCoversMappings is false, because fsync of macOS does not promise it and
// package syscall has no msync. Files that are synced are not mapped.
const syncCoversMappings = false

// populate has no call to make.
func populate([]byte) error { return ErrNoPopulate }
