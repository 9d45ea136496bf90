package flags_test

import (
	"fmt"
	"time"

	"github.com/hedgerow/posthog/flags"
)

// program is the program of a document that is known to be well-formed.
func program(document string, options flags.Options) *flags.Program {
	definitions, err := flags.Parse([]byte(document))
	if err != nil {
		fmt.Println(err)
	}
	return flags.Compile(definitions, options)
}

// A static cohort is not in the definitions: whoever knows its members says so.
func ExampleSubject_cohorts() {
	p := program(`{"flags": [{"key": "founders-only", "active": true, "filters": {
		"groups": [{"properties": [{"key": "id", "type": "cohort", "operator": "in", "value": 77}]}]
	}}]}`, flags.Options{})

	fmt.Println(p.Evaluate("founders-only", &flags.Subject{DistinctID: "u_1"}).Inconclusive)
	fmt.Println(p.Evaluate("founders-only", &flags.Subject{DistinctID: "u_1", Cohorts: map[string]bool{"77": true}}).Value())
	// Output:
	// UnknownCohort
	// true
}

// A relative date needs to know what time it is.
func ExampleSubject_now() {
	p := program(`{"flags": [{"key": "welcome", "active": true, "filters": {
		"groups": [{"properties": [{"key": "registered", "type": "person", "operator": "is_date_after", "value": "-7d"}]}]
	}}]}`, flags.Options{})
	subject := flags.Subject{DistinctID: "u_1", PersonProperties: map[string]any{"registered": "2026-03-28"}}

	fmt.Println(p.Evaluate("welcome", &subject).Inconclusive)
	subject.Now = time.Date(2026, time.March, 31, 12, 0, 0, 0, time.UTC) // time.Now() in a program
	fmt.Println(p.Evaluate("welcome", &subject).Value())
	// Output:
	// NoClock
	// true
}

// A flag with experience continuity goes by the identifier that the person was first seen with.
func ExampleSubject_hashIDs() {
	p := program(`{"flags": [{"key": "new-nav", "active": true, "ensure_experience_continuity": true, "filters": {
		"groups": [{"rollout_percentage": 50}]
	}}]}`, flags.Options{})

	fmt.Println(p.Evaluate("new-nav", &flags.Subject{DistinctID: "u_1"}).Inconclusive)
	known := flags.Subject{DistinctID: "u_1", HashIDs: map[string]string{"new-nav": "anonymous-1"}}
	fmt.Println(p.Evaluate("new-nav", &known).Value())
	// Output:
	// ExperienceContinuity
	// true
}

// A device decides about a flag that is bucketed by device, and nothing stands in for it.
func ExampleSubject_deviceID() {
	p := program(`{"flags": [{"key": "new-player", "active": true, "bucketing_identifier": "device_id", "filters": {
		"groups": [{"rollout_percentage": 50}]
	}}]}`, flags.Options{})

	fmt.Println(p.Evaluate("new-player", &flags.Subject{DistinctID: "u_1"}).Inconclusive)
	fmt.Println(p.Evaluate("new-player", &flags.Subject{DistinctID: "u_1", DeviceID: "tv-2"}).Value())
	// Output:
	// MissingDevice
	// true
}

// Somebody of whom all is known has no property but those given. What is inconclusive even so is for the server.
func ExampleSubject_complete() {
	p := program(`{"flags": [
		{"key": "no-email", "active": true, "filters": {"groups": [{"properties": [{"key": "email", "operator": "is_not_set"}]}]}},
		{"key": "founders-only", "active": true, "filters": {"groups": [{"properties": [{"key": "id", "type": "cohort", "value": 77}]}]}},
		{"key": "rules-of-tomorrow", "active": true, "filters": {"version": 2, "groups": []}}
	]}`, flags.Options{})

	fmt.Println(p.Evaluate("no-email", &flags.Subject{DistinctID: "u_1"}).Inconclusive)
	all := flags.Subject{DistinctID: "u_1", DeviceID: "d_1", Now: time.Date(2026, time.March, 31, 12, 0, 0, 0, time.UTC), Complete: true}
	for _, result := range p.EvaluateAll(&all, nil) {
		if result.Inconclusive != nil {
			fmt.Println(result.Key, "is for the server:", result.Inconclusive)
		} else {
			fmt.Println(result.Key, result.Value())
		}
	}
	// Output:
	// MissingProperty (email)
	// no-email true
	// founders-only is for the server: UnknownCohort
	// rules-of-tomorrow is for the server: UnsupportedRules
}

// A date without an offset is in the project's time zone.
func ExampleOptions_location() {
	const sale = `{"flags": [{"key": "sale", "active": true, "filters": {
		"groups": [{"properties": [{"key": "ordered", "operator": "is_date_before", "value": "2026-03-31 18:00:00"}]}]
	}}]}`
	subject := flags.Subject{DistinctID: "u_1", PersonProperties: map[string]any{"ordered": "2026-03-31T17:00:00Z"}}

	fmt.Println(program(sale, flags.Options{}).Evaluate("sale", &subject).Value())
	fmt.Println(program(sale, flags.Options{Location: time.FixedZone("CEST", 2*60*60)}).Evaluate("sale", &subject).Value())
	// Output:
	// true
	// false
}

// An inconclusive answer names what would have helped, for a caller who can look it up and ask again.
func ExampleInconclusive() {
	p := program(newNav, flags.Options{})
	subject := flags.Subject{DistinctID: "u_1", PersonProperties: map[string]any{}}

	result := p.Evaluate("new-nav", &subject)
	if open := result.Inconclusive; open != nil && open.Why == flags.MissingProperty {
		for _, property := range open.MissingProperties {
			fmt.Println("look up", property)
			subject.PersonProperties[property.Key] = "pro"
		}
		result = p.Evaluate("new-nav", &subject)
	}
	fmt.Println(result.Value())
	// Output:
	// look up plan
	// blue
}

func ExampleOptions_assumeNotEnrolled() {
	const beta = `{"flags": [{"key": "beta", "active": true, "filters": {"feature_enrollment": true,
		"groups": [{"rollout_percentage": 0}]}}]}`
	subject := flags.Subject{DistinctID: "user-1"}
	fmt.Println(program(beta, flags.Options{}).Evaluate("beta", &subject).Inconclusive)
	fmt.Println(program(beta, flags.Options{AssumeNotEnrolled: true}).Evaluate("beta", &subject).Value())
	// Output:
	// MissingEnrollment ($feature_enrollment/beta)
	// false
}
