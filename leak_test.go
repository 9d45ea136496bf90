package posthog_test

import (
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// goroutines counts those of the caller's bubble whose stack contains text. What an
// earlier test has left may be about to end.
func goroutines(text string) int {
	stacks := make([]byte, 4<<20)
	all := string(stacks[:runtime.Stack(stacks, true)])
	caller, _, _ := strings.Cut(all, "\n") // which comes first
	_, bubble, _ := strings.Cut(caller, "synctest bubble")
	n := 0
	for one := range strings.SplitSeq(all, "\n\n") {
		header, _, _ := strings.Cut(one, "\n")
		if strings.HasSuffix(header, "synctest bubble"+bubble) && strings.Contains(one, text) {
			n++
		}
	}
	return n
}

// ours is in the stack of every goroutine that the library starts, and theirs
// in that of those that net/http starts for a connection.
const (
	ours   = "/internal/life/life.go:"
	theirs = "net/http.(*persistConn)"
)

// Proves ZIG-24, RS-04: pump and senders start with the first event that is
// queued, and not with Flush, Send, SyncMode or another call; after Close
// nothing runs.
func TestGoroutinesStartWithTheFirstQueuedEvent(t *testing.T) {
	for name, c := range map[string]struct {
		config posthog.Config
		want   int
	}{
		"an ordinary client":       {posthog.Config{}, 1 + posthog.DefaultWorkers},
		"a client with one worker": {posthog.Config{Workers: 1}, 2},
		"SyncMode":                 {posthog.Config{SyncMode: true}, 0},
		"a disabled client":        {posthog.Config{Disabled: true}, 0},
		"a dry run":                {posthog.Config{DryRun: true}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, _ := open(t, c.config)
				flush(t, client)
				client.Register(posthog.Properties{"a": 1})
				if _, err := client.Send(t.Context(), capture("sent")); err != nil {
					t.Errorf("Send: %v", err)
				}
				synctest.Wait()
				if got := goroutines(ours); got != 0 {
					t.Errorf("%d goroutines before the first event, want none", got)
				}
				for range 3 {
					enqueue(t, client, capture("e"))
					flush(t, client)
					synctest.Wait()
					if got := goroutines(ours); got != c.want {
						t.Errorf("%d goroutines after an event, want %d", got, c.want)
					}
				}
				if err := client.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
				synctest.Wait()
				if got := goroutines(ours); got != 0 {
					t.Errorf("%d goroutines after Close, want none", got)
				}
			})
		})
	}
}

// Proves ZIG-24: no goroutine is left of a client that is never used; the
// bubble would not end otherwise.
func TestAnUnusedClientNeedsNoClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := posthogtest.NewServer(t, nil)
		connect(t, server, posthog.Config{})
	})
}

// Proves RS-02, ZIG-24: three lines send an event with the defaults of the
// library and of net/http, and leave neither a connection nor a goroutine.
func TestTheSmallestProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := posthogtest.NewServer(t, nil)
		defaults := http.DefaultTransport
		http.DefaultTransport = server.Transport() // what programs do to route everything
		defer func() { http.DefaultTransport = defaults }()

		client := posthog.New(testKey)
		_ = client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "order paid"})
		_ = client.Close()

		synctest.Wait()
		server.Recorder(t).Count("order paid", 1)
		if open, running := server.OpenConns(), goroutines(theirs); open != 0 || running != 0 {
			t.Errorf("after Close %d connections are open and net/http runs %d goroutines for them, want none", open, running)
		}
	})
}

// relay passes connections on, and says when a client has closed one.
type relay struct {
	listener net.Listener
	target   string
	closed   chan struct{} // receives for each connection that its client closes

	mu       sync.Mutex
	accepted int
}

func (r *relay) serve() {
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.mu.Lock()
		r.accepted++
		r.mu.Unlock()
		go func() {
			defer client.Close()
			server, err := net.Dial("tcp", r.target)
			if err != nil {
				return
			}
			defer server.Close()
			go func() { _, _ = io.Copy(client, server) }()
			_, _ = io.Copy(server, client)
			r.closed <- struct{}{}
		}()
	}
}

// Proves ZIG-24 over a real port: Close closes the connections that the client
// opened, while the server would keep them.
func TestCloseClosesConnections(t *testing.T) {
	t.Parallel()
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	url, err := server.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{listener: listener, target: strings.TrimPrefix(url, "http://"), closed: make(chan struct{}, 100)}
	var serving sync.WaitGroup
	serving.Go(r.serve)
	t.Cleanup(func() { _ = listener.Close(); serving.Wait() })

	client, err := posthog.NewWithConfig(testKey, posthog.Config{Endpoint: "http://" + listener.Addr().String(), BatchSize: 10, Logger: silent{}})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, server: server, client: client}
	w.enqueue(0, 100)
	w.close()
	w.wantRows(100)
	r.mu.Lock()
	accepted := r.accepted
	r.mu.Unlock()
	if accepted == 0 {
		t.Fatal("no connection was opened")
	}
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for i := range accepted {
		select {
		case <-r.closed:
		case <-limit.C:
			t.Fatalf("%d of %d connections are open %s after Close", accepted-i, accepted, patience)
		}
	}
}
