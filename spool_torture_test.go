package posthog_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"hash/fnv"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/torture"
	"github.com/hedgerow/posthog/posthogtest"
)

// What `make torture` changes.
var (
	tortureKills = flag.Int("torture.kills", 208, "how many processes TestTorture kills")
	tortureSeed  = flag.Uint64("torture.seed", 0, "the seed of TestTorture; 0 makes one up")
)

// weather is how a server does while some processes live and die.
type weather uint8

const (
	fair   weather = iota
	stormy         // half of the requests fail, some after they were stored
	away           // nobody listens
)

// variant is one way of torturing.
type variant struct {
	slots      int // processes at a time, all on one directory
	workers    int
	events     int // of each worker
	sizes      torture.Sizes
	disk       bool
	queueBytes int
	weather    []weather // of the epochs, over and over
}

// variants are run one like the other.
var variants = map[string]variant{
	"the server is well":             {1, 4, 150, torture.Sizes{Least: 50, Most: 2_000}, false, 0, []weather{fair}},
	"half of the requests fail":      {1, 4, 150, torture.Sizes{Least: 50, Most: 2_000}, false, 0, []weather{stormy}},
	"the server is away for lives":   {1, 4, 150, torture.Sizes{Least: 50, Most: 2_000}, false, 0, []weather{away, away, fair, away, stormy}},
	"three processes share the disk": {3, 2, 100, torture.Sizes{Least: 50, Most: 2_000}, false, 0, []weather{fair, stormy}},
	"the disk is waited for":         {1, 4, 50, torture.Sizes{Least: 50, Most: 5_000}, true, 0, []weather{fair, stormy}},
	"the events are large":           {1, 2, 12, torture.Sizes{Least: 50, Most: 300_000}, false, 0, []weather{fair, away, stormy}},
	"the queue is small":             {1, 4, 60, torture.Sizes{Least: 50, Most: 10_000}, false, 512 << 10, []weather{away, fair, stormy}},
	"everything together":            {2, 2, 12, torture.Sizes{Least: 50, Most: 300_000}, false, 4 << 20, []weather{away, stormy, fair}},
}

// How a variant's kills are divided.
const (
	killsOfEpoch = 7  // of one server
	killsOfRound = 70 // of one directory
)

// Processes enqueue numbered events and are killed at any moment, while they
// start and while they close their client as well. The last one on each
// directory is left alone. Then everything that was accepted has arrived, with
// the same bytes every time, and nothing else has, and no file is left. More
// of it: make torture. Proves ZIG-17.
func TestTorture(t *testing.T) {
	t.Parallel()
	seed := *tortureSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("go test -run TestTorture -torture.kills=%d -torture.seed=%d", *tortureKills, seed)
	var mu sync.Mutex // guards the two below
	var sum torture.Counts
	killed := 0
	t.Cleanup(func() { // the variants have ended then
		t.Logf("%s", summary(killed, sum))
		if sum.Slow > killed/10+1 {
			t.Errorf("the disk was too slow for %d processes, so there is no proof in %d kills", sum.Slow, killed)
		}
	})
	for name, v := range variants {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			share := (*tortureKills + len(variants) - 1) / len(variants)
			hash := fnv.New64a()
			_, _ = hash.Write([]byte(name)) // so that the variants differ
			for round := seed ^ hash.Sum64(); share > 0 && !t.Failed(); round++ {
				r := newRound(t, v, round)
				kills, counts := r.run(min(share, killsOfRound))
				share -= kills
				mu.Lock()
				killed += kills
				sum.Add(counts)
				t.Logf("so far %s", summary(killed, sum))
				mu.Unlock()
			}
		})
	}
}

func summary(kills int, c torture.Counts) string {
	return fmt.Sprintf("%d kills: %d events accepted (%d not synced), %d refused; %d received, %d duplicates; %d lost, %d changed, %d invented; %d processes had to go on in memory, and lost %d",
		kills, c.Accepted, c.Unsynced, c.Refused, c.Received, c.Duplicates, c.Lost, c.Changed, c.Invented, c.Slow, c.Excused)
}

// round is the processes that follow each other on one directory.
type round struct {
	*testing.T
	variant
	seed    uint64
	dir     string
	ledger  *torture.Ledger
	storms  *rand.Rand
	moments []*torture.Moments // of each slot
	lives   []int              // of each slot, so far
}

func newRound(t *testing.T, v variant, seed uint64) *round {
	t.Helper()
	r := &round{
		T: t, variant: v, seed: seed, dir: filepath.Join(t.TempDir(), "spool"),
		ledger: torture.NewLedger(seed, v.sizes),
		storms: rand.New(rand.NewPCG(seed, 0)),
		lives:  make([]int, v.slots),
	}
	for slot := range v.slots {
		r.moments = append(r.moments, torture.NewMoments(seed, slot, v.workers*v.events, 20*time.Millisecond))
	}
	return r
}

