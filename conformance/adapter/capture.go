package adapter

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/hedgerow/posthog"
)

// event is the body of /capture and /capture_ai.
type event struct {
	UUID string `json:"uuid"` // of /capture_ai alone

	DistinctID string             `json:"distinct_id"`
	Name       string             `json:"event"`
	Properties posthog.Properties `json:"properties"`
	Timestamp  string             `json:"timestamp"`
	Options    map[string]any     `json:"options"`
}

// options are the properties that stand for the options of an event.
var options = map[string]string{
	"cookieless_mode":         "$cookieless_mode",
	"disable_skew_correction": "$ignore_sent_at",
	"process_person_profile":  "$process_person_profile",
	"product_tour_id":         "$product_tour_id",
}

// message returns what the library is to capture. The timestamp keeps the offset that it came with: bringing it into the
// form that PostHog wants is what is being tested.
func (e event) message() (posthog.Capture, error) {
	msg := posthog.Capture{Uuid: e.UUID, DistinctId: e.DistinctID, Event: e.Name, Properties: e.Properties}
	if e.Timestamp != "" {
		var err error
		if msg.Timestamp, err = time.Parse(time.RFC3339, e.Timestamp); err != nil {
			return msg, fmt.Errorf("timestamp %q is not RFC 3339 with an offset", e.Timestamp)
		}
	}
	for option, value := range e.Options {
		property, known := options[option]
		if !known {
			return msg, fmt.Errorf("option %q is unknown", option)
		}
		if msg.Properties == nil {
			msg.Properties = posthog.Properties{}
		}
		msg.Properties[property] = value
	}
	return msg, nil
}

// accepted is the answer to both.
type accepted struct {
	Success bool   `json:"success"`
	UUID    string `json:"uuid"` // as it travels
}

// capture hands one event to the test's client.
func (a *Adapter) capture(w http.ResponseWriter, r *http.Request) {
	a.submit(w, r, (*posthog.ServerClient).Submit)
}

// captureAI hands one AI event to the test's client.
func (a *Adapter) captureAI(w http.ResponseWriter, r *http.Request) {
	a.submit(w, r, (*posthog.ServerClient).SubmitAI)
}

// submit hands one event to a method of the test's client.
func (a *Adapter) submit(w http.ResponseWriter, r *http.Request, method func(*posthog.ServerClient, context.Context, posthog.Message) (*posthog.Delivery, error)) {
	s := a.current(w, r)
	if s == nil {
		return
	}
	var call event
	if !read(w, r, &call) {
		return
	}
	msg, err := call.message()
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	delivery, err := method(s.client, r.Context(), msg)
	if err != nil {
		refuse(w, http.StatusUnprocessableEntity, err.Error())
		return
	}
	reply(w, accepted{Success: true, UUID: delivery.UUID})
}
