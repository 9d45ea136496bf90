package flags_test

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/flags/internal/sample"
	"github.com/hedgerow/posthog/internal/golden"
)

// wholeDocument has every member that this package knows, and mistakes of every weight.
//
//go:embed testdata/document.json
var wholeDocument string

func TestParseRefusesWhatIsNoDefinitionsDocument(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ document, want string }{
		"nothing":                        {"", "flags: the definitions are not JSON: it ends where it needs a value at byte 0"},
		"a document cut short":           {`{"flags":[{"key":"a"`, `flags: the definitions are not JSON: it ends where it needs "," or "}" at byte 20`},
		"text behind the document":       {`{"flags":[]} x`, `flags: the definitions are not JSON: it has 'x' where it needs the end at byte 13`},
		"a second document":              {`{"flags":[]}{}`, `flags: the definitions are not JSON: it has '{' where it needs the end at byte 12`},
		"an error behind a mark":         {"\ufeff{]", `flags: the definitions are not JSON: it has ']' where it needs the name of a member at byte 4`},
		"two byte order marks":           {"\ufeff\ufeff{}", `flags: the definitions are not JSON: it has 'ï' where it needs a value at byte 3`},
		"a page of an error":             {"<html>", `flags: the definitions are not JSON: it has '<' where it needs a value at byte 0`},
		"an array":                       {`[]`, `flags: the definitions are an array, want an object with an array "flags"`},
		"null":                           {`null`, `flags: the definitions are null, want an object with an array "flags"`},
		"a string":                       {`"flags"`, `flags: the definitions are a string, want an object with an array "flags"`},
		"an object without flags":        {`{"detail":"no"}`, `flags: "flags" of the definitions is missing, want an array`},
		"flags that are null":            {`{"flags":null}`, `flags: "flags" of the definitions is null, want an array`},
		"flags that are an object":       {`{"flags":{}}`, `flags: "flags" of the definitions is an object, want an array`},
		"flags in capitals":              {`{"Flags":[]}`, `flags: "flags" of the definitions is missing, want an array`},
		"flags that are overwritten":     {`{"flags":[],"flags":1}`, `flags: "flags" of the definitions is a number, want an array`},
		"a hundred thousand open arrays": {strings.Repeat("[", 100_000), "flags: the definitions are not JSON: it ends where it needs a value at byte 100000"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			definitions, err := flags.Parse([]byte(test.document))
			if err == nil || err.Error() != test.want {
				t.Errorf("got error %v, want %s", err, test.want)
			}
			if definitions != nil {
				t.Errorf("got definitions %s beside the error", view(definitions))
			}
		})
	}
}

func TestTopLevelMembers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ members, want string }{
		"nothing beside flags":            {``, `types map[], cohorts 0, minimal false, matching 1`},
		"everything":                      {`"group_type_mapping":{"0":"company","12":"team"},"cohorts":{"7":{}},"minimal_flag_called_events":true,"property_matching_version":2`, `types map[0:company 12:team], cohorts 1, minimal true, matching 2`},
		"camel case":                      {`"groupTypeMapping":{"0":"company"},"minimalFlagCalledEvents":true,"propertyMatchingVersion":2`, `types map[0:company], cohorts 0, minimal true, matching 2`},
		"snake case wins over camel case": {`"group_type_mapping":{"1":"a"},"groupTypeMapping":{"0":"b"},"minimal_flag_called_events":false,"minimalFlagCalledEvents":true,"property_matching_version":1,"propertyMatchingVersion":2`, `types map[1:a], cohorts 0, minimal false, matching 1`},
		"null counts as absent":           {`"group_type_mapping":null,"groupTypeMapping":{"0":"b"},"cohorts":null,"minimal_flag_called_events":null,"property_matching_version":null`, `types map[0:b], cohorts 0, minimal false, matching 1`},
		"wrong capitals are unknown":      {`"Group_type_mapping":{"1":"a"},"Cohorts":{"1":{}},"MINIMAL_FLAG_CALLED_EVENTS":true`, `types map[], cohorts 0, minimal false, matching 1`},
		"a gate that is truthy":           {`"minimal_flag_called_events":1`, `types map[], cohorts 0, minimal false, matching 1`},
		"a later matching version":        {`"property_matching_version":3`, `types map[], cohorts 0, minimal false, matching 1`},
		"a matching version with a point": {`"property_matching_version":2.0`, `types map[], cohorts 0, minimal false, matching 2`},
		"the last of duplicates":          {`"property_matching_version":2,"property_matching_version":1,"group_type_mapping":{"0":"a","0":"b"}`, `types map[0:b], cohorts 0, minimal false, matching 1`},
		"indexes written otherwise":       {`"group_type_mapping":{"00":"a","+1":"b","-1":"c","1.0":"d","":"e"}`, `types map[], cohorts 0, minimal false, matching 1`},
		"an index that lost its name":     {`"group_type_mapping":{"0":"a","0":null,"1":""}`, `types map[], cohorts 0, minimal false, matching 1`},
		"names with escapes":              {`"\u0063ohorts":{"7":{}}`, `types map[], cohorts 1, minimal false, matching 1`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			document := `{"flags":[]}`
			if test.members != "" {
				document = `{"flags":[],` + test.members + `}`
			}
			d := parse(t, document)
			got := fmt.Sprintf("types %v, cohorts %d, minimal %t, matching %d",
				d.GroupTypes, len(d.Cohorts), d.MinimalFlagCalledEvents, d.PropertyMatchingVersion)
			if got != test.want {
				t.Errorf("got %s, want %s, from %s", got, test.want, document)
			}
		})
	}
}

