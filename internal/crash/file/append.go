package file

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// errEnded says that a file is somebody else's to write to.
var errEnded = errors.New("the crash file was given back")

// Append puts text of the runtime into the file, for a later sweep, and returns when the disk has it: what came through a pipe and could
// not be delivered. Of more than a megabyte, with what is there, the first is kept. The crash was at the given time, which
// becomes that of the file and of l. Text and Time of l say what the next sweep will find.
func (l *Left) Append(text []byte, crashed time.Time) error {
	if l.lock == nil {
		return fmt.Errorf("add text to crash file: %w", errEnded)
	}
	info, err := l.lock.Stat()
	if err != nil {
		return fmt.Errorf("add text to crash file: %w", err)
	}
	var last [1]byte
	if _, err := l.lock.ReadAt(last[:], info.Size()-1); err != nil {
		return fmt.Errorf("add text to crash file: %w", err)
	}
	whole := make([]byte, 0, len(text)+1)
	if last[0] != '\n' || len(text) > 0 && text[0] == '=' {
		whole = append(whole, '\n') // or it would be taken for a part of what is there, or for a record
	}
	whole = append(whole, text...)
	whole = whole[:min(len(whole), max(0, maxText-len(l.Text)))]
	if _, err := l.lock.WriteAt(whole, info.Size()); err != nil {
		return fmt.Errorf("add text to crash file: %w", err)
	}
	if err := l.lock.Sync(); err != nil {
		return fmt.Errorf("sync text of crash file: %w", err)
	}
	l.Text = append(l.Text[:len(l.Text):len(l.Text)], whole...)
	if err := os.Chtimes(l.path, crashed, crashed); err != nil {
		return fmt.Errorf("set time of crash file: %w", err)
	}
	l.Time = crashed
	return nil
}
