package torture

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Word is the first word of a report: what has happened in a process.
type Word string

// The words of a process.
const (
	// Starting: the client will be made next.
	Starting Word = "starting"
	// Accepted: the event with this id was accepted.
	Accepted Word = "accepted"
	// Unsynced: so was this one, but nobody knows whether a disk has it.
	Unsynced Word = "unsynced"
	// Refused: the event with this id was not accepted.
	Refused Word = "refused"
	// Slow: the disk does not keep up, so that events of the id's process that
	// are accepted from now on may be in memory only, as it was agreed.
	Slow Word = "slow"
	// Waiting: all events have been offered, and only the end is to come.
	Waiting Word = "waiting"
	// Closing: the client will be closed next.
	Closing Word = "closing"
	// Done: the process has done what it had to, and ends.
	Done Word = "done"
	// Failed: something happened that must not, and the rest says what.
	Failed Word = "failed"
)

// Report is one line of what a process says.
type Report struct {
	Word Word
	// ID is the event's, where the word is about one.
	ID ID
	// UUID is what the event will be known by, if the process knows.
	UUID string
	// Text is the rest of the line, where the word is about no event.
	Text string
}

// hasID tells the words that come with an id.
func (w Word) hasID() bool { return w == Accepted || w == Unsynced || w == Refused || w == Slow }

// Write writes the report as one line, with one call of Write: a pipe takes
// a line whole or not at all, whatever becomes of the process.
func (r Report) Write(w io.Writer) error {
	line := string(r.Word)
	switch {
	case r.Word.hasID():
		line += " " + strings.TrimSuffix(r.ID.String()+" "+r.UUID, " ")
	case r.Text != "":
		line += " " + strings.ReplaceAll(r.Text, "\n", " | ")
	}
	_, err := io.WriteString(w, line+"\n")
	return err
}

// ReadReports calls each for every line of r until r ends. A last line without
// an end is ignored: its process died while it spoke.
func ReadReports(r io.Reader, each func(Report)) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		report, err := parseReport(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return err
		}
		each(report)
	}
}

func parseReport(line string) (Report, error) {
	first, rest, _ := strings.Cut(line, " ")
	switch word := Word(first); {
	case word.hasID():
		text, uuid, _ := strings.Cut(rest, " ")
		id, err := ParseID(text)
		return Report{Word: word, ID: id, UUID: uuid}, err
	case word == Starting, word == Waiting, word == Closing, word == Done, word == Failed:
		return Report{Word: word, Text: rest}, nil
	}
	return Report{}, fmt.Errorf("a process said %q, which is no report", line)
}
