package posthog

// DebugImageProvider is a [StackTraceExtractor] that knows the binaries which
// the native frames of its stacks refer to.
type DebugImageProvider interface {
	// GetDebugImages returns the binaries. Those that no frame refers to are not
	// sent. It may be called by several goroutines at once.
	GetDebugImages() []DebugImage
}
