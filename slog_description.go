package posthog

import (
	"context"
	"log/slog"
	"slices"
	"strings"
)

// DescriptionExtractor returns the text of an exception; see
// [SlogOptions.DescriptionExtractor]. [ErrorExtractor] is one.
type DescriptionExtractor interface {
	// ExtractDescription returns the text for a record. If that is empty, the
	// record is not captured. It may be called by several goroutines at once.
	ExtractDescription(r slog.Record) string
}

// ErrorExtractor returns the text of the first error of a record that has one
// of these keys.
type ErrorExtractor struct {
	// ErrorKeys are the keys to look at, in upper or lower case. The key of a
	// group stands for what is in it.
	ErrorKeys []string
	// Fallback is the text for records without such an error. If it is empty,
	// they are not captured.
	Fallback string
}

// ExtractDescription returns the text of the error, or the fallback.
func (e ErrorExtractor) ExtractDescription(r slog.Record) string {
	var found error
	r.Attrs(func(a slog.Attr) bool {
		if slices.ContainsFunc(e.ErrorKeys, func(key string) bool { return strings.EqualFold(key, a.Key) }) {
			var reader attrReader
			reader.read("", nil, a)
			found = reader.error()
		}
		return found == nil
	})
	if found == nil {
		return e.Fallback
	}
	return errorText(found)
}

// SlogAttrsAsProperties returns every attribute of a record as it is, for
// [WithPropertiesFn]. Other than by default, nothing is cut, and durations are
// numbers of nanoseconds. Those of groups have keys such as "http.status".
func SlogAttrsAsProperties(_ context.Context, r slog.Record) Properties {
	p := NewProperties()
	r.Attrs(func(a slog.Attr) bool {
		addAttr(p, "", a, maxLogGroups)
		return true
	})
	return p
}

// addAttr adds an attribute, or those of a group that is up to so many groups
// deep.
func addAttr(p Properties, prefix string, a slog.Attr, groups int) {
	value := resolved(a.Value)
	if value.Kind() != slog.KindGroup {
		if a.Key != "" {
			p[prefix+a.Key] = value.Any()
		}
		return
	}
	if groups == 0 || len(p) > maxLogAttrs {
		return
	}
	if a.Key != "" {
		prefix += a.Key + "."
	}
	for _, member := range value.Group() {
		addAttr(p, prefix, member, groups-1)
	}
}
