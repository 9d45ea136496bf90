package queue

// Expire ends the queued records that were accepted before the given time, in
// nanoseconds since 1970, as [Expired], up to the first that was not, and
// returns them, for the caller to pass and release. Some have no payload: those
// that were in no memory.
func (q *Queue) Expire(before int64) []Record {
	q.mu.Lock()
	defer q.mu.Unlock()
	var expired []Record
	for {
		s := q.front()
		switch {
		case s == nil || s.oldest() >= before:
			return expired
		case s.region != nil:
			var r Record
			q.pop(s, &r)
			q.end(&r, Expired)
			expired = append(expired, r)
		case s.summary.Newest < before:
			expired = q.drop(expired, s, Expired)
			q.advance()
		default:
			return expired // it will be loaded first
		}
	}
}
