package reference

// dependency is the verdict of a filter on the value of another flag.
func (e *evaluation) dependency(filter map[string]any) verdict {
	if why := e.wrongDependency(filter); why != 0 {
		return because(why)
	}
	expected, key := filter["value"], filter["key"].(string)
	if e.circular(flagNode+key) || e.height(flagNode+key, flagNode) > maxDependencies {
		return because(DependencyCycle)
	}
	found := e.flag(key)
	if !found.Conclusive {
		causes := []cause{{why: Dependency}}
		for _, property := range found.Missing {
			causes = append(causes, cause{why: MissingProperty, property: property})
		}
		return verdict{truth: open, causes: causes}
	}
	if variant, ok := expected.(string); ok {
		return definite(found.Enabled && found.Variant == variant && variant != "")
	}
	return definite(found.Enabled == expected)
}

// wrongDependency is why a filter on a flag has no answer for anybody, 0 if it may have one.
func (e *evaluation) wrongDependency(filter map[string]any) Why {
	key, _ := filter["key"].(string)
	if key == "" || !isBool(filter["value"]) && !isString(filter["value"]) {
		return MalformedFilter
	}
	if filter["operator"] != "flag_evaluates_to" {
		return UnknownOperator
	}
	if !e.complete(filter) {
		return MissingDependency
	}
	return 0
}

// complete is whether the flags that a dependency goes through, and the last one, are defined. No chain at all is the
// server's way to say that they are not.
func (e *evaluation) complete(filter map[string]any) bool {
	chain, _ := filter["dependency_chain"].([]any)
	for _, name := range append(chain[:len(chain):len(chain)], filter["key"]) {
		if e.document.find(name.(string)) < 0 {
			return false
		}
	}
	return len(chain) > 0
}
