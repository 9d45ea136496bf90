// Package posthogtest is a PostHog that runs inside the process: the server an
// application's tests send to, and the engine behind a local development
// server.
//
// It owns the ingestion side of the service, decoding, validation, storage and
// deduplication; the issues that exceptions amount to; the feature flags, their
// definitions and their evaluation; injected faults, and a network to reach it
// all by. A [Server]
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
// # Feature flags
//
// A server has no flags until it is given some, and answers as PostHog does of
// those it has:
//
//	server.SetFlag("new-nav", true)                // for everybody
//	server.SetFlag("checkout", "blue")             // a variant
//	server.SetFlagFor("u-17", "new-nav", false)    // for one person
//	server.SetFlags(posthogtest.Flag{
//		Key: "limits", Payload: map[string]int{"uploads": 5}, Where: map[string]any{"plan": "pro"},
//	})
//
// What has changed holds from the next request on. [Server.LoadFlags] takes a
// project's own definitions. Clients that evaluate by themselves, with a secret
// key such as phs_test, fetch the same flags and come to the same values: when
// they start, and then at their polls, so set flags before the client is made, or
// have it reload them.
//
// What a client saw is an event like any other, so flush the client before
// [Recorder.FlagCalled] states which value it reported. [Server.FlagRequests]
// shows what it asked for, [Server.BilledFlagRequests] what that costs. A client
// under an outage is a [Fault] for [RouteFlags] or [RouteDefinitions] away;
// [Server.SetFlagsQuota] uses up the quota.
//
// # Errors
//
// An event named $exception is read as strictly as PostHog's error tracking
// reads it. What it reads is grouped into issues, and the list is there to look
// into:
//
//	got.IssueCount(1)
//	got.Issue("billing.ChargeError").Count(3).Level("error")
//
//	first := got.For("u-17").Event("$exception").Event().Exceptions()[0]
//	last := first.Frames[len(first.Frames)-1]
//	if last.Function != "example.com/shop/billing.(*Service).Charge" || !last.InApp {
//		t.Errorf("the stack ends in %+v", last)
//	}
//
// One frame that cannot be read loses the whole event, and the client is answered
// 200 all the same. A statement that misses the event then says what it was, as
// does [Recorder.NoWarnings].
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
// Where each event of a request has its own answer, [Server.InjectEvents]
// scripts it:
//
//	server.InjectEvents(posthogtest.EventFault{
//		Event: "order paid", Result: posthogtest.ResultRetry, Details: "not_persisted", Times: 2,
//	})
//
// [Request.Verdicts] and [Recorder.Answered] tell what was answered.
//
// [Server.Events] shows every event the server took, duplicates included, and
// [Server.Rows] what a query would see of them, so the two together tell
// whether a client's retries are safe.
//
// # What is real
//
// The rules are those of PostHog's capture service, which has two protocols.
//
// The older has the paths /batch, /i/v0/ai/batch, /capture, /e, /track, /engage
// and /i/v0/e, with and without a final slash, by GET, POST and OPTIONS. A body
// holds a batch, a list or one event, as JSON, a form or a data parameter,
// plain or in gzip or base64. The limits are 20 MiB a batch and 2 MiB
// elsewhere, 100 MiB after decompression, 1,000,000 bytes an event, 200
// characters a distinct id, 64 a project key, 23 hours into the future. One bad
// event refuses its whole request with 400; an event that is too large refuses
// it with 413 after those before it were stored. On /i/v0/ai/batch an event may
// have 8 MiB, one that is not named $ai_ refuses the request with 400, and
// nothing of a refused request is stored. Answers carry {"status":"Ok"} or a
// plain sentence.
//
// The newer has one path, /i/v1/analytics/events, by POST. The project key is
// in Authorization: Bearer, and Content-Type, User-Agent, PostHog-Sdk-Info,
// PostHog-Attempt, PostHog-Request-Id and PostHog-Request-Timestamp are
// required. A body is a JSON object with created_at and batch, plain or in
// gzip, deflate, zstd or brotli, of 10 MiB as received and 50 MiB after
// decompression. A body of the wrong shape, or a uuid that is missing, invalid
// or there twice, refuses the request with 400; everything else is answered
// event by event, as ok, warning, drop or retry. A name and a distinct id may
// have 200 bytes. Errors are JSON objects with error, error_description and
// error_uri.
//
// On both, any project key of legal shape is accepted, for capture does not
// look projects up, and an event is one row whichever way it came.
//
// # What is real about errors
//
// $exception_list has one entry at least, each with a type that is not empty.
// Names, messages and languages are text, lines are whole numbers of 32 bits
// without a sign, ids of goroutines of 32 bits with one, addresses text such as
// "0x401000". A frame of platform "go" needs filename, function and lineno, one
// of "custom" lang and function, one of "native" nothing; an image needs debug_id
// and image_addr. What may be missing may be null, but for true and false, and for
// a value. Frames of other languages are not looked at closely, those of an unknown
// platform refused. What is refused is in [Server.Events], as capture took it, and
// neither in [Server.Rows] nor in [Server.Issues].
//
// In what is stored, a type is cut at 255 bytes, its "..." included, and a message
// at 10,000, and properties that PostHog finds by itself, such as
// $exception_types, are removed; [Event.Raw] is as it was sent. $exception_list may
// have any length; more than 50 entries, or an entry that hangs on none before it,
// are worth a warning.
//
// Exceptions are grouped by $exception_fingerprint, or by the type of each
// exception with the file, module and function of the frames that are in the
// application, only the resolved ones where any frame is resolved, or of the
// outermost frame where none is in the application. The message counts where there
// is no stacktrace, the line never.
//
// # What is real about flags
//
// The paths are /flags, /decide, /flags/definitions and
// /api/feature_flag/local_evaluation, with and without a final slash, and
// /api/projects/@current/feature_flags/{key}/remote_config. Questions may be
// JSON, a form, or either in gzip or base64; answers have the shape of their
// version: 1 to 3 of /flags, 1 to 4 of /decide. Package flags evaluates, with
// all that the events of the project said about the person, those they were
// merged with and their groups, and with what the request says. Inactive
// flags, and those for another runtime or evaluation context, are not answered.
// A flag with experience continuity keeps to the id with which the person was
// first asked about. Definitions have an ETag, and 304 where the client has
// them. Any secret key will do unless [Config].SecretKeys names some.
//
// # What is not
//
// lz64 is answered with 400, and brotli with 415 unless [Config].Brotli is set.
// A body that stalls is not timed out. There are no quotas of events: a [Fault]
// with Status 200 looks like one on the older paths, one with Status 402 or an
// [EventFault] on the newer. Two of the newer errors are called what the others
// suggest, as their real words are not documented: invalid_event_uuid and
// request_decoding_error. Persons and groups are followed only as far as
// [Server.Warnings] and flags need, and only through the events that Keep has
// not let go.
//
// Symbols are not uploaded here, so native frames with an address stay
// unresolved. What PostHog finds out about an exception, such as
// $exception_issue_id, is not among its properties; fingerprints differ in their
// digits; the frames of old clients are not turned round; nobody can merge or
// resolve an issue.
//
// All projects have the same flags. What package flags cannot evaluate, such as
// cohorts by behaviour, rules of version 2, or patterns that Go does not have,
// is answered as failed. The older path for definitions answers as the newer
// does. Of a client's configuration, answers have two members and no more;
// detailed_analysis is ignored, and so are limits of the request rate.
package posthogtest
