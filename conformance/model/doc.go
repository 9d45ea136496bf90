// Package model holds the queue and the spool against a plain slice: random
// sequences of everything that can happen to them, the end of the process
// included, shrunk to a short one when they differ.
//
// It is part of this module because of the library that makes and shrinks the
// sequences, which the core must not depend on. It has tests only.
package model
