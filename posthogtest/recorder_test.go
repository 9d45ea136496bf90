package posthogtest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hedgerow/posthog/posthogtest"
)

// shop is a server that saw a small shop at work.
func shop(t *testing.T) *posthogtest.Server {
	t.Helper()
	s := posthogtest.NewServer(t, nil)
	post(t, s, batch(
		`{"event":"cart filled","distinct_id":"u-17","properties":{"items":2}}`,
		`{"event":"order paid","distinct_id":"u-17","timestamp":"1999-11-20T10:00:00Z","properties":{
			"total":12.50,"big":9007199254740993,"tags":["a","b"],"address":{"city":"Oslo"},"gift":null,"note":"5 < 6",
			"$groups":{"company":"acme"},"$set":{"plan":"pro"},"$set_once":{"first":1}}}`,
		`{"event":"page viewed","distinct_id":"u-9"}`,
		`{"event":"page viewed","distinct_id":"u-17"}`,
	), 200)
	return s
}

func TestTrueStatementsPass(t *testing.T) {
	t.Parallel()
	r := shop(t).Recorder(t)
	paid := r.Event("order paid").
		DistinctID("u-17").
		Timestamp(time.Date(1999, 11, 20, 11, 0, 0, 0, time.FixedZone("CET", 3600))).
		Property("total", 12.5).
		Property("total", float32(12.5)).
		Property("big", int64(9007199254740993)).
		Property("tags", []string{"a", "b"}).
		Property("address", struct {
			City string `json:"city"`
		}{"Oslo"}).
		Property("gift", nil).
		Property("note", "5 < 6").
		HasProperty("gift").
		NoProperty("$ip").
		Group("company", "acme").
		Set("plan", "pro").
		SetOnce("first", 1)
	if got := paid.Event(); got.Name != "order paid" || got.Properties["total"] == nil {
		t.Errorf("got event %+v, want the one stated", got)
	}
	r.Count("page viewed", 2)
	r.None("order failed")
	r.Order("cart filled", "order paid")
	r.Order("page viewed", "page viewed")
	r.NoWarnings()
	r.For("u-9").Event("page viewed")
	r.For("u-9").None("order paid")
	r.For("u-1").Empty()
	r.For("u-17").Order("cart filled", "order paid", "page viewed")
	r.Exactly([]posthogtest.Want{
		{Name: "page viewed"}, // may not take the place of the next
		{Name: "page viewed", DistinctID: "u-9"},
		{Name: "order paid", DistinctID: "u-17", Properties: map[string]any{"total": 12.5}},
		{Name: "cart filled"},
	})
}

func TestAResendCountsOnce(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	post(t, s, batch(event("a", "u", 1)), 200)
	post(t, s, batch(event("a", "u", 1)), 200)
	s.Recorder(t).Event("a")
}

const arrived = `  arrived (4 events):
    1. "cart filled" of "u-17"
    2. "order paid" of "u-17"
    3. "page viewed" of "u-9"
    4. "page viewed" of "u-17"
`

