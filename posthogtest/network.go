package posthogtest

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
)

// network is a listener whose connections never leave the process. It runs no
// goroutine: dialers meet the accept loop at a channel, so everything on it
// blocks durably and works under testing/synctest.
type network struct {
	incoming chan net.Conn // sent by dial, received by Accept, never closed
	done     chan struct{} // closed by Close
	once     sync.Once
}

func newNetwork() *network {
	return &network{incoming: make(chan net.Conn), done: make(chan struct{})}
}

// dial opens a connection whatever the address says.
func (n *network) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	reset := new(atomic.Bool)
	select {
	case n.incoming <- &pipeEnd{Conn: far, reset: reset}:
		return &pipeEnd{Conn: near, reset: reset}, nil
	case <-n.done:
		return nil, &net.OpError{Op: "dial", Net: address{}.Network(), Addr: address{}, Err: syscall.ECONNREFUSED}
	case <-ctx.Done():
		return nil, &net.OpError{Op: "dial", Net: address{}.Network(), Addr: address{}, Err: ctx.Err()}
	}
}

// transport returns an HTTP client side for this network.
func (n *network) transport() *http.Transport {
	return &http.Transport{
		DialContext:    n.dial,
		DialTLSContext: n.dial,
	}
}

// Accept implements net.Listener.
func (n *network) Accept() (net.Conn, error) {
	select {
	case c := <-n.incoming:
		return c, nil
	case <-n.done:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (n *network) Close() error {
	n.once.Do(func() { close(n.done) })
	return nil
}

// Addr implements net.Listener.
func (n *network) Addr() net.Addr { return address{} }

type address struct{}

func (address) Network() string { return "memory" }
func (address) String() string  { return "posthog.test" }

// pipeEnd is one end of an in-memory connection. Both ends share reset, so a
// peer can tell an abrupt cut from an orderly close, as with TCP.
type pipeEnd struct {
	net.Conn
	reset *atomic.Bool
}

// SetLinger with 0 makes the next Close a reset, as on *net.TCPConn.
func (c *pipeEnd) SetLinger(seconds int) error {
	c.reset.Store(seconds == 0)
	return nil
}

func (c *pipeEnd) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if errors.Is(err, io.EOF) && c.reset.Load() {
		err = &net.OpError{Op: "read", Net: address{}.Network(), Addr: address{}, Err: syscall.ECONNRESET}
	}
	return n, err
}

func (c *pipeEnd) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if errors.Is(err, io.ErrClosedPipe) && c.reset.Load() {
		err = &net.OpError{Op: "write", Net: address{}.Network(), Addr: address{}, Err: syscall.ECONNRESET}
	}
	return n, err
}

func (c *pipeEnd) LocalAddr() net.Addr  { return address{} }
func (c *pipeEnd) RemoteAddr() net.Addr { return address{} }
