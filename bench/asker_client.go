package main

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	rival "github.com/posthog/posthog-go"

	"github.com/hedgerow/posthog"
)

// ourFlags is a client of this library with local evaluation, which reports exposures.
type ourFlags struct {
	client *posthog.ServerClient
	server *http.Server
	remote bool // asks the server each time
}

func openOurFlags(ctx context.Context, document []byte) (asker, error) {
	server, url, err := serveDefinitions(ctx, document)
	if err != nil {
		return nil, err
	}
	o := ourFlags{server: server}
	o.client, err = posthog.NewWithConfig(projectKey, posthog.Config{Endpoint: url, SecretKey: secretKey, MaxQueueSize: 1 << 20})
	if err != nil {
		return nil, errors.Join(err, server.Close())
	}
	if err := o.client.WaitForFlagDefinitions(ctx); err != nil {
		return nil, errors.Join(err, o.Close())
	}
	return o, nil
}

// openOurRemote is openOurFlags without definitions.
func openOurRemote(ctx context.Context, document []byte) (asker, error) {
	server, url, err := serveDefinitions(ctx, document)
	if err != nil {
		return nil, err
	}
	client, err := posthog.NewWithConfig(projectKey, posthog.Config{Endpoint: url, MaxQueueSize: 1 << 20})
	if err != nil {
		return nil, errors.Join(err, server.Close())
	}
	return ourFlags{client, server, true}, nil
}

// One implements asker.
func (o ourFlags) One(key, distinctID string, properties map[string]any) (string, error) {
	payload := posthog.FeatureFlagPayload{Key: key, DistinctId: distinctID, PersonProperties: properties, OnlyEvaluateLocally: !o.remote}
	return strconv.FormatBool(o.client.FlagEnabled(context.Background(), payload, false)), nil
}

// All implements asker.
func (o ourFlags) All(distinctID string, properties map[string]any) (int, error) {
	snapshot, err := o.client.EvaluateFlagsWithContext(context.Background(), posthog.EvaluateFlagsPayload{
		DistinctId: distinctID, PersonProperties: properties, OnlyEvaluateLocally: true,
	})
	if err != nil {
		return 0, err
	}
	return counted(snapshot.GetFlagPayload), nil
}

// Close implements asker.
func (o ourFlags) Close() error { return errors.Join(o.client.Close(), o.server.Close()) }

// counted keeps a snapshot from being optimised away. All that it says is that there is one: listing the keys would
// cost more than the evaluation.
func counted(payload func(string) string) int {
	_ = payload(flagKey(0))
	return -1
}

// rivalClient is a client of posthog-go that reports exposures.
type rivalClient struct {
	rivalFlags
	remote bool // asks the server each time
}

func openRivalClient(ctx context.Context, document []byte) (asker, error) {
	a, err := openRivalFlags(ctx, document)
	if err != nil {
		return nil, err
	}
	return rivalClient{a.(rivalFlags), false}, nil
}

// openRivalRemote is openRivalClient without definitions.
func openRivalRemote(ctx context.Context, document []byte) (asker, error) {
	server, url, err := serveDefinitions(ctx, document)
	if err != nil {
		return nil, err
	}
	client, err := rival.NewWithConfig(projectKey, rival.Config{Endpoint: url, Logger: silent{}})
	if err != nil {
		return nil, errors.Join(err, server.Close())
	}
	return rivalClient{rivalFlags{client, server}, true}, nil
}

// One implements asker.
func (r rivalClient) One(key, distinctID string, properties map[string]any) (string, error) {
	value, err := r.client.GetFeatureFlag(rival.FeatureFlagPayload{
		Key: key, DistinctId: distinctID, PersonProperties: properties, OnlyEvaluateLocally: !r.remote,
	})
	return strconv.FormatBool(value != false), err
}

// All implements asker.
func (r rivalClient) All(distinctID string, properties map[string]any) (int, error) {
	snapshot, err := r.client.EvaluateFlags(rival.EvaluateFlagsPayload{
		DistinctId: distinctID, PersonProperties: properties, OnlyEvaluateLocally: true,
	})
	if err != nil {
		return 0, err
	}
	return counted(snapshot.GetFlagPayload), nil
}
