package posthog_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// The shortest way to branch on a flag. The last argument is what counts where
// nobody knows, be it that PostHog is down.
func ExampleServerClient_FlagEnabled() {
	client, server, end := sandbox(posthog.Config{})
	defer end()
	server.SetFlag("new-checkout", true)

	ctx := context.Background()
	if client.FlagEnabled(ctx, posthog.FeatureFlagPayload{Key: "new-checkout", DistinctId: "u_42"}, false) {
		fmt.Println("the new checkout")
	}
	fmt.Println(client.FlagEnabled(ctx, posthog.FeatureFlagPayload{Key: "no-such-flag", DistinctId: "u_42"}, true))
	// Output:
	// the new checkout
	// true
}

// Within a request, the person is that of the request context.
func ExampleServerClient_FlagEnabled_requestContext() {
	client, server, end := sandbox(posthog.Config{})
	defer end()
	server.SetFlagFor("u_42", "new-checkout", true)

	ctx := posthog.WithRequestContext(context.Background(), posthog.RequestContext{DistinctId: "u_42"})
	fmt.Println(client.FlagEnabled(ctx, posthog.FeatureFlagPayload{Key: "new-checkout"}, false))
	// Output:
	// true
}

// An experiment has variants. Without one, the default counts.
func ExampleServerClient_FlagVariant() {
	client, server, end := sandbox(posthog.Config{})
	defer end()
	server.SetFlag("button", "blue")

	switch client.FlagVariant(context.Background(), posthog.FeatureFlagPayload{Key: "button", DistinctId: "u_42"}, "control") {
	case "blue":
		fmt.Println("a blue button")
	default:
		fmt.Println("the usual button")
	}
	// Output:
	// a blue button
}

// With an error, a missing flag, a failure and a flag that is off are three
// things.
func ExampleServerClient_FlagResult() {
	client, server, end := sandbox(posthog.Config{})
	defer end()
	server.SetFlags(posthogtest.Flag{Key: "limits", Payload: map[string]int{"max": 5}})

	ctx := context.Background()
	result, err := client.FlagResult(ctx, posthog.FeatureFlagPayload{Key: "limits", DistinctId: "u_42"})
	check(err)
	limits, err := posthog.PayloadAs[struct{ Max int }](result, "")
	check(err)
	fmt.Println(result.Enabled, limits.Max, result.Origin)

	_, err = client.FlagResult(ctx, posthog.FeatureFlagPayload{Key: "limit", DistinctId: "u_42"})
	fmt.Println("not found:", errors.Is(err, posthog.ErrFlagNotFound))

	server.Inject(posthogtest.Fault{Path: posthogtest.RouteFlags, Status: 429})
	_, err = client.FlagResult(ctx, posthog.FeatureFlagPayload{Key: "limits", DistinctId: "u_42"})
	if failed, ok := errors.AsType[*posthog.FlagError](err); ok {
		fmt.Println("failed:", failed.Code)
	}
	// Output:
	// true 5 remote
	// not found: true
	// failed: api_error_429
}

// Many flags of one person are one evaluation. The event carries what the
// program saw.
func ExampleServerClient_EvaluateFlagsWithContext() {
	client, server, end := sandbox(posthog.Config{})
	defer end()
	server.SetFlag("new-checkout", true)
	server.SetFlag("button", "blue")
	server.SetFlag("old-checkout", false)

	snapshot, err := client.EvaluateFlagsWithContext(context.Background(), posthog.EvaluateFlagsPayload{DistinctId: "u_42"})
	check(err) // with an error, the snapshot has what is known
	fmt.Println(snapshot.Keys())
	fmt.Println(snapshot.IsEnabled("new-checkout"), snapshot.IsEnabledOr("unknown", true), snapshot.Variant("button"))

	check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "order paid", Flags: snapshot.OnlyAccessed()}))
	check(client.Close())
	for _, e := range server.Events() {
		if e.Name == "order paid" {
			fmt.Println(e.Properties["$feature/button"], e.Properties["$active_feature_flags"])
		}
	}
	fmt.Println(len(server.FlagRequests()), "request")
	// Output:
	// [button new-checkout old-checkout]
	// true true blue
	// blue [button new-checkout]
	// 1 request
}

