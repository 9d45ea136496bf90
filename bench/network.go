package main

import (
	"net"
	"sync/atomic"
)

// countingListener counts the bytes that its connections receive.
type countingListener struct {
	net.Listener
	bytes *atomic.Int64
}

// Accept waits for the next connection and wraps it.
func (l countingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return countingConn{c, l.bytes}, nil
}

// countingConn adds what it reads to a counter.
type countingConn struct {
	net.Conn
	bytes *atomic.Int64
}

// Read reads from the connection.
func (c countingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.bytes.Add(int64(n))
	return n, err
}
