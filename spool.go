package posthog

import (
	"fmt"
	"math"
	"path/filepath"
	"time"

	"github.com/hedgerow/posthog/internal/spool"
)

// Defaults and limits of [SpoolConfig].
const (
	// DefaultSpoolMaxBytes bounds the files of one [Lane] of a client.
	DefaultSpoolMaxBytes = 1 << 30
	// DefaultSpoolMaxAge bounds the age of an event in the spool.
	DefaultSpoolMaxAge = 7 * 24 * time.Hour
	// MinSpoolMaxBytes is the least that [SpoolConfig.MaxBytes] may be.
	MinSpoolMaxBytes = 4 << 20
)

// Durability says what an accepted event survives.
type Durability uint8

// The durabilities of a spool.
const (
	// DurabilityProcess: the end of the process, however it comes: kill -9, a
	// panic, the OOM killer, os.Exit. It costs a copy of the event in memory on
	// Linux and macOS; where files cannot be mapped into memory, Enqueue waits
	// until the event is written, for half a second at most.
	DurabilityProcess Durability = iota
	// DurabilityDisk: also a power cut and the death of the kernel. Enqueue
	// returns when the disk has the event; one sync serves every goroutine that
	// waits. After five seconds, or when the context of the call ends, it
	// returns [ErrNotSynced]. See also [SpoolConfig.SyncInterval].
	DurabilityDisk
)

// SpoolConfig configures the spool: files that keep accepted events until
// PostHog has confirmed them, so that the end of the process does not lose
// them. The next client with the same Dir and project key sends them, with
// their uuid, time and content, before its own.
//
// Dir belongs on a local disk that survives the process, and a container if
// there is one. Any number of clients, and of processes of one user, may share
// it; each has files of its own, and looks for those of the dead when it
// starts and every minute, on [LaneAI] as soon as that is used. The files hold
// events in plain text; on Unix, their owner alone can read them.
//
// The format, and what is assumed of the machine, is in docs/spool-format.md.
type SpoolConfig struct {
	// Dir is the directory of the spool. It is made if it is missing. Empty
	// means no spool.
	//
	// If it cannot be used, or its disk is full or fails, events are accepted in
	// memory, the log says so once, and [Stats] as long as it lasts. The client
	// returns to the disk, with the events it has by then, when it can.
	Dir string
	// Durability says what an event survives once it is accepted. Default
	// [DurabilityProcess].
	Durability Durability
	// SyncInterval, with [DurabilityDisk], syncs at this interval instead of
	// making Enqueue wait. A power cut then loses what was accepted during
	// the interval before it and the sync that was going on. Default 0: Enqueue
	// waits.
	SyncInterval time.Duration
	// MaxBytes bounds the files of each [Lane] that the client uses, those that
	// it found included. Beyond it, [Config.Overflow] decides about new events; of
	// the events of earlier processes, the oldest end as [OutcomeQueueFull].
	// Default [DefaultSpoolMaxBytes], and at least [MinSpoolMaxBytes] and four
	// times [Config.MaxEventBytes] and [Config.CaptureAIMaxEventBytes], if they are
	// set. Files in quarantine, and those that clients with another project key
	// left, are not counted.
	MaxBytes int64
	// MaxAge bounds how long an event is kept, from when it was accepted: an
	// older one ends as [OutcomeExpired]. Default [DefaultSpoolMaxAge];
	// negative means no bound.
	MaxAge time.Duration
}

// SpoolStats describes the spool at one instant.
type SpoolStats struct {
	// Events counts the events that are in files and not final. They would
	// survive the end of the process now.
	Events int
	// Bytes is the size of all files of the client, in the pieces in which
	// the disk's space is reserved. Files that are made ahead of their use are
	// included, so it is not zero when Events is.
	Bytes int64
	// Recovered counts the events of earlier processes that were found, those
	// included that ended at once because of MaxBytes or MaxAge. They are among
	// the accepted events of [Stats].
	Recovered uint64
	// Err says why no file can be made or written at the moment. When those
	// that are ready are full, events are in memory only. Nil if the spool
	// works.
	Err error
}