// With a secret key, flags are evaluated without a request each. A service that
// is ready only then never asks while it serves.
func ExampleServerClient_WaitForFlagDefinitions() {
	client, server, end := sandbox(posthog.Config{SecretKey: "phs_test"})
	defer end()
	server.SetFlags(posthogtest.Flag{Key: "beta", Where: map[string]any{"plan": "pro"}})

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	check(client.WaitForFlagDefinitions(ctx))
	check(client.ReloadFeatureFlagsWithContext(ctx)) // the flag may be newer than what was loaded first

	fmt.Println(client.FlagEnabled(ctx, posthog.FeatureFlagPayload{
		Key: "beta", DistinctId: "u_42", PersonProperties: posthog.Properties{"plan": "pro"},
	}, false))
	status := client.FlagStatus()
	fmt.Println(status.Condition, status.Flags, "flag from the", status.Source, "and", len(server.FlagRequests()), "requests")
	// Output:
	// true
	// current 1 flag from the network and 0 requests
}

// Groups decide about flags of companies. What is known of them goes along.
func ExampleFeatureFlagPayload() {
	client, server, end := sandbox(posthog.Config{})
	defer end()
	server.SetFlags(posthogtest.Flag{Key: "reports", Group: "company", Where: map[string]any{"seats": 40}})

	fmt.Println(client.FlagEnabled(context.Background(), posthog.FeatureFlagPayload{
		Key:             "reports",
		DistinctId:      "u_42",
		Groups:          posthog.Groups{"company": "acme"},
		GroupProperties: map[string]posthog.Properties{"company": {"seats": 40}},
	}, false))
	// Output:
	// true
}

// Strict evaluation makes no request, and says what it would have had to know.
func ExampleFlagError() {
	client, server, end := sandbox(posthog.Config{SecretKey: "phs_test", StrictLocalEvaluation: true})
	defer end()
	check(client.WaitForFlagDefinitions(context.Background()))
	server.SetFlags(posthogtest.Flag{Key: "beta", Where: map[string]any{"plan": "pro"}})
	check(client.ReloadFeatureFlags())

	_, err := client.FlagResult(context.Background(), posthog.FeatureFlagPayload{Key: "beta", DistinctId: "u_42"})
	fmt.Println(errors.Is(err, posthog.ErrInconclusive))
	if failed, ok := errors.AsType[*posthog.FlagError](err); ok {
		fmt.Println(failed.Why, failed.MissingProperties)
	}
	// Output:
	// true
	// MissingProperty [plan]
}

// A test sets flags on the client. Where the definitions matter, it sets them
// on the server, or gives the client a document.
func ExampleServerClient_OverrideFlags() {
	client, err := posthog.NewWithConfig("phc_test", posthog.Config{Disabled: true}) // as an application under test may have it
	check(err)
	client.OverrideFlags(map[string]any{
		"new-checkout": true,
		"button":       "blue",
		"limits":       posthog.FeatureFlagResult{Enabled: true, RawPayload: posthog.Ptr(`{"max":5}`)},
	})

	ctx := context.Background()
	fmt.Println(client.FlagEnabled(ctx, posthog.FeatureFlagPayload{Key: "new-checkout", DistinctId: "u_42"}, false))
	fmt.Println(client.FlagVariant(ctx, posthog.FeatureFlagPayload{Key: "button", DistinctId: "u_42"}, ""))
	fmt.Println(client.FlagEnabled(ctx, posthog.FeatureFlagPayload{Key: "other", DistinctId: "u_42"}, false))
	// Output:
	// true
	// blue
	// false
}

