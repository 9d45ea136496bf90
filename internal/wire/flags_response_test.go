package wire_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/golden"
	"github.com/hedgerow/posthog/internal/wire"
)

// The answers in testdata, and beside each what is read of it.
//
// Proves FR-09, FR-11 and FR-12 as far as reading goes.
func TestFlagsAnswersOfEveryForm(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"v2", "v3", "values", "enabled", "keys"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, err := os.ReadFile("testdata/flags_" + name + ".json")
			if err != nil {
				t.Fatal(err)
			}
			got, err := wire.DecodeFlags(body)
			if err != nil {
				t.Fatalf("DecodeFlags(%s): %v", body, err)
			}
			text, err := json.MarshalIndent(got, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden.Compare(t, "testdata/flags_"+name+".decoded.json", append(text, '\n'))
		})
	}
}

// Proves promise 3: an answer of many small flags takes no more memory than one of 20,000, and does not pass for whole.
func TestTheFlagsOfAnAnswerAreBounded(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		begin, each, end string
		extra            int
	}{
		"records":           {`{"flags":{`, `"%d":{"enabled":true}`, `}}`, 1},
		"values":            {`{"featureFlags":{`, `"%d":true`, `},"featureFlagPayloads":{}}`, 1},
		"keys":              {`{"featureFlags":[`, `"%d"`, `]}`, 1},
		"as many as can be": {`{"flags":{`, `"%d":true`, `}}`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := []byte(tc.begin)
			for i := range 20_000 + tc.extra {
				body = append(fmt.Appendf(body, tc.each, i), ',')
			}
			body = append(body[:len(body)-1], tc.end...)
			got, err := wire.DecodeFlags(body)
			if err != nil || len(got.Flags) != 20_000 || got.Partial != (tc.extra > 0) {
				t.Errorf("with %d flags too many: %d flags, partial %v, error %v", tc.extra, len(got.Flags), got.Partial, err)
			}
		})
	}
}

func truth(b bool) *bool { return &b }

