package disk

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

const (
	quarantineName = "quarantine"
	reasonSuffix   = ".txt"
	maxQuarantine  = 16 // pairs
)

// quarantine moves one of the owner's files to where nobody reads it, writes
// the reason beside it, and removes what is too much there. The reason is a
// help for people: that it cannot be written is no error.
func (o *Owner) quarantine(name, reason string) error {
	dir := filepath.Join(o.root, quarantineName)
	if err := o.sys.MkdirAll(dir); err != nil {
		return fmt.Errorf("make quarantine: %w", err)
	}
	to := filepath.Join(dir, o.mark+"-"+filepath.Base(name))
	if err := o.sys.Rename(name, to); err != nil {
		return fmt.Errorf("move to quarantine: %w", err)
	}
	o.explain(strings.TrimSuffix(to, suffix)+reasonSuffix, name, reason)
	o.prune(dir)
	return nil
}

func (o *Owner) explain(file, name, reason string) {
	f, err := o.sys.Open(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return
	}
	text := fmt.Sprintf("%s %s: %s\n", time.Now().UTC().Format(time.RFC3339), name, reason)
	_, _ = f.WriteAt([]byte(text), 0)
	_ = f.Close()
}

// prune leaves the newest pairs in the quarantine. Others may do the same at
// the same time, and what cannot be looked at stays.
func (o *Owner) prune(dir string) {
	entries, err := o.sys.ReadDir(dir)
	if err != nil || len(entries) <= maxQuarantine {
		return
	}
	newest := make(map[string]time.Time) // by the name without suffix
	for _, e := range entries {
		stem := strings.TrimSuffix(strings.TrimSuffix(e.Name(), suffix), reasonSuffix)
		info, err := e.Info()
		if err == nil && stem != e.Name() && !info.ModTime().Before(newest[stem]) {
			newest[stem] = info.ModTime()
		}
	}
	stems := make([]string, 0, len(newest))
	for stem := range newest {
		stems = append(stems, stem)
	}
	sort.Slice(stems, func(i, j int) bool {
		a, b := stems[i], stems[j]
		return cmp.Or(newest[b].Compare(newest[a]), cmp.Compare(b, a)) < 0
	})
	for _, stem := range stems[min(maxQuarantine, len(stems)):] {
		_ = o.sys.Remove(filepath.Join(dir, stem+suffix))
		_ = o.sys.Remove(filepath.Join(dir, stem+reasonSuffix))
	}
}
