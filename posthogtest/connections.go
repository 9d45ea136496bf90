package posthogtest

import (
	"net"
	"net/http"
	"sync"
)

// connections counts the server's connections and lets Close wait for them.
type connections struct {
	mu     sync.Mutex // guards opened and open
	gone   sync.Cond  // on mu: open went down
	opened int
	open   int
}

func newConnections() *connections {
	c := new(connections)
	c.gone.L = &c.mu
	return c
}

// observe is an http.Server ConnState hook.
func (c *connections) observe(_ net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		c.opened++
		c.open++
	case http.StateClosed, http.StateHijacked:
		c.open--
		c.gone.Broadcast()
	}
}

func (c *connections) counts() (opened, open int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.opened, c.open
}

func (c *connections) wait() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.open > 0 {
		c.gone.Wait()
	}
}
