/* SPDX-License-Identifier: MIT */
/*
 * From an address in a module to functions, files and lines, by elfutils. One cache for all
 * processes of a report: modules by (path, build-id), addresses by module, strings once. Nothing is
 * ever freed. A file whose build-id is not the trace's is not believed: the frame then has module
 * and offset alone. debuginfod is asked only if the user set DEBUGINFOD_URLS (libdwfl's own rule).
 * Not signal-safe.
 */
#ifndef REPORTER_SYMBOLS_H
#define REPORTER_SYMBOLS_H

#include "model.h"

struct sym_module;

/* NULL only when memory is out. PATH "" or a file that is not there: known by offsets alone. */
struct sym_module *symbols_module(const char *path, const char *build_id);
/* Frames of the code at ELF address VADDR, innermost first, at least one. NULL when memory is out.
 */
const struct frame *symbols_frames(struct sym_module *m, u64 vaddr, u32 *n);
/* The function VADDR lies in, demangled; NULL unknown. */
const char *symbols_function(struct sym_module *m, u64 vaddr);
/* The symbol (of a variable, say) VADDR lies in; NULL unknown. */
const char *symbols_symbol(struct sym_module *m, u64 vaddr);
/* One copy of S for good, cleaned. NULL for NULL. */
const char *symbols_intern(const char *s);
/* The program's own code, judged by where it lies and what it is called. */
bool symbols_is_program(const char *module, const char *function, const char *file);
/* Frames that begin every thread or program: start_thread, clone, __libc_start_main, _start … */
bool symbols_is_start(const char *function);
/* In libc, ld.so, libstdc++ … */
bool symbols_is_runtime_module(const char *module);

/* demangle.cpp: malloc'ed readable name without its parameter list, or NULL if NAME is not mangled.
 */
#ifdef __cplusplus
extern "C"
#endif
    char *
    demangle(const char *name);

#endif
