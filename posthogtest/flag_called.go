package posthogtest

// FlagCalled states that exactly one $feature_flag_called event tells of this
// flag, and that it had this value: true, false or a variant. It returns the
// event for more statements. Use [Recorder.For] where several persons have the
// flag.
func (r *Recorder) FlagCalled(key string, value any) *EventCheck {
	r.tb.Helper()
	events := r.Events()
	var found []Event
	var keys []string
	for _, e := range named(events, "$feature_flag_called") {
		called := text(e.Properties["$feature_flag"])
		keys = append(keys, called)
		if called == key {
			found = append(found, e)
		}
	}
	if len(found) == 1 {
		check := &EventCheck{tb: r.tb, event: found[0], ok: true}
		return check.Property("$feature_flag_response", value)
	}
	hint := ""
	if near := nearest(key, keys); len(found) == 0 && near != "" {
		hint = "  nearest: flag " + quote(near) + "\n"
	}
	r.tb.Errorf("want exactly 1 $feature_flag_called of flag %s%s, got %d\n%s%s", quote(key), r.scope(), len(found), hint, r.arrivals(events))
	return &EventCheck{tb: r.tb}
}