func TestFalseStatementsExplainThemselves(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		state func(*posthogtest.Recorder)
		want  []string
	}{
		"a misspelt event, and nothing more about it": {
			func(r *posthogtest.Recorder) {
				r.Event("ORDER PAYED").DistinctID("u").Property("a", 1).HasProperty("a").NoProperty("b").Group("a", "b").Timestamp(time.Time{})
			},
			[]string{"want exactly 1 event \"ORDER PAYED\", got 0\n  nearest: \"order paid\"\n" + arrived},
		},
		"an event like no other": {
			func(r *posthogtest.Recorder) { r.Event("refund") },
			[]string{"want exactly 1 event \"refund\", got 0\n" + arrived},
		},
		"an event that came twice": {
			func(r *posthogtest.Recorder) { r.Event("page viewed") },
			[]string{"want exactly 1 event \"page viewed\", got 2\n" + arrived},
		},
		"an event of somebody else": {
			func(r *posthogtest.Recorder) { r.For("u-9").Event("order paid") },
			[]string{"want exactly 1 event \"order paid\" of \"u-9\", got 0\n  nearest: \"order paid\" of \"u-17\"\n" +
				"  arrived (1 event):\n    1. \"page viewed\" of \"u-9\"\n"},
		},
		"an event of nobody known": {
			func(r *posthogtest.Recorder) { r.For("u-1").Event("refund") },
			[]string{"want exactly 1 event \"refund\" of \"u-1\", got 0\n  nothing of \"u-1\" arrived (4 events of others did)\n"},
		},
		"a count": {
			func(r *posthogtest.Recorder) { r.Count("page viewed", 3) },
			[]string{"want 3 events \"page viewed\", got 2\n" + arrived},
		},
		"none": {
			func(r *posthogtest.Recorder) { r.None("order paid") },
			[]string{"want no event \"order paid\", got 1\n" + arrived},
		},
		"empty": {
			func(r *posthogtest.Recorder) { r.For("u-9").Empty() },
			[]string{"want no events of \"u-9\", got 1\n  arrived (1 event):\n    1. \"page viewed\" of \"u-9\"\n"},
		},
		"an order": {
			func(r *posthogtest.Recorder) { r.Order("order paid", "cart filled") },
			[]string{"events out of order at position 1: want \"order paid\", got \"cart filled\"\n" +
				"  want: [\"order paid\", \"cart filled\"]\n  got:  [\"cart filled\", \"order paid\"]\n" + arrived},
		},
		"an order with one too many": {
			func(r *posthogtest.Recorder) { r.Order("cart filled", "page viewed") },
			[]string{"events out of order at position 3: want the end, got \"page viewed\"\n" +
				"  want: [\"cart filled\", \"page viewed\"]\n  got:  [\"cart filled\", \"page viewed\", \"page viewed\"]\n" + arrived},
		},
		"each wrong thing about one event": {
			func(r *posthogtest.Recorder) {
				r.Event("order paid").
					DistinctID("u-9").
					Timestamp(time.Date(1999, 11, 20, 9, 0, 0, 0, time.UTC)).
					Property("total", 12).
					Property("big", int64(9007199254740992)).
					Property("Totals", 12.5).
					Property("address", map[string]any{"city": "Rome"}).
					HasProperty("currency").
					NoProperty("gift").
					Property("note", "5 > 6").
					Group("company", "other").
					Group("team", "x").
					Set("plan", "free").
					SetOnce("missing", true).
					Property("total", make(chan int))
			},
			[]string{
				"event \"order paid\" of \"u-17\": distinct id\n  want: \"u-9\"\n  got:  \"u-17\"\n",
				"event \"order paid\" of \"u-17\": timestamp\n  want: 1999-11-20T09:00:00Z\n  got:  1999-11-20T10:00:00Z\n  off by: 1h0m0s (sent as \"1999-11-20T10:00:00Z\")\n",
				"event \"order paid\" of \"u-17\": property \"total\"\n  want: 12\n  got:  12.50\n",
				"event \"order paid\" of \"u-17\": property \"big\"\n  want: 9007199254740992\n  got:  9007199254740993\n",
				"event \"order paid\" of \"u-17\": property \"Totals\"\n  want: 12.5\n  got:  (absent)\n  nearest: \"total\" = 12.50\n",
				"event \"order paid\" of \"u-17\": property \"address\"\n  want: {\"city\":\"Rome\"}\n  got:  {\"city\":\"Oslo\"}\n",
				"event \"order paid\" of \"u-17\": property \"currency\"\n  want: any value\n  got:  (absent)\n",
				"event \"order paid\" of \"u-17\": property \"gift\"\n  want: (absent)\n  got:  null\n",
				"event \"order paid\" of \"u-17\": property \"note\"\n  want: \"5 > 6\"\n  got:  \"5 < 6\"\n",
				"event \"order paid\" of \"u-17\": group \"company\"\n  want: \"other\"\n  got:  \"acme\"\n",
				"event \"order paid\" of \"u-17\": group \"team\"\n  want: \"x\"\n  got:  (absent)\n",
				"event \"order paid\" of \"u-17\": person property ($set) \"plan\"\n  want: \"free\"\n  got:  \"pro\"\n",
				"event \"order paid\" of \"u-17\": person property ($set_once) \"missing\"\n  want: true\n  got:  (absent)\n",
			},
		},
		"exactly, with something of everything": {
			func(r *posthogtest.Recorder) {
				r.Exactly([]posthogtest.Want{
					{Name: "cart filled"},
					{Name: "order paid", DistinctID: "u-18", Properties: map[string]any{"total": 12, "items": 1, "gift": nil}},
					{Name: "page viewed", DistinctID: "u-17"},
					{Name: "user signed up", DistinctID: "u-9"},
					{Name: "refund"},
				})
			},
			[]string{"want exactly 5 events, got 4\n" +
				"  differs: \"order paid\" of \"u-17\"\n" +
				"    distinct id: want \"u-18\", got \"u-17\"\n" +
				"    property \"items\": want 1, got (absent)\n" +
				"    property \"total\": want 12, got 12.50\n" +
				"  missing: \"user signed up\" of \"u-9\"\n" +
				"  missing: \"refund\"\n" +
				"  unexpected: \"page viewed\" of \"u-9\"\n"},
		},
		"exactly, paired with the nearest": {
			func(r *posthogtest.Recorder) {
				r.Exactly([]posthogtest.Want{
					{Name: "cart filled"}, {Name: "order paid"},
					{Name: "page viewed", DistinctID: "u-17", Properties: map[string]any{"path": "/"}},
				})
			},
			[]string{"want exactly 3 events, got 4\n" +
				"  differs: \"page viewed\" of \"u-17\"\n" +
				"    property \"path\": want \"/\", got (absent)\n" +
				"  unexpected: \"page viewed\" of \"u-9\"\n"},
		},
		"exactly, with a misspelt name": {
			func(r *posthogtest.Recorder) {
				r.For("u-9").Exactly([]posthogtest.Want{{Name: "page-viewed"}})
			},
			[]string{"want exactly 1 event of \"u-9\", got 1\n  differs: \"page viewed\" of \"u-9\"\n    name: want \"page-viewed\", got \"page viewed\"\n"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tb := new(fakeTB)
			c.state(shop(t).Recorder(tb))
			got := tb.errors
			if name == "each wrong thing about one event" {
				got = got[:len(got)-1] // the last value has no JSON, its text an address
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got failures:\n%q\nwant:\n%q", got, c.want)
			}
		})
	}
}

