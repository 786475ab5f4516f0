# SPDX-License-Identifier: GPL-2.0-only
# Builds, tests, checks and installs tcpspan; `make help` lists targets and variables.

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

VERSION := 0.1.0

# ---- what a caller may set -------------------------------------------------------------------

##@ Variables
## O=DIR            folder for everything that is built (build; build-san with SAN=1)
## V=1              print the commands that run
## DEV=1            strict warnings, and every warning is an error
## SAN=1            build with the address and undefined-behaviour sanitizers
## T="PATH..."      the tests to run: sources, scripts, folders or globs (all)
## NET=no            leave out HTTP and what goes with it (yes, where its libraries are)
## CURSES=no         leave out the live screen (yes, where ncurses is)
## PCAP=no           leave out captures as recordings (yes, where libpcap is)
## B="NAME..."      parts of bench (all): run paced scale producers snapshot scrape frame
##                  instructions
## JOBS=N           test programs, or fuzzers, that run at the same time (2)
## UNSTEADY=N       files of `make check` that may fail once and pass when they run alone (0)
## FUZZ_SECONDS=N   seconds given to each fuzzer by `make fuzz` (10)
## FUZZ_RUNS=N      instead: so many inputs, the same ones each time
## SOAK_SECONDS=N   seconds of churn in `make soak` (720)
## SOAK_RUNS=N      inputs for each fuzzer in `make soak` (10000000)
## DEPS=no          do not look for missing packages
## PREFIX=DIR       where to install (/usr/local)
## DESTDIR=DIR      put in front of every installed path
## CC, CLANG        compilers for the program and for BPF (gcc, clang)
## LTO=FLAG         optimize the program across its files (-flto=auto; none with DEV=1 or SAN=1)
## CROSS_COMPILE=P  prefix of a cross compiler; ARCH=x86|arm64|... follows from it
## SYSROOT=DIR      where that machine's libraries are (tests/deps.txt), DIR/usr/include and so on

SAN ?=
DEV ?=
V ?=
O ?= $(if $(SAN),build-san,build)
T ?=
B ?=
JOBS ?= 2
FUZZ_SECONDS ?= 10
SOAK_SECONDS ?= 720
SOAK_RUNS ?= 10000000
DEPS ?= yes
PREFIX ?= /usr/local
DESTDIR ?=

CROSS_COMPILE ?=
SYSROOT ?=
ifeq ($(origin CC),default)
CC := $(CROSS_COMPILE)gcc
endif
ifeq ($(origin AR),default)
AR := $(CROSS_COMPILE)ar
endif
CLANG ?= clang
LLVM_STRIP ?= llvm-strip
# Debian keeps bpftool in a folder that only root has in PATH.
BPFTOOL ?= $(or $(shell command -v bpftool 2>/dev/null),/usr/sbin/bpftool)
PKG_CONFIG ?= $(CROSS_COMPILE)pkg-config
CLANG_FORMAT ?= clang-format

MACHINE := $(shell $(CC) -dumpmachine 2>/dev/null)
CPU := $(firstword $(subst -, ,$(MACHINE)))
ARCH ?= $(or $(patsubst x86_64,x86,$(filter x86_64,$(CPU))), \
	$(patsubst aarch64,arm64,$(filter aarch64,$(CPU))), \
	$(if $(filter riscv64,$(CPU)),riscv), \
	$(if $(filter s390x,$(CPU)),s390), \
	$(if $(filter powerpc64le,$(CPU)),powerpc), \
	$(if $(filter arm%,$(CPU)),arm),x86)
ARCH := $(strip $(ARCH))

BINDIR := $(DESTDIR)$(PREFIX)/bin
MANDIR := $(DESTDIR)$(PREFIX)/share/man/man8
ZH_MANDIR := $(DESTDIR)$(PREFIX)/share/man/zh_CN/man8
COMPDIR := $(DESTDIR)$(PREFIX)/share/bash-completion/completions
SCHEMADIR := $(DESTDIR)$(PREFIX)/share/tcpspan/clickhouse

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-7s %s\n'
endif

# ---- sources and flags -----------------------------------------------------------------------

BPF_SRCS := $(sort $(wildcard bpf/*.bpf.c))
BPF_OBJS := $(BPF_SRCS:%.c=$(O)/%.o)
BPF_LINKED := $(O)/bpf/tcpspan.bpf.o
BPF_SKEL := $(O)/bpf/tcpspan.skel.h

MAIN_SRCS := $(wildcard user/main.c user/docs.c)
# Without libcurl nothing is sent, and the program says so.
CURL := $(if $(CROSS_COMPILE),,$(shell $(PKG_CONFIG) --exists libcurl 2>/dev/null && echo yes))
NO_NET := none no_client
NET_SRCS := $(filter-out user/net/none.c user/net/$(if $(CURL),no_client,client).c, \
	$(sort $(wildcard user/net/*.c)))
CURSES_SRCS := $(filter-out user/curses/none.c,$(sort $(wildcard user/curses/*.c)))
# Captures are read by libpcap. Without it they are refused, and a static program is without it:
# it would need what libpcap needs to capture.
PCAP ?= $(if $(CROSS_COMPILE),no,$(if $(wildcard $(SYSROOT)/usr/include/pcap/pcap.h),yes,no))
PCAP_LIBS := $(if $(filter yes,$(PCAP)),-lpcap)
NO_PACKETS := user/source/no_packets
LIB_SRCS := $(filter-out $(MAIN_SRCS) user/net/% user/curses/% \
	$(if $(filter yes,$(PCAP)),$(NO_PACKETS).c,user/source/packets.c), \
	$(sort $(wildcard user/*.c user/*/*.c user/*/*/*.c)))
