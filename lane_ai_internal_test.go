package posthog

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// Making the AI lane opens its files, and a disk may hold that up: Close does
// not wait for it beyond its deadline, and what is made after it takes nothing.
func TestCloseDoesNotWaitForALaneThatIsBeingMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, err := NewWithConfig("phc_test", Config{Endpoint: "http://localhost"})
		if err != nil {
			t.Fatal(err)
		}
		client.ai.making <- struct{}{} // somebody has begun, and hangs
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		began := time.Now()
		if err := client.CloseWithContext(ctx); err != nil {
			t.Errorf("CloseWithContext: got %v, want nil: there is no event", err)
		}
		if took := time.Since(began); took > 120*time.Millisecond {
			t.Errorf("CloseWithContext returned after %v, want at most 20ms after its deadline", took)
		}
		<-client.ai.making
		err = client.EnqueueAI(Capture{DistinctId: "u_7", Event: "$ai_generation"})
		if !errors.Is(err, ErrClosed) {
			t.Errorf("EnqueueAI after Close: got %v, want ErrClosed", err)
		}
	})
}
