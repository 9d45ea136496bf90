package wire

// Results of the analytics endpoint. A server may send others.
const (
	ResultOK      = "ok"      // stored
	ResultWarning = "warning" // stored, with a remark
	ResultLimited = "limited" // accepted, and limited by a quota
	ResultDrop    = "drop"    // refused for good
	ResultRetry   = "retry"   // not stored; it may be sent again
)

// resultWord returns a result as a string, without allocating for those above.
func resultWord(word []byte) string {
	switch string(word) {
	case ResultOK:
		return ResultOK
	case ResultWarning:
		return ResultWarning
	case ResultLimited:
		return ResultLimited
	case ResultDrop:
		return ResultDrop
	case ResultRetry:
		return ResultRetry
	}
	return string(word)
}

// knownDetails are the details servers are known to give.
var knownDetails = func() map[string]string {
	known := make(map[string]string)
	for _, text := range []string{
		"not_persisted", "person_processing_disabled", "invalid_event",
		"missing_event_name", "event_name_too_long", "missing_distinct_id", "distinct_id_too_large",
		"invalid_event_timestamp", "malformed_event_properties", "invalid_options", "dropped_performance_event",
		"event_restriction_drop", "exceptions_over_quota", "survey_responses_over_quota", "llm_events_over_quota",
		"ai_event_too_big", "ai_byte_rate_limited", "misrouted_event", "non_ai_event", "non_historical_import_drop",
		"gateway_props_unparseable", "event_too_big", "serialization_failed", "rejected",
	} {
		known[text] = text
	}
	return known
}()

// detailsWord returns details as a string, without allocating for the known ones.
func detailsWord(text []byte) string {
	if len(text) == 0 {
		return ""
	}
	if known, ok := knownDetails[string(text)]; ok {
		return known
	}
	return string(text)
}
