package flags_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/hedgerow/posthog/flags"
)

const pricing = `{"flags": [
	{"key": "pricing-page", "name": "The new prices", "active": true, "filters": {
		"groups": [{}],
		"multivariate": {"variants": [{"key": "control", "rollout_percentage": 0}, {"key": "annual", "rollout_percentage": 100}]},
		"payloads": {"annual": "{\"months\":12}"}
	}},
	{"key": "dark-mode", "active": true, "filters": {"groups": [{"rollout_percentage": 0}]}}
]}`

// Constants for the keys and the variants, with an example of each payload: what a generator writes.
func ExampleFlag() {
	definitions, err := flags.Parse([]byte(pricing))
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range definitions.Flags {
		flag := &definitions.Flags[i]
		if last, ok := definitions.Flag(flag.Key); !ok || last != flag {
			continue // its key cannot be read, or a later flag has it too
		}
		fmt.Printf("key %q %s\n", flag.Key, flag.Name)
		for _, variant := range flag.Variants {
			fmt.Printf("  variant %q\n", variant.Key)
		}
		for _, value := range slices.Sorted(maps.Keys(flag.Payloads)) {
			payload := flag.Payloads[value]
			var contents string // a payload usually is a string, and its contents are JSON too
			if json.Unmarshal(payload, &contents) == nil {
				payload = json.RawMessage(contents)
			}
			fmt.Printf("  payload of %q: %s\n", value, payload)
		}
	}
	// Output:
	// key "pricing-page" The new prices
	//   variant "control"
	//   variant "annual"
	//   payload of "annual": {"months":12}
	// key "dark-mode"
}

// The payload of a result is decoded once already.
func ExampleResult() {
	result := program(pricing, flags.Options{}).Evaluate("pricing-page", &flags.Subject{DistinctID: "u_1"})
	var plan struct{ Months int }
	if err := json.Unmarshal([]byte(result.Payload), &plan); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Value(), plan.Months, result.Reason, result.Flag().Name)
	// Output: annual 12 condition_match The new prices
}

// Several flags for one subject, into a slice that is used again.
func ExampleProgram_EvaluateKeys() {
	p := program(pricing, flags.Options{})
	results := make([]flags.Result, 0, 2)
	for _, id := range []string{"u_1", "u_2"} {
		results = p.EvaluateKeys([]string{"pricing-page", "dark-mode"}, &flags.Subject{DistinctID: id}, results[:0])
		fmt.Println(id, results[0].Value(), results[1].Value())
	}
	// Output:
	// u_1 annual false
	// u_2 annual false
}

// The error of a document that is none says where it ends being one.
func ExampleParse() {
	_, err := flags.Parse([]byte(`{"flags": [}`))
	fmt.Println(err)
	_, err = flags.Parse([]byte(`{"detail": "Invalid token."}`))
	fmt.Println(err)
	// Output:
	// flags: the definitions are not JSON: it has '}' where it needs a value at byte 11
	// flags: "flags" of the definitions is missing, want an array
}
