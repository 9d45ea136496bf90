package posthog_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
)

// This file, too, is written as programs for posthog-go are.

var (
	_ posthog.FlagDefinitionCacheProvider = (*sharedDefinitions)(nil)
	_ posthog.SendFeatureFlagsValue       = posthog.SendFeatureFlagsBool(true)
	_ posthog.SendFeatureFlagsValue       = (*posthog.SendFeatureFlagsOptions)(nil)
	_ error                               = posthog.NewAPIError(500, "")

	_ = posthog.FeatureFlagErrorAPIErrorPrefix + "500"
	_ = posthog.ErrNoPersonalAPIKey == posthog.ErrNoSecretKey
)

// shop is a program that holds a client by the interface.
type shop struct{ client posthog.Client }

// checkout branches on flags in every way that posthog-go has.
func (s shop) checkout(ctx context.Context, id string) (string, error) {
	groups := posthog.NewGroups().Set("company", "acme")
	enabled, err := s.client.IsFeatureEnabled(posthog.FeatureFlagPayload{
		Key: "on", DistinctId: id, Groups: groups, PersonProperties: posthog.NewProperties().Set("plan", "pro"),
		GroupProperties: map[string]posthog.Properties{"company": posthog.NewProperties().Set("seats", 4)},
	})
	if err != nil || enabled != true {
		return "", errors.Join(errors.New("on is off"), err)
	}
	value, err := s.client.GetFeatureFlag(posthog.FeatureFlagPayload{Key: "colour", DistinctId: id, SendFeatureFlagEvents: posthog.Ptr(false)})
	if variant, ok := value.(string); err != nil || !ok || variant != "blue" {
		return "", errors.Join(errors.New("colour is not blue"), err)
	}
	result, err := s.client.GetFeatureFlagResult(posthog.FeatureFlagPayload{Key: "on", DistinctId: id, OnlyEvaluateLocally: true})
	if errors.Is(err, posthog.ErrNoSecretKey) || errors.Is(err, posthog.ErrFlagNotFound) {
		return "", err
	}
	var limits struct{ Limit int }
	if err := result.GetPayloadAs(&limits); err != nil || limits.Limit != 5 {
		return "", errors.Join(errors.New("no limits"), err)
	}
	if payload, err := s.client.GetFeatureFlagPayload(posthog.FeatureFlagPayload{Key: "colour", DistinctId: id}); err != nil || payload == "" {
		return "", errors.Join(errors.New("no payload"), err)
	}
	all, err := s.client.GetAllFlags(posthog.FeatureFlagPayloadNoKey{DistinctId: id})
	if err != nil || len(all) != 4 {
		return "", errors.Join(errors.New("not all flags"), err)
	}
	flags, err := posthog.EvaluateFlagsWithContext(ctx, s.client, posthog.EvaluateFlagsPayload{DistinctId: id, FlagKeys: []string{"on", "colour"}})
	if err != nil || !flags.IsEnabled("on") || flags.GetFlag("colour") != "blue" || flags.GetFlagPayload("colour") == "" || len(flags.Keys()) != 2 {
		return "", errors.Join(errors.New("a wrong snapshot"), err)
	}
	return "paid", errors.Join(
		s.client.Enqueue(posthog.Capture{DistinctId: id, Event: "paid", Flags: flags.OnlyAccessed(), Groups: groups}),
		s.client.Enqueue(posthog.Capture{DistinctId: id, Event: "paid", Flags: flags.Only([]string{"on"})}),
		s.client.Enqueue(posthog.Capture{DistinctId: id, Event: "paid", SendFeatureFlags: posthog.SendFeatureFlags(true)}),
		s.client.Enqueue(posthog.Capture{DistinctId: id, Event: "paid", SendFeatureFlags: posthog.SendFeatureFlagsWithOptions(
			&posthog.SendFeatureFlagsOptions{OnlyEvaluateLocally: true, DeviceId: posthog.Ptr("d_1")},
		)}),
		s.client.ReloadFeatureFlags(),
	)
}

// Proves GO-15, GO-18, GO-19, GO-20, GO-21, GO-33: a program with flags compiles, and does what it did.
func TestFlagsOfAProgramWrittenForPosthogGo(t *testing.T) {
	config := posthog.Config{
		PersonalApiKey:                     "phx_test",
		DefaultFeatureFlagsPollingInterval: posthog.DefaultFeatureFlagsPollingInterval,
		FeatureFlagRequestTimeout:          posthog.DefaultFeatureFlagRequestTimeout,
		FeatureFlagRequestMaxRetries:       posthog.Ptr(2),
		NextFeatureFlagsPollingTick:        func() time.Duration { return time.Minute },
	}
	inFlagWorld(t, config, assorted, func(w *world) {
		if err := w.client.WaitForFlagDefinitions(w.Context()); err != nil {
			w.Fatal(err)
		}
		event, err := shop{w.client}.checkout(w.Context(), "u_1")
		if err != nil {
			w.Fatalf("checkout: %v", err)
		}
		w.flush()
		paid := 0
		for _, e := range arrived(w.T, w.server) {
			if e.Event == event {
				paid++
				requireProperties(w.T, e, map[string]any{"$feature/on": true})
			}
		}
		if paid != 4 {
			w.Errorf("%d events arrived, want 4", paid)
		}
	})
}
