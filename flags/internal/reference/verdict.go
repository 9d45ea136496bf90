package reference

// truth is one of the three values of the logic.
type truth int

const (
	no truth = iota
	yes
	open // neither can be proved
)

// cause is a reason for leaving something open. Property is empty unless a property is missing.
type cause struct {
	why      Why
	property string
}

// verdict is the value of a filter, of a node of a cohort, or of a whole condition. An open one has its causes.
type verdict struct {
	truth  truth
	causes []cause
}

var (
	matches = verdict{truth: yes}
	misses  = verdict{truth: no}
)

// definite turns a bool into a verdict.
func definite(matched bool) verdict {
	if matched {
		return matches
	}
	return misses
}

// because leaves it open.
func because(why Why) verdict {
	return verdict{truth: open, causes: []cause{{why: why}}}
}

// lacking leaves it open for want of a property.
func lacking(property string) verdict {
	return verdict{truth: open, causes: []cause{{why: MissingProperty, property: property}}}
}

// not inverts what is known.
func not(v verdict) verdict {
	switch v.truth {
	case yes:
		return misses
	case no:
		return matches
	default:
		return v
	}
}

// all is the conjunction: one miss decides, whatever else is open.
func all(parts []verdict) verdict {
	result := matches
	for _, part := range parts {
		switch part.truth {
		case no:
			return misses
		case open:
			result.truth = open
			result.causes = append(result.causes, part.causes...)
		}
	}
	return result
}

// some is the disjunction: one match decides, whatever else is open.
func some(parts []verdict) verdict {
	inverted := make([]verdict, len(parts))
	for i, part := range parts {
		inverted[i] = not(part)
	}
	return not(all(inverted))
}
