package evaluation

import (
	"slices"
	"sort"
	"time"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/internal/flagsync"
)

// A view is what an Engine needs to know of loaded definitions, worked out once for all questions.
type view struct {
	state     *flagsync.State
	program   *flags.Program
	loadedAt  time.Time
	minimal   bool     // see Record.Minimal
	usesClock bool     // see flags.Program.UsesClock
	keys      []string // by index in the program
	order     []int32  // the indexes, in the order of the keys
	contexts  []string // see Config.Contexts
}

// newView looks through a state with definitions.
func newView(s *flagsync.State, contexts []string) *view {
	v := &view{
		state: s, program: s.Program, loadedAt: s.LoadedAt, contexts: contexts,
		usesClock: s.Program.UsesClock(),
		keys:      make([]string, s.Program.Len()),
	}
	definitions := s.Program.Definitions()
	v.minimal = definitions.MinimalFlagCalledEvents
	for i := range definitions.Flags {
		key := definitions.Flags[i].Key
		if at, ok := s.Program.Lookup(key); ok {
			v.keys[at] = key
		}
	}
	v.order = make([]int32, len(v.keys))
	for i := range v.order {
		v.order[i] = int32(i) //nolint:gosec // a document has fewer flags than bytes
	}
	sort.Slice(v.order, func(i, j int) bool { return v.keys[v.order[i]] < v.keys[v.order[j]] })
	return v
}

// excludes reports whether a flag is for others than this program: for clients, or for other contexts. The server leaves
// such flags out of its answers, so here, too, they do not exist, although other flags may depend on them.
func (v *view) excludes(f *flags.Flag) bool {
	if f.EvaluationRuntime == "client" {
		return true
	}
	if len(v.contexts) == 0 || len(f.EvaluationContexts) == 0 {
		return false
	}
	return !slices.ContainsFunc(f.EvaluationContexts, func(name string) bool { return slices.Contains(v.contexts, name) })
}
