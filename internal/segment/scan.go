package segment

// A Scanner finds the frames of a segment whose bytes cannot be trusted. What
// is not sound it passes over, eight bytes at a time, to the next frame that is.
//
//	for s := segment.Scan(area, salt); s.Next(); {
//		use(s.Offset)
//	}
type Scanner struct {
	// Offset is where the frame begins that Next found.
	Offset int
	// Damaged counts the places so far, between sound frames and behind the
	// last, where a frame must have been. A torn tail is none.
	Damaged int

	area []byte
	salt uint32
	next int
}

// Scan returns a Scanner in front of the first frame of area.
func Scan(area []byte, salt uint32) *Scanner { return &Scanner{area: area, salt: salt} }

// Next finds the next sound frame, and reports whether there is one.
func (s *Scanner) Next() bool {
	from := s.next
	claimed := false // something on the way said that it is a complete frame
	for at := from; at <= len(s.area)-MinSize; at += Align {
		if !complete(s.area[at:]) {
			continue
		}
		if !sound(s.area[at:], s.salt) {
			claimed = claimed || at == from
			continue
		}
		if at > from {
			s.Damaged++
		}
		s.Offset = at
		s.next = at + Size(PayloadSize(s.area[at:]))
		return true
	}
	if claimed {
		s.Damaged++
	}
	s.next = len(s.area)
	return false
}

// End is where the frames end that were found so far.
func (s *Scanner) End() int { return s.next }
