package flagsync

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hedgerow/posthog/internal/notice"
)

// problem is something beside a load that can go wrong for a while.
type problem string

const (
	problemLead     problem = "ask the provider of feature flag definitions who loads them"
	problemShared   problem = "read feature flag definitions from the provider"
	problemStore    problem = "hand feature flag definitions to the provider"
	problemYield    problem = "let another process load feature flag definitions"
	problemShutdown problem = "shut down the provider of feature flag definitions"
	problemSave     problem = "save a copy of the feature flag definitions"
	problemBackup   problem = "read the saved copy of the feature flag definitions"
)

// troubles reports what goes wrong, once in a streak. It belongs to the Loader's goroutine.
type troubles struct {
	report func(notice.Level, string)
	lasts  map[problem]bool
	kinds  []string // of loads that failed since the last one that did not
}

// note reports an error of the problem, or that there is none any more.
func (t *troubles) note(p problem, err error) {
	if err == nil {
		t.fine(p)
		return
	}
	if t.lasts[p] {
		return
	}
	if t.lasts == nil {
		t.lasts = make(map[problem]bool)
	}
	t.lasts[p] = true
	t.report(notice.Warn, fmt.Sprintf("posthog: %s: %v", p, err))
}

// fine ends a streak.
func (t *troubles) fine(p problem) { delete(t.lasts, p) }

// judge reports what a load came to: the first failure of a kind in a streak of failures, and its end.
func (w *worker) judge(ctx context.Context, err error) {
	t := &w.troubles
	if err == nil {
		if len(t.kinds) > 0 {
			t.kinds = nil
			t.report(notice.Info, "posthog: feature flag definitions load again")
		}
		w.warnContinuity()
		return
	}
	if w.config.Provider != nil {
		w.yield(ctx)
	}
	k := kind(err)
	if slices.Contains(t.kinds, k) {
		return
	}
	t.kinds = append(t.kinds, k)
	level, text := explain(err, w.config, w.loader.State().Loaded())
	t.report(level, text)
}

// warnContinuity reports the flags that only PostHog can evaluate, when they are not those of the last report.
func (w *worker) warnContinuity() {
	definitions := w.loader.State().definitions()
	if !w.config.WarnContinuity || definitions == nil {
		return
	}
	var keys []string
	for i := range definitions.Flags {
		if f := &definitions.Flags[i]; f.Active && !f.Deleted && f.EnsureExperienceContinuity {
			keys = append(keys, f.Key)
		}
	}
	list := strings.Join(keys, ", ")
	if list == w.warned {
		return
	}
	w.warned = list
	if list != "" {
		w.config.Report(notice.Warn, "posthog: these feature flags persist across authentication steps, so that PostHog "+
			"is asked in every evaluation of them: "+list)
	}
}
