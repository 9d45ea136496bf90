package posthog

import "github.com/hedgerow/posthog/internal/event"

// completeHooked makes an event that hooks have seen one that PostHog can read,
// if it is an exception: hooks change texts, frames and more, and may be
// careless. It reports false for one that has lost its exceptions or their
// titles. A list of another type than the library's is left alone.
func completeHooked(ev *Event, h header) bool {
	if ev.Event != exceptionEvent {
		return true
	}
	p := ev.Properties
	list, ok := p[propertyExceptionList].([]ExceptionItem)
	if !ok {
		return h.kind != kindException || p[propertyExceptionList] != nil
	}
	if (&Exception{ExceptionList: list}).validateList() != nil {
		return false
	}
	list = completed(list)
	p[propertyExceptionList] = list
	for key, value := range map[string]string{propertyExceptionType: list[0].Type, propertyExceptionMessage: list[0].Value} {
		if _, kept := p[key]; kept { // PostHog's server does not need it
			p[key] = value
		}
	}
	level := Level(stringOf(p[propertyExceptionLevel])).known()
	fallback(&level, LevelError)
	p[propertyExceptionLevel] = string(level)
	for _, key := range append([]string{propertyExceptionSource, propertyExceptionFingerprint}, issueHints[:]...) {
		if event.Blank(stringOf(p[key])) {
			delete(p, key)
		}
	}
	for _, key := range foundProperties {
		delete(p, key)
	}
	if images, ok := p[propertyDebugImages].([]DebugImage); ok {
		if images = usableImages(images, list); len(images) > 0 {
			p[propertyDebugImages] = images
		} else {
			delete(p, propertyDebugImages)
		}
	}
	return true
}