// ErrNotSynced means that the event was accepted and will be sent, but is not
// as safe as [SpoolConfig.Durability] says, because the disk failed, or the
// context ended before the disk was done. Only a client that waits for its
// disk returns it: with [DurabilityDisk], and where files cannot be mapped
// into memory, as on Windows. It is no reason to enqueue the event again, which
// would make two of it.
var ErrNotSynced = spool.ErrNotSynced

// validate reports the first field that cannot be used.
func (s *SpoolConfig) validate(maxEvent int) error {
	if s.Dir == "" {
		if *s != (SpoolConfig{}) {
			return ConfigError{Field: "Spool.Dir", Value: `""`, Reason: "must name a directory if another field of Spool is set"}
		}
		return nil
	}
	if s.Durability > DurabilityDisk {
		return ConfigError{Field: "Spool.Durability", Value: s.Durability, Reason: "is none of DurabilityProcess and DurabilityDisk"}
	}
	if s.SyncInterval < 0 {
		return ConfigError{Field: "Spool.SyncInterval", Value: s.SyncInterval, Reason: "must not be negative; 0 means that Enqueue waits"}
	}
	if s.SyncInterval > 0 && s.Durability != DurabilityDisk {
		return ConfigError{Field: "Spool.SyncInterval", Value: s.SyncInterval, Reason: "needs Durability: DurabilityDisk"}
	}
	if s.MaxBytes != 0 && s.MaxBytes < MinSpoolMaxBytes {
		return ConfigError{Field: "Spool.MaxBytes", Value: s.MaxBytes, Reason: fmt.Sprintf("must be at least %d; 0 means the default", MinSpoolMaxBytes)}
	}
	if s.MaxBytes != 0 && int64(maxEvent) > s.MaxBytes/4 {
		return ConfigError{Field: "Spool.MaxBytes", Value: s.MaxBytes, Reason: "must be at least four times MaxEventBytes"}
	}
	return nil
}

// withDefaults returns a valid SpoolConfig without zero values that stand for
// a default.
func (s SpoolConfig) withDefaults() SpoolConfig {
	if s.Dir == "" {
		return s
	}
	if dir, err := filepath.Abs(s.Dir); err == nil { // the program may change its working directory
		s.Dir = dir
	}
	fallback(&s.MaxBytes, DefaultSpoolMaxBytes)
	fallback(&s.MaxAge, DefaultSpoolMaxAge)
	return s
}

// unbounded is the default of Config.MaxQueueSize with a spool.
const unbounded = math.MaxInt

// The size of the spool's files, beside what describes them: usually spoolFile,
// and never less than spoolPage.
const (
	spoolFile = 1 << 20
	spoolPage = 4 << 10
)

// fileSize is the size of one file for the events of a queue with so much memory.
func (s *SpoolConfig) fileSize(maxQueueBytes int) int {
	size := min(spoolFile, int64(maxQueueBytes/4), s.MaxBytes/8)
	return max(int(size)/spoolPage*spoolPage, spoolPage)
}

// spools reports whether events are kept in files.
func (c *ServerClient) spools() bool {
	return c.config.Spool.Dir != "" && !c.keyless && !c.config.Disabled && !c.config.DryRun
}

// openSpool opens the spool of a lane, and takes over what it finds there. It
// returns nil if the lane has none.
func (c *ServerClient) openSpool(r route) *spool.Spool {
	if !c.spools() || r.memoryOnly {
		return nil
	}
	durability := spool.Process
	if c.config.Spool.Durability == DurabilityDisk {
		durability = spool.Disk
	}
	return spool.Open(spool.Config{
		Dir:          c.config.Spool.Dir,
		Lane:         string(r.name),
		ProjectKey:   c.apiKey,
		SegmentSize:  c.config.Spool.fileSize(r.maxBytes),
		MaxBytes:     c.config.Spool.MaxBytes,
		Durability:   durability,
		SyncInterval: c.config.Spool.SyncInterval,
		Notices:      c.notices,
		Life:         &c.life,
	})
}
