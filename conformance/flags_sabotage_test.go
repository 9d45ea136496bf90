package main_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/hedgerow/posthog/posthogtest"
)

// flagSabotages are those for the suite feature_flags.
var flagSabotages = []brokenLibrary{
	{"a library that sends nothing", sabotage{network: func(_ http.RoundTripper, r *http.Request) (*http.Response, error) {
		return stored(r), nil
	}}, []string{"no_flags_request_on_init_alone"}, allBut},
	{"a library that asks for all flags when it begins", sabotage{init: ask}, nil, allBut},
	{"a library that asks with each event", sabotage{network: func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		if isQuestion(r) || tells(r) {
			return next.RoundTrip(r)
		}
		ask(next, r.Header.Get("X-Test-Id"))
		return next.RoundTrip(r)
	}}, []string{"no_flags_request_on_normal_capture"}, these},
	{"a library that loads definitions when it begins", sabotage{init: func(mock http.RoundTripper, id string) {
		post(mock, http.MethodGet, posthogtest.RouteDefinitions+"?token="+key, "", id)
	}}, []string{"mock_response_value_is_returned_to_caller", "get_feature_flag_captures_feature_flag_called_event"}, allBut},
	{"a library that remembers answers", remembering(), []string{"two_flag_calls_produce_two_remote_requests"}, these},
	{"a library that retries nothing", sabotage{network: judged(func(int) int { return http.StatusBadRequest })}, []string{
		"retries_flags_on_502",
		"retries_flags_on_504",
	}, these},
	{"a library that retries after 502 alone", sabotage{network: judged(func(status int) int {
		if status == http.StatusBadGateway {
			return status
		}
		return http.StatusBadRequest
	})}, []string{"retries_flags_on_504"}, these},
	{"a library that retries after 504 alone", sabotage{network: judged(func(status int) int {
		if status == http.StatusGatewayTimeout {
			return status
		}
		return http.StatusBadRequest
	})}, []string{"retries_flags_on_502"}, these},
	{"a library that asks twice", sabotage{network: func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		if isQuestion(r) {
			first, err := next.RoundTrip(copied(r))
			if err != nil || first.StatusCode != http.StatusOK {
				return first, err
			}
			again, err := next.RoundTrip(copied(r))
			if err == nil {
				again.Body.Close()
			}
			return first, err
		}
		return next.RoundTrip(r)
	}}, []string{
		"no_flags_request_on_init_alone", "no_flags_request_on_normal_capture", "mock_response_value_is_returned_to_caller",
		"get_feature_flag_captures_feature_flag_called_event",
	}, allBut},
	{"a library that asks something else when it asks again", sabotage{network: asking(func(body object) {
		body["sent_at"] = minted.Add(1)
	})}, []string{"retries_flags_on_502", "retries_flags_on_504"}, these},
	{"a library that knows the older endpoint alone", sabotage{network: questioned(func(r *http.Request) { r.URL.Path = "/decide/" })}, []string{
		"flags_request_hits_flags_path_not_decide",
		"get_feature_flag_captures_feature_flag_called_event",
		"mock_response_value_is_returned_to_caller",
		"retries_flags_on_502",
		"retries_flags_on_504",
	}, these},
	{"a library that asks for the older answer", sabotage{network: questioned(func(r *http.Request) { r.URL.RawQuery = "" })}, []string{
		"flags_request_uses_v2_query_param",
	}, these},
	{"a library that shows its credentials", sabotage{network: questioned(func(r *http.Request) {
		r.Header.Set("Authorization", "Bearer phs_test")
	})}, []string{"flags_request_omits_authorization_header"}, these},
	{"a library that calls the token by another name", sabotage{network: asking(func(body object) {
		body["api_key"] = body["token"]
		delete(body, "token")
	})}, []string{"token_in_flags_body_matches_init"}, these},
	{"a library with one token", sabotage{network: asking(func(body object) { body["token"] = key })}, []string{"token_in_flags_body_matches_init"}, these},
	{"a library that keeps what it knows of persons", sabotage{network: asking(func(body object) {
		body["person_properties"] = object{}
	})}, []string{"request_with_person_properties_device_id"}, these},
	{"a library that moves the device away", sabotage{network: asking(func(body object) {
		delete(body["person_properties"].(object), "$device_id")
	})}, []string{"request_with_person_properties_device_id"}, these},
	{"a library that asks for somebody else", sabotage{network: asking(func(body object) {
		body["distinct_id"] = "anonymous"
	})}, []string{"request_with_person_properties_device_id"}, these},
	{"a library that leaves out what is empty", sabotage{network: asking(func(body object) {
		for name, value := range body {
			if list, ok := value.(object); ok && len(list) == 0 {
				delete(body, name)
			}
		}
	})}, []string{"groups_default_to_empty_object"}, these},
	{"a library that writes null for what is empty", sabotage{network: asking(func(body object) {
		for name, value := range body {
			if list, ok := value.(object); ok && len(list) == 0 {
				body[name] = nil
			}
		}
	})}, []string{"groups_default_to_empty_object"}, these},
	{"a library without groups", sabotage{network: asking(func(body object) { body["groups"] = object{} })}, []string{"groups_round_trip"}, these},
	{"a library without properties of groups", sabotage{network: asking(func(body object) {
		body["group_properties"] = object{}
	})}, []string{"groups_round_trip"}, these},
	{"a library that looks no geography up", sabotage{network: asking(func(body object) { body["geoip_disable"] = true })}, []string{
		"disable_geoip_false_propagates_as_geoip_disable_false",
		"disable_geoip_omitted_defaults_to_false",
	}, these},
	{"a library that says nothing of geography", sabotage{network: asking(func(body object) { delete(body, "geoip_disable") })}, []string{
		"disable_geoip_false_propagates_as_geoip_disable_false",
		"disable_geoip_omitted_defaults_to_false",
	}, these},
	{"a library that asks for all flags", sabotage{network: asking(func(body object) { delete(body, "flag_keys_to_evaluate") })}, []string{
		"flag_keys_to_evaluate_contains_only_requested_key",
	}, these},
	{"a library that asks for one flag more", sabotage{network: asking(func(body object) {
		body["flag_keys_to_evaluate"] = []string{flagKey, "other-flag"}
	})}, []string{"flag_keys_to_evaluate_contains_only_requested_key"}, these},
	{"a library that knows no variants", sabotage{network: func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(r)
		if err != nil || !isQuestion(r) || response.StatusCode != http.StatusOK {
			return response, err
		}
		response.Body.Close()
		return replied(response, strings.ReplaceAll(flagBody, `"`+flagSays+`"`, "true")), nil
	}}, []string{
		"get_feature_flag_captures_feature_flag_called_event",
		"mock_response_value_is_returned_to_caller",
		"retries_flags_on_502",
		"retries_flags_on_504",
	}, these},
	{"a library that does not tell", sabotage{network: func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		if tells(r) {
			return stored(r), nil
		}
		return next.RoundTrip(r)
	}}, []string{"get_feature_flag_captures_feature_flag_called_event"}, these},
	{"a library that tells twice", sabotage{network: func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		if tells(r) {
			if response, err := next.RoundTrip(copied(r)); err == nil {
				response.Body.Close()
			}
		}
		return next.RoundTrip(r)
	}}, []string{"get_feature_flag_captures_feature_flag_called_event"}, these},
	{"a library that tells of another flag", sabotage{network: telling(func(properties object) {
		properties["$feature_flag"] = "other-flag"
	})}, []string{"get_feature_flag_captures_feature_flag_called_event"}, these},
	{"a library that tells another value", sabotage{network: telling(func(properties object) {
		properties["$feature_flag_response"] = true
	})}, []string{"get_feature_flag_captures_feature_flag_called_event"}, these},
}

