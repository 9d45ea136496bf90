package reference

import (
	"fmt"
	"strconv"
)

// filter writes a filter of any type.
func (g *generator) filter() string {
	switch n := g.random.IntN(100); {
	case n < 30:
		return g.propertyFilter(`"type":"person"`, "")
	case n < 61:
		return g.propertyFilter("", "")
	case n < 70:
		return g.propertyFilter(`"type":"group"`, g.maybe(80, `"group_type_index":0`, `"group_type_index":0`,
			`"group_type_index":1`, `"group_type_index":null`, `"group_type_index":8`))
	case n < 83:
		return g.cohortFilter(0, "")
	case n < 95:
		return g.flagFilter("")
	case n < 98:
		return g.metadataFilter("")
	case n < 99:
		return g.one(`{"key":"x","type":"behavioral","operator":"exact","value":1}`, `{"key":"x","type":"hogql","value":"y"}`,
			`{"key":"plan","type":"Person","operator":"exact","value":"pro"}`, `{"type":"event"}`)
	default:
		return g.malformedFilter()
	}
}

func (g *generator) malformedFilter() string {
	return g.one(`5`, `null`, `[]`, `"plan"`, `{}`, `{"key":5,"value":"x"}`, `{"key":"","operator":"is_set"}`, `{"key":"plan","operator":5}`,
		`{"key":"plan","type":1,"value":"pro"}`, `{"operator":"exact","value":"pro"}`, `{"key":null,"value":"pro"}`,
		`{"key":"plan","value":"pro","group_type_index":"0"}`, `{"key":"plan","value":"pro","negation":"no"}`,
		`{"key":"plan","value":"pro","dependency_chain":"x"}`, `{"key":"plan","value":"pro","dependency_chain":[1]}`)
}

// propertyFilter writes a filter on a property, usually with an operator and an operand that suit it.
func (g *generator) propertyFilter(members ...string) string {
	family := pick(g, families)
	return g.comparison(family, pick(g, family.operators), members...)
}

func (g *generator) comparison(family family, operator string, members ...string) string {
	pool := family.operands
	if own := operandsOf[operator]; own != nil {
		pool = own
	}
	if g.chance(3) {
		pool = pick(g, families).operands
	}
	if g.chance(65) {
		pool = pool[:len(pool)*2/5] // the pools begin with what makes sense
	}
	value := `"value":` + pick(g, pool)
	if g.chance(1.5) {
		value = g.one(``, `"value":null`)
	}
	name := fmt.Sprintf(`"operator":%q`, operator)
	switch {
	case operator == "":
		name = g.one(``, `"operator":null`, `"operator":""`)
	case g.chance(1):
		name = g.one(`"operator":"future_op"`, `"operator":"in"`, `"operator":"flag_evaluates_to"`, `"operator":"EXACT"`, `"operator":"not_in"`)
	}
	key := pick(g, family.keys)
	if family.has("icontains") && g.chance(5) { // properties that nobody has to give
		key, value = g.one("distinct_id", "$group_key"), `"value":`+g.one(`"user-1"`, `["user-2","acme",7]`, `"7"`, `7.5`, `"USER-3"`, `"user"`)
	}
	return braces(append([]string{fmt.Sprintf(`"key":%q`, key), name, value}, members...)...)
}

func (g *generator) metadataFilter(members ...string) string {
	f := families[dateFamily]
	f.keys = []string{"created_at"}
	return g.comparison(f, pick(g, f.operators), append(members, `"type":"person_metadata"`)...)
}

