package flagsync_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/flagsync"
)

// flagJSON is a flag with one condition that has these filters.
func flagJSON(key, filters string) string {
	return fmt.Sprintf(`{"key":%q,"active":true,"filters":{"groups":[{"properties":[%s]}]}}`, key, filters)
}

// documentJSON is a document of these flags and other members.
func documentJSON(rest string, flags ...string) string {
	return `{"flags":[` + strings.Join(flags, ",") + `]` + rest + `}`
}

const (
	inCohort1   = `{"key":"id","type":"cohort","operator":"in","value":1}`
	inCohort2   = `{"key":"id","type":"cohort","operator":"in","value":"2"}`
	afterParent = `{"key":"parent","type":"flag","operator":"flag_evaluates_to","value":true,"dependency_chain":["parent"]}`
	pro         = `{"key":"plan","type":"person","operator":"exact","value":"pro"}`
	free        = `{"key":"plan","type":"person","operator":"exact","value":"free"}`
)

func cohorts(one, two string) string {
	return fmt.Sprintf(`,"cohorts":{"1":{"type":"OR","values":[{"type":"AND","values":[%s]}]},"2":{"type":"OR","values":[%s]}}`, one, two)
}

func TestChangesNameTheFlagsWhoseAnswersMayDiffer(t *testing.T) {
	plain, child, grandchild := flagJSON("plain", pro), flagJSON("child", afterParent), flagJSON("grandchild", strings.ReplaceAll(afterParent, "parent", "child"))
	for name, c := range map[string]struct {
		from, to string
		want     string
	}{
		"flags come and go":            {documentJSON("", flagJSON("a", ""), flagJSON("b", "")), documentJSON("", flagJSON("c", ""), flagJSON("b", "")), "+c -a ~"},
		"a definition":                 {documentJSON("", flagJSON("a", pro), plain), documentJSON("", flagJSON("a", free), plain), "+ - ~a"},
		"white space":                  {documentJSON("", flagJSON("a", pro)), documentJSON("", strings.ReplaceAll(flagJSON("a", pro), ":", " : ")), ""},
		"their order":                  {documentJSON("", flagJSON("a", ""), plain), documentJSON("", plain, flagJSON("a", "")), ""},
		"the gate":                     {documentJSON("", plain), documentJSON(`,"minimal_flag_called_events":true`, plain), ""},
		"the matching version":         {documentJSON("", plain), documentJSON(`,"property_matching_version":2`, plain), "+ - ~plain"},
		"the group types":              {documentJSON("", plain), documentJSON(`,"group_type_mapping":{"0":"company"}`, plain), "+ - ~plain"},
		"a flag that others depend on": {documentJSON("", plain, grandchild, child, flagJSON("parent", pro)), documentJSON("", plain, grandchild, child, flagJSON("parent", free)), "+ - ~child,grandchild,parent"},
		"the end of a flag that others depend on": {documentJSON("", plain, child, flagJSON("parent", pro)), documentJSON("", plain, child), "+ -parent ~child"},
		"a cohort":                           {documentJSON(cohorts(pro, pro), plain, flagJSON("a", inCohort1), flagJSON("b", inCohort2)), documentJSON(cohorts(free, pro), plain, flagJSON("a", inCohort1), flagJSON("b", inCohort2)), "+ - ~a"},
		"a cohort in a cohort":               {documentJSON(cohorts(inCohort2, pro), plain, flagJSON("a", inCohort1)), documentJSON(cohorts(inCohort2, free), plain, flagJSON("a", inCohort1)), "+ - ~a"},
		"a new cohort":                       {documentJSON("", plain, flagJSON("a", inCohort2)), documentJSON(cohorts(pro, pro), plain, flagJSON("a", inCohort2)), "+ - ~a"},
		"the end of a cohort":                {documentJSON(cohorts(pro, pro), plain, flagJSON("a", inCohort2)), documentJSON("", plain, flagJSON("a", inCohort2)), "+ - ~a"},
		"the last of two flags with one key": {documentJSON("", flagJSON("a", pro), flagJSON("a", free)), documentJSON("", flagJSON("a", free), flagJSON("a", free)), ""},
		"flags that depend on each other":    {documentJSON("", plain, child, strings.ReplaceAll(flagJSON("parent", afterParent), "parent\",\"type", "child\",\"type")), documentJSON("", plain), "+ -child,parent ~"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := open(t, secret(), ok(c.from, ""), ok(c.to, ""))
				if err := w.Reload(t.Context()); err != nil {
					t.Fatal(err)
				}
				var got []string
				w.OnChange(func(change flagsync.Change) { got = append(got, text(change)) })
				if err := w.Reload(t.Context()); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				if strings.Join(got, "; ") != c.want {
					t.Errorf("told %q, want %q", got, c.want)
				}
			})
		})
	}
}

