package flags_test

import (
	"strings"
	"testing"

	"github.com/hedgerow/posthog/flags"
)

// A flag with one member that is not as it should be. The rest of the flag, and the flag behind it, are in order.
//
// Proves FL-13.
func TestMalformedMembersThatDecide(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ flag, want string }{
		"a flag that is no object":           {`"a"`, `flags[0] is a string, want an object`},
		"a flag that is null":                {`null`, `flags[0] is null, want an object`},
		"no key":                             {`{"active":true,"filters":{"groups":[]}}`, `flags[0].key is missing, want a string`},
		"an empty key":                       {`{"key":"","active":true,"filters":{"groups":[]}}`, `flags[0].key is empty, want the name of the flag`},
		"a key that is a number":             {`{"key":1,"active":true,"filters":{"groups":[]}}`, `flags[0].key is a number, want a string`},
		"a key in capitals":                  {`{"Key":"a","active":true,"filters":{"groups":[]}}`, `flags[0].key is missing, want a string`},
		"no activity":                        {`{"key":"a","filters":{"groups":[]}}`, `active is missing, want a boolean`},
		"an activity that is null":           {`{"key":"a","active":null,"filters":{"groups":[]}}`, `active is null, want a boolean`},
		"an activity that is a number":       {`{"key":"a","active":1,"filters":{"groups":[]}}`, `active is a number, want a boolean`},
		"an activity that is overwritten":    {`{"key":"a","active":true,"active":"","filters":{"groups":[]}}`, `active is a string, want a boolean`},
		"a deletion that is a string":        {flag(`"deleted":"no"`, ``), `deleted is a string, want a boolean`},
		"a continuity that is a number":      {flag(`"ensure_experience_continuity":0`, ``), `ensure_experience_continuity is a number, want a boolean`},
		"a bucketing that is a boolean":      {flag(`"bucketing_identifier":false`, ``), `bucketing_identifier is a boolean, want a string`},
		"no filters":                         {`{"key":"a","active":true}`, `filters is missing, want an object`},
		"filters that are null":              {`{"key":"a","active":true,"filters":null}`, `filters is null, want an object`},
		"filters that are an array":          {`{"key":"a","active":true,"filters":[]}`, `filters is an array, want an object`},
		"no conditions":                      {`{"key":"a","active":true,"filters":{}}`, `filters.groups is missing, want an array`},
		"conditions that are null":           {flag(``, `"groups":null`), `filters.groups is null, want an array`},
		"conditions that are an object":      {flag(``, `"groups":{}`), `filters.groups is an object, want an array`},
		"a version that is a string":         {flag(``, `"version":"1"`), `filters.version is a string, want a number`},
		"a version that is no whole number":  {flag(``, `"version":1.5`), `filters.version is 1.5, want a whole number`},
		"a version without an end":           {flag(``, `"version":1e999`), `filters.version is 1e999, want a whole number`},
		"an early exit that is a string":     {flag(``, `"early_exit":"true"`), `filters.early_exit is a string, want a boolean`},
		"an enrollment that is a number":     {flag(``, `"feature_enrollment":1`), `filters.feature_enrollment is a number, want a boolean`},
		"an aggregation that is a string":    {flag(``, `"aggregation_group_type_index":"0"`), `filters.aggregation_group_type_index is a string, want a number`},
		"a negative aggregation":             {flag(``, `"aggregation_group_type_index":-1`), `filters.aggregation_group_type_index is -1, want the index of a group type, 0 or more`},
		"an aggregation with a fraction":     {flag(``, `"aggregation_group_type_index":0.5`), `filters.aggregation_group_type_index is 0.5, want a whole number`},
		"an aggregation beyond reason":       {flag(``, `"aggregation_group_type_index":4294967296`), `filters.aggregation_group_type_index is 4294967296, want the index of a group type, 0 or more`},
		"an aggregation that is endless":     {flag(``, `"aggregation_group_type_index":1`+strings.Repeat("0", 60)), `filters.aggregation_group_type_index is 1000000000000000000000000000000000000000..., want a whole number`},
		"a condition that is null":           {flag(``, `"groups":[{},null]`), `filters.groups[1] is null, want an object`},
		"a condition that is an array":       {flag(``, `"groups":[[]]`), `filters.groups[0] is an array, want an object`},
		"a rollout that is a string":         {condition(`"rollout_percentage":"50"`), `filters.groups[0].rollout_percentage is a string, want a number`},
		"a rollout that is a boolean":        {condition(`"rollout_percentage":true`), `filters.groups[0].rollout_percentage is a boolean, want a number`},
		"a rollout beyond a float64":         {condition(`"rollout_percentage":1e400`), `filters.groups[0].rollout_percentage is too large for a number`},
		"a variant that is a boolean":        {condition(`"variant":true`), `filters.groups[0].variant is a boolean, want a string`},
		"a condition's index is a string":    {condition(`"aggregation_group_type_index":"0"`), `filters.groups[0].aggregation_group_type_index is a string, want a number`},
		"properties that are an object":      {condition(`"properties":{}`), `filters.groups[0].properties is an object, want an array`},
		"variants beyond an object":          {flag(``, `"multivariate":[]`), `filters.multivariate is an array, want an object`},
		"variants that are an object":        {flag(``, `"multivariate":{"variants":{}}`), `filters.multivariate.variants is an object, want an array`},
		"a variant that is a string":         {flag(``, `"multivariate":{"variants":["a"]}`), `filters.multivariate.variants[0] is a string, want an object`},
		"a variant without a key":            {flag(``, `"multivariate":{"variants":[{"rollout_percentage":1}]}`), `filters.multivariate.variants[0].key is missing, want a string`},
		"a variant without a share":          {flag(``, `"multivariate":{"variants":[{"key":"a"}]}`), `filters.multivariate.variants[0].rollout_percentage is missing, want a number`},
		"a variant's share that is a string": {flag(``, `"multivariate":{"variants":[{"key":"a","rollout_percentage":"1"}]}`), `filters.multivariate.variants[0].rollout_percentage is a string, want a number`},
		"payloads that are an array":         {flag(``, `"payloads":[]`), `filters.payloads is an array, want an object`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := parse(t, `{"flags":[`+test.flag+`,`+flag(``, ``)+`]}`)
			got := d.Flags[0]
			if got.Err == nil || got.Err.Error() != test.want {
				t.Errorf("got error %v, want %s, of %s", got.Err, test.want, test.flag)
			}
			problems := flags.ProblemsFound(d)
			if len(problems) == 0 || problems[0].Path+" "+problems[0].Message != test.want || problems[0].Flag != got.Key {
				t.Errorf("got problems %q, want the first to be %s of flag %q", problems, test.want, got.Key)
			}
			if neighbour := d.Flags[1]; neighbour.Err != nil || !neighbour.Active {
				t.Errorf("got %s for the flag behind it", view(neighbour))
			}
		})
	}
}

