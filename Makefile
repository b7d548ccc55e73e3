# Viscera. `make` lists what there is; every target can be run on its own.
.DEFAULT_GOAL := help
.PHONY: help setup build test demo check format compare memory clean

SWIFT ?= swift
SWIFT_BUILD := $(SWIFT) build -c release --pkg-config-path .pkgconfig
# Without testable imports the tests share every object file with `make build`.
SWIFT_TEST := $(SWIFT) test -c release --disable-testable-imports --pkg-config-path .pkgconfig
SWIFT_SOURCES := Package.swift Sources Tests Benchmarks/Sources

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /\1\t/' | awk -F'\t' '{printf "  make %-9s %s\n", $$1, $$2}'

setup: ## fetch LibTorch and check the toolchain (quick when done before)
	@Scripts/setup

build: setup ## build .build/release/viscera and its engine
	@$(SWIFT_BUILD)

# Should the tests crash, the stack of the thread that did comes last, where a log that was cut short still has it.
test: setup ## run every test, and build a package that depends on ours
	@OMP_WAIT_POLICY=passive SWIFT_BACKTRACE=enable=yes,color=no,images=none,registers=none,threads=crashed $(SWIFT_TEST)
	@Scripts/check-consumer

demo: build ## segment a real CT, score it, and write a report with pictures
	@Scripts/demo

check: ## formatting, import rules, file sizes (warnings are errors in every build)
	@status=0; for part in format layers files; do Scripts/check-$$part || status=1; done; exit $$status

format: ## format the Swift sources in place
	@$(SWIFT) format format --in-place --parallel --recursive --configuration .swift-format $(SWIFT_SOURCES)

compare: build ## run the same work in MONAI and here: errors and times (installs PyTorch)
	@Scripts/compare-env
	@.compare-env/bin/python Benchmarks/compare.py $(COMPARE)

memory: build ## measure the peak memory of a large segmentation
	@python3 Scripts/measure-memory

clean: ## remove what was built (the download cache stays)
	rm -rf .build .build-* demo-output
