package flags

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/hedgerow/posthog/flags/internal/jsonview"
)

// reader reads the members of a checked document, each as the type that it should have, and takes down what is
// malformed and where. It serves one call of [Parse].
type reader struct {
	problems []Problem
	// flag or cohort is what is being read.
	flag, cohort string
	// place leads to the object that is being read: from the flag or the cohort, if it is known by name.
	place []step
	// fault is the first malformed thing that decides in what is being read. Whoever reads a thing that has an Err
	// of its own puts it aside, see apart.
	fault error
	// words holds every string once: most of them repeat in flag after flag.
	words map[string]string
}

// step is a step of a path: the name of a member, or the index of an element.
type step struct {
	name  string
	index int
}

// weight says what a member is for, and so what happens if it is malformed.
type weight bool

const (
	// decides is the weight of a member that decides what the flag is for somebody: malformed, it is a fault.
	decides weight = true
	// informs is the weight of a member that does not: malformed, it is as good as absent.
	informs weight = false
)

// enter makes a member or an element the place that is being read, and leave ends that. enter returns what leave
// wants.
func (r *reader) enter(name string) int {
	r.place = append(r.place, step{name: name})
	return len(r.place) - 1
}

// enterElement is enter for an element of the array of that name.
func (r *reader) enterElement(name string, index int) int {
	r.place = append(r.place, step{name: name}, step{index: index})
	return len(r.place) - 2
}

func (r *reader) leave(depth int) { r.place = r.place[:depth] }

// apart returns the fault that was found so far and forgets it; join returns the fault found since, and restores
// the earlier one.
func (r *reader) apart() (before error) {
	before, r.fault = r.fault, nil
	return before
}

func (r *reader) join(before error) (since error) {
	since, r.fault = r.fault, before
	return since
}

// report takes down a malformed member of the place that is being read. Without a name it is the place itself.
func (r *reader) report(w weight, name, message string) {
	if w == informs {
		r.note(name, message+"; it is ignored")
		return
	}
	problem := r.note(name, message)
	if r.fault == nil {
		r.fault = errors.New(problem.sentence())
	}
}

// note takes down a problem that is no fault.
func (r *reader) note(name, message string) Problem {
	problem := Problem{Flag: r.flag, Cohort: r.cohort, Path: r.path(name), Message: message}
	r.problems = append(r.problems, problem)
	return problem
}

// path is the way to a member, as in filters.groups[0].variant.
func (r *reader) path(name string) string {
	var b strings.Builder
	member := func(name string) {
		if name != "" && b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(name)
	}
	for _, s := range r.place {
		if s.name == "" {
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
			continue
		}
		member(s.name)
	}
	member(name)
	return b.String()
}

// given reports whether a value is neither absent nor null.
func given(v jsonview.Value) bool { return v.Kind() > jsonview.Null }

// is reports whether a value is of a kind. One that is given and is not is reported.
func (r *reader) is(kind jsonview.Kind, w weight, name string, v jsonview.Value) bool {
	if given(v) && v.Kind() != kind {
		r.report(w, name, "is "+v.Kind().String()+", want "+kind.String())
		return false
	}
	return given(v)
}

// must is is for a value that decides and must not be absent.
func (r *reader) must(kind jsonview.Kind, name string, v jsonview.Value) bool {
	if !given(v) {
		r.report(decides, name, "is "+v.Kind().String()+", want "+kind.String())
		return false
	}
	return r.is(kind, decides, name, v)
}

// text reads a string, "" if it is not given.
func (r *reader) text(w weight, name string, v jsonview.Value) string {
	if !r.is(jsonview.String, w, name, v) {
		return ""
	}
	return r.word(v.Text())
}

// word returns a string that is shared by all who need the same.
func (r *reader) word(text []byte) string {
	if word, ok := r.words[string(text)]; ok {
		return word
	}
	word := string(text)
	r.words[word] = word
	return word
}

// texts reads an array of strings, nil if it is not given. An element that is none is left out.
func (r *reader) texts(w weight, name string, v jsonview.Value) []string {
	if !r.is(jsonview.Array, w, name, v) {
		return nil
	}
	list := make([]string, 0, count(v))
	i := 0
	for element := range v.Elements() {
		if element.Kind() == jsonview.String {
			list = append(list, r.word(element.Text()))
		} else {
			depth := r.enterElement(name, i)
			r.report(w, "", "is "+element.Kind().String()+", want a string")
			r.leave(depth)
		}
		i++
	}
	return list
}

// truth reads a boolean, false if it is not given.
func (r *reader) truth(w weight, name string, v jsonview.Value) bool {
	return r.is(jsonview.Bool, w, name, v) && v.True()
}

// number reads a number. It is not ok if it is not given or beyond a float64.
func (r *reader) number(w weight, name string, v jsonview.Value) (number float64, ok bool) {
	if !r.is(jsonview.Number, w, name, v) {
		return 0, false
	}
	number, err := strconv.ParseFloat(string(v), 64)
	if err != nil {
		r.report(w, name, "is too large for a number")
		return 0, false
	}
	return number, true
}

// whole reads a whole number, of which 7 and 7.0 are the same. It is not ok if it is not given.
func (r *reader) whole(w weight, name string, v jsonview.Value) (number int64, ok bool) {
	if !r.is(jsonview.Number, w, name, v) {
		return 0, false
	}
	if number, err := strconv.ParseInt(string(v), 10, 64); err == nil {
		return number, true
	}
	// 2^53: beyond it a float64 does not say which whole number was meant.
	float, err := strconv.ParseFloat(string(v), 64)
	if err != nil || float != math.Trunc(float) || math.Abs(float) > 1<<53 {
		r.report(w, name, "is "+abbreviated(v)+", want a whole number")
		return 0, false
	}
	return int64(float), true
}

// index reads the index of a group type, nil if it is not given.
func (r *reader) index(name string, v jsonview.Value) *int {
	number, ok := r.whole(decides, name, v)
	if !ok {
		return nil
	}
	if number < 0 || number > math.MaxInt32 {
		r.report(decides, name, "is "+abbreviated(v)+", want the index of a group type, 0 or more")
		return nil
	}
	return new(int(number))
}

// abbreviated is a number as written, cut where nobody reads on.
func abbreviated(v jsonview.Value) string {
	const enough = 40
	if len(v) > enough {
		return string(v[:enough]) + "..."
	}
	return string(v)
}

// raw is a value as written, nil if it is absent.
func raw(v jsonview.Value) json.RawMessage { return json.RawMessage(v) }

// count returns how many elements an array has.
func count(v jsonview.Value) int {
	n := 0
	for range v.Elements() {
		n++
	}
	return n
}
