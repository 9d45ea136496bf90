package posthog_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// Polling costs ten flag requests a time. A service whose flags change seldom
// polls less often, and one that sleeps at night does not poll while it does.
func ExampleConfig_flagPolling() {
	client, _, end := sandbox(posthog.Config{
		SecretKey:                          "phs_test",
		DefaultFeatureFlagsPollingInterval: 5 * time.Minute,
		FlagPauseAfterIdle:                 time.Hour,
		NextFeatureFlagsPollingTick: func() time.Duration { // asked before each wait; 0 means the interval above
			if h := time.Now().Hour(); h >= 9 && h < 17 {
				return 30 * time.Second
			}
			return 0
		},
	})
	defer end()
	check(client.WaitForFlagDefinitions(context.Background()))

	polls := client.FlagStatus().Polls
	fmt.Println(polls.Loaded, "load, billed as", polls.Billable, "requests")
	// Output:
	// 1 load, billed as 10 requests
}

// A backup lets a process begin with the definitions of the one before it, where
// PostHog cannot be reached at the start.
func ExampleConfig_flagBackup() {
	dir, err := os.MkdirTemp("", "flags")
	check(err)
	defer func() { check(os.RemoveAll(dir)) }()
	config := posthog.Config{SecretKey: "phs_test", FlagBackupPath: filepath.Join(dir, "backup.json"), Logger: quiet}
	question := posthog.FeatureFlagPayload{Key: "beta", DistinctId: "u_42"}
	ctx := context.Background()

	yesterday, server, end := sandbox(config)
	server.SetFlag("beta", true)
	check(yesterday.WaitForFlagDefinitions(ctx))
	check(yesterday.ReloadFeatureFlagsWithContext(ctx))
	end()

	server, err = posthogtest.Start(posthogtest.Config{})
	check(err)
	defer server.Close()
	server.Inject(posthogtest.Fault{Path: posthogtest.RouteDefinitions, Status: 503, Times: -1})
	config.Endpoint, config.Transport = server.URL(), server.Transport()
	today, err := posthog.NewWithConfig("phc_test", config)
	check(err)
	defer today.Close()
	check(today.WaitForFlagDefinitions(ctx))
	fmt.Println(today.FlagEnabled(ctx, question, false), "from the", today.FlagStatus().Source)
	// Output:
	// true from the backup
}

// A secret key for remote configs alone: flags are left to PostHog, within
// limits of time, and flags for other parts of the product are not even asked
// for.
func ExampleConfig_flagRequests() {
	client, server, end := sandbox(posthog.Config{
		SecretKey:                    "phs_test",
		EnableLocalEvaluation:        posthog.Ptr(false),
		FeatureFlagRequestTimeout:    500 * time.Millisecond,
		FeatureFlagRequestMaxRetries: posthog.Ptr(0),
		EvaluationContexts:           []string{"checkout"},
	})
	defer end()
	server.SetFlag("beta", true)

	fmt.Println(client.FlagEnabled(context.Background(), posthog.FeatureFlagPayload{Key: "beta", DistinctId: "u_42"}, false))
	fmt.Println(server.FlagRequests()[0].EvaluationContexts, len(server.DefinitionRequests()), "loads of definitions")
	// Output:
	// true
	// [checkout] 0 loads of definitions
}

// Without local evaluation, one request can serve all questions about a person
// for a while.
func ExampleConfig_flagCache() {
	client, server, end := sandbox(posthog.Config{
		FeatureFlagCacheTTL:  30 * time.Second,
		FeatureFlagCacheSize: 10_000, // persons
	})
	defer end()
	server.SetFlag("beta", true)
	server.SetFlag("button", "blue")

	ctx := context.Background()
	fmt.Println(client.FlagEnabled(ctx, posthog.FeatureFlagPayload{Key: "beta", DistinctId: "u_42"}, false))
	result, err := client.FlagResult(ctx, posthog.FeatureFlagPayload{Key: "button", DistinctId: "u_42"})
	check(err)
	fmt.Println(*result.Variant, result.Origin, len(server.FlagRequests()), "request")
	// Output:
	// true
	// blue cached 1 request
}

// Strict evaluation asks nobody. What the definitions cannot know has to be
// said: the time zone of the project, and that nobody of whom it is not known
// has opted in to early access.
func ExampleConfig_strictFlags() {
	zone, err := time.LoadLocation("Europe/Berlin")
	check(err)
	document := []byte(`{"flags":[
		{"id":1,"key":"early","active":true,"filters":{"feature_enrollment":true,"groups":[{"rollout_percentage":0}]}},
		{"id":2,"key":"new-year","active":true,"filters":{"groups":[{"properties":[
			{"key":"signed_up","type":"person","operator":"is_date_after","value":"2026-01-01"}]}]}}
	]}`)
	client, server, end := sandbox(posthog.Config{
		FlagSource:            posthog.FlagBytes(document),
		StrictLocalEvaluation: true,
		FlagAssumeNotEnrolled: true,
		FlagLocation:          zone,
	})
	defer end()

	ctx := context.Background()
	fmt.Println(client.FlagEnabled(ctx, posthog.FeatureFlagPayload{Key: "early", DistinctId: "u_42"}, true))
	for _, signedUp := range []string{"2025-12-31T22:59:00Z", "2025-12-31T23:01:00Z"} {
		fmt.Println(client.FlagEnabled(ctx, posthog.FeatureFlagPayload{
			Key: "new-year", DistinctId: "u_42", PersonProperties: posthog.Properties{"signed_up": signedUp},
		}, false))
	}
	fmt.Println(len(server.FlagRequests()), "requests")
	// Output:
	// false
	// false
	// true
	// 0 requests
}

// A last known value may live anywhere. This cache is a map; the module
// contrib/redis has one that a fleet shares.
func ExampleFlagResultCache() {
	client, server, end := sandbox(posthog.Config{FlagFallbackCache: new(resultCache)})
	defer end()
	server.SetFlag("beta", true)

	ctx, question := context.Background(), posthog.FeatureFlagPayload{Key: "beta", DistinctId: "u_42"}
	fmt.Println(client.FlagEnabled(ctx, question, false))
	// Output:
	// true
}
