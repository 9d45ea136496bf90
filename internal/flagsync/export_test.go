package flagsync

// Difference is what listeners are told.
func Difference(from, to *State) Change { return difference(from, to) }
