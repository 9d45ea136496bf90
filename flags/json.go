package flags

import "bytes"

// JSON returns the document that was parsed, as a copy: members that this package does not know and the literals
// of numbers are as they were, only a byte order mark is gone. What was changed in d since is not in it. It is nil
// if d does not come from [Parse].
func (d *Definitions) JSON() []byte { return bytes.Clone(d.document) }

// Flag returns the flag of a key, the last one if there are several. It is the one in d.Flags, not
// a copy. It is not ok if there is none, or none whose key could be read.
func (d *Definitions) Flag(key string) (flag *Flag, ok bool) {
	if i, ok := d.positions[key]; ok && i < len(d.Flags) && d.Flags[i].Key == key {
		return &d.Flags[i], true
	}
	if d.document != nil || key == "" {
		return nil, false
	}
	for i := len(d.Flags) - 1; i >= 0; i-- {
		if d.Flags[i].Key == key {
			return &d.Flags[i], true
		}
	}
	return nil, false
}
