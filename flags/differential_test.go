package flags_test

import (
	"bytes"
	"cmp"
	option "flag"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/flags/internal/reference"
)

// differentialCases is how many subjects TestDifferential asks about. Each is asked about every flag of a document.
// differentialSeed is that of the first document: with it and a single case, a failure is seen again.
var (
	differentialCases = option.Int("differential.cases", 2000, "how many generated subjects both evaluators are asked about")
	differentialSeed  = option.Uint64("differential.seed", 1, "the seed of the first document; the others follow")
)

// subjectsOfDocument is how many subjects a document is generated for.
const subjectsOfDocument = 10

// The evaluator and a second one, which was written from the same rules for the reader alone, give the same answers.
// Proves FL-02, FL-04, FL-05, FL-24, FL-28.
func TestDifferential(t *testing.T) {
	t.Parallel()
	var next, differences atomic.Uint64
	var workers sync.WaitGroup
	documents := uint64((*differentialCases + subjectsOfDocument - 1) / subjectsOfDocument)
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for n := next.Add(1); n <= documents && differences.Load() < 3; n = next.Add(1) {
				if difference := compare(*differentialSeed + n - 1); difference != "" {
					differences.Add(1)
					t.Error(difference)
				}
			}
		})
	}
	workers.Wait()
}

// Both give up at the same depth.
// Proves FL-24.
func TestDifferentialDepth(t *testing.T) {
	t.Parallel()
	for _, depth := range []int{1, 30, 31, 32, 33, 63, 64, 65} {
		var chain, cohorts []string
		leaf := `{"key":"p","operator":"exact","value":"x"}`
		nodes := leaf
		for i := range depth {
			chain = append(chain, fmt.Sprintf(`{"key":"%d","active":true,"filters":{"groups":[{"properties":[
				{"key":"%d","type":"flag","operator":"flag_evaluates_to","value":true,"dependency_chain":["%d"]}]}]}}`, i, i+1, i+1))
			cohorts = append(cohorts, fmt.Sprintf(`"%d":{"type":"OR","values":[{"type":"cohort","key":"id","value":%d}]}`, i, i+1))
			nodes = `{"type":"AND","values":[` + nodes + `]}`
		}
		cohorts = append(cohorts, fmt.Sprintf(`"%d":{"type":"AND","values":[%s]},"900":{"type":"OR","values":[%s]}`, depth, leaf, nodes))
		document := fmt.Sprintf(`{"flags":[%s,{"key":"%d","active":true,"filters":{"groups":[{}]}},
			{"key":"cohorts","active":true,"filters":{"groups":[{"properties":[{"key":"id","type":"cohort","value":0}]}]}},
			{"key":"nodes","active":true,"filters":{"groups":[{"properties":[{"key":"id","type":"cohort","value":900}]}]}}],"cohorts":{%s}}`,
			strings.Join(chain, ","), depth, strings.Join(cohorts, ","))
		for _, complete := range []bool{false, true} {
			subject := reference.Subject{DistinctID: "user-1", PersonProperties: map[string]any{"p": "x"}, Complete: complete}
			c := reference.Case{Document: []byte(document), Subjects: []reference.Subject{subject}}
			if difference := compareCase(c, "0", "1", "cohorts", "nodes"); difference != "" {
				t.Errorf("depth %d: %.500s", depth, difference)
			}
		}
	}
}

func FuzzDifferential(f *testing.F) {
	for _, seed := range []uint64{0, 1 << 32, 1 << 63} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		if difference := compare(seed); difference != "" {
			t.Error(difference)
		}
	})
}

// compare asks both evaluators everything about the case of a seed, and describes the first difference.
func compare(seed uint64) string {
	if difference := compareCase(reference.Generate(seed, subjectsOfDocument)); difference != "" {
		return fmt.Sprintf("seed %d, %s", seed, difference)
	}
	return ""
}

