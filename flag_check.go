package posthog

import (
	"context"
	"errors"
	"fmt"

	"github.com/hedgerow/posthog/internal/evaluation"
	"github.com/hedgerow/posthog/internal/event"
)

// FlagEnabled reports whether a flag is on for a person, and returns def where
// nobody knows: because there is no such flag, because PostHog does not answer,
// or because the question names no person. A flag that is known to be off is
// off, whatever def is.
//
// The flag is evaluated from the loaded definitions if they decide, and
// otherwise by one request, which PostHog bills, unless
// [Config.FeatureFlagCacheTTL] keeps an answer. The request ends with ctx and,
// each attempt, with [Config.FeatureFlagRequestTimeout]. The first answer of each
// value is captured as $feature_flag_called, which is what experiments count; see
// [FeatureFlagPayload]. A client that is nil, disabled or a DryRun makes no
// request, and returns def for what neither [ServerClient.OverrideFlags] nor, in a
// DryRun, a [FlagSource] decides.
func (c *ServerClient) FlagEnabled(ctx context.Context, payload FeatureFlagPayload, def bool) bool {
	r, err := c.flag(ctx, &payload, true)
	if err != nil || r.State != evaluation.Found {
		return def
	}
	return r.Enabled
}

// FlagVariant returns the variant of a flag for a person, and def where there is
// none: because the flag is off, or on without a variant, or for one of the
// reasons for which FlagEnabled returns def. Otherwise it is like
// [ServerClient.FlagEnabled].
func (c *ServerClient) FlagVariant(ctx context.Context, payload FeatureFlagPayload, def string) string {
	r, err := c.flag(ctx, &payload, true)
	if err != nil || r.Variant == "" {
		return def
	}
	return r.Variant
}

// FlagResult returns the value of a flag for a person, with its payload and
// with what decided it. A flag that the project does not have is
// [ErrFlagNotFound]; a flag of which nothing is known is a [*FlagError], or
// [ErrNoSecretKey] where local evaluation was asked for and has no source. A
// question without a distinct id is [ErrNoDistinctID], and one without a key a
// [FieldError]. For a client that is nil, disabled or a DryRun, every flag is off,
// and that is no error; without an API key it is [ErrSDKDisabled]. Otherwise it is
// like [ServerClient.FlagEnabled].
func (c *ServerClient) FlagResult(ctx context.Context, payload FeatureFlagPayload) (*FeatureFlagResult, error) {
	r, err := c.flag(ctx, &payload, true)
	if err != nil {
		return nil, err
	}
	if r.State != evaluation.Found && !c.inert() && !c.flags.silent {
		return nil, fmt.Errorf("%w: %q", ErrFlagNotFound, payload.Key)
	}
	r.Key = payload.Key
	return newFlagResult(&r), nil
}

// flag answers for one flag, and captures the answer unless it is a mere look.
// The record is Found or Missing if the error is nil.
func (c *ServerClient) flag(ctx context.Context, p *FeatureFlagPayload, captured bool) (r evaluation.Record, err error) {
	if c.inert() {
		return evaluation.Record{State: evaluation.Missing}, nil
	}
	if event.Blank(p.Key) {
		return evaluation.Record{}, FieldError{Type: "posthog.FeatureFlagPayload", Name: "Key", Value: p.Key}
	}
	if ctx == nil {
		ctx = context.Background()
	}
	a := who(ctx, p.DistinctId, p.DeviceId, p.Groups, p.PersonProperties)
	if a.distinctID == "" {
		return evaluation.Record{}, c.withoutIdentity()
	}
	q := c.ask(&a, p.PersonProperties, p.GroupProperties)
	q.OnlyLocally = p.OnlyEvaluateLocally
	r, err = c.flags.engine.One(ctx, p.Key, &q.Request)
	c.answered(q)
	if captured && (p.SendFeatureFlagEvents == nil || *p.SendFeatureFlagEvents) {
		c.expose(ctx, &a, p.Key, &r)
	}
	if err != nil {
		if c.flags.silent { // there is nobody to ask
			r.State = evaluation.Missing
		}
		err = c.unanswered(p.Key, &r, err)
	}
	return r, err
}

// withoutIdentity is the error of a question that names no person.
func (c *ServerClient) withoutIdentity() error {
	switch {
	case c.keyless:
		return ErrSDKDisabled
	case c.flags.silent:
		return nil
	}
	return ErrNoDistinctID
}

// unanswered is the error of a question that the engine has no full answer to.
func (c *ServerClient) unanswered(key string, r *evaluation.Record, err error) error {
	switch {
	case c.keyless:
		return ErrSDKDisabled
	case c.flags.silent:
		return nil
	case c.flags.loader == nil && errors.Is(err, ErrDefinitionsNotLoaded):
		return ErrNoSecretKey
	}
	if r == nil {
		return flagError(key, nil, err)
	}
	return flagError(key, r.Inconclusive, err)
}
