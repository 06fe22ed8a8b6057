# Workbench: studies of convolutional networks. `make demo` and `make test` do all set-up on Debian 12.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help demo build test lint check-deploy check-reference check-races test-all bench parity onnx check-onednn3
.PHONY: check-leaks soak clean go compiler browser promtool pdflatex

# Extensions of SQLite would be native code that a database file could ask for. With libjpeg, usual JPEG files are read by
# libjpeg-turbo in place of Go's decoder.
TAGS := sqlite_omit_load_extension,libjpeg
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
# The commit is written into the program where git says which it is.
REVISION := $(if $(shell git rev-parse HEAD 2>/dev/null),auto,false)
# Two packages at a time: each test uses several cores of its own. (Recursive: GO is found below.)
TEST = $(GO) test -p 2 -timeout 20m
RACES := ./experiments/data ./experiments/supervise ./experiments/train ./store ./dashboard/...
REFERENCE := run|evaluate|network|versions|weights
FUZZTIME ?= 60s
SOAK_DATA ?=
TORCH ?= /usr/bin/python3
# A folder in which the wheels of another oneDNN are unpacked.
ONEDNN ?= bin/onednn3
PYTHON ?= python3
# Networks that make onnx compares: a pattern of names, such as 'resnet*'.
NETWORKS ?= *

# Programs that are needed and not installed system-wide.
TOOLS := $(CURDIR)/bin/tools
export PATH := $(TOOLS):$(PATH)

# Go: the first of these that is as new as go.mod asks for, else the one that the target go gets.
GO_PLACES := go /usr/local/go/bin/go
GO_RELEASE := go1.26.8
GO_WANTED := $(shell sed -n 's/^go \([0-9]*\.[0-9]*\).*/\1/p' go.mod)
ifndef GO
GO := $(shell for go in $(GO_PLACES); do \
	has=$$(cd / && GOTOOLCHAIN=local "$$go" version 2>/dev/null | sed -n 's/^go version .*go\([0-9]*\.[0-9]*\).*/\1/p') || true; \
	if [ -n "$$has" ] && printf '%s\n' "$(GO_WANTED)" "$$has" | sort -CV; then command -v "$$go"; exit; fi; \
	done; echo $(TOOLS)/go/bin/go)
endif

# $(call install,PACKAGES,PURPOSE) installs Debian packages.
define install
echo "Installing $(1), needed to $(2)."
$(as_root)
$$as_root apt-get update -qq
$$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(1)
endef

# Finds how to become root, "" for who is it already.
define as_root
if ! command -v apt-get >/dev/null; then
	echo "This is not Debian: please install what corresponds to that and try again." >&2; exit 1
elif [ "$$(id -u)" = 0 ]; then as_root=
elif command -v sudo >/dev/null; then as_root=sudo
else
	echo "Installing needs root, and there is no sudo: please install that as root and try again." >&2; exit 1
fi
endef

help: ## say what can be done
	@sed -n 's/^\([a-z0-9-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 24

demo: build ## train a small study, print its table, show it on http://127.0.0.1:8080
	@bin/workbench demo

build: compiler ## build bin/workbench
	@$(GO) build -trimpath -buildvcs=$(REVISION) -tags '$(TAGS)' -ldflags '-X main.version=$(VERSION)' -o bin/workbench ./workbench

test: lint check-deploy check-reference check-races test-all ## everything that must hold before a change is kept

lint: compiler ## formatting, go vet, staticcheck
	@echo "== formatting, vet, staticcheck"
	wrong=$$(find . -name '*.go' -not -path './.*/*' -not -path './bin/*' -print0 | xargs -0 "$$($(GO) env GOROOT)/bin/gofmt" -l)
	if [ -n "$$wrong" ]; then echo "these files need gofmt -w:" $$wrong >&2; exit 1; fi
	$(GO) vet -tags '$(TAGS),browser,prometheus,latex,onnxruntime' ./...
	$(GO) tool staticcheck -tags '$(TAGS),browser,prometheus,latex,onnxruntime' ./...

