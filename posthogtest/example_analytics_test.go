package posthogtest_test

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

// sendEach sends events, given as JSON, to the route that answers for each.
func sendEach(client *http.Client, url string, attempt int, events ...string) {
	body := `{"created_at":"1999-11-20T10:00:00Z","batch":[` + strings.Join(events, ",") + `]}`
	request, err := http.NewRequest(http.MethodPost, url+posthogtest.RouteAnalytics, strings.NewReader(body))
	if err != nil {
		fmt.Println(err)
		return
	}
	for name, value := range map[string]string{
		"Authorization":             "Bearer phc_test",
		"Content-Type":              "application/json",
		"PostHog-Sdk-Info":          "shop/1.0",
		"PostHog-Attempt":           fmt.Sprint(attempt),
		"PostHog-Request-Id":        "0199c0de-0000-7000-8000-00000000beef",
		"PostHog-Request-Timestamp": time.Now().Format(time.RFC3339),
	} {
		request.Header.Set(name, value)
	}
	response, err := client.Do(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	response.Body.Close()
	fmt.Println(response.Status)
	if after := response.Header.Get("Retry-After"); after != "" {
		fmt.Println("Retry-After:", after)
	}
}

const (
	paid   = `{"event":"order paid","distinct_id":"u-17","uuid":"0199c0de-0000-7000-8000-000000000001","timestamp":"1999-11-20T10:00:00Z"}`
	viewed = `{"event":"page viewed","distinct_id":"u-17","uuid":"0199c0de-0000-7000-8000-000000000002","timestamp":"1999-11-20T10:00:00Z"}`
)

// One event of two is to be sent again, in half a minute.
func ExampleServer_InjectEvents() {
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	client := &http.Client{Transport: server.Transport()}

	server.InjectEvents(posthogtest.EventFault{Event: "order paid", Result: posthogtest.ResultRetry, Details: "not_persisted"})
	server.Inject(posthogtest.Fault{Header: http.Header{"Retry-After": {"30"}}})
	sendEach(client, server.URL(), 1, paid, viewed)
	sendEach(client, server.URL(), 2, paid)

	for _, request := range server.Requests() {
		fmt.Println("attempt", request.Attempt, "by", request.SDK, "stored", request.Stored)
		for _, verdict := range request.Verdicts {
			fmt.Println(" ", verdict)
		}
	}
	// Output:
	// 200 OK
	// Retry-After: 30
	// 200 OK
	// attempt 1 by shop/1.0 stored 1
	//   "order paid" of "u-17": retry (not_persisted)
	//   "page viewed" of "u-17": ok
	// attempt 2 by shop/1.0 stored 1
	//   "order paid" of "u-17": ok
}

func ExampleRecorder_Answered() {
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	client := &http.Client{Transport: server.Transport()}

	server.InjectEvents(posthogtest.EventFault{Event: "order paid", Result: posthogtest.ResultRetry})
	sendEach(client, server.URL(), 1, paid, viewed)
	sendEach(client, server.URL(), 2, paid)

	got := server.Recorder(printer{}) // a test passes t
	got.Answered("order paid", posthogtest.ResultRetry, posthogtest.ResultOK)
	got.Answered("page viewed", posthogtest.ResultDrop)
	// Output:
	// 200 OK
	// Retry-After: 1
	// 200 OK
	// event "page viewed": answered otherwise
	//   want: [drop]
	//   got:  [ok]
	//   request 1, attempt 1: ok
}

// Via tells by which route events came.
func ExampleRecorder_Via() {
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	client := &http.Client{Transport: server.Transport()}

	sendEach(client, server.URL(), 1, paid)
	send(client, server.URL(), `{"event":"$ai_generation","distinct_id":"u-17"}`)

	got := server.Recorder(printer{}) // a test passes t
	got.Via(posthogtest.RouteAnalytics).Event("order paid")
	got.Event("order paid").Via(posthogtest.RouteAnalytics)
	got.Via(posthogtest.RouteAIBatch).Event("$ai_generation")
	// Output:
	// 200 OK
	// 200 OK
	// want exactly 1 event "$ai_generation" by /i/v0/ai/batch, got 0
	//   nearest: "$ai_generation" of "u-17" by /batch
	//   nothing by /i/v0/ai/batch arrived (2 events of others did)
}

// A self-hosted server has the older route alone.
func ExampleFault_missingRoute() {
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	client := &http.Client{Transport: server.Transport()}

	server.Inject(posthogtest.Fault{Path: posthogtest.RouteAnalytics, Status: http.StatusNotFound, Times: -1})
	sendEach(client, server.URL(), 1, paid)
	pay(client, server.URL(), "12.50")
	// Output:
	// 404 Not Found
	// 200 OK
}
