package wire

const (
	maxDepth = 64
	maxValue = 16 << 20 // bytes; the server refuses an event long before
)

// nesting knows which containers are being encoded, from the property's value inwards, and how much text they
// have become. It ends cycles, and it ends values that are small in memory and endless in text, such as maps
// that hold each other many times over.
type nesting struct {
	open  [maxDepth]container
	depth int // how many of open are in use
	start int // length of the buffer where the property began, less what was written since and taken back
}

// A container is identified by where it is and how long it is: a slice of a longer slice's beginning is at the
// same place and still another container. The address is only compared; it keeps nothing alive.
type container struct {
	address uintptr
	length  int
}

// enter notes that c is being encoded into a buffer that is now size bytes long. It returns the reason why it
// must not be, or "". Every successful enter is followed by a leave.
func (n *nesting) enter(c container, size int) (reason string) {
	if n.depth == maxDepth {
		return reasonNested
	}
	if n.full(size) {
		return reasonSize
	}
	if c.length != 0 { // an empty container cannot hold itself
		for i := range n.depth {
			if n.open[i] == c {
				return reasonNested
			}
		}
	}
	n.open[n.depth] = c
	n.depth++
	return ""
}

// full reports whether a property whose buffer is, or would be, size bytes long is larger than allowed.
func (n *nesting) full(size int) bool { return n.left(size) < 0 }

// left is how much may follow in a buffer of size bytes.
func (n *nesting) left(size int) int { return n.start + maxValue - size }

// takeBack notes that this much was written in vain. It still counts, so that a large value in many places is not
// written, and taken back, for each of them.
func (n *nesting) takeBack(size int) { n.start -= size }

// leave ends the container entered last.
func (n *nesting) leave() { n.depth-- }
