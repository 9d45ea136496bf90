package lru_test

import (
	"math"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hedgerow/posthog/internal/lru"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func TestTheLongestUnusedGoesFirst(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		capacity int
		use      func(c *lru.Cache[string, int])
		want     []string
	}{
		"nothing put":                     {3, func(*lru.Cache[string, int]) {}, nil},
		"as many as fit":                  {3, func(c *lru.Cache[string, int]) { put(c, "a", "b", "c") }, []string{"a", "b", "c"}},
		"one more than fits":              {3, func(c *lru.Cache[string, int]) { put(c, "a", "b", "c", "d") }, []string{"b", "c", "d"}},
		"a get is a use":                  {3, func(c *lru.Cache[string, int]) { put(c, "a", "b", "c"); c.Get("a", noon); put(c, "d") }, []string{"a", "c", "d"}},
		"a put of the same key is a use":  {3, func(c *lru.Cache[string, int]) { put(c, "a", "b", "c", "a", "d") }, []string{"a", "c", "d"}},
		"a miss is no use":                {2, func(c *lru.Cache[string, int]) { put(c, "a", "b"); c.Get("x", noon); put(c, "c") }, []string{"b", "c"}},
		"deleting makes room":             {2, func(c *lru.Cache[string, int]) { put(c, "a", "b"); c.Delete("a"); c.Delete("x"); put(c, "c") }, []string{"b", "c"}},
		"deleting the latest":             {2, func(c *lru.Cache[string, int]) { put(c, "a", "b"); c.Delete("b"); put(c, "c") }, []string{"a", "c"}},
		"room that was deleted is reused": {2, func(c *lru.Cache[string, int]) { put(c, "a", "b"); c.Delete("a"); c.Delete("b"); put(c, "c", "d", "e") }, []string{"d", "e"}},
		"clearing forgets all":            {2, func(c *lru.Cache[string, int]) { put(c, "a", "b"); c.Clear(); put(c, "c") }, []string{"c"}},
		"a single place":                  {1, func(c *lru.Cache[string, int]) { put(c, "a", "b") }, []string{"b"}},
		"no place":                        {0, func(c *lru.Cache[string, int]) { put(c, "a") }, nil},
		"less than no place":              {-1, func(c *lru.Cache[string, int]) { put(c, "a") }, nil},
		"places without number":           {math.MaxInt, func(c *lru.Cache[string, int]) { put(c, "a", "b") }, []string{"a", "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := lru.New[string, int](tc.capacity, 0)
			tc.use(c)
			if got := c.Len(); got != len(tc.want) {
				t.Errorf("Len = %d, want %d", got, len(tc.want))
			}
			var got []string
			for _, key := range []string{"a", "b", "c", "d", "e", "x"} {
				if value, ok := c.Get(key, noon); ok {
					got = append(got, key)
					if value != int(key[0]) {
						t.Errorf("Get(%q) = %d, want %d", key, value, key[0])
					}
				}
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("holds %q, want %q", got, tc.want)
			}
		})
	}
}

func put(c *lru.Cache[string, int], keys ...string) {
	for _, key := range keys {
		c.Put(key, int(key[0]), noon)
	}
}

func TestValuesLiveForATime(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		ttl, age time.Duration
		renewed  time.Duration // after which the key is put again
		want     bool
	}{
		"at once":                        {time.Minute, 0, 0, true},
		"just before the end":            {time.Minute, time.Minute - 1, 0, true},
		"at the end":                     {time.Minute, time.Minute, 0, false},
		"long after":                     {time.Minute, time.Hour, 0, false},
		"put again meanwhile":            {time.Minute, 90 * time.Second, 45 * time.Second, true},
		"without an end":                 {0, 1e6 * time.Hour, 0, true},
		"without an end, said otherwise": {-1, 1e6 * time.Hour, 0, true},
		"by a clock that was set back":   {time.Minute, -time.Hour, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := lru.New[string, int](2, tc.ttl)
			c.Put("a", 1, noon)
			if tc.renewed > 0 {
				c.Get("a", noon.Add(tc.renewed)) // which is no renewal
				c.Put("a", 1, noon.Add(tc.renewed))
			}
			if _, ok := c.Get("a", noon.Add(tc.age)); ok != tc.want {
				t.Errorf("ttl %v: held after %v: %v, want %v", tc.ttl, tc.age, ok, tc.want)
			}
			if got := c.Len() == 1; got != tc.want {
				t.Errorf("ttl %v: Len after %v = %d, want the value gone with the Get that missed it", tc.ttl, tc.age, c.Len())
			}
		})
	}
}

// A model of the Cache: keys from the longest unused to the latest.
type model struct {
	capacity int
	keys     []int
	values   map[int]int
}

