package posthog_test

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/hedgerow/posthog"
)

// FuzzEnqueue proves ZIG-43: whatever a message holds, Enqueue does not panic,
// the body is JSON with the fields where they belong, and the ledger adds up.
// With SyncMode the outcome is known when Enqueue returns.
func FuzzEnqueue(f *testing.F) {
	f.Add("order paid", "u_42", "0198f2c4-7a10-7c3e-9d54-3b0f6f0a1c22", "total", "12.5", int64(0), uint8(0))
	f.Add("", " ", "garbage", "$lib", "\xff\xfe", int64(-1), uint8(1))
	f.Add("$identify", "null", "{0198F2C4-7A10-7C3E-9D54-3B0F6F0A1C22}", "$set", "", int64(1)<<62, uint8(2))
	f.Add("\x00", "\u2028", "", "$groups", `"`, int64(-1)<<62, uint8(7))
	f.Add("e", "u", "", "$is_server", "false", int64(1), uint8(5))
	f.Fuzz(func(t *testing.T, name, id, uuid, key, text string, second int64, kind uint8) {
		var body []byte
		config := posthog.Config{
			SyncMode: true, Compression: posthog.CompressionNone, Logger: new(logLines),
			DefaultEventProperties: posthog.Properties{key: text},
			Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				body, _ = io.ReadAll(r.Body)
				return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
			}),
		}
		if kind&4 != 0 {
			config.Hooks = []posthog.Hook{marking(key, text)}
			config.BeforeSend = func(msg posthog.Message) posthog.Message { return msg }
		}
		client, err := posthog.NewWithConfig(testKey, config)
		if err != nil {
			t.Fatal(err)
		}
		props := posthog.Properties{key: text, "nested": map[string]any{key: []any{text}}}
		at := time.Unix(second, 0)
		var msg posthog.Message
		switch kind % 6 {
		case 0:
			msg = posthog.Capture{Uuid: uuid, Timestamp: at, Event: name, DistinctId: id, Properties: props, Set: props, Groups: posthog.Groups{key: text}}
		case 1:
			msg = posthog.Identify{Uuid: uuid, Timestamp: at, DistinctId: id, Properties: props, SetOnce: props, AnonDistinctID: text}
		case 2:
			msg = posthog.Alias{Uuid: uuid, Timestamp: at, DistinctId: id, Alias: text}
		case 3:
			msg = posthog.GroupIdentify{Uuid: uuid, Timestamp: at, DistinctId: id, Type: key, Key: text, Properties: props}
		case 4:
			msg = posthog.PersonProperties{Uuid: uuid, Timestamp: at, DistinctId: id, Set: props, Unset: []string{text}}
		default:
			msg = posthog.Exception{Uuid: uuid, Timestamp: at, DistinctId: id, ExceptionList: []posthog.ExceptionItem{{Type: name, Value: text}}, Properties: props}
		}
		invalid := msg.Validate() != nil
		if err := client.Enqueue(msg); (err != nil) != invalid {
			t.Fatalf("Enqueue(%#v): %v, Validate says %v", msg, err, msg.Validate())
		}
		s := requireLedger(t, client)
		if invalid || s.DroppedBy[posthog.OutcomeHookFailed] == 1 {
			return
		}
		var batch struct {
			Batch []json.RawMessage `json:"batch"`
		}
		if err := json.Unmarshal(body, &batch); err != nil || len(batch.Batch) != 1 || s.Delivered != 1 {
			t.Fatalf("the body of %#v is %q (%v), and the ledger %+v", msg, body, err, s)
		}
		requireUniqueNames(t, batch.Batch[0])
		var e wireEvent
		if err := json.Unmarshal(batch.Batch[0], &e); err != nil || !canonicalUUID.MatchString(e.UUID) || e.DistinctID == "" || e.Event == "" {
			t.Fatalf("the event of %#v is %s (%v)", msg, batch.Batch[0], err)
		}
		if _, err := time.Parse(time.RFC3339Nano, e.Timestamp); err != nil {
			t.Fatalf("the time of %#v is %q", msg, e.Timestamp)
		}
	})
}