// Proves FR-09 and FR-11.
func TestOneFlagOfAnAnswer(t *testing.T) {
	t.Parallel()
	const none = -1
	failed := wire.Flag{Failed: true, ConditionIndex: none}
	for name, tc := range map[string]struct {
		record string
		want   wire.Flag
	}{
		"on":                                {`{"enabled":true}`, wire.Flag{Enabled: true, ConditionIndex: none}},
		"on, variant null":                  {`{"enabled":true,"variant":null}`, wire.Flag{Enabled: true, ConditionIndex: none}},
		"on, variant empty":                 {`{"enabled":true,"variant":""}`, wire.Flag{Enabled: true, ConditionIndex: none}},
		"off":                               {`{"enabled":false}`, wire.Flag{ConditionIndex: none}},
		"off with a variant has none":       {`{"enabled":false,"variant":"blue"}`, wire.Flag{ConditionIndex: none}},
		"a variant with escapes":            {`{"enabled":true,"variant":"bl\u00fc \"e\""}`, wire.Flag{Enabled: true, Variant: `blü "e"`, ConditionIndex: none}},
		"space everywhere":                  {" { \"enabled\" : true ,\n\t\"variant\" : \"a\" } ", wire.Flag{Enabled: true, Variant: "a", ConditionIndex: none}},
		"failed, though it says off":        {`{"enabled":false,"failed":true}`, failed},
		"failed, though it says on":         {`{"enabled":true,"variant":"blue","failed":true,"metadata":{"payload":"1"}}`, failed},
		"failed is false":                   {`{"enabled":true,"failed":false}`, wire.Flag{Enabled: true, ConditionIndex: none}},
		"failed of another type":            {`{"enabled":true,"failed":1}`, failed},
		"no value at all":                   {`{}`, failed},
		"enabled null":                      {`{"enabled":null}`, failed},
		"enabled as text":                   {`{"enabled":"true"}`, failed},
		"a variant without enabled":         {`{"variant":"blue"}`, failed},
		"a variant that is a number":        {`{"enabled":true,"variant":3}`, failed},
		"no object":                         {`[true]`, failed},
		"null":                              {`null`, failed},
		"names in another case":             {`{"Enabled":true,"ENABLED":true}`, failed},
		"a value beside enabled":            {`{"value":"blue","enabled":false}`, wire.Flag{Enabled: true, Variant: "blue", ConditionIndex: none}},
		"an unknown kind of value, enabled": {`{"value":3,"enabled":true,"variant":"a"}`, wire.Flag{Enabled: true, Variant: "a", ConditionIndex: none}},
		"an unknown kind of value alone":    {`{"value":[1]}`, failed},
		"an empty value":                    {`{"value":""}`, failed},
		"a name that stands twice":          {`{"enabled":true,"enabled":false,"reason":{"code":"a","description":"b"},"reason":{"code":"c"}}`, wire.Flag{ReasonCode: "c", ConditionIndex: none}},
		"metadata of other types": {
			`{"enabled":true,"metadata":{"id":"51","version":null,"payload":null,"has_experiment":"false"}}`, wire.Flag{Enabled: true, ConditionIndex: none},
		},
		"metadata that is a list":       {`{"enabled":true,"metadata":[{"id":1}],"reason":"why"}`, wire.Flag{Enabled: true, ConditionIndex: none}},
		"in an experiment":              {`{"enabled":true,"metadata":{"has_experiment":true}}`, wire.Flag{Enabled: true, ConditionIndex: none, HasExperiment: truth(true)}},
		"in no experiment":              {`{"enabled":true,"metadata":{"has_experiment":false}}`, wire.Flag{Enabled: true, ConditionIndex: none, HasExperiment: truth(false)}},
		"numbers with a fraction of 0":  {`{"enabled":true,"metadata":{"id":51.0,"version":4.00},"reason":{"condition_index":2.0}}`, wire.Flag{Enabled: true, ConditionIndex: 2, ID: 51, Version: 4}},
		"numbers with a fraction":       {`{"enabled":true,"metadata":{"id":51.5,"version":1e3},"reason":{"condition_index":0.5}}`, wire.Flag{Enabled: true, ConditionIndex: none}},
		"an index that stands twice":    {`{"enabled":true,"reason":{"condition_index":3,"condition_index":null}}`, wire.Flag{Enabled: true, ConditionIndex: none}},
		"numbers out of range":          {`{"enabled":true,"metadata":{"id":99999999999999999999},"reason":{"condition_index":-5}}`, wire.Flag{Enabled: true, ConditionIndex: none}},
		"a payload of text":             {`{"enabled":true,"metadata":{"payload":"{\"a\":\"\\u00fc\"}"}}`, wire.Flag{Enabled: true, ConditionIndex: none, Payload: `{"a":"\u00fc"}`}},
		"a payload of text in text":     {`{"enabled":true,"metadata":{"payload":"\"x\""}}`, wire.Flag{Enabled: true, ConditionIndex: none, Payload: `"x"`}},
		"a payload that is no JSON":     {`{"enabled":true,"metadata":{"payload":"x y"}}`, wire.Flag{Enabled: true, ConditionIndex: none, Payload: `x y`}},
		"a payload that is an object":   {`{"enabled":true,"metadata":{"payload":{"a": [1]}}}`, wire.Flag{Enabled: true, ConditionIndex: none, Payload: `{"a": [1]}`}},
		"a payload that is a number":    {`{"enabled":true,"metadata":{"payload":1.50}}`, wire.Flag{Enabled: true, ConditionIndex: none, Payload: `1.50`}},
		"a payload that is false":       {`{"enabled":true,"metadata":{"payload":false}}`, wire.Flag{Enabled: true, ConditionIndex: none, Payload: `false`}},
		"a payload of null as text":     {`{"enabled":true,"metadata":{"payload":"null"}}`, wire.Flag{Enabled: true, ConditionIndex: none, Payload: `null`}},
		"a payload that is empty":       {`{"enabled":true,"metadata":{"payload":""}}`, wire.Flag{Enabled: true, ConditionIndex: none}},
		"a reason without a text":       {`{"enabled":true,"reason":{"code":"x","condition_index":null}}`, wire.Flag{Enabled: true, ConditionIndex: none, ReasonCode: "x"}},
		"nested deeper than most stack": {`{"enabled":true,"more":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`, wire.Flag{Enabled: true, ConditionIndex: none}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := wire.DecodeFlags([]byte(`{"flags":{"a":{"enabled":true},"k":` + tc.record + `,"z":{"enabled":true}}}`))
			if err != nil {
				t.Fatalf("record %.200s: %v", tc.record, err)
			}
			if !reflect.DeepEqual(got.Flags["k"], tc.want) {
				t.Errorf("record %.200s:\n got %+v\nwant %+v", tc.record, got.Flags["k"], tc.want)
			}
			if len(got.Flags) != 3 || !got.Flags["a"].Enabled || !got.Flags["z"].Enabled {
				t.Errorf("record %.200s: the answer is %+v, want its neighbours on", tc.record, got.Flags)
			}
		})
	}
}

