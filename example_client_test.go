package posthog_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/hedgerow/posthog"
)

// A middleware puts what it knows about the request into the context. Events
// further down need neither the id nor the address.
func ExampleWithRequestContext() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	pay := func(w http.ResponseWriter, r *http.Request) {
		check(client.EnqueueWithContext(r.Context(), posthog.Capture{Event: "order paid"}))
	}
	identify := func(next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			ctx := posthog.WithRequestContext(r.Context(), posthog.RequestContext{
				DistinctId: r.Header.Get("X-User"),
				Properties: posthog.Properties{"$request_path": r.URL.Path},
			})
			next(w, r.WithContext(ctx))
		}
	}

	r := httptest.NewRequest(http.MethodPost, "/pay", http.NoBody)
	r.Header.Set("X-User", "u_42")
	identify(pay)(httptest.NewRecorder(), r)

	check(client.Close())
	show(server)
	// Output:
	// order paid by u_42, $request_path=/pay
}

// Within a request context, an event of nobody is an event without a person.
func ExampleServerClient_EnqueueWithContext() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	ctx := posthog.WithRequestContext(context.Background(), posthog.RequestContext{})
	check(client.EnqueueWithContext(ctx, posthog.Capture{Event: "page seen"}))

	check(client.Close())
	fmt.Println(server.Events()[0].Properties["$process_person_profile"])
	// Output:
	// false
}

// Registered properties are on every event from then on. An event's own win.
func ExampleServerClient_Register() {
	client, server, end := sandbox(posthog.Config{DefaultEventProperties: posthog.Properties{"service": "shop"}})
	defer end()

	client.Register(posthog.Properties{"release": "v7", "region": "eu"})
	check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "order paid", Properties: posthog.Properties{"region": "us"}}))
	client.Unregister("release", "region")
	check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "order shipped"}))

	check(client.Close())
	show(server)
	// Output:
	// order paid by u_42, region=us, release=v7, service=shop
	// order shipped by u_42, service=shop
}

// OptOut discards events from that moment on; what was accepted before is
// delivered.
func ExampleServerClient_OptOut() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "before"}))
	client.OptOut()
	check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "during"}))
	client.OptIn()
	check(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "after"}))

	check(client.Close())
	show(server)
	// Output:
	// before by u_42
	// after by u_42
}

// FromEnv reads POSTHOG_API_KEY and POSTHOG_HOST. Without a key, as on a
// developer's machine, the client does nothing.
func ExampleFromEnv() {
	os.Unsetenv(posthog.EnvAPIKey)

	client, err := posthog.FromEnv(posthog.Config{Logger: quiet})
	check(err)
	fmt.Println(client.Enqueue(posthog.Capture{DistinctId: "u_42", Event: "order paid"}))
	// Output:
	// posthog SDK is disabled because project API key is missing
}

// Code far from main asks for the default client. If there is none, the call
// does nothing.
func ExampleSetDefault() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	ship := func() { check(posthog.Default().Enqueue(posthog.Capture{DistinctId: "u_42", Event: "order shipped"})) }

	ship()
	posthog.SetDefault(client)
	defer posthog.SetDefault(nil)
	ship()

	check(client.Close())
	fmt.Println(len(server.Events()), "arrived")
	// Output:
	// 1 arrived
}
