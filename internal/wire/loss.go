package wire

import "strconv"

// maxLosses bounds what an Encoder remembers for one event, so that a list of a million functions does not
// cost a million records.
const maxLosses = 64

// A Loss names a value that could not be encoded. It never holds the value, nor text a caller's method produced.
type Loss struct {
	// Key is the path to the value: the property's key, then the keys and list positions below it, joined by
	// dots. It is empty for a value encoded by itself.
	Key string
	// Reason is a short phrase for a log line, such as "func has no JSON form" or "MarshalJSON panicked".
	Reason string
}

// TooLarge reports whether the value was left out because of its size alone, which is beyond that of any event.
func (l Loss) TooLarge() bool { return l.Reason == reasonSize }

// Reasons for a Loss. A value of an unsupported kind is described by the kind and reasonNoForm.
const (
	reasonNested   = "nested deeper than 64 levels or cyclic"
	reasonSize     = "larger than 16 MiB"
	reasonNoForm   = " has no JSON form"
	reasonKey      = "map key has no text form"
	reasonTime     = "time outside the years 0 to 9999"
	reasonNumber   = "json.Number is not a number"
	reasonRaw      = "json.RawMessage is not valid JSON"
	reasonManyLost = "further values were lost"
)

// Losses returns what was left out since the last Reset, and nil if nothing was. After 64 losses one entry
// stands for all the rest. The caller may keep the slice.
func (e *Encoder) Losses() []Loss { return e.losses }

// lose records the loss of the value being encoded; the containers around it add their keys on the way out.
func (e *Encoder) lose(reason string) {
	switch n := len(e.losses); {
	case n < maxLosses:
		e.losses = append(e.losses, Loss{Reason: reason})
	case n == maxLosses:
		e.losses = append(e.losses, Loss{Reason: reasonManyLost})
	}
}

// within puts key before the path of every loss after the first known ones. Containers call it only when the
// number of losses has grown, so a path costs nothing until there is something to report.
func (e *Encoder) within(key string, known int) {
	for i := known; i < len(e.losses); i++ {
		loss := &e.losses[i]
		if loss.Key == "" {
			loss.Key = key
		} else {
			loss.Key = key + "." + loss.Key
		}
	}
}

// withinElement is within for the element of a list.
func (e *Encoder) withinElement(index, known int) {
	e.within(strconv.Itoa(index), known)
}
