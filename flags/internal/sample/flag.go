package sample

import "fmt"

// turns is the order in which a mixed document takes the kinds.
var turns = [...]string{Simple, Filters, Multivariate, CohortMember, group, dependent, off}

// The kinds that only a mixed document has.
const (
	group     = "group"
	dependent = "dependent"
	off       = "off"
)

// filters are five filters that a [Person] passes, of the operators that are most in use.
const filters = `{"key":"plan","type":"person","operator":"exact","value":["pro","enterprise"]},` +
	`{"key":"email","type":"person","operator":"icontains","value":"@example.com"},` +
	`{"key":"seats","type":"person","operator":"gte","value":10},` +
	`{"key":"country","type":"person","operator":"is_not","value":["US"]},` +
	`{"key":"beta","type":"person","operator":"is_set","value":"is_set"}`

// variants are three variants with a payload each.
const variants = `"multivariate":{"variants":[` +
	`{"key":"control","name":"As before","rollout_percentage":33.33},` +
	`{"key":"blue","name":"","rollout_percentage":33.33},` +
	`{"key":"red","name":null,"rollout_percentage":33.34}]},` +
	`"payloads":{"control":"{\"colour\":\"none\",\"size\":1}","blue":"{\"colour\":\"#00f\",\"size\":2}",` +
	`"red":"{\"colour\":\"#f00\",\"size\":3}"}`

func appendFlag(dst []byte, i int, kind string) []byte {
	switch kind {
	case Simple, Filters, Multivariate, CohortMember:
	default:
		kind = turns[i%len(turns)]
	}
	dst = fmt.Appendf(dst, `{"id":%d,"team_id":2,"name":"Sample %d of kind %s","key":%q,"active":%t,"deleted":false,`+
		`"ensure_experience_continuity":false,"has_encrypted_payloads":false,"version":%d,"evaluation_runtime":"all",`+
		`"evaluation_contexts":["api"],"bucketing_identifier":"distinct_id","has_experiment":%t,`,
		100+i, i, kind, Key(i), kind != off, 1+i%9, kind == Multivariate)
	return append(appendRules(dst, i, kind), '}')
}

func appendRules(dst []byte, i int, kind string) []byte {
	index := "null"
	if kind == group {
		index = "0"
	}
	dst = fmt.Appendf(dst, `"filters":{"aggregation_group_type_index":%s,"early_exit":false,"feature_enrollment":false,`+
		`"groups":[{"properties":[`, index)
	switch kind {
	case Filters:
		dst = append(dst, filters...)
	case CohortMember:
		dst = fmt.Appendf(dst, `{"key":"id","type":"cohort","operator":"in","value":%s}`, Cohort(i/10))
	case group:
		dst = append(dst, `{"key":"seats","type":"group","group_type_index":0,"operator":"gt","value":"5"}`...)
	case dependent:
		// A kind or more before this one in turns: the chain ends with a flag that depends on nothing.
		before := Key(max(0, i-i%len(turns)))
		dst = fmt.Appendf(dst, `{"key":%q,"type":"flag","operator":"flag_evaluates_to","value":true,"dependency_chain":[%q]}`,
			before, before)
	}
	dst = fmt.Appendf(dst, `],"rollout_percentage":%s,"variant":null}],`, rollout(i, kind))
	if kind == Multivariate {
		return append(append(dst, variants...), '}')
	}
	return append(dst, `"multivariate":null,"payloads":{}}`...)
}

// rollout is a percentage: flags with filters are for all who pass them, so that benchmarks ask every filter.
func rollout(i int, kind string) string {
	switch kind {
	case Filters, CohortMember:
		return "100"
	case Multivariate:
		return "null"
	default:
		return fmt.Sprintf("%d.5", 10+i%80)
	}
}

func appendCohort(dst []byte, i int) []byte {
	return fmt.Appendf(dst, `%q:{"type":"OR","values":[`+
		`{"type":"AND","values":[{"key":"email","type":"person","operator":"icontains","value":"@example.org","negation":false},`+
		`{"key":"plan","type":"person","operator":"exact","value":["free"]}]},`+
		`{"type":"AND","values":[{"key":"plan","type":"person","operator":"exact","value":["pro"]},`+
		`{"key":"country","type":"person","operator":"exact","value":["US"],"negation":true}]}]}`, Cohort(i))
}
