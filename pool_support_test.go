package posthog_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// openPool returns a pool whose clients send to a new in-memory server. Both
// end with the test.
func openPool(t *testing.T, config posthog.PoolConfig) (*posthog.Pool, *posthogtest.Server) {
	t.Helper()
	server := posthogtest.NewServer(t, nil)
	config.Config = connected(server, config.Config)
	pool, err := posthog.NewPool(config)
	if err != nil {
		t.Fatalf("NewPool: %v", err)
	}
	t.Cleanup(func() { _ = pool.Close() }) // most tests have closed it, and looked at the result
	return pool, server
}

// keyOf is the project key of a tenant.
func keyOf(tenant int) string { return fmt.Sprintf("phc_tenant_%d", tenant) }

// clientOf returns the client of a tenant.
func clientOf(t *testing.T, pool *posthog.Pool, tenant int) *posthog.ServerClient {
	t.Helper()
	client, err := pool.Client(keyOf(tenant))
	if err != nil {
		t.Fatalf("Client(%q): %v", keyOf(tenant), err)
	}
	return client
}

// requirePoolLedger fails the test unless the ledger of the pool adds up, and
// returns it.
func requirePoolLedger(t *testing.T, pool *posthog.Pool) posthog.PoolStats {
	t.Helper()
	s := pool.Stats()
	if sum := s.Pending + s.Delivered + s.Unconfirmed + s.Rejected + s.Dropped; s.Accepted != sum {
		t.Errorf("accepted %d events, but pending, delivered, unconfirmed, rejected and dropped are %d: %+v", s.Accepted, sum, s)
	}
	var dropped uint64
	for n := range maps.Values(s.DroppedBy) {
		dropped += n
	}
	if dropped != s.Dropped {
		t.Errorf("dropped %d events, but the reasons add up to %d: %v", s.Dropped, dropped, s.DroppedBy)
	}
	return s
}

// byKey counts the events that server has of each project key.
func byKey(server *posthogtest.Server) map[string]int {
	n := make(map[string]int)
	for _, e := range server.Events() {
		n[e.Token]++
	}
	return n
}

// ms is a number of milliseconds.
func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }
