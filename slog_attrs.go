package posthog

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"

	"github.com/hedgerow/posthog/internal/wire"
)

// Limits of what becomes of attributes.
const (
	maxLogFields = 64    // properties of a record
	maxLogText   = 1024  // bytes of one
	maxLogGroups = 16    // groups in groups
	maxLogAttrs  = 1_000 // attributes below one that are looked at, because LogValue may return endless ones
	maxLogValues = 100   // times that LogValue is called for one value, as package slog does
)

// logField is an attribute as a property.
type logField struct {
	key   string
	value any // an error stands for its text
}

// attrReader finds the error among attributes, and turns them into properties.
type attrReader struct {
	options *SlogOptions
	wanted  bool // properties are

	fields []logField
	named  error // the first one whose key says that it is an error
	other  error // the first other one
	seen   int   // attributes below the one that is being read
}

// read reads an attribute that is in those groups. Prefix goes before its key.
func (r *attrReader) read(prefix string, groups []string, a slog.Attr) {
	r.seen = 0
	r.visit(prefix, groups, a)
}

// visit reads an attribute, or one below it.
func (r *attrReader) visit(prefix string, groups []string, a slog.Attr) {
	if r.seen++; r.seen > maxLogAttrs {
		return
	}
	err := errorOf(a.Value)
	value := resolved(a.Value)
	if err == nil {
		err = errorOf(value)
	}
	if err != nil {
		r.found(a.Key, err)
	}
	if value.Kind() != slog.KindGroup {
		a.Value = value
		r.add(prefix, groups, a)
		return
	}
	if a.Key != "" {
		prefix += a.Key + "."
		groups = append(slices.Clip(groups), a.Key)
	}
	if len(groups) > maxLogGroups {
		return
	}
	for _, member := range value.Group() {
		r.visit(prefix, groups, member)
	}
}

// found notes an error, unless a better one is known.
func (r *attrReader) found(key string, err error) {
	switch {
	case namesError(key):
		if r.named == nil {
			r.named = err
		}
	case r.other == nil:
		r.other = err
	}
}

// error returns the best error so far, or nil.
func (r *attrReader) error() error {
	if r.named != nil {
		return r.named
	}
	return r.other
}

// namesError reports whether an attribute of that key is the error that a record
// is about.
func namesError(key string) bool {
	for _, name := range [...]string{"err", "error", "exception", "cause"} {
		if strings.EqualFold(key, name) {
			return true
		}
	}
	return false
}

// add makes an attribute whose value is resolved a property, if it is to be one.
func (r *attrReader) add(prefix string, groups []string, a slog.Attr) {
	if !r.wanted || a.Key == "" || len(prefix)+len(a.Key) > maxLogText || strings.HasPrefix(prefix+a.Key, "$exception_") {
		return
	}
	if keep := r.options.AttrFilter; keep != nil {
		if kept, _ := guarded(func() bool { return keep(slices.Clip(groups), a) }); !kept {
			return
		}
	}
	r.fields = append(r.fields, logField{prefix + a.Key, propertyOf(a.Value)})
}

// propertyOf returns a value as a property. It keeps nothing that somebody may
// change, but for errors.
func propertyOf(v slog.Value) any {
	switch v.Kind() {
	case slog.KindString:
		return brief(v.String())
	case slog.KindDuration:
		return v.Duration().String()
	case slog.KindAny:
		if err, ok := v.Any().(error); ok {
			return err
		}
		return snapshot(v.Any())
	}
	return v.Any()
}

// snapshot returns a value as JSON, as a text if it is too long, or its type if
// JSON has no form for it.
func snapshot(value any) any {
	if value == nil {
		return nil
	}
	var e wire.Encoder
	text, ok := e.AppendValue(nil, value)
	switch {
	case !ok:
		return fmt.Sprintf("(%T)", value)
	case len(text) <= maxLogText:
		return json.RawMessage(text)
	case text[0] == '"':
		var whole string
		if json.Unmarshal(text, &whole) == nil {
			return brief(whole)
		}
	}
	return brief(string(text))
}

// logProperties returns fields as properties. Of those of one key the last one
// counts, and of too many the last ones do.
func logProperties(fields []logField) Properties {
	if len(fields) == 0 {
		return nil
	}
	p := make(Properties, min(len(fields), maxLogFields)+1)
	for _, f := range slices.Backward(fields) {
		if len(p) == maxLogFields {
			break
		}
		if _, later := p[f.key]; later {
			continue
		}
		if err, ok := f.value.(error); ok {
			f.value = brief(errorText(err))
		}
		p[f.key] = f.value
	}
	return p
}

// errorText returns the text of an error, or what became of asking for it.
func errorText(err error) string {
	text, ok := guarded(err.Error)
	if !ok {
		return fmt.Sprintf("<panic in Error(): %T>", err)
	}
	return text
}

// errorOf returns the error that a value is, or that it wraps without being one,
// or nil.
func errorOf(v slog.Value) error {
	if kind := v.Kind(); kind != slog.KindAny && kind != slog.KindLogValuer {
		return nil
	}
	value := v.Any()
	err, ok := value.(error)
	if !ok {
		if wrapper, wraps := value.(interface{ Unwrap() error }); wraps {
			err, _ = guarded(wrapper.Unwrap)
		}
	}
	if pointer := reflect.ValueOf(err); pointer.Kind() == reflect.Pointer && pointer.IsNil() {
		return nil
	}
	return err
}

// resolved returns a value that is no LogValuer. A LogValue that panics is a text
// that says so.
func resolved(v slog.Value) slog.Value {
	for range maxLogValues {
		if v.Kind() != slog.KindLogValuer {
			return v
		}
		valuer := v.LogValuer()
		var ok bool
		if v, ok = guarded(valuer.LogValue); !ok {
			return slog.StringValue(fmt.Sprintf("<panic in LogValue(): %T>", valuer))
		}
	}
	return slog.StringValue("<LogValue has no end>")
}

// guarded returns what a function of the application returns, and false if it
// panics.
func guarded[T any](call func() T) (result T, ok bool) {
	defer func() {
		if !ok {
			_ = recover()
		}
	}()
	return call(), true
}

// brief returns the beginning of a text that is too long for a property, without
// holding on to the rest.
func brief(text string) string {
	if len(text) <= maxLogText {
		return text
	}
	return strings.Clone(shortened(text, maxLogText))
}
