package main

import (
	"context"
	"errors"
	"os"

	"github.com/hedgerow/posthog"
)

// spooled is this repository's library with a spool. The zero value outlives its process; with DurabilityDisk it outlives a
// power cut.
type spooled struct{ durability posthog.Durability }

// The ways of keeping events.
var (
	onlyMemory = hedgerow{}
	killSafe   = spooled{posthog.DurabilityProcess}
	powerSafe  = spooled{posthog.DurabilityDisk}
)

// Name implements contender.
func (s spooled) Name() string {
	if s.durability == posthog.DurabilityDisk {
		return "hedgerow with a spool, synced"
	}
	return "hedgerow with a spool"
}

// Open implements contender. Without a folder in the settings the spool has one of its own, which Close removes.
func (s spooled) Open(set settings) (client, error) {
	config := set.config()
	config.Spool.Dir, config.Spool.Durability = set.Folder, s.durability
	if config.MaxQueueSize == 0 {
		// As many as in memory: without a bound the spool would take in what the memory refuses, and more work would be measured.
		config.MaxQueueSize = posthog.DefaultMaxQueueSize
	}
	own := ""
	if set.Folder == "" {
		folder, err := os.MkdirTemp("", "spool")
		if err != nil {
			return nil, err
		}
		config.Spool.Dir, own = folder, folder
	}
	c, err := posthog.NewWithConfig(projectKey, config)
	if err != nil {
		return nil, err
	}
	return spooledClient{hedgerowClient{c}, own}, nil
}

// spooledClient is a client with a spool.
type spooledClient struct {
	hedgerowClient
	own string // the folder to remove, if any
}

// Close implements client. It fails if the spool did not work to the end, because then it was not a spool that was measured.
func (s spooledClient) Close(ctx context.Context) error {
	broken := s.c.Stats().Spool.Err
	err := s.hedgerowClient.Close(ctx)
	if s.own != "" {
		err = errors.Join(err, os.RemoveAll(s.own))
	}
	return errors.Join(broken, err)
}

// Recovered is how many events of a process that is gone the client found.
func (s spooledClient) Recovered() int { return int(s.c.Stats().Spool.Recovered) }
