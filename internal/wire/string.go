package wire

import "unicode/utf8"

const (
	everyByte = 0x0101010101010101 // one in each byte: multiplied by a byte, that byte eight times
	highBits  = 0x8080808080808080

	hexDigits = "0123456789abcdef"

	longestEscape = len(`\u0000`)
)

// AppendString appends s to dst as a quoted JSON string and returns the extended buffer.
//
// Bytes that are not valid UTF-8 become U+FFFD, one for each byte. Quotes, backslashes and control characters
// are escaped; '<', '>' and '&' are not, since nothing here is embedded in HTML.
func AppendString(dst []byte, s string) []byte {
	if verbatim(s) {
		dst = append(dst, '"')
		dst = append(dst, s...)
		return append(dst, '"')
	}
	return appendEscaped(dst, s)
}

// verbatim reports whether s can stand between quotes as it is: printable ASCII without '"' and '\\'.
// It may look at a byte twice, because the last step of a long string overlaps the one before.
func verbatim(s string) bool {
	n := len(s)
	switch {
	case n >= 8:
		var special uint64
		for i := 0; i+8 <= n; i += 8 {
			special |= specialBytes(load64(s[i : i+8]))
		}
		return special|specialBytes(load64(s[n-8:])) == 0
	case n >= 4:
		return specialBytes(uint64(load32(s[:4]))|uint64(load32(s[n-4:]))<<32) == 0
	}
	for i := range n {
		if escapes[s[i]] != 0 {
			return false
		}
	}
	return true
}

// specialBytes is non-zero if any of the eight bytes in v is a control character, a quote, a backslash or
// not ASCII. A subtraction borrows into the next byte only from a byte that is special itself, so a borrow
// can make the result imprecise about which byte it is, never about whether there is one.
func specialBytes(v uint64) uint64 {
	controls := v - everyByte*0x20
	quotes := (v ^ everyByte*'"') - everyByte
	backslashes := (v ^ everyByte*'\\') - everyByte
	return (v | controls | quotes | backslashes) & highBits
}

// load64 reads the first eight bytes of s; the compiler makes it one load.
func load64(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// load32 reads the first four bytes of s.
func load32(s string) uint32 {
	_ = s[3]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// appendEscaped is AppendString for text that is not [verbatim].
func appendEscaped(dst []byte, s string) []byte {
	dst = append(dst, '"')
	copied := 0 // s[:copied] is in dst already
	for i := 0; i < len(s); {
		b := s[i]
		if b >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(dst, s[copied:i]...)
				dst = utf8.AppendRune(dst, utf8.RuneError)
				copied = i + 1
			}
			i += size
			continue
		}
		if escape := escapes[b]; escape != 0 {
			dst = append(dst, s[copied:i]...)
			copied = i + 1
			if escape == 'u' {
				dst = append(dst, '\\', 'u', '0', '0', hexDigits[b>>4], hexDigits[b&15])
			} else {
				dst = append(dst, '\\', escape)
			}
		}
		i++
	}
	dst = append(dst, s[copied:]...)
	return append(dst, '"')
}

// escapes holds, for each byte, the letter that follows the backslash; 'u' means the four-digit form, zero
// means an ASCII byte that needs none. Bytes outside ASCII are marked 'u' so that a lookup calls them special.
var escapes = func() (table [256]byte) {
	for b := range table {
		if b < ' ' || b >= utf8.RuneSelf {
			table[b] = 'u'
		}
	}
	table['"'], table['\\'] = '"', '\\'
	table['\b'], table['\f'], table['\n'], table['\r'], table['\t'] = 'b', 'f', 'n', 'r', 't'
	return table
}()
