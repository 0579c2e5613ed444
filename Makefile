# SPDX-License-Identifier: MIT
# pitfall: `make` builds build/bin/pitfall and build/lib/libpitfall.so. `make help` lists targets and knobs.

O      ?= build
V      ?= 0
Q      := $(if $(filter 1,$(V)),,@)
PREFIX ?= /usr/local
CC     ?= gcc
CXX    ?= g++
CFLAGS ?= -O2 -g
WARN   := -Wall -Wextra -Werror
STD    := -std=gnu17

# --- the shared object -------------------------------------------------------------------------
PRE_DIRS := preload preload/base preload/real preload/state preload/detect preload/trace preload/wrap
PRE_SRC  := $(wildcard $(addsuffix /*.c,$(PRE_DIRS)) $(addsuffix /*.S,$(PRE_DIRS)))
PRE_OBJ  := $(patsubst %,$(O)/obj/%.o,$(PRE_SRC))
PRE_CFLAGS := $(STD) $(CFLAGS) $(WARN) -D_GNU_SOURCE -Iinclude -Ipreload -fPIC -fvisibility=hidden \
	-ftls-model=initial-exec -fno-stack-protector -fasynchronous-unwind-tables -fno-plt \
	-fno-strict-aliasing -fno-builtin-free -fno-builtin-malloc -U_FORTIFY_SOURCE
# --- the command -------------------------------------------------------------------------------
REP_SRC  := $(wildcard reporter/*.c reporter/rules/*.c reporter/*.cpp)
REP_OBJ  := $(patsubst %,$(O)/obj/%.o,$(REP_SRC))
REP_LIB  := $(filter-out $(O)/obj/reporter/main.c.o,$(REP_OBJ))
REP_CFLAGS := $(STD) $(CFLAGS) $(WARN) -D_GNU_SOURCE -Iinclude -Ireporter
REP_LIBS := -lgvc -lcgraph -ljansson -ldw -lelf -lstdc++ -lm
# --- unit tests: one file, one program ---------------------------------------------------------
PRE_TESTS := $(patsubst %.c,$(O)/tests/%,$(wildcard preload/tests/t_*.c))
REP_TESTS := $(patsubst %.c,$(O)/tests/%,$(wildcard reporter/tests/t_*.c))
PRE_CORE  := $(filter-out $(O)/obj/preload/wrap/% $(O)/obj/preload/init.c.o,$(PRE_OBJ))

.PHONY: all clean install bench help check unit unit-asan rule lint
all: $(O)/lib/libpitfall.so $(O)/bin/pitfall

$(O)/exports.map: preload/real/symbols.def
	@mkdir -p $(@D)
	@{ echo '{ global:'; sed -n 's/^SYM(\([A-Za-z0-9_]*\),.*/  \1;/p' $<; echo 'local: *; };'; } > $@

$(O)/lib/libpitfall.so: $(PRE_OBJ) $(O)/exports.map
	@mkdir -p $(@D)
	$(Q)$(CC) -shared -o $@ $(PRE_OBJ) -Wl,--version-script=$(O)/exports.map -Wl,-z,now,-z,relro \
		-Wl,-soname,libpitfall.so -Wl,--no-undefined -nostartfiles -lc

$(O)/bin/pitfall: $(REP_OBJ)
	@mkdir -p $(@D)
	$(Q)$(CC) -o $@ $(REP_OBJ) $(REP_LIBS)

$(O)/obj/preload/%.o: preload/%
	@mkdir -p $(@D)
	$(Q)$(CC) $(PRE_CFLAGS) -MMD -MP -c -o $@ $<
$(O)/obj/reporter/%.c.o: reporter/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(REP_CFLAGS) -MMD -MP -c -o $@ $<
$(O)/obj/reporter/%.cpp.o: reporter/%.cpp
	@mkdir -p $(@D)
	$(Q)$(CXX) -O2 -g $(WARN) -Iinclude -Ireporter -MMD -MP -c -o $@ $<

$(O)/tests/preload/tests/%: preload/tests/%.c $(PRE_CORE)
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -fvisibility=hidden,$(PRE_CFLAGS)) -fPIE -o $@ $< $(PRE_CORE) -lcmocka $(TEST_LIBS_$*) -ldl
$(O)/tests/reporter/tests/%: reporter/tests/%.c $(REP_LIB)
	@mkdir -p $(@D)
	$(Q)$(CC) $(REP_CFLAGS) -o $@ $< $(REP_LIB) -lcmocka $(REP_LIBS)
TEST_LIBS_t_unwind := -lunwind -lunwind-x86_64
TEST_LIBS_t_unwind_code := $(TEST_LIBS_t_unwind)
TEST_LIBS_t_sink := -ljansson

-include $(PRE_OBJ:.o=.d) $(REP_OBJ:.o=.d)

unit: $(PRE_TESTS) $(REP_TESTS)

## unit-asan: the core's and the reporter's unit tests under ASan and UBSan (all that ASan can follow: the walker reads others' frames)
ASAN_CORE := arena config deadlock fds held lock_order sink sites sync thread timers
unit-asan:
	$(MAKE) O=$(O)/asan CFLAGS='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer' \
		$(ASAN_CORE:%=$(O)/asan/tests/preload/tests/t_%) $(patsubst $(O)/%,$(O)/asan/%,$(REP_TESTS))
	for t in $(ASAN_CORE:%=$(O)/asan/tests/preload/tests/t_%); do ASAN_OPTIONS=detect_leaks=0:allow_user_segv_handler=1 $$t || exit 1; done
	for t in $(patsubst $(O)/%,$(O)/asan/%,$(REP_TESTS)); do ASAN_OPTIONS=detect_leaks=0 $$t || exit 1; done

## check: all tests that work offline and without root   (make check RULE=x: one rule, quickly)
check: all $(if $(RULE),$(O)/tests/reporter/tests/t_rules,unit)
	O=$(O) scripts/run-tests $(if $(RULE),--rule $(RULE))

## bench: ratios against native and a pass-through preload (minutes; never part of check)
bench: all
	scripts/bench $(BENCH)

## rule NAME=x: lay out the files of a new rule
rule:
	scripts/new-rule $(NAME)

lint:
	scripts/lint

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pitfall
	install -m 755 $(O)/bin/pitfall $(DESTDIR)$(PREFIX)/bin/pitfall
	install -m 755 $(O)/lib/libpitfall.so $(DESTDIR)$(PREFIX)/lib/pitfall/libpitfall.so
	install -d $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/share/man/man1
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|0.1|' docs/pitfall.pc.in >$(DESTDIR)$(PREFIX)/lib/pkgconfig/pitfall.pc
	scripts/manpage >$(DESTDIR)$(PREFIX)/share/man/man1/pitfall.1

clean:
	rm -rf $(O)

help:
	@echo 'targets: all unit check [RULE=x] bench [BENCH=args] rule NAME=x lint install clean'
	@echo 'knobs:   O=build CC CXX CFLAGS PREFIX DESTDIR'