check-deploy: promtool ## the files for Prometheus and compose
	@echo "== files for Prometheus and compose"
	promtool check config deploy/prometheus/prometheus.yml
	promtool test rules deploy/prometheus/rules_test.yml
	if docker compose version >/dev/null 2>&1; then docker compose config -q
	else echo "no docker compose here: docker-compose.yml is checked by a Go test alone"; fi

check-reference: compiler ## the program without oneDNN, and Go's JPEG decoder
	@echo "== built without oneDNN (scripts of training and its files; the others run below, with oneDNN), and without libjpeg"
	$(GO) vet -tags '$(TAGS),noonednn' ./...
	$(TEST) -tags '$(TAGS),noonednn' -run 'TestScripts/^($(REFERENCE))$$' ./workbench
	$(TEST) ./experiments/data/imagefile

check-races: compiler ## the race detector where goroutines meet
	@echo "== race detector (-short)"
	$(TEST) -race -short -tags '$(TAGS)' $(RACES)

test-all: compiler browser promtool ## every test, those with a browser and a Prometheus included
	@echo "== all tests but trainings that repeat for minutes (-short), which make soak has"
	$(TEST) -short -tags '$(TAGS),browser,prometheus' ./...

bench: build ## the speed of networks, beside PyTorch if a python3 has it (BENCH: more arguments), then every Go benchmark
	@bin/workbench bench $(BENCH)
	$(GO) test -p 1 -run '^$$' -bench . -benchmem -tags '$(TAGS)' ./...

