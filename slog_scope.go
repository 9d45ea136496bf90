package posthog

import (
	"log/slog"
	"slices"
)

// logScope is what a logger was given with With and WithGroup. It is immutable.
type logScope struct {
	prefix string     // of the keys that follow
	groups []string   // that are open, outermost first
	fields []logField // what becomes of the attributes, the latest of them
	named  error      // the latest error whose key says that it is one
	other  error      // the latest other one
	steps  []logStep  // the same as it was given, for functions of the application
}

// logStep is one With or WithGroup.
type logStep struct {
	group string // empty of a With
	attrs []slog.Attr
}

// with returns the scope with attributes added.
func (s *logScope) with(attrs []slog.Attr, options *SlogOptions) logScope {
	r := attrReader{options: options, wanted: options.wantsAttrs()}
	for _, a := range attrs {
		r.read(s.prefix, s.groups, a)
	}
	inner := *s
	inner.fields = slices.Concat(s.fields, r.fields)
	inner.fields = inner.fields[max(len(inner.fields)-maxLogFields, 0):]
	if r.named != nil {
		inner.named = r.named
	}
	if r.other != nil {
		inner.other = r.other
	}
	if options.readsRecords() {
		inner.steps = append(slices.Clip(s.steps), logStep{attrs: attrs})
	}
	return inner
}

// within returns the scope with a group opened.
func (s *logScope) within(group string, options *SlogOptions) logScope {
	inner := *s
	inner.prefix = s.prefix + group + "."
	inner.groups = append(slices.Clip(s.groups), group)
	if options.readsRecords() {
		inner.steps = append(slices.Clip(s.steps), logStep{group: group})
	}
	return inner
}

// around returns r with the scope's attributes.
func (s *logScope) around(r slog.Record) slog.Record {
	if len(s.steps) == 0 {
		return r
	}
	attrs := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	for _, step := range slices.Backward(s.steps) {
		if step.group == "" {
			attrs = slices.Concat(step.attrs, attrs)
		} else { // package slog leaves out an empty one
			attrs = []slog.Attr{{Key: step.group, Value: slog.GroupValue(attrs...)}}
		}
	}
	whole := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	whole.AddAttrs(attrs...)
	return whole
}

// read returns the error that a record is about, or nil.
func (s *logScope) read(r slog.Record) error {
	var reader attrReader
	reader.record(s, r)
	for _, err := range [...]error{reader.named, s.named, reader.other} {
		if err != nil {
			return err
		}
	}
	return s.other
}

// properties returns the attributes of a record, and of the scope, as
// properties.
func (s *logScope) properties(r slog.Record, options *SlogOptions) Properties {
	reader := attrReader{options: options, wanted: true, fields: slices.Clip(s.fields)}
	reader.record(s, r)
	return logProperties(reader.fields)
}

// record reads the attributes of a record of that scope.
func (r *attrReader) record(s *logScope, record slog.Record) {
	record.Attrs(func(a slog.Attr) bool {
		r.read(s.prefix, s.groups, a)
		return true
	})
}