// flagFilter writes a dependency, usually on a flag further up, so that cycles are the exception.
func (g *generator) flagFilter(members ...string) string {
	target := pick(g, g.keys[:1+len(g.keys)/2])
	switch {
	case g.chance(20):
		target = pick(g, g.keys)
	case g.chance(5):
		target = "ghost"
	}
	chain := fmt.Sprintf(`"dependency_chain":[%q]`, target)
	switch {
	case g.chance(10):
		chain = fmt.Sprintf(`"dependency_chain":[%q,%q]`, pick(g, g.keys), target)
	case g.chance(2):
		chain = fmt.Sprintf(`"dependency_chain":["ghost",%q]`, target)
	case g.chance(8):
		chain = g.one(`"dependency_chain":[]`, ``, `"dependency_chain":null`)
	}
	operator := `"operator":"flag_evaluates_to"`
	if g.chance(2) {
		operator = g.one(`"operator":"exact"`, ``, `"operator":"in"`)
	}
	value := g.one(`true`, `true`, `false`, `"blue"`, `"green"`, `"Blue"`, `"holdout-7"`, `""`)
	if g.chance(2) {
		value = g.one(`null`, `5`, `["blue"]`)
	}
	return braces(append([]string{`"type":"flag"`, fmt.Sprintf(`"key":%q`, target), operator, `"value":` + value, chain}, members...)...)
}

// The cohorts 1 to cohortCount are defined, and the cohort 77 is static.
const cohortCount = 5

// cohortFilter writes a filter on a cohort, usually one above another cohort's own number.
func (g *generator) cohortFilter(above int, members ...string) string {
	id := 1 + g.random.IntN(cohortCount)
	if above > 0 && above < cohortCount && g.chance(60) {
		id = above + 1 + g.random.IntN(cohortCount-above)
	}
	value := strconv.Itoa(id)
	switch {
	case g.chance(15):
		value = "77"
	case g.chance(20):
		value = strconv.Quote(value)
	case g.chance(2):
		value = g.one(`true`, `1.5`, `null`, `[1]`)
	}
	operator := g.one(``, `"operator":"exact"`, `"operator":"in"`, `"operator":"in"`, `"operator":"not_in"`, `"operator":"not_in"`)
	if g.chance(2) {
		operator = g.one(`"operator":"is_not"`, `"operator":"is_set"`)
	}
	key := `"key":"id"`
	if g.chance(1) {
		key = g.one(`"key":"cohort"`, ``)
	}
	return braces(append([]string{`"type":"cohort"`, key, operator, `"value":` + value}, members...)...)
}

// cohort writes the definition of a cohort.
func (g *generator) cohort(id int) string {
	if g.chance(3) {
		return g.one(`{}`, `[]`, `{"type":"XOR","values":[]}`, `{"type":"OR"}`, `{"type":"OR","values":{}}`, `{"values":[]}`,
			`{"type":"or","values":[{"key":"plan","value":"pro"}]}`)
	}
	if g.chance(30) {
		cycle := fmt.Sprintf(`{"type":"cohort","key":"id","value":%d}`, pick(g, []int{id, 1 + g.random.IntN(id)}))
		return braces(`"type":`+g.one(`"OR"`, `"AND"`), `"values":`+brackets([]string{cycle, g.propertyFilter()}))
	}
	return g.branch(id, 2)
}

func (g *generator) branch(id, depth int) string {
	return braces(`"type":`+g.one(`"OR"`, `"OR"`, `"AND"`, `"AND"`, `"property"`),
		`"values":`+g.several(3, func() string {
			if depth > 0 && g.chance(35) {
				return g.branch(id, depth-1)
			}
			return g.leaf(id)
		}))
}

func (g *generator) leaf(id int) string {
	negation := g.maybe(30, `"negation":true`, `"negation":true`, `"negation":false`, `"negation":null`)
	switch n := g.random.IntN(100); {
	case n < 72:
		return g.propertyFilter(g.maybe(80, `"type":"person"`), negation)
	case n < 88:
		return g.cohortFilter(id, negation)
	case n < 91:
		return g.flagFilter(negation)
	case n < 94:
		return g.metadataFilter(negation)
	case n < 97:
		return g.one(`{"key":"x","type":"behavioral","value":"performed_event"}`, `{"key":"seats","type":"group","group_type_index":0,"operator":"is_set"}`)
	default:
		return g.malformedFilter()
	}
}
