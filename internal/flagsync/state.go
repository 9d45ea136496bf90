package flagsync

import (
	"time"

	"github.com/hedgerow/posthog/flags"
)

// Source is where definitions came from.
type Source uint8

// The sources of definitions.
const (
	// None: nothing is loaded.
	None Source = iota
	// Bytes: the document of the Config.
	Bytes
	// File: the file of the Config.
	File
	// Network: PostHog.
	Network
	// Shared: the Provider.
	Shared
	// Backup: the copy of an earlier load, because the first load failed.
	Backup
)

// String names the source, for people.
func (s Source) String() string {
	switch s {
	case Bytes:
		return "bytes"
	case File:
		return "file"
	case Network:
		return "network"
	case Shared:
		return "shared cache"
	case Backup:
		return "backup"
	}
	return "none"
}

// State is one set of definitions and what is known of it. It never changes; new definitions are a new State.
type State struct {
	// Program evaluates the flags. It is nil when nothing is loaded.
	Program *flags.Program
	// Generation grows with every Program that is published, and when everything is cleared. A load that
	// brings the document that is loaded already leaves it as it is. 0 means that nothing was ever loaded.
	Generation uint64
	// LoadedAt is when the Program was published.
	LoadedAt time.Time
	// Source is where the definitions came from.
	Source Source
	// ETag is PostHog's name for this document, empty if it has none or came from somewhere else.
	ETag string
}

// Loaded reports whether there are definitions.
func (s *State) Loaded() bool { return s.Program != nil }

// definitions returns the definitions, nil if nothing is loaded.
func (s *State) definitions() *flags.Definitions {
	if s.Program == nil {
		return nil
	}
	return s.Program.Definitions()
}
