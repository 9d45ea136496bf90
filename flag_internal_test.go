package posthog

import "testing"

// Proves FT-05: Close gives back the memory of what was reported.
func TestCloseForgetsExposures(t *testing.T) {
	t.Parallel()
	c, err := NewWithConfig("phc_test", Config{DryRun: true, FlagSource: FlagBytes([]byte(`{"flags":[{"id":1,"key":"on","active":true,"filters":{"groups":[{}]}}]}`))})
	if err != nil {
		t.Fatal(err)
	}
	if !c.FlagEnabled(t.Context(), FeatureFlagPayload{Key: "on", DistinctId: "u_1"}, false) || c.flags.reported.Bytes() == 0 {
		t.Errorf("an exposure takes %d bytes, want some", c.flags.reported.Bytes())
	}
	if err := c.Close(); err != nil || c.flags.reported.Bytes() != 0 {
		t.Errorf("after Close it takes %d bytes, want none; %v", c.flags.reported.Bytes(), err)
	}
}

// The clients of a pool ask for flags over the same connections.
func TestClientsOfAPoolShareConnectionsForFlags(t *testing.T) {
	t.Parallel()
	pool, err := NewPool(PoolConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	first, err := pool.Client("phc_test_1")
	if err != nil {
		t.Fatal(err)
	}
	second, err := pool.Client("phc_test_2")
	if err != nil {
		t.Fatal(err)
	}
	if first.flagTransport() != second.flagTransport() {
		t.Error("each client has connections of its own")
	}
}
