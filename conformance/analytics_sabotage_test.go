package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

// analyticsSabotages are those for the suite capture_analytics_v1.
var analyticsSabotages = []brokenLibrary{
	{"a library that sends nothing", sabotage{network: func(_ http.RoundTripper, r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	}}, []string{"flush_with_no_events_sends_nothing"}, allBut},
	{"a library that sends on an empty flush", sabotage{idle: func(mock http.RoundTripper, id string) {
		r, _ := http.NewRequest(http.MethodPost, host+posthogtest.RouteAnalytics, strings.NewReader(`{"batch":[]}`))
		r.Header.Set("X-Test-Id", id)
		if response, err := mock.RoundTrip(r); err == nil {
			response.Body.Close()
		}
	}}, []string{"flush_with_no_events_sends_nothing"}, these},
	{"a library that knows the older endpoint alone", sabotage{network: changed(func(r *http.Request) { r.URL.Path = posthogtest.RouteBatch })}, []string{
		"a_drop_is_none", "a_limit_is_none", "a_retry_is_none_yet", "a_warning_is_a_success",
		"an_unknown_word_is_not_sent_again", "attempt_is_2", "drop_is_not_sent_again", "everything_to_retry_is_sent_again",
		"limited_is_not_sent_again", "ok_is_not_sent_again", "request_id_stays_the_same", "respects_retry_after_header_of_a_200",
		"retries_on_408", "retries_on_500", "retries_on_503", "retries_on_504", "retries_until_all_are_stored",
		"retries_until_it_passes", "retry_alone_is_sent_again", "sends_br_when_enabled", "sends_deflate_when_enabled",
		"sends_gzip_when_enabled", "sends_zstd_when_enabled", "stored_events_are_sent", "timestamps_stay_the_same",
		"uses_no_older_endpoint", "uses_the_analytics_endpoint", "uuids_stay_the_same",
	}, these},
	{"a library that sends the key as it is", sabotage{network: changed(func(r *http.Request) { r.Header.Set("Authorization", key) })}, []string{"authorization_is_the_key", "a_batch_is_authorized"}, amongOthers},
	{"a library without a type", sabotage{network: changed(func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") })}, []string{"content_type_is_json"}, amongOthers},
	{"a library without an agent", sabotage{network: changed(func(r *http.Request) { r.Header.Set("User-Agent", "") })}, []string{"user_agent_is_present"}, amongOthers},
	{"a library without a version", sabotage{network: changed(func(r *http.Request) { r.Header.Set("PostHog-Sdk-Info", "sdk") })}, []string{"sdk_info_is_name_and_version"}, amongOthers},
	{"a library that counts attempts from zero", sabotage{network: changed(func(r *http.Request) {
		r.Header.Set("PostHog-Attempt", map[string]string{"1": "0", "2": "1", "3": "2"}[r.Header.Get("PostHog-Attempt")])
	})}, []string{"attempt_is_1", "attempt_starts_at_1"}, amongOthers},
	{"a library that does not count attempts", sabotage{network: changed(func(r *http.Request) { r.Header.Set("PostHog-Attempt", "1") })}, []string{"attempt_grows_by_1", "attempt_is_2"}, these},
	{"a library with one request id", sabotage{network: changed(func(r *http.Request) {
		r.Header.Set("PostHog-Request-Id", "0199c0de-0000-7000-8000-000000000000")
	})}, []string{"request_id_is_new_for_each_batch"}, these},
	{"a library with a request id for each attempt", sabotage{network: changed(func(r *http.Request) {
		r.Header.Set("PostHog-Request-Id", fmt.Sprintf("0199c0de-0000-7000-8000-%012d", minted.Add(1)))
	})}, []string{"request_id_stays_on_retry", "request_id_stays_the_same"}, these},
	{"a library whose request ids are numbers", sabotage{network: changed(func(r *http.Request) {
		r.Header.Set("PostHog-Request-Id", "17")
	})}, []string{"request_id_is_a_uuid"}, amongOthers},
	{"a library whose clock shows local time", sabotage{network: changed(func(r *http.Request) {
		r.Header.Set("PostHog-Request-Timestamp", time.Now().In(time.FixedZone("", 19800)).Format(time.RFC3339Nano))
	})}, []string{"request_timestamp_is_utc"}, these},
	{"a library that stamps a batch once", sabotage{network: changed(func(r *http.Request) {
		r.Header.Set("PostHog-Request-Timestamp", "2000-01-01T00:00:00Z")
	})}, []string{"request_timestamp_changes_on_retry"}, these},
	{"a library that retries nothing", sabotage{network: func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		return results(next, r, func(status int, word string) (int, string) {
			if word == "retry" {
				word = "drop"
			}
			if status >= 500 || status == 408 {
				status = 400
			}
			return status, word
		})
	}}, []string{
		"a_retry_is_none_yet", "an_unknown_word_is_not_sent_again", "attempt_grows_by_1", "attempt_is_2",
		"drop_is_not_sent_again", "everything_to_retry_is_sent_again", "implements_backoff", "limited_is_not_sent_again",
		"max_retries_respected", "ok_is_not_sent_again", "preserves_uuid_and_timestamp_on_batch_retry",
		"preserves_uuid_and_timestamp_on_retry", "preserves_uuid_on_retry", "request_id_stays_on_retry",
		"request_id_stays_the_same", "request_timestamp_changes_on_retry", "respects_retry_after_header",
		"respects_retry_after_header_of_a_200", "retries_on_408", "retries_on_500", "retries_on_503", "retries_on_504",
		"retries_until_all_are_stored", "retries_until_it_passes", "retry_alone_is_sent_again", "timestamps_stay_the_same",
		"uses_no_older_endpoint", "uuids_stay_the_same", "waits_before_the_first_retry",
	}, these},
	{"a library that retries everything", sabotage{network: func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		return results(next, r, func(status int, word string) (int, string) {
			if word != "ok" && word != "warning" {
				word = "retry"
			}
			if status >= 400 {
				status = 503
			}
			return status, word
		})
	}}, []string{
		"a_drop_is_none", "a_limit_is_none", "an_error_is_none", "an_unknown_word_is_not_sent_again", "does_not_retry_on_400",
		"does_not_retry_on_401", "does_not_retry_on_402", "does_not_retry_on_403", "does_not_retry_on_413",
		"does_not_retry_on_415", "drop_is_not_sent_again", "limited_is_not_sent_again", "nothing_to_retry_is_one_request",
		"retry_alone_is_sent_again",
	}, these},
	{"a library that takes every 200 for success", sabotage{network: func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		return results(next, r, func(status int, _ string) (int, string) { return status, "ok" })
	}}, []string{
		"a_drop_is_none", "a_limit_is_none", "a_retry_is_none_yet", "an_unknown_word_is_not_sent_again", "attempt_is_2",
		"drop_is_not_sent_again", "everything_to_retry_is_sent_again", "limited_is_not_sent_again", "ok_is_not_sent_again",
		"request_id_stays_the_same", "respects_retry_after_header_of_a_200", "retries_until_all_are_stored",
		"retry_alone_is_sent_again", "timestamps_stay_the_same", "uuids_stay_the_same",
	}, these},
	{"a library that sends all again when one is to be", sabotage{network: func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		met := false
		return results(next, r, func(status int, word string) (int, string) {
			if met = met || word == "retry"; met {
				word = "retry"
			}
			return status, word
		})
	}}, []string{
		"a_retry_is_none_yet", "an_unknown_word_is_not_sent_again", "drop_is_not_sent_again", "limited_is_not_sent_again",
		"ok_is_not_sent_again", "retries_until_all_are_stored", "retry_alone_is_sent_again", "timestamps_stay_the_same",
		"uuids_stay_the_same",
	}, these},
	{"a library that reads no results", sabotage{network: func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		return results(next, r, func(status int, _ string) (int, string) { return status, "" })
	}}, []string{"stored_events_are_sent", "retry_alone_is_sent_again"}, amongOthers},
	{"a library that retries once more at once", sabotage{network: func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(r)
		if err != nil || response.StatusCode < 500 {
			return response, err
		}
		response.Body.Close()
		return next.RoundTrip(copied(r))
	}}, []string{
		"attempt_grows_by_1", "implements_backoff", "max_retries_respected", "request_timestamp_changes_on_retry",
		"respects_retry_after_header", "waits_before_the_first_retry",
	}, these},
	{"a library that does not read Retry-After", sabotage{network: func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(r)
		if err == nil {
			response.Header.Del("Retry-After")
		}
		return response, err
	}}, []string{
		"a_retry_is_none_yet", "respects_retry_after_header", "respects_retry_after_header_of_a_200",
	}, these},
	{"a library that gives each attempt new uuids and times", sabotage{network: rewritten(func(_ object, event object) {
		n := minted.Add(1)
		event["uuid"] = fmt.Sprintf("0199c0de-0000-7000-8000-%012d", n)
		event["timestamp"] = fmt.Sprintf("2026-01-02T03:04:05.%09dZ", n)
	})}, []string{
		"a_drop_is_none", "a_limit_is_none", "a_retry_is_none_yet", "a_warning_is_a_success",
		"an_unknown_word_is_not_sent_again", "attempt_is_2", "drop_is_not_sent_again", "event_has_its_instant",
		"every_event_has_its_instant", "everything_to_retry_is_sent_again", "limited_is_not_sent_again", "ok_is_not_sent_again",
		"preserves_uuid_and_timestamp_on_batch_retry", "preserves_uuid_and_timestamp_on_retry", "preserves_uuid_on_retry",
		"request_id_stays_the_same", "respects_retry_after_header_of_a_200", "retries_until_all_are_stored",
		"retry_alone_is_sent_again", "stored_events_are_sent", "timestamps_stay_the_same", "uuid_is_generated",
		"uuids_stay_the_same",
	}, these},
	{"a library that gives every event the same uuid", sabotage{network: rewritten(func(_ object, event object) {
		event["uuid"] = "0199c0de-0000-7000-8000-000000000000"
	})}, []string{
		"a_drop_is_none", "a_limit_is_none", "a_retry_is_none_yet", "a_warning_is_a_success",
		"an_unknown_word_is_not_sent_again", "attempt_is_2", "different_events_have_different_uuids", "drop_is_not_sent_again",
		"everything_to_retry_is_sent_again", "generates_unique_uuids", "limited_is_not_sent_again",
		"no_duplicate_events_in_batch", "ok_is_not_sent_again", "request_id_stays_the_same",
		"respects_retry_after_header_of_a_200", "retries_until_all_are_stored", "retry_alone_is_sent_again",
		"stored_events_are_sent", "timestamps_stay_the_same", "uuid_is_generated", "uuids_stay_the_same",
	}, these},
	{"a library that sends local time", sabotage{network: rewritten(func(_ object, event object) {
		event["timestamp"] = strings.TrimSuffix(event["timestamp"].(string), "Z") + "+05:30"
	})}, []string{
		"event_has_a_timestamp_in_utc", "event_has_its_instant", "every_event_has_a_timestamp_in_utc",
		"every_event_has_its_instant",
	}, these},
	{"a library that changes what it is given", sabotage{network: rewritten(func(_ object, event object) {
		event["event"], event["distinct_id"] = "another", "another"
		properties := event["properties"].(object)
		for name := range properties {
			properties[name] = "another"
		}
		properties["distinct_id"] = "another"
	})}, []string{
		"disable_geoip_is_a_property", "event_has_its_distinct_id", "event_has_its_instant", "event_has_its_name",
		"event_has_no_distinct_id_among_its_properties", "event_keeps_groups", "event_keeps_its_properties", "event_keeps_set",
		"event_keeps_set_once", "every_event_has_its_distinct_id", "every_event_has_its_instant", "every_event_has_its_name",
		"every_event_has_no_distinct_id_among_its_properties", "every_event_keeps_groups", "every_event_keeps_its_properties",
		"every_event_keeps_set", "every_event_keeps_set_once",
	}, these},
	{"a library that writes bodies as it always did", sabotage{network: rewritten(func(batch, event object) {
		batch["api_key"], batch["sent_at"] = key, "2000-01-01T00:00:00Z"
		delete(batch, "created_at")
	})}, []string{
		"a_batch_is_authorized", "a_drop_is_none", "a_limit_is_none", "a_retry_is_none_yet", "a_warning_is_a_success",
		"an_unknown_word_is_not_sent_again", "attempt_is_2", "body_has_created_at_and_batch", "body_has_no_key",
		"body_has_no_sent_at", "created_at_is_now", "drop_is_not_sent_again", "everything_to_retry_is_sent_again",
		"limited_is_not_sent_again", "ok_is_not_sent_again", "request_id_stays_the_same", "respects_retry_after_header_of_a_200",
		"retries_on_408", "retries_on_500", "retries_on_503", "retries_on_504", "retries_until_all_are_stored",
		"retries_until_it_passes", "retry_alone_is_sent_again", "sends_gzip_when_enabled", "stored_events_are_sent",
		"timestamps_stay_the_same", "uuids_stay_the_same",
	}, these},
	{"a library that puts batches together long before it sends them", sabotage{network: rewritten(func(batch, _ object) {
		batch["created_at"] = "1999-12-31T23:00:00Z"
	})}, []string{"created_at_is_now"}, these},
	{"a library that says no", sabotage{network: rewritten(func(batch, _ object) {
		batch["historical_migration"] = false
	})}, []string{"historical_migration_is_absent_by_default", "historical_migration_is_in_the_body"}, these},
	{"a library that leaves options among the properties", sabotage{network: rewritten(func(_ object, event object) {
		event["properties"].(object)["$options"], event["options"] = event["options"], object{}
	})}, []string{
		"cookieless_mode", "disable_skew_correction", "options_belong_to_their_event", "process_person_profile",
		"product_tour_id",
	}, these},
	{"a library that writes options that are not set", sabotage{network: rewritten(func(_ object, event object) {
		event["options"] = object{"cookieless_mode": false}
	})}, []string{
		"cookieless_mode", "disable_skew_correction", "options_belong_to_their_event", "process_person_profile",
		"product_tour_id", "unset_options_are_absent",
	}, these},
	{"a library that looks geography up", sabotage{network: rewritten(func(_ object, event object) {
		delete(event["properties"].(object), "$geoip_disable")
	})}, []string{"disable_geoip_is_a_property"}, these},
	{"a library that never compresses", sabotage{network: func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		plain := copied(r)
		plain.Header.Del("Content-Encoding")
		return next.RoundTrip(withBody(plain, body(r)))
	}}, []string{
		"gzip_can_be_undone", "sends_br_when_enabled", "sends_deflate_when_enabled", "sends_gzip_when_enabled",
		"sends_zstd_when_enabled",
	}, these},
	{"a library that always says that it compresses", sabotage{network: changed(func(r *http.Request) {
		r.Header.Set("Content-Encoding", "gzip")
	})}, []string{"sends_plain_when_disabled"}, amongOthers},
	{"a library that sends each event alone", sabotage{network: alone}, []string{
		"a_batch_is_authorized", "a_drop_is_none", "a_limit_is_none", "a_retry_is_none_yet", "a_warning_is_a_success",
		"an_error_is_none", "an_unknown_word_is_not_sent_again", "attempt_is_2", "drop_is_not_sent_again",
		"events_travel_together", "every_event_has_a_timestamp_in_utc", "every_event_has_a_uuid",
		"every_event_has_its_distinct_id", "every_event_has_its_instant", "every_event_has_its_name",
		"every_event_has_no_distinct_id_among_its_properties", "every_event_keeps_groups", "every_event_keeps_its_properties",
		"every_event_keeps_set", "every_event_keeps_set_once", "everything_to_retry_is_sent_again", "flush_at_sends_at_once",
		"limited_is_not_sent_again", "nothing_to_retry_is_one_request", "ok_is_not_sent_again", "options_belong_to_their_event",
		"preserves_uuid_and_timestamp_on_batch_retry", "request_id_stays_the_same", "respects_retry_after_header_of_a_200",
		"retries_until_all_are_stored", "retry_alone_is_sent_again", "stored_events_are_sent", "timestamps_stay_the_same",
		"uuids_stay_the_same",
	}, these},
}

