package posthogtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/hedgerow/posthog/flags"
)

// edition is what the flags are until the next change. It never changes.
type edition struct {
	program *flags.Program
	// feed is the document for clients that evaluate by themselves, and etag
	// names it.
	feed []byte
	etag string
	// billable is whether a flag is in it that PostHog charges for.
	billable bool
	// continuous are the flags with experience continuity.
	continuous []string
}

// remoteConfigMember marks the definition of a remote configuration.
const remoteConfigMember = "is_remote_configuration"

func isRemoteConfig(f *flags.Flag) bool {
	var members fields
	return json.Unmarshal(f.Raw, &members) == nil && string(members[remoteConfigMember]) == "true"
}

// unbilled reports a flag that PostHog keeps for its own purposes and does not
// charge for.
func unbilled(key string) bool {
	return isSurvey(key) || strings.HasPrefix(key, "product-tour-targeting-")
}

func isSurvey(key string) bool { return strings.HasPrefix(key, "survey-targeting-") }

// emptyRest is what a document has beside its flags when nobody says otherwise.
func emptyRest() fields {
	return fields{"group_type_mapping": json.RawMessage("{}"), "cohorts": json.RawMessage("{}")}
}

// camelCase are other spellings of the members of a document, which are put
// right when it is loaded.
var camelCase = map[string]string{
	"groupTypeMapping":        "group_type_mapping",
	"minimalFlagCalledEvents": "minimal_flag_called_events",
	"propertyMatchingVersion": "property_matching_version",
}

// publish makes the edition that holds from now on. Callers hold mu or own b
// alone.
func (b *flagBook) publish() {
	all := make([]json.RawMessage, len(b.entries))
	for i, e := range b.entries {
		all[i] = e.definition
		if len(e.pins) > 0 {
			// It has no error: whoever sets a pin looks first.
			all[i], _ = pinned(e.definition, e.version, e.pins)
		}
	}
	parsed, err := flags.Parse(b.document(all))
	if err != nil {
		return // cannot be: the flags are a list
	}
	next := &edition{program: flags.Compile(parsed, b.options)}
	var fed []json.RawMessage
	for i := range parsed.Flags {
		f := &parsed.Flags[i]
		if !f.Deleted && !f.HasEncryptedPayloads && !isRemoteConfig(f) {
			fed = append(fed, f.Raw)
		}
		next.billable = next.billable || !unbilled(f.Key)
		if f.EnsureExperienceContinuity {
			next.continuous = append(next.continuous, f.Key)
		}
	}
	next.feed = b.document(fed)
	sum := sha256.Sum256(next.feed)
	next.etag = `W/"` + hex.EncodeToString(sum[:8]) + `"`
	b.current = next
}

// document puts flags and the other members together. Callers hold mu.
func (b *flagBook) document(definitions []json.RawMessage) []byte {
	var text bytes.Buffer
	text.WriteString(`{"flags":[`)
	for i, definition := range definitions {
		if i > 0 {
			text.WriteString(",")
		}
		text.Write(definition)
	}
	text.WriteString("]")
	for _, name := range slices.Sorted(maps.Keys(b.rest)) {
		text.WriteString("," + compact(name) + ":")
		text.Write(b.rest[name])
	}
	text.WriteString("}")
	return text.Bytes()
}
