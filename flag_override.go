package posthog

import (
	"github.com/hedgerow/posthog/internal/evaluation"
	"github.com/hedgerow/posthog/internal/notice"
)

// OverrideFlags makes these the values of the named flags for everybody, from
// now on and in the place of earlier overrides, for tests and development. A
// value is true, false, the name of a variant, or a [FeatureFlagResult] with a
// payload. Others are left out, with a warning. Nil or an empty map ends all
// overrides.
//
// Overridden values are not captured when they are read. A client that is
// disabled, or has no API key, has them all the same.
func (c *ServerClient) OverrideFlags(values map[string]any) {
	if c.inert() {
		return
	}
	if c.tenant != nil {
		c.tenant.enter(c)
		defer c.tenant.leave()
	}
	c.flags.adjusted.Store(true)
	overrides := make(map[string]evaluation.Override, len(values))
	for key, value := range values {
		o, ok := override(value)
		if !ok {
			c.notices.Report(notice.Warn, "unusable override",
				"posthog: the override of feature flag %q is a %T, which is no value of a flag", key, value)
			continue
		}
		overrides[key] = o
	}
	c.flags.engine.SetOverrides(overrides)
}

// override returns what a value stands for.
func override(value any) (o evaluation.Override, ok bool) {
	switch v := value.(type) {
	case bool:
		return evaluation.Override{Enabled: v}, true
	case string:
		return evaluation.Override{Enabled: v != "", Variant: v}, true
	case *FeatureFlagResult:
		if v == nil {
			return o, false
		}
		return override(*v)
	case FeatureFlagResult:
		o.Enabled = v.Enabled
		if v.Variant != nil {
			o.Variant = *v.Variant
		}
		if v.RawPayload != nil {
			o.Payload = *v.RawPayload
		}
		return o, true
	}
	return o, false
}
