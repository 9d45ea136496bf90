package flags

import (
	"maps"
	"slices"
	"strconv"

	"github.com/hedgerow/posthog/flags/internal/match"
)

// Compile makes a program of definitions. It never fails: what cannot be evaluated is inconclusive when asked for, and
// [Program.Problems] says why. A nil d is one without flags. The program refers to d, which must not be changed.
func Compile(d *Definitions, options Options) *Program {
	if d == nil {
		d = &Definitions{}
	}
	c := compiler{
		definitions: d,
		matching:    options.matching(d.PropertyMatchingVersion),
		program:     &Program{definitions: d, index: make(map[string]int32, len(d.Flags)), unenrolled: options.AssumeNotEnrolled},
		cohorts:     make(map[string]int32, len(d.Cohorts)),
		properties:  make(map[property]int32),
		groups:      make(map[string]int32),
		tests:       make(map[question]compiledTest),
	}
	c.program.problems = slices.Clone(d.problems)
	c.number()
	c.compileFlags()
	c.compileCohorts()
	c.link()
	return c.program
}

// compiler compiles one document, on the goroutine of whoever calls Compile.
type compiler struct {
	definitions *Definitions
	matching    match.Options
	program     *Program

	positions  []int // of the program's flags, among those of the definitions
	cohorts    map[string]int32
	properties map[property]int32
	groups     map[string]int32
	tests      map[question]compiledTest

	// Where the compiler is: what it finds becomes a problem there, and what it refers to an edge from there.
	place place
	graph graph
}

// place is a flag or a cohort, and a path in it.
type place struct {
	vertex int32
	flag   string
	cohort string
	path   string
}

// question is an operator and an operand. Many filters ask the same.
type question struct{ operator, operand string }

type compiledTest struct {
	test   match.Test
	cause  match.Cause
	absent match.Outcome
}

// number gives every flag and every cohort its index before any of them is compiled, so that they can refer to each
// other: flags in the document's order, the last one of several with one key, and cohorts by id.
func (c *compiler) number() {
	last := make(map[string]int, len(c.definitions.Flags))
	for i := range c.definitions.Flags {
		last[c.definitions.Flags[i].Key] = i
	}
	delete(last, "")
	c.positions = make([]int, 0, len(last))
	for i := range c.definitions.Flags {
		key := c.definitions.Flags[i].Key
		if at, ok := last[key]; ok && at == i {
			c.program.index[key] = int32(len(c.positions)) //nolint:gosec // a document has fewer flags than bytes
			c.positions = append(c.positions, i)
		}
	}
	c.program.flags = make([]flag, len(c.positions))
	ids := slices.Sorted(maps.Keys(c.definitions.Cohorts))
	c.program.cohorts = make([]cohort, len(ids))
	for i, id := range ids {
		c.cohorts[id] = int32(i) //nolint:gosec // as above
		c.program.cohorts[i].id = id
	}
	c.graph = newGraph(len(c.positions), len(ids))
}

// report takes down a problem at a path below the place where the compiler is.
func (c *compiler) report(path, message string) {
	if c.place.path != "" && path != "" {
		path = c.place.path + "." + path
	} else if path == "" {
		path = c.place.path
	}
	c.program.problems = append(c.program.problems,
		Problem{Flag: c.place.flag, Cohort: c.place.cohort, Path: path, Message: message})
}

// property returns the index of a property, which it gives one if it has none.
func (c *compiler) property(scope int32, key string) int32 {
	wanted := property{scope, key}
	index, ok := c.properties[wanted]
	if !ok {
		index = int32(len(c.program.properties)) //nolint:gosec // as above
		c.properties[wanted] = index
		c.program.properties = append(c.program.properties, wanted)
	}
	return index
}

// scope returns the scope of a group type, or of persons if there is no index.
func (c *compiler) scope(index *int) int32 {
	if index == nil {
		return personScope
	}
	name := c.definitions.GroupTypes[*index]
	if name == "" {
		return unnamedScope
	}
	number, ok := c.groups[name]
	if !ok {
		number = int32(len(c.program.groupTypes)) //nolint:gosec // as above
		c.groups[name] = number
		c.program.groupTypes = append(c.program.groupTypes, name)
	}
	return number
}

// unnamed reports a group type without a name.
func (c *compiler) unnamed(path string, index *int) {
	c.report(path, "is "+strconv.Itoa(*index)+", which group_type_mapping does not name")
}

// names are the properties with the indexes: sorted, each once, nil if there are none.
func (p *Program) names(indexes []int32) []Property {
	if len(indexes) == 0 {
		return nil
	}
	names := make([]Property, 0, len(indexes))
	for _, i := range indexes {
		name := Property{Key: p.properties[i].key}
		if scope := p.properties[i].scope; scope >= 0 {
			name.Group = p.groupTypes[scope]
		}
		names = append(names, name)
	}
	slices.SortFunc(names, Property.compare)
	return slices.Compact(names)
}
