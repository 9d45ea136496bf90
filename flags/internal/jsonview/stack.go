package jsonview

// stack keeps, in a bit each, which of the open containers are objects.
type stack struct {
	bits  []uint64
	depth int
}

func (s *stack) push(object bool) {
	word, bit := s.depth/64, uint64(1)<<(s.depth%64)
	if word == len(s.bits) {
		s.bits = append(s.bits, 0)
	}
	s.bits[word] &^= bit
	if object {
		s.bits[word] |= bit
	}
	s.depth++
}

func (s *stack) pop() { s.depth-- }

// object reports whether the innermost container is an object. There must be one.
func (s *stack) object() bool {
	top := s.depth - 1
	return s.bits[top/64]>>(top%64)&1 == 1
}
