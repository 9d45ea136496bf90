package wire

import (
	"iter"
	"strconv"
)

// A FlagsRequest asks the server for the values of feature flags: the body of POST /flags/?v=2. Nothing of it is
// changed or kept.
type FlagsRequest struct {
	// Token is the project's key.
	Token string
	// DistinctID is whose flags are asked for. The server cuts it to 200 characters.
	DistinctID string
	// DeviceID is for flags that are rolled out by device. It is left out when empty.
	DeviceID string
	// Groups are the group keys by group type. A key is text or a number.
	Groups map[string]any
	// PersonProperties take the place of stored ones for this request.
	PersonProperties map[string]any
	// GroupProperties are the same for groups, by group type. Nil means none. It is a sequence, not a map of maps, so
	// that maps of any map type can be handed over without a copy.
	GroupProperties iter.Seq2[string, map[string]any]
	// GeoIPDisable keeps the server from deriving properties from the address of the request. It is always written.
	GeoIPDisable bool
	// Keys are the flags asked for; the server adds those they depend on. Nil asks for all, an empty list for none.
	Keys []string
	// EvaluationContexts narrow the flags down to those without contexts and those with one of these. An empty list
	// is left out.
	EvaluationContexts []string
}

// AppendFlagsRequest appends the body for r and returns the extended buffer. Groups and properties are always
// objects, never null. A value that JSON cannot carry loses only itself; e reports it as a [Loss] whose key begins
// with groups, person_properties or group_properties.
func AppendFlagsRequest(dst []byte, e *Encoder, r FlagsRequest) []byte {
	dst = append(dst, `{"token":`...)
	dst = AppendString(dst, r.Token)
	dst = append(dst, `,"distinct_id":`...)
	dst = AppendString(dst, r.DistinctID)
	dst = appendMembers(append(dst, ','), e, "groups", r.Groups)
	dst = appendMembers(append(dst, ','), e, "person_properties", r.PersonProperties)
	dst = appendGroupProperties(append(dst, ','), e, r.GroupProperties)
	dst = append(dst, `,"geoip_disable":`...)
	dst = strconv.AppendBool(dst, r.GeoIPDisable)
	if r.Keys != nil {
		dst = appendTexts(append(dst, `,"flag_keys_to_evaluate":`...), r.Keys)
	}
	if r.DeviceID != "" {
		dst = AppendString(append(dst, `,"device_id":`...), r.DeviceID)
	}
	if len(r.EvaluationContexts) > 0 {
		dst = appendTexts(append(dst, `,"evaluation_contexts":`...), r.EvaluationContexts)
	}
	return append(dst, `,"evaluation_runtime":"server"}`...)
}

// appendMembers appends `"key":{…}` with the members of an object that is not null even if m is nil.
func appendMembers(dst []byte, e *Encoder, key string, m map[string]any) []byte {
	known := len(e.losses)
	dst = append(AppendString(dst, key), ":{"...)
	dst = append(e.AppendProperties(dst, m), '}')
	e.within(key, known)
	return dst
}

// appendGroupProperties appends the member group_properties.
func appendGroupProperties(dst []byte, e *Encoder, groups iter.Seq2[string, map[string]any]) []byte {
	if groups == nil {
		return append(dst, `"group_properties":{}`...)
	}
	known := len(e.losses)
	out := dst // the loop has it on the heap
	out = append(out, `"group_properties":{`...)
	for groupType, properties := range groups {
		out = appendMembers(appendComma(out, '{'), e, groupType, properties)
	}
	e.within("group_properties", known)
	return append(out, '}')
}

// appendTexts appends a list that is not null even if list is nil.
func appendTexts(dst []byte, list []string) []byte {
	dst = append(dst, '[')
	for _, s := range list {
		dst = AppendString(appendComma(dst, '['), s)
	}
	return append(dst, ']')
}
