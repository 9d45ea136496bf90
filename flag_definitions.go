package posthog

import (
	"context"
	"errors"

	"github.com/hedgerow/posthog/internal/flagsync"
	"github.com/hedgerow/posthog/internal/flagsync/remote"
)

// WaitForFlagDefinitions returns nil as soon as flag definitions are loaded,
// from wherever they come, so that a service can say that it is ready only when
// flags need no request. When ctx ends first, the error wraps that of ctx and
// that of the last attempt to load. Without a source of definitions the error is
// [ErrNoSecretKey], and after Close it is [ErrClosed]; a client that is disabled,
// or a DryRun without a [FlagSource], has nothing to wait for.
func (c *ServerClient) WaitForFlagDefinitions(ctx context.Context) error {
	if done, err := c.withoutDefinitions(); done {
		return err
	}
	if ctx == nil {
		ctx = context.Background()
	}
	return definitionsError(c.flags.loader.Wait(ctx))
}

// ReloadFeatureFlagsWithContext loads the flag definitions now, and returns when
// they are in force or ctx ends. What is loaded stays in force if that fails: the
// error is a [*FlagError] if PostHog refused, and otherwise says what went wrong.
// Without a source of definitions it is [ErrNoSecretKey], and after Close
// [ErrClosed]. Calls at the same time share a load, which PostHog bills as any
// other; see [FlagPolls]. As that may be one whose answer is already on its way, a
// change that was made just before the call may come with the next load. A client
// that is disabled, or a DryRun without a [FlagSource], has nothing to load.
func (c *ServerClient) ReloadFeatureFlagsWithContext(ctx context.Context) error {
	if done, err := c.withoutDefinitions(); done {
		return err
	}
	if ctx == nil {
		ctx = context.Background()
	}
	return definitionsError(c.flags.loader.Reload(ctx))
}

// withoutDefinitions reports whether the client loads none, and what to say to
// those who ask for them.
func (c *ServerClient) withoutDefinitions() (done bool, err error) {
	switch {
	case c.inert():
		return true, nil
	case c.keyless:
		return true, ErrSDKDisabled
	case c.closing.Load():
		return true, ErrClosed
	case c.flags.loader != nil:
		return false, nil
	case c.flags.silent:
		return true, nil
	}
	return true, ErrNoSecretKey
}

// definitionsError makes the error of the loader the caller's.
func definitionsError(err error) error {
	switch {
	case errors.Is(err, flagsync.ErrClosed):
		return ErrClosed
	case errors.Is(err, flagsync.ErrNoSource):
		return ErrNoSecretKey
	}
	if e, ok := errors.AsType[*flagsync.StatusError](err); ok {
		return &FlagError{Status: e.Status, Attempts: 1, Err: err}
	}
	return err
}

// RemoteConfigPayload returns the payload of a remote config flag, decrypted,
// as text that is usually JSON, and "" if it has none. It needs
// [Config.SecretKey], or the error is [ErrNoSecretKey]; a key that is no remote
// config is [ErrFlagNotFound], and any other failure a [*FlagError]. It asks
// PostHog on every call, within ctx and, each attempt,
// [Config.FeatureFlagRequestTimeout]. A client that is disabled or a DryRun has no
// payloads.
func (c *ServerClient) RemoteConfigPayload(ctx context.Context, key string) (string, error) {
	switch {
	case c.inert():
		return "", nil
	case c.keyless:
		return "", ErrSDKDisabled
	case c.flags.silent:
		return "", nil
	case c.closing.Load():
		return "", ErrClosed
	case c.config.secret() == "":
		return "", ErrNoSecretKey
	}
	if ctx == nil {
		ctx = context.Background()
	}
	payload, err := c.flags.remote.RemoteConfig(ctx, key)
	if err == nil {
		return payload, nil
	}
	if e, ok := errors.AsType[*remote.Error](err); ok && e.Status == 404 {
		return "", errors.Join(ErrFlagNotFound, flagError(key, nil, err))
	}
	return "", flagError(key, nil, err)
}

// FlagsChange says what is different after flag definitions were loaded. The
// lists are sorted.
type FlagsChange struct {
	// Added, Removed and Changed are the keys of flags. A flag has changed when
	// its definition has, or one of a cohort or a flag that it depends on.
	Added, Removed, Changed []string
}

// OnFlagsChange has fn told of every change of the flag definitions from now on,
// and returns what ends that. It runs on a goroutine of the client's that holds
// up nothing but other listeners; changes that come meanwhile are told as one. It
// may call every method of the client but Close, and a panic of it is logged.
// Without local evaluation there is nothing to tell.
func (c *ServerClient) OnFlagsChange(fn func(FlagsChange)) (unsubscribe func()) {
	if c.inert() || c.flags.loader == nil || fn == nil {
		return func() {}
	}
	return c.flags.loader.OnChange(func(change flagsync.Change) {
		fn(FlagsChange{Added: change.Added, Removed: change.Removed, Changed: change.Changed})
	})
}
