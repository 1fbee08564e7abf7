# The front door; meson and ninja do the work. `make help` lists what there is.
#
# A machine with Debian 12, git and make is enough: what is missing is installed, and named, before it is needed.

BUILD    ?= build
PREFIX   ?= /usr/local
LISTEN   ?= 127.0.0.1:5100
HILF_JOBS ?= $(shell nproc)
ENGINE   ?= $(shell command -v podman || command -v docker || echo podman)
IMAGE    ?= hilf
# enabled, or disabled where Node or npm's registry is not to be had: a node without pages.
CONSOLE  ?=
export HILF_CONSOLE = $(CONSOLE)

PACKAGES_BUILD = gcc libc6-dev binutils meson ninja-build pkg-config python3-minimal \
	libjpeg62-turbo-dev libpng-dev libwebp-dev libtiff-dev libheif-dev libgif-dev \
	libsqlite3-dev libsodium-dev libssl-dev libseccomp-dev libjansson-dev libevent-dev \
	libcurl4-openssl-dev libinih-dev libqrencode-dev libutf8proc-dev nodejs npm
PACKAGES_RUN   = curl
PACKAGES_TEST  = libcmocka-dev python3 sqlite3 g++ curl openssl nodejs npm nginx-light haproxy chromium
PACKAGES_BENCH = g++ libfaiss-dev libopenblas0-pthread plasma-workspace-wallpapers mate-backgrounds nginx-light chromium nodejs npm
PACKAGES_FUZZ  = clang libclang-rt-14-dev
PACKAGES_IMAGE = podman
PACKAGES_DEB   = build-essential debhelper dpkg-dev lintian debootstrap python3 util-linux

.PHONY: all run test test-console bench bench-large soak fuzz test-long install deb deb-test image image-test clean help packages-%

# Minutes the first time: who watches sees ninja count.
all: $(BUILD)/build.ninja
	@[ -z "$(CONSOLE)" ] || meson configure -Dconsole=$(CONSOLE) $(BUILD)
	@if [ -t 1 ]; then ninja -C $(BUILD) -j $(HILF_JOBS); else ninja -C $(BUILD) -j $(HILF_JOBS) --quiet; fi

packages-build:
	@tools/install-packages.sh $(PACKAGES_BUILD)
packages-run: packages-build
	@tools/install-packages.sh $(PACKAGES_RUN)
packages-test: packages-build
	@tools/install-packages.sh $(PACKAGES_TEST)
packages-bench: packages-build
	@tools/install-packages.sh $(PACKAGES_BENCH)
packages-fuzz: packages-build
	@tools/install-packages.sh $(PACKAGES_FUZZ)
packages-deb: packages-build
	@tools/install-packages.sh $(PACKAGES_DEB)

$(BUILD)/build.ninja: | packages-build
	@meson setup --prefix $(PREFIX) $(addprefix -Dconsole=,$(CONSOLE)) $(BUILD) >/dev/null || \
		{ meson setup --prefix $(PREFIX) $(addprefix -Dconsole=,$(CONSOLE)) $(BUILD); exit 1; }

## make run        build, then the main job on drawn pictures, then serve them on http://LISTEN (127.0.0.1:5100) until Ctrl-C
run: packages-run all
	@exec tools/demo.sh $(abspath $(BUILD)) $(LISTEN)

## make test       build plain and with sanitizers, run every test, end with a count
test: packages-test
	@tools/test.sh

## make bench      our figures beside the peers', from one run (installs FAISS and some photographs)
bench: packages-bench
	@tools/bench.sh

## make bench-large  the index at ten million: memory, start, adds, skew (about 6 GB, some minutes)
bench-large: packages-bench
	@tools/bench-large.sh

## make soak       fifteen minutes of mixed load on the service (MINUTES), and how much its memory grew
soak: packages-bench
	@tools/soak.sh

## make fuzz       each fuzzer for FUZZ_SECONDS (60)
fuzz: packages-fuzz
	@tools/fuzz.sh $${FUZZ_SECONDS:-60}

## make test-console  of these, the console in a real browser: people at the desk, every page in three languages and both themes
test-console: packages-test all
	@meson test -C $(BUILD) --suite console --print-errorlogs --timeout-multiplier 5

## make test-long  the slow proofs: thousands of kills, every failing call
test-long: packages-test all
	@tools/test-long.sh $(BUILD)

## make install    into PREFIX (/usr/local), honouring DESTDIR
install: all
	@meson configure --prefix $(abspath $(PREFIX)) $(BUILD)
	@ninja -C $(BUILD) -j $(HILF_JOBS) --quiet
	@meson install -C $(BUILD) --no-rebuild
	@[ -n "$(DESTDIR)" ] || [ "$$(id -u)" != 0 ] || ldconfig

## make deb        Debian packages, in BUILD/deb
deb: packages-deb
	@tools/deb.sh $(BUILD)

## make deb-test   install them into a fresh Debian, use them, remove and purge them (needs root and a mirror)
deb-test: packages-deb
	@[ -e $(BUILD)/deb/hilf_*.deb ] || tools/deb.sh $(BUILD)
	@tools/deb-test.sh $(BUILD)

## make image      a container image, by ENGINE (podman or docker), named IMAGE (hilf)
image:
	@command -v $(firstword $(ENGINE)) >/dev/null || tools/install-packages.sh $(PACKAGES_IMAGE)
	@BUILDAH_FORMAT=docker $(ENGINE) build $(IMAGE_OPTIONS) -f Containerfile -t $(IMAGE) .

## make image-test run it under a container's usual confinement; more options of the engine's run in HILF_RUN_OPTIONS
image-test: all
	@$(BUILD)/tools/hilf-draw $(BUILD)/image-test
	@tools/image-test.sh "$(ENGINE)" $(BUILD)/image-test/known/banner.jpg $(IMAGE)

clean:
	rm -rf build build-asan build-tsan build-fuzz build-bench web/.build web/dist

help:
	@sed -n 's/^## //p' Makefile
