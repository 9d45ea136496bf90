package wire

import "encoding/json"

// A Refusal is what the analytics endpoint says about a request it takes nothing of. Its texts come from whoever
// answered, and may be anything.
type Refusal struct {
	// Code names the reason, such as "payload_too_large". It is never empty.
	Code string
	// Description explains it, and URI says where to read on. Both may be empty.
	Description, URI string
}

// DecodeRefusal reads the body of an answer outside 2xx. It reports false for a body that is not the endpoint's, such
// as a proxy's page, or that was cut.
func DecodeRefusal(body []byte) (Refusal, bool) {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return Refusal{}, false
	}
	text := func(name string) (s string) {
		if json.Unmarshal(members[name], &s) != nil {
			return ""
		}
		return s
	}
	refusal := Refusal{Code: text("error"), Description: text("error_description"), URI: text("error_uri")}
	if refusal.Code == "" {
		return Refusal{}, false
	}
	return refusal, true
}
