package posthogtest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/hedgerow/posthog/flags"
)

// flagsAnswer is what is answered about flags, in any of the shapes.
type flagsAnswer struct {
	Flags        any               `json:"flags,omitzero"`
	Values       any               `json:"featureFlags,omitzero"`
	Payloads     map[string]string `json:"featureFlagPayloads,omitzero"`
	Errors       bool              `json:"errorsWhileComputingFlags"`
	QuotaLimited []string          `json:"quotaLimited,omitzero"`
	RequestID    string            `json:"requestId"`
	EvaluatedAt  int64             `json:"evaluatedAt"`
	Minimal      bool              `json:"minimalFlagCalledEvents,omitzero"`
	Compression  []string          `json:"supportedCompression,omitzero"`
	Config       *struct{}         `json:"config,omitzero"`
}

// flagShape is one of the shapes that an answer about flags has had.
type flagShape uint8

const (
	asKeys    flagShape = iota // a list of the flags that are on
	asActive                   // the values of the flags that are on
	asValues                   // all values, and payloads beside them
	asRecords                  // a record for each flag
	asTyped                    // a record with the value itself
)

// shapeOf is the shape of the answer to a question.
func shapeOf(path string, query url.Values) flagShape {
	version := versionOf(query)
	if path == routeDecide {
		switch version {
		case "2":
			return asActive
		case "3":
			return asValues
		case "4":
			return asRecords
		}
		return asKeys
	}
	switch {
	case version == "2", version == "" && !query.Has("config"):
		return asRecords
	case version == "3":
		return asTyped
	}
	return asValues
}

func versionOf(query url.Values) string {
	if query.Has("v") {
		return query.Get("v")
	}
	return query.Get("version")
}

// truthy reports a parameter that is there and not false.
func truthy(query url.Values, name string) bool {
	return query.Has(name) && !slices.Contains([]string{"false", "0"}, query.Get(name))
}

// newFlagsAnswer is an answer without flags.
func (s *Server) newFlagsAnswer(r *http.Request) *flagsAnswer {
	now := s.config.Now()
	id, ok := normalUUID(r.Header.Get("X-Request-Id"))
	if !ok {
		id = newUUID(now)
	}
	return &flagsAnswer{RequestID: id, EvaluatedAt: now.UnixMilli()}
}

// configure adds what little of a client's configuration is here.
func (a *flagsAnswer) configure() {
	a.Compression, a.Config = []string{"gzip", "gzip-js"}, new(struct{})
}

// fill adds the flags.
func (a *flagsAnswer) fill(shape flagShape, results []flags.Result) {
	for i := range results {
		a.Errors = a.Errors || results[i].Inconclusive != nil
	}
	switch shape {
	case asRecords, asTyped:
		records := make(map[string]*flagRecord, len(results))
		for i := range results {
			records[results[i].Key] = newFlagRecord(&results[i], shape == asTyped)
		}
		a.Flags = records
	case asKeys:
		keys := []string{}
		for i := range results {
			if results[i].Enabled {
				keys = append(keys, results[i].Key)
			}
		}
		a.Values = keys
	default:
		values, payloads := make(map[string]any, len(results)), make(map[string]string)
		for i := range results {
			r := &results[i]
			if shape == asValues || r.Enabled {
				values[r.Key] = plainValue(r)
			}
			if payload := payloadOf(r); payload != nil {
				payloads[r.Key] = *payload
			}
		}
		a.Values = values
		if shape == asValues {
			a.Payloads = payloads
		}
	}
}

// flagRecord is the answer about one flag. A typed one has Value in place of
// Enabled and Variant.
type flagRecord struct {
	Key      string          `json:"key"`
	Value    any             `json:"value,omitzero"`
	Enabled  *bool           `json:"enabled,omitzero"`
	Variant  *nullableString `json:"variant,omitzero"`
	Failed   bool            `json:"failed,omitzero"`
	Reason   flagReason      `json:"reason"`
	Metadata flagMetadata    `json:"metadata"`
}

type flagReason struct {
	Code           string `json:"code"`
	ConditionIndex *int   `json:"condition_index"`
	Description    string `json:"description"`
}

type flagMetadata struct {
	ID            int64   `json:"id"`
	Version       int64   `json:"version"`
	ConfigVersion int     `json:"config_version,omitzero"`
	Description   *string `json:"description"`
	Payload       *string `json:"payload"`
	HasExperiment *bool   `json:"has_experiment,omitzero"`
	VariantKey    string  `json:"variant_key,omitzero"`
}

// nullableString is a string, or null if it is empty.
type nullableString string

func (s nullableString) MarshalJSON() ([]byte, error) {
	if s == "" {
		return []byte("null"), nil
	}
	return marshal(string(s))
}

func newFlagRecord(r *flags.Result, typed bool) *flagRecord {
	f := r.Flag()
	record := &flagRecord{
		Key: r.Key, Failed: r.Inconclusive != nil, Reason: reasonOf(r),
		Metadata: flagMetadata{ID: f.ID, Version: f.Version, Payload: payloadOf(r), HasExperiment: f.HasExperiment},
	}
	if typed {
		record.Value = plainValue(r)
		record.Metadata.ConfigVersion, record.Metadata.VariantKey = 1, r.Variant
		return record
	}
	variant := nullableString(r.Variant)
	record.Enabled, record.Variant = &r.Enabled, &variant
	return record
}

// plainValue is the value of a flag, false where it failed.
func plainValue(r *flags.Result) any {
	if r.Inconclusive != nil {
		return false
	}
	return r.Value()
}

// redactedPayload takes the place of a payload that is encrypted.
const redactedPayload = `"********* (encrypted)"`

// payloadOf is the payload of a flag, nil for none.
func payloadOf(r *flags.Result) *string {
	payload := r.Payload
	if payload != "" && r.Flag().HasEncryptedPayloads {
		payload = redactedPayload
	}
	if payload == "" {
		return nil
	}
	return &payload
}

// reasonTexts are the descriptions of reasons.
var reasonTexts = map[flags.Reason]string{
	flags.ReasonSuperCondition:    "Super condition value",
	flags.ReasonHoldout:           "Holdout condition value",
	flags.ReasonOutOfRollout:      "Out of rollout bound",
	flags.ReasonNoConditionMatch:  "No matching condition set",
	flags.ReasonNoGroupType:       "No group type",
	flags.ReasonDisabled:          "Feature flag is disabled",
	flags.ReasonMissingDependency: "Flag cannot be evaluated due to missing dependency",
}

func reasonOf(r *flags.Result) flagReason {
	if r.Inconclusive != nil {
		return flagReason{Code: "evaluation_failed", Description: "Cannot be evaluated here: " + r.Inconclusive.String()}
	}
	reason := flagReason{Code: string(r.Reason), Description: reasonTexts[r.Reason]}
	if r.ConditionIndex >= 0 {
		reason.ConditionIndex = &r.ConditionIndex
	}
	if r.Reason == flags.ReasonConditionMatch {
		reason.Description = fmt.Sprintf("Matched condition set %d", r.ConditionIndex+1)
	}
	return reason
}

// answerJSON answers with a value as JSON.
func answerJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(compact(value)))
}
