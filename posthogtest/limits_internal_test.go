package posthogtest

import "testing"

// A body of 50 MiB proves no more than the number does, and takes seconds.
func TestTheDefaultLimitsOfTheNewerRoutesAreProductions(t *testing.T) {
	t.Parallel()
	config, err := Config{}.complete()
	if err != nil {
		t.Fatal(err)
	}
	l := config.Limits
	if l.AnalyticsBody != 10<<20 || l.AnalyticsDecompressed != 50<<20 || l.AIEvent != 8<<20 {
		t.Errorf("got limits %+v, want 10 MiB and 50 MiB for analytics, 8 MiB for an AI event", l)
	}
}
