/* SPDX-License-Identifier: MIT */
/*
 * Addresses to names: see symbols.h. Owns the caches. Called from model.c while rules and renderers
 * ask for frames; not signal-safe.
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <uthash.h>
#include "symbols.h"
#include "util.h"

#define INLINED_MAX 24 /* deeper inlining at one address is cut */

struct sym_string {
	UT_hash_handle hh;
	char s[];
};

struct sym_addr {
	u64 vaddr;
	UT_hash_handle hh;
	u32 n;
	struct frame f[];
};

struct sym_module {
	UT_hash_handle hh;
	const char *path, *build_id;
	Dwfl *dwfl;
	Dwfl_Module *mod; /* NULL: not readable, or another build */
	struct sym_addr *addrs;
	char key[];
};

static struct sym_string *strings;
static struct sym_module *modules;

const char *symbols_intern(const char *s)
{
	struct sym_string *e;
	size_t len;

	if (!s)
		return NULL;
	HASH_FIND_STR(strings, s, e);
	if (e)
		return e->s;
	len = strlen(s);
	e = calloc(1, sizeof(*e) + len + 1);
	if (!e)
		return NULL;
	memcpy(e->s, s, len + 1);
	text_clean(e->s);
	if (strcmp(e->s, s) != 0) {
		struct sym_string *same;

		HASH_FIND_STR(strings, e->s, same);
		if (same) {
			free(e);
			return same->s;
		}
	}
	HASH_ADD_KEYPTR(hh, strings, e->s, strlen(e->s), e);
	return e->s;
}

/* ---- what is whose -----------------------------------------------------------------------------
 */
