// Package segment is what the queue, which fills and reads segments, and the
// spool, which keeps them in files, have in common: the layout of a record
// in a segment, and the calls that pass between the two.
//
// It starts no goroutine, holds no state and reads no file. The layout is
// described in docs/spool-format.md.
package segment