// aiSabotages are those for the suite capture_ai.
var aiSabotages = []brokenLibrary{
	{"a library that sends all events one way", sabotage{network: changed(func(r *http.Request) { r.URL.Path = "/batch/" })}, []string{
		"ai_events_go_to_the_ai_endpoint",
	}, these},
	{"a library that goes by the name", sabotage{network: changed(func(r *http.Request) {
		if strings.Contains(string(body(r)), `"$ai_`) {
			r.URL.Path = "/i/v0/ai/batch/"
		}
	})}, []string{"an_ai_event_that_is_captured_goes_to_batch"}, these},
	{"a library that makes up uuids", sabotage{network: rewritten(func(_ object, event object) {
		event["uuid"] = fmt.Sprintf("0199c0de-0000-7000-8000-%012d", minted.Add(1))
	})}, []string{"uuid_is_generated_and_returned", "uuid_of_the_caller_is_kept"}, these},
	{"a library that sends local time", sabotage{network: rewritten(func(_ object, event object) {
		event["timestamp"] = strings.TrimSuffix(event["timestamp"].(string), "Z") + "+05:30"
	})}, []string{"timestamp_is_converted_to_utc"}, these},
}

// changed returns a network that changes each request on its way.
func changed(change func(*http.Request)) func(http.RoundTripper, *http.Request) (*http.Response, error) {
	return func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		again := copied(r)
		change(again)
		return next.RoundTrip(again)
	}
}

