package transport

import "net/http"

// Own returns the transport c made itself, nil if it was given a RoundTripper.
func Own(c *Client) *http.Transport { return c.own }
