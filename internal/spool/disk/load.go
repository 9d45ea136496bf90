package disk

import (
	"fmt"

	"github.com/hedgerow/posthog/internal/segment"
)

// Load reads the frames into area, which is as large as what is in use of the
// segment, and says which records are not final. Their salt is zero then. What
// cannot be read is left out, and Contents.Err says so; Retire remembers it. The
// error beside it is that of a file that could not be opened, or nothing of
// which could be read; then nothing is remembered, and it may be tried again.
func (s *Segment) Load(area []byte) (segment.Contents, error) {
	file, err := s.open()
	if err != nil {
		return segment.Contents{}, fmt.Errorf("load segment: %w", err)
	}
	area = area[:min(len(area), s.header.size)]
	ends := make([]byte, End(len(area)+segment.MinSize-1))
	_, _, _ = read(file, ends, endsAt) // those that are lost cost a repetition
	n, lost, err := read(file, area, int64(framesAt(s.header.size)))
	if err != nil && n == 0 {
		return segment.Contents{}, fmt.Errorf("load segment: read frames: %w", err)
	}
	found := examine(area[:n], ends, s.header.salt, n == len(area))
	for _, offset := range found.pending {
		segment.Unsalt(area[offset:], s.header.salt)
	}
	contents := segment.Contents{Pending: found.pending, Payload: found.summary.Payload}
	s.remember(s.missing(found, ends), lost, found.at)
	if s.damage != "" {
		contents.Err = fmt.Errorf("load segment: %s: %s", s.name, s.damage)
	}
	return contents, nil
}

// missing returns how many records must have been in the file that are neither
// final nor among what was found.
func (s *Segment) missing(found findings, ends []byte) int {
	if s.records == unknown {
		return found.damaged
	}
	return max(0, s.records-countEnds(ends)-found.summary.Records)
}

// remember keeps the first damage for Retire, and where in the file somebody has
// to look for it: at is an offset of the frames area.
func (s *Segment) remember(missing, lost, at int) {
	if s.damage != "" || missing == 0 && lost == 0 {
		return
	}
	what := fmt.Sprintf("%d of %d records damaged", missing, s.records)
	if s.records == unknown {
		what = fmt.Sprintf("records damaged in %d places", missing)
	}
	if missing > 0 {
		what += fmt.Sprintf(", the first at byte %d", framesAt(s.header.size)+at)
	}
	s.damage = fmt.Sprintf("%s, and %d bytes that the disk does not give", what, lost)
}