// isQuestion reports whether r asks for flags.
func isQuestion(r *http.Request) bool {
	return strings.TrimSuffix(r.URL.Path, "/") == posthogtest.RouteFlags
}

// tells reports whether r carries what a question left behind.
func tells(r *http.Request) bool {
	return !isQuestion(r) && strings.Contains(string(body(r)), `"$feature_flag_called"`)
}

// ask asks the mock for all flags, in the name of a test.
func ask(mock http.RoundTripper, id string) {
	post(mock, http.MethodPost, posthogtest.RouteFlags+"/?v=2", `{"token":"phc_test","distinct_id":"nobody"}`, id)
}

// post makes a request that no library was asked to make.
func post(mock http.RoundTripper, method, path, text, id string) {
	r, _ := http.NewRequest(method, host+path, strings.NewReader(text))
	r.Header.Set("X-Test-Id", id)
	if response, err := mock.RoundTrip(r); err == nil {
		response.Body.Close()
	}
}

// stored is what a library sees that believes that r arrived.
func stored(r *http.Request) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: r}
}

// replied gives an answer another body.
func replied(response *http.Response, text string) *http.Response {
	response.Header.Del("Content-Length")
	response.ContentLength = int64(len(text))
	response.Body = io.NopCloser(strings.NewReader(text))
	return response
}

// questioned returns a network that changes each question about flags on its way.
func questioned(change func(*http.Request)) func(http.RoundTripper, *http.Request) (*http.Response, error) {
	return changed(func(r *http.Request) {
		if isQuestion(r) {
			change(r)
		}
	})
}

// asking does so with what the question says.
func asking(change func(body object)) func(http.RoundTripper, *http.Request) (*http.Response, error) {
	return func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		if !isQuestion(r) {
			return next.RoundTrip(r)
		}
		var question object
		_ = json.Unmarshal(body(r), &question)
		change(question)
		text, _ := json.Marshal(question)
		return next.RoundTrip(withBody(copied(r), text))
	}
}

// telling returns a network that changes the properties of what questions leave behind.
func telling(change func(properties object)) func(http.RoundTripper, *http.Request) (*http.Response, error) {
	return func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		if !tells(r) {
			return next.RoundTrip(r)
		}
		return rewritten(func(_ object, event object) { change(event["properties"].(object)) })(next, r)
	}
}

// judged returns a network that changes the status of the answers to questions that failed.
func judged(change func(int) int) func(http.RoundTripper, *http.Request) (*http.Response, error) {
	return func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		return answered(next, r, func(status int) int {
			if status < 400 || !isQuestion(r) {
				return status
			}
			return change(status)
		})
	}
}

// remembering returns what answers a question as it answered the one before it, until the test has a new client.
func remembering() sabotage {
	var answers sync.Map // texts by the ids of tests
	return sabotage{
		init: func(_ http.RoundTripper, id string) { answers.Delete(id) },
		network: func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
			if !isQuestion(r) {
				return next.RoundTrip(r)
			}
			id := r.Header.Get("X-Test-Id")
			if text, ok := answers.Load(id); ok {
				return replied(stored(r), text.(string)), nil
			}
			response, err := next.RoundTrip(r)
			if err != nil || response.StatusCode != http.StatusOK {
				return response, err
			}
			text, err := io.ReadAll(response.Body)
			response.Body.Close()
			answers.Store(id, string(text))
			return replied(response, string(text)), err
		},
	}
}
