package posthogtest_test

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/hedgerow/posthog/posthogtest"
)

// fail sends an exception with a stack, as a client would.
func fail(client *http.Client, url, distinctID, message string, frames ...string) {
	send(client, url, `{"event":"$exception","distinct_id":"`+distinctID+`","timestamp":"1999-11-20T10:00:00Z","properties":{
		"$exception_level":"error","$exception_list":[{"type":"shop.PayError","value":"`+message+`",
		"mechanism":{"type":"generic","handled":true,"exception_id":0},
		"stacktrace":{"type":"raw","frames":[`+strings.Join(frames, ",")+`]}}]}}`)
}

const (
	inMain = `{"platform":"go","filename":"main.go","function":"main.main","lineno":12,"in_app":true}`
	inPay  = `{"platform":"go","filename":"pay.go","function":"main.pay","lineno":40,"in_app":true}`
	inCart = `{"platform":"go","filename":"cart.go","function":"main.cart","lineno":7,"in_app":true}`
)

// Two messages from one place are one issue, another place is another. The last
// exception has a line that PostHog cannot read, and is lost.
func ExampleServer_Issues() {
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	client := &http.Client{Transport: server.Transport()}

	fail(client, server.URL(), "u-17", "card 4242 declined", inMain, inPay)
	fail(client, server.URL(), "u-9", "card 1111 declined", inMain, inPay)
	fail(client, server.URL(), "u-9", "card 1111 declined", inMain, inCart)
	fail(client, server.URL(), "u-9", "card 1111 declined", inMain, strings.Replace(inPay, "40", "-1", 1))

	for _, issue := range server.Issues() {
		fmt.Println(issue.Name, issue.Description, len(issue.Events), issue.DistinctIDs)
	}
	for _, warning := range server.Warnings() {
		fmt.Println(warning.Detail)
	}
	// Output:
	// 200 OK
	// 200 OK
	// 200 OK
	// 200 OK
	// shop.PayError card 4242 declined 2 [u-17 u-9]
	// shop.PayError card 1111 declined 1 [u-9]
	// $exception_list[0].stacktrace.frames[1].lineno is -1, want a whole number from 0 to 4294967295, 0 where nobody knows: the whole event is lost
}

func ExampleRecorder_Issue() {
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	client := &http.Client{Transport: server.Transport()}

	fail(client, server.URL(), "u-17", "card 4242 declined", inMain, inPay)
	fail(client, server.URL(), "u-9", "card 1111 declined", inMain, inPay)

	got := server.Recorder(printer{}) // a test passes t
	got.Issue("shop.PayError").Count(2).Level("error").DistinctIDs("u-9", "u-17")
	got.Issue("shop.PayError").Description("card 1111 declined")
	got.For("u-17").IssueCount(2)
	// Output:
	// 200 OK
	// 200 OK
	// issue "shop.PayError": description
	//   want: card 1111 declined
	//   got:  card 4242 declined
	// want 2 issues of "u-17", got 1
	//   issues:
	//     1. "shop.PayError" (1 event), grouped by ["shop.PayError","main.go","main.main","pay.go","main.pay"]
}

func ExampleEvent_Exceptions() {
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	client := &http.Client{Transport: server.Transport()}

	fail(client, server.URL(), "u-17", "card 4242 declined", inMain, inPay)

	first := server.Recorder(printer{}).Event("$exception").Event().Exceptions()[0]
	last := first.Frames[len(first.Frames)-1]
	fmt.Println(first.Type, first.Value, *first.Mechanism.Handled)
	fmt.Println(last.Function, last.Filename, last.Line, last.InApp)
	// Output:
	// 200 OK
	// shop.PayError card 4242 declined true
	// main.pay pay.go 40 true
}