func TestMalformedMembersThatInform(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ members, want string }{
		"an id that is a string":        {`"id":"51"`, `flag "a": id is a string, want a number; it is ignored`},
		"an id with a fraction":         {`"id":5.5`, `flag "a": id is 5.5, want a whole number; it is ignored`},
		"a name that is a number":       {`"name":1`, `flag "a": name is a number, want a string; it is ignored`},
		"a version that is a boolean":   {`"version":true`, `flag "a": version is a boolean, want a number; it is ignored`},
		"an experiment that is a text":  {`"has_experiment":"true"`, `flag "a": has_experiment is a string, want a boolean; it is ignored`},
		"an encryption that is null":    {`"has_encrypted_payloads":null`, ``},
		"an encryption that is a text":  {`"has_encrypted_payloads":""`, `flag "a": has_encrypted_payloads is a string, want a boolean; it is ignored`},
		"a runtime that is an array":    {`"evaluation_runtime":[]`, `flag "a": evaluation_runtime is an array, want a string; it is ignored`},
		"contexts that are a string":    {`"evaluation_contexts":"api"`, `flag "a": evaluation_contexts is a string, want an array; it is ignored`},
		"a member that nobody knows":    {`"later":[1]`, ``},
		"a known name in other letters": {`"Deleted":"no"`, ``},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := parse(t, `{"flags":[`+flag(test.members, ``)+`]}`)
			got := ""
			for _, problem := range flags.ProblemsFound(d) {
				got += problem.String()
			}
			if got != test.want {
				t.Errorf("got problems %s, want %s", got, test.want)
			}
			got = view(d.Flags[0])
			if want := view(parse(t, `{"flags":[`+flag(``, ``)+`]}`).Flags[0]); withoutRaw(got) != withoutRaw(want) {
				t.Errorf("got\n%s\nwant what the flag is without %s:\n%s", got, test.members, want)
			}
		})
	}
}

