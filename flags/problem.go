package flags

import (
	"strconv"
	"strings"
)

// Problem is something in a definitions document that is malformed, or that this package cannot evaluate. It
// concerns the flag or the cohort that it names, and no other. One that names neither concerns the whole document.
// The fields are for tools, String is for people; messages may change from version to version.
type Problem struct {
	// Flag is the key of the flag, empty for a cohort and for a flag whose key cannot be read.
	Flag string
	// Cohort is the id of the cohort, empty for a flag.
	Cohort string
	// Path leads to the place from the flag or the cohort, as in "filters.groups[0].rollout_percentage", or from
	// the document if neither is named. It is empty if the flag or the cohort as a whole is meant.
	Path string
	// Message completes the sentence that Path begins: "is a string, want a number".
	Message string
}

// String returns the problem on one line, such as
// flag "new-nav": filters.groups[0].rollout_percentage is a string, want a number.
func (p Problem) String() string {
	var b strings.Builder
	switch {
	case p.Flag != "":
		b.WriteString("flag " + strconv.Quote(p.Flag) + ": ")
	case p.Cohort != "":
		b.WriteString("cohort " + strconv.Quote(p.Cohort) + ": ")
	}
	b.WriteString(p.sentence())
	return b.String()
}

// sentence is the problem without the name of the flag or the cohort.
func (p Problem) sentence() string {
	if p.Path == "" {
		return "it " + p.Message
	}
	return p.Path + " " + p.Message
}
