package evaluation

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/internal/wire"
)

// A digest stands for everything that an answer depends on. It is the same in every process and for every order of
// map members. Two of different inputs are equal by chance less often than hardware fails.
type digest [16]byte

// identify returns the digest of everything but the flag, which q keeps.
func (e *Engine) identify(q *question) digest {
	if q.identity != (digest{}) {
		return q.identity
	}
	s, ok := e.scratches.Get().(*scratch)
	if !ok {
		s = new(scratch)
	}
	s.engine(&e.config)
	s.request(q.Request)
	q.identity = s.sum()
	s.reset()
	e.scratches.Put(s)
	return q.identity
}

// of returns the name of the entry about a flag, or about all flags.
func (d digest) of(key string, all bool) digest {
	var space [128]byte
	text := append(space[:0], d[:]...)
	if all {
		text = append(text, '*')
	} else {
		text = append(append(text, '='), key...)
	}
	sum := sha256.Sum256(text)
	return digest(sum[:len(d)])
}

// String returns the digest as hexadecimal digits.
func (d digest) String() string { return hex.EncodeToString(d[:]) }

// A scratch is room for the text that is hashed. Every part of that begins with its length, so that different inputs
// have different texts.
type scratch struct {
	text    []byte
	names   []string
	encoder wire.Encoder
}

func (s *scratch) sum() digest {
	sum := sha256.Sum256(s.text)
	return digest(sum[:len(digest{})])
}

// reset forgets the texts, and keeps the room unless it is large.
func (s *scratch) reset() {
	clear(s.names[:cap(s.names)])
	s.encoder.Reset()
	s.text, s.names = s.text[:0], s.names[:0]
	if cap(s.text) > 64<<10 {
		*s = scratch{}
	}
}

// engine appends what is the same for all questions.
func (s *scratch) engine(c *Config) {
	s.str("1") // the form of what follows
	s.str(c.Endpoint)
	s.str(c.Key)
	s.number(len(c.Contexts))
	for _, name := range c.Contexts {
		s.str(name)
	}
}

// request appends what a request asks about, but for the flags.
func (s *scratch) request(r *Request) {
	subject := &r.Subject
	s.str(subject.DistinctID)
	s.str(subject.DeviceID)
	s.truth(r.DisableGeoIP)
	s.truth(subject.Complete)
	s.object(r.Groups)
	s.object(subject.PersonProperties)
	s.object(subject.PersonMetadata)
	s.groups(r)
	sorted(s, subject.Cohorts, func(member bool) { s.truth(member) })
	sorted(s, subject.HashIDs, s.str)
}

// groups appends the groups for local evaluation, in the order of their types.
func (s *scratch) groups(r *Request) {
	groups := r.Subject.Groups
	if len(groups) > 1 && !slices.IsSortedFunc(groups, byType) {
		groups = slices.Clone(groups)
		slices.SortStableFunc(groups, byType)
	}
	s.number(len(groups))
	for i := range groups {
		s.str(groups[i].Type)
		s.value(groups[i].Key)
		s.object(groups[i].Properties)
	}
}

func byType(a, b flags.Group) int { return cmp.Compare(a.Type, b.Type) }

// object appends the members of an object.
func (s *scratch) object(m map[string]any) { sorted(s, m, s.value) }

// sorted appends the members of a map in the order of their names, the value of each by append.
func sorted[V any](s *scratch, m map[string]V, appendValue func(V)) {
	s.number(len(m))
	start := len(s.names)
	for name := range m {
		s.names = append(s.names, name)
	}
	names := s.names[start:]
	slices.Sort(names)
	for _, name := range names {
		s.str(name)
		appendValue(m[name])
	}
	s.names = s.names[:start]
}

// value appends a value as it would be transmitted, but with the members of objects in order.
func (s *scratch) value(v any) {
	start := len(s.text)
	s.number(0) // room for the length
	begin := len(s.text)
	text, ok := s.encoder.AppendValue(s.text, v)
	s.text = text
	if !ok {
		s.text = append(s.text, '!') // what cannot be transmitted is no JSON
	} else if bytes.IndexByte(text[begin:], '{') >= 0 {
		s.text = s.text[:begin]
		s.text = append(s.text, canonical(text[begin:])...)
	}
	binary.LittleEndian.PutUint64(s.text[start:], uint64(len(s.text)-begin)) //nolint:gosec // a length
}

// canonical returns JSON with the members of objects in order.
func canonical(text []byte) []byte {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var v any
	if decoder.Decode(&v) != nil {
		return text
	}
	ordered, err := json.Marshal(v)
	if err != nil {
		return text
	}
	return ordered
}

func (s *scratch) str(text string) {
	s.number(len(text))
	s.text = append(s.text, text...)
}

func (s *scratch) truth(b bool) {
	if b {
		s.text = append(s.text, 1)
	} else {
		s.text = append(s.text, 0)
	}
}

func (s *scratch) number(n int) {
	s.text = binary.LittleEndian.AppendUint64(s.text, uint64(n)) //nolint:gosec // a length
}
