package reference

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// subject draws a subject that knows most of the properties.
func (g *generator) subject() Subject {
	s := Subject{
		DistinctID:       fmt.Sprintf("user-%d", g.random.IntN(60)),
		PersonProperties: g.properties(72),
		Complete:         g.chance(35),
	}
	if g.chance(12) {
		s.DistinctID = pick(g, []string{
			"", "", strings.Repeat("a", 250), strings.Repeat("ü", 150), strings.Repeat("ü", 201), "a\xffb", strings.Repeat("\xff", 201), " user-1", "42", "用户-7",
		})
	}
	if g.chance(70) {
		s.DeviceID = pick(g, []string{"dev-5f1", "dev-1", "dev-2", strings.Repeat("d", 300), "d\xff"})
	}
	s.Groups = g.groups()
	for _, key := range g.keys {
		if g.chance(15) {
			s.PersonProperties["$feature_enrollment/"+key] = pick(g, []any{true, "true", false, "false", "TRUE", 1, nil, math.NaN(), plain("true")})
		}
		if g.chance(20) {
			if s.HashIDs == nil {
				s.HashIDs = map[string]string{}
			}
			s.HashIDs[key] = fmt.Sprintf("anon-%d", g.random.IntN(20))
			if g.chance(8) {
				s.HashIDs[key] = pick(g, []string{"", strings.Repeat("h", 230), "a\xff"})
			}
		}
	}
	if g.chance(50) {
		s.PersonMetadata = map[string]any{}
		if g.chance(75) {
			s.PersonMetadata["created_at"] = pick(g, dateValues)
		}
	}
	if g.chance(50) {
		s.Cohorts = map[string]bool{"77": g.chance(50), "1": g.chance(50)}
	}
	if g.chance(80) {
		s.Now = pick(g, clocks)
		if clock, ok := dayAfterGap[g.zone.String()]; ok && g.chance(50) {
			s.Now = clock
		}
	}
	if g.chance(3) {
		s.PersonProperties = nil
	}
	return s
}

// properties draws values, mostly of the kind that filters on the property expect.
func (g *generator) properties(percent float64) map[string]any {
	properties := map[string]any{}
	for _, family := range families {
		for _, key := range family.keys {
			if !g.chance(percent) {
				continue
			}
			values := family.values
			if g.chance(5) {
				values = pick(g, families).values
			}
			properties[key] = pick(g, values)
		}
	}
	return properties
}

// groups draws what groups the subject is in, and how their keys are given.
func (g *generator) groups() []Group {
	var groups []Group
	for _, name := range []string{"company", "team", "company"} {
		if !g.chance(60) {
			continue
		}
		group := Group{Type: name, Key: pick(g, []any{
			"acme", "acme", "globex", "initech", "hooli", 7, 7.0, 7.5, int64(42), uint16(9), json.Number("12"), json.Number("7.0"), float32(0.5), "k\xff",
		})}
		if g.chance(8) {
			group.Key = pick(g, []any{"", nil, true, math.NaN(), []string{"acme"}, math.Inf(1)})
		}
		if g.chance(85) {
			group.Properties = g.properties(70)
		}
		groups = append(groups, group)
	}
	return groups
}
