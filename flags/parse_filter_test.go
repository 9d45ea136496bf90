package flags_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/flags"
)

// Proves FL-13.
func TestWhatAFilterBecomes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ filter, want string }{
		"one of everything":             {`{"key":"k","type":"group","operator":"gte","value":[1.50, "x"],"negation":true,"group_type_index":2.0,"dependency_chain":["a","b"],"later":1}`, ` Key "k" Type "group" Operator "gte" Value [1.50, "x"] Negation true GroupTypeIndex 2 DependencyChain (2) [0] "a" [1] "b"`},
		"only a key":                    {`{"key":"k"}`, ` Key "k"`},
		"null wherever it may be":       {`{"key":"k","type":null,"operator":null,"value":null,"negation":null,"group_type_index":null,"dependency_chain":null}`, ` Key "k" Value null`},
		"an empty chain":                {`{"key":"k","dependency_chain":[]}`, ` Key "k" DependencyChain (0)`},
		"members twice":                 {`{"key":1,"value":1,"key":"k","value":2}`, ` Key "k" Value 2`},
		"names in capitals":             {`{"key":"k","Operator":1,"VALUE":1}`, ` Key "k"`},
		"a number that is literal":      {`{"key":"k","value":12345678901234567890.10}`, ` Key "k" Value 12345678901234567890.10`},
		"no object":                     {`"k"`, ` Err "PLACE is a string, want an object"`},
		"null":                          {`null`, ` Err "PLACE is null, want an object"`},
		"no key":                        {`{"value":1}`, ` Value 1 Err "PLACE.key is missing, want a string"`},
		"a key that is null":            {`{"key":null}`, ` Err "PLACE.key is null, want a string"`},
		"an empty key":                  {`{"key":""}`, ` Err "PLACE.key is empty, want the name of a property"`},
		"a type that is a number":       {`{"key":"k","type":1}`, ` Key "k" Err "PLACE.type is a number, want a string"`},
		"an operator that is an array":  {`{"key":"k","operator":[]}`, ` Key "k" Err "PLACE.operator is an array, want a string"`},
		"a negation that is a string":   {`{"key":"k","negation":"true"}`, ` Key "k" Err "PLACE.negation is a string, want a boolean"`},
		"an index that is a string":     {`{"key":"k","group_type_index":"0"}`, ` Key "k" Err "PLACE.group_type_index is a string, want a number"`},
		"a negative index":              {`{"key":"k","group_type_index":-1}`, ` Key "k" Err "PLACE.group_type_index is -1, want the index of a group type, 0 or more"`},
		"a chain that is a string":      {`{"key":"k","dependency_chain":"a"}`, ` Key "k" Err "PLACE.dependency_chain is a string, want an array"`},
		"a chain with a number in it":   {`{"key":"k","dependency_chain":["a",1]}`, ` Key "k" DependencyChain (1) [0] "a" Err "PLACE.dependency_chain[1] is a number, want a string"`},
		"several mistakes, the first":   {`{"key":1,"operator":2}`, ` Err "PLACE.key is a number, want a string"`},
		"a type that nobody knows":      {`{"key":"k","type":"behavioral"}`, ` Key "k" Type "behavioral"`},
		"an operator that nobody knows": {`{"key":"k","operator":"near"}`, ` Key "k" Operator "near"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := parse(t, `{"flags":[`+condition(`"properties":[{"key":"before"},`+test.filter+`,{"key":"after"}]`)+`],`+
				`"cohorts":{"7":{"type":"OR","values":[{"key":"before"},`+test.filter+`,{"key":"after"}]}}}`)
			if err := d.Flags[0].Err; err != nil {
				t.Errorf("got error %v of the flag, want it on the filter alone", err)
			}
			filters := d.Flags[0].Conditions[0].Filters
			want := strings.ReplaceAll(test.want, "PLACE", "filters.groups[0].properties[1]")
			if got := withoutRaw(view(filters[1])); got != want {
				t.Errorf("got\n%s\nwant\n%s\nof %s", got, want, test.filter)
			}
			if filters[0].Err != nil || filters[2].Err != nil {
				t.Errorf("got errors %v and %v of the filters beside it", filters[0].Err, filters[2].Err)
			}
			leaf := d.Cohorts["7"].Root.Children[1]
			want = strings.ReplaceAll(test.want, "PLACE", "values[1]")
			if leaf.Filter == nil {
				leaf.Filter = &flags.Filter{Err: leaf.Err}
			}
			if got := withoutRaw(view(leaf.Filter)); got != want {
				t.Errorf("as a leaf: got\n%s\nwant\n%s\nof %s", got, want, test.filter)
			}
			if fmt.Sprint(leaf.Err) != fmt.Sprint(leaf.Filter.Err) {
				t.Errorf("as a leaf: got error %v of the node, %v of the filter", leaf.Err, leaf.Filter.Err)
			}
		})
	}
}

// Proves FD-10.
func TestWhatACohortBecomes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ cohort, want, problem string }{
		"an empty group":                {`{"type":"OR","values":[]}`, ` ID "7" Root Type "OR" Children (0)`, ``},
		"groups in groups":              {`{"type":"AND","values":[{"type":"property","values":[{"type":"OR","values":[{"key":"k"}]}]}]}`, ` ID "7" Root Type "AND" Children (1) [0] Type "property" Children (1) [0] Type "OR" Children (1) [0] Filter Key "k"`, ``},
		"a group and a leaf":            {`{"type":"OR","values":[{"key":"k","type":"person","value":1},{"type":"OR","values":[]}]}`, ` ID "7" Root Type "OR" Children (2) [0] Filter Key "k" Type "person" Value 1 [1] Type "OR" Children (0)`, ``},
		"an empty definition":           {`{}`, ` ID "7" Root Err "type is missing, want a string"`, `cohort "7": type is missing, want a string`},
		"a definition that is null":     {`null`, ` ID "7" Root Err "it is null, want an object"`, `cohort "7": it is null, want an object`},
		"a definition that is a number": {`7`, ` ID "7" Root Err "it is a number, want an object"`, `cohort "7": it is a number, want an object`},
		"a leaf for a root":             {`{"key":"k","type":"person","value":1}`, ` ID "7" Root Type "person" Err "type is \"person\", want \"OR\", \"AND\" or \"property\""`, `cohort "7": type is "person", want "OR", "AND" or "property"`},
		"a type in small letters":       {`{"type":"or","values":[]}`, ` ID "7" Root Type "or" Children (0) Err "type is \"or\", want \"OR\", \"AND\" or \"property\""`, `cohort "7": type is "or", want "OR", "AND" or "property"`},
		"a type that is a number":       {`{"type":1,"values":[]}`, ` ID "7" Root Children (0) Err "type is a number, want a string"`, `cohort "7": type is a number, want a string`},
		"values that are an object":     {`{"type":"OR","values":{}}`, ` ID "7" Root Type "OR" Err "values is an object, want an array"`, `cohort "7": values is an object, want an array`},
		"a child that is a number":      {`{"type":"OR","values":[1]}`, ` ID "7" Root Type "OR" Children (1) [0] Err "values[0] is a number, want an object"`, `cohort "7": values[0] is a number, want an object`},
		"a child's values are null":     {`{"type":"OR","values":[{"type":"AND","values":null}]}`, ` ID "7" Root Type "OR" Children (1) [0] Filter Type "AND" Err "values[0].key is missing, want a string" Err "values[0].key is missing, want a string"`, `cohort "7": values[0].key is missing, want a string`},
		"a mistake far below":           {`{"type":"OR","values":[{"type":"AND","values":[{"key":"k"},{"key":"k","operator":1}]}]}`, ` ID "7" Root Type "OR" Children (1) [0] Type "AND" Children (2) [0] Filter Key "k" [1] Filter Key "k" Err "values[0].values[1].operator is a number, want a string" Err "values[0].values[1].operator is a number, want a string"`, `cohort "7": values[0].values[1].operator is a number, want a string`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := parse(t, `{"flags":[],"cohorts":{"6":{"type":"OR","values":[]},"7":`+test.cohort+`,"8":{"type":"OR","values":[]}}}`)
			if got := withoutRaw(view(d.Cohorts["7"])); got != test.want {
				t.Errorf("got\n%s\nwant\n%s\nof %s", got, test.want, test.cohort)
			}
			problem := ""
			if problems := flags.ProblemsFound(d); len(problems) > 0 {
				problem = problems[0].String()
			}
			if problem != test.problem {
				t.Errorf("got problem %s, want %s, of %s", problem, test.problem, test.cohort)
			}
			if d.Cohorts["6"].Root.Err != nil || d.Cohorts["8"].Root.Err != nil {
				t.Errorf("got errors %v and %v of the cohorts beside it", d.Cohorts["6"].Root.Err, d.Cohorts["8"].Root.Err)
			}
		})
	}
}

func TestTheLastOfTwoCohortsCounts(t *testing.T) {
	t.Parallel()
	d := parse(t, `{"flags":[],"cohorts":{"7":{"type":"OR","values":[]},"7":{"type":"AND","values":[]}}}`)
	if got := d.Cohorts["7"].Root.Type; got != "AND" || len(d.Cohorts) != 1 {
		t.Errorf("got type %q among %d cohorts, want AND alone", got, len(d.Cohorts))
	}
}

// Proves FL-28.
func TestACohortIsNoDeeperThan32Nodes(t *testing.T) {
	t.Parallel()
	for groups, fits := range map[int]bool{31: true, 32: false, 33: false, 1_000: false} {
		tree := strings.Repeat(`{"type":"OR","values":[`, groups) + `{"key":"k"}` + strings.Repeat(`]}`, groups)
		d := parse(t, `{"flags":[],"cohorts":{"7":`+tree+`}}`)
		node := d.Cohorts["7"].Root
		depth := 1
		for ; len(node.Children) > 0; depth++ {
			if node.Err != nil {
				t.Fatalf("%d groups: got error %v at depth %d", groups, node.Err, depth)
			}
			node = node.Children[0]
		}
		if got := node.Err == nil && node.Filter != nil; got != fits || depth != min(groups+1, 33) {
			t.Errorf("%d groups: got a tree of depth %d that ends with %s", groups, depth, view(node))
		}
		if !fits && !strings.HasSuffix(node.Err.Error(), "values[0] is below 32 others, want a tree less deep") {
			t.Errorf("%d groups: got error %v", groups, node.Err)
		}
	}
}