// A program without a network has its flags in a file.
func ExampleFlagFile() {
	dir, err := os.MkdirTemp("", "flags")
	check(err)
	defer func() { check(os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "flags.json")
	check(os.WriteFile(path, []byte(`{"flags":[{"id":1,"key":"beta","active":true,"filters":{"groups":[{"rollout_percentage":100}]}}]}`), 0o600))

	client, server, end := sandbox(posthog.Config{FlagSource: posthog.FlagFile(path), StrictLocalEvaluation: true})
	defer end()
	ctx := context.Background()
	check(client.WaitForFlagDefinitions(ctx))
	fmt.Println(client.FlagEnabled(ctx, posthog.FeatureFlagPayload{Key: "beta", DistinctId: "u_42"}, false), len(server.FlagRequests()))
	// Output:
	// true 0
}

// Flags can be part of the program, until something newer is loaded.
func ExampleFlagBytes() {
	document := []byte(`{"flags":[{"id":1,"key":"beta","active":true,"filters":{"groups":[{"rollout_percentage":100}]}}]}`)
	client, _, end := sandbox(posthog.Config{FlagSource: posthog.FlagBytes(document)})
	defer end()

	fmt.Println(client.FlagEnabled(context.Background(), posthog.FeatureFlagPayload{Key: "beta", DistinctId: "u_42"}, false))
	// Output:
	// true
}

// The processes of a machine share the definitions, so that one of them pays.
func ExampleNewFlagDefinitionFileCache() {
	dir, err := os.MkdirTemp("", "flags")
	check(err)
	defer func() { check(os.RemoveAll(dir)) }()

	client, server, end := sandbox(posthog.Config{
		SecretKey:                   "phs_test",
		FlagDefinitionCacheProvider: posthog.NewFlagDefinitionFileCache(dir, "phc_test"),
	})
	defer end()
	check(client.WaitForFlagDefinitions(context.Background()))
	fmt.Println(len(server.DefinitionRequests()), "request")
	// Output:
	// 1 request
}

// The last known value is better than none, where a flag may not flip because
// PostHog is down.
func ExampleConfig_fallbackCache() {
	client, server, end := sandbox(posthog.Config{FlagFallbackCacheURL: "memory://local/?ttl=300&size=10000"})
	defer end()
	server.SetFlag("beta", true)

	ctx, question := context.Background(), posthog.FeatureFlagPayload{Key: "beta", DistinctId: "u_42"}
	fmt.Println(client.FlagEnabled(ctx, question, false))
	server.Inject(posthogtest.Fault{Path: posthogtest.RouteFlags, Status: 503})
	result, err := client.FlagResult(ctx, question)
	check(err)
	fmt.Println(result.Enabled, result.Origin)
	// Output:
	// true
	// true stale
}

// Changes of the definitions can be followed.
func ExampleServerClient_OnFlagsChange() {
	client, server, end := sandbox(posthog.Config{SecretKey: "phs_test"})
	defer end()
	check(client.WaitForFlagDefinitions(context.Background()))

	changed := make(chan posthog.FlagsChange, 1)
	unsubscribe := client.OnFlagsChange(func(change posthog.FlagsChange) { changed <- change })
	defer unsubscribe()
	server.SetFlag("beta", true)
	check(client.ReloadFeatureFlags())
	fmt.Println((<-changed).Added)
	// Output:
	// [beta]
}

// A page that the service renders knows its flags from the first moment.
func ExampleServerClient_BootstrapFlags() {
	client, server, end := sandbox(posthog.Config{})
	defer end()
	server.SetFlag("button", "blue")

	bootstrap, err := client.BootstrapFlags(context.Background(), posthog.FeatureFlagPayloadNoKey{DistinctId: "u_42"})
	check(err) // with an error, the JSON has what is known
	fmt.Printf("posthog.init(key, {bootstrap: %s})\n", bootstrap)
	// Output:
	// posthog.init(key, {bootstrap: {"distinctID":"u_42","featureFlags":{"button":"blue"},"featureFlagPayloads":{}}})
}

// AllFlags are the values alone.
func ExampleServerClient_AllFlags() {
	client, server, end := sandbox(posthog.Config{})
	defer end()
	server.SetFlag("beta", true)
	server.SetFlag("button", "blue")

	values, err := client.AllFlags(context.Background(), posthog.FeatureFlagPayloadNoKey{DistinctId: "u_42"})
	check(err)
	fmt.Println(values)
	// Output:
	// map[beta:true button:blue]
}

// A remote config is a payload for everybody, which may be encrypted.
func ExampleServerClient_RemoteConfigPayload() {
	client, server, end := sandbox(posthog.Config{SecretKey: "phs_test"})
	defer end()
	server.SetFlags(posthogtest.Flag{Key: "limits", RemoteConfig: true, Payload: map[string]int{"max": 5}})

	payload, err := client.RemoteConfigPayload(context.Background(), "limits")
	check(err)
	fmt.Println(payload)
	// Output:
	// {"max":5}
}

// A program with one user says once what is known of them.
func ExampleServerClient_SetPersonPropertiesForFlags() {
	client, server, end := sandbox(posthog.Config{})
	defer end()
	server.SetFlags(posthogtest.Flag{Key: "beta", Where: map[string]any{"plan": "pro"}})

	client.SetPersonPropertiesForFlags(posthog.Properties{"plan": "pro"})
	fmt.Println(client.FlagEnabled(context.Background(), posthog.FeatureFlagPayload{Key: "beta", DistinctId: "u_42"}, false))
	client.ResetPersonPropertiesForFlags()
	fmt.Println(client.FlagEnabled(context.Background(), posthog.FeatureFlagPayload{Key: "beta", DistinctId: "u_42"}, false))
	// Output:
	// true
	// false
}

// A snapshot says which properties would have spared its request.
func ExampleFeatureFlagEvaluations_MissingProperties() {
	client, server, end := sandbox(posthog.Config{SecretKey: "phs_test"})
	defer end()
	check(client.WaitForFlagDefinitions(context.Background()))
	server.SetFlags(posthogtest.Flag{Key: "beta", Where: map[string]any{"plan": "pro"}})
	check(client.ReloadFeatureFlags())

	snapshot, err := client.EvaluateFlagsWithContext(context.Background(), posthog.EvaluateFlagsPayload{DistinctId: "u_42"})
	check(err)
	fmt.Println(snapshot.MissingProperties())
	// Output:
	// [plan]
}

// A payload is decoded into whatever the program needs. Reading one captures
// nothing.
func ExamplePayloadAs() {
	client, server, end := sandbox(posthog.Config{})
	defer end()
	server.SetFlags(posthogtest.Flag{Key: "limits", Payload: map[string]int{"uploads": 5}})
	ctx := context.Background()

	snapshot, err := client.EvaluateFlagsWithContext(ctx, posthog.EvaluateFlagsPayload{DistinctId: "u_42"})
	check(err)
	limits, err := posthog.PayloadAs[map[string]int](snapshot, "limits")
	fmt.Println(limits["uploads"], err)
	fmt.Println(snapshot.GetFlagPayload("limits"))

	_, err = posthog.PayloadAs[map[string]int](snapshot, "sizes")
	fmt.Println(errors.Is(err, posthog.ErrFlagNotFound))

	result, err := client.FlagResult(ctx, posthog.FeatureFlagPayload{Key: "limits", DistinctId: "u_42"})
	check(err)
	var read struct{ Uploads int }
	check(result.GetPayloadAs(&read)) // as programs for posthog-go do
	fmt.Println(read.Uploads)
	// Output:
	// 5 <nil>
	// {"uploads":5}
	// true
	// 5
}

// An event may carry some of the flags of a snapshot, by name.
func ExampleFeatureFlagEvaluations_Only() {
	client, server, end := sandbox(posthog.Config{})
	defer end()
	server.SetFlag("new-checkout", true)
	server.SetFlag("button", "blue")

	snapshot, err := client.EvaluateFlags(posthog.EvaluateFlagsPayload{DistinctId: "u_42"})
	check(err)
	check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "order paid", Flags: snapshot.Only([]string{"button"})}))
	check(client.Close())
	fmt.Println(snapshot.Keys(), server.Events()[0].Properties["$active_feature_flags"])
	// Output:
	// [button new-checkout] [button]
}

