package wire

// SpecialProperties are the properties that the analytics endpoint, /i/v1/analytics/events, does not take as
// properties: it has places of its own for some of them and none for the others. POST /batch/ takes them all.
// An event is written with its special properties behind the others, so that it can become the body of either
// endpoint without being encoded again; see [AppendEventV1].
var SpecialProperties = [...]string{
	specialDistinctID:    "distinct_id",
	specialLib:           "$lib",
	specialLibVersion:    "$lib_version",
	specialSessionID:     "$session_id",
	specialWindowID:      "$window_id",
	specialCookieless:    "$cookieless_mode",
	specialIgnoreSentAt:  "$ignore_sent_at",
	specialPersonProfile: "$process_person_profile",
	specialProductTour:   "$product_tour_id",
}

// Positions in SpecialProperties.
const (
	specialDistinctID = iota // stated at the root of every event; an alias repeats it
	specialLib               // stated in a header
	specialLibVersion
	specialSessionID // these two move to the root
	specialWindowID
	specialCookieless // the others become options
	specialIgnoreSentAt
	specialPersonProfile
	specialProductTour
)

// Special returns the position of key in [SpecialProperties], or -1 for an ordinary property.
func Special(key string) int { return special(key) }

func special[Text string | []byte](key Text) int {
	switch string(key) {
	case "distinct_id":
		return specialDistinctID
	case "$lib":
		return specialLib
	case "$lib_version":
		return specialLibVersion
	case "$session_id":
		return specialSessionID
	case "$window_id":
		return specialWindowID
	case "$cookieless_mode":
		return specialCookieless
	case "$ignore_sent_at":
		return specialIgnoreSentAt
	case "$process_person_profile":
		return specialPersonProfile
	case "$product_tour_id":
		return specialProductTour
	}
	return -1
}
