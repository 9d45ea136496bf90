package wire

import (
	"bytes"
	"encoding/json"
	"strings"
)

// appendOptions appends what follows the properties of an event: its options, and the brace that ends it.
func appendOptions(dst []byte, moved *[len(SpecialProperties)][]byte) []byte {
	dst = append(dst, `,"options":{`...)
	dst = appendSwitch(dst, `"cookieless_mode":`, moved[specialCookieless])
	dst = appendSwitch(dst, `"disable_skew_correction":`, moved[specialIgnoreSentAt])
	dst = appendSwitch(dst, `"process_person_profile":`, moved[specialPersonProfile])
	if value := moved[specialProductTour]; isText(value) {
		dst = appendMoved(appendComma(dst, '{'), `"product_tour_id":`, value)
	}
	return append(dst, "}}"...)
}

// appendMoved appends name and value if value is a string that is not empty.
func appendMoved(dst []byte, name string, value []byte) []byte {
	if !isText(value) {
		return dst
	}
	return append(append(dst, name...), value...)
}

// isText reports whether value is a string that is not empty.
func isText(value []byte) bool {
	return len(value) > len(`""`) && value[0] == '"'
}

// appendSwitch appends name and true or false, if value can be read as one of them.
func appendSwitch(dst []byte, name string, value []byte) []byte {
	on, ok := readSwitch(value)
	if !ok {
		return dst
	}
	dst = append(appendComma(dst, '{'), name...)
	if on {
		return append(dst, "true"...)
	}
	return append(dst, "false"...)
}

// readSwitch reads a JSON value as true or false. A value of another meaning, and none, is not ok.
func readSwitch(value []byte) (on, ok bool) {
	if len(value) == 0 {
		return false, false
	}
	switch first := value[0]; {
	case first == 't':
		return true, true
	case first == 'f':
		return false, true
	case first == '-', first >= '0' && first <= '9':
		mantissa, _, _ := bytes.Cut(value, []byte("e"))
		mantissa, _, _ = bytes.Cut(mantissa, []byte("E"))
		return bytes.ContainsAny(mantissa, "123456789"), true
	case first == '"':
		return readSwitchText(value)
	}
	return false, false
}

// readSwitchText is readSwitch for a string. Only ASCII letters have a case here.
func readSwitchText(value []byte) (on, ok bool) {
	var text string
	if json.Unmarshal(value, &text) != nil {
		return false, false
	}
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "1":
		return true, true
	case "false", "0":
		return false, true
	}
	return false, false
}
