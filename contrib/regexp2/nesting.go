package regexp2

// groupKind is what a parenthesis opens.
type groupKind uint8

const (
	none       groupKind = iota // nothing: it only sets flags
	plain                       // a group that is there to hold something together
	capturing                   // a group that can be repeated whatever is in it
	lookAround                  // something that is looked at, and not passed over
)

// nesting knows what a repetition at the current position of a pattern would repeat. The server refuses to repeat a place
// between characters, where .NET does not, and takes a plain group for what is in it.
type nesting struct {
	place bool // the last thing was a place
	open  []openGroup
}

type openGroup struct {
	kind groupKind
	more bool // it has more than places
}

// met notes characters, or a place.
func (n *nesting) met(characters bool) {
	n.place = !characters
	if top := len(n.open) - 1; top >= 0 && characters {
		n.open[top].more = true
	}
}

func (n *nesting) enter(kind groupKind) {
	n.place = false
	if kind != none {
		n.open = append(n.open, openGroup{kind: kind})
	}
}

// leave ends a group. A parenthesis too many is the engine's to complain about.
func (n *nesting) leave() {
	top := len(n.open) - 1
	if top < 0 {
		return
	}
	last := n.open[top]
	n.open = n.open[:top]
	n.met(last.kind == capturing || last.kind == plain && last.more)
}
