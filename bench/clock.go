package main

import "time"

// clock measures wall time and this process's processor time together.
type clock struct {
	began time.Time
	used  time.Duration
}

// startClock starts both.
func startClock() (clock, error) {
	used, err := cpuTime()
	return clock{time.Now(), used}, err
}

// stop returns what passed since the start, in seconds.
func (c clock) stop() (wall, cpu float64, err error) {
	wall = time.Since(c.began).Seconds()
	used, err := cpuTime()
	return wall, (used - c.used).Seconds(), err
}
