package request_test

import (
	"net/netip"
	"net/url"
	"testing"

	"github.com/hedgerow/posthog/internal/request"
)

// inside are the proxies of the tests.
var inside = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8"), netip.MustParsePrefix("::1/128")}

// local are the proxies of a service that is reached through this machine only.
var local = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

func TestClient(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		remote    string
		forwarded []string
		trusted   []netip.Prefix
		want      string
	}{
		"no proxy":                       {"192.0.2.7:80", nil, inside, "192.0.2.7"},
		"no port":                        {"192.0.2.7", nil, inside, "192.0.2.7"},
		"IPv6":                           {"[2001:db8::7]:80", nil, nil, "2001:db8::7"},
		"IPv6 without a port":            {"2001:db8::7", nil, nil, "2001:db8::7"},
		"IPv6 in brackets":               {"[2001:db8::7]", nil, nil, "2001:db8::7"},
		"a zone":                         {"[fe80::1%eth0]:80", nil, nil, "fe80::1"},
		"IPv4 in IPv6":                   {"[::ffff:192.0.2.7]:80", nil, nil, "192.0.2.7"},
		"a socket of another kind":       {"@", []string{"203.0.113.9"}, inside, ""},
		"a socket of this machine":       {"@", []string{"1.2.3.4, 203.0.113.9"}, local, "203.0.113.9"},
		"a socket with a name":           {"/run/shop.sock", []string{"203.0.113.9, 127.0.0.1"}, local, "203.0.113.9"},
		"a socket and no proxy":          {"@", nil, local, ""},
		"a socket and no address":        {"@", []string{"unknown"}, local, ""},
		"a remote that is no socket":     {"elsewhere", []string{"203.0.113.9"}, local, ""},
		"nothing":                        {"", nil, inside, ""},
		"a proxy that nobody trusts":     {"192.0.2.7:80", []string{"203.0.113.9"}, inside, "192.0.2.7"},
		"nobody is trusted":              {"10.0.0.1:80", []string{"203.0.113.9"}, nil, "10.0.0.1"},
		"one proxy":                      {"10.0.0.1:80", []string{"203.0.113.9"}, inside, "203.0.113.9"},
		"a proxy by IPv4 in IPv6":        {"[::ffff:10.0.0.1]:80", []string{"203.0.113.9"}, inside, "203.0.113.9"},
		"what a client made up":          {"10.0.0.1:80", []string{"1.2.3.4, 203.0.113.9"}, inside, "203.0.113.9"},
		"what a client made up, trusted": {"10.0.0.1:80", []string{"10.9.9.9, 203.0.113.9"}, inside, "203.0.113.9"},
		"a chain":                        {"10.0.0.1:80", []string{"203.0.113.9, 10.0.0.3,10.0.0.2"}, inside, "203.0.113.9"},
		"several headers":                {"10.0.0.1:80", []string{"203.0.113.9", "10.0.0.3 , 10.0.0.2"}, inside, "203.0.113.9"},
		"everybody is trusted":           {"10.0.0.1:80", []string{"10.0.0.4, 10.0.0.3"}, inside, "10.0.0.4"},
		"nothing was forwarded":          {"10.0.0.1:80", []string{""}, inside, "10.0.0.1"},
		"no address":                     {"10.0.0.1:80", []string{"203.0.113.9, unknown"}, inside, "10.0.0.1"},
		"no address, further away":       {"10.0.0.1:80", []string{"unknown, 10.0.0.2"}, inside, "10.0.0.2"},
		"an empty place":                 {"10.0.0.1:80", []string{"203.0.113.9, , 10.0.0.2"}, inside, "10.0.0.2"},
		"a port":                         {"10.0.0.1:80", []string{"203.0.113.9:5555"}, inside, "203.0.113.9"},
		"IPv6 was forwarded":             {"[::1]:80", []string{"2001:db8::9, [fd00::2]:1"}, inside, "2001:db8::9"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := request.Client(c.remote, c.forwarded, c.trusted); got != c.want {
				t.Errorf("Client(%q, %q): got %q, want %q", c.remote, c.forwarded, got, c.want)
			}
		})
	}
}

func TestTrusts(t *testing.T) {
	t.Parallel()
	for remote, want := range map[string]bool{
		"10.0.0.1:80": true, "[::ffff:10.0.0.1]:80": true, "[fd00::1%eth0]:80": true, "192.0.2.7:80": false, "@": false, "": false,
	} {
		if got := request.Trusts(remote, inside); got != want {
			t.Errorf("Trusts(%q): got %v, want %v", remote, got, want)
		}
	}
}

// A socket of this machine is trusted where the machine itself is.
func TestTrustsSockets(t *testing.T) {
	t.Parallel()
	for remote, want := range map[string]bool{"@": true, "@shop": true, "/run/shop.sock": true, "": false, "elsewhere": false} {
		if got := request.Trusts(remote, local); got != want {
			t.Errorf("Trusts(%q, %v): got %v, want %v", remote, local, got, want)
		}
		if request.Trusts(remote, inside) {
			t.Errorf("Trusts(%q, %v): got true, want false", remote, inside)
		}
	}
}

// Whatever clients write into the header, the answer is an address or nothing,
// and never one that stands before an address nobody trusts.
func FuzzClient(f *testing.F) {
	f.Add("10.0.0.1:80", "203.0.113.9, 10.0.0.2")
	f.Add("[::1]:80", ",,,")
	f.Add("@", "[")
	f.Fuzz(func(t *testing.T, remote, forwarded string) {
		got := request.Client(remote, []string{forwarded}, inside)
		if got == "" {
			if addr, err := netip.ParseAddrPort(remote); err == nil {
				t.Errorf("Client(%q, %q): got nothing, although %v is an address", remote, forwarded, addr)
			}
			return
		}
		if _, err := netip.ParseAddr(got); err != nil {
			t.Errorf("Client(%q, %q): %q is no address: %v", remote, forwarded, got, err)
		}
		if faked := request.Client(remote, []string{"192.0.2.99," + forwarded}, inside); faked != got && faked != "192.0.2.99" {
			t.Errorf("Client(%q, %q): got %q, and with an address in front %q", remote, forwarded, got, faked)
		}
		if !request.Trusts(remote, inside) && got != request.Client(remote, nil, nil) {
			t.Errorf("Client(%q, %q): got %q, although nobody trusts the connection", remote, forwarded, got)
		}
	})
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"https://ada:secret@example.com:8080/a%2Fb?token=1#top": "https://example.com:8080/a%2Fb",
		"http://example.com":     "http://example.com",
		"http://[2001:db8::1]/ü": "http://[2001:db8::1]/%C3%BC",
	} {
		u, err := url.Parse(given)
		if err != nil {
			t.Fatal(err)
		}
		before := u.String()
		if got := request.Address(u); got != want || u.String() != before {
			t.Errorf("Address(%s): got %s, and left %s; want %s, and nothing changed", given, got, u, want)
		}
	}
}

func TestHost(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{" Example.COM. ": "example.com", "example.com": "example.com", " ": "", "2001:db8::1": "2001:db8::1"} {
		if got := request.Host(given); got != want {
			t.Errorf("Host(%q): got %q, want %q", given, got, want)
		}
	}
}
