package torture_test

import (
	"strings"
	"testing"

	"github.com/hedgerow/posthog/internal/torture"
)

const seed = 7

var sizes = torture.Sizes{Least: 10, Most: 20}

// numbered is event n of the only goroutine there is.
func numbered(n int) torture.ID { return torture.ID{Process: 1, Number: n} }

// receipt is that of event n, as it should be.
func receipt(n int) torture.Receipt {
	id := numbered(n)
	text := torture.Text(seed, id, sizes)
	return torture.Receipt{ID: id.String(), UUID: "uuid of " + id.String(), Text: text, Raw: []byte(text)}
}

// A proof that nothing is lost is worth as much as its ability to fail.
func TestLedger(t *testing.T) {
	t.Parallel()
	accepted, unsynced, refused := torture.Report{Word: torture.Accepted}, torture.Report{Word: torture.Unsynced}, torture.Report{Word: torture.Refused}
	altered := func(n int, alter func(*torture.Receipt)) torture.Receipt {
		r := receipt(n)
		alter(&r)
		return r
	}
	slow := torture.Report{Word: torture.Slow}
	for name, c := range map[string]struct {
		said     []torture.Report // about events 0, 1, 2, ...
		receipts []torture.Receipt
		want     torture.Counts
		finding  string
	}{
		"what was accepted and received is in order": {
			[]torture.Report{accepted, accepted}, []torture.Receipt{receipt(1), receipt(0)},
			torture.Counts{Accepted: 2, Received: 2}, "",
		},
		"what was received twice is a duplicate": {
			[]torture.Report{accepted}, []torture.Receipt{receipt(0), receipt(0)},
			torture.Counts{Accepted: 1, Received: 1, Duplicates: 1}, "",
		},
		"what was accepted and not received is lost": {
			[]torture.Report{accepted, accepted}, []torture.Receipt{receipt(0)},
			torture.Counts{Accepted: 2, Received: 1, Lost: 1}, "event 1.0.1 was accepted, and never received",
		},
		"what was not synced is accepted all the same": {
			[]torture.Report{unsynced}, nil,
			torture.Counts{Accepted: 1, Unsynced: 1, Lost: 1}, "event 1.0.0 was unsynced, and never received",
		},
		"what was accepted while the disk was slow may be lost": {
			[]torture.Report{slow, accepted, slow, accepted}, []torture.Receipt{receipt(3)},
			torture.Counts{Accepted: 2, Received: 1, Slow: 1, Excused: 1}, "",
		},
		"what was accepted before that may not": {
			[]torture.Report{accepted, slow}, nil,
			torture.Counts{Accepted: 1, Slow: 1, Lost: 1}, "event 1.0.0 was accepted, and never received",
		},
		"what was refused and not received is in order": {
			[]torture.Report{refused}, nil,
			torture.Counts{Refused: 1}, "",
		},
		"what was refused and received is invented": {
			[]torture.Report{refused}, []torture.Receipt{receipt(0)},
			torture.Counts{Refused: 1, Received: 1, Invented: 1}, "event 1.0.0 was refused, and received",
		},
		"one event may have been accepted without a report": {
			[]torture.Report{accepted}, []torture.Receipt{receipt(0), receipt(1)},
			torture.Counts{Accepted: 1, Received: 2}, "",
		},
		"two events without a report are invented": {
			[]torture.Report{accepted}, []torture.Receipt{receipt(0), receipt(1), receipt(2)},
			torture.Counts{Accepted: 1, Received: 3, Invented: 1}, "event 1.0.2 was received, but its goroutine offered 1",
		},
		"something else altogether is invented": {
			nil, []torture.Receipt{altered(0, func(r *torture.Receipt) { r.ID = "who?" })},
			torture.Counts{Invented: 1}, "no id",
		},
		"a second receipt with other bytes is a change": {
			[]torture.Report{accepted}, []torture.Receipt{receipt(0), altered(0, func(r *torture.Receipt) { r.Raw = []byte("else") })},
			torture.Counts{Accepted: 1, Received: 1, Duplicates: 1, Changed: 1}, "event 1.0.0 was received again with other bytes: else",
		},
		"another text is a change": {
			[]torture.Report{accepted}, []torture.Receipt{altered(0, func(r *torture.Receipt) { r.Text += "!" })},
			torture.Counts{Accepted: 1, Received: 1, Changed: 1}, "event 1.0.0 was received with another text",
		},
		"a uuid other than the one that the process knew is a change": {
			[]torture.Report{{Word: torture.Accepted, UUID: "another"}}, []torture.Receipt{receipt(0)},
			torture.Counts{Accepted: 1, Received: 1, Changed: 1}, "event 1.0.0 was accepted as another, and received as uuid of 1.0.0",
		},
		"the uuid that the process knew is in order": {
			[]torture.Report{{Word: torture.Accepted, UUID: "uuid of 1.0.0"}}, []torture.Receipt{receipt(0)},
			torture.Counts{Accepted: 1, Received: 1}, "",
		},
		"a uuid that two events share is a change": {
			[]torture.Report{accepted, accepted}, []torture.Receipt{receipt(0), altered(1, func(r *torture.Receipt) { r.UUID = "uuid of 1.0.0" })},
			torture.Counts{Accepted: 2, Received: 2, Changed: 1}, "one uuid",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ledger := torture.NewLedger(seed, sizes)
			for n, report := range c.said {
				report.ID = numbered(n)
				ledger.Say(report)
			}
			ledger.Say(torture.Report{Word: torture.Done}) // is about no event
			for _, r := range c.receipts {
				ledger.Receive(r)
			}
			got, findings := ledger.Balance()
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			if text := strings.Join(findings, "\n"); !strings.Contains(text, c.finding) || (text == "") != (c.finding == "") {
				t.Errorf("got findings %q, want %q", text, c.finding)
			}
		})
	}
}

func TestOnlyTheFirstFindingsAreWords(t *testing.T) {
	t.Parallel()
	ledger := torture.NewLedger(seed, sizes)
	for n := range 100 {
		ledger.Say(torture.Report{Word: torture.Accepted, ID: numbered(n)})
	}
	counts, findings := ledger.Balance()
	if counts.Lost != 100 || len(findings) != 10 {
		t.Errorf("got %d lost in %d sentences, want 100 in 10", counts.Lost, len(findings))
	}
}

func TestCountsAdd(t *testing.T) {
	t.Parallel()
	all := torture.Counts{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	sum := all
	sum.Add(all)
	if want := (torture.Counts{2, 4, 6, 8, 10, 12, 14, 16, 18, 20}); sum != want {
		t.Errorf("got %+v, want %+v", sum, want)
	}
}
