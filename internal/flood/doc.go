// Package flood keeps one failing line of code from drowning the rest. A Limiter decides how many exceptions of a type,
// and of all types, become events; a Seen tells when an error that is captured was captured a moment ago, in another
// place.
//
// It runs on whatever goroutine calls it and starts none. It never reads a clock: what time it is comes with each call.
// Its locks are held for a look-up and a few assignments, never while anything of the caller's runs other than the
// comparison of scopes. It keeps no text: of a type it has a hash, of an error a weak pointer, so that none lives longer
// because it was captured, except for small ones of mere numbers, with what they are a part of.
package flood
