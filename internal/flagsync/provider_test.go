package flagsync_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/internal/flagsync"
)

// behaviour is how a fake provider answers a call.
type behaviour string

const (
	good     behaviour = "well"
	none     behaviour = "nothing"
	broken   behaviour = "an error"
	bad      behaviour = "nonsense"
	hanging  behaviour = "nothing in time"
	stubborn behaviour = "nothing at all"
	panicked behaviour = "a panic"
	gone     behaviour = "the end of its goroutine"
)

// fake is a Provider that does as it is told, and remembers the calls.
type fake struct {
	released chan struct{} // ends stubborn calls

	mu sync.Mutex // guards what follows
	orders
	calls   []string
	stored  []string
	running int
	overlap bool
}

// orders are how a fake is to behave.
type orders struct {
	lead                       bool
	should, get, put, shutdown behaviour
	shared                     string
}

func newFake(t *testing.T, lead bool) *fake {
	t.Helper()
	f := &fake{released: make(chan struct{})}
	f.orders = orders{lead: lead, should: good, get: good, put: good, shutdown: good, shared: document("shared")}
	t.Cleanup(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.overlap {
			t.Error("calls of the provider overlapped")
		}
	})
	return f
}

// order changes how it behaves.
func (f *fake) order(change func(*orders)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.orders)
}

// begin notes a call and returns the orders.
func (f *fake) begin(name string) orders {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, name)
	f.running++
	f.overlap = f.overlap || f.running > 1
	return f.orders
}

// behave does what a call is to do, and ends it.
func (f *fake) behave(ctx context.Context, b behaviour) error {
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.running--
	}()
	switch b {
	case broken:
		return errors.New("no connection to the cache")
	case hanging:
		<-ctx.Done()
		return ctx.Err()
	case stubborn:
		<-f.released
	case panicked:
		panic("oh no")
	case gone:
		runtime.Goexit()
	}
	return nil
}

func (f *fake) ShouldFetchFlagDefinitions(ctx context.Context) (bool, error) {
	o := f.begin("should")
	return o.lead, f.behave(ctx, o.should)
}

func (f *fake) GetFlagDefinitions(ctx context.Context) ([]byte, error) {
	o := f.begin("get")
	err := f.behave(ctx, o.get)
	switch o.get {
	case none:
		return nil, nil
	case bad:
		return []byte(`{"flags":1}`), nil
	}
	return []byte(o.shared), err
}

func (f *fake) OnFlagDefinitionsReceived(ctx context.Context, document []byte) error {
	o := f.begin("store")
	err := f.behave(ctx, o.put)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stored = append(f.stored, string(document))
	clear(document) // it is the provider's to keep
	return err
}

func (f *fake) Shutdown(ctx context.Context) error {
	o := f.begin("shutdown")
	return f.behave(ctx, o.shutdown)
}

// all returns every document that was stored.
func (f *fake) all() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.stored)
}

// did returns the calls since the last time.
func (f *fake) did() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := strings.Join(f.calls, " ")
	f.calls = nil
	return calls
}

// expected is what the algorithm has to do in one case of the matrix: the calls, whether PostHog is asked, and what
// is loaded afterwards.
func expected(lead, full, key bool, should, get, put behaviour) (calls string, asked bool, keys string) {
	direct := "direct"
	if full {
		keys = "old"
	}
	fails := func(b behaviour) bool { return b != good && b != none && b != bad }
	if key && (lead || fails(should)) {
		calls = "should store"
		if should == stubborn {
			calls = "should" // it is still running
		}
		return calls, true, direct
	}
	switch {
	case !key: // who cannot lead is not offered to
		calls = "get"
	case should == stubborn:
		calls = "should"
		get = broken
	default:
		calls = "should get"
	}
	switch {
	case get == good:
		return calls, false, "shared"
	case full || !key:
		return calls, false, keys
	}
	return calls, true, direct
}

// Proves FD-11, FD-13.
func TestEveryBehaviourOfAProvider(t *testing.T) {
	both := []bool{true, false}
	shoulds := []behaviour{good, broken, hanging, stubborn, panicked, gone}
	gets := []behaviour{good, none, bad, broken, hanging, stubborn, panicked, gone}
	puts := []behaviour{good, broken, hanging, stubborn, panicked, gone}
	synctest.Test(t, func(t *testing.T) {
		cases := 0
		for _, lead := range both {
			for _, loaded := range both {
				for _, key := range both {
					for _, should := range shoulds {
						for _, get := range gets {
							for _, put := range puts {
								if get != good && put != good {
									continue // no load does both
								}
								cases++
								name := fmt.Sprintf("lead %v, loaded %v, key %v, should gives %s, get %s, store %s", lead, loaded, key, should, get, put)
								tryProvider(t, name, lead, loaded, key, should, get, put)
							}
						}
					}
				}
			}
		}
		if cases != 8*6*(8+6-1) {
			t.Errorf("%d cases", cases)
		}
	})
}

