package main

import (
	"bytes"
	"encoding/hex"
)

// idMark stands before the id of an event in every body. No property of the workload contains it.
var idMark = []byte(`"uuid":"`)

// appendIDs appends the event ids in body to ids. It looks for nothing else, because parsing a million events would take
// more of the machine than sending them.
func appendIDs(ids [][16]byte, body []byte) [][16]byte {
	for {
		at := bytes.Index(body, idMark)
		if at < 0 || len(body) < at+len(idMark)+36 {
			return ids
		}
		text := body[at+len(idMark):][:36]
		ids = append(ids, parseID(text))
		body = body[at+len(idMark)+36:]
	}
}

// parseID reads the 36 characters of an id. Characters that are not hexadecimal become zeros.
func parseID(text []byte) (id [16]byte) {
	var digits [32]byte
	n := 0
	for _, part := range [][]byte{text[:8], text[9:13], text[14:18], text[19:23], text[24:36]} {
		n += copy(digits[n:], part)
	}
	hex.Decode(id[:], digits[:]) //nolint:errcheck // a malformed id counts as a duplicate, which the comparison reports
	return id
}
