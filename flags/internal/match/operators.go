package match

// operator is what becomes of a filter with it.
type operator struct {
	// compile makes the test of an operand that is there and could be read. It is nil for an operator that
	// takes none.
	compile func(operator string, operand Value, options Options) (Test, Cause)
	// present is the outcome of an operator without an operand.
	present Outcome
	// absent is the outcome for a property that is known to be absent.
	absent Outcome
}

// operators are all of those for properties. in, not_in and flag_evaluates_to are for cohorts and flags, which is
// why they are unknown here.
var operators = map[string]operator{
	"is_set":     {present: Yes, absent: No},
	"is_not_set": {present: No, absent: Yes},

	"exact":  {compile: compileEquality, absent: No},
	"is_not": {compile: compileEquality, absent: Yes},

	"icontains":           {compile: compileSearch, absent: No},
	"not_icontains":       {compile: compileSearch, absent: Yes},
	"icontains_multi":     {compile: compileSearch, absent: No},
	"not_icontains_multi": {compile: compileSearch, absent: Yes},
	"starts_with":         {compile: compileSearch, absent: No},
	"not_starts_with":     {compile: compileSearch, absent: Yes},
	"ends_with":           {compile: compileSearch, absent: No},
	"not_ends_with":       {compile: compileSearch, absent: Yes},

	"regex":     {compile: compilePattern, absent: No},
	"not_regex": {compile: compilePattern, absent: Yes},

	"gt":          {compile: byNumber, absent: No},
	"gte":         {compile: byNumber, absent: No},
	"lt":          {compile: byNumber, absent: No},
	"lte":         {compile: byNumber, absent: No},
	"min":         {compile: byNumber, absent: No},
	"max":         {compile: byNumber, absent: No},
	"between":     {compile: byNumber, absent: No},
	"not_between": {compile: byNumber, absent: Yes},

	"is_date_exact":  {compile: byDate, absent: No},
	"is_date_before": {compile: byDate, absent: No},
	"is_date_after":  {compile: byDate, absent: No},

	"semver_eq":       {compile: byVersion, absent: No},
	"semver_neq":      {compile: byVersion, absent: Yes},
	"semver_gt":       {compile: byVersion, absent: No},
	"semver_gte":      {compile: byVersion, absent: No},
	"semver_lt":       {compile: byVersion, absent: No},
	"semver_lte":      {compile: byVersion, absent: No},
	"semver_tilde":    {compile: byVersion, absent: No},
	"semver_caret":    {compile: byVersion, absent: No},
	"semver_wildcard": {compile: byVersion, absent: No},
}

func byNumber(operator string, operand Value, _ Options) (Test, Cause) {
	return compileNumeric(operator, operand)
}

func byDate(operator string, operand Value, options Options) (Test, Cause) {
	return compileDate(operator, operand, options.Zone)
}

func byVersion(operator string, operand Value, _ Options) (Test, Cause) {
	return compileVersion(operator, operand)
}
