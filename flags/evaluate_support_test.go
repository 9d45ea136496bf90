package flags_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/flags"
)

// document is a definitions document with some flags, the group type "company" and further members.
func document(members string, definitions ...string) string {
	return object(`"flags":[`+strings.Join(definitions, ",")+`]`, `"group_type_mapping":{"0":"company"}`, members)
}

// named is a flag with a key, an array of conditions and further members of its filters.
func named(key, conditions, filters string) string {
	return object(fmt.Sprintf(`"key":%q,"active":true`, key), `"filters":`+object(`"groups":`+conditions, filters))
}

// person is a filter on a property of the person.
func person(key, operator, value string) string {
	return object(fmt.Sprintf(`"type":"person","key":%q,"operator":%q,"value":%s`, key, operator, value))
}

// is is a filter for an exact property of the person.
func is(key, value string) string { return person(key, "exact", fmt.Sprintf("%q", value)) }

// given is a condition with a percentage, further members and filters.
func given(percentage, members string, filters ...string) string {
	return object(`"rollout_percentage":`+percentage, `"properties":[`+strings.Join(filters, ",")+`]`, members)
}

// depends is a filter on another flag.
func depends(key, value string) string {
	return fmt.Sprintf(`{"type":"flag","key":%q,"operator":"flag_evaluates_to","value":%s,"dependency_chain":[%[1]q]}`, key, value)
}

// in is a filter on a cohort.
func in(operator, id string) string {
	return object(`"type":"cohort","key":"id","operator":"`+operator+`"`, `"value":`+id)
}

// list is a JSON array.
func list(elements ...string) string { return "[" + strings.Join(elements, ",") + "]" }

// properties are the short for the properties of a person.
type properties = map[string]any

// compiled is the program of a document.
func compiled(tb testing.TB, document string) *flags.Program {
	tb.Helper()
	d, err := flags.Parse([]byte(document))
	if err != nil {
		tb.Fatalf("parse %.200q: %v", document, err)
	}
	return flags.Compile(d, flags.Options{})
}

// valueOf is a result in a word: true, false, "a variant", or why there is none.
func valueOf(r flags.Result) string {
	switch value := r.Value().(type) {
	case nil:
		return r.Inconclusive.String()
	case string:
		return fmt.Sprintf("%q", value)
	default:
		return fmt.Sprint(value)
	}
}

// full is a result with everything in it.
func full(r flags.Result) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %d %s", valueOf(r), r.Reason, r.ConditionIndex, r.Payload))
}

// noon is what the clock says in tests.
func noon() time.Time { return time.Date(2026, time.March, 31, 12, 0, 0, 0, time.UTC) }

// question is a flag in a document, and who asks.
type question struct {
	document string
	key      string
	subject  flags.Subject
	want     string
}

// ask asks the questions by name: what the value is, or, where want has more than one word in front, everything.
func ask(t *testing.T, questions map[string]question) {
	t.Helper()
	for name, q := range questions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if q.key == "" {
				q.key = redesign
			}
			p := compiled(t, q.document)
			r := p.Evaluate(q.key, &q.subject)
			if got := valueOf(r); got != q.want && full(r) != q.want {
				t.Errorf("got %s, want %s, of flag %s in\n%s\nfor %+v\n%s",
					full(r), q.want, q.key, q.document, q.subject, p.Explain(q.key, &q.subject))
			}
		})
	}
}

// redesign is the flag that most questions are about. user-1 is at .564 and user-2 at .0225 of its rollout.
const redesign = "checkout-redesign"

func user(id string) flags.Subject { return flags.Subject{DistinctID: id} }

// with is user-1 with properties.
func with(known properties) flags.Subject {
	return flags.Subject{DistinctID: "user-1", PersonProperties: known}
}

// of is user-1 acting for companies.
func of(keys ...any) flags.Subject {
	s := user("user-1")
	for _, key := range keys {
		s.Groups = append(s.Groups, flags.Group{Type: "company", Key: key})
	}
	return s
}
