package evaluation

import (
	"encoding/json"
	"time"

	"github.com/hedgerow/posthog/internal/wire"
)

// An entry of a Fallback has the form of an answer of the flags endpoint, with the time at which it was stored as one
// more member, in milliseconds. So it is read as such answers are, whatever has become of it meanwhile.
type entry struct {
	StoredAt int64                `json:"stored_at"`
	Flags    map[string]entryFlag `json:"flags"`
	Minimal  bool                 `json:"minimalFlagCalledEvents"`
}

// entryFlag is a flag of an entry.
type entryFlag struct {
	Enabled  bool          `json:"enabled"`
	Variant  string        `json:"variant,omitempty"`
	Reason   entryReason   `json:"reason"`
	Metadata entryMetadata `json:"metadata"`
}

type entryReason struct {
	Code           string `json:"code,omitempty"`
	Description    string `json:"description,omitempty"`
	ConditionIndex *int   `json:"condition_index,omitempty"`
}

type entryMetadata struct {
	ID            int64   `json:"id,omitempty"`
	Version       int64   `json:"version,omitempty"`
	Payload       *string `json:"payload,omitempty"`
	HasExperiment *bool   `json:"has_experiment,omitempty"`
}

// newEntry returns the text of an entry with the records, which are Found. It says that events may be smaller if the
// sources of all of them do.
func newEntry(records []Record, now time.Time) ([]byte, error) {
	e := entry{StoredAt: now.UnixMilli(), Flags: make(map[string]entryFlag, len(records)), Minimal: true}
	for i := range records {
		e.Minimal = e.Minimal && records[i].Minimal
		e.Flags[records[i].Key] = newEntryFlag(&records[i])
	}
	return json.Marshal(e)
}

func newEntryFlag(r *Record) entryFlag {
	f := entryFlag{
		Enabled: r.Enabled, Variant: r.Variant,
		Reason:   entryReason{Code: r.Code, Description: r.Reason},
		Metadata: entryMetadata{ID: r.ID, Version: r.Version},
	}
	if r.ConditionIndex >= 0 {
		f.Reason.ConditionIndex = &r.ConditionIndex
	}
	if r.Payload != "" {
		f.Metadata.Payload = &r.Payload
	}
	if r.HasExperiment != Unknown {
		has := r.HasExperiment == Yes
		f.Metadata.HasExperiment = &has
	}
	return f
}

// A lastAnswer is an entry that was read.
type lastAnswer struct {
	wire.FlagsResponse
	storedAt time.Time
}

// readEntry reads the text of an entry. It reports false for what is none.
func readEntry(text []byte) (last lastAnswer, ok bool) {
	var head struct {
		StoredAt int64 `json:"stored_at"`
	}
	if json.Unmarshal(text, &head) != nil {
		return lastAnswer{}, false
	}
	response, err := wire.DecodeFlags(text)
	if err != nil {
		return lastAnswer{}, false
	}
	return lastAnswer{response, time.UnixMilli(head.StoredAt)}, true
}

// record returns what the entry has about a flag, as of when it was stored.
func (l *lastAnswer) record(key string) (Record, bool) {
	f, ok := l.Flags[key]
	if !ok || f.Failed {
		return Record{}, false
	}
	r := Record{Key: key, Source: Stale, Minimal: l.MinimalFlagCalledEvents, EvaluatedAt: l.storedAt}
	r.setFlag(f)
	return r, true
}
