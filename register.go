package posthog

import (
	"maps"
	"sync"
	"sync/atomic"

	"github.com/hedgerow/posthog/internal/event"
	"github.com/hedgerow/posthog/internal/wire"
)

// registered holds the properties that every event carries unless its own
// decide otherwise.
type registered struct {
	mu         sync.Mutex     // guards the properties and replacing ServerClient.static
	system     map[string]any // what the library says about itself and where it runs
	properties map[string]any // the application's
	changed    atomic.Bool    // since the client was made
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
	defaults := event.Clone(c.config.DefaultEventProperties)
	c.change(func(properties map[string]any) { maps.Copy(properties, defaults) })
}

// Register adds properties to every event from now on, on top of
// [Config.DefaultEventProperties]. An event's own properties win. props is
// copied.
func (c *ServerClient) Register(props Properties) {
	if c.inert() {
		return
	}
	if c.tenant != nil {
		c.tenant.enter(c)
		defer c.tenant.leave()
	}
	props = event.Clone(props)
	c.super.changed.Store(true)
	c.change(func(properties map[string]any) { maps.Copy(properties, props) })
}

// Unregister stops adding the named properties to events, whether they come
// from Register or from [Config.DefaultEventProperties].
func (c *ServerClient) Unregister(keys ...string) {
	if c.inert() {
		return
	}
	if c.tenant != nil {
		c.tenant.enter(c)
		defer c.tenant.leave()
	}
	c.super.changed.Store(true)
	c.change(func(properties map[string]any) {
		for _, key := range keys {
			delete(properties, key)
		}
	})
}

// change changes the registered properties, and makes them those of the next
// events.
func (c *ServerClient) change(edit func(properties map[string]any)) {
	losses := func() []wire.Loss {
		c.super.mu.Lock()
		defer c.super.mu.Unlock()
		edit(c.super.properties)
		all := c.super.all()
		static, losses := event.NewStatic(SDKName, Version, all)
		c.static.Store(static)
		least, _ := event.NewStatic(SDKName, Version, minimal(all))
		c.minimal.Store(least)
		return losses
	}()
	if len(losses) > 0 { // the logger may call back, so the lock is gone
		c.warnOfLosses("every event", losses)
	}
}

// all returns every property, of which those of the application win. The lock is
// held.
func (r *registered) all() map[string]any {
	all := maps.Clone(r.system)
	maps.Copy(all, r.properties)
	return all
}

// everyProperty returns what every event carries at the moment.
func (c *ServerClient) everyProperty() map[string]any {
	c.super.mu.Lock()
	defer c.super.mu.Unlock()
	return c.super.all()
}