// compareCase does it for a case, and for some of its flags only if there are any.
func compareCase(c reference.Case, only ...string) string {
	naive, err := reference.Decode(c.Document)
	if err != nil {
		return fmt.Sprintf("decode: %v: %s", err, c.Document)
	}
	definitions, err := flags.Parse(c.Document)
	if err != nil {
		return fmt.Sprintf("parse: %v: %s", err, c.Document)
	}
	program := flags.Compile(definitions, flags.Options{Location: c.Location})
	keys := naive.Keys()
	asked := append(slices.Clone(keys), "no-such-flag")
	slices.Reverse(asked)
	if only != nil {
		asked = only
	}
	var all, some []flags.Result
	for i := range c.Subjects {
		plain := &c.Subjects[i]
		subject := subjectOf(plain)
		if all = program.EvaluateAll(&subject, all[:0]); len(all) != len(keys) {
			return fmt.Sprintf("EvaluateAll: got %d results, want those of %q: %s", len(all), keys, c.Document)
		}
		some = program.EvaluateKeys(asked, &subject, some[:0])
		for n, key := range asked {
			want := describeAnswer(naive.Evaluate(key, *plain))
			answers := []struct {
				by     string
				result flags.Result
			}{{"Evaluate", program.Evaluate(key, &subject)}, {"EvaluateKeys", some[n]}}
			if place := slices.Index(keys, key); place >= 0 {
				answers = append(answers, struct {
					by     string
					result flags.Result
				}{"EvaluateAll", all[place]})
			}
			for _, got := range answers {
				if described := describeResult(got.result); described != want || got.result.Key != key {
					return fmt.Sprintf("subject %d, flag %q, zone %v: %s\n got %s\nwant %s\nsubject %+v\ndocument %s\n%s",
						i, key, c.Location, got.by, described, want, *plain, lines(c.Document), program.Explain(key, &subject))
				}
			}
		}
	}
	return ""
}

// subjectOf is the same subject for the evaluator.
func subjectOf(s *reference.Subject) flags.Subject {
	subject := flags.Subject{
		DistinctID: s.DistinctID, DeviceID: s.DeviceID, PersonProperties: s.PersonProperties, PersonMetadata: s.PersonMetadata,
		Cohorts: s.Cohorts, HashIDs: s.HashIDs, Now: s.Now, Complete: s.Complete,
	}
	for _, g := range s.Groups {
		subject.Groups = append(subject.Groups, flags.Group{Type: g.Type, Key: g.Key, Properties: g.Properties})
	}
	return subject
}

// describeAnswer and describeResult put everything that counts into the same words.
func describeAnswer(a reference.Answer) string {
	return describe(a.Enabled, a.Variant, a.Payload, a.Reason, a.ConditionIndex, a.Why.String(), a.Missing)
}

func describeResult(r flags.Result) string {
	var why string
	var missing []string
	if r.Inconclusive != nil {
		why = r.Inconclusive.Why.String()
		if !slices.IsSortedFunc(r.Inconclusive.MissingProperties, func(a, b flags.Property) int {
			return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Key, b.Key))
		}) {
			why += " (not sorted)"
		}
		for _, p := range r.Inconclusive.MissingProperties {
			missing = append(missing, p.String())
		}
		slices.Sort(missing)
	}
	return describe(r.Enabled, r.Variant, r.Payload, string(r.Reason), r.ConditionIndex, why, missing)
}

func describe(enabled bool, variant, payload, reason string, index int, why string, missing []string) string {
	return fmt.Sprintf("enabled %t, variant %q, payload %q, reason %q, condition %d, why %q, missing %q", enabled, variant, payload, reason, index, why, missing)
}

// lines puts every flag and cohort of a document on a line of its own.
func lines(document []byte) string {
	return strings.ReplaceAll(string(bytes.ReplaceAll(document, []byte(`{"key":"flag-`), []byte("\n"+`{"key":"flag-`))), `},"`, "},\n\"")
}
