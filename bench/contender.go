package main

import (
	"context"
	"errors"
	"net/http"
)

// errFull is what a client's Enqueue returns, whatever the library, when its queue had no room for the event.
var errFull = errors.New("the queue is full")

// A contender is one library that takes part in the comparison.
type contender interface {
	// Name is the library's name in tables and in the jobs of child processes.
	Name() string
	// Open starts a client with the library's defaults, except for what the settings say.
	Open(s settings) (client, error)
}

// A client is a running client of one of the libraries. Enqueue may be called concurrently.
type client interface {
	// Enqueue hands over one event. It returns errFull if the library refused it for lack of room.
	Enqueue(distinctID string, properties map[string]any) error
	// Flush returns when everything accepted so far was sent.
	Flush(ctx context.Context) error
	// Close sends what is left and ends the client.
	Close(ctx context.Context) error
}

// settings is what the comparison asks of both libraries alike.
type settings struct {
	URL        string // where the events go
	Gzip       bool   // compress requests with gzip; otherwise not at all
	QueueSize  int    // events the queue may hold; 0 leaves the default
	QueueBytes int    // bytes the queue may hold, where the library has such a limit; 0 leaves the default
	Folder     string // where a spool lies, for a library that has one

	Transport http.RoundTripper `json:"-"` // makes this repository's library's requests; nil leaves the default
}

// projectKey is a key of the right shape. The sink does not look at it.
const projectKey = "phc_test"

// contenders are the libraries that a job can name. The harness does nothing, and so measures what it costs itself.
var contenders = []contender{hedgerow{}, posthogGo{}, harness{}, killSafe, powerSafe, batchPlain, batchGzip, analyticsPlain, analyticsGzip, analyticsZstd}

// contenderNamed finds a contender by its name, and returns nil if there is none.
func contenderNamed(name string) contender {
	for _, c := range contenders {
		if c.Name() == name {
			return c
		}
	}
	return nil
}

// harness is a library that accepts every event and does nothing with it.
type harness struct{}

func (harness) Name() string                             { return "harness" }
func (harness) Open(settings) (client, error)            { return harness{}, nil }
func (harness) Enqueue(_ string, _ map[string]any) error { return nil }
func (harness) Flush(context.Context) error              { return nil }
func (harness) Close(context.Context) error              { return nil }