# A few networks' weights at a time: together they have some gigabytes. Debian's torchvision belongs to Debian's Python; timm and
# pytorchcv, for networks that torchvision has not, come from PyPI: TORCH=PYTHON names one that has them.
parity: compiler ## the zoo beside torchvision, timm, pytorchcv and the papers: weights by name, the same logits, for some the same gradients
	@if ! $(TORCH) -c 'import torchvision' 2>/dev/null; then
		$(call install,python3-torchvision,compare the networks with torchvision)
	fi
	here=$$(mktemp -d)
	trap 'rm -rf "$$here"' EXIT
	$(GO) test -c -tags '$(TAGS)' -o "$$here/parity" ./nn/weights
	cd nn/weights
	$(TORCH) testdata/parity.py list >"$$here/names"
	failed=0
	while read -r names; do
		rm -f "$$here"/*.safetensors
		$(TORCH) testdata/parity.py export "$$here" $$names
		if WORKBENCH_PARITY="$$here" "$$here/parity" -test.run TestTheZooAnswersAsItsPeers >"$$here/said"; then
			echo "as their peers: $$names"
		else
			cat "$$here/said" >&2
			failed=1
		fi
	done <"$$here/names"
	exit $$failed

# onnxruntime is in no Debian package: unless PYTHON has it, it goes into an environment of its own.
onnx: compiler ## the zoo as ONNX files in onnxruntime: the same logits, for one image and for three
	@python=$(PYTHON) wanted='import numpy, onnx, onnxruntime'
	if ! "$$python" -c "$$wanted" 2>/dev/null; then python=$(TOOLS)/onnxruntime/bin/python; fi
	if ! "$$python" -c "$$wanted" 2>/dev/null; then
		if ! "$(PYTHON)" -c 'import ensurepip' 2>/dev/null; then
			$(call install,python3-venv,run ONNX files)
		fi
		echo "Installing onnx and onnxruntime from PyPI into bin/tools/onnxruntime, needed to run ONNX files."
		"$(PYTHON)" -m venv $(TOOLS)/onnxruntime
		"$$python" -m pip install -q --disable-pip-version-check numpy onnx onnxruntime
	fi
	"$$python" -c 'import onnx, onnxruntime; print("onnx", onnx.__version__, "and onnxruntime", onnxruntime.__version__)'
	here=$$(mktemp -d)
	trap 'rm -rf "$$here"' EXIT
	$(GO) test -c -tags '$(TAGS),onnxruntime' -o "$$here/onnx" ./nn/onnx
	cd nn/onnx
	WORKBENCH_ONNX="$$python" WORKBENCH_ONNX_NETWORKS='$(NETWORKS)' WORKBENCH_ONNX_RECORD=$(RECORD) TMPDIR="$$here" "$$here/onnx" -test.run Onnxruntime -test.timeout 6h

# With the wheels of onednn-cpu-gomp and onednn-devel-cpu-gomp from PyPI, which are oneDNN 3 for gcc's OpenMP as Debian's 2.6 is.
check-onednn3: compiler ## the oneDNN backend's tests with oneDNN 3 (ONEDNN=FOLDER of unpacked wheels; without, python3 -m pip gets them)
	@if [ ! -d "$(ONEDNN)" ]; then
		mkdir -p "$(ONEDNN)"
		python3 -m pip download -q --no-deps -d "$(ONEDNN)" onednn-cpu-gomp onednn-devel-cpu-gomp
		for wheel in "$(ONEDNN)"/*.whl; do python3 -m zipfile -e "$$wheel" "$(ONEDNN)"; done
	fi
	header=$$(find "$$(realpath "$(ONEDNN)")" -name dnnl.h -not -path '*/oneapi/*' | head -n 1)
	library=$$(find "$$(realpath "$(ONEDNN)")" -name 'libdnnl.so.3*' -type f | head -n 1)
	[ -n "$$header" ] && [ -n "$$library" ] || { echo "$(ONEDNN): want dnnl.h and libdnnl.so.3 somewhere in it" >&2; exit 1; }
	links=$$(mktemp -d)
	trap 'rm -rf "$$links"' EXIT
	for name in libdnnl.so libdnnl.so.3; do ln -s "$$library" "$$links/$$name"; done
	export CGO_CFLAGS="-O2 -I$$(dirname "$$header")" CGO_LDFLAGS="-L$$links" LD_LIBRARY_PATH="$$links:$$(dirname "$$library")"
	$(GO) test -c -tags '$(TAGS)' -o "$$links/onednn.test" ./nn/onednn
	cd nn/onednn
	"$$links/onednn.test" -test.timeout 30m

check-leaks: compiler ## ten thousand training steps with rebuilt plans leave nothing behind
	@WORKBENCH_SOAK_STEPS=10000 $(TEST) -count 1 -v -run '^TestNothingLeaks$$' -tags '$(TAGS)' ./nn/onednn

soak: compiler check-leaks pdflatex ## slow proofs: check-leaks, the tables set by pdfLaTeX, a twentieth of each study and diagnoses of planted faults (SOAK_DATA: data sets), races, fuzz targets for FUZZTIME (60s)
	@$(TEST) -timeout 1h -count 1 -tags '$(TAGS)' ./experiments/train
	$(TEST) -count 1 -run '^TestPDFLaTeXSetsTheTables$$' -tags '$(TAGS),latex' ./workbench
	WORKBENCH_SOAK_DATA='$(SOAK_DATA)' $(TEST) -count 1 -v -run '^Test(ShippedStudiesTrain|DiagnosesOfOtherNetworksAndData)$$' -tags '$(TAGS)' ./workbench
	@$(GO) test -p 2 -race -timeout 3h -tags '$(TAGS)' ./...
	grep -rlE '^func Fuzz' --include='*_test.go' --exclude-dir='.?*' --exclude-dir=bin . | while read -r file; do
		sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' "$$file" | while read -r target; do
			echo "== $$target of $$(dirname "$$file")"
			$(GO) test -tags '$(TAGS)' -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$(dirname "$$file")" </dev/null
		done
	done

clean: ## remove what was built
	@rm -rf bin

# Debian 12 has Go 1.19, which is too old to build with. It can get a newer one, which comes as a module whose sum it checks. What it
# unpacks cannot be run yet, and its files go.mod are called _go.mod: newer Gos see to both, as is done here.
go:
	@if command -v "$(GO)" >/dev/null; then exit; fi
	if [ "$(GO)" != "$(TOOLS)/go/bin/go" ]; then
		echo "$(GO), which GO names, is no program; without GO=... make gets $(GO_RELEASE)" >&2
		exit 1
	fi
	old=$$(for go in $(GO_PLACES); do command -v "$$go" && break; done) || true
	if [ -z "$$old" ]; then
		$(call install,golang-go ca-certificates,get Go)
		old=go
	fi
	echo "Getting $(GO_RELEASE) into bin/tools/go; Go $(GO_WANTED) or newer is needed, and here is $$(cd / && GOTOOLCHAIN=local "$$old" version)."
	mkdir -p $(TOOLS)
	here=$$(mktemp -d -p $(TOOLS))
	trap 'rm -rf "$$here"' EXIT
	cd "$$here"
	echo "module toolchain" >go.mod # an old Go cannot read the workbench's
	module=golang.org/toolchain@v0.0.1-$(GO_RELEASE).$$("$$old" env GOOS)-$$("$$old" env GOARCH)
	export GOTOOLCHAIN=local GOPATH="$$here/path" GOMODCACHE="$$here/mod" GOFLAGS=-modcacherw GOWORK=off
	env -u GONOSUMDB -u GOPRIVATE "$$old" mod download "$$module"
	new="$$here/mod/$$module"
	chmod -R u+w "$$new"
	chmod +x "$$new"/bin/* "$$new"/pkg/tool/*/*
	find "$$new" -name _go.mod -execdir mv _go.mod go.mod ';'
	rm -rf $(TOOLS)/go
	mv "$$new" $(TOOLS)/go

