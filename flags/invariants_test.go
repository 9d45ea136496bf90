package flags_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/hedgerow/posthog/flags"
	"github.com/hedgerow/posthog/flags/internal/reference"
)

// shuffled is a document whose filters, and nodes of cohorts, are in another order.
func shuffled(tb testing.TB, document []byte, random *rand.Rand) []byte {
	tb.Helper()
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	var root any
	if err := decoder.Decode(&root); err != nil {
		tb.Fatalf("decode %s: %v", document, err)
	}
	var shuffle func(value any)
	shuffle = func(value any) {
		switch v := value.(type) {
		case map[string]any:
			for name, member := range v {
				shuffle(member)
				if list, ok := member.([]any); ok && (name == "properties" || name == "values") {
					random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
				}
			}
		case []any:
			for _, element := range v {
				shuffle(element)
			}
		}
	}
	shuffle(root)
	encoded, err := json.Marshal(root)
	if err != nil {
		tb.Fatalf("encode: %v", err)
	}
	return encoded
}

// generated is a program of the generator's, and its subjects.
func generated(tb testing.TB, document []byte, c *reference.Case) (*flags.Program, []flags.Subject) {
	tb.Helper()
	d, err := flags.Parse(document)
	if err != nil {
		tb.Fatalf("parse %s: %v", document, err)
	}
	var subjects []flags.Subject
	for i := range c.Subjects {
		subjects = append(subjects, subjectOf(&c.Subjects[i]))
	}
	return flags.Compile(d, flags.Options{Location: c.Location}), subjects
}

// Proves FL-12 and FL-24.
func TestTheOrderOfFiltersDoesNotMatter(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		c := reference.Generate(seed, 5)
		random := rand.New(rand.NewPCG(seed, 1))
		p, subjects := generated(t, c.Document, &c)
		other, _ := generated(t, shuffled(t, c.Document, random), &c)
		for i := range subjects {
			for _, r := range p.EvaluateAll(&subjects[i], nil) {
				o := other.Evaluate(r.Key, &subjects[i])
				o.Payload, r.Payload = "", "" // encoded anew
				if got, want := full(o), full(r); got != want {
					t.Errorf("seed %d, subject %d: %s is %s, and with its filters in another order %s\n%s\n%s", seed, i, r.Key, want, got,
						p.Explain(r.Key, &subjects[i]), other.Explain(r.Key, &subjects[i]))
				}
			}
		}
	}
}

// All flags are each one by itself, the explained one too, and nothing of a call is left to the next.
//
// Proves FL-30.
func TestAllFlagsAreEachOneByItself(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		c := reference.Generate(seed, 5)
		p, subjects := generated(t, c.Document, &c)
		var before []string
		for range 2 {
			var answers []string
			for i := range subjects {
				for _, r := range p.EvaluateAll(&subjects[i], nil) {
					one, explained := p.Evaluate(r.Key, &subjects[i]), p.Explain(r.Key, &subjects[i])
					if full(one) != full(r) || full(explained.Result) != full(r) || one.Flag() != r.Flag() {
						t.Errorf("seed %d, subject %d: %s is %s among all, %s alone, %s explained\n%s", seed, i, r.Key, full(r), full(one),
							full(explained.Result), explained)
					}
					answers = append(answers, full(r))
				}
			}
			if before != nil && !slices.Equal(before, answers) {
				t.Errorf("seed %d: got %v, and before %v", seed, answers, before)
			}
			before = answers
		}
	}
}

// Proves FL-30.
func TestGoroutinesShareAProgram(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		c := reference.Generate(seed, 8)
		p, subjects := generated(t, c.Document, &c)
		want := make([]string, len(subjects))
		for i := range subjects {
			want[i] = everything(p, &subjects[i])
		}
		var all sync.WaitGroup
		for worker := range 8 {
			all.Go(func() {
				for turn := range 40 {
					i := (worker + turn) % len(subjects)
					if got := everything(p, &subjects[i]); got != want[i] {
						t.Errorf("seed %d, subject %d: got %s among goroutines, %s alone", seed, i, got, want[i])
					}
				}
			})
		}
		all.Wait()
	}
}

// everything is what a program answers in every way, as text.
func everything(p *flags.Program, s *flags.Subject) string {
	var text []string
	for _, r := range p.EvaluateAll(s, nil) {
		text = append(text, full(r), full(p.Evaluate(r.Key, s)))
	}
	return fmt.Sprint(text)
}
