package posthog

import (
	"time"

	"github.com/hedgerow/posthog/internal/flagsync"
)

// FlagCondition says in one word how well a client is supplied with flag
// definitions.
type FlagCondition string

// The conditions.
const (
	// FlagsRemote: the client loads no definitions, so every flag is a request.
	FlagsRemote FlagCondition = "remote"
	// FlagsEmpty: nothing is loaded, yet.
	FlagsEmpty FlagCondition = "empty"
	// FlagsCurrent: the last load succeeded.
	FlagsCurrent FlagCondition = "current"
	// FlagsStale: definitions are loaded, and the last load failed.
	FlagsStale FlagCondition = "stale"
	// FlagsQuotaLimited: the project has used up its quota, and nothing is loaded.
	FlagsQuotaLimited FlagCondition = "quota_limited"
	// FlagsClosed: the client is closed, and nothing is loaded any more.
	FlagsClosed FlagCondition = "closed"
)

// flagConditions are the conditions of a loader.
var flagConditions = map[flagsync.Condition]FlagCondition{
	flagsync.Empty:        FlagsEmpty,
	flagsync.Current:      FlagsCurrent,
	flagsync.Stale:        FlagsStale,
	flagsync.QuotaLimited: FlagsQuotaLimited,
	flagsync.Closed:       FlagsClosed,
}

// FlagStatus says how a client is doing with its flag definitions.
type FlagStatus struct {
	// Condition is the status in one word.
	Condition FlagCondition
	// Paused is whether the polling waits for somebody to ask for a flag; see
	// [Config.FlagPauseAfterIdle].
	Paused bool
	// Source is where the definitions came from: "bytes", "file", "network",
	// "shared cache", "backup", or "none".
	Source string
	// Flags counts the definitions.
	Flags int
	// LoadedAt is when these definitions were loaded, and RefreshedAt when a load
	// last succeeded, be it that nothing was new. Zero means never.
	LoadedAt, RefreshedAt time.Time
	// Age is the time since the later of these, 0 if nothing is loaded.
	Age time.Duration
	// LastError is that of the last load, nil if it succeeded.
	LastError error
	// LastAttempt is when the last load began, and NextAttempt when the next one
	// is due, zero if none is.
	LastAttempt, NextAttempt time.Time
	// Polls counts the requests for definitions.
	Polls FlagPolls
}

// FlagPolls counts requests for flag definitions by what became of them.
type FlagPolls struct {
	// Loaded brought definitions, Unchanged none because nothing was new. Failed
	// are all others.
	Loaded, Unchanged, Failed uint64
	// Billable is what PostHog bills for them, in requests for flags: ten for
	// each that it answered.
	Billable uint64
}

// FlagStatus returns how the client is doing with its flag definitions, for a
// health check or a metric. It costs a lock, and makes no request.
func (c *ServerClient) FlagStatus() FlagStatus {
	if c.inert() || c.flags.loader == nil {
		return FlagStatus{Condition: FlagsRemote, Source: flagsync.None.String()}
	}
	s := c.flags.loader.Status()
	return FlagStatus{
		Condition:   flagConditions[s.Condition],
		Paused:      s.Paused,
		Source:      s.Source.String(),
		Flags:       c.flags.loader.State().Program.Len(),
		LoadedAt:    s.LoadedAt,
		RefreshedAt: s.RefreshedAt,
		Age:         s.Age,
		LastError:   s.LastError,
		LastAttempt: s.LastAttempt,
		NextAttempt: s.NextAttempt,
		Polls: FlagPolls{
			Loaded: s.Polls.Loaded, Unchanged: s.Polls.Unchanged, Failed: s.Polls.Failed, Billable: s.Polls.Billable,
		},
	}
}
