package flags

import "time"

// Subject is who a flag is evaluated for, and what is known about them. An evaluation only reads it, calls nothing
// but the JSON encoding of property values that are neither strings, booleans nor numbers, and keeps nothing of it:
// any number of evaluations may share one, at once as well, as long as nobody changes it meanwhile.
//
// What is not in it is unknown rather than absent: a caller has a part of the properties that the server stores.
// An answer that depends on something unknown is inconclusive. See Complete for the opposite.
type Subject struct {
	// DistinctID identifies the person. Of one that is longer than 200 bytes, the first 200 characters count, as
	// they do on the server. Without one, conditions on persons are inconclusive, unless they are bucketed by device.
	DistinctID string
	// DeviceID identifies the device, for flags that are bucketed by device. Nothing stands in for it.
	DeviceID string
	// Groups are the groups that the person acts for, at most one of each type: of several, the first counts.
	Groups []Group
	// PersonProperties are the known properties of the person. One that is present and nil is known to be null.
	// The property distinct_id is DistinctID unless it is given.
	PersonProperties map[string]any
	// PersonMetadata is for filters on what the server knows of a person beside the properties, such as
	// created_at. Filters of this kind are inconclusive if it is nil.
	PersonMetadata map[string]any
	// Cohorts are memberships, by the cohort's id: true for a member, false for somebody who is none, and absent for
	// unknown. They are asked for only about cohorts that the definitions do not have, which static cohorts are.
	Cohorts map[string]bool
	// HashIDs are by the key of a flag with experience continuity, which is inconclusive otherwise: the
	// identifier that decides, in place of DistinctID, about rollout, variant and holdout.
	HashIDs map[string]string
	// Now is the time that relative dates are relative to, usually time.Now(), in any zone. If it is zero, filters with
	// a relative date are inconclusive. [Program.UsesClock] says whether there are any.
	Now time.Time
	// Complete says that all there is to know is in the Subject: what is not, is absent. Negative operators match
	// properties that are absent, and identifiers that are missing count as they do on the server. What the
	// package cannot evaluate stays inconclusive.
	Complete bool
}

// Group is a group that the person acts for, such as a company.
type Group struct {
	// Type is the name of the group type, such as "company".
	Type string
	// Key identifies the group among those of its type: a string that is not empty, or a number, which counts as
	// its JSON text. Anything else is a missing key.
	Key any
	// Properties are the known properties of the group. The property $group_key is Key unless it is given.
	Properties map[string]any
}
