package request

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
)

// Answer remembers how a request is answered. It belongs to the goroutine of
// the request.
type Answer struct {
	to       http.ResponseWriter
	status   int  // 0 until the header is written
	hijacked bool // somebody else answers
}

// Status returns the status that was sent, or 0 if none was, or if the
// connection was taken over.
func (a *Answer) Status() int {
	if a.hijacked {
		return 0
	}
	return a.status
}

// End lets go of the writer, which nobody may use when the request has ended:
// its context may be kept for longer, and is not to keep the connection with it.
// What the writer is told from then on is not done.
func (a *Answer) End() { a.to = ended{} }

// Hijacked reports whether the connection was taken over.
func (a *Answer) Hijacked() bool { return a.hijacked }

// answered notes a status, of which the first that is not informational
// counts.
func (a *Answer) answered(status int) {
	if a.status == 0 && (status >= http.StatusOK || status == http.StatusSwitchingProtocols) {
		a.status = status
	}
}

// passer is what every [http.ResponseWriter] can do, and what makes no
// difference where it cannot.
type passer struct{ a *Answer }

func (p passer) Header() http.Header { return p.a.to.Header() }

func (p passer) WriteHeader(status int) {
	p.a.answered(status)
	p.a.to.WriteHeader(status)
}

func (p passer) Write(body []byte) (int, error) {
	p.a.answered(http.StatusOK)
	return p.a.to.Write(body)
}

func (p passer) WriteString(body string) (int, error) {
	p.a.answered(http.StatusOK)
	return io.WriteString(p.a.to, body)
}

// FlushError is what [http.ResponseController] prefers to Flush.
func (p passer) FlushError() error {
	err := http.NewResponseController(p.a.to).Flush()
	if !errors.Is(err, errors.ErrUnsupported) {
		p.a.answered(http.StatusOK)
	}
	return err
}

// CloseNotify is for programs that ask for it without looking whether it is
// there, as gin does, because all writers of net/http's have it. A writer without
// it never says that the client has left.
func (p passer) CloseNotify() <-chan bool {
	if n, ok := p.a.to.(http.CloseNotifier); ok { //nolint:staticcheck // what old programs use
		return n.CloseNotify()
	}
	return nil
}

// Unwrap is for [http.ResponseController].
func (p passer) Unwrap() http.ResponseWriter { return p.a.to }

type flusher struct{ a *Answer }

func (f flusher) Flush() {
	f.a.answered(http.StatusOK)
	f.a.to.(http.Flusher).Flush()
}

type hijacker struct{ a *Answer }

func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := h.a.to.(http.Hijacker).Hijack()
	h.a.hijacked = h.a.hijacked || err == nil
	return conn, buffered, err
}

type pusher struct{ a *Answer }

func (p pusher) Push(target string, options *http.PushOptions) error {
	return p.a.to.(http.Pusher).Push(target, options)
}

type receiver struct{ a *Answer }

func (r receiver) ReadFrom(from io.Reader) (int64, error) {
	r.a.answered(http.StatusOK)
	return r.a.to.(io.ReaderFrom).ReadFrom(from)
}