func TestWhatAFlagBecomes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ flag, want string }{
		"a minimal one":                       {flag(``, ``), ` Key "a" Active true Conditions (0)`},
		"null wherever it may be":             {flag(`"id":null,"name":null,"deleted":null,"has_experiment":null,"bucketing_identifier":null,"evaluation_contexts":null,"ensure_experience_continuity":null`, `"version":null,"aggregation_group_type_index":null,"multivariate":null,"payloads":null,"holdout":null,"early_exit":null,"feature_enrollment":null`), ` Key "a" Active true Conditions (0)`},
		"an id as large as can be":            {flag(`"id":9223372036854775807`, ``), ` ID 9223372036854775807 Key "a" Active true Conditions (0)`},
		"numbers with a point":                {flag(`"id":51.0,"version":2e1`, `"version":1.0,"aggregation_group_type_index":1.0`), ` ID 51 Key "a" Version 20 Active true GroupTypeIndex 1 Conditions (0) RulesVersion 1`},
		"an unknown bucketing":                {flag(`"bucketing_identifier":"Device_ID"`, ``), ` Key "a" Active true BucketingIdentifier "Device_ID" Conditions (0)`},
		"an experiment that is not":           {flag(`"has_experiment":false`, ``), ` Key "a" Active true HasExperiment false Conditions (0)`},
		"contexts by an older name":           {flag(`"evaluation_environments":["b"]`, ``), ` Key "a" Active true EvaluationContexts (1) [0] "b" Conditions (0)`},
		"contexts by all names":               {flag(`"evaluation_environments":["c"],"evaluation_tags":["b"],"evaluation_contexts":["a",1,"d"]`, ``), ` Key "a" Active true EvaluationContexts (2) [0] "a" [1] "d" Conditions (0)`},
		"members twice":                       {flag(`"key":"b","active":false,"filters":1,"filters":{"groups":[]}`, ``), ` Key "b" Conditions (0)`},
		"a key with escapes":                  {flag(`"key":"\u0062\ud83d\ude42\ud800"`, ``), ` Key "b🙂` + "\ufffd" + `" Active true Conditions (0)`},
		"rules of a later version":            {flag(``, `"version":2,"groups":7,"holdout":7`), ` Key "a" Active true RulesVersion 2`},
		"rules of a negative version":         {flag(``, `"version":-9223372036854775808`), ` Key "a" Active true RulesVersion -2147483648`},
		"rules of version 0":                  {flag(``, `"version":0`), ` Key "a" Active true Conditions (0)`},
		"an empty condition":                  {flag(``, `"groups":[{}]`), ` Key "a" Active true Conditions (1) [0] RolloutPercentage 100`},
		"a condition of nulls":                {condition(`"properties":null,"rollout_percentage":null,"variant":null`), ` Key "a" Active true Conditions (1) [0] RolloutPercentage 100`},
		"a rollout with a fraction":           {condition(`"rollout_percentage":0.1`), ` Key "a" Active true Conditions (1) [0] RolloutPercentage 0.1`},
		"a rollout beyond all":                {condition(`"rollout_percentage":-1e300`), ` Key "a" Active true Conditions (1) [0] RolloutPercentage -1e+300`},
		"a rollout of nothing":                {condition(`"rollout_percentage":1e-999`), ` Key "a" Active true Conditions (1) [0]`},
		"a condition about persons":           {condition(`"aggregation_group_type_index":null`), ` Key "a" Active true Conditions (1) [0] RolloutPercentage 100 Aggregation Own true`},
		"a condition about a group":           {condition(`"aggregation_group_type_index":0`), ` Key "a" Active true Conditions (1) [0] RolloutPercentage 100 Aggregation Own true GroupTypeIndex 0`},
		"no variants":                         {flag(``, `"multivariate":{}`), ` Key "a" Active true Conditions (0)`},
		"variants that are null":              {flag(``, `"multivariate":{"variants":null}`), ` Key "a" Active true Conditions (0)`},
		"a variant without a name":            {flag(``, `"multivariate":{"variants":[{"key":"","rollout_percentage":1,"name":[]}]}`), ` Key "a" Active true Conditions (0) Variants (1) [0] RolloutPercentage 1`},
		"payloads as they are":                {flag(``, `"payloads":{"true":"{}","b\n":{"c":1.50},"n":null,"true":"x"}`), ` Key "a" Active true Conditions (0) Payloads (3) [b ] {"c":1.50} [n] null [true] "x"`},
		"no payloads":                         {flag(``, `"payloads":{}`), ` Key "a" Active true Conditions (0)`},
		"a holdout":                           {flag(``, `"holdout":{"id":7.0,"exclusion_percentage":10.5,"later":1}`), ` Key "a" Active true Conditions (0) Holdout ID "7" ExclusionPercentage 10.5`},
		"a holdout of more than all":          {flag(``, `"holdout":{"id":7,"exclusion_percentage":101}`), ` Key "a" Active true Conditions (0) Holdout ID "7" ExclusionPercentage 100`},
		"a holdout of less than none":         {flag(``, `"holdout":{"id":7,"exclusion_percentage":-1}`), ` Key "a" Active true Conditions (0) Holdout ID "7"`},
		"a holdout that is a number":          {flag(``, `"holdout":7`), ` Key "a" Active true Conditions (0) Holdout Err "filters.holdout is a number, want an object"`},
		"a holdout without an id":             {flag(``, `"holdout":{"exclusion_percentage":1}`), ` Key "a" Active true Conditions (0) Holdout ExclusionPercentage 1 Err "filters.holdout.id is missing, want a number"`},
		"a holdout whose id is a string":      {flag(``, `"holdout":{"id":"7","exclusion_percentage":1}`), ` Key "a" Active true Conditions (0) Holdout ExclusionPercentage 1 Err "filters.holdout.id is a string, want a number"`},
		"a holdout whose id has a fraction":   {flag(``, `"holdout":{"id":7.5,"exclusion_percentage":1}`), ` Key "a" Active true Conditions (0) Holdout ExclusionPercentage 1 Err "filters.holdout.id is 7.5, want a whole number"`},
		"a holdout without a share":           {flag(``, `"holdout":{"id":7}`), ` Key "a" Active true Conditions (0) Holdout ID "7" Err "filters.holdout.exclusion_percentage is missing, want a number"`},
		"a holdout whose share is a string":   {flag(``, `"holdout":{"id":7,"exclusion_percentage":"1"}`), ` Key "a" Active true Conditions (0) Holdout ID "7" Err "filters.holdout.exclusion_percentage is a string, want a number"`},
		"an empty holdout":                    {flag(``, `"holdout":{}`), ` Key "a" Active true Conditions (0) Holdout Err "filters.holdout.id is missing, want a number"`},
		"a holdout that is overwritten":       {flag(``, `"holdout":{},"holdout":null`), ` Key "a" Active true Conditions (0)`},
		"several mistakes":                    {`{"key":"a","active":0,"deleted":0,"filters":[]}`, ` Key "a" Err "active is a number, want a boolean"`},
		"a mistake beside what can be read":   {flag(`"deleted":0`, `"groups":[{"rollout_percentage":5},1]`), ` Key "a" Active true Conditions (2) [0] RolloutPercentage 5 [1] RolloutPercentage 100 Err "deleted is a number, want a boolean"`},
		"a mistake in a filter is the filter": {condition(`"properties":[{"key":1}]`), ` Key "a" Active true Conditions (1) [0] Filters (1) [0] Err "filters.groups[0].properties[0].key is a number, want a string" RolloutPercentage 100`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := parse(t, `{"flags":[`+test.flag+`]}`)
			got := withoutRaw(view(d.Flags[0]))
			if got != test.want {
				t.Errorf("got\n%s\nwant\n%s\nof %s", got, test.want, test.flag)
			}
		})
	}
}

func TestAFlagIsOffIfThatCanBeRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		flag(``, ``):                              false,
		flag(`"active":false`, ``):                true,
		flag(`"deleted":true`, ``):                true,
		flag(`"active":false,"filters":[]`, ``):   true,
		flag(`"active":false,"deleted":1`, ``):    true,
		flag(`"active":null`, ``):                 false,
		flag(`"active":0`, ``):                    false,
		flag(`"active":0,"deleted":true`, ``):     false,
		flag(`"active":true,"deleted":"x"`, ``):   false,
		`7`:                                       false,
		`{"key":"a"}`:                             false,
		`{"active":false,"filters":{"groups":7}}`: true,
	} {
		d := parse(t, `{"flags":[`+text+`]}`)
		if got := flags.Off(&d.Flags[0]); got != want {
			t.Errorf("got %t, want %t, of %s", got, want, text)
		}
	}
	if !flags.Off(&flags.Flag{}) || flags.Off(&flags.Flag{Active: true}) {
		t.Error("flags made by hand are not off exactly if they are not active")
	}
}

// flag is a flag with more members, and more members in its filters. The last of several counts.
func flag(members, filters string) string {
	return object(`"key":"a","active":true`, `"filters":`+object(`"groups":[]`, filters), members)
}

// condition is a flag with a condition of some members.
func condition(members string) string { return flag(``, `"groups":[{`+members+`}]`) }

func object(members ...string) string {
	var given []string
	for _, member := range members {
		if member != "" {
			given = append(given, member)
		}
	}
	return "{" + strings.Join(given, ",") + "}"
}

// withoutRaw is a view on one line, without the text that it was made from.
func withoutRaw(view string) string {
	var words []string
	for line := range strings.Lines(view) {
		if !strings.HasPrefix(strings.TrimSpace(line), "Raw ") {
			words = append(words, strings.Fields(line)...)
		}
	}
	return " " + strings.Join(words, " ")
}
