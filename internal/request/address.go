package request

import (
	"net/url"
	"strings"
)

// Address returns u without what may be secret: user, query and fragment.
func Address(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}

// Host returns the name of a host that somebody wrote by hand, the way
// [url.URL.Hostname] is compared with it.
func Host(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	return strings.TrimSuffix(name, ".")
}
