package posthog

// mostCovered is how many errors that wrap each other are looked at in order to
// know whether all of them were captured.
const mostCovered = 50

// coverage says of an error that arrives at the end of a request, wrapped on its
// way, whether it was captured on it.
type coverage struct {
	captured func(error) bool // whether that very error was, within the request
	left     int              // errors that may still be looked at, because some wrap themselves
}

// of reports whether what err wraps was captured, all of it if err wraps
// several. An error whose Unwrap panics was not.
func (c *coverage) of(err error) (all bool) {
	defer func() {
		if recover() != nil {
			all = false
		}
	}()
	switch err := err.(type) { //nolint:errorlint // each error that is wrapped has its turn
	case interface{ Unwrap() []error }:
		for _, member := range err.Unwrap() {
			if member == nil {
				continue
			}
			if all = c.reaches(member); !all {
				return false
			}
		}
		return all
	case interface{ Unwrap() error }:
		return c.reaches(err.Unwrap())
	}
	return false
}

// reaches reports whether err was captured, or all that it wraps.
func (c *coverage) reaches(err error) bool {
	c.left--
	switch {
	case c.left < 0 || err == nil:
		return false
	case c.captured(err):
		return true
	}
	return c.of(err)
}
