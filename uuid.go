package posthog

import (
	"time"

	"github.com/hedgerow/posthog/internal/uuid7"
)

// NewUUID returns a new UUIDv7 in its canonical form. Those of one program
// increase.
func NewUUID() string { return newUUIDs.New(time.Now()).String() }

var newUUIDs uuid7.Generator

// textOf returns the canonical form of a uuid.
func textOf(uuid [16]byte) string { return uuid7.UUID(uuid).String() }
