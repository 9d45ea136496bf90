package redisflags

import "github.com/redis/go-redis/v9"

// The scripts run as one step each, so that nothing happens between a look at the lock and what follows from it.
// KEYS[1] is the lock and KEYS[2] the document. ARGV[1] is the token of the caller. All times are in milliseconds.
var (
	// lead returns 1 if the caller has the lead, which it takes if nobody has it, for ARGV[2]. To run it again, because
	// the answer was lost, does no harm.
	lead = redis.NewScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  return 1
end
return 0`)

	// renew keeps the document for ARGV[4] if its sum is ARGV[3], and the lead for ARGV[2].
	renew = redis.NewScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 'lost'
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if redis.call('HGET', KEYS[2], 'sum') ~= ARGV[3] then
  return 'changed'
end
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return 'kept'`)

	// store replaces the document by ARGV[5], for ARGV[4], and keeps the lead for ARGV[2].
	store = redis.NewScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 'lost'
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[2], 'sum', ARGV[3])
redis.call('HSET', KEYS[2], 'document', ARGV[5])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return 'kept'`)

	// read returns the sum of the document KEYS[1], and the document if the sum is not ARGV[1]; nothing if there is none.
	read = redis.NewScript(`
local sum = redis.call('HGET', KEYS[1], 'sum')
if not sum then
  return false
end
if sum == ARGV[1] then
  return {sum}
end
return {sum, redis.call('HGET', KEYS[1], 'document') or ''}`)

	// release gives up the lead if the caller has it.
	release = redis.NewScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0`)
)

// The answers of renew and store.
const (
	kept    = "kept"    // the document is what it should be
	changed = "changed" // it is another one, or there is none
	lost    = "lost"    // the lead is
)
