package request

import (
	"net/netip"
	"strings"
)

// Client returns the address that a request came from, as text, or nothing if
// it has none. Remote is that of the connection, with or without a port.
//
// If it is one of trusted, forwarded decides, the values of the
// X-Forwarded-For headers: the last address that is not trusted, because that
// one was written down by a proxy that is. What stands before it may be made
// up. If all are trusted, it is the first.
func Client(remote string, forwarded []string, trusted []netip.Prefix) string {
	addr, ok := address(remote)
	if !ok {
		return ""
	}
	for i := len(forwarded) - 1; i >= 0; i-- {
		for rest := forwarded[i]; rest != "" && within(addr, trusted); {
			comma := strings.LastIndexByte(rest, ',')
			next, ok := address(strings.TrimSpace(rest[comma+1:]))
			if !ok {
				return addr.String() // and nobody trusted says where it came from
			}
			addr, rest = next, rest[:max(comma, 0)]
		}
	}
	return addr.String()
}

// Trusts reports whether the connection's address is one of trusted.
func Trusts(remote string, trusted []netip.Prefix) bool {
	addr, ok := address(remote)
	return ok && within(addr, trusted)
}

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
