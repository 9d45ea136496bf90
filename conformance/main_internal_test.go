package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/posthog/conformance/adapter"
	"github.com/hedgerow/posthog/posthogtest"
)

func TestTheProgramEndsWhenTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := posthogtest.NewServer(t, nil)
		server.Inject(posthogtest.Fault{Hang: true, Times: -1})
		near := &memory{incoming: make(chan net.Conn), done: make(chan struct{})}
		ctx, terminate := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- serve(ctx, near, adapter.New(adapter.Config{Transport: server.Transport()})) }()

		harness := &http.Client{Transport: &http.Transport{DialContext: near.dial}}
		defer harness.CloseIdleConnections()
		post := func(path, body string) (string, error) {
			response, err := harness.Post("http://sdk-adapter:8080"+path, "application/json", strings.NewReader(body))
			if err != nil {
				return "", err
			}
			defer response.Body.Close()
			text, err := io.ReadAll(response.Body)
			return string(text), err
		}
		if text, err := post("/init", `{"host":"http://test-harness:8081","flush_at":1}`); err != nil || !strings.Contains(text, `"success":true`) {
			t.Fatalf("/init: got %q and %v, want success", text, err)
		}
		if text, err := post("/capture", `{"distinct_id":"u","event":"e"}`); err != nil || !strings.Contains(text, `"uuid"`) {
			t.Fatalf("/capture: got %q and %v, want a uuid", text, err)
		}
		answered := make(chan error, 1)
		go func() {
			_, err := post("/flush", "")
			answered <- err
		}()
		synctest.Wait() // the flush waits for a server that hangs
		began := time.Now()
		terminate()
		if err := <-ended; err != nil {
			t.Errorf("end: got %v, want no error", err)
		}
		if err := <-answered; err != nil {
			t.Errorf("the flush that was waiting: got %v, want an answer", err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("end: took %v, want no wait for the hanging server", took)
		}
		if _, err := post("/reset", ""); err == nil {
			t.Error("a call after the end: got an answer, want none")
		}
	})
}

func TestTheCommandLineIsChecked(t *testing.T) {
	t.Parallel()
	none := func(string) string { return "" }
	for name, c := range map[string]struct {
		args []string
		env  func(string) string
		want string
	}{
		"an unknown flag":              {[]string{"-colour"}, none, "flag provided but not defined"},
		"a port that is none":          {[]string{"-port", "x"}, none, "listen"},
		"a port of the environment":    {nil, func(name string) string { return map[string]string{"PORT": "y"}[name] }, "tcp/y"},
		"a flag beats the environment": {[]string{"-port", "x", "-mode", "v1", "-encoding", "br"}, func(string) string { return "y" }, "tcp/x"},
		"an unknown mode":              {[]string{"-mode", "v2"}, none, "mode"},
		"a mode of the environment":    {nil, func(name string) string { return map[string]string{"CAPTURE_MODE": "z"}[name] }, "mode"},
		"an unknown encoding":          {[]string{"-mode", "v1", "-encoding", "lzma"}, none, "encoding"},
		"an encoding that v0 lacks":    {nil, func(name string) string { return map[string]string{"COMPRESSION": "zstd"}[name] }, "encoding"},
	} {
		var log bytes.Buffer
		err := run(t.Context(), c.args, c.env, &log)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
}

// memory is a listener whose connections never leave the process.
type memory struct {
	incoming chan net.Conn // sent by dial, received by Accept, never closed
	done     chan struct{} // closed by Close
	once     sync.Once
}

func (m *memory) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case m.incoming <- far:
		return near, nil
	case <-m.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements [net.Listener].
func (m *memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.incoming:
		return c, nil
	case <-m.done:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener].
func (m *memory) Close() error {
	m.once.Do(func() { close(m.done) })
	return nil
}

// Addr implements [net.Listener].
func (*memory) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "memory"} }
