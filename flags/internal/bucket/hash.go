// Package bucket decides by chance that is no chance: which share of everybody is in a rollout, which variant
// somebody gets, and who is held out of an experiment.
//
// It owns the hash that spreads identifiers evenly and the arithmetic on percentages, both equal to the server's
// to the last bit, since a person who changes sides between the server and this library has seen two products.
// It is pure: it starts no goroutine, keeps nothing and reads no clock. Everything in it may be used from any
// number of goroutines. It never decides whether there is an identifier at all: that is its callers' question.
package bucket

import (
	"crypto/fips140"
	"crypto/sha1"
	"encoding/binary"
)

// The salts of the hash: one identifier has a place in the rollout of a flag, and independently of it one among
// the variants.
const (
	RolloutSalt = ""
	VariantSalt = "variant"
)

// HoldoutPrefix starts what is hashed for a holdout, which is shared by all flags of an experiment: no flag's key
// and no dot belong to it.
const HoldoutPrefix = "holdout-"

// Prefix starts what is hashed for the rollout and the variants of the flag with the given key. It is made once a
// flag.
func Prefix(key string) string {
	return key + "."
}

// unit is the number of places in [0, 1]: 60 bits of the digest.
const unit = 1 << 60

// room is for a prefix, an identifier and a salt of usual lengths. Longer ones cost an allocation.
const room = 256

// Hash places an identifier in [0, 1]: it is the first 15 hexadecimal digits of the SHA-1 of prefix, id and salt,
// divided by their greatest value, in binary64. It allocates nothing as long as the three have at most 256 bytes
// together, and works where only FIPS 140 algorithms are allowed: nothing here is kept secret by it.
//
// An empty identifier is hashed like any other. The server does so for holdouts alone; a rollout or a variant of
// nobody has place 0 there, and what to make of that is up to the caller.
func Hash(prefix, id, salt string) float64 {
	var stack [room]byte
	message := append(append(append(stack[:0], prefix...), id...), salt...)
	if fips140.Enforced() {
		return place(unenforced(message))
	}
	return place(sha1.Sum(message))
}

// unenforced is apart from Hash because its closure makes its argument escape to the heap.
func unenforced(message []byte) (digest [sha1.Size]byte) {
	message = append([]byte(nil), message...)
	fips140.WithoutEnforcement(func() { digest = sha1.Sum(message) })
	return digest
}

// place divides the first 60 bits of a digest by their greatest value, which as a float64 is 1<<60.
func place(digest [sha1.Size]byte) float64 {
	return float64(binary.BigEndian.Uint64(digest[:8])>>4) / unit
}
