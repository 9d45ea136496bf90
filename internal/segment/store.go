package segment

// Store hands out the files that keep segments beyond the life of the process.
type Store interface {
	// Begin returns a file for a segment of size bytes, if the supply is Ready.
	// It is called with the queue's lock held and returns at once.
	Begin(size int) (File, Supply)
	// Changed returns a channel that is closed when a Begin that found the
	// supply to be Soon may find something else.
	Changed() <-chan struct{}
}

// Supply says whether there is a file to be had.
type Supply uint8

// The states of supply.
const (
	Ready Supply = iota // here it is
	Soon                // one is being made
	Full                // the bound on all files is reached
	None                // the disk fails: the segment lives in memory
)

// File keeps a copy of one segment. Its methods are called with the queue's
// lock held, and return at once: whatever waits for a disk happens elsewhere,
// later and in the order of the calls.
type File interface {
	// Append copies the frame, which begins at offset of the segment. The
	// sequence is that of its record. Once Append returns, the frame survives
	// the process, unless the store makes its users wait for more. False means
	// that the file broke; it gets no other call but Discard, and the segment
	// lives in memory.
	Append(offset int, frame []byte, sequence uint64) bool
	// Broken reports whether the file broke since, behind the back of its
	// segment.
	Broken() bool
	// Settled reports whether everything that was appended to a sealed segment is
	// as safe as the store is to make it. Until then the memory of the segment
	// must not be given up: a failing disk might lose what is in the file.
	Settled() bool
	// End says that the records of the frames at these offsets are final.
	End(offsets []int)
	// Seal says that nothing will be appended any more.
	Seal(Summary)
	// Load reads the segment into area, which is as large as the summary's
	// Used, and calls done with what it found, on a goroutine of the store's
	// and without any lock. The file stays in use.
	Load(area []byte, done func(Contents))
	// Discard says that the segment is over: its records are final, or are about
	// to be copied into another file, because this one broke. Its size counts
	// against the bound on all files no more. It is the last call.
	Discard()
}

// Summary says what is in a segment to which nothing is appended any more.
type Summary struct {
	Records int   // those that are final included
	Used    int   // bytes, from the first frame to the end of the last
	Payload int   // bytes of payload
	Oldest  int64 // when the first record was accepted, in nanoseconds since 1970
	Newest  int64 // when the last one was
}

// Queue is what a store asks of the queue. It calls it on a goroutine of its
// own, without any lock.
type Queue interface {
	// Persist copies one segment that lives in memory only into a file that it
	// gets with Begin, and reports whether there is another one and a file was
	// to be had.
	Persist() (left bool)
	// Recover accepts the records of processes that are gone.
	Recover([]Found)
}

// Contents is what was found in the file of a segment.
type Contents struct {
	// Pending are the offsets of the sound frames whose records are not final.
	// In the area that they were read into, their salt is zero.
	Pending []int
	// Payload is the sum of their payloads, in bytes.
	Payload int
	// Err says why not all that was written could be read. It is nil if only a
	// torn tail is missing.
	Err error
}

// Found is a segment of a process that is gone.
type Found struct {
	File    File
	Pending Summary // of the records that are not final; Used is the whole segment's
	Excess  bool    // there is no room for it within the bound on all files
}
