package posthog_test

import (
	"fmt"

	"github.com/hedgerow/posthog"
)

// A capture says that somebody did something. Properties are a map literal, or
// a chain of Set.
func ExampleCapture() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	check(client.Enqueue(posthog.Capture{
		DistinctId: "u_42",
		Event:      "order paid",
		Properties: posthog.NewProperties().Set("total", 12.5).Set("currency", "EUR"),
	}))

	check(client.Close())
	show(server)
	// Output:
	// order paid by u_42, currency=EUR, total=12.5
}

// An event can set properties of the person who caused it.
func ExampleCapture_personProperties() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	check(client.Enqueue(posthog.Capture{
		DistinctId: "u_42",
		Event:      "plan changed",
		Set:        posthog.Properties{"plan": "pro"},
		SetOnce:    posthog.Properties{"first_paid_plan": "pro"},
	}))

	check(client.Close())
	show(server)
	// Output:
	// plan changed by u_42, $set=map[plan:pro], $set_once=map[first_paid_plan:pro]
}

// Identify says who somebody is. AnonDistinctID merges what they did before
// they were known.
func ExampleIdentify() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	check(client.Enqueue(posthog.Identify{
		DistinctId:     "u_42",
		AnonDistinctID: "session-7",
		Properties:     posthog.Properties{"email": "ada@example.com"},
		SetOnce:        posthog.Properties{"signed_up": "2026-08-22"},
	}))

	check(client.Close())
	show(server)
	// Output:
	// $identify by u_42, $anon_distinct_id=session-7, $set=map[email:ada@example.com], $set_once=map[signed_up:2026-08-22]
}

// Alias says that two ids are one person: DistinctId existed before Alias.
func ExampleAlias() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	check(client.Enqueue(posthog.Alias{DistinctId: "session-7", Alias: "u_42"}))

	check(client.Close())
	show(server)
	// Output:
	// $create_alias by session-7, alias=u_42, distinct_id=session-7
}

// Groups put an event beside those of the same company. GroupIdentify
// describes the company.
func ExampleGroupIdentify() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	check(client.Enqueue(posthog.GroupIdentify{
		Type:       "company",
		Key:        "acme",
		Properties: posthog.Properties{"name": "Acme Ltd", "employees": 11},
	}))
	check(client.Enqueue(posthog.Capture{
		DistinctId: "u_42",
		Event:      "seat added",
		Groups:     posthog.NewGroups().Set("company", "acme"),
	}))

	check(client.Close())
	show(server)
	// Output:
	// $groupidentify by $company_acme, $group_key=acme, $group_set=map[employees:11 name:Acme Ltd], $group_type=company
	// seat added by u_42, $groups=map[company:acme]
}

// PersonProperties changes a person without an event of their own.
func ExamplePersonProperties() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	check(client.Enqueue(posthog.PersonProperties{
		DistinctId: "u_42",
		Set:        posthog.Properties{"plan": "free"},
		Unset:      []string{"trial_ends"},
	}))

	check(client.Close())
	show(server)
	// Output:
	// $set by u_42, $set=map[plan:free], $unset=[trial_ends]
}

// Exception reports an error that was taken apart elsewhere.
func ExampleException() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	check(client.Enqueue(posthog.Exception{
		DistinctId: "u_42",
		Level:      posthog.LevelWarning,
		ExceptionList: []posthog.ExceptionItem{{
			Type:      "*fs.PathError",
			Value:     "open cart.json: no such file or directory",
			Mechanism: &posthog.ExceptionMechanism{Type: "generic", Handled: posthog.Ptr(true)},
		}},
		Properties: posthog.Properties{"cart": 17},
	}))

	check(client.Close())
	e := server.Events()[0]
	fmt.Println(e.Properties["$exception_level"], e.Properties["$exception_type"], e.Properties["$exception_message"])
	// Output:
	// warning *fs.PathError open cart.json: no such file or directory
}

// An error of Enqueue says why the event was not accepted.
func ExampleFieldError() {
	client, _, end := sandbox(posthog.Config{Logger: quiet})
	defer end()

	fmt.Println(client.Enqueue(posthog.Capture{Event: "order paid"}))
	// Output:
	// posthog.Capture.DistinctId: invalid field value "": must not be empty or white space
}

// A Uuid of the application's makes repetitions one event: here the id of the
// payment, whose webhook may be delivered twice.
func ExampleNewUUID() {
	client, server, end := sandbox(posthog.Config{})
	defer end()

	payment := posthog.NewUUID() // stored with the payment
	for range 2 {
		check(client.Enqueue(posthog.Capture{Uuid: payment, DistinctId: "u_42", Event: "payment received"}))
	}

	check(client.Close())
	fmt.Println(len(server.Events()), "arrived,", len(server.Rows()), "counts")
	// Output:
	// 2 arrived, 1 counts
}
