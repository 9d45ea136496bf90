package stack

import "math"

// An Exception is one entry of $exception_list.
type Exception struct {
	// Type is the title of the issue.
	Type string `json:"type"`
	// Value is the message. It may be empty.
	Value string `json:"value"`
	// Module is the import path of the error's type where Type does not say it.
	Module string `json:"module,omitempty"`
	// ThreadID is the goroutine, 0 if unknown.
	ThreadID int32 `json:"thread_id,omitempty"`
	// Mechanism says how the exception came to be reported.
	Mechanism Mechanism `json:"mechanism"`
	// Stack says where. Nil means that nobody knows.
	Stack *Stack `json:"stacktrace,omitempty"`
}

// A Mechanism says how an exception came to be reported, and where in the tree it belongs. What is not known is left
// out.
type Mechanism struct {
	// Type is the boundary that reported the first exception, and "chained" of all others.
	Type string `json:"type,omitempty"`
	// Source is how the exception hangs on its parent: "unwrap", "member", "cause" or "context".
	Source string `json:"source,omitempty"`
	// Handled says whether the application dealt with the error.
	Handled *bool `json:"handled,omitempty"`
	// Synthetic says whether the error, or its stack, was made up for the report.
	Synthetic *bool `json:"synthetic,omitempty"`
	// ID is the position in the list.
	ID int `json:"exception_id"`
	// Parent is the ID of the exception above it. The first one has none.
	Parent *int `json:"parent_id,omitempty"`
}

// A Stack is the calls of one goroutine, the outermost first.
type Stack struct {
	// Type is "raw".
	Type string `json:"type"`
	// Frames may be empty, which keeps PostHog from grouping by the message. They are shared with other stacks, and
	// must not be changed.
	Frames []*Frame `json:"frames"`
}

// A Boundary is the place where the library was told of an error.
type Boundary struct {
	// Mechanism is its category, such as "generic" or "panic". Empty leaves it out.
	Mechanism string
	// Handled says whether the application dealt with the error. Nil leaves it out.
	Handled *bool
	// Synthetic overrides what the stack and the value say. Nil leaves it to them.
	Synthetic *bool
	// Goroutine is the id of the goroutine, 0 if unknown. Ids that PostHog cannot read are left out.
	Goroutine uint64
}

// A detail is what an exception refers to. Those of a list are one piece of memory.
type detail struct {
	handled, synthetic bool
	parent             int
	stack              Stack
}

// Exceptions returns the list of what was read, the error that was reported first. It has one entry at least unless
// the tree is empty. Texts are bounded, and so is everything else.
//
// Trace is the stack at the boundary; nil, or an empty one, means there is none. It goes to the first exception if no
// error of the tree has one, or, of a panic, if the first has none. Nothing of it is kept.
func (r *Rules) Exceptions(t Tree, trace *Trace, b Boundary) []Exception {
	if t.Empty() {
		return nil
	}
	var p patience
	list, details, owns := make([]Exception, len(t.nodes)), make([]detail, len(t.nodes)), false
	for i := range t.nodes {
		r.describe(&list[i], &details[i], &t.nodes[i], i, &p)
		owns = owns || list[i].Stack != nil && len(list[i].Stack.Frames) > 0
	}
	first, its := &list[0], &details[0]
	first.Mechanism.Source, first.Mechanism.Parent = "", nil
	first.Mechanism.Type = b.Mechanism
	if b.Handled != nil {
		its.handled = *b.Handled
		first.Mechanism.Handled = &its.handled
	}
	if b.Goroutine <= math.MaxInt32 {
		first.ThreadID = int32(b.Goroutine)
	}
	its.synthetic = t.made
	panicked := trace != nil && trace.panicked
	if first.Stack == nil && (!owns || panicked || r.options.AlwaysCaptureSite) {
		if frames := r.captured(trace, &p); len(frames) > 0 {
			first.Stack = its.raw(frames)
			its.synthetic = t.made || !panicked
		}
	}
	if first.Stack == nil && len(list) > 1 && owns {
		first.Stack = r.noStack(its)
	}
	if b.Synthetic != nil {
		its.synthetic = *b.Synthetic
	}
	return list
}

// describe fills in the entry of a node further down the tree.
func (r *Rules) describe(e *Exception, its *detail, n *node, id int, p *patience) {
	its.parent = n.parent
	*e = Exception{
		Type: n.title, Value: n.value, Module: n.module,
		Mechanism: Mechanism{Type: "chained", Source: n.source, Synthetic: &its.synthetic, ID: id, Parent: &its.parent},
	}
	if e.Type == "" {
		e.Type = unknown
	}
	var calls []*place
	switch {
	case len(n.stack.frames) > 0:
		calls = r.places(n.stack.frames)
	case len(n.stack.pcs) > 0:
		calls = r.at(nil, n.stack.pcs)
	}
	switch {
	case len(calls) > 0:
		e.Stack = its.raw(r.frames(withoutLibrary(calls), p))
	case id > 0:
		e.Stack = r.noStack(its)
	}
}

// NoStack returns the stack of an exception further down the list that has none: an empty one with
// [Options.StableGrouping], nil without.
func (r *Rules) NoStack() *Stack { return r.noStack(new(detail)) }

func (r *Rules) noStack(its *detail) *Stack {
	if !r.options.StableGrouping {
		return nil
	}
	return its.raw([]*Frame{})
}

// raw returns the stack of these frames.
func (d *detail) raw(frames []*Frame) *Stack {
	d.stack = Stack{Type: "raw", Frames: frames}
	return &d.stack
}

// Supersede returns the exceptions of a panic that replaced another one, followed by those of the panic that it
// replaced. The later one stays first, and the earlier one hangs on it.
func Supersede(later, earlier []Exception) []Exception {
	if len(later) == 0 {
		return earlier
	}
	list := append([]Exception(nil), later...)
	for i := range earlier {
		if len(list) == MaxExceptions {
			break
		}
		e := earlier[i]
		e.Mechanism.ID = len(list)
		if i == 0 {
			e.Mechanism.Type, e.Mechanism.Source, e.Mechanism.Handled = "chained", viaContext, nil
			e.Mechanism.Parent = new(0)
		} else {
			e.Mechanism.Parent = new(*e.Mechanism.Parent + len(later))
		}
		list = append(list, e)
	}
	return list
}
