# Short names for the usual steps; the build itself is CMake's (CMakePresets.json).
JOBS ?= $(shell nproc)
# More arguments for `cmake --preset`, e.g. make test CMAKE_FLAGS=-DEBM_WERROR=ON (the build directory keeps them).
CMAKE_FLAGS ?=
GALLERY_EXAMPLE := experiments/gallery/cd-vs-pcd-vs-exact.yaml

# The steps of one target stand in order; the parallel work is inside cmake --build.
.NOTPARALLEL:
.PHONY: help install run build test asan bench bench-peers format clean

help:
	@echo 'make run         build the program and run $(GALLERY_EXAMPLE)'
	@echo 'make test        build everything and run all tests but the slow ones'
	@echo 'make build       build everything'
	@echo 'make asan        unit and law tests under the address and undefined-behaviour sanitizers'
	@echo 'make bench       build and run the benchmarks'
	@echo 'make bench-peers ebm beside PyTorch, NumPy and scikit-learn, as far as they are installed'
	@echo 'make format      format the C++ sources in place'
	@echo 'make install     install the Debian packages (the targets above do it first)'
	@echo 'make clean       remove build/'
	@echo 'Variables: JOBS=$(JOBS)  CMAKE_FLAGS=$(CMAKE_FLAGS)'

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
