package delivery

// ramp limits what is sent to a server that comes back after an outage, or to
// which a whole fleet comes back: one small request first, and twice as much
// with every delivery.
type ramp struct {
	step     int // from 0 to steep
	failures int // attempts that failed since the last delivery
}

const (
	// steep is the step from which on nothing is limited.
	steep = 8
	// outage is the number of failures in a row that make an outage.
	outage = 3
)

// begin limits what comes next.
func (r *ramp) begin() { r.step = 0 }

func (r *ramp) failed() {
	if r.failures++; r.failures >= outage {
		r.begin()
	}
}

func (r *ramp) delivered() {
	r.failures = 0
	if r.step < steep {
		r.step++
	}
}

// of is how much of most is allowed, when at first it is least.
func (r *ramp) of(least, most int) int {
	if r.step >= steep {
		return most
	}
	return min(least<<r.step, most)
}
