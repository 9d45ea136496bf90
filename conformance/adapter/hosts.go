package adapter

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// DefaultHosts returns the hosts that a test may send events to unless told otherwise: the names that the harness and the
// adapter have on the network of the harness's own workflow, and this machine.
func DefaultHosts() []string {
	return []string{"test-harness", "sdk-adapter", "localhost", "127.0.0.1", "::1"}
}

// hosts are the names that clients may talk to, in lower case. Without the list, anybody who reaches the adapter could
// make it send requests anywhere.
type hosts []string

// newHosts returns the list of names, or the default one if it is empty.
func newHosts(names []string) hosts {
	var list hosts
	for _, name := range names {
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			list = append(list, name)
		}
	}
	if len(list) == 0 {
		list = DefaultHosts()
	}
	return list
}

// check returns an error unless address is an HTTP address on the list.
func (h hosts) check(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("host is no address: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("host %q must begin with http:// or https://", address)
	}
	return h.permit(u)
}

// permit returns an error unless u leads to a host on the list.
func (h hosts) permit(u *url.URL) error {
	if !slices.Contains(h, strings.ToLower(u.Hostname())) {
		return fmt.Errorf("host %q is none of %s", u.Hostname(), strings.Join(h, ", "))
	}
	return nil
}
