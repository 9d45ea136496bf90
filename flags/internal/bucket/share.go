package bucket

// Share is a part of everybody, 1 being all. It is made once a condition from the percentage that the condition
// has, fractions included.
type Share float64

// ShareOf returns the share that a percentage is. 100 and everything above is everybody.
func ShareOf(percentage float64) Share {
	return Share(percentage / 100)
}

// HoldoutShareOf returns the share that is held out by a percentage. Below 0 counts as 0, above 100 as 100.
func HoldoutShareOf(percentage float64) Share {
	return ShareOf(min(max(percentage, 0), 100))
}

// All is whether the share is everybody, so that there is no need to hash.
func (s Share) All() bool {
	return s >= 1
}

// Includes is whether the place of an identifier, see [Hash], is in the share. Its limit belongs to it: the place
// 0 is in a share of 0.
func (s Share) Includes(place float64) bool {
	return place <= float64(s)
}
