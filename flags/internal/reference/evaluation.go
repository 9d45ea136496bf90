package reference

import (
	"slices"
	"strconv"
)

// evaluation is one question about one subject. Its path are the flags and cohorts that wait for an answer, the innermost
// one last.
type evaluation struct {
	document Document
	subject  Subject
	path     []string
	known    map[string][]link // see links
}

// aggregation is whose condition, or whose flag, it is: a person's or that of a type of groups.
type aggregation struct {
	group bool
	index int
}

// flag answers for a flag. The steps are in the order in which they decide.
func (e *evaluation) flag(key string) Answer {
	place := e.document.find(key)
	if place < 0 {
		return unanswered(cause{why: UnknownFlag})
	}
	flag := e.document.flags()[place].(map[string]any)
	if off(flag) {
		return disabled("flag_disabled", -1)
	}
	if why := unfit(flag); why != 0 {
		return unanswered(cause{why: why})
	}
	if why := e.brokenDependency(flagNode + key); why != 0 {
		if e.subject.Complete {
			return disabled("missing_dependency", -1)
		}
		return unanswered(cause{why: why})
	}
	e.path = append(e.path, flagNode+key)
	defer func() { e.path = e.path[:len(e.path)-1] }()

	a := &asked{evaluation: e, key: key, place: place, members: flag, filters: flag["filters"].(map[string]any)}
	if why := a.identify(); why != 0 {
		return unanswered(cause{why: why})
	}
	for _, step := range []func() (Answer, bool){a.enrollment, a.holdout} {
		if answer, decided := step(); decided {
			return answer
		}
	}
	return a.conditions()
}

// asked is a flag that is fit to be evaluated.
type asked struct {
	*evaluation
	key     string
	place   int
	members map[string]any
	filters map[string]any

	about    aggregation // the flag's own
	byDevice bool        // persons are hashed by their device
	distinct string      // or else by this
	unsure   bool        // or else by what only the server knows
}

// identify finds out whom the flag is about, and who is hashed.
func (a *asked) identify() Why {
	a.about = aggregationOf(a.filters)
	a.byDevice = a.members["bucketing_identifier"] == "device_id"
	a.distinct = distinct(a.subject.DistinctID)
	if a.members["ensure_experience_continuity"] != true || a.byDevice {
		return 0
	}
	if id, ok := a.subject.HashIDs[a.key]; ok {
		a.distinct = distinct(id)
		return 0
	}
	if a.unsure = !a.subject.Complete; a.unsure && !a.about.group {
		return ExperienceContinuity
	}
	return 0
}

func aggregationOf(members map[string]any) aggregation {
	i, ok := index(members["aggregation_group_type_index"])
	return aggregation{group: ok, index: i}
}

// enrollment lets the person's own choice decide.
func (a *asked) enrollment() (Answer, bool) {
	if a.filters["feature_enrollment"] != true {
		return Answer{}, false
	}
	name := "$feature_enrollment/" + a.key
	choice, present := a.subject.person()[name]
	if !present {
		return unanswered(cause{why: MissingEnrollment, property: name}), !a.subject.Complete
	}
	choice, _ = received(choice)
	if choice == true || choice == "true" {
		return a.enabled("", "super_condition_value", 0), true
	}
	return disabled("super_condition_value", 0), true
}

// holdout keeps a share of all subjects out.
func (a *asked) holdout() (Answer, bool) {
	if a.filters["holdout"] == nil {
		return Answer{}, false
	}
	holdout, _ := a.filters["holdout"].(map[string]any)
	id, whole := index(holdout["id"])
	share, numeric := number(holdout["exclusion_percentage"])
	if !whole || !numeric {
		return unanswered(cause{why: MalformedHoldout}), true
	}
	identifier, why := a.identifier(a.about)
	switch {
	case why == UnknownGroupType:
		return unanswered(cause{why: why}), true
	case why == MissingDistinctID && a.subject.Complete:
		// Even nobody has a place in a holdout.
	case why != 0:
		return unanswered(cause{why: why}), !a.subject.Complete
	}
	share = min(max(share, 0), 100)
	if share < 100 && holdoutHash(identifier) > share/100 {
		return Answer{}, false
	}
	return a.enabled("holdout-"+strconv.Itoa(id), "holdout_condition_value", -1), true
}

// identifier is what stands for the subject in the hash, or why nothing does.
func (a *asked) identifier(about aggregation) (string, Why) {
	if about.group {
		name, ok := a.document.groupType(about.index)
		if !ok {
			return "", UnknownGroupType
		}
		_, key, ok := a.subject.group(name)
		if !ok {
			return "", MissingGroup
		}
		return key, 0
	}
	if a.byDevice {
		if a.subject.DeviceID == "" {
			return "", MissingDevice
		}
		return transmitted(a.subject.DeviceID), 0
	}
	if a.unsure {
		return "", ExperienceContinuity
	}
	if a.distinct == "" {
		return "", MissingDistinctID
	}
	return a.distinct, 0
}

// enabled is the answer true, or a variant, with the payload of either.
func (a *asked) enabled(variant, reason string, index int) Answer {
	name := variant
	if name == "" {
		name = "true"
	}
	return Answer{
		Conclusive: true, Enabled: true, Variant: variant, Payload: a.document.payload(a.place, name),
		Reason: reason, ConditionIndex: index,
	}
}

// off is whether the flag is false for everybody. That can be said of flags that cannot be read otherwise.
func off(flag map[string]any) bool {
	active, readable := flag["active"].(bool)
	return readable && (!active || flag["deleted"] == true)
}

// unfit is why a flag cannot be evaluated for anybody, 0 if it can. Rules of another version are not looked into.
func unfit(flag map[string]any) Why {
	filters, _ := flag["filters"].(map[string]any)
	rules, given := number(filters["version"])
	bucketing, _ := flag["bucketing_identifier"].(string)
	switch {
	case !readableFlag(flag):
		return Undecodable
	case given && rules != 0 && rules != 1:
		return UnsupportedRules
	case !readableFilters(filters):
		return Undecodable
	case !slices.Contains([]string{"", "distinct_id", "device_id"}, bucketing):
		return UnsupportedBucketing
	default:
		return 0
	}
}
