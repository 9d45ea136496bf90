// Package spool keeps the segments of a queue in files, so that they outlive
// the process. A [Spool] hands out files and looks after them; a [File] is one
// of them. What the bytes in a file mean is the business of package disk.
//
// Two goroutines do everything that may wait for a disk. The keeper makes files
// ahead of their use, writes down which records are final, seals, loads, uses
// again and removes files, and tries again what failed. The committer exists
// only where copying a record into mapped memory is not enough: it writes what
// was appended to files that cannot be mapped, and syncs. What the queue calls
// under its lock leaves word for them and returns at once.
//
// The queue's memory is the truth: a file that fails is given up, and the queue
// copies its segment into another one. The package reads no mapping, sends
// nothing and drops nothing. The queue's lock comes before the spool's, and
// nothing of the queue is called while the spool's is held.
package spool
