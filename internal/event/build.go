package event

import "maps"

// Build returns the properties of the event that d and s make up, as a map
// that shares nothing with the caller's.
func Build(d *Draft, s *Static) map[string]any {
	d.Spread()
	m := Clone(s.defaults)
	maps.Copy(m, Clone(d.Context))
	maps.Copy(m, Clone(d.Properties))
	for _, id := range d.ids() {
		if id.Value != "" && !d.settled(id.Key) {
			m[id.Key] = id.Value
		}
	}
	if d.Personless && !d.settled(propertyProfile) {
		m[propertyProfile] = false
	}
	for _, key := range [...]string{propertyGroups, propertySet, propertySetOnce} {
		if members := d.merges(key); len(members) > 0 {
			lower, _ := d.lower(key)
			m[key] = merged(lower, members, key == propertyGroups)
		}
	}
	for _, key := range d.Reserved {
		delete(m, key)
	}
	for _, f := range d.Owned {
		m[f.Key] = cloneValue(f.Value)
	}
	if m[propertyIsServer] == false {
		delete(m, propertyIsServer)
	}
	delete(m, propertyLib)
	delete(m, propertyLibVersion)
	if s.name != "" {
		m[propertyLib], m[propertyLibVersion] = s.name, s.version
	}
	return m
}

func merged(lower, members map[string]any, groups bool) map[string]any {
	m := Clone(lower)
	for name, value := range members {
		if groups {
			value = GroupKey(value)
		}
		m[name] = cloneValue(value)
	}
	return m
}
