# SPDX-License-Identifier: GPL-2.0-or-later
# Thin front doors to scripts/ and meson. What is missing from Debian is installed on the way.
#   make            build the product in build/release
#   make run        the whole thing, live, in private namespaces
#   make check      every test; the last line counts them (one suite: scripts/check SUITE)
#   make bench      the measurements of bench/RESULTS.md
#   make fuzz       each fuzz target for FUZZ_SECONDS (60)
#   make install    honours DESTDIR; PREFIX is taken when build/release is first configured
PREFIX ?= /usr
FUZZ_SECONDS ?= 60

.PHONY: build run check bench fuzz install clean
.DEFAULT_GOAL := build

build:
	@scripts/deps build
	@PREFIX='$(PREFIX)' scripts/build release

run: build
	@scripts/deps build run
	@tests/demo/run

check:
	@scripts/check

bench: build
	@scripts/deps build run bench
	@bench/run

fuzz:
	@FUZZ_SECONDS=$(FUZZ_SECONDS) scripts/check fuzz

install: build
	@d='$(DESTDIR)'; case "$$d" in ''|/*) ;; *) d="$$PWD/$$d" ;; esac; \
		DESTDIR="$$d" meson install --no-rebuild -C build/release

clean:
	rm -rf build