// results sends r and changes the status of the answer, and the word for each of its results; one that becomes empty is
// left out.
func results(next http.RoundTripper, r *http.Request, change func(status int, word string) (int, string)) (*http.Response, error) {
	response, err := next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil {
		return nil, err
	}
	var answer struct {
		Results map[string]map[string]string `json:"results"`
	}
	_ = json.Unmarshal(text, &answer)
	for _, uuid := range order(r, answer.Results) {
		_, word := change(response.StatusCode, answer.Results[uuid]["result"])
		if answer.Results[uuid]["result"] = word; word == "" {
			delete(answer.Results, uuid)
		}
	}
	if answer.Results != nil {
		text, _ = json.Marshal(answer)
	}
	response.StatusCode, _ = change(response.StatusCode, "")
	response.ContentLength = int64(len(text))
	response.Header.Del("Content-Length")
	response.Body = io.NopCloser(bytes.NewReader(text))
	return response, nil
}

// order returns the uuids of the results in the order of the request, twice: so that a change may look at all first.
func order(r *http.Request, results map[string]map[string]string) []string {
	var batch struct {
		Batch []struct {
			UUID string `json:"uuid"`
		} `json:"batch"`
	}
	_ = json.Unmarshal(body(r), &batch)
	var uuids []string
	for range 2 {
		for _, event := range batch.Batch {
			if results[event.UUID] != nil {
				uuids = append(uuids, event.UUID)
			}
		}
	}
	return uuids
}
