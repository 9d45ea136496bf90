package posthog_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// Proves FT-19, FO-01, RS-15, FT-14: one snapshot, at most one request, and every way to read it.
func TestSnapshot(t *testing.T) {
	for source, config := range sources {
		t.Run(source, func(t *testing.T) {
			inFlagWorld(t, config, assorted, func(w *world) {
				s := w.evaluated()
				if got := s.Keys(); !slices.Equal(got, []string{"colour", "off", "on", "pro"}) {
					w.Errorf("Keys are %v", got)
				}
				for key, want := range map[string]struct {
					value       any
					enabled, or bool
					variant     string
					payload     string
				}{
					"on":      {true, true, true, "", `{"limit":5}`},
					"off":     {false, false, false, "", ""},
					"colour":  {"blue", true, true, "blue", "[1,2]"},
					"pro":     {false, false, false, "", ""},
					"nothing": {nil, false, true, "", ""},
				} {
					if got := s.GetFlag(key); got != want.value {
						w.Errorf("GetFlag of %s is %v, want %v", key, got, want.value)
					}
					if got := s.IsEnabled(key); got != want.enabled {
						w.Errorf("IsEnabled of %s is %v, want %v", key, got, want.enabled)
					}
					if got := s.IsEnabledOr(key, true); got != want.or {
						w.Errorf("IsEnabledOr of %s, true is %v, want %v", key, got, want.or)
					}
					if got := s.Variant(key); got != want.variant {
						w.Errorf("Variant of %s is %q, want %q", key, got, want.variant)
					}
					if got := s.GetFlagPayload(key); got != want.payload {
						w.Errorf("GetFlagPayload of %s is %q, want %q", key, got, want.payload)
					}
					if got := s.Reason(key); (got == "") != (key == "nothing") {
						w.Errorf("Reason of %s is %q", key, got)
					}
				}
				w.asked(1)
			})
		})
	}
}

// Proves FO-05: no keys, no work.
func TestSnapshotOfNoKeys(t *testing.T) {
	inFlagWorld(t, posthog.Config{}, assorted, func(w *world) {
		p := everything()
		p.FlagKeys = []string{}
		s, err := w.client.EvaluateFlags(p)
		if err != nil || len(s.Keys()) != 0 || s.IsEnabled("on") {
			w.Errorf("a snapshot of no keys: %v, %v", s.Keys(), err)
		}
		w.asked(0)
		w.exposures(0)
	})
}

// Proves FO-03, FO-04, FT-01: the keys narrow the snapshot, the event and the request down, and what was not asked for is not
// reported as missing.
func TestSnapshotOfSomeKeys(t *testing.T) {
	inFlagWorld(t, posthog.Config{SecretKey: secretKey}, assorted, func(w *world) {
		p := everything()
		p.FlagKeys = []string{"on", "pro", "nothing"}
		s, err := w.client.EvaluateFlags(p)
		if err != nil || !slices.Equal(s.Keys(), []string{"on", "pro"}) {
			w.Errorf("the snapshot has %v, %v; want on and pro", s.Keys(), err)
		}
		clear(p.FlagKeys) // by the caller, to whom it belongs
		w.asked(1)
		if got := w.server.FlagRequests()[0].Keys; !slices.Equal(got, []string{"on", "pro", "nothing"}) {
			w.Errorf("the server was asked for %v, want the keys of the question", got)
		}
		if s.IsEnabled("off") || s.GetFlag("colour") != nil || !s.IsEnabled("on") || s.IsEnabled("nothing") {
			w.Error("the snapshot has other values than those of its keys")
		}
		got := w.exposures(2)
		if got[0].Properties["$feature_flag"] != "on" || got[1].Properties["$feature_flag_error"] != "flag_missing" {
			w.Errorf("the exposures are %v", got)
		}
	})
}

// Proves FO-07, GO-24: a request that fails leaves what is known locally, and the rest is an error and no false.
func TestPartialSnapshot(t *testing.T) {
	inFlagWorld(t, posthog.Config{SecretKey: secretKey}, assorted, func(w *world) {
		w.down(500)
		s, err := w.client.EvaluateFlags(everything())
		if failed, ok := errors.AsType[*posthog.FlagError](err); !ok || failed.Status != 500 {
			w.Errorf("the error is %v, want one with status 500", err)
		}
		if !s.IsEnabled("on") || s.GetFlag("off") != false || s.GetFlag("pro") != nil {
			w.Errorf("the snapshot has %v", s.Keys())
		}
		requireProperties(w.T, w.exposures(3)[2], map[string]any{
			"$feature_flag": "pro", "$feature_flag_response": nil, "$feature_flag_error": "api_error_500", "locally_evaluated": false,
		})
	})
}