// run kills so many processes, drains the directory, and returns what the
// ledger says.
func (r *round) run(kills int) (int, torture.Counts) {
	r.Helper()
	done := 0
	for epoch := 0; done < kills && !r.Failed(); epoch++ {
		each := (min(killsOfEpoch, kills-done) + r.slots - 1) / r.slots
		r.during(r.weather[epoch%len(r.weather)], func(host string) {
			var living sync.WaitGroup
			for slot := range r.slots {
				living.Go(func() { r.live(slot, each, host) })
			}
			living.Wait()
		})
		done += each * r.slots
	}
	r.during(fair, func(host string) {
		if _, err := r.life(r.orders(0, drains, host), torture.Moment{}); err != nil {
			r.Errorf("the last process: %v", err)
		}
	})
	counts, findings := r.ledger.Balance()
	for _, finding := range findings {
		r.Error(finding)
	}
	if counts.Lost+counts.Changed+counts.Invented > 0 {
		r.Errorf("%s", summary(done, counts))
	}
	r.requireNoFiles()
	if r.Failed() {
		r.examineFiles()
	}
	return done, counts
}

// during does something while a server is in the given condition, and takes
// down what the server has received. No process may be left of it.
func (r *round) during(w weather, do func(host string)) {
	r.Helper()
	server, err := posthogtest.Start(posthogtest.Config{})
	if err != nil {
		r.Fatal(err)
	}
	host, err := server.Listen("")
	if err != nil {
		r.Fatal(err)
	}
	switch w {
	case stormy:
		server.Inject(r.storm()...)
	case away:
		server.Close()
	}
	do(host)
	server.Close()
	for _, e := range server.Events() {
		text, _ := e.Properties["text"].(string)
		r.ledger.Receive(torture.Receipt{ID: e.DistinctID, UUID: e.UUID, Text: text, Raw: e.Raw})
	}
}

// storm is what the requests to come meet.
func (r *round) storm() []posthogtest.Fault {
	kinds := []posthogtest.Fault{
		{}, {}, {}, {}, {}, // nothing
		{Status: 503},
		{Status: 503, Persist: -1},
		{Status: 500, Persist: 3},
		{Reset: posthogtest.ResetBeforeResponse, Persist: -1},
		{Reset: posthogtest.ResetMidBody, Persist: -1},
	}
	faults := make([]posthogtest.Fault, 1000)
	for i := range faults {
		faults[i] = kinds[r.storms.IntN(len(kinds))]
	}
	return faults
}

// live runs processes in a slot, one after the other, until so many have been
// killed.
func (r *round) live(slot, kills int, host string) {
	for !r.Failed() && kills > 0 {
		moment := r.moments[slot].Next()
		ending := waits
		if moment.Word == torture.Closing {
			ending = closes
		}
		killed, err := r.life(r.orders(slot, ending, host), moment)
		if err != nil {
			r.Errorf("the process that was to be killed %v: %v", moment, err)
		}
		if killed {
			kills--
		}
	}
}

// orders are those of the next process of a slot.
func (r *round) orders(slot int, ending, host string) victim {
	v := victim{
		Dir: r.dir, Host: host, Process: slot + r.slots*r.lives[slot],
		Workers: r.workers, Events: r.events, Seed: r.seed, Sizes: r.sizes,
		Ending: ending, Disk: r.disk, QueueBytes: r.queueBytes,
	}
	if ending == drains {
		v.Workers = 0
	}
	r.lives[slot]++
	return v
}

// life runs one process.
func (r *round) life(v victim, moment torture.Moment) (killed bool, err error) {
	orders, err := json.Marshal(v)
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	life := torture.Life{Command: childCommand(ctx, victimEnd, string(orders)), Moment: moment, Hear: r.ledger.Say}
	return life.Run()
}

// requireNoFiles fails the test if anything is left in the spool's directory.
func (r *round) requireNoFiles() {
	r.Helper()
	err := filepath.WalkDir(r.dir, func(path string, _ fs.DirEntry, err error) error {
		if err == nil && path != r.dir {
			r.Errorf("after the last Close the spool still has %s", path)
		}
		return err
	})
	if err != nil {
		r.Errorf("reading the spool's directory: %v", err)
	}
}

// examineFiles says of every file of the spool that is left, in the quarantine or
// elsewhere, what is in it, if it is damaged. With -artifacts the file is kept.
func (r *round) examineFiles() {
	r.Helper()
	files, _ := filepath.Glob(filepath.Join(r.dir, "*", "*.segment"))
	for _, name := range files {
		file, err := os.ReadFile(name)
		if err != nil {
			r.Errorf("reading what is left: %v", err)
			continue
		}
		report, damaged := torture.Autopsy(file, r.seed, r.sizes)
		if !damaged && filepath.Base(filepath.Dir(name)) != "quarantine" {
			continue
		}
		why, _ := os.ReadFile(strings.TrimSuffix(name, ".segment") + ".txt") // only the quarantine has them
		kept := filepath.Join(r.ArtifactDir(), filepath.Base(name))
		if err := os.WriteFile(kept, file, 0o600); err != nil {
			r.Errorf("keeping %s: %v", name, err)
		}
		r.Logf("%s, with -artifacts kept as %s: %s\n%s", name, kept, why, report)
	}
}
