package image

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// Recall reads the image of another process, which that wrote as JSON. It fails with [ErrFormat] if PostHog could not read
// it.
func Recall(text []byte) (*Image, error) {
	m := &Image{}
	if json.Unmarshal(text, m) != nil || strings.TrimSpace(m.DebugID) == "" {
		return nil, ErrFormat
	}
	var ok bool
	if m.Start, ok = address(m.ImageAddr); !ok {
		return nil, ErrFormat
	}
	if _, ok := address(m.ImageVmaddr); !ok {
		m.ImageVmaddr = ""
	}
	m.End = m.Start + m.ImageSize
	if m.ImageSize > math.MaxInt64 || m.End < m.Start {
		return nil, ErrFormat
	}
	return m, nil
}

// address reads what hexadecimal writes.
func address(text string) (n uint64, ok bool) {
	digits, found := strings.CutPrefix(text, "0x")
	n, err := strconv.ParseUint(digits, 16, 64) // which takes no underscores
	return n, found && err == nil
}
