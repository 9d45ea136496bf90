package main

import "fmt"

// remotes measures how much longer the server's answer to a question takes than one from definitions.
func (b *bench) remotes(n int) error {
	title := fmt.Sprintf("%s, one of %d, answered by the server", rolloutFlags, n)
	b.sayf("%s: %s", groupFlagCalls, title)
	document := definitions(n, rolloutFlags)
	locally := func(open opener) (askResult, error) { return b.asked(open, document, 1, b.size.questions, oneOf(1)) }
	remotely := func(open opener) (askResult, error) {
		return b.asked(open, document, 1, max(10, b.size.questions/100), answeredTrue)
	}
	var local, remote [2][]askResult // of this library, and of posthog-go
	for range b.size.rounds {
		for i, open := range [][2]opener{{openOurFlags, openOurRemote}, {openRivalClient, openRivalRemote}} {
			l, err := locally(open[0])
			if err != nil {
				return err
			}
			r, err := remotely(open[1])
			if err != nil {
				return err
			}
			local[i], remote[i] = append(local[i], l), append(remote[i], r)
		}
	}
	nanoseconds := func(r askResult) float64 { return r.Nanoseconds }
	ratios := func(of int) series {
		s := seriesOf(remote[of], nanoseconds)
		for i := range s {
			s[i] /= local[of][i].Nanoseconds
		}
		return s
	}
	b.add(figure{Group: groupFlagCalls, Name: title, Unit: "ns", Ours: seriesOf(remote[0], nanoseconds), Theirs: seriesOf(remote[1], nanoseconds)})
	b.add(figure{
		Group: groupFlagCalls, Name: title + ": of a local answer's time", Unit: "times", Ours: ratios(0), Theirs: ratios(1),
		Goal: goal{Text: "100 times", Above: 100},
	})
	return nil
}

// answeredTrue asks for flag 0, which is on for everybody if the server is asked.
func answeredTrue(a asker, i int, properties map[string]any) error {
	got, err := a.One(flagKey(0), people[i%len(people)], properties)
	if err == nil && got != "true" {
		err = fmt.Errorf("the server's answer arrived as %q, want true", got)
	}
	return err
}
