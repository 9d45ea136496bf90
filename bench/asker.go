package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	rival "github.com/posthog/posthog-go"

	"github.com/hedgerow/posthog/flags"
)

// An asker answers questions about flags from definitions that are loaded already.
type asker interface {
	// One returns the value of a flag: "true", "false" or a variant.
	One(key, distinctID string, properties map[string]any) (string, error)
	// All returns how many flags have a value.
	All(distinctID string, properties map[string]any) (int, error)
	Close() error
}

// An opener makes one of the askers that are compared.
type opener func(ctx context.Context, document []byte) (asker, error)

// program is the evaluator of this library, without a client.
type program struct {
	program *flags.Program
	results chan []flags.Result // capacity: one for each goroutine that asks for all
}

func openProgram(_ context.Context, document []byte) (asker, error) {
	parsed, err := flags.Parse(document)
	if err != nil {
		return nil, err
	}
	p := &program{program: flags.Compile(parsed, flags.Options{}), results: make(chan []flags.Result, 8)}
	for range cap(p.results) {
		p.results <- nil
	}
	return p, nil
}

// One implements asker.
func (p *program) One(key, distinctID string, properties map[string]any) (string, error) {
	result := p.program.Evaluate(key, &flags.Subject{DistinctID: distinctID, PersonProperties: properties})
	switch {
	case result.Inconclusive != nil:
		return "", fmt.Errorf("%s is inconclusive: %v", key, result.Inconclusive.Why)
	case result.Variant != "":
		return result.Variant, nil
	default:
		return strconv.FormatBool(result.Enabled), nil
	}
}

// All implements asker.
func (p *program) All(distinctID string, properties map[string]any) (int, error) {
	results := <-p.results
	results = p.program.EvaluateAll(&flags.Subject{DistinctID: distinctID, PersonProperties: properties}, results[:0])
	n := len(results)
	p.results <- results
	return n, nil
}

// Close implements asker.
func (p *program) Close() error { return nil }

// rivalFlags is a client of posthog-go with local evaluation.
type rivalFlags struct {
	client rival.Client
	server *http.Server
}

// secretKey lets posthog-go poll. It belongs to nobody.
const secretKey = "phx_bench"

func openRivalFlags(ctx context.Context, document []byte) (asker, error) {
	server, url, err := serveDefinitions(ctx, document)
	if err != nil {
		return nil, err
	}
	r := rivalFlags{server: server}
	r.client, err = rival.NewWithConfig(projectKey, rival.Config{
		Endpoint: url, SecretKey: secretKey, Logger: silent{}, DefaultFeatureFlagsPollingInterval: time.Hour,
	})
	if err != nil {
		return nil, errors.Join(err, server.Close())
	}
	if _, err := r.One(flagKey(0), "user-0", subjectProperties()); err != nil { // waits for the definitions
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// One implements asker.
func (r rivalFlags) One(key, distinctID string, properties map[string]any) (string, error) {
	value, err := r.client.GetFeatureFlag(rival.FeatureFlagPayload{
		Key: key, DistinctId: distinctID, PersonProperties: properties, OnlyEvaluateLocally: true, SendFeatureFlagEvents: rival.Ptr(false),
	})
	switch value := value.(type) {
	case bool:
		return strconv.FormatBool(value), err
	case string:
		return value, err
	default:
		return "", err
	}
}

// All implements asker.
func (r rivalFlags) All(distinctID string, properties map[string]any) (int, error) {
	snapshot, err := r.client.EvaluateFlags(rival.EvaluateFlagsPayload{
		DistinctId: distinctID, PersonProperties: properties, OnlyEvaluateLocally: true,
	})
	if err != nil {
		return 0, err
	}
	return len(snapshot.Keys()), nil
}

// Close implements asker.
func (r rivalFlags) Close() error { return errors.Join(r.client.Close(), r.server.Close()) }

// remoteAnswer is the answer to whoever asks about flag 0: it is on.
const remoteAnswer = `{"errorsWhileComputingFlags":false,"requestId":"0199a1b2-0000-7000-8000-000000000000","flags":{"flag-0000":{"key":"flag-0000",` +
	`"enabled":true,"variant":null,"reason":{"code":"condition_match","condition_index":0,"description":"Matched condition set 1"},` +
	`"metadata":{"id":1,"version":3,"payload":null}}}}`

// serveDefinitions serves the document on a loopback port until its server is closed. About flag 0 it also answers itself.
func serveDefinitions(ctx context.Context, document []byte) (*http.Server, string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case strings.HasPrefix(r.URL.Path, "/flags/definitions"):
			_, _ = w.Write(document)
		case strings.HasPrefix(r.URL.Path, "/flags"):
			_, _ = w.Write([]byte(remoteAnswer))
		default:
			_, _ = w.Write([]byte(`{"status":"Ok"}`))
		}
	})}
	go server.Serve(listener) //nolint:errcheck // it ends with Close
	return server, "http://" + listener.Addr().String(), nil
}
