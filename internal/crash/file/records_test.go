package file_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/crash/file"
)

// found is the only file in dir.
func found(t *testing.T, dir string) *file.Left {
	t.Helper()
	sweep, err := file.Find(dir, time.Now())
	if err != nil || len(sweep.Left) != 1 {
		t.Fatalf("got %+v, %v, want one file", sweep, err)
	}
	t.Cleanup(sweep.Left[0].Keep)
	return sweep.Left[0]
}

// Many records are written at once, up to what a reader takes, behind those that
// are there and in front of the text.
func TestRecordAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f, err := file.Create(dir, file.Header{UUID: "u"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Record([]byte(`{"n":0}`)); err != nil {
		t.Fatal(err)
	}
	if err := f.RecordAll(&file.Records{}); err != nil {
		t.Errorf("no records: got %v", err)
	}
	records := file.Records{Limit: file.MaxRecords}
	if records.Add([]byte("{\n}")) {
		t.Error("a record of two lines was added")
	}
	added := 0
	for records.Add(fmt.Appendf(nil, `{"n":%d,"text":%q}`, added+1, strings.Repeat("x", 100_000))) {
		added++
	}
	if records.Len() != added || records.Size() > file.MaxRecords || records.Size() < file.MaxRecords-200_000 {
		t.Errorf("got %d records of %d bytes, want %d, and almost %d", records.Len(), records.Size(), added, file.MaxRecords)
	}
	if err := f.RecordAll(&records); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Output().WriteString("panic: x\n"); err != nil {
		t.Fatal(err)
	}
	f.Leave()
	f.Leave() // does nothing
	if err := f.RecordAll(&records); err == nil {
		t.Error("records were added to a file that was left")
	}
	left := found(t, dir)
	if len(left.Records) < added || !bytes.HasPrefix(left.Records[added-1], fmt.Appendf(nil, `{"n":%d,`, added-1)) {
		t.Errorf("got %d records, want %d", len(left.Records), added+1)
	}
}

// Who counts by RecordSize knows when the file has what is read of it.
func TestRecordSize(t *testing.T) {
	t.Parallel()
	f := create(t, t.TempDir(), 0)
	size := func() int64 {
		info, err := f.Output().Stat()
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	const record = `{"uuid":"01990000-0000-7000-8000-000000000001"}`
	before := size()
	if err := errors.Join(f.Record([]byte(record)), f.Confirm("01990000-0000-7000-8000-000000000001")); err != nil {
		t.Fatal(err)
	}
	if got := size() - before; got != int64(file.RecordSize(len(record))) {
		t.Errorf("a record and its mark take %d bytes, want %d", got, file.RecordSize(len(record)))
	}
}

// A file that was left is found like that of a dead process, and what PostHog has
// confirmed is apart from what it has not.
func TestLeave(t *testing.T) {
	t.Parallel()
	const confirmed, open = "01990000-0000-7000-8000-000000000001", "01990000-0000-7000-8000-000000000002"
	dir := t.TempDir()
	f, err := file.Create(dir, file.Header{UUID: "u"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{confirmed, open} {
		if err := f.Record([]byte(`{"uuid":"` + id + `"}`)); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Confirm(confirmed); err != nil {
		t.Fatal(err)
	}
	if sweep, err := file.Find(dir, time.Now()); err != nil || len(sweep.Left) > 0 {
		t.Errorf("while it lives: got %+v, %v, want nothing", sweep, err)
	}
	f.Leave()
	if err := f.Remove(); err != nil {
		t.Error(err)
	}
	left := found(t, dir)
	if len(left.Records) != 1 || !bytes.Contains(left.Records[0], []byte(open)) || len(left.Confirmed) != 1 || !bytes.Contains(left.Confirmed[0], []byte(confirmed)) {
		t.Errorf("got records %q and confirmed %q, want %s and %s", left.Records, left.Confirmed, open, confirmed)
	}
}
