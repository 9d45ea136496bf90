package posthog

import (
	"context"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/internal/evaluation"
	"github.com/hedgerow/posthog/internal/event"
)

// flagRequest is the memory that one question about flags works in.
type flagRequest struct {
	evaluation.Request
	groups []flags.Group
}

// asker is whom a question about flags is about, as far as it matters beyond
// the answer.
type asker struct {
	distinctID string
	deviceID   string
	groups     Groups
	context    *carried // nil without one
}

// who finds out whom a question is about. Without an identity, the distinct id
// is empty: none is invented.
func who(ctx context.Context, distinctID string, deviceID *string, groups Groups, person Properties) asker {
	a := asker{distinctID: distinctID, groups: groups, context: requestContext(ctx)}
	if event.Blank(a.distinctID) {
		a.distinctID = ""
		if a.context != nil && !event.Blank(a.context.distinctID()) {
			a.distinctID = a.context.distinctID()
		}
	}
	if deviceID != nil {
		a.deviceID = *deviceID
	}
	if a.deviceID == "" && a.context != nil {
		a.deviceID = a.context.rc.DeviceId
	}
	if a.deviceID == "" {
		a.deviceID, _ = person["$device_id"].(string)
	}
	return a
}

// ask borrows a request about a. It is given back with answered.
func (c *ServerClient) ask(a *asker, person Properties, groups map[string]Properties) *flagRequest {
	r := c.flags.requests.Get().(*flagRequest)
	known := c.flags.known.Load()
	if known == nil {
		known = new(flagProperties)
	}
	r.groups = r.groups[:0]
	for groupType, key := range a.groups {
		r.groups = append(r.groups, flags.Group{
			Type: groupType, Key: key, Properties: merge(known.groups[groupType], groups[groupType]),
		})
	}
	// What is known of groups without a key is for the server alone.
	for groupType, props := range groups {
		if _, ok := a.groups[groupType]; !ok {
			r.groups = append(r.groups, flags.Group{Type: groupType, Properties: merge(known.groups[groupType], props)})
		}
	}
	for groupType, props := range known.groups {
		if _, ok := a.groups[groupType]; ok {
			continue
		}
		if _, ok := groups[groupType]; !ok {
			r.groups = append(r.groups, flags.Group{Type: groupType, Properties: props})
		}
	}
	r.Subject = flags.Subject{
		DistinctID:       a.distinctID,
		DeviceID:         a.deviceID,
		Groups:           r.groups,
		PersonProperties: merge(known.person, person),
	}
	r.Groups = a.groups
	r.DisableGeoIP = c.config.GetDisableGeoIP()
	return r
}

// answered keeps the memory of r for the next question, and nothing else.
func (c *ServerClient) answered(r *flagRequest) {
	clear(r.groups)
	r.Request = evaluation.Request{}
	c.flags.requests.Put(r)
}
