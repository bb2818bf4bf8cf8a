# Short names for the usual steps; the build itself is CMake's (CMakePresets.json).
JOBS ?= $(shell nproc)
# More arguments for `cmake --preset`, e.g. make test CMAKE_FLAGS=-DEBM_WERROR=ON (the build directory keeps them).
CMAKE_FLAGS ?=
# How long `make fuzz` spends on each target.
FUZZ_SECONDS ?= 600
GALLERY_EXAMPLE := experiments/gallery/cd-vs-pcd-vs-exact.yaml

# The steps of one target stand in order; the parallel work is inside cmake --build.
.NOTPARALLEL:
.PHONY: help install run build test asan fuzz tsan bench bench-peers format clean

help:
	@echo 'make run         build the program and run $(GALLERY_EXAMPLE)'
	@echo 'make test        build everything and run all tests but the slow ones'
	@echo 'make build       build everything'
	@echo 'make asan        unit and law tests under the address and undefined-behaviour sanitizers'
	@echo 'make fuzz        fuzz every reader of files for FUZZ_SECONDS with libFuzzer, two at a time'
	@echo 'make tsan        tests of the scheduler under the thread sanitizer'
	@echo 'make bench       build and run the benchmarks'
	@echo 'make bench-peers ebm beside PyTorch, NumPy and scikit-learn, as far as they are installed'
	@echo 'make format      format the C++ sources in place'
	@echo 'make install     install the Debian packages (the targets above do it first)'
	@echo 'make clean       remove build/'
	@echo 'Variables: JOBS=$(JOBS)  CMAKE_FLAGS=$(CMAKE_FLAGS)  FUZZ_SECONDS=$(FUZZ_SECONDS)'

install:
	@scripts/install-dependencies

run: install
	cmake --preset release $(CMAKE_FLAGS)
	cmake --build --preset release --parallel $(JOBS) --target ebm_program
	build/release/ebm run $(GALLERY_EXAMPLE)

build: install
	cmake --preset release $(CMAKE_FLAGS)
	cmake --build --preset release --parallel $(JOBS)

test: build
	ctest --preset release

asan: install
	cmake --preset asan $(CMAKE_FLAGS)
	cmake --build --preset asan --parallel $(JOBS) --target unit_tests law_tests
	ctest --preset asan

# Reports go to a file, since the tests catch what the program writes to stderr; with one the tests exit with 66.
# One test kills programs after times in which they do not even start under the sanitizer.
# GCC 12's thread sanitizer does not start where the kernel randomises addresses by more than 28 bits.
TSAN_FILES := $(filter-out %_slow.cpp,$(wildcard tests/run/*.cpp)) tests/program/progress.cpp tests/core/parallel.cpp
TSAN_OPTIONS := suppressions=$(CURDIR)/tests/support/tsan.supp:log_path=$(CURDIR)/build/tsan/report:print_suppressions=0
tsan: install
	cmake --preset tsan $(CMAKE_FLAGS)
	cmake --build --preset tsan --parallel $(JOBS)
	rm -f build/tsan/report.*
	suites=$$(sed -n 's/^BOOST_AUTO_TEST_SUITE(\(.*\))$$/\1/p' $(TSAN_FILES) | paste --serial --delimiters=,) && \
	TSAN_OPTIONS=$(TSAN_OPTIONS) setarch --addr-no-randomize build/tsan/unit_tests --run_test=$$suites \
	  --run_test='!resume/a_killed_run_goes_on' || \
	{ cat build/tsan/report.*; exit 1; }

fuzz:
	scripts/install-dependencies --fuzz
	cmake --preset fuzz $(CMAKE_FLAGS)
	cmake --build --preset fuzz --parallel $(JOBS)
	tests/fuzz/run --seconds $(FUZZ_SECONDS)

bench: install
	cmake --preset release $(CMAKE_FLAGS)
	cmake --build --preset release --parallel $(JOBS) --target ebm_benchmarks
	build/release/ebm_benchmarks

bench-peers: install
	cmake --preset release $(CMAKE_FLAGS)
	cmake --build --preset release --parallel $(JOBS) --target ebm_peer ebm_program
	benchmarks/peers/compare.py --task all --threads 1
	benchmarks/peers/compare.py --task all --threads 2

format: install
	tests/checks/format.sh --fix

clean:
	rm -rf build
