package main

import "strconv"

// eventName is the name of every event.
const eventName = "order placed"

// A shape is a kind of event, told apart by its properties.
type shape struct {
	Name  string
	Build func(i int) map[string]any // the properties of the i-th event, in a map of its own
}

// shapes are the kinds of events the comparison enqueues.
var shapes = []shape{
	{Name: "small5", Build: small5},
	{Name: "props20", Build: props20},
	{Name: "nested", Build: nested},
}

// shapeNamed finds a shape by its name. An unknown name is the first shape.
func shapeNamed(name string) shape {
	for _, s := range shapes {
		if s.Name == name {
			return s
		}
	}
	return shapes[0]
}

// small5 has five short properties of four types.
func small5(i int) map[string]any {
	return map[string]any{
		"plan":   "enterprise",
		"source": "checkout",
		"order":  i,
		"total":  float64(i%1000) + 0.95,
		"first":  i%7 == 0,
	}
}

// props20 has twenty properties, as a service with thorough instrumentation sends them.
func props20(i int) map[string]any {
	return map[string]any{
		"plan":             "enterprise",
		"source":           "checkout",
		"order":            i,
		"total":            float64(i%1000) + 0.95,
		"first":            i%7 == 0,
		"currency":         "EUR",
		"country":          "Portugal",
		"region":           "europe-west-4",
		"tenant":           "example.com",
		"request_id":       "0b6f1c9e5a7d4e21",
		"path":             "/shop/checkout/confirm",
		"method":           "POST",
		"status":           201,
		"duration_ms":      31.25,
		"items":            i % 12,
		"coupon":           "",
		"experiment":       "short form",
		"cache_hit":        true,
		"build":            "2026.11.3",
		"remaining_budget": 1200.5,
	}
}

// nested has a map within a list within a map.
func nested(i int) map[string]any {
	return map[string]any{
		"order": i,
		"cart": map[string]any{
			"currency": "EUR",
			"lines": []any{
				map[string]any{"sku": "A-100", "count": 2, "price": 9.5},
				map[string]any{"sku": "B-200", "count": 1, "price": 120.0, "gift": true},
				map[string]any{"sku": "C-300", "count": 7, "price": 0.99},
			},
			"labels": []string{"returning", "newsletter", "mobile"},
		},
		"plan": "enterprise",
	}
}

// distinctIDs are the people who do things, so that building an event does not measure string formatting.
var distinctIDs = func() []string {
	ids := make([]string, 1024)
	for i := range ids {
		ids[i] = "user-" + strconv.Itoa(100000+i)
	}
	return ids
}()

// person is the distinct id of the i-th event.
func person(i int) string { return distinctIDs[i%len(distinctIDs)] }