// tryProvider loads once with a provider that behaves as the case says.
func tryProvider(t *testing.T, name string, lead, full, key bool, should, get, put behaviour) {
	t.Helper()
	f := newFake(t, lead)
	f.should, f.get, f.put = should, get, put
	service := &roundTrips{answer: document("direct")}
	c := flagsync.Config{Endpoint: "http://example.com", Key: "phc_test", RoundTripper: service, Provider: f, Interval: time.Hour}
	if full {
		c.Bytes = []byte(document("old"))
	}
	if key {
		c.Secret = "phs_test"
	}
	loader, err := flagsync.New(c)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	_ = loader.Reload(t.Context())
	if took := time.Since(began); took > 3*flagsync.DefaultProviderTimeout {
		t.Errorf("%s: it took %s", name, took)
	}
	calls, asked, keys := expected(lead, full, key, should, get, put)
	if got := f.did(); got != calls {
		t.Errorf("%s: calls %q, want %q", name, got, calls)
	}
	if got := service.count > 0; got != asked {
		t.Errorf("%s: PostHog was asked: %v, want %v", name, got, asked)
	}
	if got := strings.Join(loaded(loader.State()), " "); got != keys {
		t.Errorf("%s: loaded %q, want %q", name, got, keys)
	}
	close(f.released)
	if err := loader.Close(t.Context()); err != nil {
		t.Errorf("%s: Close: %v", name, err)
	}
	if got := f.did(); got != "shutdown" {
		t.Errorf("%s: calls of Close %q, want shutdown", name, got)
	}
}

// Proves FD-02, FD-12: the ETag of PostHog's answer says nothing about what came from the provider, and what the
// leader stores is the document as PostHog sent it, unknown members included.
func TestWhatTheLeaderStores(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, true)
		c := secret()
		c.Provider = f
		body := strings.Replace(document("a"), `{"flags"`, `{ "future":12345678901234567890, "minimal_flag_called_events":true,"property_matching_version":2,"flags"`, 1)
		w := open(t, c, conditional(body, "x"))
		for range 3 {
			if err := w.Reload(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if got := f.did(); got != "should store should store should store" {
			t.Errorf("calls %q, want the document to be stored after 304 too", got)
		}
		if want := []string{body, body, body}; !slices.Equal(f.all(), want) {
			t.Errorf("stored %q, want %q", f.all(), want)
		}
		w.want(flagsync.Network, "a")

		f.order(func(o *orders) { o.lead = false }) // it went to another process
		if err := w.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.want(flagsync.Shared, "shared")
		f.order(func(o *orders) { o.lead = true })
		if err := w.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.want(flagsync.Network, "a")
		for i, want := range []string{"", "x", "x", ""} {
			if got := w.service.seen()[i].header.Get("If-None-Match"); got != want {
				t.Errorf("request %d with ETag %q, want %q", i, got, want)
			}
		}
		if got := w.Status().Polls; got.Billable != 40 || got.Loaded != 2 || got.Unchanged != 2 {
			t.Errorf("polls %+v, want 4 that are billed", got)
		}
	})
}

// Both spellings of a shared document are understood.
func TestFollowersReadWhatOtherLibrariesStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, false)
		f.shared = strings.NewReplacer("group_type_mapping", "groupTypeMapping", `"cohorts"`, `"minimalFlagCalledEvents":true,"cohorts"`).Replace(document("a"))
		w := open(t, flagsync.Config{Provider: f}, status(500))
		if err := w.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.want(flagsync.Shared, "a")
		if !w.State().Program.Definitions().MinimalFlagCalledEvents {
			t.Error("the gate is off, want on")
		}
		wait(10 * time.Minute)
		if got := w.Status(); len(w.service.seen()) != 0 || got.Polls.Billable != 0 || got.Condition != flagsync.Current {
			t.Errorf("%d requests, status %+v; want none, and current", len(w.service.seen()), got)
		}
		if got := w.State().Generation; got != 1 {
			t.Errorf("generation %d after the same document many times, want 1", got)
		}
	})
}

