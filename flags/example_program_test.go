package flags_test

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/hedgerow/posthog/flags"
)

const rollout = `{
	"flags": [
		{"key": "company-wide", "active": true, "filters": {"groups": [{"aggregation_group_type_index": 0}, {"rollout_percentage": 30}]}},
		{"key": "checkout", "active": true, "filters": {
			"groups": [{"properties": [{"key": "id", "type": "cohort", "value": 7}], "rollout_percentage": 100}],
			"multivariate": {"variants": [{"key": "blue", "rollout_percentage": 100}]},
			"holdout": {"id": 3, "exclusion_percentage": 10}
		}}
	],
	"group_type_mapping": {"0": "company"},
	"cohorts": {"7": {"type": "AND", "values": [{"key": "email", "type": "person", "operator": "icontains", "value": "@example.com"}]}}
}`

// What a program was compiled from can be walked, for a page about it or a generator.
func ExampleProgram_Definitions() {
	parsed, err := flags.Parse([]byte(rollout))
	if err != nil {
		fmt.Println(err)
		return
	}
	program := flags.Compile(parsed, flags.Options{})
	definitions := program.Definitions()
	for i := range definitions.Flags {
		flag := &definitions.Flags[i]
		for _, condition := range flag.Conditions {
			fmt.Println(flag.Key, about(condition.Aggregation), condition.RolloutPercentage)
		}
		if holdout := flag.Holdout; holdout != nil {
			fmt.Println(flag.Key, "keeps out", percent(*holdout))
		}
	}
	cohort := definitions.Cohorts["7"]
	fmt.Println("cohort", cohort.Root.Type, len(cohort.Root.Children))
	fmt.Println(program.Len(), "flags, with dates:", program.UsesClock())
	// Output:
	// company-wide groups 100
	// company-wide persons 30
	// checkout persons 100
	// checkout keeps out 10%
	// cohort AND 1
	// 2 flags, with dates: false
}

// about says what a condition is about, where its flag is about persons.
func about(a flags.Aggregation) string {
	if a.Own && a.GroupTypeIndex != nil {
		return "groups"
	}
	return "persons"
}

// percent is the share that a holdout keeps out.
func percent(h flags.Holdout) string { return fmt.Sprintf("%g%%", h.ExclusionPercentage) }

// The result of a flag is found by its index.
func ExampleProgram_Lookup() {
	parsed, err := flags.Parse([]byte(rollout))
	if err != nil {
		fmt.Println(err)
		return
	}
	program := flags.Compile(parsed, flags.Options{})
	results := program.EvaluateAll(&flags.Subject{DistinctID: "u_9", PersonProperties: map[string]any{"email": "a@example.com"}}, nil)
	if i, ok := program.Lookup("checkout"); ok {
		fmt.Println(results[i].Value())
	}
	// Output:
	// blue
}

// Each step of an explanation can be read by itself.
func ExampleExplanation() {
	parsed, err := flags.Parse([]byte(rollout))
	if err != nil {
		fmt.Println(err)
		return
	}
	program := flags.Compile(parsed, flags.Options{})
	why := program.Explain("checkout", &flags.Subject{DistinctID: "u_9", PersonProperties: map[string]any{"email": "a@example.com"}})
	held := func(share *flags.ExplainedShare) bool { return share != nil && share.Within }
	chosen := func(variant *flags.ExplainedVariant) string { return variant.Chosen }
	fmt.Println("held out:", held(why.Holdout))
	for _, condition := range why.Conditions {
		for _, filter := range condition.Filters {
			match := filter.Match
			fmt.Println("cohort", filter.Cohort.ID, match == flags.Matched)
		}
		fmt.Println("rolled out:", held(condition.Rollout))
	}
	fmt.Println("variant:", chosen(why.Variant))
	// Output:
	// held out: false
	// cohort 7 true
	// rolled out: true
	// variant: blue
}

// lenient is an engine that knows what Go's regular expressions lack, in part: atomic groups, which it takes for others.
type lenient struct{}

func (lenient) Compile(pattern string) (flags.RegexpPattern, error) {
	expression, err := regexp.Compile(strings.ReplaceAll(pattern, "(?>", "(?:"))
	if err != nil {
		return nil, err
	}
	return search{expression}, nil
}

// search is a flags.RegexpPattern.
type search struct{ expression *regexp.Regexp }

func (s search) MatchString(text string) (bool, error) { return s.expression.MatchString(text), nil }

// An engine of the application runs what Go's package cannot.
func ExampleRegexpEngine() {
	definitions, err := flags.Parse([]byte(`{"flags": [{"key": "staff", "active": true, "filters": {"groups": [
		{"properties": [{"key": "email", "type": "person", "operator": "regex", "value": "(?>[a-z]+)@example[.]com"}]}
	]}}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	subject := &flags.Subject{DistinctID: "u_1", PersonProperties: map[string]any{"email": "ada@example.com"}}
	fmt.Println(flags.Compile(definitions, flags.Options{}).Evaluate("staff", subject).Value())
	fmt.Println(flags.Compile(definitions, flags.Options{Regexp: lenient{}}).Evaluate("staff", subject).Value())
	// Output:
	// <nil>
	// true
}
