package flags

import (
	"slices"

	"github.com/hedgerow/posthog/flags/internal/jsonview"
)

// flags reads the flags, and returns their last positions by key too.
func (r *reader) flags(v jsonview.Value) ([]Flag, map[string]int) {
	values := slices.Collect(v.Elements())
	flags := make([]Flag, len(values))
	positions := make(map[string]int, len(values))
	for i, value := range values {
		depth := r.enterElement("flags", i)
		flag := &flags[i]
		r.readFlag(flag, value)
		if flag.Key != "" {
			if _, ok := positions[flag.Key]; ok {
				r.note("key", "is that of an earlier flag too; the last one counts")
			}
			positions[flag.Key] = i
		}
		r.flag = ""
		r.leave(depth)
	}
	return flags, positions
}

// flagMembers are the values of a flag's members.
type flagMembers struct {
	id, key, name, version, active, deleted, continuity, experiment, encrypted,
	bucketing, runtime, contexts, tags, environments, filters jsonview.Value
}

func flagMembersOf(v jsonview.Value) (m flagMembers) {
	for name, value := range v.Members() {
		switch string(name) {
		case "id":
			m.id = value
		case "key":
			m.key = value
		case "name":
			m.name = value
		case "version":
			m.version = value
		case "active":
			m.active = value
		case "deleted":
			m.deleted = value
		case "ensure_experience_continuity":
			m.continuity = value
		case "has_experiment":
			m.experiment = value
		case "has_encrypted_payloads":
			m.encrypted = value
		case "bucketing_identifier":
			m.bucketing = value
		case "evaluation_runtime":
			m.runtime = value
		case "evaluation_contexts":
			m.contexts = value
		case "evaluation_tags":
			m.tags = value
		case "evaluation_environments":
			m.environments = value
		case "filters":
			m.filters = value
		}
	}
	return m
}

// readFlag reads a flag and names the reader's place after its key.
func (r *reader) readFlag(f *Flag, v jsonview.Value) {
	before := r.apart()
	f.Raw = raw(v)
	if r.must(jsonview.Object, "", v) {
		m := flagMembersOf(v)
		r.readKey(f, m.key)
		r.readDescription(f, &m)
		f.activeUnknown = !r.must(jsonview.Bool, "active", m.active)
		f.Active = m.active.True()
		f.Deleted = r.truth(decides, "deleted", m.deleted)
		f.EnsureExperienceContinuity = r.truth(decides, "ensure_experience_continuity", m.continuity)
		f.BucketingIdentifier = r.text(decides, "bucketing_identifier", m.bucketing)
		if r.must(jsonview.Object, "filters", m.filters) {
			r.readRules(f, m.filters)
		}
	} else {
		f.activeUnknown = true
	}
	f.Err = r.join(before)
}

// readKey reads the key. From then on what is malformed is a problem of the flag by that key.
func (r *reader) readKey(f *Flag, v jsonview.Value) {
	if !r.must(jsonview.String, "key", v) {
		return
	}
	if f.Key = r.word(v.Text()); f.Key == "" {
		r.report(decides, "key", "is empty, want the name of the flag")
		return
	}
	r.flag = f.Key
	r.place = r.place[:0]
}

// readDescription reads the members that inform.
func (r *reader) readDescription(f *Flag, m *flagMembers) {
	f.ID, _ = r.whole(informs, "id", m.id)
	f.Name = r.text(informs, "name", m.name)
	f.Version, _ = r.whole(informs, "version", m.version)
	if r.is(jsonview.Bool, informs, "has_experiment", m.experiment) {
		f.HasExperiment = new(m.experiment.True())
	}
	f.HasEncryptedPayloads = r.truth(informs, "has_encrypted_payloads", m.encrypted)
	f.EvaluationRuntime = r.text(informs, "evaluation_runtime", m.runtime)
	switch {
	case given(m.contexts):
		f.EvaluationContexts = r.texts(informs, "evaluation_contexts", m.contexts)
	case given(m.tags):
		f.EvaluationContexts = r.texts(informs, "evaluation_tags", m.tags)
	default:
		f.EvaluationContexts = r.texts(informs, "evaluation_environments", m.environments)
	}
}
