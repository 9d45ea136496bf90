package delivery

import "testing"

// The sizer halves at once and grows by a quarter after eight batches in a
// row, back to what is configured and not beyond.
func TestSizer(t *testing.T) {
	t.Parallel()
	s := sizer{most: 100, limit: 100}
	pass := func(batches int) {
		for range batches {
			s.delivered()
		}
	}
	for _, step := range []struct {
		name string
		do   func()
		want int
	}{
		{"batches that pass change nothing", func() { pass(100) }, 100},
		{"half of what was too large", func() { s.tooLarge(40) }, 20},
		{"a larger batch that was on its way does not raise it", func() { s.tooLarge(100) }, 20},
		{"seven batches are too few", func() { pass(7) }, 20},
		{"the eighth adds a quarter", func() { pass(1) }, 25},
		{"the next seven are too few again", func() { pass(7) }, 25},
		{"a batch that is too large ends the row", func() { s.tooLarge(24) }, 12},
		{"so that seven are too few", func() { pass(7) }, 12},
		{"and the eighth grows", func() { pass(1) }, 15},
		{"it never grows beyond its limit", func() { pass(1000) }, 100},
		{"it never shrinks below one", func() { s.tooLarge(1) }, 1},
		{"and leaves even that", func() { pass(8) }, 2},
	} {
		step.do()
		if s.limit != step.want {
			t.Errorf("%s: the limit is %d, want %d", step.name, s.limit, step.want)
		}
	}
}
