package file

import (
	"errors"
	"fmt"
	"os"
	"time"
)

var (
	// errEnded says that a file is somebody else's to write to.
	errEnded = errors.New("the crash file was given back")
	// errText says that a record would be taken for a part of the text.
	errText = errors.New("the crash file has a text already")
)

// Append puts text of the runtime into the file, for a later sweep, and returns when the disk has it: what came through a pipe and could
// not be delivered. Of more than a megabyte, with what is there, the first is kept. The crash was at the given time, which
// becomes that of the file and of l. Text and Time of l say what the next sweep will find.
func (l *Left) Append(text []byte, crashed time.Time) error {
	size, err := l.size()
	if err != nil {
		return fmt.Errorf("add text to crash file: %w", err)
	}
	var last [1]byte
	if _, err := l.lock.ReadAt(last[:], size-1); err != nil {
		return fmt.Errorf("add text to crash file: %w", err)
	}
	whole := make([]byte, 0, len(text)+1)
	if last[0] != '\n' || len(text) > 0 && text[0] == '=' {
		whole = append(whole, '\n') // or it would be taken for a part of what is there, or for a record
	}
	whole = append(whole, text...)
	whole = whole[:min(len(whole), max(0, maxText-len(l.Text)))]
	if err := l.write(whole, size); err != nil {
		return fmt.Errorf("add text to crash file: %w", err)
	}
	l.Text = append(l.Text[:len(l.Text):len(l.Text)], whole...)
	if err := os.Chtimes(l.path, crashed, crashed); err != nil {
		return fmt.Errorf("set time of crash file: %w", err)
	}
	l.Time = crashed
	return nil
}

// Note puts a record, which is JSON on one line, into a file without text, for a later sweep, and returns when the disk has it: what
// somebody saw of an end about which the runtime wrote nothing. The file keeps its time. Records of l has it, too.
func (l *Left) Note(record []byte) error {
	size, err := l.size()
	if err == nil && len(l.Text) > 0 {
		err = errText
	}
	if err != nil {
		return fmt.Errorf("add record to crash file: %w", err)
	}
	if err := l.write(appendRecord(nil, record), size); err != nil {
		return fmt.Errorf("add record to crash file: %w", err)
	}
	if err := os.Chtimes(l.path, l.Time, l.Time); err != nil {
		return fmt.Errorf("set time of crash file: %w", err)
	}
	l.Records = append(l.Records, record)
	return nil
}

// size is how long the file is.
func (l *Left) size() (int64, error) {
	if l.lock == nil {
		return 0, errEnded
	}
	info, err := l.lock.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// write adds to the end of the file, which is at size, and waits for the disk.
func (l *Left) write(p []byte, size int64) error {
	if _, err := l.lock.WriteAt(p, size); err != nil {
		return err
	}
	return l.lock.Sync()
}
