package posthog

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/hedgerow/posthog/internal/wire"
)

// ExceptionMechanism says how an error came to be reported. What is not known
// is left out.
type ExceptionMechanism struct {
	// Handled says whether the application dealt with the error.
	Handled *bool `json:"handled,omitempty"`
	// Synthetic says whether the error, or its stack, was made up for the report.
	Synthetic *bool `json:"synthetic,omitempty"`
	// Type is the boundary that reported it, such as "generic" or "panic", or
	// any other word; a client makes it "chained" for all but the first of a chain.
	Type string `json:"type,omitempty"`
	// Source says how an error of a chain hangs on its parent: "cause",
	// "member", and so on. A client leaves out that of the first.
	Source string `json:"source,omitempty"`
	// ExceptionID numbers the errors of a chain. A client makes it their place in
	// the list, from 0, and keeps to it in ParentID.
	ExceptionID *int `json:"exception_id,omitempty"`
	// ParentID is the ExceptionID of the error that this one hangs on, which must
	// stand before it. Default: the one just before.
	ParentID *int `json:"parent_id,omitempty"`
	// Extra are further members of the object, of any names but those above. What
	// JSON cannot carry is left out.
	Extra Properties `json:"-"`
}

// bareMechanism is a mechanism without a method, and without Extra.
type bareMechanism ExceptionMechanism

// MarshalJSON returns the fields that are set, and Extra.
func (m ExceptionMechanism) MarshalJSON() ([]byte, error) {
	text, err := json.Marshal(bareMechanism(m))
	if err != nil || len(m.Extra) == 0 {
		return text, err
	}
	var e wire.Encoder
	text = text[:len(text)-1]
	for _, name := range slices.Sorted(maps.Keys(m.Extra)) {
		switch name {
		case "handled", "synthetic", "type", "source", "exception_id", "parent_id":
		default:
			text = e.AppendProperty(text, name, m.Extra[name])
		}
	}
	return append(text, '}'), nil
}
