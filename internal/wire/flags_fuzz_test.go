package wire_test

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"github.com/hedgerow/posthog/internal/wire"
)

// FuzzDecodeFlags compares what is read with what encoding/json reads of the same text.
func FuzzDecodeFlags(f *testing.F) {
	for _, name := range []string{"v2", "v3", "values", "enabled", "keys"} {
		body, err := os.ReadFile("testdata/flags_" + name + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	for _, body := range []string{``, `{}`, `{"flags":{"":null}}`, `{"flags":{"a":{"enabled":true,"variant":"\ud800"}}}`, `{"quotaLimited":["feature_flags"]}`,
		`{"featureFlags":[ "a" , [] ]}`, `{"flags":{},"flags":[]}`, "\xef\xbb\xbf{}"} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		given := bytes.Clone(body)
		got, err := wire.DecodeFlags(given)
		var members map[string]json.RawMessage
		readable := json.Unmarshal(body, &members) == nil
		if err == nil && !readable {
			t.Fatalf("DecodeFlags(%q) reads what encoding/json does not", body)
		}
		var records map[string]json.RawMessage
		if readable && json.Unmarshal(members["flags"], &records) == nil && records != nil && !got.QuotaLimited {
			if err != nil || len(got.Flags) != len(records) {
				t.Errorf("DecodeFlags(%q) has %d flags and error %v, want %d", body, len(got.Flags), err, len(records))
			}
			for key, record := range records {
				if flag, ok := got.Flags[key]; !ok || flag.Enabled && flag.Failed || flag.Variant != "" && !flag.Enabled {
					t.Errorf("record %q of %q is %+v", record, key, flag)
				}
			}
		}
		clear(given) // which the result has nothing of
		again, errAgain := wire.DecodeFlags(body)
		if !reflect.DeepEqual(got, again) || (err == nil) != (errAgain == nil) {
			t.Errorf("DecodeFlags(%q) = %+v, %v, then %+v, %v", body, got, err, again, errAgain)
		}
	})
}

func FuzzDecodePayload(f *testing.F) {
	for _, body := range []string{``, `null`, `"a"`, `"{\"a\":1}"`, ` {"a":[1,2]} `, `1 2`, `"\ud800"`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, ok := wire.DecodePayload(body)
		if want := len(bytes.Trim(body, " \t\r\n")) == 0 || json.Valid(body); ok != want {
			t.Errorf("DecodePayload(%q) = %q, %v, want %v", body, got, ok, want)
		}
	})
}
