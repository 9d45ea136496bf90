package file

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"time"

	"github.com/hedgerow/posthog/internal/spool/disk"
)

// maxRead is how much of a file is looked at, in bytes: a message may be longer than what is kept of it.
const maxRead = 64 << 20

// A Left is the crash file of a process that is dead. Nobody else has it until Done or Keep. It is not safe for
// concurrent use.
type Left struct {
	// Header says whose file it was.
	Header Header
	// Records are what the process itself wrote before it died, each a line of JSON, without the events that PostHog confirmed.
	Records [][]byte
	// Confirmed are those of them that PostHog confirmed.
	Confirmed [][]byte
	// Steps are what the process did before, the oldest first, each an object of JSON: 32 KiB at most.
	Steps [][]byte
	// Text is what the runtime wrote, a megabyte at most; see [ReadText]. Without records and text, the process was
	// killed, or ended itself without a word.
	Text []byte
	// Time is when the file changed last.
	Time time.Time
	// Attempts counts how often the file was taken, this time included.
	Attempts int

	path      string
	steps     string // the path of their file, which may not exist
	lock      disk.Handle
	delivered map[string]bool // uuids of events that PostHog confirmed
}

// Done removes the file, and that of the steps, because what they hold was delivered or is given up. Calling it again does nothing.
func (l *Left) Done() error {
	if l.lock == nil {
		return nil
	}
	early := os.Remove(l.path) // while the lock keeps others away, where that works
	l.Keep()
	if early != nil {
		if err := os.Remove(l.path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove crash file: %w", err)
		}
	}
	return removeSteps(l.steps) // after the crash, which must not be told without them
}

// Keep leaves the files for a later sweep. Calling it again does nothing.
func (l *Left) Keep() {
	if l.lock != nil {
		_ = l.lock.Close() // the lock ends with it, whatever Close says
		l.lock = nil
	}
}

// read reads the file, whose size is given.
func (l *Left) read(size int64) error {
	most := int64(maxHeader + MaxRecords + maxText)
	whole, err := io.ReadAll(io.NewSectionReader(l.lock, 0, min(size, most)))
	if err != nil {
		return err
	}
	if err := l.parse(whole); err != nil {
		return err
	}
	read := int64(len(whole))
	more := io.NewSectionReader(l.lock, read, max(0, min(size, maxRead)-read))
	l.Text, err = ReadText(io.MultiReader(bytes.NewReader(l.Text), more)) // a copy, because of all that was read
	return err
}

// silent reports whether nothing was written after the header. Such a file is as old as its process, and not as its end.
func (l *Left) silent() bool {
	return len(l.Text)+len(l.Records)+len(l.Confirmed)+len(l.delivered) == 0
}

// parse reads what is in a file.
func (l *Left) parse(whole []byte) error {
	end := bytes.IndexByte(whole[:min(len(whole), maxHeader)], '\n')
	if end < 0 || !bytes.HasPrefix(whole[end+1:], []byte(separator)) {
		return ErrTorn
	}
	if err := json.Unmarshal(whole[:end], &l.Header); err != nil || l.Header.Version != version || l.Header.UUID == "" {
		return ErrTorn
	}
	rest := whole[end+1+len(separator):]
	for read := 0; ; {
		record, after, ok := cutRecord(rest)
		if read += len(rest) - len(after); !ok || read > MaxRecords {
			break
		}
		l.Records = append(l.Records, record)
		rest = after
	}
	l.Text = rest
	l.settle()
	return nil
}

// cutRecord takes the first record off the text, if it begins with one.
func cutRecord(text []byte) (record, after []byte, ok bool) {
	const head = len("=00000000 ")
	end := bytes.IndexByte(text, '\n')
	if end < head || text[0] != '=' || text[head-1] != ' ' {
		return nil, text, false
	}
	var sum [4]byte
	if _, err := hex.Decode(sum[:], text[1:head-1]); err != nil {
		return nil, text, false
	}
	record = text[head:end]
	want := uint32(sum[0])<<24 | uint32(sum[1])<<16 | uint32(sum[2])<<8 | uint32(sum[3])
	if crc32.Checksum(record, castagnoli) != want {
		return nil, text, false
	}
	return record, text[end+1:], true
}