// Proves FR-09, FR-10 and FR-12.
func TestWhatAnAnswerSaysBesideItsFlags(t *testing.T) {
	t.Parallel()
	when := time.Date(2026, 1, 1, 0, 0, 0, 123e6, time.UTC)
	for name, tc := range map[string]struct {
		body string
		want wire.FlagsResponse
	}{
		"nothing":                          {`{"flags":{}}`, wire.FlagsResponse{}},
		"partial":                          {`{"flags":{},"errorsWhileComputingFlags":true}`, wire.FlagsResponse{Partial: true}},
		"partial in an unknown way":        {`{"flags":{},"errorsWhileComputingFlags":["a"]}`, wire.FlagsResponse{Partial: true}},
		"not partial":                      {`{"flags":{},"errorsWhileComputingFlags":false}`, wire.FlagsResponse{}},
		"smaller events":                   {`{"flags":{},"minimalFlagCalledEvents":true}`, wire.FlagsResponse{MinimalFlagCalledEvents: true}},
		"smaller events only if literally": {`{"flags":{},"minimalFlagCalledEvents":1}`, wire.FlagsResponse{}},
		"id and time":                      {`{"flags":{},"requestId":"r-1","evaluatedAt":1767225600123}`, wire.FlagsResponse{RequestID: "r-1", EvaluatedAt: when}},
		"id and time of other types":       {`{"flags":{},"requestId":7,"evaluatedAt":"2026-01-01"}`, wire.FlagsResponse{}},
		"over quota":                       {`{"flags":{},"quotaLimited":["feature_flags"]}`, wire.FlagsResponse{QuotaLimited: true}},
		"over several quotas":              {`{"flags":{},"quotaLimited":["recordings", "feature_flags"]}`, wire.FlagsResponse{QuotaLimited: true}},
		"over quota as true":               {`{"flags":{},"quotaLimited":true}`, wire.FlagsResponse{QuotaLimited: true}},
		"over quota drops flags":           {`{"flags":{"a":{"enabled":true}},"quotaLimited":["feature_flags"],"requestId":"r-1"}`, wire.FlagsResponse{QuotaLimited: true, RequestID: "r-1"}},
		"over quota without flags":         {`{"quotaLimited":["feature_flags"]}`, wire.FlagsResponse{QuotaLimited: true}},
		"over another quota":               {`{"flags":{},"quotaLimited":["recordings"]}`, wire.FlagsResponse{}},
		"over no quota":                    {`{"flags":{},"quotaLimited":null}`, wire.FlagsResponse{}},
		"quota under another name":         {`{"flags":{},"quota_limited":["feature_flags"]}`, wire.FlagsResponse{}},
		"both forms":                       {`{"featureFlags":{"a":true},"flags":{}}`, wire.FlagsResponse{}},
		"old values, none":                 {`{"featureFlags":{},"featureFlagPayloads":{}}`, wire.FlagsResponse{}},
		"only what is on, none":            {`{"featureFlags":{}}`, wire.FlagsResponse{EnabledOnly: true}},
		"a list of keys, none":             {`{"featureFlags":[ ]}`, wire.FlagsResponse{EnabledOnly: true}},
		"flags twice":                      {`{"flags":{"a":{"enabled":true}},"flags":{}}`, wire.FlagsResponse{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := wire.DecodeFlags([]byte(tc.body))
			if err != nil || !reflect.DeepEqual(got, tc.want) {
				t.Errorf("DecodeFlags(%s):\n got %+v, error %v\nwant %+v", tc.body, got, err, tc.want)
			}
		})
	}
}

