package posthog

// CompressionMode says how request bodies are compressed.
type CompressionMode uint8

// The compression modes.
const (
	// CompressionDefault, the zero value, compresses bodies of at least 1 KiB
	// with gzip.
	CompressionDefault CompressionMode = iota
	// CompressionNone sends every body as it is.
	CompressionNone
	// CompressionGzip compresses every body that gzip makes smaller.
	CompressionGzip
)

// String returns "default", "none" or "gzip".
func (m CompressionMode) String() string {
	switch m {
	case CompressionDefault:
		return "default"
	case CompressionNone:
		return "none"
	case CompressionGzip:
		return "gzip"
	}
	return "unknown"
}
