package spool

// Stats describes a spool at one instant.
type Stats struct {
	// Bytes is the size of all files, those that are found or made ahead
	// included, and those that are on their way out not.
	Bytes int64
	// Spares counts the files that wait for their use.
	Spares int
	// Down says why no file can be made. Nil if the disk works.
	Down error
}

// Stats returns the spool's state.
func (s *Spool) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Stats{
		Bytes:  s.shelf.bytes - s.shelf.leaving,
		Spares: len(s.shelf.spares) + len(s.shelf.large),
		Down:   s.down,
	}
}
