package posthog_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"

	"github.com/hedgerow/posthog"
)

// request is what a browser sends.
func request(path string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "https://shop.example.com"+path, http.NoBody)
	r.Header.Set(posthog.HeaderPostHogDistinctID, "u_42")
	r.Header.Set(posthog.HeaderPostHogSessionID, "s_9")
	r.Header.Set("X-Forwarded-For", "198.51.100.4")
	return r
}

// exchange sends a request through a middleware with opts to a handler that
// captures an event, and prints properties of it.
func exchange(r *http.Request, properties []string, opts ...posthog.RequestContextOption) {
	client, server, end := sandbox(posthog.Config{})
	defer end()
	handler := posthog.NewRequestContextMiddleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		check(client.EnqueueWithContext(r.Context(), posthog.Capture{Event: "page seen"}))
	}), opts...)
	handler.ServeHTTP(httptest.NewRecorder(), r)
	check(client.Close())
	for _, e := range server.Events() {
		fmt.Println(e.Name, "by", e.DistinctID)
		for _, name := range properties {
			fmt.Printf("  %s: %v\n", name, e.Properties[name])
		}
	}
}

// One line in front of a mux, and events need neither id nor session nor
// address.
func ExampleNewRequestContextMiddleware() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", func(_ http.ResponseWriter, r *http.Request) {
		check(client.EnqueueWithContext(r.Context(), posthog.Capture{Event: "order seen"}))
	})
	handler := posthog.NewRequestContextMiddleware(mux) // for http.ListenAndServe

	handler.ServeHTTP(httptest.NewRecorder(), request("/orders/7?token=secret"))
	check(client.Close())
	e := server.Events()[0]
	fmt.Println(e.Name, "by", e.DistinctID)
	for _, name := range []string{"$session_id", "$current_url", "$request_route"} {
		fmt.Printf("  %s: %v\n", name, e.Properties[name])
	}
	// Output:
	// order seen by u_42
	//   $session_id: s_9
	//   $current_url: https://shop.example.com/orders/7
	//   $request_route: GET /orders/{id}
}

// Ids that anybody can write into a header may be unwelcome.
func ExampleWithCaptureTracingHeaders() {
	r := request("/")
	exchange(r, []string{"$process_person_profile", "$session_id"}, posthog.WithCaptureTracingHeaders(false),
		posthog.WithRequestIdentity(func(*http.Request) string { return "service" }))
	// Output:
	// page seen by service
	//   $process_person_profile: <nil>
	//   $session_id: <nil>
}

// Behind a load balancer, the connection's address is the balancer's. What it
// says of the client is believed because its network was named.
func ExampleWithTrustedProxies() {
	r := request("/")
	r.RemoteAddr = "10.0.0.3:33444"
	exchange(r, []string{"$ip"}, posthog.WithTrustedProxies(netip.MustParsePrefix("10.0.0.0/8")))
	// Output:
	// page seen by u_42
	//   $ip: 198.51.100.4
}

// The page number may be told; everything else in the query may not.
func ExampleWithURLSanitizer() {
	exchange(request("/search?q=my+secret&page=3"), []string{"$current_url"}, posthog.WithURLSanitizer(func(u *url.URL) string {
		return u.Path + "?page=" + u.Query().Get("page")
	}))
	// Output:
	// page seen by u_42
	//   $current_url: /search?page=3
}

// Requests of the orchestrator are not worth an exception.
func ExampleWithRequestFilter() {
	handler := posthog.NewRequestContextMiddleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, ok := posthog.RequestContextFromContext(r.Context())
		fmt.Println(r.URL.Path, ok)
	}), posthog.WithRequestFilter(func(r *http.Request) bool { return r.URL.Path != "/healthz" }))
	handler.ServeHTTP(httptest.NewRecorder(), request("/orders"))
	handler.ServeHTTP(httptest.NewRecorder(), request("/healthz"))
	// Output:
	// /orders true
	// /healthz false
}

// Behind authentication, the middleware knows better than the headers.
func ExampleWithRequestIdentity() {
	r := request("/")
	r.SetBasicAuth("ada", "secret")
	exchange(r, nil, posthog.WithRequestIdentity(func(r *http.Request) string {
		user, _, _ := r.BasicAuth()
		return user
	}))
	// Output:
	// page seen by ada
}

// What is known of every request is said once.
func ExampleWithRequestProperties() {
	r := request("/")
	r.Header.Set("X-Tenant", "acme")
	exchange(r, []string{"tenant"}, posthog.WithRequestProperties(func(r *http.Request) posthog.Properties {
		return posthog.Properties{"tenant": r.Header.Get("X-Tenant")}
	}))
	// Output:
	// page seen by u_42
	//   tenant: acme
}

