package issue

import (
	"github.com/hedgerow/posthog/internal/crash"
	"github.com/hedgerow/posthog/internal/stack"
	"github.com/hedgerow/posthog/internal/stack/image"
)

// markNative makes native frames of those whose calls lie in the binary. Calls are given innermost first, frames outermost
// first, and fewer of them if there are too many calls. Calls that were inlined into another one share its address, and become
// native frames with it or not at all.
func markNative(m *image.Image, frames []*stack.Frame, calls []crash.Frame) {
	n := len(frames)
	if n > 0 && frames[0].Synthetic { // the start of the goroutine, whatever was left out before it
		n--
	}
	for i := 0; i < n; i++ {
		first := i
		for i < n-1 && calls[i].Inlined {
			i++
		}
		around := &calls[i]
		if around.Inlined || around.PC <= m.Start || around.PC > m.End {
			continue
		}
		for j := first; j <= i; j++ {
			f := &frames[len(frames)-1-j]
			*f = (*f).Native(m, around.PC, around.Entry, j < i)
		}
	}
}