// Proves FR-09: what is no answer is not taken for one without flags.
func TestAnswersWithoutFlagsAreErrors(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body string
		want error
	}{
		"empty":                    {``, wire.ErrNoFlags},
		"an empty object":          {`{}`, wire.ErrNoFlags},
		"no object":                {`[{"flags":{}}]`, wire.ErrNoFlags},
		"null":                     {`null`, wire.ErrNoFlags},
		"a page":                   {`<html></html>`, wire.ErrNoFlags},
		"flags that are null":      {`{"flags":null}`, wire.ErrNoFlags},
		"flags that are a list":    {`{"flags":[]}`, wire.ErrNoFlags},
		"old flags that are text":  {`{"featureFlags":"a"}`, wire.ErrNoFlags},
		"flags in another case":    {`{"Flags":{},"featureflags":{}}`, wire.ErrNoFlags},
		"two answers":              {`{"flags":{}}{"flags":{}}`, wire.ErrNoFlags},
		"a broken record":          {`{"flags":{"a":{enabled:true}}}`, wire.ErrNoFlags},
		"cut off":                  {`{"flags":{"a":{"enabled":tr`, wire.ErrTruncated},
		"cut off before the end":   {`{"flags":{}`, wire.ErrTruncated},
		"nested without an end":    {`{"flags":{},"a":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`, wire.ErrNoFlags},
		"a quota of another thing": {`{"quotaLimited":["recordings"]}`, wire.ErrNoFlags},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := wire.DecodeFlags([]byte(tc.body))
			if !errors.Is(err, tc.want) || !reflect.DeepEqual(got, wire.FlagsResponse{}) {
				t.Errorf("DecodeFlags(%.100s) = %+v, %v, want nothing and %v", tc.body, got, err, tc.want)
			}
		})
	}
}

// Proves FR-15 as far as reading goes.
func TestDecodePayload(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body, want string
		ok         bool
	}{
		"JSON in a string":      {`"{\"a\":1}"`, `{"a":1}`, true},
		"a plain string":        {`"hello"`, `hello`, true},
		"an object":             {" {\"a\": 1}\n", `{"a": 1}`, true},
		"a list":                {`[1,2]`, `[1,2]`, true},
		"a number":              {` 12 `, `12`, true},
		"false":                 {`false`, `false`, true},
		"an empty string":       {`""`, ``, true},
		"an empty body":         {``, ``, true},
		"a body of space":       {" \r\n", ``, true},
		"null":                  {`null`, ``, true},
		"a page":                {`<html>`, ``, false},
		"two values":            {`1 2`, ``, false},
		"a string that is open": {`"a`, ``, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, ok := wire.DecodePayload([]byte(tc.body)); got != tc.want || ok != tc.ok {
				t.Errorf("DecodePayload(%q) = %q, %v, want %q, %v", tc.body, got, ok, tc.want, tc.ok)
			}
		})
	}
}