// Proves FT-20: what is left of a snapshot.
func TestFilteredSnapshots(t *testing.T) {
	log := new(logLines)
	inFlagWorld(t, posthog.Config{SecretKey: secretKey, Logger: log}, assorted, func(w *world) {
		s := w.evaluated()
		if got := s.OnlyAccessed().Keys(); len(got) != 0 {
			w.Errorf("OnlyAccessed of an unread snapshot has %v", got)
		}
		s.GetFlagPayload("colour")
		s.IsEnabled("on")
		s.IsEnabled("nothing")
		read := s.OnlyAccessed()
		if got := read.Keys(); !slices.Equal(got, []string{"on"}) {
			w.Errorf("OnlyAccessed has %v, want on", got)
		}
		if len(log.all()) > 0 {
			w.Errorf("the log has %v", log.all())
		}
		part := s.Only([]string{"off", "colour", "nothing"})
		log.requireLine(w.T, "WARN", "nothing")
		if got := part.Keys(); !slices.Equal(got, []string{"colour", "off"}) {
			w.Errorf("Only has %v, want colour and off", got)
		}
		if part.IsEnabled("on") || part.GetFlag("on") != nil || part.GetFlagPayload("on") != "" || part.GetFlag("colour") != "blue" {
			w.Error("Only has other values than those of its keys")
		}
		if got := s.OnlyAccessed().Keys(); !slices.Equal(got, []string{"on"}) {
			w.Errorf("what was read of a part counts for the whole: %v", got)
		}
		if got := part.OnlyAccessed().Keys(); !slices.Equal(got, []string{"colour"}) {
			w.Errorf("OnlyAccessed of the part has %v, want colour", got)
		}
		if got := part.Only([]string{"off"}).Keys(); !slices.Equal(got, []string{"off"}) {
			w.Errorf("a part of the part has %v, want off", got)
		}
	})
}

// Proves FT-19: what happens later does not change a snapshot.
func TestSnapshotDoesNotChange(t *testing.T) {
	inFlagWorld(t, posthog.Config{SecretKey: secretKey}, assorted, func(w *world) {
		groups := posthog.Groups{"company": "acme"}
		s, err := w.client.EvaluateFlags(posthog.EvaluateFlagsPayload{DistinctId: "u_1", Groups: groups})
		if err != nil {
			w.Fatal(err)
		}
		groups["company"] = "changed by the caller"
		w.server.SetFlag("on", false)
		w.server.DeleteFlag("colour")
		if err := w.client.ReloadFeatureFlags(); err != nil {
			w.Fatal(err)
		}
		var readers sync.WaitGroup
		for range 10 {
			readers.Go(func() {
				if !s.IsEnabled("on") || s.GetFlag("colour") != "blue" || len(s.OnlyAccessed().Keys()) == 0 {
					w.Error("the snapshot changed")
				}
			})
		}
		readers.Wait()
		requireProperties(w.T, w.exposures(2)[0], map[string]any{"$groups": map[string]any{"company": "acme"}})
		if later := w.evaluated(); later.IsEnabled("on") || later.GetFlag("colour") != nil {
			w.Error("a later snapshot has the flags of before")
		}
	})
}

// Proves RS-23: a snapshot says which properties would have spared the request.
func TestMissingProperties(t *testing.T) {
	inFlagWorld(t, posthog.Config{SecretKey: secretKey}, func(s *posthogtest.Server) {
		s.SetFlags(
			posthogtest.Flag{Key: "a", Where: map[string]any{"plan": "pro"}},
			posthogtest.Flag{Key: "b", Where: map[string]any{"country": "SE", "plan": "pro"}},
			posthogtest.Flag{Key: "c", Group: "company", Where: map[string]any{"seats": 40}},
		)
	}, func(w *world) {
		s, err := w.client.EvaluateFlags(posthog.EvaluateFlagsPayload{DistinctId: "u_1", Groups: posthog.Groups{"company": "acme"}})
		if err != nil {
			w.Fatal(err)
		}
		var got []string
		for _, p := range s.MissingProperties() {
			got = append(got, p.String())
		}
		if !slices.Equal(got, []string{"country", "plan", "company.seats"}) {
			w.Errorf("MissingProperties are %v, want country, plan and company.seats", got)
		}
		s, _ = w.client.EvaluateFlags(posthog.EvaluateFlagsPayload{
			DistinctId: "u_1", Groups: posthog.Groups{"company": "acme"}, PersonProperties: posthog.Properties{"plan": "pro", "country": "SE"},
			GroupProperties: map[string]posthog.Properties{"company": {"seats": 1}},
		})
		if got := s.MissingProperties(); len(got) != 0 {
			w.Errorf("MissingProperties are %v, want none", got)
		}
		w.asked(1)
	})
}

// interfaceClient is a client of the application's, with the methods of the interface alone.
type interfaceClient struct {
	posthog.Client
	asked posthog.EvaluateFlagsPayload
}

func (c *interfaceClient) EvaluateFlags(p posthog.EvaluateFlagsPayload) (*posthog.FeatureFlagEvaluations, error) {
	c.asked = p
	return nil, nil
}