// reported answers a request with a handler that panics or returns a status, and prints
// what was reported.
func reported(h http.HandlerFunc, opts func(posthog.EnqueueClient) posthog.RequestContextOption) {
	client, server, end := sandbox(posthog.Config{})
	defer end()
	func() {
		defer func() { fmt.Println("panic:", recover()) }()
		posthog.NewRequestContextMiddleware(h, opts(client)).ServeHTTP(httptest.NewRecorder(), request("/pay"))
	}()
	check(client.Close())
	for _, e := range server.Events() {
		fmt.Println(e.Name, "of", e.DistinctID, "at", e.Properties["$request_path"], e.Properties["$exception_type"], e.Properties["$exception_message"])
	}
}

// A panic is reported, and goes on to whoever deals with panics.
func ExampleWithCapturePanics() {
	reported(func(http.ResponseWriter, *http.Request) { panic("no paper") }, posthog.WithCapturePanics)
	// Output:
	// panic: no paper
	// $exception of u_42 at /pay panic no paper
}

// A handler that gives up politely is reported as well.
func ExampleWithCaptureServerErrors() {
	reported(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, posthog.WithCaptureServerErrors)
	// Output:
	// panic: <nil>
	// $exception of u_42 at /pay HTTP 502 Bad Gateway
}

// Authentication below the middleware says who it was, and what the middleware
// reports later knows it too.
func ExampleSetDistinctId() {
	reported(func(w http.ResponseWriter, r *http.Request) {
		posthog.SetDistinctId(r.Context(), "ada")
		w.WriteHeader(http.StatusInternalServerError)
	}, posthog.WithCaptureServerErrors)
	// Output:
	// panic: <nil>
	// $exception of ada at /pay HTTP 500 Internal Server Error
}

// Frameworks with handlers of another shape put the context together
// themselves.
func ExampleExtractRequestContext() {
	rc := posthog.ExtractRequestContext(request("/orders"), true)
	ctx := posthog.WithFreshRequestContext(context.Background(), rc)
	rc, ok := posthog.RequestContextFromContext(ctx)
	fmt.Println(ok, rc.DistinctId, rc.SessionId, rc.Properties["$request_path"])
	// Output:
	// true u_42 s_9 /orders
}

// Who asked for a job is known where the job is done, with whatever library the
// message travels.
func ExampleInject() {
	ctx := posthog.WithRequestContext(context.Background(), posthog.RequestContext{DistinctId: "u_42", SessionId: "s_9"})
	attributes := map[string]string{"kind": "invoice"}
	posthog.Inject(ctx, posthog.MapCarrier(attributes))

	// in the worker
	ctx = posthog.Extract(context.Background(), posthog.MapCarrier(attributes))
	rc, _ := posthog.RequestContextFromContext(ctx)
	fmt.Println(rc.DistinctId, rc.SessionId)
	// Output:
	// u_42 s_9
}

// Calls of the services named carry the ids along.
func ExampleNewRequestContextTransport() {
	network := roundTrip(func(r *http.Request) (*http.Response, error) {
		fmt.Printf("%s %q\n", r.URL.Host, r.Header.Get(posthog.HeaderPostHogDistinctID))
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
	})
	client := &http.Client{Transport: posthog.NewRequestContextTransport(network, "billing.example.com")}

	ctx := posthog.WithRequestContext(context.Background(), posthog.RequestContext{DistinctId: "u_42"})
	for _, host := range []string{"billing.example.com", "elsewhere.example"} {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+host+"/", http.NoBody)
		check(err)
		answer, err := client.Do(r)
		check(err)
		check(answer.Body.Close())
	}
	// Output:
	// billing.example.com "u_42"
	// elsewhere.example ""
}

// A worker that knows nothing of signals still delivers its events when it is
// told to end.
func ExampleCloseOnSignal() {
	client := posthog.New(os.Getenv(posthog.EnvAPIKey))
	stop := posthog.CloseOnSignal(client) // os.Interrupt and SIGTERM
	defer stop()
	_ = client // work, for ever
}

// A command delivers its events before it exits, whatever its exit code.
func ExampleRunMain() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	code := posthog.RunMain(client, func() int {
		check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "command run"}))
		return 3
	})
	fmt.Println(code, len(server.Events())) // and os.Exit(code)
	// Output:
	// 3 1
}
