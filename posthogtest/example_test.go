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
	body := `{"api_key":"phc_test","batch":[{"event":"order paid","distinct_id":"u-17",
		"uuid":"0199c0de-0000-7000-8000-000000000001","timestamp":"1999-11-20T10:00:00Z",
		"properties":{"total":` + total + `}}]}`
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