// Proves FD-10.
func TestWholeDocument(t *testing.T) {
	t.Parallel()
	d := parse(t, wholeDocument)
	golden.Compare(t, "testdata/document.golden", []byte(view(d)))
	var problems strings.Builder
	for _, problem := range flags.ProblemsFound(d) {
		fmt.Fprintln(&problems, problem)
	}
	golden.Compare(t, "testdata/problems.golden", []byte(problems.String()))
}

func TestJSONIsTheDocumentAsItWas(t *testing.T) {
	t.Parallel()
	for name, document := range map[string]string{
		"unknown members": `{"flags":[{"key":"a","later":{"x":[1,2]}}],"later":1}`,
		"literals":        ` {"flags" : [ {"id":12345678901234567890,"x":1.50e+00,"y":"\u00e9\/"} ] } `,
		"invalid UTF-8":   "{\"flags\":[{\"key\":\"\xff\"}]}",
		"a whole one":     wholeDocument,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given := []byte("\ufeff" + document)
			d, err := flags.Parse(given)
			if err != nil {
				t.Fatal(err)
			}
			clear(given)
			if got := d.JSON(); string(got) != document {
				t.Errorf("got %q, want %q", got, document)
			}
			clear(d.JSON())
			if got := d.JSON(); string(got) != document {
				t.Errorf("after a change to an earlier copy: got %q, want %q", got, document)
			}
		})
	}
}

func TestRawIsTheFlagAndTheCohortAsTheyWere(t *testing.T) {
	t.Parallel()
	d := parse(t, `{"flags":[ {"key":"a", "id": 1.0}, 7 ],"cohorts":{"9": {"x":[ ]} }}`)
	for i, want := range []string{`{"key":"a", "id": 1.0}`, `7`} {
		if got := string(d.Flags[i].Raw); got != want {
			t.Errorf("flag %d: got %s, want %s", i, got, want)
		}
	}
	if got, want := string(d.Cohorts["9"].Raw), `{"x":[ ]}`; got != want {
		t.Errorf("cohort: got %s, want %s", got, want)
	}
	before := string(d.JSON())
	d.Flags[0].Raw = append(d.Flags[0].Raw, "overwrites what follows"...)
	if got := string(d.JSON()); got != before {
		t.Errorf("after an append to a flag's text: got %s, want %s", got, before)
	}
}

func TestFlagByKey(t *testing.T) {
	t.Parallel()
	d := parse(t, `{"flags":[{"key":"a","id":1},{"key":"b","id":2},{"key":"a","id":3},{"key":"","id":4},{"id":5}]}`)
	made := &flags.Definitions{Flags: []flags.Flag{{Key: "a", ID: 1}, {Key: "b", ID: 2}, {Key: "a", ID: 3}, {ID: 4}}}
	for key, want := range map[string]int64{"a": 3, "b": 2, "": 0, "c": 0, "A": 0} {
		for source, definitions := range map[string]*flags.Definitions{"parsed": d, "made by hand": made} {
			flag, ok := definitions.Flag(key)
			if ok != (want != 0) || ok && flag.ID != want {
				t.Errorf("flag %q, %s: got %+v, %t, want id %d", key, source, flag, ok, want)
			}
		}
	}
	if got := made.JSON(); got != nil {
		t.Errorf("got document %q of definitions made by hand, want none", got)
	}
}

