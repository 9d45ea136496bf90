package stack

import (
	"crypto/sha512"
	"encoding/hex"
	"hash"
)

const maxFingerprint = 64 // bytes of a fingerprint that an application gave, beyond which it is hashed

// Fingerprint returns what PostHog groups exceptions by: two lists with the same one become one issue. Of each
// exception count its type and the files and functions of the application's frames, no line numbers; the outermost
// frame if none is the application's; and the message only of an exception without a stack. An empty stack counts
// as one.
func Fingerprint(list []Exception) string {
	h := sha512.New()
	for i := range list {
		e := &list[i]
		part(h, e.Type)
		if e.Stack == nil {
			part(h, e.Value)
			continue
		}
		own := false
		for j := range e.Stack.Frames {
			if f := &e.Stack.Frames[j]; f.InApp {
				own = true
				frame(h, f)
			}
		}
		if !own && len(e.Stack.Frames) > 0 {
			frame(h, &e.Stack.Frames[0])
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// CustomFingerprint returns what PostHog makes of a fingerprint that the application gave: a long one is hashed.
func CustomFingerprint(given string) string {
	if len(given) <= maxFingerprint {
		return given
	}
	sum := sha512.Sum512([]byte(given))
	return hex.EncodeToString(sum[:])
}

func frame(h hash.Hash, f *Frame) {
	part(h, f.Filename)
	part(h, f.Function)
}

func part(h hash.Hash, text string) {
	h.Write([]byte(text)) // a hash returns no error
}
