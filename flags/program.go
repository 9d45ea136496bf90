package flags

import (
	"slices"
	"sync"

	"github.com/hedgerow/posthog/flags/internal/bucket"
	"github.com/hedgerow/posthog/flags/internal/match"
)

// Program is a definitions document made ready for evaluation: everything that does not depend on the subject is
// computed. It is immutable, and safe for concurrent use. A nil Program is one without flags.
type Program struct {
	definitions *Definitions
	problems    []Problem

	flags      []flag // in the document's order
	index      map[string]int32
	cohorts    []cohort
	properties []property
	groupTypes []string // names, by the numbers that scopes have
	shared     int      // how many flags others depend on
	unenrolled bool     // whoever is not known to have opted in has not

	passes sync.Pool // of *pass, each with room for what this program remembers during a call
}

// Definitions are what the program was compiled from, nil for a nil Program.
func (p *Program) Definitions() *Definitions {
	if p == nil {
		return nil
	}
	return p.definitions
}

// Problems are what is malformed in the definitions, or cannot be evaluated by this package: first what [Parse]
// found, then what [Compile] did. A message that ends with what happens instead, such as "it is ignored", is about
// something that leaves the flag to be evaluated; any other may leave what it is about inconclusive. Of flags that are
// off, Compile reports nothing. Experience continuity and relative dates are no problems: a [Subject] can have what
// they need. The slice is the caller's.
func (p *Program) Problems() []Problem {
	if p == nil {
		return nil
	}
	return slices.Clone(p.problems)
}

// flag is a compiled flag.
type flag struct {
	definition *Flag
	key        string // that of the definition, nearer
	prefix     string // what its hashes begin with

	off        bool
	why        Why  // not zero: nothing about the flag can be evaluated
	broken     Why  // not zero: it depends, maybe through others, on a flag that is missing or on itself
	device     bool // persons are bucketed by device
	continuity bool // only the server knows which distinct id decides about a person
	earlyExit  bool
	light      bool // it asks for nothing that a pass remembers

	aggregation int32 // a scope
	enrollment  int32 // the property that opts in, none without
	memo        int32 // where a pass remembers its decision, none if no flag depends on it

	holdout    *holdout
	conditions []condition
	variants   *variants // nil without
	plain      answer    // on, without a variant
}

// none is the index of nothing.
const none = -1

// Scopes say whose properties count. A scope that is not negative is a group type's number.
const (
	personScope   = -1 - iota // the properties of the person
	metadataScope             // the metadata of the person
	unnamedScope              // a group type that the definitions do not name
)

// condition is a compiled condition set.
type condition struct {
	filters     []filter
	rollout     bucket.Share
	override    *answer // nil if the hash decides about the variant
	aggregation int32   // a scope
	own         bool    // the aggregation is its own, not the flag's
}

// answer is one of the values that a flag can have when it is on.
type answer struct {
	variant string
	payload string
}

// variants are the values of a multivariate flag.
type variants struct {
	table   bucket.Table
	answers []answer
}

// holdout is a compiled holdout.
type holdout struct {
	share  bucket.Share
	answer answer
	why    Why // not zero: it cannot be evaluated
}

// cohort is a compiled cohort.
type cohort struct {
	id     string
	root   node
	cyclic bool // its tree leads, maybe through others, to a cohort that leads to itself
}

// node is a node of a cohort's tree.
type node struct {
	kind     nodeKind
	why      Why // of a broken node
	children []node
	leaf     filter
}

type nodeKind uint8

const (
	brokenNode nodeKind = iota
	leafNode
	anyNode // one child must match
	allNode // every child must match
)

// property is something that the filters of a program ask for.
type property struct {
	scope int32
	key   string
}

// filter is a compiled filter.
type filter struct {
	kind    filterKind
	why     Why           // of one that is unanswerable
	negated bool          // a definite outcome is inverted
	absent  match.Outcome // for a property that is known to be absent
	target  int32         // the property, the cohort or the flag that is asked for; none for an undefined cohort
	test    match.Test    // of a property
	operand *operand      // of the other kinds
	source  *Filter
}

type filterKind uint8

const (
	unanswerable filterKind = iota
	propertyFilter
	cohortFilter
	flagFilter
)

// operand is what a filter on a cohort or on a flag compares with.
type operand struct {
	cohort  string // the id of a cohort that the definitions do not have
	variant string // the variant that another flag must have, if it is named
	named   bool
	on      bool // otherwise, whether the other flag must be on
}