// Proves FD-10.
func TestADeepFlagCostsTheOthersNothing(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"a":[`, 20_000) + strings.Repeat(`]}`, 20_000)
	d := parse(t, `{"flags":[{"key":"a","active":true,"filters":{"groups":[{"properties":[`+deep+`]}]},"later":`+deep+`},`+
		`{"key":"b","active":true,"filters":{"groups":[]}}]}`)
	for _, key := range []string{"a", "b"} {
		if flag, ok := d.Flag(key); !ok || flag.Err != nil {
			t.Errorf("flag %q: got %t with error %v, want one without error", key, ok, flag.Err)
		}
	}
	if err := d.Flags[0].Conditions[0].Filters[0].Err; err == nil {
		t.Error("got no error for a filter without a key")
	}
}

func TestSampleDocumentsHaveNoProblems(t *testing.T) {
	t.Parallel()
	for _, kind := range sample.Kinds {
		d := parse(t, string(sample.Document(70, kind)))
		if problems := flags.ProblemsFound(d); len(d.Flags) != 70 || len(problems) != 0 {
			t.Errorf("kind %q: got %d flags and problems %v, want 70 and none", kind, len(d.Flags), problems)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"flags":[]}`,
		`{"flags":[{"key":"a","active":true,"filters":{"groups":[{"properties":[{"key":"k","value":1.50}],"rollout_percentage":5}]}}]}`,
		`{"flags":[{"key":"a"},{"key":"a","key":null},[],"x",1e999]}`,
		`{"flags":[{"key":"\u0061\ud800","active":1,"filters":{"groups":[{"variant":[]}],"holdout":{"id":7}}}],"group_type_mapping":{"0":"a"}}`,
		`{"flags":[{"key":"a","active":true,"filters":{"groups":[],"multivariate":{"variants":[{"key":"b"}]},"payloads":{"b":null}}}]}`,
		`{"flags":[],"cohorts":{"7":{"type":"OR","values":[{"type":"AND","values":[]},{"key":"k","dependency_chain":["a"]},7]},"8":{}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		d, err := flags.Parse(document)
		if want := isDefinitions(document); want != (err == nil) {
			t.Fatalf("got error %v for %q, which is a definitions document: %t", err, document, want)
		}
		if err != nil {
			return
		}
		again, err := flags.Parse(d.JSON())
		if err != nil {
			t.Fatalf("its JSON %q does not parse: %v", d.JSON(), err)
		}
		if got, want := view(again), view(d); got != want {
			t.Fatalf("its JSON parses to another view:\n%s\nwant\n%s", got, want)
		}
		for i := range d.Flags {
			if d.Flags[i].Key == "" {
				continue // its Err names its place in the document
			}
			alone := parse(t, `{"flags":[`+string(d.Flags[i].Raw)+`]}`)
			if got, want := view(alone.Flags[0]), view(d.Flags[i]); got != want {
				t.Fatalf("a flag without the others has another view:\n%s\nwant\n%s", got, want)
			}
		}
		for id, cohort := range d.Cohorts {
			name, err := json.Marshal(id)
			if err != nil {
				t.Fatal(err)
			}
			alone := parse(t, `{"flags":[],"cohorts":{`+string(name)+`:`+string(cohort.Raw)+`}}`)
			if got, want := view(alone.Cohorts[id]), view(cohort); got != want {
				t.Fatalf("a cohort without the others has another view:\n%s\nwant\n%s", got, want)
			}
		}
	})
}

// isDefinitions is what Parse accepts, as encoding/json sees it.
func isDefinitions(document []byte) bool {
	var members map[string]json.RawMessage
	if json.Unmarshal(bytes.TrimPrefix(document, []byte("\ufeff")), &members) != nil {
		return false
	}
	return strings.HasPrefix(string(members["flags"]), "[")
}

func parse(t *testing.T, document string) *flags.Definitions {
	t.Helper()
	d, err := flags.Parse([]byte(document))
	if err != nil {
		t.Fatalf("parse %.200q: %v", document, err)
	}
	return d
}