# The trial program tells whether the C compiler, its headers, oneDNN and libjpeg are there, wherever they came from.
compiler: go
	@if ! printf '#include <stdio.h>\n#include <dnnl.h>\n#include <jpeglib.h>\nint main(void) {
			struct jpeg_error_mgr m; return dnnl_version() == 0 || !jpeg_std_error(&m); }\n' |
		gcc -fopenmp -x c - -ldnnl -ljpeg -lgomp -lm -o /dev/null 2>/dev/null
	then
		$(call install,gcc libc6-dev libdnnl-dev libjpeg62-turbo-dev,build with SQLite and oneDNN and with libjpeg)
	fi

browser:
	@mkdir -p $(TOOLS)
	if ! command -v chromium-headless-shell >/dev/null; then
		if ! command -v chromium >/dev/null; then
			(
			$(call install,chromium-headless-shell,test the pages)
			) || (
			$(call install,chromium,test the pages)
			)
		fi
		command -v chromium-headless-shell >/dev/null || ln -sf "$$(command -v chromium)" $(TOOLS)/chromium-headless-shell
	fi

pdflatex:
	@if ! command -v pdflatex >/dev/null; then
		$(call install,texlive-latex-base texlive-latex-recommended,set tables as papers do)
	fi

# Debian packs promtool with the server, which would start when it is installed: both are only unpacked.
promtool:
	@mkdir -p $(TOOLS)
	if ! command -v promtool >/dev/null || ! command -v prometheus >/dev/null; then
		echo "Unpacking promtool and prometheus from Debian's package into bin/tools, needed to check files and metrics for Prometheus."
		$(as_root)
		here=$$(mktemp -d)
		trap 'rm -rf "$$here"' EXIT
		$$as_root apt-get update -qq
		(cd "$$here" && apt-get download -qq prometheus && dpkg-deb -x prometheus_*.deb .)
		cp "$$here/usr/bin/promtool" "$$here/usr/bin/prometheus" $(TOOLS)/
	fi
