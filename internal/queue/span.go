package queue

import (
	"slices"

	"github.com/hedgerow/posthog/internal/segment"
)

// span is one segment and the progress made through it. The queue's lock
// guards it, except for the bytes of frames: those are written once, before
// the frame can be taken.
type span struct {
	region []byte       // nil while the span is parked: its records are in its file only
	file   segment.File // nil if the span lives in memory only

	write   int   // where the next frame goes
	read    int   // where the next unread frame begins; see offsets
	offsets []int // of the unread frames of a span that was loaded, instead of read
	all     []int // of the frames that were pending when it was loaded
	places  []int // where those are in file, if it is not the one they were loaded from
	unread  int   // records not taken
	open    int   // records not finished
	live    int   // records not released
	held    int   // those of them that were taken

	payload int // bytes of payload of the unread records
	summary segment.Summary
	tags    map[int]any // by offset

	sealed  bool // nothing is added any more
	loaded  bool // from its file
	loading bool
	ghosts  int   // unread records that were not found in the file
	damage  error // why
}

func (s *span) room() int {
	if s.sealed {
		return 0
	}
	return len(s.region) - s.write
}

// survives reports whether the records outlive the process.
func (s *span) survives() bool { return s.file != nil && !s.file.Broken() }

// put adds item, and returns its offset.
func (s *span) put(item *Item, sum uint32) int {
	at := s.write
	segment.Write(s.region[at:], &item.Frame, sum)
	s.write += segment.Size(len(item.Payload))
	s.unread++
	s.open++
	s.live++
	s.payload += len(item.Payload)
	count(&s.summary, len(item.Payload), item.Accepted)
	return at
}

// count adds a record to a summary. Clocks are set back, and callers overtake
// one another.
func count(s *segment.Summary, payload int, accepted int64) {
	if s.Records == 0 {
		s.Oldest, s.Newest = accepted, accepted
	}
	s.Records++
	s.Used += segment.Size(payload)
	s.Payload += payload
	s.Oldest = min(s.Oldest, accepted)
	s.Newest = max(s.Newest, accepted)
}

// next is where the next unread frame begins.
func (s *span) next() int {
	if s.loaded {
		return s.offsets[0]
	}
	return s.read
}

func (s *span) take(r *Record) {
	at := s.next()
	segment.View(s.region[at:], &r.Frame)
	r.span, r.offset = s, at
	s.held++
	s.unread--
	s.payload -= len(r.Payload)
	if s.loaded {
		s.offsets = s.offsets[1:]
	} else {
		s.read += segment.Size(len(r.Payload))
	}
	if tag, ok := s.tags[at]; ok {
		r.Tag = tag
		delete(s.tags, at)
	}
}

// peek is the length of the next unread payload.
func (s *span) peek() int { return segment.PayloadSize(s.region[s.next():]) }

// format is that of the next unread frame.
func (s *span) format() uint8 { return segment.Format(s.region[s.next():]) }

// oldest is when the next unread frame was accepted, or, while that is not in
// memory, when the first of the span was.
func (s *span) oldest() int64 {
	if s.region == nil || s.unread == 0 {
		return s.summary.Oldest
	}
	return segment.Accepted(s.region[s.next():])
}

// untag removes some tag of a record that is not in memory.
func (s *span) untag() any {
	for at, tag := range s.tags {
		if _, unread := slices.BinarySearch(s.offsets, at); unread {
			continue
		}
		delete(s.tags, at)
		return tag
	}
	return nil
}

// place is where the frame at an offset of the region is in the file.
func (s *span) place(offset int) int {
	if s.places == nil {
		return offset
	}
	i, _ := slices.BinarySearch(s.all, offset)
	return s.places[i]
}

// forget drops the memory, and everything that is known of it.
func (s *span) forget() {
	if s.places != nil && len(s.tags) > 0 {
		tags := make(map[int]any, len(s.tags))
		for at, tag := range s.tags {
			tags[s.place(at)] = tag
		}
		s.tags = tags
	}
	s.region, s.offsets, s.all, s.places, s.loaded = nil, nil, nil, nil, false
}

// copyTo appends every frame that is in memory to file, one behind the other,
// and makes file that of the span. It reports whether that went well.
func (s *span) copyTo(file segment.File, sequence uint64) bool {
	var copied segment.Summary
	var places, ended []int
	for _, offset := range s.frames() {
		frame := s.region[offset:]
		payload, at := segment.PayloadSize(frame), copied.Used
		if !file.Append(at, frame[:segment.Size(payload)], sequence) {
			return false
		}
		if segment.Final(frame) {
			ended = append(ended, at)
		}
		places = append(places, at)
		count(&copied, payload, segment.Accepted(frame))
	}
	if len(ended) > 0 {
		file.End(ended)
	}
	s.file, s.summary = file, copied
	if s.loaded { // otherwise there were no gaps
		s.places = places
	}
	return true
}

// frames are the offsets of all frames that are in memory.
func (s *span) frames() []int {
	if s.loaded {
		return s.all
	}
	var all []int
	for at := 0; at < s.write; at += segment.Size(segment.PayloadSize(s.region[at:])) {
		all = append(all, at)
	}
	return all
}
