package wire

import (
	"bytes"
	"time"
)

// A BatchV1 is the frame around the events in the body of POST /i/v1/analytics/events. Between its opening and its
// close stand the events, written by [AppendEventV1] and separated by commas. The project's key and the time of the
// attempt travel in headers.
type BatchV1 struct {
	// CreatedAt is when the batch was put together: the same on each of its attempts. It is written in UTC, down to
	// the microsecond.
	CreatedAt time.Time
	// Historical marks events from the past, as in [Batch]. It is written only when true.
	Historical bool
}

// AppendOpen appends the members before the events and the bracket that opens them, and returns the extended buffer.
func (b BatchV1) AppendOpen(dst []byte) []byte {
	dst = append(dst, `{"created_at":`...)
	dst = AppendTime(dst, b.CreatedAt.Truncate(time.Microsecond))
	if b.Historical {
		dst = append(dst, `,"historical_migration":true`...)
	}
	return append(dst, `,"batch":[`...)
}

// AppendClose appends what ends the body and returns the extended buffer.
func (b BatchV1) AppendClose(dst []byte) []byte {
	return append(dst, "]}"...)
}

// AppendEventV1 appends an event the way the analytics endpoint wants it, and returns the extended buffer. The record
// is the same event the way /batch/ wants it, an [Envelope] with its properties. Its first tail bytes end where the
// special properties begin; a tail of 0 means that this is not known, and then the properties are looked at one by
// one. For a record that is no such event it appends nothing and reports false.
//
// Everything but the special properties is copied as it is. Of these,
//
//   - $session_id and $window_id become session_id and window_id at the root, if they are strings and not empty,
//   - $cookieless_mode, $ignore_sent_at and $process_person_profile become the options cookieless_mode,
//     disable_skew_correction and process_person_profile, if they can be read as true or false,
//   - $product_tour_id becomes the option product_tour_id, if it is a string and not empty,
//   - distinct_id, $lib and $lib_version are left out: the root and a header state them.
//
// What cannot be read that way is left out as well, because the server refuses a whole batch for it. For true and
// false, numbers stand (0 is false), and strings, in any case and with space around them: true, false, 1 and 0.
func AppendEventV1(dst, record []byte, tail int) (out []byte, ok bool) {
	if tail == 0 {
		tail = propertiesStart(record)
	}
	end := len(record) - len("}}")
	if tail <= 0 || tail > end || string(record[end:]) != "}}" {
		return dst, false
	}
	if library(record[tail:end]) {
		dst = append(dst, record[:tail]...)
		return append(dst, `},"options":{}}`...), true
	}
	return appendEventV1(dst, record[:end], tail)
}

// library reports whether the special properties are the library's name and version and nothing else, as they are for
// most events.
func library(specials []byte) bool {
	rest, ok := bytes.CutPrefix(specials, []byte(`,"$lib":"`))
	if !ok {
		return false
	}
	name := plainText(rest)
	if name < 0 {
		return false
	}
	rest, ok = bytes.CutPrefix(rest[name:], []byte(`","$lib_version":"`))
	return ok && plainText(rest) == len(rest)-1
}

// appendEventV1 is AppendEventV1 for special properties of any kind. The record ends where its properties do.
func appendEventV1(dst, record []byte, tail int) (out []byte, ok bool) {
	start := len(dst)
	dst = append(dst, record[:tail]...)
	var moved [len(SpecialProperties)][]byte
	for at := tail; at < len(record); {
		if record[at] == ',' {
			at++
		}
		key, value, next := memberAt(record, at)
		if next < 0 || next < len(record) && record[next] != ',' {
			return dst[:start], false
		}
		if i := special(key); i >= 0 {
			moved[i] = value
		} else {
			dst = append(appendComma(dst, '{'), record[at:next]...)
		}
		at = next
	}
	dst = append(dst, '}')
	dst = appendMoved(dst, `,"session_id":`, moved[specialSessionID])
	dst = appendMoved(dst, `,"window_id":`, moved[specialWindowID])
	return appendOptions(dst, &moved), true
}

// propertiesStart returns where the members of an event's properties begin, -1 if it has no properties.
func propertiesStart(record []byte) int {
	for at := 0; at < len(record) && (record[at] == '{' && at == 0 || record[at] == ',' && at > 0); {
		key, value, end := memberAt(record, at+1)
		if end < 0 {
			return -1
		}
		if string(key) == "properties" && value[0] == '{' {
			return end - len(value) + 1
		}
		at = end
	}
	return -1
}
