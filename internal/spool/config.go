package spool

import (
	"time"

	"github.com/hedgerow/posthog/internal/life"
	"github.com/hedgerow/posthog/internal/notice"
	"github.com/hedgerow/posthog/internal/spool/disk"
)

// Durability says what an appended record survives.
type Durability uint8

// The durabilities.
const (
	// Process: the end of the process, however it comes.
	Process Durability = iota
	// Disk: also the end of the operating system, and a power cut.
	Disk
)

// Config describes a spool. Every field is required unless it says otherwise.
type Config struct {
	// Dir is the directory that several spools may share. It is made if it is
	// missing.
	Dir string
	// Lane and ProjectKey say whose records these are: what other spools with
	// the same values left behind is found, and nothing else is touched.
	Lane, ProjectKey string
	// SegmentSize is the room for frames in a usual file, in bytes. A larger
	// segment gets a file of its own. Default 1 MiB.
	SegmentSize int
	// MaxBytes bounds all files of this spool, those that it found and those
	// that wait for their use included. Files that broke count no more; 64 of
	// them stay at most.
	MaxBytes int64
	// Durability says what Secure waits for. Default [Process].
	Durability Durability
	// SyncInterval, with [Disk], is the time between two syncs, for which
	// nobody waits. Default 0: Secure waits until its record is synced.
	SyncInterval time.Duration
	// Notices receives conditions worth a line in the log.
	Notices *notice.Board
	// Life runs the goroutines.
	Life *life.Group
	// System is the operating system. Default disk.Local().
	System disk.System
}

const defaultSegmentSize = 1 << 20

// withDefaults returns c without zero values that stand for a default.
func (c Config) withDefaults() Config {
	if c.SegmentSize <= 0 {
		c.SegmentSize = defaultSegmentSize
	}
	c.SegmentSize = disk.Round(c.SegmentSize)
	if c.System == nil {
		c.System = disk.Local()
	}
	return c
}

// syncs says whether anything is ever synced, and waits, whether anyone waits
// for it.
func (c *Config) syncs() bool { return c.Durability == Disk }
func (c *Config) waits() bool { return c.Durability == Disk && c.SyncInterval <= 0 }
