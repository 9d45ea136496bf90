package bucket

// Table divides everybody among the variants of a flag. It is immutable. The zero Table has no variants.
type Table struct {
	// bounds are where the variants end: the running sums of their shares, added from left to right in binary64.
	bounds []float64
}

// NewTable makes a table of the percentages of a flag's variants, in the definition's order. They need not sum up
// to 100: whoever is beyond the last one has no variant.
func NewTable(percentages []float64) Table {
	bounds := make([]float64, len(percentages))
	sum := 0.0
	for i, percentage := range percentages {
		sum += percentage / 100
		bounds[i] = sum
	}
	return Table{bounds}
}

// Pick returns the index of the variant at a place, see [Hash] and [VariantSalt], or -1 for none. A variant ends
// right before its bound: one of 0 % is nobody's, even at place 0.
func (t Table) Pick(place float64) int {
	for i, bound := range t.bounds {
		if place < bound {
			return i
		}
	}
	return -1
}

// Bound returns where the variant with index i ends, for explanations. It starts where the one before it ends.
func (t Table) Bound(i int) float64 {
	return t.bounds[i]
}

// Len returns the number of variants.
func (t Table) Len() int {
	return len(t.bounds)
}
