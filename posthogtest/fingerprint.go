package posthogtest

import (
	"crypto/sha512"
	"encoding/hex"
	"io"
)

// maxFingerprint is the longest fingerprint of an application that is kept as it
// is, in bytes.
const maxFingerprint = 64

// grouping is what PostHog groups an incident by: what the application says, or
// of each exception the type, then the file, module and function of its own
// frames, or of the outermost one where it has none, and the message where it has
// no stacktrace. Lines do not count, nor do unresolved frames beside resolved
// ones.
func (in *incident) grouping() []string {
	if in.fingerprint != "" {
		return []string{in.fingerprint}
	}
	var parts []string
	for i := range in.list {
		e := &in.list[i]
		parts = append(parts, e.Type)
		if e.Frames == nil {
			parts = append(parts, e.Value)
			continue
		}
		parts = appendFrames(parts, e.Frames)
	}
	return parts
}

func appendFrames(parts []string, frames []Frame) []string {
	own, resolved := false, false
	for i := range frames {
		own = own || frames[i].InApp
		resolved = resolved || frames[i].Resolved
	}
	if !own {
		frames = frames[:min(1, len(frames))]
	}
	for i := range frames {
		f := &frames[i]
		if own && (!f.InApp || resolved && !f.Resolved) {
			continue
		}
		parts = append(parts, f.Filename)
		if f.Module != "" {
			parts = append(parts, f.Module)
		}
		parts = append(parts, f.Function)
	}
	return parts
}

// digest is the fingerprint of what is grouped by.
func (in *incident) digest() string {
	if in.fingerprint != "" && len(in.fingerprint) <= maxFingerprint {
		return in.fingerprint
	}
	h := sha512.New()
	for _, part := range in.grouping() {
		_, _ = io.WriteString(h, part) // a hash returns no error
	}
	return hex.EncodeToString(h.Sum(nil))
}
