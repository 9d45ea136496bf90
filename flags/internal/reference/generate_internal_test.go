package reference

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// Every operator comes out in every way it can, so that each of them is compared in each.
func TestGeneratedFiltersMatchMissAndStayOpen(t *testing.T) {
	t.Parallel()
	const filters = 400
	g := &generator{random: rand.New(rand.NewPCG(1, 2))}
	for _, family := range families {
		for _, operator := range family.operators {
			var counts [3]int
			for range filters {
				f := family
				f.keys = f.keys[:1]
				g.zone = pick(g, zones)
				s := Subject{Location: g.zone, Now: pick(g, clocks), PersonProperties: map[string]any{}}
				if g.chance(75) {
					s.PersonProperties[f.keys[0]] = pick(g, f.values)
				}
				document := fmt.Sprintf(`{"flags":[],"property_matching_version":%d}`, 1+g.random.IntN(2))
				decoded, err := Decode([]byte(document))
				if err != nil {
					t.Fatal(err)
				}
				e := &evaluation{document: decoded, subject: s}
				var filter any
				if filter, err = decodeValue(g.comparison(f, operator)); err != nil {
					t.Fatal(err)
				}
				counts[e.oneFilter(filter, aggregation{}).truth]++
			}
			for _, want := range []truth{no, yes, open} {
				if operator == "is_not_set" && want == yes || operator == "is_set" && want == no {
					continue // nothing proves that a property is absent
				}
				if counts[want] < filters/100 {
					t.Errorf("operator %q: got %d misses, %d matches and %d open of %d, want at least 1 %% of each",
						operator, counts[no], counts[yes], counts[open], filters)
				}
			}
		}
	}
}

func decodeValue(document string) (any, error) {
	d, err := Decode([]byte(`{"flags":[],"v":` + document + `}`))
	return d.root["v"], err
}
