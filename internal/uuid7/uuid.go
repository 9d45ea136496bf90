// Package uuid7 makes and reads the identifiers of events: RFC 9562 UUIDs of version 7, which sort by the time
// they were made.
//
// A [Generator] runs on whatever goroutine calls it and is safe for all of them at once; its only state is one
// atomic word. The package starts no goroutine, takes no lock, and never reads the clock: the caller says what
// time it is.
package uuid7

import "encoding/hex"

// A UUID is the 16 bytes of an identifier, most significant first. Comparing two of them byte by byte compares
// the times they were made. The zero UUID is the nil UUID of RFC 9562, never returned by a Generator.
type UUID [16]byte

// textLength is the length of a UUID's canonical text.
const textLength = 36

// AppendText appends the canonical form of u, 36 lowercase characters, to dst and returns the extended buffer.
func (u UUID) AppendText(dst []byte) []byte {
	var text [textLength]byte
	hex.Encode(text[0:], u[0:4])
	text[8] = '-'
	hex.Encode(text[9:], u[4:6])
	text[13] = '-'
	hex.Encode(text[14:], u[6:8])
	text[18] = '-'
	hex.Encode(text[19:], u[8:10])
	text[23] = '-'
	hex.Encode(text[24:], u[10:16])
	return append(dst, text[:]...)
}

// String returns the canonical form of u, 36 lowercase characters.
func (u UUID) String() string {
	var text [textLength]byte
	return string(u.AppendText(text[:0]))
}