// Why is it on? A snapshot knows what decided a value, without capturing
// anything.
func ExampleFeatureFlagEvaluations_Reason() {
	client, server, end := sandbox(posthog.Config{})
	defer end()
	server.SetFlag("beta", true)

	snapshot, err := client.EvaluateFlags(posthog.EvaluateFlagsPayload{DistinctId: "u_42", FlagKeys: []string{"beta"}})
	check(err)
	fmt.Println(snapshot.Reason("beta"))
	// Output:
	// Matched condition set 1
}

// A flag that is rolled out by device needs one, and a question that is asked
// only to show a value need not be captured.
func ExampleFeatureFlagPayload_device() {
	client, server, end := sandbox(posthog.Config{})
	defer end()
	server.SetFlag("beta", true)

	fmt.Println(client.FlagEnabled(context.Background(), posthog.FeatureFlagPayload{
		Key:                   "beta",
		DistinctId:            "u_42",
		DeviceId:              posthog.Ptr("d_7"), // within a request, RequestContext.DeviceId will do
		SendFeatureFlagEvents: posthog.Ptr(false),
	}, false))
	check(client.Close())
	fmt.Println(server.FlagRequests()[0].DeviceID, len(server.Events()), "events")
	// Output:
	// true
	// d_7 0 events
}

// What is said of a company holds for all questions about its people.
func ExampleServerClient_SetGroupPropertiesForFlags() {
	client, server, end := sandbox(posthog.Config{})
	defer end()
	server.SetFlags(posthogtest.Flag{Key: "reports", Group: "company", Where: map[string]any{"seats": 40}})
	question := posthog.FeatureFlagPayload{Key: "reports", DistinctId: "u_42", Groups: posthog.Groups{"company": "acme"}}

	ctx := context.Background()
	client.SetGroupPropertiesForFlags("company", posthog.Properties{"seats": 40})
	fmt.Println(client.FlagEnabled(ctx, question, false))
	client.ResetGroupPropertiesForFlags("company") // without a name, all of them
	fmt.Println(client.FlagEnabled(ctx, question, false))
	// Output:
	// true
	// false
}
