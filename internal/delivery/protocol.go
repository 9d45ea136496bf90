package delivery

import (
	"time"

	"github.com/hedgerow/posthog/internal/queue"
	"github.com/hedgerow/posthog/internal/transport"
)

// Protocol knows one endpoint: what a request to it looks like, and what its
// answers mean. Its methods run on senders' goroutines, several at once.
type Protocol interface {
	// Path is the path of the endpoint. It names the endpoint in messages.
	Path() string
	// Request returns the request for a.
	Request(a *Attempt) transport.Request
	// Read completes the answer to a with what only the endpoint's users know.
	// The Results it finds are empty, and it may append to them. It may change
	// the Outcome. The answer's Body is gone when Read has returned.
	Read(a *Attempt, answer *Answer)
}

// Attempt is what tells the requests for a batch from each other.
type Attempt struct {
	// ID is the batch's. It stays the same as long as some of its records are
	// sent again. The halves of a batch that was too large have new ones.
	ID [16]byte
	// Number counts the requests with this ID, from 1.
	Number int
	// Created is when the records were first put on the wire together.
	Created time.Time
	// At is when this request is made, to the microsecond. No two requests of a
	// batch have the same.
	At time.Time
	// Records are what is sent.
	Records []queue.Record
}

// Advance makes a the next attempt. The lane does it before it asks for a
// request; a Protocol does it for one that the transport makes by itself.
func (a *Attempt) Advance(now time.Time) {
	now = now.Truncate(time.Microsecond)
	if !now.After(a.At) {
		now = a.At.Add(time.Microsecond)
	}
	a.Number++
	a.At = now
	if a.Created.IsZero() {
		a.Created = now
	}
}

// Answer is what came back from an attempt.
type Answer struct {
	transport.Response

	// Reading says what the answer decides, if Outcome is Delivered or Rejected.
	Reading Reading
	// Word is the server's for all records, if Reading is Alike and it has one.
	Word string
	// Results are what it says about each record of the attempt, in their
	// order, if Reading is Each.
	Results []Result
	// Code and Description are the reason that the endpoint gives for taking
	// nothing.
	Code, Description string
}

// Reading is what an answer decides.
type Reading uint8

// The readings.
const (
	// Alike: the Outcome holds for every record. It is the zero value.
	Alike Reading = iota
	// Each: every record has a result of its own.
	Each
	// Garbled: the answer came whole, and is not one of the endpoint's.
	Garbled
	// Doubled: everything is refused because two records have one uuid.
	Doubled
)

// Result is what an answer says about one record.
type Result struct {
	Fate    Fate
	Word    string // the server's; "" if it said nothing
	Details string // and its reason, if it gave one
}

// Fate is what a Result means.
type Fate uint8

// The fates.
const (
	Unmentioned Fate = iota // the answer does not mention the record
	Stored                  // the server has it
	Refused                 // the server does not want it
	Limited                 // the project has used up what it may
	Again                   // the server wants it again
)

// outcome is how a record with this fate ends, if it does.
func (f Fate) outcome() (o queue.Outcome, ends bool) {
	switch f {
	case Stored:
		return queue.Delivered, true
	case Refused:
		return queue.Rejected, true
	case Limited:
		return queue.OverLimit, true
	case Again:
		return 0, false
	}
	return queue.Unconfirmed, true
}
