// Package jsonview reads a JSON text where it lies: a [Value] is a part of the text, and its members and elements
// are parts of that part. Nothing is built, so a number keeps its literal and a member that nobody asks for costs
// nothing. Names are compared exactly, as written, unlike those of [encoding/json].
//
// A text is checked once, as a whole, with [Check]; the views of a text that was not are undefined. Neither checking
// nor viewing recurses, so the depth of a text costs a bit a level and no stack. It runs on the caller's goroutine
// and owns nothing.
package jsonview
