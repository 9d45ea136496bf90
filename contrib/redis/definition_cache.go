package redisflags

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/hedgerow/posthog"
)

// Defaults of [DefinitionCacheOptions].
const (
	DefaultDefinitionPrefix = "posthog:definitions:"
	DefaultPollInterval     = posthog.DefaultFeatureFlagsPollingInterval
	DefaultExpiry           = 10 * time.Minute
)

// DefinitionCacheOptions adjusts a [DefinitionCache]. All processes that share definitions should have the same
// options. The zero value is right for a client with the default interval.
type DefinitionCacheOptions struct {
	// Prefix is what the keys begin with. Default [DefaultDefinitionPrefix].
	Prefix string
	// PollInterval is the time between two loads: DefaultFeatureFlagsPollingInterval of the [posthog.Config], or the
	// longest that its NextFeatureFlagsPollingTick returns. At least a second. Default [DefaultPollInterval].
	PollInterval time.Duration
	// LockTTL is how long the lead lasts after a load. It is how long a fleet is without a leader that was killed.
	// Default one and a half times PollInterval. Less than 1.2 times PollInterval counts as that: leaders that are well
	// would lose the lead between two loads.
	LockTTL time.Duration
	// Expiry is how long the document is kept after a load. Default [DefaultExpiry], or three times PollInterval if
	// that is longer. Less than two times PollInterval counts as that.
	Expiry time.Duration
}

// DefinitionCache shares the feature flag definitions of one project. It is a [posthog.FlagDefinitionCacheProvider] that
// gives up its lead when it is told to. Each client needs one of its own. Its methods are safe for concurrent use, and
// one at a time talks to Redis.
type DefinitionCache struct {
	client   redis.UniversalClient
	lock     string
	document string
	token    string // tells this process from all others
	lockTTL  int64  // in milliseconds
	expiry   int64  // in milliseconds
	calls    calls

	mu    sync.Mutex // guards what follows
	known []byte     // the document that was last read or stored
	sum   string     // of it, empty if there is none
}

var _ posthog.FlagDefinitionCacheProvider = (*DefinitionCache)(nil)

var errLost = errors.New("the lead was lost since, and what is shared stays as it is")

// NewDefinitionCache returns a cache for the project with this key, the one that the posthog client has. It makes no
// call. The Redis client stays the caller's, who closes it after the posthog client.
func NewDefinitionCache(client redis.UniversalClient, apiKey string, o DefinitionCacheOptions) *DefinitionCache {
	if o.Prefix == "" {
		o.Prefix = DefaultDefinitionPrefix
	}
	if o.PollInterval <= 0 {
		o.PollInterval = DefaultPollInterval
	}
	o.PollInterval = max(o.PollInterval, time.Second) // as the client has it
	if o.LockTTL <= 0 {
		o.LockTTL = o.PollInterval * 3 / 2
	}
	if o.Expiry <= 0 {
		o.Expiry = max(DefaultExpiry, 3*o.PollInterval)
	}
	project := sha256.Sum256([]byte(strings.TrimSpace(apiKey)))
	name := o.Prefix + "{" + hex.EncodeToString(project[:16]) + "}"
	return &DefinitionCache{
		client:   client,
		lock:     name + ":lock",
		document: name + ":document",
		token:    rand.Text(),
		lockTTL:  max(o.LockTTL, o.PollInterval*6/5).Milliseconds(),
		expiry:   max(o.Expiry, 2*o.PollInterval).Milliseconds(),
		calls:    newCalls(1),
	}
}

// ShouldFetchFlagDefinitions reports whether this process has the lead, which it takes if nobody has it, and renews.
func (c *DefinitionCache) ShouldFetchFlagDefinitions(ctx context.Context) (bool, error) {
	leads, err := call(ctx, c.calls, func(ctx context.Context) (bool, error) {
		return lead.Run(ctx, c.client, []string{c.lock}, c.token, c.lockTTL).Bool()
	})
	if err != nil {
		return false, fmt.Errorf("take the lead with %s: %w", c.lock, err)
	}
	return leads, nil
}

// GetFlagDefinitions returns the shared document, nil if there is none. It is transferred only when it has changed. The
// result must not be changed.
func (c *DefinitionCache) GetFlagDefinitions(ctx context.Context) (json.RawMessage, error) {
	known, knownSum := c.last()
	got, err := call(ctx, c.calls, func(ctx context.Context) ([]string, error) {
		return read.Run(ctx, c.client, []string{c.document}, knownSum).StringSlice()
	})
	switch {
	case errors.Is(err, redis.Nil):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", c.document, err)
	case len(got) == 1:
		return known, nil
	}
	document, err := unpack(got[1], maxDocument)
	if err == nil && digest(document) != got[0] {
		err = errors.New("it does not match its sum")
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", c.document, err)
	}
	c.remember(document, got[0])
	return document, nil
}

// OnFlagDefinitionsReceived stores the document, if this process still has the lead, and renews the lead. A document
// that is stored already is not transferred but kept for longer.
func (c *DefinitionCache) OnFlagDefinitionsReceived(ctx context.Context, document json.RawMessage) error {
	sum := c.sumOf(document)
	keys := []string{c.lock, c.document}
	answer, err := call(ctx, c.calls, func(ctx context.Context) (string, error) {
		answer, err := renew.Run(ctx, c.client, keys, c.token, c.lockTTL, sum, c.expiry).Text()
		if err != nil || answer != changed {
			return answer, err
		}
		packed, err := pack(document)
		if err != nil {
			return "", err
		}
		return store.Run(ctx, c.client, keys, c.token, c.lockTTL, sum, c.expiry, packed).Text()
	})
	if err == nil && answer == lost {
		err = errLost
	}
	if err != nil {
		return fmt.Errorf("store %s: %w", c.document, err)
	}
	c.remember(document, sum)
	return nil
}

// YieldFlagDefinitions gives up the lead until the next ShouldFetchFlagDefinitions, if this process has it.
func (c *DefinitionCache) YieldFlagDefinitions(ctx context.Context) error {
	_, err := call(ctx, c.calls, func(ctx context.Context) (int64, error) {
		return release.Run(ctx, c.client, []string{c.lock}, c.token).Int64()
	})
	if err != nil {
		return fmt.Errorf("give up the lead with %s: %w", c.lock, err)
	}
	return nil
}

// Shutdown waits for a call that is still running, and gives up the lead. The document stays for the other processes.
func (c *DefinitionCache) Shutdown(ctx context.Context) error { return c.YieldFlagDefinitions(ctx) }

// last returns the document that was last read or stored, and its sum.
func (c *DefinitionCache) last() (document []byte, sum string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known, c.sum
}

func (c *DefinitionCache) remember(document []byte, sum string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known, c.sum = document, sum
}

// sumOf returns the sum of a document, which most often is the last one, in the same memory.
func (c *DefinitionCache) sumOf(document []byte) string {
	known, sum := c.last()
	if len(known) > 0 && len(known) == len(document) && &known[0] == &document[0] {
		return sum
	}
	return digest(document)
}

func digest(document []byte) string {
	sum := sha256.Sum256(document)
	return hex.EncodeToString(sum[:])
}