func (m *model) use(key int) {
	if i := slices.Index(m.keys, key); i >= 0 {
		m.keys = append(slices.Delete(m.keys, i, i+1), key)
	}
}

func (m *model) put(key, value int) {
	if _, ok := m.values[key]; !ok {
		if len(m.keys) == m.capacity {
			delete(m.values, m.keys[0])
			m.keys = m.keys[1:]
		}
		m.keys = append(m.keys, key)
	}
	m.values[key] = value
	m.use(key)
}

// FuzzCache compares a Cache with a model. Of each step's byte, the upper bits are what to do and the lower a key.
func FuzzCache(f *testing.F) {
	f.Add(3, []byte("\x01\x02\x03\x04\x41\x81\x05\xc0\x01"))
	f.Add(1, []byte("\x01\x41\x02\x42\x41\x82\x01"))
	f.Fuzz(func(t *testing.T, capacity int, steps []byte) {
		capacity = 1 + (capacity&7+8)%8
		c := lru.New[int, int](capacity, 0)
		m := &model{capacity: capacity, values: make(map[int]int)}
		for i, step := range steps {
			key := int(step & 15)
			switch step >> 6 {
			case 0:
				c.Put(key, i, noon)
				m.put(key, i)
			case 1:
				want, held := m.values[key]
				if got, ok := c.Get(key, noon); got != want || ok != held {
					t.Fatalf("step %d of %x: Get(%d) = %d, %v, want %d, %v", i, steps, key, got, ok, want, held)
				}
				m.use(key)
			case 2:
				c.Delete(key)
				if at := slices.Index(m.keys, key); at >= 0 {
					m.keys = slices.Delete(m.keys, at, at+1)
				}
				delete(m.values, key)
			case 3:
				if key == 0 {
					c.Clear()
					m.keys, m.values = nil, make(map[int]int)
				}
			}
			if c.Len() != len(m.keys) || c.Len() > capacity {
				t.Fatalf("step %d of %x: Len = %d, want %d of at most %d", i, steps, c.Len(), len(m.keys), capacity)
			}
		}
	})
}

func TestManyGoroutinesShareACache(t *testing.T) {
	t.Parallel()
	c := lru.New[int, int](64, time.Minute)
	var running sync.WaitGroup
	for g := range 8 {
		running.Go(func() {
			for i := range 2000 {
				key := (i * (g + 1)) % 100
				c.Put(key, key, noon)
				if value, ok := c.Get(key, noon); ok && value != key {
					t.Errorf("Get(%d) = %d", key, value)
				}
				switch i % 500 {
				case 7:
					c.Delete(key)
				case 499:
					c.Clear()
				}
			}
		})
	}
	running.Wait()
	if c.Len() > 64 {
		t.Errorf("Len = %d, want at most 64", c.Len())
	}
}

// What is forgotten can be collected, whichever way it went.
func TestForgottenValuesAreLetGo(t *testing.T) {
	t.Parallel()
	for name, forget := range map[string]func(c *lru.Cache[int, *[64]byte]){
		"deleted":  func(c *lru.Cache[int, *[64]byte]) { c.Delete(0) },
		"replaced": func(c *lru.Cache[int, *[64]byte]) { c.Put(0, nil, noon) },
		"evicted":  func(c *lru.Cache[int, *[64]byte]) { c.Put(1, nil, noon); c.Put(2, nil, noon); c.Delete(1); c.Delete(2) },
		"expired":  func(c *lru.Cache[int, *[64]byte]) { c.Get(0, noon.Add(time.Hour)) },
		"cleared":  func(c *lru.Cache[int, *[64]byte]) { c.Clear() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := lru.New[int, *[64]byte](2, time.Minute)
			gone := make(chan struct{})
			value := new([64]byte)
			runtime.AddCleanup(value, func(struct{}) { close(gone) }, struct{}{})
			c.Put(0, value, noon)
			forget(c)
			runtime.GC()
			<-gone
			runtime.KeepAlive(c)
		})
	}
}

func TestUseNoAlloc(t *testing.T) {
	c := lru.New[[16]byte, int](100, time.Minute)
	i := 0
	step := func() {
		i++
		key := [16]byte{byte(i)}
		c.Put(key, i, noon)
		c.Get(key, noon)
		if i%3 == 0 {
			c.Delete(key)
		}
	}
	for range 1000 {
		step()
	}
	if got := testing.AllocsPerRun(1000, step); got != 0 {
		t.Errorf("Put, Get and Delete in a full Cache allocate %v times, want 0", got)
	}
}

func BenchmarkGet(b *testing.B) {
	c := lru.New[[16]byte, int](10_000, time.Minute)
	keys := make([][16]byte, 1024)
	for i := range keys {
		keys[i] = [16]byte{byte(i), byte(i >> 8)}
		c.Put(keys[i], i, noon)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		c.Get(keys[i%len(keys)], noon)
	}
}
