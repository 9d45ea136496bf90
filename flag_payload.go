package posthog

// FeatureFlagPayload asks about one flag and one person.
type FeatureFlagPayload struct {
	// Key is the key of the flag. It is required.
	Key string
	// DistinctId is the person. Methods with a context take it from the
	// [RequestContext] if it is empty. Without one, there is no answer.
	DistinctId string
	// DeviceId is the device, for flags that are rolled out by device. Nil or
	// empty means that of the request context, or else the person property
	// $device_id. The distinct id never stands in for it.
	DeviceId *string
	// Groups are the groups that the person acts for, group type to key, such as
	// "company" to "acme". A key is text or a number.
	Groups Groups
	// PersonProperties are what is known of the person. They are used for local
	// evaluation, and take the place of stored ones in a request.
	PersonProperties Properties
	// GroupProperties are what is known of the groups, by group type.
	GroupProperties map[string]Properties
	// OnlyEvaluateLocally forbids a request for this flag.
	OnlyEvaluateLocally bool
	// SendFeatureFlagEvents decides whether the first answer of each value is
	// captured as $feature_flag_called, which experiments are counted by. Nil
	// means true. Reading a payload never sends one.
	SendFeatureFlagEvents *bool
}

// FeatureFlagPayloadNoKey asks about all flags and one person. See
// [FeatureFlagPayload] for what the fields mean.
type FeatureFlagPayloadNoKey struct {
	// DistinctId is the person.
	DistinctId string
	// DeviceId is the device.
	DeviceId *string
	// Groups are the groups that the person acts for.
	Groups Groups
	// PersonProperties are what is known of the person.
	PersonProperties Properties
	// GroupProperties are what is known of the groups, by group type.
	GroupProperties map[string]Properties
	// OnlyEvaluateLocally forbids a request. Flags that cannot be evaluated
	// without are left out.
	OnlyEvaluateLocally bool
	// SendFeatureFlagEvents is ignored: reading all flags captures nothing. It
	// exists for programs written for posthog-go.
	SendFeatureFlagEvents *bool
}

// EvaluateFlagsPayload asks for a snapshot of one person's flags. See
// [FeatureFlagPayload] for what the fields mean.
type EvaluateFlagsPayload struct {
	// DistinctId is the person.
	DistinctId string
	// DeviceId is the device.
	DeviceId *string
	// Groups are the groups that the person acts for.
	Groups Groups
	// PersonProperties are what is known of the person.
	PersonProperties Properties
	// GroupProperties are what is known of the groups, by group type.
	GroupProperties map[string]Properties
	// OnlyEvaluateLocally forbids a request. Flags that cannot be evaluated
	// without are not in the snapshot.
	OnlyEvaluateLocally bool
	// DisableGeoIP keeps PostHog from deriving properties from the address of
	// the request. Nil means [Config.DisableGeoIP].
	DisableGeoIP *bool
	// FlagKeys are the flags to evaluate, to ask for and to have in the
	// snapshot. Nil means all of them; empty means none, and no work.
	FlagKeys []string
}

// all returns the payload of a snapshot with the same contents.
func (p *FeatureFlagPayloadNoKey) all() EvaluateFlagsPayload {
	return EvaluateFlagsPayload{
		DistinctId:          p.DistinctId,
		DeviceId:            p.DeviceId,
		Groups:              p.Groups,
		PersonProperties:    p.PersonProperties,
		GroupProperties:     p.GroupProperties,
		OnlyEvaluateLocally: p.OnlyEvaluateLocally,
	}
}
