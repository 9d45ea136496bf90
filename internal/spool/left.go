package spool

import "github.com/hedgerow/posthog/internal/spool/disk"

// Left reports whether [Open] would find records that a dead process left. It
// makes nothing, not even the directory.
func Left(dir, lane, projectKey string) bool {
	return disk.Left(disk.Local(), dir, disk.Identity{Lane: lane, Key: disk.KeyOf(projectKey)})
}