// text is a change in few characters.
func text(c flagsync.Change) string {
	return "+" + strings.Join(c.Added, ",") + " -" + strings.Join(c.Removed, ",") + " ~" + strings.Join(c.Changed, ",")
}

func TestListenersHearOfEveryChangeAndNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, secret(), answers{conditional(document("a"), "x"), conditional(document("a"), "x"), status(503), ok(document("a", "b"), "y"), status(402), ok(document("b"), "")}...)
		var generations []uint64
		var got []string
		w.OnChange(func(change flagsync.Change) {
			generations = append(generations, change.Generation)
			got = append(got, text(change))
		})
		for range 6 {
			_ = w.Reload(t.Context())
			synctest.Wait()
		}
		if want := []string{"+a - ~", "+b - ~", "+ -a,b ~", "+b - ~"}; !slices.Equal(got, want) {
			t.Errorf("told %q, want %q", got, want)
		}
		if want := []uint64{1, 2, 3, 4}; !slices.Equal(generations, want) {
			t.Errorf("generations %d, want %d", generations, want)
		}
	})
}

func TestASlowListenerHoldsUpNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, secret(), ok(document("a"), ""), ok(document("b"), ""), ok(document("c"), ""))
		release := make(chan struct{})
		var told []string
		w.OnChange(func(change flagsync.Change) {
			told = append(told, text(change))
			<-release
		})
		for _, key := range []string{"a", "b", "c"} {
			if err := w.Reload(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.want(flagsync.Network, key)
			synctest.Wait()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		close(release)
		synctest.Wait()
		if want := []string{"+a - ~", "+c -a ~"}; !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
		if err := w.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
}

func TestCloseWaitsForAListenerAsLongAsItMay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, secret(), ok(document("a"), ""))
		release := make(chan struct{})
		w.OnChange(func(flagsync.Change) { <-release })
		if err := w.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if err := w.Close(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Errorf("Close = %v after %s, want the deadline after 1s", err, time.Since(began))
		}
		close(release)
	})
}

func TestAListenerMayUnsubscribeAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, secret(), ok(document("a"), ""))
		var unsubscribe func()
		w.OnChange(func(flagsync.Change) { unsubscribe() })
		unsubscribe = w.OnChange(func(flagsync.Change) { t.Error("told after it was unsubscribed") })
		if err := w.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
	})
}

func TestListenersMayPanicUnsubscribeAndCallTheLoader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := open(t, secret(), ok(document("a"), ""), ok(document("b"), ""), ok(document("c"), ""))
		var calls []string
		w.OnChange(func(c flagsync.Change) {
			clear(c.Added) // each has its own
			panic("no")
		})
		var unsubscribe func()
		unsubscribe = w.OnChange(func(c flagsync.Change) {
			calls = append(calls, "once "+text(c))
			unsubscribe()
		})
		w.OnChange(func(c flagsync.Change) {
			calls = append(calls, "each "+text(c))
			if c.Generation == 1 {
				if err := w.Reload(t.Context()); err != nil {
					t.Errorf("Reload in a listener: %v", err)
				}
				w.OnChange(func(flagsync.Change) { calls = append(calls, "late") })
			}
		})
		if err := w.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if want := []string{"once +a - ~", "each +a - ~", "each +b -a ~"}; !slices.Equal(calls, want) {
			t.Errorf("calls %q, want %q", calls, want)
		}
		if got := w.reported(); len(got) != 2 || !strings.Contains(got[0], "panicked: no") {
			t.Errorf("reports %q, want two panics", got)
		}
		unsubscribe()
		calls = nil
		if err := w.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if want := []string{"each +c -b ~", "late"}; !slices.Equal(calls, want) {
			t.Errorf("calls %q, want %q", calls, want)
		}
	})
}

// Subscribing, loading and closing at once disturb neither each other nor the order of what is told.
func TestListenersUnderPressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := secret()
		c.Interval = time.Second
		w := open(t, c, ok(document("a"), ""), ok(document("b"), ""))
		var callers sync.WaitGroup
		for i := range 20 {
			callers.Go(func() {
				for j := range 20 {
					last := uint64(0)
					unsubscribe := w.OnChange(func(c flagsync.Change) {
						if c.Generation <= last {
							t.Errorf("told generation %d after %d", c.Generation, last)
						}
						last = c.Generation
					})
					w.service.answer(ok(document("a", fmt.Sprint(i, j)), ""))
					_ = w.Reload(t.Context())
					if j%3 > 0 {
						unsubscribe()
					}
				}
			})
		}
		callers.Wait()
	})
}
