package reference

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
	_ "time/tzdata" // the generator's zones are the same on every machine
)

// Case is a generated document, the project's time zone, and subjects to ask about. Values are drawn from small pools,
// so that conditions match often, and so that most ways to write a value wrongly occur.
type Case struct {
	Document []byte
	Location *time.Location
	Subjects []Subject
}

// Generate makes the case of a seed, the same one every time.
func Generate(seed uint64, subjects int) Case {
	g := &generator{random: rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))}
	g.zone = pick(g, zones)
	c := Case{Location: g.zone}
	c.Document = g.document()
	for range subjects {
		s := g.subject()
		s.Location = c.Location
		c.Subjects = append(c.Subjects, s)
	}
	return c
}

// generator draws from pools. It is for one goroutine.
type generator struct {
	random *rand.Rand
	zone   *time.Location
	keys   []string // of the flags
}

func (g *generator) chance(percent float64) bool { return g.random.Float64()*100 < percent }

func pick[T any](g *generator, pool []T) T { return pool[g.random.IntN(len(pool))] }

// one of the alternatives is written.
func (g *generator) one(alternatives ...string) string { return pick(g, alternatives) }

// maybe writes something with a probability.
func (g *generator) maybe(percent float64, alternatives ...string) string {
	if g.chance(percent) {
		return g.one(alternatives...)
	}
	return ""
}

// braces writes the members that are not empty.
func braces(members ...string) string {
	var written []string
	for _, member := range members {
		if member != "" {
			written = append(written, member)
		}
	}
	return "{" + strings.Join(written, ",") + "}"
}

func brackets(elements []string) string { return "[" + strings.Join(elements, ",") + "]" }

// several writes up to a number of elements.
func (g *generator) several(most int, element func() string) string {
	var elements []string
	for range g.random.IntN(most + 1) {
		elements = append(elements, element())
	}
	return brackets(elements)
}

func (g *generator) document() []byte {
	for i := range 1 + g.random.IntN(6) {
		g.keys = append(g.keys, fmt.Sprintf("flag-%d", i))
	}
	var flags, cohorts []string
	for i := range g.keys {
		flags = append(flags, g.flag(i))
	}
	if g.chance(4) {
		flags = append(flags, g.flag(0)) // the last one counts
	}
	if g.chance(3) {
		flags = append(flags, g.one(`{"active":true}`, `7`, `null`, `{"key":5,"active":true}`, `{"key":"","active":false}`))
	}
	for i := range cohortCount {
		cohorts = append(cohorts, fmt.Sprintf(`"%d":%s`, i+1, g.cohort(i+1)))
	}
	mapping := g.one("group_type_mapping", "group_type_mapping", "group_type_mapping", "groupTypeMapping")
	return []byte(braces(
		`"flags":`+brackets(flags),
		fmt.Sprintf(`%q:{"0":"company","1":"team"}`, mapping),
		`"cohorts":{`+strings.Join(cohorts, ",")+"}",
		g.maybe(50, `"property_matching_version":2`, `"property_matching_version":2`, `"property_matching_version":1`,
			`"property_matching_version":3`, `"property_matching_version":null`, `"property_matching_version":2.0`, `"property_matching_version":"2"`, `"propertyMatchingVersion":2`),
	))
}

// flag writes a definition, now and then with one member that is wrong.
func (g *generator) flag(place int) string {
	active := `"active":true`
	if g.chance(6) {
		active = `"active":false`
	}
	members := []string{
		fmt.Sprintf(`"key":%q`, g.keys[place]), active,
		g.maybe(20, `"deleted":false`, `"deleted":null`, `"deleted":false`, `"deleted":false`, `"deleted":true`),
		g.maybe(25, `"bucketing_identifier":"device_id"`, `"bucketing_identifier":"device_id"`, `"bucketing_identifier":"distinct_id"`,
			`"bucketing_identifier":null`, `"bucketing_identifier":""`, `"bucketing_identifier":"session_id"`),
		g.maybe(12, `"ensure_experience_continuity":true`, `"ensure_experience_continuity":true`, `"ensure_experience_continuity":false`,
			`"ensure_experience_continuity":null`),
		`"filters":` + g.filters(),
	}
	if g.chance(3) {
		place := pick(g, []int{1, 2, 3, 4, 5})
		members[place] = g.one([][]string{
			1: {``, `"active":null`, `"active":"true"`, `"active":1`},
			2: {`"deleted":"no"`, `"deleted":0`},
			3: {`"bucketing_identifier":5`, `"bucketing_identifier":{}`},
			4: {`"ensure_experience_continuity":"yes"`},
			5: {``, `"filters":null`, `"filters":[]`, `"filters":{}`, `"filters":{"groups":null}`, `"filters":{"groups":{}}`},
		}[place]...)
	}
	return braces(members...)
}

