package posthog

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/internal/evaluation"
	"github.com/hedgerow/posthog/internal/notice"
)

// Keys returns the keys of the flags in the snapshot, sorted. The slice is the
// caller's.
func (e *FeatureFlagEvaluations) Keys() []string {
	if e == nil {
		return nil
	}
	keys := e.set.Keys()
	if e.only != nil {
		keys = slices.DeleteFunc(keys, func(key string) bool { return e.left(key) == filteredOut })
	}
	return keys
}

// records yields the flags in the snapshot, in the order of their keys.
func (e *FeatureFlagEvaluations) records() iter.Seq[evaluation.Record] {
	return func(yield func(evaluation.Record) bool) {
		if e == nil {
			return
		}
		for r := range e.set.All() {
			if e.left(r.Key) != filteredOut && !yield(r) {
				return
			}
		}
	}
}

// Only returns a snapshot of the named flags, to attach to an event. Keys that
// are not in e are left out, with a warning. What is read from the new snapshot
// does not count as read from e.
func (e *FeatureFlagEvaluations) Only(keys []string) *FeatureFlagEvaluations {
	if e == nil {
		return nil
	}
	only := make(map[string]struct{}, len(keys))
	var unknown []string
	for _, key := range keys {
		if r := e.look(key); r.State == evaluation.Found {
			only[key] = struct{}{}
		} else {
			unknown = append(unknown, key)
		}
	}
	if len(unknown) > 0 && e.client != nil {
		e.client.notices.Report(notice.Warn, "flags left out",
			"posthog: Only was asked for feature flags that are not in the snapshot, and left them out: %s", strings.Join(unknown, ", "))
	}
	return e.part(only)
}

// OnlyAccessed returns a snapshot of the flags whose value was read before this
// call, by IsEnabled, IsEnabledOr, GetFlag or Variant. If there was none, it is
// empty.
func (e *FeatureFlagEvaluations) OnlyAccessed() *FeatureFlagEvaluations {
	if e == nil {
		return nil
	}
	only := make(map[string]struct{})
	e.mu.Lock()
	for key := range e.accessed {
		if e.left(key) != filteredOut {
			only[key] = struct{}{}
		}
	}
	e.mu.Unlock()
	return e.part(only)
}

// part returns the snapshot of some of the flags of e.
func (e *FeatureFlagEvaluations) part(only map[string]struct{}) *FeatureFlagEvaluations {
	e.mu.Lock()
	defer e.mu.Unlock()
	return &FeatureFlagEvaluations{
		client: e.client, asker: e.asker, set: e.set, asked: e.asked, state: e.state,
		only: only, accessed: maps.Clone(e.accessed),
	}
}

// MissingProperties returns the properties of the person and of groups that
// local evaluation would have needed and was not given, sorted. A program that
// passes them with [EvaluateFlagsPayload] spares a request, or gets an answer
// where none may be made.
func (e *FeatureFlagEvaluations) MissingProperties() []flags.Property {
	if e == nil || e.state == nil || !e.state.Loaded() {
		return nil
	}
	missing := make(map[flags.Property]struct{})
	definitions := e.state.Program.Definitions().Flags
	for i := range definitions {
		if r := e.look(definitions[i].Key); r.Inconclusive != nil {
			for _, p := range r.Inconclusive.MissingProperties {
				missing[p] = struct{}{}
			}
		}
	}
	return slices.SortedFunc(maps.Keys(missing), func(a, b flags.Property) int {
		return strings.Compare(a.Group+"\x00"+a.Key, b.Group+"\x00"+b.Key)
	})
}
