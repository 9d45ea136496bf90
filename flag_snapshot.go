package posthog

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/hedgerow/posthog/internal/evaluation"
	"github.com/hedgerow/posthog/internal/flagsync"
)

// FeatureFlagEvaluations are the flags of one person at one moment; make one
// with [ServerClient.EvaluateFlagsWithContext]. Reading it makes no request, and
// nothing that happens later changes its values. It is safe for concurrent use.
// A nil or zero *FeatureFlagEvaluations has no flags and captures nothing.
//
// IsEnabled, IsEnabledOr, GetFlag and Variant are what a program branches on:
// the first of them to see a value captures it as $feature_flag_called, for the
// person, the device and the request that the snapshot was made for. All other
// methods are silent.
type FeatureFlagEvaluations struct {
	client *ServerClient // nil for none
	asker  asker
	set    *evaluation.Set
	asked  []string            // nil for all
	only   map[string]struct{} // of a filtered one: what is left; else nil
	state  *flagsync.State     // the definitions; nil without

	mu       sync.Mutex          // guards accessed
	accessed map[string]struct{} // keys that were branched on

	attached atomic.Pointer[attachedFlags]
}

// EvaluateFlagsWithContext evaluates the flags of a person: from the loaded
// definitions as far as they decide, and with at most one request for the rest,
// which ends with ctx. PostHog bills it as one, however many flags there are.
// Branch on what it returns, and pass it on with [Capture.Flags], so that events
// carry the values that the program saw. Making a snapshot captures nothing.
//
// The snapshot is never nil. With an error it has the flags that are known all
// the same: the error is a [*FlagError], or [ErrNoSecretKey]. Without a distinct
// id, neither in payload nor in the [RequestContext], it is empty, and the error
// is [ErrNoDistinctID]. A client that is nil, disabled or a DryRun makes no
// request, and what it does not know is no error, unless it has no API key.
func (c *ServerClient) EvaluateFlagsWithContext(ctx context.Context, payload EvaluateFlagsPayload) (*FeatureFlagEvaluations, error) {
	if c.inert() {
		return new(FeatureFlagEvaluations), nil
	}
	if ctx == nil {
		ctx = context.Background()
	}
	a := who(ctx, payload.DistinctId, payload.DeviceId, payload.Groups, payload.PersonProperties)
	if a.distinctID == "" {
		return new(FeatureFlagEvaluations), c.withoutIdentity()
	}
	return c.evaluate(ctx, &a, &payload)
}

// EvaluateFlagsWithContext calls the method of the same name, for programs that
// hold a [Client]. A client without that method gets the distinct id of the
// request context and no context, and a nil client knows no flags.
func EvaluateFlagsWithContext(ctx context.Context, client Client, payload EvaluateFlagsPayload) (*FeatureFlagEvaluations, error) {
	if client == nil {
		return new(FeatureFlagEvaluations), nil
	}
	if c, ok := client.(interface {
		EvaluateFlagsWithContext(context.Context, EvaluateFlagsPayload) (*FeatureFlagEvaluations, error)
	}); ok {
		return c.EvaluateFlagsWithContext(ctx, payload)
	}
	a := who(ctx, payload.DistinctId, payload.DeviceId, payload.Groups, payload.PersonProperties)
	payload.DistinctId = a.distinctID
	return client.EvaluateFlags(payload)
}

// evaluate makes the snapshot of a.
func (c *ServerClient) evaluate(ctx context.Context, a *asker, p *EvaluateFlagsPayload) (*FeatureFlagEvaluations, error) {
	q := c.ask(a, p.PersonProperties, p.GroupProperties)
	q.Keys, q.OnlyLocally = p.FlagKeys, p.OnlyEvaluateLocally
	if p.DisableGeoIP != nil {
		q.DisableGeoIP = *p.DisableGeoIP
	}
	e := &FeatureFlagEvaluations{client: c, asker: *a, asked: slices.Clone(p.FlagKeys)}
	e.asker.groups = maps.Clone(a.groups)
	if c.flags.loader != nil {
		e.state = c.flags.loader.State()
	}
	var err error
	e.set, err = c.flags.engine.All(ctx, &q.Request)
	c.answered(q)
	if err != nil {
		err = c.unanswered("", nil, err)
	}
	return e, err
}

// IsEnabled reports whether a flag is on. A flag that is not in the snapshot is
// not.
func (e *FeatureFlagEvaluations) IsEnabled(key string) bool { return e.IsEnabledOr(key, false) }

// IsEnabledOr reports whether a flag is on, and returns def if the flag is not
// in the snapshot. A flag that is known to be off is off, whatever def is.
func (e *FeatureFlagEvaluations) IsEnabledOr(key string, def bool) bool {
	r := e.branch(key)
	if r.State != evaluation.Found {
		return def
	}
	return r.Enabled
}

// GetFlag returns the value of a flag: the variant as a string, or true or
// false, and nil if the flag is not in the snapshot.
func (e *FeatureFlagEvaluations) GetFlag(key string) interface{} {
	r := e.branch(key)
	if r.State != evaluation.Found {
		return nil
	}
	return flagValue(&r)
}

// Variant returns the variant of a flag, "" if it has none.
func (e *FeatureFlagEvaluations) Variant(key string) string {
	r := e.branch(key)
	return r.Variant
}

// GetFlagPayload returns the payload of a flag's value, usually JSON, and "" if
// there is none. See also [PayloadAs].
func (e *FeatureFlagEvaluations) GetFlagPayload(key string) string {
	r := e.look(key)
	return r.Payload
}

// Reason returns a sentence about what decided the value of a flag, "" if there
// is none.
func (e *FeatureFlagEvaluations) Reason(key string) string {
	r := e.look(key)
	return r.Reason
}

func (e *FeatureFlagEvaluations) payloadOf(key string) (string, error) {
	switch r := e.look(key); {
	case r.State != evaluation.Found:
		return "", fmt.Errorf("%w: %q", ErrFlagNotFound, key)
	case r.Payload == "":
		return "", fmt.Errorf("%w: %q", ErrNoPayload, key)
	default:
		return r.Payload, nil
	}
}

// look returns what is known of a flag.
func (e *FeatureFlagEvaluations) look(key string) evaluation.Record {
	if e == nil || e.left(key) == filteredOut {
		return evaluation.Record{State: evaluation.Missing}
	}
	return e.set.Lookup(key)
}

// branch is look for a program that decides something by the value.
func (e *FeatureFlagEvaluations) branch(key string) evaluation.Record {
	r := e.look(key)
	if e == nil || e.client == nil {
		return r
	}
	if r.State == evaluation.Found {
		e.mark(key)
	} else if e.left(key) != inScope {
		return r // nobody was asked for it, so nothing is known to be missing
	}
	e.client.expose(nil, &e.asker, key, &r) //nolint:staticcheck // nil stands for the context of the snapshot
	return r
}

// What a snapshot has to do with a key.
type scope uint8

const (
	inScope     scope = iota
	neverAsked        // the snapshot was made for other keys
	filteredOut       // the snapshot is a part of another one, without this key
)

func (e *FeatureFlagEvaluations) left(key string) scope {
	if e.only != nil {
		if _, ok := e.only[key]; !ok {
			return filteredOut
		}
	}
	if e.asked != nil && !slices.Contains(e.asked, key) {
		return neverAsked
	}
	return inScope
}

// mark remembers that the program branched on a flag.
func (e *FeatureFlagEvaluations) mark(key string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, ok := e.accessed[key]; ok {
		return
	}
	if e.accessed == nil {
		e.accessed = make(map[string]struct{})
	}
	e.accessed[key] = struct{}{}
}
