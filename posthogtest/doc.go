// Package posthogtest is a PostHog that runs inside the process: the server an
// application's tests send to, and the engine behind a local development
// server.
//
// It owns the ingestion side of the service: decoding, validation, storage,
// deduplication, injected faults, and a network to reach it by. A [Server]
// runs one goroutine that accepts connections and, as net/http does, one for
// each connection; [Server.Close] joins them all. It never opens a port unless
// asked to, never reads the environment, never prints, never talks to anything
// outside the process, and does not import package testing.
//
// # Testing an application
//
// Start a server in the test, give the client under test its URL and its
// transport, do the work, flush the client, and state what should have
// arrived:
//
//	func TestCheckoutIsTracked(t *testing.T) {
//		server := posthogtest.NewServer(t, nil)
//		shop := NewShop(server.URL(), server.Transport()) // builds the client
//
//		shop.Checkout("u-17", 12.50)
//		shop.Close() // sends what is queued
//
//		got := server.Recorder(t)
//		got.Event("order paid").DistinctID("u-17").Property("total", 12.5).NoProperty("$ip")
//		got.None("order failed")
//		got.NoWarnings() // production would have kept it all
//	}
//
// Where the code under test sends in its own time, wait for the arrival
// instead of sleeping: [Server.WaitEvents], [Server.WaitRequests] or
// [Server.Wait] with a condition of your own.
//
// # Time
//
// The network is in memory, so a test may run in a [testing/synctest] bubble
// and wait for retries and timeouts without any time passing. Create the
// server inside the bubble, with the bubble's t.
//
// # Trouble
//
// [Server.Inject] scripts failures, each met by one request unless it says
// otherwise:
//
//	server.Inject(
//		posthogtest.Fault{Status: 503, Header: http.Header{"Retry-After": {"30"}}},
//		posthogtest.Fault{Reset: posthogtest.ResetMidBody, Persist: -1}, // stored, but the client cannot know
//		posthogtest.Fault{Hang: true},
//	)
//
// A fault that makes no sense ends the test where it is injected.
//
// [Server.Events] shows every event the server took, duplicates included, and
// [Server.Rows] what a query would see of them, so the two together tell
// whether a client's retries are safe.
//
// # What is real
//
// The rules are those of PostHog's capture service. The paths are /batch,
// /capture, /e, /track, /engage and /i/v0/e, with and without a final slash, by
// GET, POST and OPTIONS. A body holds a batch, a list or one event, as JSON, a
// form or a data parameter, plain or in gzip or base64. The limits are 20 MiB
// a body on /batch and 2 MiB elsewhere, 100 MiB after decompression, 1,000,000
// bytes an event, 200 characters a distinct id, 64 a project key, 23 hours
// into the future. One bad event refuses its whole request with 400; an event
// that is too large refuses it with 413 after those before it were stored. Any
// project key of legal shape is accepted, for capture does not look projects
// up. Answers carry {"status":"Ok"} or a plain sentence.
//
// # What is not
//
// lz64 is answered with 400. A body that stalls is not timed out. There are no
// quotas: a [Fault] with Status 200 looks like one. Persons and groups are
// followed only as far as [Server.Warnings] needs, and only through the events
// that Keep has not let go.
package posthogtest
