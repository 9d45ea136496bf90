package reference

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
)

// Document is a definitions document, decoded and nothing else.
type Document struct {
	root map[string]any
	raw  []byte
}

// Decode reads a definitions document. It is an error if it is no JSON object or has no array of flags.
func Decode(document []byte) (Document, error) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	var root map[string]any
	if err := decoder.Decode(&root); err != nil {
		return Document{}, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Document{}, errors.New("something follows the document")
	}
	if _, ok := root["flags"].([]any); !ok {
		return Document{}, errors.New("the document has no array of flags")
	}
	return Document{root: root, raw: document}, nil
}

// Evaluate decodes the document and answers for one flag. A document that cannot be read has no flags.
func Evaluate(document []byte, key string, s Subject) Answer {
	decoded, err := Decode(document)
	if err != nil {
		return unanswered(cause{why: UnknownFlag})
	}
	return decoded.Evaluate(key, s)
}

// Evaluate answers for one flag.
func (d Document) Evaluate(key string, s Subject) Answer {
	e := &evaluation{document: d, subject: s}
	return e.flag(key)
}

// Keys returns the keys of the flags in the order of the document. Of flags with the same key only the last counts.
func (d Document) Keys() []string {
	var keys []string
	for i, entry := range d.flags() {
		if key, ok := flagKey(entry); ok && d.find(key) == i {
			keys = append(keys, key)
		}
	}
	return keys
}

func (d Document) flags() []any {
	flags, _ := d.root["flags"].([]any)
	return flags
}

// find returns the place of the last flag with the key, -1 without one.
func (d Document) find(key string) int {
	place := -1
	for i, entry := range d.flags() {
		if found, ok := flagKey(entry); ok && found == key {
			place = i
		}
	}
	return place
}

// flagKey returns the key of an entry of the array of flags.
func flagKey(entry any) (string, bool) {
	flag, _ := entry.(map[string]any)
	key, _ := flag["key"].(string)
	return key, key != ""
}

// payload returns the text of a payload. That of a string is what it holds; that of anything else is how the document
// writes it, so it has to be looked up in the bytes.
func (d Document) payload(place int, name string) string {
	var root map[string]json.RawMessage
	var flags []json.RawMessage
	var flag, filters, payloads map[string]json.RawMessage
	for _, step := range []struct {
		from func() json.RawMessage
		into any
	}{
		{func() json.RawMessage { return d.raw }, &root},
		{func() json.RawMessage { return root["flags"] }, &flags},
		{func() json.RawMessage { return flags[place] }, &flag},
		{func() json.RawMessage { return flag["filters"] }, &filters},
		{func() json.RawMessage { return filters["payloads"] }, &payloads},
	} {
		if json.Unmarshal(step.from(), step.into) != nil {
			return ""
		}
	}
	raw := payloads[name]
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	var text string
	if raw[0] == '"' && json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// top returns a member of the document by its name, or by the name that other libraries' caches use.
func (d Document) top(name, alias string) any {
	if value, ok := d.root[name]; ok && value != nil {
		return value
	}
	return d.root[alias]
}

// groupType returns the name of a group type.
func (d Document) groupType(index int) (string, bool) {
	mapping, _ := d.top("group_type_mapping", "groupTypeMapping").(map[string]any)
	name, _ := mapping[strconv.Itoa(index)].(string)
	return name, name != ""
}

// explicit is whether equality is explicit: version 2 of the matching of properties.
func (d Document) explicit() bool {
	version, ok := number(d.top("property_matching_version", "propertyMatchingVersion"))
	return ok && version == 2
}

// number returns a JSON number as a float64. Strings are no numbers here.
func number(value any) (float64, bool) {
	literal, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	f, err := strconv.ParseFloat(literal.String(), 64)
	return f, err == nil
}

// index returns a JSON number that is a whole number from 0 on, however it is written.
func index(value any) (int, bool) {
	f, ok := number(value)
	if !ok || f < 0 || f > 1e9 || f != float64(int(f)) {
		return 0, false
	}
	return int(f), true
}
