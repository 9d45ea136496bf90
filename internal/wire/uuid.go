package wire

import "encoding/hex"

// appendUUID appends id in its lowercase form of 36 characters.
func appendUUID(dst []byte, id [16]byte) []byte {
	var text [36]byte
	hex.Encode(text[0:], id[0:4])
	text[8] = '-'
	hex.Encode(text[9:], id[4:6])
	text[13] = '-'
	hex.Encode(text[14:], id[6:8])
	text[18] = '-'
	hex.Encode(text[19:], id[8:10])
	text[23] = '-'
	hex.Encode(text[24:], id[10:16])
	return append(dst, text[:]...)
}

// parseUUID reads the form of 36 characters, in either case.
func parseUUID(text []byte) (id [16]byte, ok bool) {
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return id, false
	}
	var invalid byte
	for i, at := range [16]int{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34} {
		high, low := hexValues[text[at]], hexValues[text[at+1]]
		invalid |= high | low
		id[i] = high<<4 | low
	}
	if invalid > 15 {
		return [16]byte{}, false
	}
	return id, true
}

// hexValues holds the value of each hexadecimal digit, and 16 for every other byte.
var hexValues = func() (table [256]byte) {
	for b := range table {
		table[b] = 16
	}
	for value, digit := range []byte("0123456789abcdef") {
		table[digit] = byte(value)
	}
	for value, digit := range []byte("ABCDEF") {
		table[digit] = byte(10 + value)
	}
	return table
}()
