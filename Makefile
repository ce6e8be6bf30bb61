# `make` lists the targets. All of them build what they need and can be run again at any time.

BIND ?= 127.0.0.1:8000

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SHELLFLAGS := -euc
MAKEFLAGS += --no-print-directory

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# --- The web pages, which the binary contains ----------------------------------------------------

WEB_INSTALLED := web/node_modules/.installed
WEB_BUILT := web/node_modules/.built
WEB_SOURCES := $(shell find web \( -path web/node_modules -o -path web/dist -o -path web/test \) -prune -o -type f -print)

# Pages that were removed are built again, though no source is newer than they were.
ifeq ($(wildcard web/dist/*.html),)
.PHONY: $(WEB_BUILT)
endif

.PHONY: web
web: $(WEB_BUILT) ## build the web pages into web/dist

$(WEB_INSTALLED): web/package-lock.json
	@command -v npm >/dev/null || { echo "npm was not found: install Node 20 or newer" >&2; exit 1; }
	npm --prefix web ci --no-audit --no-fund
	@touch $@

$(WEB_BUILT): $(WEB_INSTALLED) $(WEB_SOURCES) $(wildcard schema.graphql)
	npm --prefix web run build
	@touch $@

# --- The demonstration ---------------------------------------------------------------------------

DEMO := .demo
DEMO_SETTINGS := DATABASE_URL=sqlite://$(DEMO)/tendergraph.db INDEX_PATH=$(DEMO)/index
DEMO_BINARY := $(or $(CARGO_TARGET_DIR),target)/demo/tendergraph

# A database that was removed is loaded again from the data that is left.
ifeq ($(wildcard $(DEMO)/tendergraph.db),)
.PHONY: $(DEMO)/loaded
endif

.PHONY: demo
demo: $(DEMO)/loaded ## build everything, load demonstration data, serve it on BIND (127.0.0.1:8000)
	@exec env $(DEMO_SETTINGS) $(DEMO_BINARY) serve --bind $(BIND)

.PHONY: demo-binary
demo-binary: web
	cargo build --profile demo --bin tendergraph

# Other data than before goes into a new database; the same data finishes a load that was interrupted.
$(DEMO)/releases.jsonl: $(shell find demo -type f) | demo-binary
	@mkdir -p $(DEMO)
	@rm -rf $(DEMO)/tendergraph.db* $(DEMO)/index
	$(DEMO_BINARY) demo-data --tenders 5000 --seed 1 >$@.part
	@mv $@.part $@

$(DEMO)/loaded: $(DEMO)/releases.jsonl | demo-binary
	$(DEMO_SETTINGS) $(DEMO_BINARY) ingest $< --source demo
	@touch $@

.PHONY: clean-demo
clean-demo: ## remove the demonstration's data and database
	rm -rf $(DEMO)

# --- Checking ------------------------------------------------------------------------------------

.PHONY: test
test: ## run formatting, lints and every test, with servers started for them
	@exec scripts/with-servers --chromium scripts/test

.PHONY: bench
bench: web ## run the benchmarks and print their tables; ARGS=--large adds four times the data, ARGS=--help tells more
	@exec scripts/with-servers --durable cargo run --release --package benches -- $(ARGS)

.PHONY: fuzz
fuzz: ## try readers and merging on random inputs; ARGS="MINUTES [TARGET…]", 10 minutes each if not given
	@exec scripts/fuzz $(ARGS)

.PHONY: lint
lint: web ## run the lints
	cargo clippy --workspace --all-targets -- -D warnings
	npm --prefix web run check

.PHONY: fmt
fmt: ## format the code
	cargo fmt --all

.PHONY: schema
schema: web ## write schema.graphql anew, and accept what is new in it
	cargo run --bin tendergraph -- schema >schema.graphql.part || { rm schema.graphql.part; exit 1; }
	@mv schema.graphql.part schema.graphql
	cargo test --test hub breaking_changes
	@$(MAKE) accept-schema

.PHONY: accept-schema
accept-schema: ## promise clients the schema as it is in schema.graphql
	cp schema.graphql tests/schema/accepted.graphql
