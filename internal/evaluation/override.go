package evaluation

import "maps"

// An Override is a value that takes the place of every other one, for tests and development.
type Override struct {
	// Enabled is whether the flag is on.
	Enabled bool
	// Variant is the variant of a flag that is on, empty for none.
	Variant string
	// Payload is the text of the payload, empty for none.
	Payload string
}

// SetOverrides makes overrides the values of the flags with these keys, in place of all earlier overrides, from the
// next question on. Nil or empty ends them. The map is copied. It may be called at any time.
func (e *Engine) SetOverrides(overrides map[string]Override) {
	if len(overrides) == 0 {
		e.overrides.Store(nil)
		return
	}
	held := maps.Clone(overrides)
	e.overrides.Store(&held)
}

// overridden returns the overrides, nil if there are none.
func (e *Engine) overridden() map[string]Override {
	if held := e.overrides.Load(); held != nil {
		return *held
	}
	return nil
}

// record is the Record of an override.
func (o Override) record(key string) Record {
	r := Record{
		Key: key, State: Found, Enabled: o.Enabled, Payload: o.Payload,
		Reason: "Overridden", ConditionIndex: -1, Source: Overridden,
	}
	if o.Enabled {
		r.Variant = o.Variant
	}
	return r
}
