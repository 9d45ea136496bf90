# Everything a contributor runs. `make` alone lists it. CI runs `make test`.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory

# How long `make fuzz` spends on each target.
T ?= 10s
# How many processes `make torture` kills.
KILLS ?= 10000
# Where `make oom` makes control groups. `auto` is below or beside that of the shell.
CGROUP ?= auto
# How many cases `make differential` compares.
CASES ?= 1000000
# The first of them. A failure names its own; repeat it with CASES=1.
SEED ?= 1
# How many rounds `make bench` alternates between the libraries.
ROUNDS ?= 3

# How long the tests of one package may take in CI, on a machine that has other things to do as well.
PATIENCE := -timeout 15m

# go.work lists the modules of the repository; the tools stay outside it.
MODULES = $(shell go list -m -f '{{.Dir}}')
GOFILES := find . -name '*.go' -not -path './.*'
LINT := .bin/golangci-lint

.PHONY: help
help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## See the library work, without an account
	@go run ./examples/demo

.PHONY: test
test: fmt-check size-check doc-check api-check proofs-check tidy-check vet cross lint unit race modules examples differential-smoke fuzz-smoke ## Everything CI asks for

.PHONY: unit
unit: ## Test the core alone, as its users get it, without the race detector, timed
	@time GOWORK=off go test -count=1 $(PATIENCE) ./...

# Tests of a million calls prove bounds and no order, and are left to unit.
.PHONY: race
race: ## Test the core with the race detector, in random order
	@go test -race -shuffle=on $(PATIENCE) -skip 'NoAlloc$$|^TestAMillion' ./...

.PHONY: allocs
allocs: ## Run only those tests of unit that fail when a hot path allocates
	@go test -count=1 -run 'NoAlloc$$' ./...

.PHONY: modules
modules: ## Build every module alone, as its users get it, and test all but the core
	@for m in $(MODULES) tools; do (cd $$m && GOWORK=off go build -o /dev/null ./... && { [ $$m = $(CURDIR) ] || GOWORK=off go test ./...; }); done

.PHONY: examples
examples: ## Build every example and run those that need no account
	@go build -o /dev/null ./examples/... && for e in demo errors crash; do timeout 300 go run ./examples/$$e > /dev/null; done

.PHONY: vet
vet: ## Run go vet on every module
	@for m in $(MODULES) tools; do (cd $$m && GOWORK=off go vet ./...); done

# Where the library is built for: every pair that its users run, and one of 32 bits.
PLATFORMS := linux/amd64 linux/arm64 linux/386 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64 freebsd/amd64

# Without the paths of the clone, the build cache serves the next clone as well.
.PHONY: cross
cross: ## Compile the library and its tests for every platform
	@for p in $(PLATFORMS); do GOOS=$${p%/*} GOARCH=$${p#*/} CGO_ENABLED=0 go vet -trimpath -unsafeptr=false . ./internal/... ./flags/... ./posthogtest/... || { echo "on $$p"; exit 1; }; done

.PHONY: lint
lint: $(LINT) ## Run the linters on every module
	@for m in $(MODULES) tools; do (cd $$m && GOWORK=off $(CURDIR)/$(LINT) run --config=$(CURDIR)/.golangci.yml ./...); done

$(LINT): tools/go.mod tools/go.sum
	@mkdir -p $(@D)
	GOWORK=off go build -C tools -o $(CURDIR)/$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@touch $@

.PHONY: fmt
fmt: ## Format every Go file
	@$(GOFILES) | xargs gofmt -s -w

.PHONY: fmt-check
fmt-check:
	@bad=$$($(GOFILES) | xargs gofmt -s -l); [ -z "$$bad" ] || { echo "not formatted (make fmt):"; echo "$$bad"; exit 1; }

.PHONY: size-check
size-check:
	@$(GOFILES) | xargs wc -l | awk '$$2 != "total" && $$1 > 500 {print $$2 " has " $$1 " lines; split it by responsibility, the limit is 500"; bad = 1} END {exit bad}'

.PHONY: doc-check
doc-check: ## Name every exported name that has no comment
	@GOWORK=off go run -C tools ./doccheck $(CURDIR)

.PHONY: api
api: ## Write docs/api, a line for each exported name
	@GOWORK=off go run -C tools ./apigolden $(CURDIR)

.PHONY: api-check
api-check:
	@GOWORK=off go run -C tools ./apigolden -check $(CURDIR)

.PHONY: proofs
proofs: ## Write docs/conformance.md from the tests
	@GOWORK=off go run -C tools ./proofs $(CURDIR)

.PHONY: proofs-check
proofs-check:
	@GOWORK=off go run -C tools ./proofs -check $(CURDIR)

.PHONY: tidy
tidy: ## Tidy every go.mod
	@for m in $(MODULES) $(CURDIR)/tools; do (cd $$m && GOWORK=off go mod tidy); done

.PHONY: tidy-check
tidy-check:
	@for m in $(MODULES); do (cd $$m && GOWORK=off go mod tidy -diff); done

.PHONY: fuzz
fuzz: ## Fuzz every target for T (default 10s) each
	@.ci/fuzz $(T)

.PHONY: fuzz-smoke
fuzz-smoke:
	@.ci/fuzz 1000x

.PHONY: differential
differential: ## Compare the flag evaluator with a naive one in CASES (default 1000000) cases
	@go test -count=1 -timeout 60m -v -run '^TestDifferential$$' ./flags -differential.cases=$(CASES) -differential.seed=$(SEED) | grep -v '^=== '

.PHONY: differential-smoke
differential-smoke:
	@$(MAKE) differential CASES=50000

.PHONY: torture
torture: ## Kill KILLS (default 10000) processes at random moments, and count what arrives
	@go test -count=1 -timeout 60m -v -run '^TestTorture$$' . -torture.kills=$(KILLS) | grep --line-buffered -v '^=== '

.PHONY: oom
oom: ## Have the kernel kill for want of memory in control groups below CGROUP, which takes root, and see what arrives
	@go test -count=1 -timeout 10m -v -run '^TestAWantOfMemory$$' . -oom.groups=$(CGROUP) | grep --line-buffered -v '^=== '

.PHONY: bench
bench: ## Compare with posthog-go and rewrite docs/benchmarks.md (ROUNDS=3)
	@cd bench && GOWORK=off go run . -rounds $(ROUNDS) -write

.PHONY: cover
cover: ## Measure test coverage and write coverage.html
	@go test -coverpkg=./... -coverprofile=coverage.out ./... > /dev/null
	@go tool cover -html=coverage.out -o coverage.html
	@go tool cover -func=coverage.out | tail -n 1