LIB_OBJS := $(LIB_SRCS:%.c=$(O)/%.o)
LIB := $(O)/libtcpspan.a
NET_LIB := $(O)/libtcpspan-net.a
NO_NET_LIB := $(O)/libtcpspan-no-net.a
CURSES_LIB := $(O)/libtcpspan-curses.a
NO_CURSES_LIB := $(O)/libtcpspan-no-curses.a

UNIT_SRCS := $(sort $(wildcard tests/unit/*.c tests/unit/*/*.c))
BPF_TEST_SRCS := $(sort $(wildcard tests/bpf/*.c))
TOOL_SRCS := $(sort $(wildcard tests/synthetic/*.c))
FUZZ_SRCS := $(sort $(wildcard tests/fuzz/*.c))
BENCH_BPF_SRCS := $(sort $(wildcard tests/bench/*.bpf.c))
BENCH_SRCS := $(filter-out $(BENCH_BPF_SRCS),$(sort $(wildcard tests/bench/*.c)))
UNIT_BINS := $(UNIT_SRCS:%.c=$(O)/%)
BPF_TEST_BINS := $(BPF_TEST_SRCS:%.c=$(O)/%)
TOOL_BINS := $(TOOL_SRCS:%.c=$(O)/%)
FUZZ_BINS := $(FUZZ_SRCS:%.c=$(O)/%)
FUZZ_NET := otlp_answer request web_config
BENCH_BINS := $(BENCH_SRCS:%.c=$(O)/%)
BENCH_BPF_OBJS := $(BENCH_BPF_SRCS:%.c=$(O)/%.o)
SCRIPT_TESTS := $(foreach d,judge lint golden cli package bpf kernel e2e, \
	$(sort $(wildcard tests/$(d)/*.t)))

# A build in a folder outside the tree must not keep this machine's paths.
PREFIX_MAP := -ffile-prefix-map=$(CURDIR)=.

BPF_FLAGS := -target bpf -mcpu=v3 -O2 -g -std=gnu11 -Wall -Wextra -Wno-unused-parameter \
	-D__TARGET_ARCH_$(ARCH) -I. -Ivmlinux \
	$(if $(MACHINE),-idirafter /usr/include/$(shell $(CC) -print-multiarch 2>/dev/null)) \
	$(if $(CROSS_COMPILE),-idirafter /usr/$(MACHINE)/include) \
	$(PREFIX_MAP) $(if $(DEV),-Werror)

# What an initializer leaves out is zero, and tables are read more easily for it.
WARNINGS := -Wall -Wextra -Wno-missing-field-initializers
DEV_WARNINGS := -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wundef -Wpointer-arith -Wcast-align -Wwrite-strings -Wformat=2 -Wvla -Wnull-dereference \
	-Wimplicit-fallthrough -Wframe-larger-than=32768
CFLAGS ?= -O2 -g
LDFLAGS ?=
comma := ,
SAN_FLAGS := $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer)
# What the compiler at hand knows of it: clang 14 and arm64 lack some.
takes = $(shell $(CC) -Werror $(1) -x c -c /dev/null -o /dev/null 2>/dev/null && echo '$(1)')
HARDEN := -fPIE $(if $(SAN),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong \
	$(call takes,-fstack-clash-protection) $(call takes,-fcf-protection=full) \
	$(call takes,-mbranch-protection=standard))
HARDEN_LINK := $(if $(SAN),,-Wl$(comma)-z$(comma)relro -Wl$(comma)-z$(comma)now)
LIBBPF_CFLAGS := $(if $(SYSROOT),-idirafter $(SYSROOT)/usr/include, \
	$(shell $(PKG_CONFIG) --cflags libbpf 2>/dev/null))
# Without it stacks have no lines, and their frames are found by frame pointers alone. A static
# program needs what it needs by name.
DW_FILES := $(SYSROOT)/usr/include/elfutils/libdw.h $(addprefix \
	$(SYSROOT)/usr/lib/$(shell $(CC) -print-multiarch 2>/dev/null)/,libdw.a libbz2.a liblzma.a)
DW := $(if $(filter-out $(words $(wildcard $(DW_FILES))),4),,yes)
DW_LIBS := $(if $(DW),-ldw)
DW_STATIC_LIBS := $(if $(DW),-lbz2 -llzma)
# Without it functions of C++ and Rust are called as their files call them.
IBERTY := $(if $(wildcard $(SYSROOT)/usr/include/libiberty/demangle.h),-liberty)
COMMON_FLAGS := -std=gnu11 -D_GNU_SOURCE -DTCPSPAN_VERSION='"$(VERSION)"' \
	-I. -I$(O) $(LIBBPF_CFLAGS) $(if $(DW),-DTCPSPAN_HAS_DW) \
	$(if $(IBERTY),-DTCPSPAN_HAS_IBERTY)
# A record passes through many small functions of many files. The objects keep their own code too,
# so that tests link as fast as ever.
LTO ?= $(if $(SAN)$(DEV)$(findstring clang,$(CC)),,-flto=auto)
USER_FLAGS := $(COMMON_FLAGS) $(WARNINGS) $(if $(DEV),$(DEV_WARNINGS)) $(HARDEN) $(PREFIX_MAP) \
	$(SAN_FLAGS) $(CFLAGS) $(LTO) $(if $(LTO),-ffat-lto-objects)
NO_LTO := $(if $(LTO),-fno-lto)
LINK_FLAGS := $(SAN_FLAGS) $(CFLAGS) $(LDFLAGS) $(NO_LTO)
PROGRAM_LINK_FLAGS := $(PREFIX_MAP) $(SAN_FLAGS) $(CFLAGS) $(LDFLAGS) $(HARDEN) $(HARDEN_LINK) \
	$(LTO)
# Without it the program filters no system calls, and says so.
SECCOMP := $(if $(wildcard $(SYSROOT)/usr/include/seccomp.h),-lseccomp)
# Without it the names of containers that only files of JSON tell are not known.
JSON := $(if $(wildcard $(SYSROOT)/usr/include/json-c/json.h),-ljson-c)
# libbpf.pc keeps libelf and zlib private: a static link needs them by name.
LIBS := $(if $(SYSROOT),-L$(SYSROOT)/usr/lib/$(MACHINE)) \
	$(or $(shell $(PKG_CONFIG) --libs libbpf 2>/dev/null),-lbpf) $(DW_LIBS) -lelf -lz -lzstd \
	-ldeflate $(SECCOMP) $(JSON) $(IBERTY) $(PCAP_LIBS) -lm
# HTTP, TLS, YAML and protobuf are others' libraries. Without them `export` answers nobody.
NET_PACKAGES := libmicrohttpd gnutls yaml-0.1 libprotobuf-c
NET ?= $(if $(CROSS_COMPILE),no,$(if $(shell $(PKG_CONFIG) --exists $(NET_PACKAGES) 2>/dev/null && \
	command -v protoc >/dev/null && command -v protoc-gen-c),yes,no))
NET_LIBS := $(if $(filter yes,$(NET)),$(shell $(PKG_CONFIG) --libs $(NET_PACKAGES) \
	$(if $(CURL),libcurl)) -lcrypt)
NET_PROTOS := metrics otlp
NET_PROTO := $(if $(filter yes,$(NET)),$(NET_PROTOS:%=$(O)/user/net/%.pb-c.h))
NET_PROTO_OBJS := $(NET_PROTO:.h=.o)
# The live view is painted by ncurses, of wide characters. Without it `top` prints its screens.
CURSES ?= $(if $(CROSS_COMPILE),no,$(if $(shell $(PKG_CONFIG) --exists ncursesw 2>/dev/null && \
	echo yes),yes,no))
CURSES_LIBS := $(if $(filter yes,$(CURSES)),$(shell $(PKG_CONFIG) --libs ncursesw))
# Each with its version, where pkg-config knows it: what a report of a fault has to name.
versions = '"$(foreach name,$(1),$(name)=$(shell $(PKG_CONFIG) --modversion $(name) 2>/dev/null))"'
BASE_PACKAGES := libbpf libelf zlib libzstd libdeflate $(if $(SECCOMP),libseccomp) \
	$(if $(JSON),json-c)
MAIN_FLAGS = -DTCPSPAN_LIBRARIES=$(call versions,$(BASE_PACKAGES)) \
	-DTCPSPAN_DW=$(call versions,libdw) \
	-DTCPSPAN_PCAP=$(call versions,libpcap) \
	-DTCPSPAN_SERVER=$(call versions,$(NET_PACKAGES)) \
	-DTCPSPAN_CLIENT=$(call versions,libcurl) \
	-DTCPSPAN_CURSES=$(call versions,ncursesw)
FUZZ_FLAGS := $(COMMON_FLAGS) $(WARNINGS) $(PREFIX_MAP) -O1 -g \
	-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined

# ---- the program -----------------------------------------------------------------------------

##@ Targets
.PHONY: all
all: $(O)/tcpspan docs ## build O/tcpspan, its manual and its completions (the default)

.PHONY: bpf
bpf: $(BPF_SKEL) ## build the kernel side alone: one linked object and its skeleton

# $(call stamp,TEXT): the recipe of a file that changes only when TEXT does.
stamp = @mkdir -p $(@D) && printf '%s\n' '$(subst ','\'',$(1))' | cmp -s - $@ || \
	printf '%s\n' '$(subst ','\'',$(1))' > $@

.PHONY: FORCE
FORCE:
$(O)/.bpf-flags: FORCE
	$(call stamp,$(CLANG) $(BPF_FLAGS))
$(O)/.bpf-list: FORCE
	$(call stamp,$(BPF_OBJS) $(BPFTOOL))
$(O)/.user-flags: FORCE
	$(call stamp,$(CC) $(USER_FLAGS))
$(O)/.main-flags: FORCE
	$(call stamp,$(MAIN_FLAGS))
$(O)/.user-list: FORCE
	$(call stamp,$(LIB_OBJS) $(AR) $(PROGRAM_LINK_FLAGS) $(LIBS))
$(O)/.fuzz-flags: FORCE
	$(call stamp,$(CLANG) $(FUZZ_FLAGS))

# Said in one sentence, before a compiler or a header is missed in the midst of the build.
TOOLS := $(firstword $(CC)) $(firstword $(CLANG)) $(LLVM_STRIP) $(BPFTOOL) python3
HEADERS := bpf/libbpf.h gelf.h zlib.h zstd.h libdeflate.h
$(O)/.found:
	@mkdir -p $(@D); lacking=; \
	for t in $(TOOLS); do \
		command -v "$$t" >/dev/null 2>&1 || lacking="$$lacking $$t"; \
	done; \
	[ -n "$$lacking" ] || for h in $(HEADERS); do \
		printf '#include <%s>\n' "$$h" | $(CC) $(LIBBPF_CFLAGS) -x c -E - \
			>/dev/null 2>&1 || lacking="$$lacking $$h"; \
	done; \
	[ -z "$$lacking" ] || { echo "It cannot be built without:$$lacking. Run" \
		"'tests/deps build' as root, or install what tests/deps.txt lists for it." >&2; \
		exit 1; }
	@touch $@

$(BPF_OBJS) $(BENCH_BPF_OBJS): $(O)/%.o: %.c $(O)/.bpf-flags | $(O)/.found
	@mkdir -p $(@D)
	$(say) BPF $<
	$(Q)$(CLANG) $(BPF_FLAGS) -MMD -MP -MF $(@:.o=.d) -c $< -o $@

$(BPF_LINKED): $(BPF_OBJS) $(O)/.bpf-list
	$(say) BPFLINK $@
	$(Q)$(BPFTOOL) gen object $@.tmp $(BPF_OBJS)
	$(Q)$(LLVM_STRIP) -g $@.tmp
	$(Q)mv $@.tmp $@

# The skeleton's sections hold the structs of bpf/config.h, which it does not include by itself;
# clang-tidy is not to judge generated code.
$(BPF_SKEL): $(BPF_LINKED) Makefile
	$(say) SKEL $@
	$(Q)printf '/* NOLINTBEGIN */\n#include "bpf/config.h"\n' > $@.tmp
	$(Q)$(BPFTOOL) gen skeleton $< name tcpspan_bpf >> $@.tmp
	$(Q)printf '/* NOLINTEND */\n' >> $@.tmp
	$(Q)mv $@.tmp $@

$(O)/user/%.o: user/%.c $(O)/.user-flags | $(O)/.found
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(USER_FLAGS) $(if $(filter %/user/main.o,$@),$(MAIN_FLAGS)) \
		-MMD -MP -MF $(@:.o=.d) -c $< -o $@
$(O)/user/main.o: $(O)/.main-flags

# The style and the script of a page, and the hashes by which a browser allows no others.
HTML_ASSETS := $(O)/user/sink/html/assets.h
$(HTML_ASSETS): user/sink/html/assets.py user/sink/html/page.css user/sink/html/page.js \
		| $(O)/.found
	@mkdir -p $(@D)
	$(say) GEN $@
	$(Q)$^ > $@.tmp && mv $@.tmp $@
$(O)/user/sink/html/page.o $(O)/fuzz/user/sink/html/page.o: | $(HTML_ASSETS)

# What the stories of the textbook were when they were recorded.
DEMO_BYTES := $(O)/user/demo/recordings.bytes.h
$(DEMO_BYTES): user/demo/recordings.py $(sort $(wildcard user/demo/recordings/*.tsp)) \
		| $(O)/.found
	@mkdir -p $(@D)
	$(say) GEN $@
	$(Q)$^ > $@.tmp && mv $@.tmp $@
$(O)/user/demo/recordings.o $(O)/fuzz/user/demo/recordings.o: | $(DEMO_BYTES)

# The tables of a store, as the program has them with it.
FLEET_SCHEMA := $(O)/user/fleet/schema/text.h
$(FLEET_SCHEMA): user/fleet/schema/embed.py $(sort $(wildcard user/fleet/schema/*.sql)) \
		| $(O)/.found
	@mkdir -p $(@D)
	$(say) GEN $@
	$(Q)$^ > $@.tmp && mv $@.tmp $@
$(O)/user/fleet/schema.o $(O)/fuzz/user/fleet/schema.o: | $(FLEET_SCHEMA)

# Only these may include the skeleton; after the first build the .d files know who does.
SKEL_USERS := user/kernel/% user/sockets/% user/source/%
$(filter $(SKEL_USERS:%=$(O)/%),$(LIB_OBJS)): | $(BPF_SKEL)

$(LIB): $(LIB_OBJS) $(O)/.user-list
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcsD $@ $(LIB_OBJS)

NET_OBJS := $(NET_SRCS:%.c=$(O)/%.o) $(NET_PROTO_OBJS)
NO_NET_OBJS := $(NO_NET:%=$(O)/user/net/%.o)
$(NET_LIB): $(if $(filter yes,$(NET)),$(NET_OBJS),$(NO_NET_OBJS)) $(O)/.user-list
$(NO_NET_LIB): $(NO_NET_OBJS) $(O)/.user-list
$(CURSES_LIB): $(if $(filter yes,$(CURSES)),$(CURSES_SRCS:%.c=$(O)/%.o), \
	$(O)/user/curses/none.o) $(O)/.user-list
$(NO_CURSES_LIB): $(O)/user/curses/none.o $(O)/.user-list
$(NET_LIB) $(NO_NET_LIB) $(CURSES_LIB) $(NO_CURSES_LIB):
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcsD $@ $(filter %.o,$^)

$(O)/user/net/%.pb-c.h: user/net/%.proto | $(O)/.found
	@mkdir -p $(@D)
	$(say) PROTO $<
	$(Q)protoc --c_out=$(O) $<
$(NET_PROTO:.h=.c): %.c: %.h
$(NET_PROTO_OBJS): %.o: %.c
	$(say) CC $<
	$(Q)$(CC) $(COMMON_FLAGS) $(HARDEN) $(PREFIX_MAP) $(SAN_FLAGS) $(CFLAGS) -c $< -o $@
$(NET_SRCS:%.c=$(O)/%.o): | $(NET_PROTO)

$(O)/tcpspan: $(O)/user/main.o $(LIB) $(NET_LIB) $(CURSES_LIB)
	$(say) LD $@
	$(Q)$(CC) -pie $(PROGRAM_LINK_FLAGS) $^ $(LIBS) $(NET_LIBS) $(CURSES_LIBS) -o $@

.PHONY: static
static: $(O)/tcpspan-static ## build O/tcpspan-static, which needs no shared library
$(O)/tcpspan-static: $(O)/user/main.o $(O)/$(NO_PACKETS).o $(LIB) $(NO_NET_LIB) $(NO_CURSES_LIB)
	$(say) LD $@
	$(Q)$(CC) -static-pie $(PROGRAM_LINK_FLAGS) $^ $(filter-out $(PCAP_LIBS),$(LIBS)) \
		$(DW_STATIC_LIBS) -o $@

# ---- manual and completions, written by the option table -----------------------------------------

DOCS := $(if $(wildcard user/docs.c),$(if $(CROSS_COMPILE),,$(O)/tcpspan.8 $(O)/tcpspan.bash \
	$(O)/tcpspan.zh_CN.8 $(O)/man/.pages))

.PHONY: docs
docs: $(DOCS) ## write O/tcpspan.8, O/man/tcpspan-*.8 and O/tcpspan.bash from the option table

$(O)/tcpspan-docs: $(O)/user/docs.o $(LIB)
	$(say) LD $@
	$(Q)$(CC) $(LINK_FLAGS) $^ $(LIBS) -o $@
$(O)/tcpspan.8: $(O)/tcpspan-docs
	$(say) GEN $@
	$(Q)$< man > $@.tmp && mv $@.tmp $@
# One for each command; which there are, the table knows.
$(O)/man/.pages: $(O)/tcpspan-docs
	$(say) GEN "$(@D)/tcpspan-*.8"
	$(Q)rm -rf $(@D) && mkdir -p $(@D)
	$(Q)for c in $$($< commands); do $< man $$c > $(@D)/tcpspan-$$c.8 || exit 1; done
	$(Q)touch $@
$(O)/tcpspan.zh_CN.8: $(O)/tcpspan-docs
	$(say) GEN $@
	$(Q)$< man-zh > $@.tmp && mv $@.tmp $@
$(O)/tcpspan.bash: $(O)/tcpspan-docs
	$(say) GEN $@
	$(Q)$< completion > $@.tmp && mv $@.tmp $@

# ---- run and check ---------------------------------------------------------------------------

# Each of these looks for packages first and then starts make again, because this run has already
# asked the missing tools for their flags.
parallel = $(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))
need = $(if $(filter no,$(DEPS)),@:,@tests/deps)

.PHONY: deps
deps: ## install the packages that are missing, for virtual machines too (Debian, as root)
	$(need) build check lint kernels

.PHONY: run
run: ## install what is missing, build, and show a trace of a little traffic
	$(need) build
	+@$(parallel) $(O)/tcpspan
	@tests/demo $(O)/tcpspan

.PHONY: check
check: ## install what is missing, build, and run all tests (or those of T)
	$(need) build check
	+@$(parallel) all test-programs
	@$(MAKE) --no-print-directory prove

.PHONY: test-programs
test-programs: $(UNIT_BINS) $(BPF_TEST_BINS) $(TOOL_BINS) $(if $(SAN),,$(FUZZ_BINS))

# The world of a test: language, clock, terminal and colours are the same everywhere.
WORLD := env -u LANG -u LANGUAGE -u NO_COLOR -u MAKEFLAGS -u MAKELEVEL -u MFLAGS LC_ALL=C TZ=UTC \
	COLUMNS=80 TERM=dumb PYTHONDONTWRITEBYTECODE=1 CMOCKA_MESSAGE_OUTPUT=TAP CLANG=$(CLANG) \
	BUILD=$(abspath $(O)) TCPSPAN=$(abspath $(O)/tcpspan) SAN=$(SAN) \
	ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1
ALL_TESTS := $(UNIT_BINS) $(if $(SAN),,$(wildcard tests/fuzz/*.t)) $(BPF_TEST_BINS) $(SCRIPT_TESTS)
wanted = $(foreach t,$(patsubst %/,%,$(or $(wildcard $(T)),$(T))),$(filter \
	$(t) $(t)/% $(O)/$(t)/% $(patsubst %.c,$(O)/%,$(t)),$(ALL_TESTS)))
CHOSEN = $(if $(T),$(wanted),$(ALL_TESTS))

# Stories whose runs a capture beside them is held against in `check`; in `check-wire` it is all.
WIRED := 02-refused 04-half-close 05-simultaneous 06-reset 30-causes 36-sent-again 38-silent-ends \
	39-left-over 53-half-open 55-fast-open 60-fin-wait2 62-time-wait-cut-short

.PHONY: prove
prove:
	@$(if $(strip $(CHOSEN)),:,echo "No test matches T=$(T)." >&2; exit 1)
	$(Q)rm -f $(O)/prove.state
	$(Q)$(WORLD) WIRE="$(or $(WIRE),$(WIRED))" \
		prove --exec tests/judge/run -j$(JOBS) $(if $(filter 1,$(V)),-v) \
		$(if $(UNSTEADY),--state=save --statefile=$(O)/prove.state) $(CHOSEN) \
		$(if $(UNSTEADY),|| $(WORLD) tests/judge/again $(O)/prove.state $(UNSTEADY))

# Those that have a line for each connection of their namespace.
TELLS_ALL = $(shell grep -lE 'LINES|FULL|"--open"' tests/e2e/*.t)
.PHONY: check-wire
check-wire: ## have a capture beside each story (or those of T): it must tell what the run tells
	$(need) build check wire
	+@$(parallel) all test-programs
	@$(MAKE) --no-print-directory prove WIRE=1 T="$(or $(T),$(TELLS_ALL))"

TEST_LIBS := -lcmocka $(LIBS)
$(UNIT_BINS) $(BPF_TEST_BINS) $(TOOL_BINS): $(O)/tests/%: tests/%.c $(LIB) $(O)/.user-flags
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(USER_FLAGS) $(NO_LTO) -MMD -MP -MT $@ -MF $@.d $< $(filter %-net.a,$^) \
		-Wl,--start-group $(LIB) $(filter %-curses.a,$^) -Wl,--end-group \
		$(LDFLAGS) $(TEST_LIBS) $(if $(filter %-net.a,$^),$(NET_LIBS)) -o $@
$(filter $(O)/tests/unit/net/%,$(UNIT_BINS)): $(NET_LIB)
$(O)/tests/unit/command/test_top_plain: $(NO_CURSES_LIB)
$(BPF_TEST_BINS): | $(BPF_SKEL)

# The browser is driven by a package of npm's, which no list of Debian's has.
.PHONY: check-page
check-page: ## have a browser show a page of `report`, at three widths, in light and dark
	$(need) build check page
	+@$(parallel) all $(TOOL_BINS)
	$(Q)npm install --silent --prefix $(O)/page playwright-core
	$(Q)$(WORLD) PLAYWRIGHT=$(abspath $(O)/page) tests/e2e/96-report.t

.PHONY: check-fleet
check-fleet: ## have two shards of two replicas keep rows while a server and a tracer are killed
	$(need) build check fleet
	+@$(parallel) all $(TOOL_BINS)
	$(Q)$(WORLD) KEEPER=yes prove --exec tests/judge/run $(if $(filter 1,$(V)),-v) \
		tests/e2e/98-fleet.t tests/e2e/98-fleet-alone.t tests/e2e/98-fleet-readme.t \
		tests/e2e/99-fleet-shards.t

.PHONY: golden-update
golden-update: $(O)/tcpspan $(TOOL_BINS) ## show how the golden files would change, then change them
	$(Q)$(WORLD) tests/golden/golden.t --update

BENCH_PARTS := run paced scale producers snapshot scrape frame instructions
# A row of results.tsv is made of the whole, or of what repeats on any machine.
BENCH_ROW = $(filter all instructions,$(or $(strip $(B)),all))

.PHONY: bench
bench: ## measure the overhead on this machine, beside the peers that are installed
	$(need) build check kernels
	+@$(parallel) $(O)/tcpspan static bench-programs
	$(if $(B),,$(Q)rm -rf $(O)/bench)
	@tests/kernel/fetch
	@$(foreach b,$(if $(B),$(B),$(BENCH_PARTS)),$(WORLD) tests/bench/$(b) &&) :
	$(if $(BENCH_ROW),$(Q)$(WORLD) tests/bench/results.py --append \
		$(filter-out all,$(BENCH_ROW)))

.PHONY: check-cost
check-cost: ## fail when a connection takes more instructions than tests/bench/limits.tsv allows
	$(need) build check kernels
	+@$(parallel) static bench-programs
	@tests/kernel/fetch 6.12
	@$(WORLD) tests/bench/instructions --gate $(if $(UPDATE),--update)

.PHONY: bench-deps
bench-deps: ## install the tracers to measure beside, and gnuplot for the pictures
	$(need) bench

.PHONY: bench-programs
bench-programs: $(BENCH_BINS) $(BENCH_BPF_OBJS)

# Across files a compiler finds ways on which it believes a pointer to be NULL that no caller goes.
$(BENCH_BINS): $(O)/tests/%: tests/%.c $(LIB) $(O)/.user-flags
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(filter-out -Wnull-dereference,$(USER_FLAGS)) -MMD -MP -MT $@ -MF $@.d \
		$< $(LIB) $(LDFLAGS) $(LIBS) -o $@

.PHONY: check-kernels check-gate
check-kernels: ## run the stories in virtual machines, on every rung of every kernel
check-gate: ## run those of them that must pass before a change lands
check-kernels: GATE :=
check-gate: GATE := --gate
check-kernels check-gate:
	$(need) build check kernels
	+@$(parallel) $(O)/tcpspan static test-programs
	@tests/kernel/fetch && CLANG=$(CLANG) tests/kernel/types && \
		tests/kernel/check $(O)/tcpspan-static $(GATE)

.PHONY: readme
readme: ## write what was measured into README.md and the manual: kernels, overhead
	$(Q)python3 tests/kernel/matrix.py --update
	$(Q)python3 tests/bench/results.py --update

.PHONY: check-arm64
check-arm64: ## cross-build, and run some stories on arm64 kernels in virtual machines
	$(need) build check kernels arm64
	@mkdir -p build-arm64 && tests/kernel/check-arm64 --sysroot > build-arm64/.sysroot
	+@$(parallel) static O=build-arm64 CROSS_COMPILE=aarch64-linux-gnu- \
		SYSROOT="$$(cat build-arm64/.sysroot 2>/dev/null)"
	@CLANG=$(CLANG) tests/kernel/check-arm64 build-arm64/tcpspan-static

# ---- fuzzing -----------------------------------------------------------------------------------

FUZZ_LIB_OBJS := $(LIB_SRCS:%.c=$(O)/fuzz/%.o)
FUZZ_NET_OBJS := $(if $(filter yes,$(NET)),$(NET_SRCS:%.c=$(O)/fuzz/%.o), \
	$(NO_NET:%=$(O)/fuzz/user/net/%.o))
$(FUZZ_LIB_OBJS) $(FUZZ_NET_OBJS): $(O)/fuzz/%.o: %.c $(O)/.fuzz-flags
	@mkdir -p $(@D)
	$(say) CC "$< (fuzz)"
	$(Q)$(CLANG) $(FUZZ_FLAGS) -MMD -MP -MF $(@:.o=.d) -c $< -o $@
$(filter $(SKEL_USERS:%=$(O)/fuzz/%),$(FUZZ_LIB_OBJS)): | $(BPF_SKEL)

$(O)/fuzz/libtcpspan.a: $(FUZZ_LIB_OBJS) $(O)/.user-list
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcsD $@ $(FUZZ_LIB_OBJS)

$(FUZZ_BINS): $(O)/tests/fuzz/%: tests/fuzz/%.c $(O)/fuzz/libtcpspan.a $(O)/.fuzz-flags
	@mkdir -p $(@D)
	$(say) CC "$< (fuzz)"
	$(Q)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer -MMD -MP -MT $@ -MF $@.d \
		$< $(filter %-net.a,$^) $(O)/fuzz/libtcpspan.a $(LIBS) \
		$(if $(filter %-net.a,$^),$(NET_LIBS)) -o $@
$(FUZZ_NET_OBJS): | $(NET_PROTO)
$(O)/fuzz/libtcpspan-net.a: $(FUZZ_NET_OBJS) $(NET_PROTO_OBJS)
	$(Q)rm -f $@ && $(AR) rcsD $@ $^
$(FUZZ_NET:%=$(O)/tests/fuzz/%): $(O)/fuzz/libtcpspan-net.a

.PHONY: fuzz
fuzz: ## run each fuzzer for FUZZ_SECONDS, starting from its corpus
	$(need) build check
	+@$(parallel) $(FUZZ_BINS)
	@printf '%s\n' $(FUZZ_SRCS:tests/fuzz/%.c=%) | BUILD=$(abspath $(O)) \
		xargs -P $(JOBS) -I {} tests/fuzz/run {} $(FUZZ_SECONDS) $(FUZZ_RUNS)

# ---- soak --------------------------------------------------------------------------------------

.PHONY: soak soak-memory soak-fuzz soak-sanitizers
soak: ## for hours: memory under churn, SOAK_RUNS inputs for each fuzzer, all tests with sanitizers
	@$(MAKE) --no-print-directory soak-memory
	@$(MAKE) --no-print-directory soak-fuzz
	@$(MAKE) --no-print-directory soak-sanitizers

soak-memory: ## four commands under churn for SOAK_SECONDS, with flat memory
	$(need) build check
	+@$(parallel) all
	@$(WORLD) tests/soak/run $(SOAK_SECONDS)

soak-fuzz: ## SOAK_RUNS inputs for each fuzzer, the same ones each time
	@$(MAKE) --no-print-directory fuzz FUZZ_RUNS=$(SOAK_RUNS)

soak-sanitizers: ## all tests with the address and undefined-behaviour sanitizers
	@$(MAKE) --no-print-directory check SAN=1

# ---- form --------------------------------------------------------------------------------------

C_FILES = $(shell git ls-files -co --exclude-standard -- '*.c' '*.h' 2>/dev/null)

.PHONY: format
format: ## rewrite the C sources in the project's form
	$(need) lint
	$(Q)$(CLANG_FORMAT) -i $(C_FILES)

.PHONY: format-check
format-check: ## say which C sources are not in the project's form
	$(need) lint
	$(Q)$(CLANG_FORMAT) --dry-run --Werror $(C_FILES)

.PHONY: lint
lint: ## check form, folder arrows, shell and Python scripts, and run clang-tidy
	$(need) build lint
	+@$(parallel) $(BPF_SKEL) $(NET_PROTO) $(HTML_ASSETS) $(DEMO_BYTES) $(FLEET_SCHEMA)
	@CLANG_FORMAT='$(CLANG_FORMAT)' TIDY_FLAGS='$(subst ','\'',$(COMMON_FLAGS))' tests/lint/run

# ---- install -----------------------------------------------------------------------------------

.PHONY: install
install: all ## install the program, its manual, its completions and the tables of a store
	$(Q)install -D -m 755 $(O)/tcpspan $(BINDIR)/tcpspan
ifneq ($(DOCS),)
	$(Q)install -D -m 644 $(O)/tcpspan.8 $(MANDIR)/tcpspan.8
	$(Q)install -m 644 $(O)/man/*.8 $(MANDIR)
	$(Q)install -D -m 644 $(O)/tcpspan.zh_CN.8 $(ZH_MANDIR)/tcpspan.8
	$(Q)install -D -m 644 $(O)/tcpspan.bash $(COMPDIR)/tcpspan
endif
	$(Q)install -d $(SCHEMADIR) && install -m 644 user/fleet/schema/*.sql \
		user/fleet/schema/*.xml $(SCHEMADIR)

.PHONY: uninstall
uninstall: ## remove what install put there
	$(Q)rm -f $(BINDIR)/tcpspan $(MANDIR)/tcpspan.8 $(MANDIR)/tcpspan-*.8 \
		$(ZH_MANDIR)/tcpspan.8 $(COMPDIR)/tcpspan
	$(Q)rm -rf $(SCHEMADIR)

# ---- packages ----------------------------------------------------------------------------------

.PHONY: deb
deb: ## build the Debian packages, in O/deb
	$(if $(filter no,$(DEPS)),@:,@tests/deps build package)
	@user/package/deb $(O)/deb $(VERSION)

.PHONY: check-packages
check-packages: deb dist ## look at the packages: twice the same, clean, and used on bare systems
	@tests/package/debs $(O)/deb $(VERSION)

.PHONY: dist
dist: ## pack the source as O/tcpspan-VERSION.tar.xz, the same for the same commit
	@user/package/dist $(O)/tcpspan-$(VERSION).tar.xz $(VERSION)
	$(say) DIST $(O)/tcpspan-$(VERSION).tar.xz

.PHONY: tarball
tarball: all ## pack the program and its manual as O/tcpspan-VERSION-CPU.tar.xz, to unpack below /
	$(Q)rm -rf $(O)/tarball
	@$(MAKE) --no-print-directory install DEPS=no DESTDIR=$(abspath $(O))/tarball
	$(Q)tar -C $(O)/tarball --sort=name --owner=0 --group=0 --numeric-owner \
		--mtime=@$$(user/package/stamp | cut -d' ' -f2) \
		-cJf $(O)/tcpspan-$(VERSION)-$(CPU).tar.xz .
	$(say) TAR $(O)/tcpspan-$(VERSION)-$(CPU).tar.xz

.PHONY: image
image: all ## pack the program and its libraries as O/tcpspan-VERSION-image.tar, for containers
	$(if $(filter no,$(DEPS)),@:,@tests/deps package)
	@user/package/image/build $(O)/tcpspan $(VERSION) $(O)/tcpspan-$(VERSION)-image.tar
	$(say) IMAGE $(O)/tcpspan-$(VERSION)-image.tar

.PHONY: check-image
check-image: image tarball ## look at the image, run it as its DaemonSet does; look at the tarball
	@tests/package/tarball $(O)/tcpspan-$(VERSION)-$(CPU).tar.xz $(VERSION)
	@tests/package/image $(O)/tcpspan-$(VERSION)-image.tar $(O)/tcpspan $(VERSION)

.PHONY: clean
clean: ## remove the build folder
	$(Q)rm -rf -- '$(O)'

.PHONY: help
help: ## list targets and variables
	@awk '/^##@ / { section[++n] = substr($$0, 5) } \
	/^## / { text[n] = text[n] sprintf("  %s\n", substr($$0, 4)) } \
	/^[a-z0-9-]+:.*## / { split($$0, p, ":"); d = $$0; sub(/^.*## /, "", d); \
		text[n] = text[n] sprintf("  %-15s %s\n", p[1], d) } \
	END { for (i = n; i; i--) printf "%s%s:\n%s", i < n ? "\n" : "", section[i], text[i] }' \
		$(firstword $(MAKEFILE_LIST))

-include $(BPF_OBJS:.o=.d) $(LIB_OBJS:.o=.d) $(FUZZ_LIB_OBJS:.o=.d) $(FUZZ_NET_OBJS:.o=.d) \
	$(patsubst %.c,$(O)/%.d,$(wildcard user/net/*.c user/curses/*.c)) $(O)/$(NO_PACKETS).d \
	$(O)/user/main.d $(O)/user/docs.d $(BENCH_BPF_OBJS:.o=.d) \
	$(addsuffix .d,$(UNIT_BINS) $(BPF_TEST_BINS) $(TOOL_BINS) $(FUZZ_BINS) $(BENCH_BINS))
