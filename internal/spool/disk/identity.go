package disk

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
)

// Identity says whose events are in a directory.
type Identity struct {
	// Lane is the lane's name: 1 to 16 letters, digits, dots, dashes or underscores.
	Lane string
	// Key stands for the project key. See [KeyOf].
	Key [8]byte
}

// KeyOf returns what stands for a project key on the disk: the first eight
// bytes of its SHA-256. The key itself is in no file.
func KeyOf(projectKey string) [8]byte {
	sum := sha256.Sum256([]byte(projectKey))
	return [8]byte(sum[:8])
}

const maxLane = 16

var errLane = errors.New("a lane's name is 1 to 16 letters, digits, dots, dashes or underscores")

// check returns an error if the lane cannot be part of a directory's name.
func (id Identity) check() error {
	if id.Lane == "" || len(id.Lane) > maxLane || id.Lane[0] == '.' {
		return errLane
	}
	for _, c := range []byte(id.Lane) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '-', c == '_':
		default:
			return errLane
		}
	}
	return nil
}

// directory returns the name of the directory of one owner, whose mark it is
// that makes it unlike all others.
func (id Identity) directory(mark string) string {
	return id.Lane + "-" + hex.EncodeToString(id.Key[:]) + "-" + mark
}

// markSize is the length of a mark: eight bytes in hexadecimal. Keys are as
// long.
const markSize = 16

// parseDirectory is the inverse of directory.
func parseDirectory(name string) (id Identity, mark string, ok bool) {
	at := len(name) - 2*markSize - 2
	if at < 1 || name[at] != '-' || name[at+1+markSize] != '-' {
		return Identity{}, "", false
	}
	key, mark := name[at+1:at+1+markSize], name[at+2+markSize:]
	if !isHex(key) || !isHex(mark) {
		return Identity{}, "", false
	}
	id.Lane = name[:at]
	if _, err := hex.Decode(id.Key[:], []byte(key)); err != nil {
		return Identity{}, "", false
	}
	return id, mark, id.check() == nil
}

// isHex reports whether s is hexadecimal, in lower case.
func isHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }
