package posthogtest_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/hedgerow/posthog/posthogtest"
)

// printer stands in for *testing.T, so that an example can show what a failing
// test prints.
type printer struct{}

func (printer) Helper()                      {}
func (printer) Logf(string, ...any)          {}
func (printer) Cleanup(func())               {}
func (printer) Errorf(s string, args ...any) { fmt.Printf(s, args...) }
func (printer) Fatalf(s string, args ...any) { fmt.Printf(s, args...) }

// pay sends one event, as a client that retries would: always with the same
// uuid and time.
func pay(client *http.Client, url, total string) {
	send(client, url, `{"event":"order paid","distinct_id":"u-17",
		"uuid":"0199c0de-0000-7000-8000-000000000001","timestamp":"1999-11-20T10:00:00Z",
		"properties":{"total":`+total+`}}`)
}

// send sends one event, given as JSON.
func send(client *http.Client, url, event string) {
	body := `{"api_key":"phc_test","batch":[` + event + `]}`
	response, err := client.Post(url+"/batch/", "application/json", strings.NewReader(body))
	if err != nil {
		fmt.Println(err)
		return
	}
	response.Body.Close()
	fmt.Println(response.Status)
}

// In a test the server is posthogtest.NewServer(t, nil) and needs no Close.
func Example() {
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	client := &http.Client{Transport: server.Transport()}

	pay(client, server.URL(), "12.50")

	for _, event := range server.Events() {
		fmt.Println(event.Name, event.DistinctID, event.Properties["total"])
	}
	// Output:
	// 200 OK
	// order paid u-17 12.50
}

func ExampleRecorder() {
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	client := &http.Client{Transport: server.Transport()}

	pay(client, server.URL(), "12.50")

	got := server.Recorder(printer{}) // a test passes t
	got.Event("order paid").DistinctID("u-17").Property("total", 12)
	got.Event("order payed")
	// Output:
	// 200 OK
	// event "order paid" of "u-17": property "total"
	//   want: 12
	//   got:  12.50
	// want exactly 1 event "order payed", got 0
	//   nearest: "order paid"
	//   arrived (1 event):
	//     1. "order paid" of "u-17"
}

// For narrows every statement to one person.
func ExampleRecorder_For() {
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	client := &http.Client{Transport: server.Transport()}

	send(client, server.URL(), `{"event":"page viewed","distinct_id":"u-17"}`)
	send(client, server.URL(), `{"event":"page viewed","distinct_id":"u-9"}`)
	pay(client, server.URL(), "12.50")

	got := server.Recorder(printer{}) // a test passes t
	got.Count("page viewed", 2)
	got.For("u-17").Order("page viewed", "order paid")
	got.For("u-9").Event("page viewed")
	got.For("u-9").None("order paid")
	got.For("u_9").Event("order paid")
	// Output:
	// 200 OK
	// 200 OK
	// 200 OK
	// want exactly 1 event "order paid" of "u_9", got 0
	//   nearest: "order paid" of "u-17"
	//   nothing of "u_9" arrived (3 events of others did)
}

// Events are what the server took, Rows what a query sees: the second "order
// paid" is the same event again, and takes the place of the first.
func ExampleServer_Rows() {
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	client := &http.Client{Transport: server.Transport()}

	pay(client, server.URL(), "12.50")
	send(client, server.URL(), `{"event":"page viewed","distinct_id":"u-17"}`)
	pay(client, server.URL(), "13.00")

	for _, event := range server.Events() {
		fmt.Println("event:", event.Name, event.Properties["total"])
	}
	for _, row := range server.Rows() {
		fmt.Println("row:  ", row.Name, row.Properties["total"])
	}
	// Output:
	// 200 OK
	// 200 OK
	// 200 OK
	// event: order paid 12.50
	// event: page viewed <nil>
	// event: order paid 13.00
	// row:   order paid 13.00
	// row:   page viewed <nil>
}

func ExampleServer_Inject() {
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	client := &http.Client{Transport: server.Transport()}

	server.Inject(posthogtest.Fault{Status: 503, Times: 2, Persist: -1})
	for range 3 {
		pay(client, server.URL(), "12.50")
	}
	fmt.Println(len(server.Requests()), "requests")
	fmt.Println(len(server.Events()), "events")
	fmt.Println(len(server.Rows()), "row")
	// Output:
	// 503 Service Unavailable
	// 503 Service Unavailable
	// 200 OK
	// 3 requests
	// 3 events
	// 1 row
}

func ExampleServer_WaitEvents() {
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	client := &http.Client{Transport: server.Transport()}

	var work sync.WaitGroup
	work.Go(func() { pay(client, server.URL(), "12.50") })

	if err := server.WaitEvents(context.Background(), 1); err != nil {
		fmt.Println(err)
	}
	work.Wait()
	fmt.Println(server.Events()[0].Name)
	// Output:
	// 200 OK
	// order paid
}
