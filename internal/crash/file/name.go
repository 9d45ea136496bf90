package file

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	prefix = "ph-"
	suffix = ".crash"
	torn   = ".torn"
)

// newName returns a name that nobody else has.
func newName(now time.Time, pid int) string {
	var mark [8]byte
	_, _ = rand.Read(mark[:]) // never fails
	return fmt.Sprintf("%s%d-%d-%s%s", prefix, now.UnixMilli(), pid, hex.EncodeToString(mark[:]), suffix)
}

// A name is what the name of a file says.
type name struct {
	stem     string // without attempts and suffix
	opened   int64  // milliseconds
	attempts int
	torn     bool
}

// parseName reads the name of a crash file. Other names are not understood.
func parseName(text string) (n name, ok bool) {
	rest, found := strings.CutSuffix(text, suffix)
	if !found {
		if rest, n.torn = strings.CutSuffix(text, torn); !n.torn {
			return name{}, false
		}
	}
	if stem, count, found := strings.Cut(rest, "."); found {
		attempts, err := strconv.Atoi(count)
		if err != nil || attempts < 1 || strconv.Itoa(attempts) != count || n.torn {
			return name{}, false
		}
		rest, n.attempts = stem, attempts
	}
	n.stem = rest
	parts := strings.Split(rest, "-")
	if len(parts) != 4 || parts[0]+"-" != prefix {
		return name{}, false
	}
	opened, err := strconv.ParseInt(parts[1], 10, 64)
	if _, notPID := strconv.ParseUint(parts[2], 10, 32); err != nil || notPID != nil || opened < 0 {
		return name{}, false
	}
	if mark, err := hex.DecodeString(parts[3]); err != nil || len(mark) != 8 {
		return name{}, false
	}
	n.opened = opened
	return n, true
}

// again returns the name for one more attempt.
func (n name) again() string { return name{stem: n.stem, attempts: n.attempts + 1}.path() }

// aside returns the name of a file that could not be understood.
func (n name) aside() string { return n.stem + torn }

// path returns the name of a file that is to be swept.
func (n name) path() string {
	if n.attempts == 0 {
		return n.stem + suffix
	}
	return n.stem + "." + strconv.Itoa(n.attempts) + suffix
}
