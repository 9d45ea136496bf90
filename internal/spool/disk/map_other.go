//go:build !(linux || darwin)

package disk

import "os"

// syncCoversMappings is true of no mapping.
const syncCoversMappings = false

// mapFile fails: files are written with WriteAt here.
func mapFile(*os.File, int) (Mapping, error) { return nil, ErrNoMapping }
