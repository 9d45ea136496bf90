package bucket

import (
	"strings"
	"unicode/utf8"
)

// idLimit is how many bytes a distinct id may have before the server cuts it, and how many characters it keeps.
const idLimit = 200

// Identifier returns an identifier as it arrives at the server: in JSON, each byte that is no UTF-8 has become the
// replacement character. What is valid is returned as it is, without an allocation.
func Identifier(id string) string {
	if utf8.ValidString(id) {
		return id
	}
	var b strings.Builder
	for _, r := range id {
		b.WriteRune(r)
	}
	return b.String()
}

// DistinctID returns a distinct id as the server hashes it: as [Identifier] does and, of more than 200 bytes, the
// first 200 characters. Device ids and keys of groups are never cut.
func DistinctID(id string) string {
	id = Identifier(id)
	if len(id) <= idLimit {
		return id
	}
	characters := 0
	for at := range id {
		if characters == idLimit {
			return id[:at]
		}
		characters++
	}
	return id
}