// filters writes what decides about a flag.
func (g *generator) filters() string {
	groups := g.several(4, g.condition)
	if groups == "[]" && g.chance(80) {
		groups = brackets([]string{g.condition()})
	}
	return braces(
		g.maybe(3, `"version":2`, `"version":1`, `"version":null`, `"version":0`, `"version":"2"`, `"version":7`),
		g.maybe(22, `"aggregation_group_type_index":0`, `"aggregation_group_type_index":0`, `"aggregation_group_type_index":1`,
			`"aggregation_group_type_index":null`, `"aggregation_group_type_index":1.0`, `"aggregation_group_type_index":0`,
			`"aggregation_group_type_index":1`, `"aggregation_group_type_index":9`),
		g.maybe(0.5, `"aggregation_group_type_index":"0"`, `"aggregation_group_type_index":-1`, `"aggregation_group_type_index":0.5`),
		g.maybe(25, `"early_exit":true`, `"early_exit":true`, `"early_exit":false`, `"early_exit":null`),
		g.maybe(0.3, `"early_exit":"true"`),
		g.maybe(12, `"feature_enrollment":true`, `"feature_enrollment":true`, `"feature_enrollment":false`, `"feature_enrollment":null`),
		g.maybe(0.3, `"feature_enrollment":1`),
		g.maybe(10, `"holdout":{"id":7,"exclusion_percentage":20}`, `"holdout":{"id":7,"exclusion_percentage":60}`,
			`"holdout":{"id":12,"exclusion_percentage":150}`, `"holdout":{"id":3,"exclusion_percentage":-5}`, `"holdout":null`,
			`"holdout":{"id":7,"exclusion_percentage":0.5}`, `"holdout":{"id":7.0,"exclusion_percentage":50}`),
		g.maybe(1.5, `"holdout":{"id":7}`, `"holdout":{"exclusion_percentage":5}`, `"holdout":{"id":7,"exclusion_percentage":"20"}`,
			`"holdout":[]`, `"holdout":{"id":7.5,"exclusion_percentage":50}`, `"holdout":"7"`, `"holdout":{}`, `"holdout":{"id":"7","exclusion_percentage":50}`),
		g.maybe(50, variantPool...),
		g.maybe(0.5, `"multivariate":[]`, `"multivariate":{"variants":[{"key":"blue"}]}`, `"multivariate":{"variants":{}}`, `"multivariate":{"variants":["a"]}`,
			`"multivariate":{"variants":[{"key":5,"rollout_percentage":50}]}`, `"multivariate":{"variants":[{"key":"a","rollout_percentage":"50"}]}`,
			`"multivariate":{"variants":[{"rollout_percentage":50}]}`, `"multivariate":{"variants":[{"key":"a","rollout_percentage":null}]}`),
		g.maybe(60, payloadPool...),
		g.maybe(0.3, `"payloads":[]`, `"payloads":"true"`),
		`"groups":`+groups,
	)
}

// condition writes a set of filters and its share.
func (g *generator) condition() string {
	if g.chance(0.3) {
		return g.one(`[]`, `null`, `{"rollout_percentage":"50"}`, `{"variant":5}`, `{"rollout_percentage":{}}`,
			`{"aggregation_group_type_index":"0"}`, `{"properties":{}}`)
	}
	properties := brackets([]string{g.filter()})
	if g.chance(50) {
		properties = g.several(2, g.filter)
	}
	return braces(
		g.maybe(90, `"properties":`+properties),
		g.maybe(70, `"rollout_percentage":null`, `"rollout_percentage":100`, `"rollout_percentage":0`, `"rollout_percentage":50`,
			`"rollout_percentage":33.3`, `"rollout_percentage":75`, `"rollout_percentage":0.1`, `"rollout_percentage":150`,
			`"rollout_percentage":5e1`, `"rollout_percentage":-5`, `"rollout_percentage":99.99`),
		g.maybe(25, `"variant":"blue"`, `"variant":"green"`, `"variant":"ghost"`, `"variant":null`, `"variant":""`),
		g.maybe(20, `"aggregation_group_type_index":null`, `"aggregation_group_type_index":0`, `"aggregation_group_type_index":1`,
			`"aggregation_group_type_index":0`, `"aggregation_group_type_index":1`, `"aggregation_group_type_index":null`,
			`"aggregation_group_type_index":0`, `"aggregation_group_type_index":5`),
	)
}
