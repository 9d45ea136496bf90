package posthog

import (
	"maps"
	"sync"

	"github.com/hedgerow/posthog/internal/event"
)

// registered holds the properties that every event carries unless its own
// decide otherwise.
type registered struct {
	mu         sync.Mutex     // guards the properties and replacing ServerClient.static
	system     map[string]any // what the library says about itself and where it runs
	properties map[string]any // the application's
}

// startRegistering fills c.super from the configuration.
func (c *ServerClient) startRegistering() {
	c.super.system = make(map[string]any)
	if !c.config.DisableSystemProperties {
		maps.Copy(c.super.system, event.System())
	}
	if c.config.GetIsServer() {
		c.super.system["$is_server"] = true
	}
	if c.config.GetDisableGeoIP() {
		c.super.system["$geoip_disable"] = true
	}
	c.super.properties = make(map[string]any)
	c.Register(c.config.DefaultEventProperties)
}

// Register adds properties to every event from now on, on top of
// [Config.DefaultEventProperties]. An event's own properties win. props is
// copied.
func (c *ServerClient) Register(props Properties) {
	if c == nil {
		return
	}
	c.super.mu.Lock()
	defer c.super.mu.Unlock()
	maps.Copy(c.super.properties, event.Clone(props))
	c.publish()
}

// Unregister stops adding the named properties to events, whether they come
// from Register or from [Config.DefaultEventProperties].
func (c *ServerClient) Unregister(keys ...string) {
	if c == nil {
		return
	}
	c.super.mu.Lock()
	defer c.super.mu.Unlock()
	for _, key := range keys {
		delete(c.super.properties, key)
	}
	c.publish()
}

// publish makes the registered properties those of the next events. It is
// called with the lock held.
func (c *ServerClient) publish() {
	all := maps.Clone(c.super.system)
	maps.Copy(all, c.super.properties)
	static, losses := event.NewStatic(SDKName, Version, all)
	if len(losses) > 0 {
		c.warnOfLosses("every event", losses)
	}
	c.static.Store(static)
}
