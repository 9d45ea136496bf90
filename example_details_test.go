package posthog_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/posthogtest"
)

// While a client is opted out, its events are discarded.
func ExampleServerClient_OptedOut() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	client.OptOut()
	check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "page read"}))
	fmt.Println(client.OptedOut())
	client.OptIn()
	check(client.Close())
	show(server)
	// Output:
	// true
}

// What was not accepted is counted by its reason.
func ExampleRefusal() {
	client, _, end := sandbox(posthog.Config{Logger: silent{}})
	defer end()

	err := client.Enqueue(posthog.Capture{DistinctId: "u_42"})
	var field posthog.FieldError
	fmt.Println(errors.As(err, &field), field.Name)
	reason := posthog.RefusalInvalid
	fmt.Println(client.Stats().RefusedBy[reason])
	// Output:
	// true Event
	// 1
}

// Where an answer comes from says what it has cost.
func ExampleFlagOrigin() {
	client, server, end := sandbox(posthog.Config{})
	defer end()
	server.SetFlag("new-nav", true)

	origin := func() posthog.FlagOrigin {
		result, err := client.FlagResult(context.Background(), posthog.FeatureFlagPayload{Key: "new-nav", DistinctId: "u_42"})
		check(err)
		return result.Origin
	}
	fmt.Println(origin() == posthog.FlagFromRemote)
	client.OverrideFlags(map[string]any{"new-nav": false})
	fmt.Println(origin() == posthog.FlagFromOverride)
	// Output:
	// true
	// true
}

// A health check may look at the definitions of the flags.
func ExampleFlagCondition() {
	client, server, end := sandbox(posthog.Config{SecretKey: "phs_test"})
	defer end()
	server.SetFlag("new-nav", true)

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	check(client.ReloadFeatureFlagsWithContext(ctx))
	condition := client.FlagStatus().Condition
	fmt.Println(condition == posthog.FlagsCurrent)
	// Output:
	// true
}

// A function may take whatever has payloads.
func ExamplePayloadSource() {
	client, server, end := sandbox(posthog.Config{})
	defer end()
	server.SetFlags(posthogtest.Flag{Key: "limits", Payload: map[string]int{"uploads": 5}})

	uploads := func(source posthog.PayloadSource) int {
		limits, err := posthog.PayloadAs[struct{ Uploads int }](source, "limits")
		check(err)
		return limits.Uploads
	}
	flags, err := client.EvaluateFlags(posthog.EvaluateFlagsPayload{DistinctId: "u_42"})
	check(err)
	fmt.Println(uploads(flags))
	// Output:
	// 5
}

// With DurabilityDisk, events survive a power cut as well.
func ExampleDurability() {
	spool := posthog.SpoolConfig{Dir: "/var/lib/shop/posthog", Durability: posthog.DurabilityDisk}
	for _, durability := range []posthog.Durability{posthog.DurabilityProcess, posthog.DurabilityDisk} {
		fmt.Println(spool.Durability == durability)
	}
	// Output:
	// false
	// true
}

// best is a Codec of the application: gzip at its best level.
type best struct{}

func (best) Encoding() string { return "gzip" }

func (best) Append(dst, plain []byte) ([]byte, error) {
	body := bytes.NewBuffer(dst)
	w, err := gzip.NewWriterLevel(body, gzip.BestCompression)
	if err != nil {
		return dst, err
	}
	if _, err := w.Write(plain); err != nil {
		return dst, err
	}
	err = w.Close()
	return body.Bytes(), err
}

// A codec is asked for every body.
func ExampleCodec() {
	body, err := posthog.Codec(best{}).Append(nil, bytes.Repeat([]byte("again "), 1000))
	fmt.Println(len(body) < 100, err)
	// Output:
	// true <nil>
}
