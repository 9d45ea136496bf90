package posthog

import (
	"context"
	"encoding/json"
)

// AllFlags returns the values of all flags of a person: variants as strings,
// or true or false. It makes at most one request, and captures nothing. With an
// error, which is one of those of [ServerClient.EvaluateFlagsWithContext], the
// map has the flags that are known all the same; it is never nil.
func (c *ServerClient) AllFlags(ctx context.Context, payload FeatureFlagPayloadNoKey) (map[string]interface{}, error) {
	snapshot, err := c.EvaluateFlagsWithContext(ctx, payload.all())
	values := make(map[string]any)
	for r := range snapshot.records() {
		values[r.Key] = flagValue(&r)
	}
	return values, err
}

// bootstrap is what posthog-js takes in the option of that name.
type bootstrap struct {
	DistinctID string                     `json:"distinctID"`
	Flags      map[string]any             `json:"featureFlags"`
	Payloads   map[string]json.RawMessage `json:"featureFlagPayloads"`
}

// BootstrapFlags returns the flags of a person, with their payloads, as the JSON
// that the bootstrap option of posthog-js takes, so that a page that the service
// renders knows them from the first moment. The JSON may stand within a script
// element as it is. Set isIdentifiedID beside it in the page if the distinct id
// is that of somebody who is signed in. It captures nothing: the page does when
// it reads a flag.
//
// With an error, which is one of those of [ServerClient.EvaluateFlagsWithContext],
// the JSON has the flags that are known all the same, so that a page need not
// fail. That of a client that is nil or disabled has none.
func (c *ServerClient) BootstrapFlags(ctx context.Context, payload FeatureFlagPayloadNoKey) ([]byte, error) {
	snapshot, err := c.EvaluateFlagsWithContext(ctx, payload.all())
	b := bootstrap{
		DistinctID: snapshot.asker.distinctID,
		Flags:      make(map[string]any),
		Payloads:   make(map[string]json.RawMessage),
	}
	for r := range snapshot.records() {
		b.Flags[r.Key] = flagValue(&r)
		if r.Payload == "" {
			continue
		}
		b.Payloads[r.Key] = json.RawMessage(r.Payload)
		if !json.Valid(b.Payloads[r.Key]) {
			b.Payloads[r.Key], _ = json.Marshal(r.Payload) // a string cannot fail
		}
	}
	text, _ := json.Marshal(b) // and what is valid cannot either
	return text, err
}
