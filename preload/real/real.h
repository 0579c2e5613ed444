/* SPDX-License-Identifier: MIT */
/*
 * The way out: the functions our exports stand in front of, found once by the tool's own ELF
 * look-up (dlsym allocates, takes the loader's lock and is a newer symbol than we may import).
 * `real.NAME` has the type libc's header gives NAME. NULL until real_resolve() ran, and where this
 * libc has no such function; wrappers that may run before us go through REAL().
 */
#ifndef REAL_REAL_H
#define REAL_REAL_H

#include "base/common.h"
#include "real/decl.h"

/* Called by us and not exported. They are found like the rows of symbols.def because importing them
 * would ask for glibc 2.34. */
#define REAL_IMPORTS(I)                                                                            \
	I(pthread_key_create)                                                                      \
	I(pthread_setspecific)                                                                     \
	I(pthread_attr_getstacksize) I(raise) I(sigprocmask) I(pthread_sigmask)
#define REAL_IMPORT_FIELD(name) __typeof__(name) *name;

struct real_table {
#define SYM(name, version) __typeof__(name) *name;
#include "real/symbols.def"
#undef SYM
	REAL_IMPORTS(REAL_IMPORT_FIELD)
};

extern struct real_table real;

enum real_symbol {
#define SYM(name, version) REAL_ID_##name,
#include "real/symbols.def"
#undef SYM
	REAL_SYMBOLS
};

/* Fills `real` from the modules loaded after us. Cheap when all rows are filled; run again after a
 * dlopen where rows are missing. Returns the number of rows still without a function. Signal-safe
 * but for the loader's lock (dl_iterate_phdr). */
int real_resolve(void);
/* Address of any other function or object in the process, default version, in load order; NULL if
 * there is none. `version` may be "". */
void *real_find(const char *name, const char *version);

/* Does the module at `addr` import `name` under this very version? (What a program was linked with
 * tells which of two layouts it means: G1.) Asks the loader (dl_iterate_phdr). */
bool real_binds(uintptr_t addr, const char *name, const char *version);

#define REAL(name)                                                                                 \
	({                                                                                         \
		if (unlikely(!real.name))                                                          \
			real_resolve();                                                            \
		real.name;                                                                         \
	})

#endif
