package wire

import (
	"encoding/json"
	"math"
)

// decodeRecords reads flags that are objects, one for each key.
func (r *FlagsResponse) decodeRecords(object []byte) {
	eachMember(object, func(key, value []byte) { r.put(string(key), decodeRecord(value)) })
}

// decodeRecord reads what is said about one flag. The value is what the member value says, or else what enabled and
// variant say.
func decodeRecord(record []byte) Flag {
	flag := Flag{ConditionIndex: -1}
	var value, enabled, variant, reason, metadata []byte
	eachMember(record, func(key, member []byte) {
		switch string(key) {
		case "value":
			value = member
		case "enabled":
			enabled = member
		case "variant":
			variant = member
		case "failed":
			flag.Failed = string(member) != "false" && string(member) != "null"
		case "reason":
			reason = member
		case "metadata":
			metadata = member
		}
	})
	flag.decodeReason(reason)
	flag.decodeMetadata(metadata)
	if !flag.Failed && !flag.decodeValue(value) {
		flag.Failed = !flag.decodeVariant(enabled, variant)
	}
	if flag.Failed {
		flag.Payload = ""
	}
	return flag
}

// decodeValue reads a value that says all, and reports whether it can be read.
func (f *Flag) decodeValue(value []byte) bool {
	switch string(value) {
	case "true":
		f.Enabled = true
		return true
	case "false":
		return true
	}
	variant, ok := textOf(value)
	f.Enabled, f.Variant = variant != "", variant
	return ok && variant != ""
}

// decodeVariant reads a value in two parts, and reports whether they can be read.
func (f *Flag) decodeVariant(enabled, variant []byte) bool {
	text, ok := textOf(variant)
	if !ok && len(variant) > 0 && string(variant) != "null" {
		return false
	}
	switch string(enabled) {
	case "true":
		f.Enabled, f.Variant = true, text
		return true
	case "false":
		return true
	}
	return false
}

func (f *Flag) decodeReason(reason []byte) {
	eachMember(reason, func(key, value []byte) {
		switch string(key) {
		case "code":
			f.ReasonCode, _ = textOf(value)
		case "description":
			f.ReasonText, _ = textOf(value)
		case "condition_index":
			f.ConditionIndex = -1
			if index, ok := wholeOf(value); ok && index >= 0 && index <= math.MaxInt32 {
				f.ConditionIndex = int(index)
			}
		}
	})
}

func (f *Flag) decodeMetadata(metadata []byte) {
	eachMember(metadata, func(key, value []byte) {
		switch string(key) {
		case "id":
			f.ID, _ = wholeOf(value)
		case "version":
			f.Version, _ = wholeOf(value)
		case "payload":
			f.Payload = payloadText(value)
		case "has_experiment":
			f.HasExperiment = nil
			if says := string(value) == "true"; says || string(value) == "false" {
				f.HasExperiment = &says
			}
		}
	})
}

// decodeValues reads flags that are values, and the payloads beside them.
func (r *FlagsResponse) decodeValues(values, payloads []byte) {
	texts := make(map[string]string)
	eachMember(payloads, func(key, value []byte) {
		if len(texts) < maxFlags {
			texts[string(key)] = payloadText(value)
		}
	})
	eachMember(values, func(key, value []byte) {
		flag := Flag{ConditionIndex: -1}
		if flag.decodeValue(value) {
			flag.Payload = texts[string(key)]
		} else {
			flag.Failed = true
		}
		r.put(string(key), flag)
	})
}

// decodeKeys reads a list of the flags that are on.
func (r *FlagsResponse) decodeKeys(list []byte) {
	eachElement(list, func(element []byte) {
		if key, ok := textOf(element); ok {
			r.put(key, Flag{Enabled: true, ConditionIndex: -1})
		}
	})
}

// DecodePayload reads a payload that is an answer's whole body, and returns its text: that of a string once unquoted,
// any other JSON as it stands, and "" for an empty body and for null. It reports false for what is no JSON.
func DecodePayload(body []byte) (text string, ok bool) {
	value, ok := wholeBody(body)
	if !ok {
		return "", false
	}
	return payloadText(value), true
}

// payloadText returns the text of a payload.
func payloadText(value []byte) string {
	if string(value) == "null" {
		return ""
	}
	if text, ok := textOf(value); ok {
		return text
	}
	return string(value)
}

// wholeBody returns the one JSON value in body without the space around it, nil if there is nothing else than space.
// It reports false for what is no JSON.
func wholeBody(body []byte) (value []byte, ok bool) {
	r := resultReader{text: body}
	r.space()
	if r.at == len(body) {
		return nil, true
	}
	if !json.Valid(body) {
		return nil, false
	}
	return body[r.at:valueEnd(body, r.at)], true
}
