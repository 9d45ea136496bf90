//go:build linux

package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test binary stand in for the processes that the program starts of itself.
func TestMain(m *testing.M) {
	if status, was := dispatch(os.Args[1:]); was {
		os.Exit(status)
	}
	os.Exit(m.Run())
}

func TestEveryWayIsMeasuredAtBothPacesAndNothingIsLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var out bytes.Buffer
	if err := measure(t.Context(), []string{"-dir", dir, "-for", "5ms", "-rounds", "1"}, &out, t.Output()); err != nil {
		t.Fatalf("got %v, want no error", err)
	}
	for _, w := range ways {
		for _, pace := range []int{steady, flatOut} {
			if row := "| " + paceName(pace) + " | " + string(w) + " | "; !strings.Contains(out.String(), row) {
				t.Errorf("the table lacks a row that begins with %q:\n%s", row, out.String())
			}
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("got %v, %v, want an empty folder", left, err)
	}
}

func TestEveryAppendIsTimedAndWhatWasAppendedIsInTheFile(t *testing.T) {
	t.Parallel()
	for _, w := range ways {
		t.Run(string(w), func(t *testing.T) {
			t.Parallel()
			r, err := newRegion(w, t.TempDir()+"/region")
			if err != nil {
				t.Fatal(err)
			}
			k := &keeper{ready: make(chan *region, 1), left: make(chan *region, 1)}
			k.ready <- r
			close(k.ready) // there is no other
			writer := newWriter(k)
			if err := writer.write(flatOut, time.Minute); err != nil {
				t.Fatal(err)
			}
			if got, want := len(writer.took), regionSize/recordSize; got != want {
				t.Errorf("got %d appends, want %d, as many as fit", got, want)
			}
			content := r.memory
			if r.file != nil {
				if content, err = os.ReadFile(r.file.Name()); err != nil || len(content) != regionSize {
					t.Fatalf("got %d bytes, %v, want %d", len(content), err, regionSize)
				}
			}
			want := bytes.Repeat(writer.record, regionSize/recordSize)
			if !bytes.Equal(content[:len(want)], want) {
				t.Error("the region does not hold the records")
			}
			if err := r.close(); err != nil {
				t.Errorf("close: got %v", err)
			}
		})
	}
}

func TestTheColumnsAreMediansOfTheRounds(t *testing.T) {
	t.Parallel()
	r := row{job: job{Way: wayMapped, PerSecond: steady}, results: []result{
		{Calls: 3, P50: 30, P9999: 9 * time.Microsecond, Longest: 40 * time.Millisecond},
		{Calls: 1, P50: 20, P9999: 7 * time.Microsecond, Longest: 1500 * time.Microsecond},
		{Calls: 2, P50: 10, P9999: 8 * time.Microsecond, Longest: 12 * time.Microsecond},
	}}
	var out bytes.Buffer
	printTable(&out, []row{r})
	if want := "| 50000 a second | mapped | 2 | 20 ns | - | - | 8.0 us | 1.5 ms | - | - | - |\n"; !strings.Contains(out.String(), want) {
		t.Errorf("got:\n%swant the row\n%s", out.String(), want)
	}
}

func TestAnUnknownFolderIsAnError(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := measure(t.Context(), []string{"-dir", t.TempDir() + "/missing"}, &out, t.Output()); err == nil || out.Len() > 0 {
		t.Errorf("got %v and %q, want an error and no table", err, out.String())
	}
}
