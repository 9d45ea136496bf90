package posthog

// Properties are the properties of an event, a person or a group, by name.
// Values are anything that encoding/json accepts. A value that JSON cannot
// carry (a channel, a function, a cycle) is left out with a warning that
// names its key; NaN and the infinities become null. The library only reads a
// Properties during the call it is passed to, and never writes to it.
type Properties map[string]interface{}

// NewProperties returns an empty Properties, to be filled with Set.
func NewProperties() Properties {
	return make(Properties, 8)
}

// Set sets a property and returns p, so that calls can be chained. If p is
// nil, it returns a new Properties.
func (p Properties) Set(name string, value interface{}) Properties {
	if p == nil {
		p = NewProperties()
	}
	p[name] = value
	return p
}

// Merge copies props into p, overwriting properties of the same name, and
// returns p. A nil props changes nothing; if p is nil, it returns a copy of
// props.
func (p Properties) Merge(props Properties) Properties {
	if p == nil {
		p = make(Properties, len(props))
	}
	for name, value := range props {
		p[name] = value
	}
	return p
}

// Groups associates an event with groups: the key of the group for each group
// type, such as {"company": "acme"}. PostHog compares keys as text, so numbers
// are sent as text.
type Groups map[string]interface{}

// NewGroups returns an empty Groups, to be filled with Set.
func NewGroups() Groups {
	return make(Groups, 2)
}

// Set sets the group key for a group type and returns g, so that calls can be
// chained. If g is nil, it returns a new Groups.
func (g Groups) Set(name string, value interface{}) Groups {
	if g == nil {
		g = NewGroups()
	}
	g[name] = value
	return g
}

// Ptr returns a pointer to v, for the optional fields of [Config].
func Ptr[T any](v T) *T {
	return &v
}
