package match

// ordering is a set of results of a comparison, as an operator wants them.
type ordering uint8

const (
	below ordering = 1 << iota
	equal
	above
)

// has reports whether the set has the result of a comparison, which is -1, 0 or 1 as from cmp.Compare.
func (o ordering) has(comparison int) bool {
	return o&(below<<(comparison+1)) != 0
}
