package stack

import (
	"reflect"
	"runtime"
	"slices"
)

const (
	// MaxExceptions is how many errors of a tree PostHog takes.
	MaxExceptions = 50

	maxDepth   = 100   // of a tree; only shells around shells go so deep
	maxMembers = 1_000 // of an error that are looked at; there are more only if most of them are the same
)

// How an error hangs on the one above it, as PostHog calls it.
const (
	viaUnwrap  = "unwrap"
	viaMember  = "member"
	viaCause   = "cause"
	viaContext = "context"
)

// A Tree is what was read from an error and the errors that it wraps. It holds texts and program counters, and none
// of the errors, so it can be kept and used by any goroutine. The zero value is empty.
type Tree struct {
	nodes []node
	made  bool // of a value that is no error
}

// A node is one error of a tree.
type node struct {
	title, module, value string
	parent               int    // index of the error above it
	source               string // how it hangs on that
	stack                calls
	opaque               bool // the title says nothing
}

// Walk reads an error, those that it wraps, and so on, at most [MaxExceptions]: each before those below it, and
// those of one error in its order. It calls Error, Unwrap and Cause of each on the calling goroutine and survives
// their panics. No error is read twice, so a circle ends. A nil error gives an empty tree.
//
// Namer gives errors their titles; one that returns "" leaves it to the rules: what a method ErrorType() string
// says, "runtime.Error" for what the runtime raises, or else the name of the type. Namer may be nil.
func Walk(err error, namer func(error) string) Tree {
	if err == nil {
		return Tree{}
	}
	w := walker{namer: namer, nodes: make([]node, 0, 3)} // as much as most errors need
	w.visit(err, 0, "", calls{}, nil)
	w.entitle()
	return Tree{nodes: w.nodes}
}

// Empty says whether there is nothing to report.
func (t Tree) Empty() bool { return len(t.nodes) == 0 }

// Title returns the type of the first exception, "" of an empty tree.
func (t Tree) Title() string {
	if t.Empty() {
		return ""
	}
	return t.nodes[0].title
}

// Value returns the message of the first exception.
func (t Tree) Value() string {
	if t.Empty() {
		return ""
	}
	return t.nodes[0].value
}

// calls are a stack that an error brought along, in one of two forms.
type calls struct {
	pcs    []uintptr       // return addresses, innermost first
	frames []runtime.Frame // innermost first
}

func (c calls) empty() bool { return len(c.pcs) == 0 && len(c.frames) == 0 }

// A walker is a walk on its way.
type walker struct {
	namer   func(error) string
	nodes   []node
	visited errorSet // those that are pointers, or alike
}

// A trail leads from an error that is being read back to the root. It is kept on the stack of the walk.
type trail struct {
	err   error
	above *trail // nil of the root
	depth int    // the root has 1
}

// contains says whether the trail leads through err.
func (p *trail) contains(err error) bool {
	for ; p != nil; p = p.above {
		if p.err == err { //nolint:errorlint // the very same
			return true
		}
	}
	return false
}

// An errorSet holds errors that can be compared. The first ones need no memory of their own.
type errorSet struct {
	first [6]error
	n     int // of first
	more  []error
}

func (s *errorSet) contains(err error) bool {
	return slices.Contains(s.first[:s.n], err) || slices.Contains(s.more, err)
}

func (s *errorSet) add(err error) {
	if s.n == len(s.first) {
		s.more = append(s.more, err)
		return
	}
	s.first[s.n] = err
	s.n++
}

// visit reads err and what is below it. Handed is the stack of a wrapper above it that is left out.
func (w *walker) visit(err error, parent int, source string, handed calls, above *trail) {
	here := trail{err, above, 1}
	if above != nil {
		here.depth = above.depth + 1
	}
	if err == nil || len(w.nodes) == MaxExceptions || here.depth > maxDepth || w.met(err, above) {
		return
	}
	own := stackOf(err)
	if own.empty() {
		own = handed
	}
	members, how, child := children(err)
	value := textOf(err)
	if len(members) == 1 {
		child, members = members[0], nil
	}
	if child != nil && here.depth < maxDepth && w.redundant(err, child, value, own) {
		w.visit(child, parent, source, own, &here)
		return
	}
	at := len(w.nodes)
	title, module, opaque := w.name(err)
	w.nodes = append(w.nodes, node{
		title: title, module: module, value: value,
		parent: parent, source: source, stack: own, opaque: opaque,
	})
	w.visit(child, at, how, calls{}, &here)
	for _, member := range members {
		w.visit(member, at, how, calls{}, &here)
	}
}

// met says whether err was read before and remembers it. Of errors that are plain values, two equal ones may be
// two errors, unless one wraps the other.
func (w *walker) met(err error, above *trail) bool {
	switch reflect.TypeOf(err).Kind() {
	case reflect.Pointer, reflect.Chan, reflect.UnsafePointer:
		if w.visited.contains(err) {
			return true
		}
		w.visited.add(err)
		return false
	}
	return reflect.ValueOf(err).Comparable() && above.contains(err)
}

// redundant says whether err is a shell that does nothing but add a stack to its only child: its type is private,
// its text that of the child, and the child has no stack and was not read before.
func (w *walker) redundant(err, child error, value string, own calls) bool {
	if own.empty() || !private(reflect.TypeOf(err)) || textOf(child) != value {
		return false
	}
	if !stackOf(child).empty() {
		return false
	}
	return !reflect.ValueOf(child).Comparable() || !w.visited.contains(child)
}

// entitle gives the first exception the name of the first type down its chain that says something, if its own does
// not: "fmt.wrapError" would be the title of half of all issues.
func (w *walker) entitle() {
	for at := 0; at < len(w.nodes); {
		if !w.nodes[at].opaque {
			w.nodes[0].title, w.nodes[0].module = w.nodes[at].title, w.nodes[at].module
			return
		}
		next := at + 1 // the first child follows its parent
		if next == len(w.nodes) || w.nodes[next].parent != at {
			return
		}
		at = next
	}
}

// children returns the errors that err wraps, and how: several, or one child. An Unwrap that panics wraps nothing.
func children(err error) (members []error, how string, child error) {
	defer func() {
		if recover() != nil {
			members, how, child = nil, "", nil
		}
	}()
	switch err := err.(type) { //nolint:errorlint // each error of the tree has its turn
	case interface{ Unwrap() []error }:
		members := err.Unwrap()
		return members[:min(len(members), maxMembers)], viaMember, nil
	case interface{ Unwrap() error }:
		return nil, viaUnwrap, err.Unwrap()
	case interface{ Cause() error }:
		return nil, viaCause, err.Cause()
	}
	return nil, "", nil
}

// textOf returns the message of an error, or what became of asking for it.
func textOf(err error) (text string) {
	defer func() {
		if recover() == nil {
			return
		}
		if v := reflect.ValueOf(err); v.Kind() == reflect.Pointer && v.IsNil() {
			text = "<nil>"
			return
		}
		text = clip("<panic in Error(): "+reflect.TypeOf(err).String()+">", maxValue)
	}()
	return clip(err.Error(), maxValue)
}
