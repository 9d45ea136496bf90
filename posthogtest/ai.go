package posthogtest

import (
	"encoding/json"
	"strings"
)

// aiPrefix begins the names of the events the AI route takes.
const aiPrefix = "$ai_"

// checkAI judges an event of the AI route. One that does not belong there, or
// is too large, refuses its whole request before anything is stored.
func (s *Server) checkAI(e *Event) *refusal {
	if !strings.HasPrefix(e.Name, aiPrefix) {
		return malformed("the event %s is not an AI event: this path takes %s events only", quote(e.Name), aiPrefix)
	}
	if size, limit := int64(len(e.Raw)), s.config.Limits.AIEvent; size > limit {
		refused := tooLarge("maximum event size exceeded: %d bytes, the limit is %d", size, limit)
		refused.kind = EventTooLarge
		return refused
	}
	return nil
}

// aiCosts are the properties by which a client overrides what the pipeline
// would compute.
var aiCosts = []string{
	"$ai_input_cost_usd", "$ai_output_cost_usd", "$ai_total_cost_usd", "$ai_request_cost_usd", "$ai_web_search_cost_usd",
}

func inspectCosts(it *item) {
	for _, name := range aiCosts {
		switch cost := it.event.Properties[name].(type) {
		case nil, json.Number:
		default:
			it.warn(AICostNotNumber, name+" is "+show(cost)+", want a number")
		}
	}
}
