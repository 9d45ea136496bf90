package request

import (
	"net/netip"
	"strings"
)

// Client returns the address that a request came from, as text, or nothing if
// it has none. Remote is that of the connection, with or without a port, and may
// be a Unix socket.
//
// If it is one of trusted, forwarded decides, the values of the
// X-Forwarded-For headers: the last address that is not trusted, because that
// one was written down by a proxy that is. What stands before it may be made
// up. If all are trusted, it is the first.
func Client(remote string, forwarded []string, trusted []netip.Prefix) string {
	addr, ok := address(remote)
	if !ok && !Trusts(remote, trusted) {
		return ""
	}
	for i := len(forwarded) - 1; i >= 0; i-- {
		for rest := forwarded[i]; rest != "" && (!addr.IsValid() || within(addr, trusted)); {
			comma := strings.LastIndexByte(rest, ',')
			next, ok := address(strings.TrimSpace(rest[comma+1:]))
			if !ok {
				return textOf(addr) // and nobody trusted says where it came from
			}
			addr, rest = next, rest[:max(comma, 0)]
		}
	}
	return textOf(addr)
}

// textOf returns an address as text, or nothing for none.
func textOf(addr netip.Addr) string {
	if !addr.IsValid() {
		return ""
	}
	return addr.String()
}

// Trusts reports whether the connection's address is one of trusted. That of a
// Unix socket is 127.0.0.1, although Client does not say so.
func Trusts(remote string, trusted []netip.Prefix) bool {
	addr, ok := address(remote)
	if !ok && (strings.HasPrefix(remote, "@") || strings.HasPrefix(remote, "/")) { // without and with a name
		addr, ok = loopback, true
	}
	return ok && within(addr, trusted)
}

var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// address reads an address with or without a port. IPv4 in IPv6 is IPv4, and
// zones, which mean something on one machine only, are left out.
func address(text string) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	if err != nil {
		var withPort netip.AddrPort
		if withPort, err = netip.ParseAddrPort(text); err != nil {
			return netip.Addr{}, false
		}
		addr = withPort.Addr()
	}
	return addr.Unmap().WithZone(""), true
}

func within(addr netip.Addr, prefixes []netip.Prefix) bool {
	for _, p := range prefixes {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
