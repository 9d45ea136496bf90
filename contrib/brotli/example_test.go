package brotli_test

import (
	"fmt"

	"github.com/hedgerow/posthog"
	"github.com/hedgerow/posthog/contrib/brotli"
	"github.com/hedgerow/posthog/posthogtest"
)

// Requests are compressed with brotli where the endpoint understands it, and
// with gzip elsewhere.
func ExampleNewCodec() {
	server, err := posthogtest.Start(posthogtest.Config{Brotli: undo})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	client, err := posthog.NewWithConfig("phc_test", posthog.Config{
		Endpoint:    server.URL(),
		Transport:   server.Transport(),
		CaptureMode: posthog.CaptureModeAuto,
		Compression: posthog.CompressionBrotli,
		NewCodec:    brotli.NewCodec,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "order paid", Properties: posthog.Properties{"plan": "pro pro pro pro pro"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(client.Close(), server.Requests()[0].Encoding)
	// Output: <nil> br
}

// A level of one's own: smaller bodies for more time.
func ExampleNewCodecLevel() {
	config := posthog.Config{
		Compression: posthog.CompressionBrotli,
		NewCodec:    func() posthog.Codec { return brotli.NewCodecLevel(9) },
	}
	fmt.Println(config.Validate())
	// Output: <nil>
}
