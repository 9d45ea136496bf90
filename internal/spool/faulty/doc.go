// Package faulty is a disk that fails on demand: one operation or all of them
// from one on, for lack of space, or because the process is dead. Tests put it
// under a spool.
//
// It wraps another [disk.System], starts no goroutine, and holds its lock for
// reading during an operation of the system beneath, so that Kill, like a
// signal, finds none of them halfway. Only test files import it.
package faulty