bool symbols_is_runtime_module(const char *module)
{
	static const char *const names[] = {"libc.so",	"libc-2.",	"libpthread",  "ld-linux",
					    "ld-2.",	"libstdc++.so", "libgcc_s.so", "libm.so",
					    "libdl.so", "librt.so",	"libpitfall",  "linux-vdso",
					    "[vdso]",	"libc++.so",	"libc++abi.so"};
	const char *base = module ? path_base(module) : "";

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strncmp(base, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

bool symbols_is_start(const char *function)
{
	static const char *const names[] = {"start_thread",
					    "clone",
					    "clone3",
					    "__clone",
					    "__clone3",
					    "_start",
					    "__libc_start_main",
					    "__libc_start_main_impl",
					    "__libc_start_call_main",
					    "thread_start",
					    "_dl_start_user"};

	for (size_t i = 0; function && i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(function, names[i]) == 0)
			return true;
	return false;
}

bool symbols_is_program(const char *module, const char *function, const char *file)
{
	static const char *const names[] = {"std::", "__gthread_", "__gnu_cxx::", "__gthrw_"};

	if (!module || symbols_is_runtime_module(module))
		return false;
	for (size_t i = 0; function && i < sizeof(names) / sizeof(*names); i++)
		if (strncmp(function, names[i], strlen(names[i])) == 0)
			return false;
	return !(file && strncmp(file, "/usr/include/", 13) == 0);
}

/* ---- modules -----------------------------------------------------------------------------------
 */
static bool build_id_matches(Dwfl_Module *mod, const char *want)
{
	const unsigned char *bits;
	GElf_Addr vaddr;
	int len = dwfl_module_build_id(mod, &bits, &vaddr);
	char hex[3];

	if (!*want)
		return true;
	if (len <= 0 || strlen(want) != (size_t)len * 2)
		return false;
	for (int i = 0; i < len; i++) {
		snprintf(hex, sizeof(hex), "%02x", bits[i]);
		if (strncasecmp(hex, want + 2 * i, 2) != 0)
			return false;
	}
	return true;
}

static void module_open(struct sym_module *m)
{
	static char *debug_path; /* libdwfl's default */
	static const Dwfl_Callbacks callbacks = {
	    .find_elf = dwfl_build_id_find_elf,
	    .find_debuginfo = dwfl_standard_find_debuginfo,
	    .debuginfo_path = &debug_path,
	};
	struct stat st;
	GElf_Addr bias;

	if (m->path[0] != '/' || stat(m->path, &st) != 0 || !S_ISREG(st.st_mode))
		return;
	m->dwfl = dwfl_begin(&callbacks);
	if (!m->dwfl)
		return;
	dwfl_report_begin(m->dwfl);
	m->mod = dwfl_report_elf(m->dwfl, path_base(m->path), m->path, -1, 0, true);
	dwfl_report_end(m->dwfl, NULL, NULL);
	if (!m->mod || !dwfl_module_getelf(m->mod, &bias) ||
	    !build_id_matches(m->mod, m->build_id)) {
		dwfl_end(m->dwfl);
		m->dwfl = NULL;
		m->mod = NULL;
	}
}

struct sym_module *symbols_module(const char *path, const char *build_id)
{
	size_t size = strlen(path) + strlen(build_id) + 2;
	struct sym_module *m = calloc(1, sizeof(*m) + size), *old;

	if (!m)
		return NULL;
	snprintf(m->key, size, "%s\n%s", path, build_id);
	HASH_FIND_STR(modules, m->key, old);
	if (old) {
		free(m);
		return old;
	}
	m->path = symbols_intern(path);
	m->build_id = symbols_intern(build_id);
	if (!m->path || !m->build_id) {
		free(m);
		return NULL;
	}
	HASH_ADD_KEYPTR(hh, modules, m->key, strlen(m->key), m);
	module_open(m);
	return m;
}

/* ---- one address -------------------------------------------------------------------------------
 */
static const char *readable(const char *name)
{
	char *plain = name ? demangle(name) : NULL;
	const char *s = symbols_intern(plain ? plain : name);

	free(plain);
	return s;
}

static const char *die_function(Dwarf_Die *die)
{
	static const unsigned attrs[] = {DW_AT_linkage_name, DW_AT_MIPS_linkage_name};
	Dwarf_Attribute attr;

	for (int i = 0; i < 2; i++) {
		const char *s = dwarf_formstring(dwarf_attr_integrate(die, attrs[i], &attr));

		if (s)
			return readable(s);
	}
	return readable(dwarf_diename(die));
}

/* FILE as seen from DIR, in BUF if it had to be joined. */
static const char *path_joined(const char *dir, const char *file, char *buf, size_t size)
{
	if (file && file[0] != '/' && dir && snprintf(buf, size, "%s/%s", dir, file) < (int)size)
		return buf;
	return file;
}

static const char *call_file(Dwarf_Die *cu, Dwarf_Die *die)
{
	const char *file, *dir;
	Dwarf_Attribute attr;
	Dwarf_Files *files;
	Dwarf_Word index;
	char path[4096];
	size_t n;

	if (dwarf_formudata(dwarf_attr(die, DW_AT_call_file, &attr), &index) != 0 ||
	    dwarf_getsrcfiles(cu, &files, &n) != 0)
		return NULL;
	file = dwarf_filesrc(files, index, NULL, NULL);
	dir = dwarf_formstring(dwarf_attr(cu, DW_AT_comp_dir, &attr));
	return symbols_intern(path_joined(dir, file, path, sizeof(path)));
}

static int call_line(Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	Dwarf_Word line;

	return dwarf_formudata(dwarf_attr(die, DW_AT_call_line, &attr), &line) == 0 ? (int)line : 0;
}

/* Where the code at VADDR itself came from. */
static void line_of(struct sym_module *m, u64 vaddr, struct frame *f)
{
	Dwfl_Line *line = dwfl_module_getsrc(m->mod, vaddr);
	const char *file, *dir;
	char path[4096];

	if (!line)
		return;
	file = dwfl_lineinfo(line, NULL, &f->line, NULL, NULL, NULL);
	dir = dwfl_line_comp_dir(line);
	f->file = symbols_intern(path_joined(dir, file, path, sizeof(path)));
	if (!f->file)
		f->line = 0;
}

/* The chain of inlined functions at VADDR; 0 if debug information has none. */
static u32 dwarf_frames(struct sym_module *m, u64 vaddr, struct frame *f)
{
	Dwarf_Addr bias;
	Dwarf_Die *cu = dwfl_module_addrdie(m->mod, vaddr, &bias), *scopes = NULL, *chain = NULL;
	int nscopes = cu ? dwarf_getscopes(cu, vaddr - bias, &scopes) : 0;
	int nchain = nscopes > 0 ? dwarf_getscopes_die(&scopes[0], &chain) : 0;
	u32 n = 0;

	line_of(m, vaddr, &f[0]);
	for (int i = 0; i < nchain && n < INLINED_MAX; i++) {
		int tag = dwarf_tag(&chain[i]);

		if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram)
			continue;
		f[n].function = die_function(&chain[i]);
		n++;
		if (tag == DW_TAG_subprogram)
			break;
		f[n - 1].inlined = true;
		f[n].file = call_file(cu, &chain[i]);
		f[n].line = f[n].file ? call_line(&chain[i]) : 0;
	}
	free(scopes);
	free(chain);
	return n;
}

/* Where the function around VADDR begins: unwind tables are there in stripped files, too. */
static u64 begin_of(struct sym_module *m, u64 vaddr)
{
	Dwarf_Addr bias, begin = 0, end;
	Dwarf_CFI *cfi = dwfl_module_eh_cfi(m->mod, &bias);
	Dwarf_Frame *frame = NULL;

	if (!cfi || dwarf_cfi_addrframe(cfi, vaddr - bias, &frame) != 0)
		return 0;
	if (dwarf_frame_info(frame, &begin, &end, NULL) < 0)
		begin = 0;
	free(frame);
	return begin ? begin + bias : 0;
}

static struct sym_addr *addr_resolve(struct sym_module *m, u64 vaddr)
{
	struct frame f[INLINED_MAX + 1] = {0};
	struct sym_addr *a;
	u32 n = m->mod ? dwarf_frames(m, vaddr, f) : 0;

	if (n == 0) {
		n = 1;
		f[0].function = m->mod ? readable(dwfl_module_addrname(m->mod, vaddr)) : NULL;
		f[0].begin = m->mod && !f[0].function ? begin_of(m, vaddr) : 0;
	}
	a = calloc(1, sizeof(*a) + n * sizeof(*f));
	if (!a)
		return NULL;
	for (u32 i = 0; i < n; i++) {
		f[i].module = m->path[0] ? m->path : NULL;
		f[i].build_id = m->build_id[0] ? m->build_id : NULL;
		f[i].offset = vaddr;
		f[i].program = symbols_is_program(f[i].module, f[i].function, f[i].file);
		a->f[i] = f[i];
	}
	a->vaddr = vaddr;
	a->n = n;
	return a;
}

const struct frame *symbols_frames(struct sym_module *m, u64 vaddr, u32 *n)
{
	struct sym_addr *a;

	HASH_FIND(hh, m->addrs, &vaddr, sizeof(vaddr), a);
	if (!a) {
		a = addr_resolve(m, vaddr);
		if (!a)
			return NULL;
		HASH_ADD(hh, m->addrs, vaddr, sizeof(a->vaddr), a);
	}
	*n = a->n;
	return a->f;
}

const char *symbols_function(struct sym_module *m, u64 vaddr)
{
	u32 n;
	const struct frame *f = symbols_frames(m, vaddr, &n);

	return f ? f[n - 1].function : NULL;
}

const char *symbols_symbol(struct sym_module *m, u64 vaddr)
{
	return m->mod ? readable(dwfl_module_addrname(m->mod, vaddr)) : NULL;
}