// Proves FO-09: the function for programs that hold the interface.
func TestEvaluateFlagsWithContextOfAnyClient(t *testing.T) {
	inFlagWorld(t, posthog.Config{}, assorted, func(w *world) {
		ctx := posthog.WithRequestContext(w.Context(), posthog.RequestContext{DistinctId: "u_9"})
		s, err := posthog.EvaluateFlagsWithContext(ctx, w.client, posthog.EvaluateFlagsPayload{})
		if err != nil || !s.IsEnabled("on") || w.server.FlagRequests()[0].DistinctID != "u_9" {
			w.Errorf("of a ServerClient: %v, %v", s, err)
		}
		own := new(interfaceClient)
		if _, err := posthog.EvaluateFlagsWithContext(ctx, own, posthog.EvaluateFlagsPayload{}); err != nil || own.asked.DistinctId != "u_9" {
			w.Errorf("of another client: asked for %+v, %v; want u_9", own.asked, err)
		}
		s, err = posthog.EvaluateFlagsWithContext(context.Background(), nil, everything())
		if err != nil || s == nil || s.IsEnabled("on") {
			w.Errorf("of a nil client: %v, %v; want an empty snapshot", s, err)
		}
	})
}

// Proves ZIG-44, FO-11, FT-19: a nil and a zero snapshot have no flags, and their methods do not panic.
func TestNilSnapshotHasNothing(t *testing.T) {
	t.Parallel()
	for _, s := range []*posthog.FeatureFlagEvaluations{nil, {}} {
		callWithNothing(t, s, func(string, []reflect.Value) {})
		if s.IsEnabled("on") || !s.IsEnabledOr("on", true) || s.GetFlag("on") != nil || s.Only([]string{"on"}).IsEnabled("on") {
			t.Error("a snapshot of nothing has flags")
		}
		if _, err := posthog.PayloadAs[any](s, "on"); !errors.Is(err, posthog.ErrFlagNotFound) {
			t.Errorf("PayloadAs of nothing: %v, want ErrFlagNotFound", err)
		}
	}
}

// Proves RS-16: payloads of every form, from a snapshot and from a result.
func TestPayloadAs(t *testing.T) {
	type limit struct{ Limit int }
	inFlagWorld(t, posthog.Config{SecretKey: secretKey}, func(s *posthogtest.Server) {
		s.SetFlags(
			posthogtest.Flag{Key: "object", Payload: limit{5}},
			posthogtest.Flag{Key: "array", Payload: []int{1, 2}},
			posthogtest.Flag{Key: "number", Payload: 12},
			posthogtest.Flag{Key: "text", Payload: "hello"},
			posthogtest.Flag{Key: "twice", Payload: `{"Limit":5}`},
			posthogtest.Flag{Key: "none"},
		)
	}, func(w *world) {
		s := w.evaluated()
		result := func(key string) posthog.PayloadSource {
			r, err := w.client.FlagResult(w.Context(), about(key))
			if err != nil {
				w.Fatal(err)
			}
			return r
		}
		for form, from := range map[string]func(key string) (posthog.PayloadSource, string){
			"a snapshot":             func(key string) (posthog.PayloadSource, string) { return s, key },
			"a result":               func(key string) (posthog.PayloadSource, string) { return result(key), key },
			"a result without a key": func(key string) (posthog.PayloadSource, string) { return result(key), "" },
		} {
			if got, err := posthog.PayloadAs[limit](from("object")); got.Limit != 5 || err != nil {
				w.Errorf("%s: the object is %v, %v", form, got, err)
			}
			if got, err := posthog.PayloadAs[[]int](from("array")); !slices.Equal(got, []int{1, 2}) || err != nil {
				w.Errorf("%s: the array is %v, %v", form, got, err)
			}
			if got, err := posthog.PayloadAs[float64](from("number")); got != 12 || err != nil {
				w.Errorf("%s: the number is %v, %v", form, got, err)
			}
			if got, err := posthog.PayloadAs[string](from("text")); got != "hello" || err != nil {
				w.Errorf("%s: the text is %q, %v", form, got, err)
			}
			if got, err := posthog.PayloadAs[limit](from("twice")); got.Limit != 5 || err != nil {
				w.Errorf("%s: the object in a string is %v, %v", form, got, err)
			}
			if got, err := posthog.PayloadAs[int](from("array")); got != 0 || err == nil {
				w.Errorf("%s: the array as an int is %v, %v; want an error", form, got, err)
			}
			if _, err := posthog.PayloadAs[any](from("none")); !errors.Is(err, posthog.ErrNoPayload) {
				w.Errorf("%s: no payload is %v, want ErrNoPayload", form, err)
			}
		}
		if _, err := posthog.PayloadAs[any](result("object"), "array"); !errors.Is(err, posthog.ErrFlagNotFound) {
			w.Errorf("the payload of another flag than the result's: %v, want ErrFlagNotFound", err)
		}
		var none *posthog.FeatureFlagResult
		if err := none.GetPayloadAs(new(int)); !errors.Is(err, posthog.ErrNoPayload) {
			w.Errorf("GetPayloadAs of a nil result: %v, want ErrNoPayload", err)
		}
	})
}
