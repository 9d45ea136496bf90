package regexp2_test

import (
	"fmt"

	"github.com/hedgerow/posthog/contrib/regexp2"
	"github.com/hedgerow/posthog/flags"
)

func Example() {
	definitions, err := flags.Parse([]byte(`{"flags": [{"key": "beta", "active": true, "filters": {"groups": [
		{"properties": [{"key": "email", "type": "person", "operator": "regex", "value": "^(?!test\\+).*@example\\.com$"}]}
	]}}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	program := flags.Compile(definitions, flags.Options{Regexp: regexp2.Engine{}})
	for _, email := range []string{"ada@example.com", "test+ada@example.com"} {
		result := program.Evaluate("beta", &flags.Subject{
			DistinctID:       "user-1",
			PersonProperties: map[string]any{"email": email},
		})
		fmt.Println(email, result.Value())
	}
	// Output:
	// ada@example.com true
	// test+ada@example.com false
}
