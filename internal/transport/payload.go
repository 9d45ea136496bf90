package transport

import (
	"errors"
	"io"
	"sync"
)

// Errors a RoundTripper sees when it reads a body at the wrong time.
var (
	errBodyClosed   = errors.New("request body is closed")
	errBodyRecalled = errors.New("request is over, its body cannot be read again")
)

// payload lends the bytes of one request body to a RoundTripper and knows when they are free again.
//
// A RoundTripper may go on reading after RoundTrip has returned, and may close the body on another
// goroutine. Readers therefore copy under the lock, and only a payload without a live reader gives
// its bytes back. One payload serves one Post: a late holder of it can never see another request.
type payload struct {
	mu       sync.Mutex // guards all fields, and the copying out of bytes; held only for a memcpy
	bytes    []byte
	live     int  // readers that are neither closed nor at the end
	touched  bool // a byte was handed out since the last call of rewind
	recalled bool
}

// open returns a reader over all bytes. After recall has succeeded it returns an error.
func (p *payload) open() (io.ReadCloser, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.recalled {
		return nil, errBodyRecalled
	}
	p.live++
	return &payloadReader{payload: p}, nil
}

// rewind forgets that bytes were handed out, because whoever got them answered that it wants none.
func (p *payload) rewind() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.touched = false
}

// handedOut reports whether bytes were read since the last rewind, so that a server may have some.
func (p *payload) handedOut() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.touched
}

// recall reports whether nobody reads the bytes any more. If so nobody ever will, and the caller may
// use them again; if not, they belong to the readers for good.
func (p *payload) recall() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.live > 0 {
		return false
	}
	p.recalled = true
	p.bytes = nil
	return true
}

// payloadReader is one pass over a payload. Read and Close may race, as net/http lets them.
type payloadReader struct {
	payload *payload
	offset  int
	spent   bool // reached the end; it no longer counts as live
	closed  bool
}

// Read copies the next bytes out. It returns io.EOF together with the last of them, which lets HTTP/2
// end the stream in the same frame and frees the buffer without waiting for Close.
func (r *payloadReader) Read(dst []byte) (int, error) {
	p := r.payload
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case r.closed:
		return 0, errBodyClosed
	case r.spent:
		return 0, io.EOF
	}
	n := copy(dst, p.bytes[r.offset:])
	r.offset += n
	p.touched = p.touched || n > 0
	if r.offset == len(p.bytes) {
		r.spent = true
		p.live--
		return n, io.EOF
	}
	return n, nil
}

// Close ends the pass; later reads fail. Closing again does nothing. The error is always nil.
func (r *payloadReader) Close() error {
	p := r.payload
	p.mu.Lock()
	defer p.mu.Unlock()
	if !r.closed && !r.spent {
		p.live--
	}
	r.closed = true
	return nil
}
