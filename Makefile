# Simpul's commands. `make run` and `make test` need nothing prepared: they install what the machine lacks.

PORT ?= 8080
SIMPUL_DATA ?= data
SITE := target/site
# What the first visit may cost over the wire: the number is told once, with its reason.
BUDGET := $(shell sed -n 's/^budget_bytes=//p' .ci/steps)

.DEFAULT_GOAL := help
.PHONY: help run dev test soak bench bench-device bench-peers pictures fmt setup setup-wasm setup-npm setup-browser

help:
	@echo "make run          build the product and serve it on http://localhost:$(PORT), with demonstration data"
	@echo "make dev          the same with a quick, unoptimised build"
	@echo "make test         everything that must pass: format, lints, docs, tests, simulation, fuzzing, bundle, browser"
	@echo "make soak         what takes long or needs other programs; PARTS=histories for one part"
	@echo "make bench        measure; the README holds the figures"
	@echo "make bench-device measure a key on a slow device, beside an earlier build"
	@echo "make bench-peers  measure beside automerge-repo and Hocuspocus; PEERS=--quick for a short look"
	@echo "make pictures     take every screen, into e2e/pictures"
	@echo "make fmt          format the code"
	@echo "PORT and SIMPUL_DATA choose the port and the data folder."

run: setup-wasm setup-npm
	cargo run --quiet --package bundle -- --release --out $(SITE) --budget $(BUDGET)
	cargo build --release --package simpul
	target/release/simpul --demo --data "$(SIMPUL_DATA)" --port $(PORT) --site $(SITE)

dev: setup-wasm
	cargo run --quiet --package bundle -- --dev --out $(SITE)
	cargo run --package simpul -- --demo --data "$(SIMPUL_DATA)" --port $(PORT) --site $(SITE)

test:
	@.ci/steps

soak:
	@.ci/soak $(PARTS)

bench: setup-wasm setup-npm
	@.ci/bench

bench-device:
	@.ci/bench-device

bench-peers:
	@.ci/bench-peers $(PEERS)

pictures: setup
	@.ci/steps pictures

fmt:
	cargo fmt --all

setup: setup-wasm setup-npm setup-browser

setup-wasm:
	@.ci/setup wasm

setup-npm:
	@.ci/setup npm

setup-browser: setup-npm
	@.ci/setup browser
