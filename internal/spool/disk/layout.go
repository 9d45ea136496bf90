package disk

import "github.com/hedgerow/posthog/internal/segment"

// Where the parts of a file are.
const (
	headerSize = 128
	headerAt   = 0
	secondAt   = 512 // the header's second copy, in another sector
	sealSize   = 48
	sealAt     = 1024
	endsAt     = 4096
	block      = 4096 // what the areas' sizes are multiples of
)

// Round returns the size of the smallest frames area that has room for n
// bytes of frames: n rounded up to a multiple of 4096, and at least that.
func Round(n int) int { return max((n+block-1)&^(block-1), block) }

// EndsSize returns the size of the ends of a frames area of size bytes.
func EndsSize(size int) int { return (size/segment.MinSize + block - 1) &^ (block - 1) }

// FileSize returns the size of a file with a frames area of size bytes.
func FileSize(size int) int64 { return int64(framesAt(size)) + int64(size) }

// framesAt is where the frames area begins, if it is of size bytes.
func framesAt(size int) int { return endsAt + EndsSize(size) }
