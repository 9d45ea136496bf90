package flags

import "github.com/hedgerow/posthog/flags/internal/jsonview"

// filters reads an array of filters. Each has an Err of its own.
func (r *reader) filters(name string, v jsonview.Value) []Filter {
	filters := make([]Filter, 0, count(v))
	for element := range v.Elements() {
		depth := r.enterElement(name, len(filters))
		filters = append(filters, Filter{})
		r.readFilter(&filters[len(filters)-1], element)
		r.leave(depth)
	}
	return filters
}

func (r *reader) readFilter(f *Filter, v jsonview.Value) {
	before := r.apart()
	if r.must(jsonview.Object, "", v) {
		r.readFilterMembers(f, v)
	}
	f.Err = r.join(before)
}

func (r *reader) readFilterMembers(f *Filter, v jsonview.Value) {
	var key, kind, operator, negation, index, chain jsonview.Value
	for name, value := range v.Members() {
		switch string(name) {
		case "key":
			key = value
		case "type":
			kind = value
		case "operator":
			operator = value
		case "value":
			f.Value = raw(value)
		case "negation":
			negation = value
		case "group_type_index":
			index = value
		case "dependency_chain":
			chain = value
		}
	}
	if r.must(jsonview.String, "key", key) {
		if f.Key = r.word(key.Text()); f.Key == "" {
			r.report(decides, "key", "is empty, want the name of a property")
		}
	}
	f.Type = r.text(decides, "type", kind)
	f.Operator = r.text(decides, "operator", operator)
	f.Negation = r.truth(decides, "negation", negation)
	f.GroupTypeIndex = r.index("group_type_index", index)
	f.DependencyChain = r.texts(decides, "dependency_chain", chain)
}
