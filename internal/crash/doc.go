// Package crash reads what the Go runtime writes when it ends a process: the text that debug.SetCrashOutput leaves
// behind, or the standard error of a program that died.
//
// It is a parser of text that nobody guarantees, of several versions of Go, possibly cut off anywhere, and in part
// under the control of whoever chose the text of a panic. So it never fails: it returns what it can make out, in
// memory that is bounded however long the text is. Arguments of functions are dropped, for they hold words of the
// program's memory.
//
// It runs on whatever goroutine calls it, and touches neither files nor the process.
package crash
