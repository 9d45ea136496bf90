// Package disk is what a spool lays down on a disk: segment files and what is
// in them, the directories of their owners and the locks on those, the search
// for what dead owners left behind, and the quarantine. The bytes are described
// in docs/spool-format.md.
//
// It starts no goroutine, keeps no timer and logs nothing. Every call but
// [Segment.Append] is a system call or several, made on the caller's
// goroutine, and may wait for a disk: no caller holds a lock that others need.
package disk
