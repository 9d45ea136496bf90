package posthog

import (
	"context"
	"maps"

	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/notice"
)

// attachedFlags are the properties that a snapshot adds to events.
type attachedFlags struct {
	context    *carried // whose properties are beneath; nil for none
	properties map[string]any
}

// properties returns $feature/<key> for each flag and $active_feature_flags,
// on top of the properties of rc. The map is shared, and only read.
func (e *FeatureFlagEvaluations) properties(rc *carried) map[string]any {
	var below map[string]any
	if rc != nil {
		if layer := rc.properties(); layer != nil {
			below = layer.Values()
		}
	}
	if e == nil {
		return below
	}
	if known := e.attached.Load(); known != nil && known.context == rc {
		return known.properties
	}
	p := make(map[string]any)
	maps.Copy(p, below)
	var active []string
	for r := range e.records() {
		p["$feature/"+r.Key] = flagValue(&r)
		if r.Enabled {
			active = append(active, r.Key)
		}
	}
	if len(active) > 0 {
		p["$active_feature_flags"] = active
	}
	e.attached.Store(&attachedFlags{context: rc, properties: p})
	return p
}

// SendFeatureFlagsValue says whether [Capture.SendFeatureFlags] asks for flags,
// and how.
//
// Deprecated: use [Capture.Flags].
type SendFeatureFlagsValue interface {
	// ShouldSend reports whether the event gets flags.
	ShouldSend() bool
	// GetOptions says how they are evaluated. Nil means without anything special.
	GetOptions() *SendFeatureFlagsOptions
}

// SendFeatureFlagsBool asks for flags, or not.
//
// Deprecated: use [Capture.Flags].
type SendFeatureFlagsBool bool

// ShouldSend returns b.
func (b SendFeatureFlagsBool) ShouldSend() bool { return bool(b) }

// GetOptions returns nil.
func (b SendFeatureFlagsBool) GetOptions() *SendFeatureFlagsOptions { return nil }

// SendFeatureFlagsOptions asks for flags, evaluated in a certain way. See
// [FeatureFlagPayload] for what the fields mean.
//
// Deprecated: use [Capture.Flags].
type SendFeatureFlagsOptions struct {
	// OnlyEvaluateLocally forbids a request.
	OnlyEvaluateLocally bool
	// DeviceId is the device.
	DeviceId *string
	// PersonProperties are what is known of the person.
	PersonProperties Properties
	// GroupProperties are what is known of the groups, by group type.
	GroupProperties map[string]Properties
}

// ShouldSend reports whether opts is not nil.
func (opts *SendFeatureFlagsOptions) ShouldSend() bool { return opts != nil }

// GetOptions returns opts.
func (opts *SendFeatureFlagsOptions) GetOptions() *SendFeatureFlagsOptions { return opts }

// SendFeatureFlags returns a value for [Capture.SendFeatureFlags].
//
// Deprecated: use [Capture.Flags].
func SendFeatureFlags(enabled bool) SendFeatureFlagsValue { return SendFeatureFlagsBool(enabled) }

// SendFeatureFlagsWithOptions returns a value for [Capture.SendFeatureFlags].
//
// Deprecated: use [Capture.Flags].
func SendFeatureFlagsWithOptions(opts *SendFeatureFlagsOptions) SendFeatureFlagsValue { return opts }

// attachFlags puts flags between the properties of the request context and
// those of the event: those of a snapshot, or those that the event asks for.
func (c *ServerClient) attachFlags(ctx context.Context, d *event.Draft, h *header) {
	snapshot := h.flags
	switch {
	case h.sendFlags == nil || !h.sendFlags.ShouldSend():
	case snapshot != nil:
		c.notices.Report(notice.Warn, "SendFeatureFlags beside Flags",
			"posthog: a Capture has both Flags and SendFeatureFlags; the snapshot in Flags counts")
	case !d.Personless:
		snapshot = c.flagsFor(ctx, d, h.sendFlags.GetOptions())
	}
	if snapshot != nil {
		d.Context, d.Layer = snapshot.properties(requestContext(ctx)), nil
	}
}

// flagsFor evaluates all flags of an event's person. What cannot be evaluated
// costs the event nothing but that flag.
func (c *ServerClient) flagsFor(ctx context.Context, d *event.Draft, opts *SendFeatureFlagsOptions) *FeatureFlagEvaluations {
	p := EvaluateFlagsPayload{DistinctId: d.DistinctID, Groups: d.Groups}
	if opts != nil {
		p.OnlyEvaluateLocally = opts.OnlyEvaluateLocally
		p.DeviceId = opts.DeviceId
		p.PersonProperties = opts.PersonProperties
		p.GroupProperties = opts.GroupProperties
	}
	ctx, cancel := context.WithTimeout(ctx, c.config.FeatureFlagRequestTimeout)
	defer cancel()
	snapshot, err := c.EvaluateFlagsWithContext(ctx, p)
	if err != nil {
		c.notices.Report(notice.Warn, "SendFeatureFlags failed", "posthog: an event is sent without some of the feature flags it asks for: %v", err)
	}
	return snapshot
}
