package spool_test

import (
	"github.com/hedgerow/posthog/internal/spool/disk"
)

// quick is the local disk, but its syncs do nothing: what a test loses by
// killing a process is not what a power cut loses.
type quick struct{ disk.System }

func (q quick) SyncDir(string) error { return nil }

func (q quick) Open(name string, flag int) (disk.Handle, error) {
	h, err := q.System.Open(name, flag)
	if err != nil {
		return nil, err
	}
	return unsynced{h}, nil
}

type unsynced struct{ disk.Handle }

func (unsynced) Sync() error { return nil }