func TestLongFailuresAreCut(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	var events []string
	for n := range 25 {
		events = append(events, event(strings.Repeat("n", 100), "u", n))
	}
	post(t, s, batch(events...), 200)
	post(t, s, batch(`{"event":"a","distinct_id":"u","properties":{"p":"`+strings.Repeat("p", 300)+`"}}`), 200)
	tb := new(fakeTB)
	s.Recorder(tb).Event("a").Property("p", "x")
	s.Recorder(tb).None("a")
	if want := "event \"a\" of \"u\": property \"p\"\n  want: \"x\"\n  got:  \"" + strings.Repeat("p", 199) + "... (302 characters)\n"; tb.errors[0] != want {
		t.Errorf("got  %s\nwant %s", tb.errors[0], want)
	}
	for _, want := range []string{"arrived (26 events)", "    20. \"" + strings.Repeat("n", 80) + "...\" of \"u\"\n", "    ... and 6 more\n"} {
		if !strings.Contains(tb.errors[1], want) {
			t.Errorf("got %s\nwant it to contain %q", tb.errors[1], want)
		}
	}
	if strings.Contains(tb.errors[1], "21.") {
		t.Errorf("got a 21st event listed: %s", tb.errors[1])
	}
}

func TestWarningsFailTheRecorder(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	post(t, s, "[]", 400)
	post(t, s, batch(`{"event":"$exception","distinct_id":"u","uuid":"`+uuid(1)+`","$set":{},"properties":{"$exception_list":[{"type":"T"}]}}`), 200)
	all, narrow := new(fakeTB), new(fakeTB)
	s.Recorder(all).NoWarnings()
	s.Recorder(narrow).For("u").NoWarnings()
	s.Recorder(narrow).For("v").NoWarnings()
	exception := "  set_on_exception: $set on an exception is ignored (event \"$exception\", distinct id \"u\", uuid " + uuid(1) + ")\n"
	if want := []string{"want no ingestion warnings, got 2:\n  request_rejected: /batch/ answered 400: the batch is empty\n" + exception}; !slices.Equal(all.errors, want) {
		t.Errorf("got failures:\n%q\nwant:\n%q", all.errors, want)
	}
	if want := []string{"want no ingestion warnings of \"u\", got 1:\n" + exception}; !slices.Equal(narrow.errors, want) {
		t.Errorf("got failures:\n%q\nwant:\n%q", narrow.errors, want)
	}
}

func TestNumbersAreComparedByValue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		wire string
		want any
		same bool
	}{
		{"42", 42, true},
		{"42.0", 42, true},
		{"4.2e1", 42, true},
		{"420E-1", 42, true},
		{"-0", 0, true},
		{"0.10", 0.1, true},
		{"100", 1e2, true},
		{"1e999999999", 1, false},
		{"1e99999999999999", 1, false},
		{"-42", 42, false},
		{"42.00000000000000000001", 42, false},
		{`"42"`, 42, false},
		{"42", "42", false},
		{"true", true, true},
		{"null", false, false},
		{"[1]", []int{1, 2}, false},
		{"{}", []int{}, false},
		{"[]", nil, false},
		{`{"a":1}`, map[string]any{"a": 1, "b": 2}, false},
	} {
		s := posthogtest.NewServer(t, nil)
		post(t, s, batch(`{"event":"a","distinct_id":"u","properties":{"p":`+c.wire+`}}`), 200)
		tb := new(fakeTB)
		s.Recorder(tb).Event("a").Property("p", c.want)
		if same := len(tb.errors) == 0; same != c.same {
			t.Errorf("%s on the wire and %#v: got same %t, want %t", c.wire, c.want, same, c.same)
		}
	}
}
