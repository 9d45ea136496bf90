// Package posthog sends events from Go services to PostHog.
//
// A client takes an event, encodes it on the spot and returns, in about half a
// microsecond. Background goroutines, a fixed number of them, put events into
// requests, repeat what fails, and keep count of every event to its end. The
// library never blocks a request on the network, never panics on what it is
// given, and writes nothing except through its logger.
//
// # In one minute
//
// Make one client for the whole program, and close it at the end:
//
//	client := posthog.New("phc_…")
//	defer client.Close()
//
//	err := client.Enqueue(posthog.Capture{
//		DistinctId: "u_42",
//		Event:      "order paid",
//		Properties: posthog.Properties{"total": 12.5, "items": 3},
//	})
//
// [NewWithConfig] takes a [Config], whose zero value is what most programs
// need, and [FromEnv] takes the key from POSTHOG_API_KEY. A client without a
// key, and a nil *ServerClient, do nothing: code that reports events need not
// know whether anybody listens.
//
// # Messages
//
// [Capture] says that somebody did something. [Identify] describes a person,
// [PersonProperties] changes one without further ado, and [Alias] says that
// two ids are one person. [GroupIdentify] describes a company or another
// group, to which the Groups of a Capture refer. [Exception] is an error for
// error tracking. Each may be passed as a value or as a pointer.
//
//	client.Enqueue(posthog.Identify{
//		DistinctId: "u_42",
//		Properties: posthog.Properties{"email": "ada@example.com"},
//	})
//
// A property may come from several places. From lowest to highest: what the
// library knows of the system, [Config.DefaultEventProperties] and
// [ServerClient.Register], the [RequestContext], the message's Properties, and
// the message's own fields. The highest place wins.
//
// [Config.Hooks] see every event complete and may change or drop it.
//
// # Requests
//
// In a server, one middleware finds out what there is to know about a request,
// and events below need to say none of it:
//
//	handler := posthog.NewRequestContextMiddleware(mux, posthog.WithCapturePanics(client))
//	…
//	client.EnqueueWithContext(r.Context(), posthog.Capture{Event: "order paid"})
//
// The distinct id and the session come from the headers that PostHog's
// JavaScript library adds to requests. They are what somebody wrote there: good
// enough for analytics, and for nothing else. Once somebody is logged in,
// [SetDistinctId] says who it is. An event of nobody has no person profile.
//
// [NewRequestContextTransport] takes the ids along to other services of yours,
// [Inject] and [Extract] take them through queues, and what is no HTTP request
// at all gets its context by [WithRequestContext].
//
// # Many projects
//
// A service that reports to the projects of many customers has a [Pool], and
// asks it for the client of the one at hand:
//
//	client, err := pool.Client(customer.PostHogKey)
//	…
//	client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "report built"})
//
// # What is guaranteed
//
//   - Enqueue returns nil only for an event that was accepted, and an accepted
//     event ends in exactly one [Outcome]. [ServerClient.Stats] counts them:
//     accepted is always the sum of delivered, unconfirmed, rejected, dropped
//     and pending.
//   - Nothing of a message is kept. Its maps may be changed as soon as Enqueue
//     returns, and are never written to.
//   - A value that JSON cannot carry costs that value and a warning that names
//     its key, never the event.
//   - Memory, goroutines and connections are bounded by the Config, whatever
//     the server does. A full queue refuses new events with [ErrQueueFull].
//   - While PostHog is unreachable, accepted events are kept within those
//     bounds, and sent when it is back. They survive the process if there is a
//     [Config.Spool].
//   - Everything that waits takes a context, and returns when it ends.
//
// # Ids and time
//
// The uuid, the time, the name and the distinct id of an event are fixed and
// encoded during Enqueue, and are the same bytes in every attempt. PostHog
// recognises repetitions by these four, so that repeating a request does not
// count an event twice. Set Uuid and Timestamp yourself to have the same
// guarantee across processes, for instance in a job that may run twice:
//
//	client.Enqueue(posthog.Capture{
//		Uuid:       payment.ID,
//		Timestamp:  payment.Time,
//		DistinctId: payment.User,
//		Event:      "payment received",
//	})
//
// The zero Timestamp means now. Times travel in UTC to the nanosecond, and
// every request says what the clock of the machine shows, so that PostHog can
// correct one that is wrong.
//
// # Errors that are returned
//
// An error of Enqueue means that the event was not accepted: a [FieldError]
// for a message that lacks something, [ErrQueueFull], [ErrMessageTooBig],
// [ErrClosed] or [ErrSDKDisabled]. A program that does not care may ignore
// it: the same is counted in Stats and reported to the log, each condition at
// most once a minute. The exception is [ErrNotSynced], which only a client
// that waits for its disk returns: the event was accepted, and is not to be
// enqueued again.
//
// What happens to an event later is known to [Config.OnError], which is told
// of losses alone, to [Config.Callback], which is told of successes as well, and to
// the [Delivery] of [ServerClient.Submit]:
//
//	delivery, err := client.Submit(ctx, msg)
//	…
//	err = delivery.Wait(ctx) // nil: PostHog has it
//
// [ServerClient.Send] bypasses the queue and returns a verdict for each event,
// which is what an import needs.
//
// # Surviving the process
//
// With a directory, every event is in a file before Enqueue returns, and the
// next client with the same directory and key sends what kill -9, a panic or
// the deadline of Close left behind:
//
//	client, err := posthog.NewWithConfig(key, posthog.Config{
//		Spool: posthog.SpoolConfig{Dir: "/var/lib/shop/posthog"},
//	})
//
// There is nothing else to call. The directory has to outlive the process: in
// a container it belongs on a volume. [SpoolConfig] has the bounds on space and
// age, and the choice to survive a power cut as well; [Stats] says what is in
// the files, and whether the disk fails.
//
// # An answer for each event
//
// By default a request is taken or refused whole, which every PostHog
// understands. Newer ones answer for each event, and say why they refuse one:
//
//	client, err := posthog.NewWithConfig(key, posthog.Config{
//		CaptureMode: posthog.CaptureModeAuto,
//		Compression: posthog.CompressionZstd,
//	})
//
// What could not be stored is then sent again without the rest, and PostHog's
// words are in [Delivery], [EventResult] and [DeliveryError]. See [CaptureMode].
//
// # AI events
//
// Events about the use of language models may hold megabytes of prompts and
// answers, 8 MiB at most. [ServerClient.EnqueueAI] sends them on a [Lane] of
// their own, so that no other event waits behind them:
//
//	client.EnqueueAI(posthog.Capture{
//		DistinctId: "u_42",
//		Event:      "$ai_generation",
//		Properties: posthog.Properties{"$ai_model": model, "$ai_input": prompt, "$ai_output_choices": answer},
//	})
//
// # Errors and panics
//
// [ServerClient.CaptureException] reports an error with its type, its text, its
// stack, and all that it wraps:
//
//	if err := charge(ctx, order); err != nil {
//		client.CaptureException(ctx, err)
//	}
//
// [NewSlogCaptureHandler] reports what is logged as an error, and the middleware
// what handlers leave behind: panics with [WithCapturePanics], and answers of 500
// and above with [WithCaptureServerErrors]. An error that several of them meet is
// one event, and a line that fails again and again is a few; see
// [ErrorTrackingConfig].
//
//	defer client.Recover(ctx)      // ends a panic, and reports it
//	defer client.CapturePanic(ctx) // reports it, and lets it go on
//	client.Go(ctx, refresh)        // does so for a goroutine
//
// No code of a program learns of a panic on some other goroutine, or of
// concurrent map writes. With a directory for crash files the next start
// reports them, and what [ServerClient.AddStep] was told before:
//
//	client, err := posthog.NewWithConfig(key, posthog.Config{
//		Crash: posthog.CrashConfig{Dir: "/var/lib/shop/crash"},
//	})
//
// # Feature flags
//
// One line asks for one flag, and says what counts where nobody knows:
//
//	if client.FlagEnabled(ctx, posthog.FeatureFlagPayload{Key: "new-checkout", DistinctId: "u_42"}, false) {
//
// A snapshot has all flags of a person, for at most one request, and events
// carry what the program saw:
//
//	flags, err := client.EvaluateFlagsWithContext(ctx, posthog.EvaluateFlagsPayload{DistinctId: "u_42"})
//	if flags.IsEnabled("new-checkout") { … } // with an err, it has what is known
//	client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "order paid", Flags: flags.OnlyAccessed()})
//
// With [Config.SecretKey] the definitions of the flags are loaded, and kept up to
// date, and a flag is evaluated in a fraction of a microsecond. PostHog is asked
// only where that leaves it open, because a property of the person was not given,
// say. An answer is PostHog's, or it is none: there is no guess.
//
//	client, err := posthog.NewWithConfig(key, posthog.Config{SecretKey: secret})
//	err = client.WaitForFlagDefinitions(ctx) // ready
//
// A flag that does not exist, one that is off, and one of which nothing is known
// are three things: see [ServerClient.FlagResult] and [FlagError]. What a person
// saw is captured once, as $feature_flag_called, by what reads a value, and not by
// what reads a payload or all flags.
//
// Every question may need a request, so it takes a context and ends with it, and
// after [Config.FeatureFlagRequestTimeout] for each of at most two attempts.
// [Config.StrictLocalEvaluation] forbids requests, [Config.FlagSource] needs no
// PostHog at all, and [Config.FlagFallbackCache] has the last known values for an
// outage. Tests use [ServerClient.OverrideFlags], or set flags on a server of
// package posthogtest.
//
// # The end
//
// [ServerClient.Close] refuses new events, delivers what is queued, repeating
// what fails, and joins every goroutine, within [Config.ShutdownTimeout]. What
// it had to leave behind is in its [UndeliveredError]. [RunMain] closes a client
// around a command, and [CloseOnSignal] closes one when the process is told to
// end. A function that is frozen between calls, as in AWS Lambda, is never
// closed: it calls [ServerClient.Flush] before it returns. A command-line tool may prefer
// [Config.SyncMode], with which Enqueue itself waits for the answer.
//
// # Tests
//
// Package posthogtest is a PostHog within the process. It judges events as the
// service does, and fails in every way that a network can:
//
//	server := posthogtest.NewServer(t, nil)
//	client, err := posthog.NewWithConfig("phc_test", posthog.Config{
//		Endpoint:  server.URL(),
//		Transport: server.Transport(),
//	})
//	…
//	client.Close()
//	server.Recorder(t).Event("order paid").DistinctID("u_42").Property("total", 12.5)
//	server.Recorder(t).Issue("fs.PathError").Count(1) // of error tracking
//
// Where events do not matter, use [Config.Disabled], [Config.DryRun], or
// accept a [Client] and pass something else.
//
// # Coming from posthog-go
//
// Change the import path: what captures events has the same names, be it a
// message, a field of Config, a callback or the Client interface. What differs:
//
//   - There are no definitions as types of this package, which package flags has,
//     and no type whose name ends in InApi. All names are in
//     docs/migrating-from-posthog-go.md.
//   - The slog handler captures from level error on, unless [WithMinCaptureLevel]
//     says otherwise, and attributes are properties unless [WithoutAttrs] or
//     [WithPropertiesFn] do.
//   - Flush and FlushWithContext of newer Client interfaces are
//     [ServerClient.Flush], which takes a context, and not in [Client].
//   - Definitions are loaded every half minute, and not every five, unless
//     [Config.DefaultFeatureFlagsPollingInterval] says otherwise.
//   - A flag that is not there is [ErrFlagNotFound] for GetFeatureFlagResult, also
//     with a secret key. One that PostHog failed on is an error, and not false.
//   - GetFeatureFlagPayload captures nothing.
//   - With an error, GetAllFlags returns what is known all the same.
//   - ReloadFeatureFlags returns when the definitions are there.
//   - EnqueueAI is a method of *ServerClient and not of Client, so that mocks keep
//     compiling. A program that holds a Client calls [EnqueueAIWithContext].
//   - The middleware does not report [http.ErrAbortHandler], which is no panic. Its
//     functions may panic, and an explicit $process_person_profile survives.
//   - Callbacks receive an [*Event], of which [APIMessage] is another name.
//   - An event's own properties win over [Config.DefaultEventProperties], which
//     are added to every type of message and not to captures alone.
//   - Without [Config.MaxRetries] there is no number of retries: events are kept
//     while nobody answers.
//   - Close without [Config.ShutdownTimeout] ends after thirty seconds, delivers
//     what waits for a retry, and says what it leaves. A second Close repeats the
//     result of the first.
//   - [CaptureModeAnalyticsV1] sends 429 and 5xx again, and an event that the
//     answer does not mention is unconfirmed and not a success.
//   - Compressions other than gzip are no error without CaptureModeAnalyticsV1:
//     endpoints that do not understand them get gzip. Brotli needs
//     [Config.NewCodec].
//   - Bodies are compressed unless [Config.Compression] says otherwise, and
//     [CompressionNone] is not the zero value.
//   - A message with a value that JSON cannot carry is sent without the value.
//   - The constructors return a *ServerClient. Where a function returns it as a
//     [Client] together with an error, check the error and not the client.
package posthog