// Proves FD-13: troubles are reported once in a streak.
func TestTroublesOfAProviderAreReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, true)
		c := secret()
		c.Provider = f
		w := open(t, c, ok(document("a"), ""))
		for i, b := range []behaviour{broken, panicked, good, broken} {
			f.order(func(o *orders) { o.should, o.put = b, b })
			if err := w.Reload(t.Context()); err != nil {
				t.Errorf("Reload: %v", err)
			}
			if got, want := len(w.reported()), []int{2, 0, 0, 2}[i]; got != want {
				t.Errorf("load %d: %d reports, want %d", i, got, want)
			}
		}
		f.order(func(o *orders) { o.lead, o.should, o.get = false, good, broken })
		if err := w.Reload(t.Context()); err == nil || !strings.Contains(err.Error(), "no connection to the cache") {
			t.Errorf("Reload = %v, want the provider's error", err)
		}
		w.want(flagsync.Network, "a")
		if got := w.reported(); len(got) != 1 {
			t.Errorf("reports %q, want one", got)
		}
	})
}

// What goes wrong is reported although PostHog helps out.
func TestAnEmergencyIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, false)
		f.get = broken
		c := secret()
		c.Provider = f
		w := open(t, c, ok(document("a"), ""))
		if err := w.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.want(flagsync.Network, "a")
		if got := w.reported(); len(got) != 1 || !strings.Contains(got[0], "no connection to the cache") {
			t.Errorf("reports %q, want the provider's error", got)
		}
	})
}

func TestAReaderWithoutAKeySaysThatThereIsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, true)
		f.get = none
		w := open(t, flagsync.Config{Provider: f}, status(500))
		if err := w.Reload(t.Context()); err == nil || !strings.Contains(err.Error(), "there is no secret key") {
			t.Errorf("Reload = %v, want that nothing is shared and there is no key", err)
		}
		if got := w.reported(); len(got) != 1 {
			t.Errorf("reports %q, want one", got)
		}
		f.order(func(o *orders) { o.get = good })
		wait(2 * time.Second)
		w.want(flagsync.Shared, "shared")
	})
}

// Proves FD-14: once, after the call that is running, and no longer than whoever closes has time.
func TestShutdownOfAProvider(t *testing.T) {
	for name, c := range map[string]struct {
		get, shutdown behaviour
		patience      time.Duration
		release       time.Duration
		took          time.Duration
		calls         string
		fails         bool
	}{
		"it is quick":                  {good, good, time.Minute, time.Hour, 0, "get shutdown", false},
		"it fails":                     {good, broken, time.Minute, time.Hour, 0, "get shutdown", false},
		"it panics":                    {good, panicked, time.Minute, time.Hour, 0, "get shutdown", false},
		"it waits for its context":     {good, hanging, time.Minute, time.Hour, 30 * time.Second, "get shutdown", false},
		"nobody waits for it":          {good, hanging, time.Second, time.Hour, time.Second, "get shutdown", true},
		"it takes for ever":            {good, stubborn, time.Minute, time.Hour, time.Minute, "get shutdown", true},
		"a call is running":            {stubborn, good, time.Minute, 15 * time.Second, 4 * time.Second, "get shutdown", false},
		"a call is running for ever":   {stubborn, good, time.Minute, time.Hour, time.Minute, "get", true},
		"a call obeys its cancelation": {hanging, good, time.Minute, time.Hour, 0, "get shutdown", false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, false)
				f.get, f.shutdown = c.get, c.shutdown
				loader, err := flagsync.New(flagsync.Config{Provider: f})
				if err != nil {
					t.Fatal(err)
				}
				release := time.AfterFunc(c.release, func() { close(f.released) })
				loader.Start()
				wait(11 * time.Second) // more than a call of the provider may take
				if c.get == hanging {
					wait(5 * time.Second) // so that another one is running
				}
				ctx, cancel := context.WithTimeout(t.Context(), c.patience)
				defer cancel()
				began := time.Now()
				err = loader.Close(ctx)
				if took := time.Since(began); (err != nil) != c.fails || took != c.took {
					t.Errorf("Close = %v after %s, want an error: %v, after %s", err, took, c.fails, c.took)
				}
				calls := f.did()
				if c.get == hanging {
					calls = strings.Replace(calls, "get ", "", strings.Count(calls, "get")-1)
				}
				if calls != c.calls {
					t.Errorf("calls %q, want %q", calls, c.calls)
				}
				if release.Stop() {
					close(f.released)
				}
				began = time.Now()
				if err := loader.Close(t.Context()); err != nil || time.Since(began) != 0 {
					t.Errorf("Close in the end: %v after %s, want it at once", err, time.Since(began))
				}
				if got := f.did(); strings.Contains(c.calls, "shutdown") && got != "" {
					t.Errorf("calls after that %q, want none", got)
				}
			})
		})
	}
}

// Proves FD-14 of a Loader that was never used.
func TestShutdownWithoutUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, true)
		loader, err := flagsync.New(flagsync.Config{Provider: f})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := loader.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if got := f.did(); got != "shutdown" {
			t.Errorf("calls %q, want one shutdown", got)
		}
	})
}
