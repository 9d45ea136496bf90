// Package monitor is what a process that reports the end of another one knows: how to read the pipe between the two, as
// docs/crash-format.md describes it, how to get the crash file of somebody who has just died, whether that was for want
// of memory, and which signals to pass on before.
//
// It starts no process and sends nothing, and keeps no goroutine but the one that waits for a lock, which is bounded by
// whoever has it. What it reads was written by a program that was about to crash, or by a kernel that nobody has met, so it
// never fails: it returns what it can make out, in memory that is bounded however much there is.
package monitor
