package event_test

import (
	"testing"

	"github.com/hedgerow/posthog/internal/event"
)

// Proves CAP-12.
func TestTheHigherPlaceWins(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		draft    event.Draft
		defaults object
		want     object
	}{
		"a default property is there if nothing else is": {
			event.Draft{}, object{"plan": "default"}, object{"plan": "default"},
		},
		"the request context beats a default property": {
			event.Draft{Context: object{"plan": "context"}}, object{"plan": "default"}, object{"plan": "context"},
		},
		"the caller beats a default property": {
			event.Draft{Properties: object{"plan": "caller"}}, object{"plan": "default"}, object{"plan": "caller"},
		},
		"the caller beats the request context": {
			event.Draft{Properties: object{"plan": "caller"}, Context: object{"plan": "context"}}, nil, object{"plan": "caller"},
		},
		"the message type beats the caller": {
			event.Draft{Properties: object{"plan": "caller"}, Owned: []event.Field{{Key: "plan", Value: "owned"}}},
			object{"plan": "default"}, object{"plan": "owned"},
		},
		"the message type beats the request context": {
			event.Draft{Context: object{"plan": "context"}, Owned: []event.Field{{Key: "plan", Value: "owned"}}}, nil, object{"plan": "owned"},
		},
		"nobody sets a reserved property": {
			event.Draft{Properties: object{"plan": 1}, Context: object{"plan": 2}, Reserved: []string{"plan"}}, object{"plan": 3}, nil,
		},
		"except the message type, which reserves it": {
			event.Draft{Properties: object{"plan": 1}, Reserved: []string{"plan"}, Owned: []event.Field{{Key: "plan", Value: "owned"}}},
			nil, object{"plan": "owned"},
		},
		"nobody sets the library's name": {
			event.Draft{Properties: object{"$lib": "x", "$lib_version": "x"}, Context: object{"$lib": "y"}},
			object{"$lib": "z", "$lib_version": "z"}, nil,
		},
		"a null of the caller beats a default property": {
			event.Draft{Properties: object{"plan": nil}}, object{"plan": "default"}, object{"plan": nil},
		},
		"a default with a dollar sign is overridden as well": {
			event.Draft{Properties: object{"$os": "caller"}}, object{"$os": "Linux", "$go_version": "go1"},
			object{"$os": "caller", "$go_version": "go1"},
		},
		"a default with an empty name is overridden as well": {
			event.Draft{Properties: object{"": "caller"}}, object{"": "default"}, object{"": "caller"},
		},
		"properties of all places come together": {
			event.Draft{
				Properties: object{"a": "caller"}, Context: object{"b": "context"},
				Owned: []event.Field{{Key: "c", Value: "owned"}},
			}, object{"d": "default"}, object{"a": "caller", "b": "context", "c": "owned", "d": "default"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireProperties(t, tc.draft, tc.defaults, tc.want)
		})
	}
}

// Proves TRC-2, TRC-3 and TRC-4.
func TestSessionAndProfileFillGaps(t *testing.T) {
	t.Parallel()
	const session, profile = "$session_id", "$process_person_profile"
	for name, tc := range map[string]struct {
		draft    event.Draft
		defaults object
		want     object
	}{
		"the context's session": {
			event.Draft{SessionID: "s_1"}, object{session: "default"}, object{session: "s_1"},
		},
		"a session property beats the context's session": {
			event.Draft{SessionID: "s_1", Properties: object{session: "caller"}}, nil, object{session: "caller"},
		},
		"a session property of the context beats its session": {
			event.Draft{SessionID: "s_1", Context: object{session: "context"}}, nil, object{session: "context"},
		},
		"a session the message type owns beats the context's session": {
			event.Draft{SessionID: "s_1", Owned: []event.Field{{Key: session, Value: "owned"}}}, nil, object{session: "owned"},
		},
		"a session the message type owns beats a default one": {
			event.Draft{Owned: []event.Field{{Key: session, Value: "owned"}}}, object{session: "default"}, object{session: "owned"},
		},
		"a caller's profile beats a default one": {
			event.Draft{Properties: object{profile: true}}, object{profile: false}, object{profile: true},
		},
		"a default session without any other": {
			event.Draft{}, object{session: "default"}, object{session: "default"},
		},
		"an event without a person": {
			event.Draft{Personless: true}, object{profile: true}, object{profile: false},
		},
		"an event without a person whose caller wants a profile": {
			event.Draft{Personless: true, Properties: object{profile: true}}, nil, object{profile: true},
		},
		"an event without a person whose context wants a profile": {
			event.Draft{Personless: true, Context: object{profile: true}}, nil, object{profile: true},
		},
		"an event with a person": {
			event.Draft{Properties: object{"a": 1}}, nil, object{"a": 1.0},
		},
		"reserved names are not filled in": {
			event.Draft{SessionID: "s_1", Personless: true, Reserved: []string{session, profile}}, nil, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireProperties(t, tc.draft, tc.defaults, tc.want)
		})
	}
}

// Proves CAP-13 and CAP-14.
func TestServerAndGeoIPFlags(t *testing.T) {
	t.Parallel()
	const server, geoip = "$is_server", "$geoip_disable"
	for name, tc := range map[string]struct {
		draft    event.Draft
		defaults object
		want     object
	}{
		"the client's configuration":              {event.Draft{}, object{server: true, geoip: true}, object{server: true, geoip: true}},
		"not configured, so absent":               {event.Draft{}, nil, nil},
		"a default of false is absent":            {event.Draft{}, object{server: false}, nil},
		"the caller's false removes a default":    {event.Draft{Properties: object{server: false}}, object{server: true}, nil},
		"the context's false removes a default":   {event.Draft{Context: object{server: false}}, object{server: true}, nil},
		"the caller's true beats the context":     {event.Draft{Properties: object{server: true}, Context: object{server: false}}, nil, object{server: true}},
		"the caller's false beats the context":    {event.Draft{Properties: object{server: false}, Context: object{server: true}}, nil, nil},
		"an owned false is absent":                {event.Draft{Owned: []event.Field{{Key: server, Value: false}}}, object{server: true}, nil},
		"the caller overrides the GeoIP switch":   {event.Draft{Properties: object{geoip: false}}, object{geoip: true}, object{geoip: false}},
		"the context overrides the GeoIP switch":  {event.Draft{Context: object{geoip: false}}, object{geoip: true}, object{geoip: false}},
		"a list of false is not the word of none": {event.Draft{Properties: object{server: []any{false}}}, nil, object{server: []any{false}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireProperties(t, tc.draft, tc.defaults, tc.want)
		})
	}
}
