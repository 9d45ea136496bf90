package evaluation

import (
	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/internal/wire"
)

// A Request is what a question about flags is about. The Engine only reads it, and keeps nothing of it.
type Request struct {
	// Subject is whom the flags are evaluated for. Its Now is the time of the question if it is zero. The server is
	// told DistinctID, DeviceID, PersonProperties and the Properties of Groups. Without a DistinctID it is not asked.
	Subject flags.Subject
	// Groups are the group keys by group type, for the server; Subject.Groups has the same ones for local evaluation.
	Groups map[string]any
	// Keys are the flags that Engine.All is asked for: nil for all of them, empty for none.
	Keys []string
	// OnlyLocally forbids requests, and answers that came from one.
	OnlyLocally bool
	// DisableGeoIP keeps the server from deriving properties from the address of the request.
	DisableGeoIP bool
}

// body is what the server is asked. The keys are kept as they are: nil asks for all flags.
func (r *Request) body(keys, contexts []string) wire.FlagsRequest {
	return wire.FlagsRequest{
		DistinctID:         r.Subject.DistinctID,
		DeviceID:           r.Subject.DeviceID,
		Groups:             r.Groups,
		PersonProperties:   r.Subject.PersonProperties,
		GroupProperties:    r.groupProperties,
		GeoIPDisable:       r.DisableGeoIP,
		Keys:               keys,
		EvaluationContexts: contexts,
	}
}

// groupProperties are those of each group that has any. Of several groups of one type the first counts.
func (r *Request) groupProperties(yield func(string, map[string]any) bool) {
	for i := range r.Subject.Groups {
		g := &r.Subject.Groups[i]
		if len(g.Properties) > 0 && r.firstOfType(i) && !yield(g.Type, g.Properties) {
			return
		}
	}
}

// firstOfType reports whether no group before i has the same type.
func (r *Request) firstOfType(i int) bool {
	for j := range i {
		if r.Subject.Groups[j].Type == r.Subject.Groups[i].Type {
			return false
		}
	}
	return true
}
