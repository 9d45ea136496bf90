package posthog

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/hedgerow/posthog/internal/evaluation"
	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/exposure"
)

// expose captures that a saw the value of a flag, unless that was captured
// before. An override is not captured, and neither is a question that nobody
// was asked. A nil ctx stands for one with the request context of a.
func (c *ServerClient) expose(ctx context.Context, a *asker, key string, r *evaluation.Record) {
	switch {
	case c.config.Disabled, c.keyless, c.optedOut.Load(), c.closing.Load():
		return
	case r.Source == evaluation.Overridden, r.State == evaluation.Unresolved && (c.flags.silent || r.Errors == ""):
		return
	}
	project := ""
	if c.tenant != nil {
		project = c.apiKey
	}
	k := c.flags.reported.Key(exposure.Exposure{
		Project:    project,
		DistinctID: a.distinctID,
		DeviceID:   a.deviceID,
		Groups:     a.groups,
		Flag:       key,
		Value:      exposed(r),
	})
	if !c.flags.reported.First(k) {
		return
	}
	if ctx == nil {
		ctx = context.Background()
		if a.context != nil {
			ctx = context.WithValue(ctx, requestContextKey{}, a.context)
		}
	}
	err := c.enqueue(ctx, c.main, newFlagCalled(a, key, r), 0, nil)
	if err != nil && !errors.Is(err, ErrNotSynced) {
		c.flags.reported.Forget(k)
	}
}

// exposed is the value that somebody sees.
func exposed(r *evaluation.Record) exposure.Value {
	switch {
	case r.State != evaluation.Found:
		return exposure.Value{}
	case r.Variant != "":
		return exposure.Variant(r.Variant)
	}
	return exposure.Enabled(r.Enabled)
}

// flagCalled is the message of a $feature_flag_called event. To hooks it is a
// Capture.
type flagCalled struct {
	distinctID string
	groups     Groups
	properties Properties
	minimal    bool // only the properties in minimalProperties travel
}

// flagCalledEvent is the name of such an event.
const flagCalledEvent = "$feature_flag_called"

// newFlagCalled describes what a saw.
func newFlagCalled(a *asker, key string, r *evaluation.Record) *flagCalled {
	var response any
	if r.State == evaluation.Found {
		response = flagValue(r)
	}
	minimal := r.State == evaluation.Found && r.Minimal && r.HasExperiment == evaluation.No
	p := make(Properties, 16)
	p["$feature_flag"] = key
	p["$feature_flag_response"] = response
	p["locally_evaluated"] = r.Source == evaluation.Local
	if !minimal {
		p["$feature/"+key] = response
		if r.Payload != "" {
			p["$feature_flag_payload"] = payloadProperty(r.Payload)
		}
		if !r.LoadedAt.IsZero() {
			p["$feature_flag_definitions_loaded_at"] = r.LoadedAt.UnixMilli()
		}
	}
	if r.ID != 0 {
		p["$feature_flag_id"] = r.ID
	}
	if r.Version != 0 {
		p["$feature_flag_version"] = r.Version
	}
	if r.HasExperiment != evaluation.Unknown {
		p["$feature_flag_has_experiment"] = r.HasExperiment == evaluation.Yes
	}
	for name, text := range map[string]string{
		"$feature_flag_reason":     r.Reason,
		"$feature_flag_request_id": r.RequestID,
		"$feature_flag_error":      r.Errors,
		"$device_id":               a.deviceID,
	} {
		if text != "" {
			p[name] = text
		}
	}
	if !r.EvaluatedAt.IsZero() {
		p["$feature_flag_evaluated_at"] = r.EvaluatedAt.UnixMilli()
	}
	return &flagCalled{distinctID: a.distinctID, groups: a.groups, properties: p, minimal: minimal}
}

// payloadProperty is a payload as a property: decoded, with numbers as they
// are, or the text if it is no JSON.
func payloadProperty(text string) any {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil || decoder.More() {
		return text
	}
	return value
}

func (*flagCalled) internal() {}

// Validate implements [Message].
func (*flagCalled) Validate() error { return nil }

// APIfy implements [Message].
func (msg *flagCalled) APIfy() APIMessage {
	return &Event{Event: flagCalledEvent, DistinctId: msg.distinctID, Timestamp: time.Now(), Properties: msg.properties}
}

func (msg *flagCalled) load(d *event.Draft) (header, error) {
	d.Event = flagCalledEvent
	d.DistinctID = msg.distinctID
	d.Properties = msg.properties
	d.Groups = msg.groups
	return header{kind: kindCapture, usesContext: true, minimal: msg.minimal}, nil
}

// minimalProperties are those that a minimal $feature_flag_called event keeps,
// wherever they come from.
var minimalProperties = map[string]bool{
	"$feature_flag": true, "$feature_flag_response": true, "$feature_flag_has_experiment": true,
	"$feature_flag_id": true, "$feature_flag_version": true, "$feature_flag_reason": true,
	"$feature_flag_request_id": true, "$feature_flag_evaluated_at": true, "$feature_flag_error": true,
	"locally_evaluated": true, "$groups": true, "$process_person_profile": true,
	"$session_id": true, "$window_id": true, "$device_id": true,
	"$lib": true, "$lib_version": true, "$is_server": true, "$geoip_disable": true,
	"$os": true, "$os_version": true, "$os_distro": true, "$go_version": true,
	"$current_url": true, "$pathname": true, "$referring_domain": true,
	"utm_source": true, "utm_medium": true, "utm_campaign": true, "utm_content": true, "utm_term": true,
	"gad_source": true, "mc_cid": true, "gclid": true, "gclsrc": true, "dclid": true, "gbraid": true,
	"wbraid": true, "fbclid": true, "msclkid": true, "twclid": true, "li_fat_id": true, "igshid": true,
	"ttclid": true, "rdt_cid": true, "epik": true, "qclid": true, "sccid": true, "irclid": true, "_kx": true,
}

// minimal returns the minimal properties in m.
func minimal(m map[string]any) map[string]any {
	var kept map[string]any
	for name, value := range m {
		if minimalProperties[name] {
			if kept == nil {
				kept = make(map[string]any)
			}
			kept[name] = value
		}
	}
	return kept
}
