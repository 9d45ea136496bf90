package posthogtest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/posthogtest"
)

// navigation asks what a person has of the flag new-nav, as a client would.
func navigation(client *http.Client, url, distinctID string) string {
	response, err := client.Post(url+"/flags/?v=2", "application/json",
		strings.NewReader(`{"token":"phc_test","distinct_id":"`+distinctID+`"}`))
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	var answer struct {
		Flags map[string]struct {
			Enabled bool
			Variant string
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return err.Error()
	}
	switch flag, ok := answer.Flags["new-nav"]; {
	case !ok:
		return "no flag"
	case flag.Variant != "":
		return flag.Variant
	default:
		return fmt.Sprint(flag.Enabled)
	}
}

// A test turns a flag on and off and watches what the application does.
func ExampleServer_SetFlag() {
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	client := &http.Client{Transport: server.Transport()}

	fmt.Println(navigation(client, server.URL(), "u-17"))
	server.SetFlag("new-nav", true)
	fmt.Println(navigation(client, server.URL(), "u-17"))
	server.SetFlagFor("u-17", "new-nav", "blue")
	fmt.Println(navigation(client, server.URL(), "u-17"), navigation(client, server.URL(), "u-9"))
	server.SetFlag("new-nav", false)
	fmt.Println(navigation(client, server.URL(), "u-17"))

	fmt.Println(len(server.FlagRequests()), "requests,", server.BilledFlagRequests(), "billed")
	// Output:
	// no flag
	// true
	// blue true
	// false
	// 5 requests, 4 billed
}

// Flags may depend on the person, have payloads and be rolled out to a share.
func ExampleServer_SetFlags() {
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	client := &http.Client{Transport: server.Transport()}

	server.SetFlags(
		posthogtest.Flag{Key: "new-nav", Value: "blue", Where: map[string]any{"plan": "pro"}},
		posthogtest.Flag{Key: "limits", Payload: map[string]int{"uploads": 5}},
		posthogtest.Flag{Key: "experiment", Rollout: 20, Variants: []posthogtest.Variant{
			{Key: "control", Percent: 50}, {Key: "test", Percent: 50},
		}},
	)
	send(client, server.URL(), `{"event":"$identify","distinct_id":"u-17","$set":{"plan":"pro"}}`)
	fmt.Println(navigation(client, server.URL(), "u-17"), navigation(client, server.URL(), "u-9"))
	// Output:
	// 200 OK
	// blue false
}

// A client that evaluates by itself fetches the definitions, and again when
// they have changed.
func ExampleServer_LoadFlags() {
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	client := &http.Client{Transport: server.Transport()}

	// A test would read this from a file in testdata.
	if err := server.LoadFlags([]byte(`{"flags":[{"id":1,"key":"new-nav","active":true,"version":4,
		"filters":{"groups":[{"properties":[{"key":"plan","type":"person","operator":"icontains","value":"pro"}]}]}}]}`)); err != nil {
		fmt.Println(err)
		return
	}
	var program *flags.Program
	etag := ""
	poll := func() {
		request, err := http.NewRequest(http.MethodGet, server.URL()+posthogtest.RouteDefinitions+"?token=phc_test&send_cohorts", http.NoBody)
		if err != nil {
			fmt.Println(err)
			return
		}
		request.Header.Set("Authorization", "Bearer phs_test")
		request.Header.Set("If-None-Match", etag)
		response, err := client.Do(request)
		if err != nil {
			fmt.Println(err)
			return
		}
		defer response.Body.Close()
		etag = response.Header.Get("ETag")
		fmt.Println(response.Status)
		if response.StatusCode != http.StatusOK {
			return
		}
		document, err := io.ReadAll(response.Body)
		if err != nil {
			fmt.Println(err)
			return
		}
		definitions, err := flags.Parse(document)
		if err != nil {
			fmt.Println(err)
			return
		}
		program = flags.Compile(definitions, flags.Options{})
	}
	somebody := &flags.Subject{DistinctID: "u-17", PersonProperties: map[string]any{"plan": "Pro"}}

	poll()
	fmt.Println(program.Evaluate("new-nav", somebody).Value())
	poll()
	server.SetFlagFor("u-17", "new-nav", false)
	poll()
	fmt.Println(program.Evaluate("new-nav", somebody).Value())
	// Output:
	// 200 OK
	// true
	// 304 Not Modified
	// 200 OK
	// false
}
