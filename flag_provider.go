package posthog

import (
	"context"
	"encoding/json"

	"github.com/hedgerow/posthog/internal/flagsync"
	"github.com/hedgerow/posthog/internal/flagsync/filecache"
)

// FlagDefinitionCacheProvider shares feature flag definitions between
// processes, so that one of them asks PostHog for all; see
// [Config.FlagDefinitionCacheProvider]. Its methods are never called at the same time,
// on a goroutine of the client's, with a deadline of ten seconds each. An error,
// a panic and a result that comes too late count as an error, and no error takes
// away definitions that are loaded. A provider that also has a method
// YieldFlagDefinitions(context.Context) error is told by it to give up the lead.
type FlagDefinitionCacheProvider interface {
	// GetFlagDefinitions returns the shared document, nil if there is none. It
	// is only read, until the next call.
	GetFlagDefinitions(ctx context.Context) (json.RawMessage, error)
	// ShouldFetchFlagDefinitions says whether this process is the one that asks
	// PostHog this time. An error counts as yes where there is a secret key.
	ShouldFetchFlagDefinitions(ctx context.Context) (bool, error)
	// OnFlagDefinitionsReceived stores the document that this process got from
	// PostHog. The document is the provider's to keep.
	OnFlagDefinitionsReceived(ctx context.Context, data json.RawMessage) error
	// Shutdown gives back what the provider holds. It is the last call, made by
	// Close, and has thirty seconds at most.
	Shutdown(ctx context.Context) error
}

// NewFlagDefinitionFileCache returns a provider for the processes of one
// machine, which share the definitions of the project through files in dir. The
// process that holds a lock there asks PostHog; when it ends, however it does,
// another one takes over. Where the directory cannot be used, each process loads
// its own, and the log says why. Whoever can write to dir decides about flags, so
// it is made with mode 0700 if it is not there.
func NewFlagDefinitionFileCache(dir, apiKey string) FlagDefinitionCacheProvider {
	return &fileProvider{filecache.New(dir, apiKey)}
}

// fileProvider is a directory with the method signatures of the interface.
type fileProvider struct{ cache *filecache.Cache }

func (p *fileProvider) GetFlagDefinitions(ctx context.Context) (json.RawMessage, error) {
	return p.cache.GetFlagDefinitions(ctx)
}

func (p *fileProvider) ShouldFetchFlagDefinitions(ctx context.Context) (bool, error) {
	return p.cache.ShouldFetchFlagDefinitions(ctx)
}

func (p *fileProvider) OnFlagDefinitionsReceived(ctx context.Context, data json.RawMessage) error {
	return p.cache.OnFlagDefinitionsReceived(ctx, data)
}

func (p *fileProvider) Shutdown(ctx context.Context) error { return p.cache.Shutdown(ctx) }

func (p *fileProvider) YieldFlagDefinitions(ctx context.Context) error {
	return p.cache.YieldFlagDefinitions(ctx)
}

// provider returns p as the loader wants it, nil for nil.
func provider(p FlagDefinitionCacheProvider) flagsync.Provider {
	if p == nil {
		return nil
	}
	if y, ok := p.(flagsync.Yielder); ok {
		return yieldingProvider{suppliedProvider{p}, y}
	}
	return suppliedProvider{p}
}

// suppliedProvider is the application's provider with the method signatures of
// the loader.
type suppliedProvider struct{ FlagDefinitionCacheProvider }

func (p suppliedProvider) GetFlagDefinitions(ctx context.Context) ([]byte, error) {
	return p.FlagDefinitionCacheProvider.GetFlagDefinitions(ctx)
}

func (p suppliedProvider) OnFlagDefinitionsReceived(ctx context.Context, document []byte) error {
	return p.FlagDefinitionCacheProvider.OnFlagDefinitionsReceived(ctx, document)
}

// yieldingProvider can give up the lead.
type yieldingProvider struct {
	suppliedProvider
	flagsync.Yielder
}
