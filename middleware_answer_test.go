package posthog_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
)

// watched wraps a handler in a middleware that has to look at its answers.
func watched(h http.HandlerFunc) http.Handler {
	client := (*posthog.ServerClient)(nil)
	return posthog.NewRequestContextMiddleware(h, posthog.WithCapturePanics(client), posthog.WithCaptureServerErrors(client))
}

// Server-sent events arrive one by one, while the handler goes on.
func TestEventStreamsPassTheMiddleware(t *testing.T) {
	t.Parallel()
	next := make(chan string)
	client := serve(t, watched(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for text := range next {
			fmt.Fprintf(w, "data: %s\n\n", text)
			w.(http.Flusher).Flush()
		}
	}))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://example.com/events", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	go func() { next <- "first" }()
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	lines := bufio.NewReader(answer.Body)
	for _, want := range []string{"first", "second"} {
		if line, err := lines.ReadString('\n'); err != nil || line != "data: "+want+"\n" {
			t.Fatalf("got %q, %v, want the event %q", line, err, want)
		}
		_, _ = lines.ReadString('\n')
		if want == "first" {
			next <- "second"
		}
	}
	close(next)
}

// A connection can be taken over, as for a websocket, and then speaks another
// protocol.
func TestUpgradesPassTheMiddleware(t *testing.T) {
	t.Parallel()
	client := serve(t, watched(func(w http.ResponseWriter, _ *http.Request) {
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Errorf("Hijack: %v", err)
			return
		}
		defer conn.Close()
		_, _ = buffered.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		_ = buffered.Flush()
		line, _ := buffered.ReadString('\n')
		_, _ = io.WriteString(conn, "you said "+line)
	}))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://example.com/socket", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "echo")
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	stream, ok := answer.Body.(io.ReadWriter)
	if answer.StatusCode != http.StatusSwitchingProtocols || !ok {
		t.Fatalf("got status %d and a body of type %T, want 101 and a connection", answer.StatusCode, answer.Body)
	}
	_, _ = io.WriteString(stream, "hello\n")
	if line, err := bufio.NewReader(stream).ReadString('\n'); line != "you said hello\n" {
		t.Errorf("got %q, %v, want an echo", line, err)
	}
}

// Everything that http.ResponseController can do, it can do through the
// middleware.
func TestTheResponseControllerPassesTheMiddleware(t *testing.T) {
	t.Parallel()
	client := serve(t, watched(func(w http.ResponseWriter, _ *http.Request) {
		c := http.NewResponseController(w)
		for name, err := range map[string]error{
			"SetReadDeadline": c.SetReadDeadline(time.Time{}), "SetWriteDeadline": c.SetWriteDeadline(time.Time{}),
			"EnableFullDuplex": c.EnableFullDuplex(), "Flush": c.Flush(),
		} {
			if err != nil {
				t.Errorf("%s: got %v, want nil", name, err)
			}
		}
		if from, ok := w.(io.ReaderFrom); !ok {
			t.Error("the writer is no io.ReaderFrom")
		} else if n, err := from.ReadFrom(strings.NewReader("a text")); n != 6 || err != nil {
			t.Errorf("ReadFrom: got %d, %v, want 6", n, err)
		}
		_, _ = io.WriteString(w, " and another")
		_, pushes := w.(http.Pusher)
		if pushes {
			t.Error("the writer is an http.Pusher over HTTP/1, which has no pushes")
		}
	}))
	if status, body := get(t, client, "http://example.com/", nil); status != 200 || body != "a text and another" {
		t.Errorf("got status %d and the body %q, want 200 and both texts", status, body)
	}
}

// Over HTTP/2 the writer can push and cannot be taken over, with the middleware
// and without.
func TestHTTP2PassesTheMiddleware(t *testing.T) {
	t.Parallel()
	client := serve(t, watched(func(w http.ResponseWriter, r *http.Request) {
		_, hijacks := w.(http.Hijacker)
		_, receives := w.(io.ReaderFrom)
		_, flushes := w.(http.Flusher)
		pusher, pushes := w.(http.Pusher)
		if r.ProtoMajor != 2 || hijacks || receives || !flushes || !pushes {
			t.Errorf("over HTTP/%d: hijacks %v, receives %v, flushes %v, pushes %v; want only the latter two", r.ProtoMajor, hijacks, receives, flushes, pushes)
			return
		}
		if err := pusher.Push("/style.css", nil); !errors.Is(err, http.ErrNotSupported) {
			t.Errorf("Push: got %v, want what the server says to a client that takes none", err)
		}
		if _, _, err := http.NewResponseController(w).Hijack(); !errors.Is(err, http.ErrNotSupported) {
			t.Errorf("Hijack: got %v, want http.ErrNotSupported", err)
		}
	}), (*http.Protocols).SetUnencryptedHTTP2)
	if status, _ := get(t, client, "http://example.com/", nil); status != 200 {
		t.Errorf("got status %d, want 200", status)
	}
}

// The context of the request is that of the server: it ends with the request,
// and so does what is derived from it. The identity can be kept for longer.
func TestTheContextOfTheRequestEnds(t *testing.T) {
	t.Parallel()
	done := make(chan context.Context, 1)
	client := serve(t, watched(func(_ http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		t.Cleanup(cancel)
		if server, _ := r.Context().Value(http.ServerContextKey).(*http.Server); server == nil {
			t.Error("the context lost the server's values")
		}
		done <- ctx
	}))
	get(t, client, "http://example.com/", tracing)
	ctx := <-done
	<-ctx.Done()
	later := context.WithoutCancel(ctx)
	if rc, _ := posthog.RequestContextFromContext(later); rc.DistinctId != "u_42" || later.Err() != nil {
		t.Errorf("without its end the context carries %+v, and says %v; want u_42, and nil", rc, later.Err())
	}
}
