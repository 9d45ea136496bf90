package flags_test

import (
	"fmt"

	"github.com/hedgerow/posthog/flags"
)

const newNav = `{
	"flags": [{
		"id": 51, "key": "new-nav", "active": true,
		"filters": {
			"groups": [{"properties": [{"key": "plan", "type": "person", "operator": "exact", "value": ["pro"]}], "rollout_percentage": 50}],
			"multivariate": {"variants": [{"key": "control", "rollout_percentage": 50}, {"key": "blue", "rollout_percentage": 50}]},
			"payloads": {"blue": "{\"width\":2}"}
		}
	}]
}`

func Example() {
	definitions, err := flags.Parse([]byte(newNav))
	if err != nil {
		fmt.Println(err)
		return
	}
	program := flags.Compile(definitions, flags.Options{})

	result := program.Evaluate("new-nav", &flags.Subject{
		DistinctID:       "u_1",
		PersonProperties: map[string]any{"plan": "pro"},
	})
	fmt.Println(result.Enabled, result.Variant, result.Payload, result.Reason)

	// Nothing is known of the person: the answer is neither true nor false.
	result = program.Evaluate("new-nav", &flags.Subject{DistinctID: "u_1"})
	fmt.Println(result.Value(), result.Inconclusive)
	// Output:
	// true blue {"width":2} condition_match
	// <nil> MissingProperty (plan)
}

func ExampleSubject_groups() {
	definitions, err := flags.Parse([]byte(`{
		"flags": [{"key": "audit-log", "active": true, "filters": {
			"aggregation_group_type_index": 0,
			"groups": [{"properties": [{"key": "seats", "type": "group", "group_type_index": 0, "operator": "gte", "value": 10}]}]
		}}],
		"group_type_mapping": {"0": "company"}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	program := flags.Compile(definitions, flags.Options{})
	acme := flags.Group{Type: "company", Key: "acme", Properties: map[string]any{"seats": 40}}
	fmt.Println(program.Evaluate("audit-log", &flags.Subject{DistinctID: "u_1", Groups: []flags.Group{acme}}).Value())
	fmt.Println(program.Evaluate("audit-log", &flags.Subject{DistinctID: "u_1"}).Inconclusive)
	// Output:
	// true
	// MissingGroup
}

func ExampleProgram_EvaluateAll() {
	definitions, err := flags.Parse([]byte(newNav))
	if err != nil {
		fmt.Println(err)
		return
	}
	program := flags.Compile(definitions, flags.Options{})
	subject := flags.Subject{DistinctID: "u_1", PersonProperties: map[string]any{"plan": "free"}}
	for _, result := range program.EvaluateAll(&subject, nil) {
		fmt.Println(result.Key, result.Value(), result.Reason, result.ConditionIndex)
	}
	// Output: new-nav false no_condition_match 0
}

func ExampleProgram_Explain() {
	definitions, err := flags.Parse([]byte(newNav))
	if err != nil {
		fmt.Println(err)
		return
	}
	program := flags.Compile(definitions, flags.Options{})
	subject := flags.Subject{DistinctID: "u_1", PersonProperties: map[string]any{"plan": "PRO"}}
	fmt.Print(program.Explain("new-nav", &subject))
	// Output:
	// flag "new-nav" is "blue": condition_match, condition 0
	//   condition 0, person "u_1": condition_match
	//     plan exact ["pro"] (given "PRO"): matched
	//     rollout: within 50 %, "u_1" is at 34.021153
	//   variant: "blue", at 65.674095 of "control" below 50, "blue" below 100
}

func ExampleProgram_Problems() {
	definitions, err := flags.Parse([]byte(`{"flags": [
		{"key": "a", "active": true, "filters": {"groups": [{"rollout_percentage": "50"}]}},
		{"key": "b", "active": true, "filters": {"groups": [{"properties": [{"key": "plan", "operator": "like", "value": "p%"}]}]}},
		{"key": "c", "active": true, "filters": {"groups": []}}
	]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, problem := range flags.Compile(definitions, flags.Options{}).Problems() {
		fmt.Println(problem)
	}
	// Output:
	// flag "a": filters.groups[0].rollout_percentage is a string, want a number
	// flag "b": filters.groups[0].properties[0].operator is "like", which a filter on a property cannot have
}

func ExampleDefinitions() {
	definitions, err := flags.Parse([]byte(newNav))
	if err != nil {
		fmt.Println(err)
		return
	}
	flag, _ := definitions.Flag("new-nav")
	for _, condition := range flag.Conditions {
		for _, filter := range condition.Filters {
			fmt.Printf("%s %s %s for %g %%\n", filter.Key, filter.Operator, filter.Value, condition.RolloutPercentage)
		}
	}
	for _, variant := range flag.Variants {
		fmt.Printf("%s %g %%\n", variant.Key, variant.RolloutPercentage)
	}
	// Output:
	// plan exact ["pro"] for 50 %
	// control 50 %
	// blue 50 %
}
