package flags

import (
	"cmp"
	"encoding/json"
	"strconv"

	"github.com/hedgerow/posthog/flags/internal/match"
)

// filter compiles a filter of a condition. Without a type it is about the properties of the condition's aggregation.
func (c *compiler) filter(d *Filter, aggregation int32) filter {
	if d.Err != nil {
		return broken(d, MalformedFilter)
	}
	switch d.Type {
	case "":
		return c.propertyFilter(d, aggregation)
	case "group":
		if d.GroupTypeIndex != nil {
			aggregation = c.scope(d.GroupTypeIndex)
		} else if aggregation == personScope {
			aggregation = unnamedScope
		}
		return c.propertyFilter(d, aggregation)
	default:
		return c.typedFilter(d)
	}
}

// leaf compiles a filter of a cohort, which is about persons.
func (c *compiler) leaf(d *Filter) filter {
	if d.Err != nil {
		return broken(d, MalformedFilter)
	}
	var f filter
	if d.Type == "" {
		f = c.propertyFilter(d, personScope)
	} else {
		f = c.typedFilter(d)
	}
	f.negated = f.negated != d.Negation
	return f
}

// typedFilter compiles a filter that has the same meaning in conditions and cohorts.
func (c *compiler) typedFilter(d *Filter) filter {
	switch d.Type {
	case "person":
		return c.propertyFilter(d, personScope)
	case "person_metadata":
		return c.propertyFilter(d, metadataScope)
	case "cohort":
		return c.cohortFilter(d)
	case "flag":
		return c.flagFilter(d)
	default:
		c.report("type", "is "+strconv.Quote(d.Type)+", which only the server can evaluate")
		return broken(d, UnsupportedFilter)
	}
}

// broken is a filter that has no answer.
func broken(d *Filter, why Why) filter {
	return filter{kind: unanswerable, why: why, target: none, source: d}
}

func (c *compiler) propertyFilter(d *Filter, scope int32) filter {
	if d.Key == "" {
		c.report("key", "is empty, want the name of a property")
		return broken(d, MalformedFilter)
	}
	compiled := c.test(d.Operator, d.Value)
	if compiled.cause != match.NoCause {
		c.reportCause(d, compiled.cause)
		return broken(d, whyOf(compiled.cause))
	}
	if match.ValidNowhere(compiled.test) {
		c.report("value", "is "+abbreviate(string(d.Value))+", which is no regular expression; no property matches")
	}
	if scope == unnamedScope {
		if d.GroupTypeIndex != nil {
			c.unnamed("group_type_index", d.GroupTypeIndex)
		} else {
			c.report("group_type_index", "is absent, want the index of a group type that group_type_mapping names")
		}
		return broken(d, UnknownGroupType)
	}
	return filter{
		kind: propertyFilter, target: c.property(scope, d.Key), source: d,
		test: compiled.test, absent: compiled.absent,
	}
}

// test compiles an operator and its operand, once for all filters that have both.
func (c *compiler) test(operator string, operand json.RawMessage) compiledTest {
	asked := question{operator, string(operand)}
	compiled, ok := c.tests[asked]
	if !ok {
		compiled.test, compiled.cause = match.Compile(operator, operand, c.matching)
		compiled.absent = match.Absent(operator)
		c.tests[asked] = compiled
	}
	return compiled
}

// reportCause takes down why a filter cannot be asked.
func (c *compiler) reportCause(d *Filter, cause match.Cause) {
	if cause == match.UnknownOperator {
		c.report("operator", "is "+strconv.Quote(d.Operator)+", which a filter on a property cannot have")
		return
	}
	c.report("value", operandProblem(cmp.Or(d.Operator, "exact"), d.Value, cause, c.matching.Regexp != nil))
}

func (c *compiler) cohortFilter(d *Filter) filter {
	id, ok := cohortID(d.Value)
	switch {
	case d.Key != "id":
		c.report("key", "is "+strconv.Quote(d.Key)+`, want "id"`)
		return broken(d, MalformedFilter)
	case !ok:
		c.report("value", "is not the id of a cohort")
		return broken(d, MalformedFilter)
	}
	f := filter{kind: cohortFilter, source: d}
	switch d.Operator {
	case "", "exact", "in":
	case "not_in":
		f.negated = true
	default:
		c.report("operator", "is "+strconv.Quote(d.Operator)+`, want "in" or "not_in"`)
		return broken(d, UnknownOperator)
	}
	at, defined := c.cohorts[id]
	if !defined {
		c.report("value", "is cohort "+id+", which is static or not in the definitions")
		f.target, f.operand = none, &operand{cohort: id}
		return f
	}
	f.target = at
	c.graph.connect(c.place.vertex, c.graph.cohort(at))
	return f
}

// cohortID is the id of a cohort that an operand is: a string, or a whole number.
func cohortID(value json.RawMessage) (id string, ok bool) {
	if json.Unmarshal(value, &id) == nil {
		return id, id != ""
	}
	var number json.Number
	if json.Unmarshal(value, &number) != nil {
		return "", false
	}
	whole, err := number.Int64()
	return strconv.FormatInt(whole, 10), err == nil
}

func (c *compiler) flagFilter(d *Filter) filter {
	expected, ok := expectation(d.Value)
	var why Why
	switch {
	case !ok:
		c.report("value", "is neither true nor false nor a variant")
		why = MalformedFilter
	case d.Operator != "flag_evaluates_to":
		c.report("operator", "is "+strconv.Quote(d.Operator)+`, want "flag_evaluates_to"`)
		why = UnknownOperator
	}
	// What is wrong with the rest of the filter does not keep the server from looking for the flag.
	if path, message := c.undefined(d); message != "" {
		c.report(path, message)
		c.graph.undefined[c.place.vertex] = true
		return broken(d, MissingDependency)
	}
	target := c.program.index[d.Key]
	c.graph.connect(c.place.vertex, target)
	if why != 0 {
		return broken(d, why)
	}
	return filter{kind: flagFilter, target: target, operand: expected, source: d}
}

// undefined says which of the flags that a filter needs is missing. The message is empty if none is.
func (c *compiler) undefined(d *Filter) (path, message string) {
	const nowhere = ", which is no flag in the definitions"
	if _, found := c.program.index[d.Key]; !found {
		return "key", "is " + strconv.Quote(d.Key) + nowhere
	}
	if len(d.DependencyChain) == 0 {
		return "dependency_chain", "is empty: the flag is missing, or depends on itself"
	}
	for i, key := range d.DependencyChain {
		if _, found := c.program.index[key]; !found {
			return "dependency_chain[" + strconv.Itoa(i) + "]", "is " + strconv.Quote(key) + nowhere
		}
	}
	return "", ""
}

// expectation is what another flag must be: on, off, or in a variant.
func expectation(value json.RawMessage) (*operand, bool) {
	var expected any
	if json.Unmarshal(value, &expected) != nil {
		return nil, false
	}
	switch e := expected.(type) {
	case bool:
		return &operand{on: e}, true
	case string:
		return &operand{variant: e, named: true}, true
	default:
		return nil, false
	}
}
