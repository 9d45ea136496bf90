package wire

// An Encoder appends property values of any Go type as JSON and remembers what it had to leave out.
//
// The zero value is ready. An Encoder is meant to be reused, with [Encoder.Reset] between events. It is not for
// concurrent use, nor for copying once used. Scalars, times, and maps and slices of them are encoded without
// allocating; structs and types with their own MarshalJSON cost what encoding/json costs.
//
// Values look as encoding/json writes them, with these differences: NaN and the infinities are null, an error
// is its message (unless it marshals itself), map keys keep Go's order, '<', '>' and '&' are not escaped, and a
// value that cannot be written (a func, a chan, a complex number, a failed or panicking MarshalJSON, a cycle,
// anything nested deeper than 64 levels or, with what surrounds it, larger than 16 MiB) loses only itself: it is
// left out of an object, and null in an array. An array that has reached 16 MiB ends there.
type Encoder struct {
	losses  []Loss
	nesting nesting
	std     standardEncoder
	shapes  shapes

	salvaging bool // inside a struct that encoding/json refused
}

// Reset makes e ready for the next event by forgetting the losses of the last. A slice Losses returned stays
// valid.
func (e *Encoder) Reset() {
	e.losses = nil
	e.nesting.depth = 0
}

// AppendProperties appends each member of m as [Encoder.AppendProperty] does, in Go's map order, and returns
// the extended buffer. It appends no braces, so that members of several maps can share an object.
func (e *Encoder) AppendProperties(dst []byte, m map[string]any) []byte {
	for key, value := range m {
		dst = e.AppendProperty(dst, key, value)
	}
	return dst
}

// AppendProperty appends `"key":value` and returns the extended buffer. A comma goes first unless dst ends in
// '{'; an empty dst gets the comma too, so that members encoded on their own can be spliced in after others.
// For a value JSON cannot carry it appends nothing and records a [Loss].
func (e *Encoder) AppendProperty(dst []byte, key string, value any) []byte {
	if e.nesting.depth == 0 {
		e.nesting.start = len(dst)
	}
	known, start := len(e.losses), len(dst)
	if start == 0 || dst[start-1] != '{' {
		dst = append(dst, ',')
	}
	dst = append(AppendString(dst, key), ':')
	var ok bool
	if e.nesting.full(len(dst)) {
		dst, ok = e.refuse(e.takeBack(dst, start), reasonSize)
	} else {
		dst, ok = e.appendValue(dst, value)
	}
	if len(e.losses) != known {
		e.within(key, known)
	}
	if !ok {
		return dst[:start]
	}
	return dst
}

// Lose records that the property key is lost for a reason the caller has. It is for callers that put properties
// together.
func (e *Encoder) Lose(key, reason string) {
	known := len(e.losses)
	e.lose(reason)
	e.within(key, known)
}

// Within puts key before the path of every loss after the first known ones. It is for callers that write the braces
// of an object themselves, and know how many losses there were before it.
func (e *Encoder) Within(key string, known int) { e.within(key, known) }

// AppendValue appends value alone and returns the extended buffer. If JSON cannot carry it, ok is false, out is
// dst as it was, and a [Loss] with an empty key is recorded.
func (e *Encoder) AppendValue(dst []byte, value any) (out []byte, ok bool) {
	if e.nesting.depth == 0 {
		e.nesting.start = len(dst)
	}
	return e.appendValue(dst, value)
}
