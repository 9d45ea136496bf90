package main

import (
	"fmt"

	"github.com/hedgerow/posthog"
)

// What one customer does, and how many of them work for one company.
const (
	eventsPerVisit      = 5
	customersPerCompany = 10
)

// visit enqueues what the customers from first up to, but not including, last
// do: they look at a page as somebody unknown, sign up, and buy something.
func visit(client *posthog.ServerClient, first, last int) error {
	for i := first; i < last; i++ {
		anonymous, user := fmt.Sprintf("anonymous_%03d", i), fmt.Sprintf("user_%03d", i)
		company := fmt.Sprintf("company_%02d", i/customersPerCompany)
		messages := []posthog.Message{
			posthog.Capture{
				DistinctId: anonymous,
				Event:      "$pageview",
				Properties: posthog.Properties{"$current_url": "https://shop.example.com/pricing"},
			},
			posthog.Alias{DistinctId: anonymous, Alias: user},
			posthog.Identify{
				DistinctId: user,
				Properties: posthog.Properties{"email": user + "@example.com"},
				SetOnce:    posthog.Properties{"first_seen_on": "pricing"},
			},
			posthog.Capture{
				DistinctId: user,
				Event:      "plan chosen",
				Properties: posthog.Properties{"plan": "team", "seats": 3 + i%5},
				Groups:     posthog.Groups{"company": company},
			},
			posthog.Capture{
				DistinctId: user,
				Event:      "order paid",
				Properties: posthog.Properties{"total": 12.5 * float64(1+i%4), "currency": "EUR"},
				Groups:     posthog.Groups{"company": company},
			},
		}
		if i%customersPerCompany == 0 {
			messages = append(messages, posthog.GroupIdentify{
				Type: "company", Key: company,
				Properties: posthog.Properties{"name": fmt.Sprintf("Company %d", i/customersPerCompany)},
			})
		}
		for _, message := range messages {
			if err := client.Enqueue(message); err != nil {
				return fmt.Errorf("customer %d: %w", i, err)
			}
		}
	}
	return nil
}
