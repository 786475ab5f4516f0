// SPDX-License-Identifier: GPL-2.0-only
/* Reads ELF by libelf. Nothing is mapped: who shortens a file in the meantime ends nobody. */
#include "user/stacks/module.h"

#include <elf.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/stacks/dwarf.h"

#define SEGMENTS_MAX 64
#define NOTE_MAX (1u << 16)
#define BUILD_ID_BYTES 20
#define SYMBOLS_MAX (8u << 20)

struct symbol {
	uint64_t start, end;
	const char *name;
	bool is_global;
};

struct module {
	int fd;
	Elf *elf;
	struct dwarf *dwarf;
	GElf_Phdr code[SEGMENTS_MAX];
	size_t code_count;
	char build_id[MODULE_BUILD_ID_SIZE];
	struct symbol *symbols; /* in the order of their addresses; NULL: not read yet */
	size_t symbol_count;
	bool are_read, is_stripped; /* they are; there are those alone that it lends to others */
	struct module *debug;	    /* the same, not stripped, or no more than names; or NULL */
};

bool module_knows_frames(void)
{
	return dwarf_is_there();
}

static void read_build_id(struct module *m, const GElf_Phdr *segment)
{
	Elf_Data *data;
	size_t at = 0, name, text;
	GElf_Nhdr note;

	if (segment->p_filesz > NOTE_MAX)
		return;
	data = elf_getdata_rawchunk(m->elf, (int64_t)segment->p_offset, segment->p_filesz,
				    segment->p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
	while (data && (at = gelf_getnote(data, at, &note, &name, &text))) {
		const uint8_t *bytes = (const uint8_t *)data->d_buf;

		if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != sizeof("GNU") ||
		    memcmp(bytes + name, "GNU", sizeof("GNU")) != 0 ||
		    note.n_descsz > BUILD_ID_BYTES)
			continue;
		for (size_t i = 0; i < note.n_descsz; i++)
			snprintf(m->build_id + 2 * i, 3, "%02x", bytes[text + i]);
		return;
	}
}

static void read_segments(struct module *m)
{
	size_t count = 0;

	elf_getphdrnum(m->elf, &count);
	for (size_t i = 0; i < count && i < UINT16_MAX; i++) {
		GElf_Phdr segment;

		if (!gelf_getphdr(m->elf, (int)i, &segment))
			return;
		if (segment.p_type == PT_NOTE && !*m->build_id)
			read_build_id(m, &segment);
		if (segment.p_type == PT_LOAD && segment.p_flags & PF_X &&
		    m->code_count < SEGMENTS_MAX)
			m->code[m->code_count++] = segment;
	}
}

struct module *module_open(int fd)
{
	struct module *m = calloc(1, sizeof(*m));

	if (!m) {
		close(fd);
		return NULL;
	}
	m->fd = fd;
	elf_version(EV_CURRENT);
	m->elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!m->elf || elf_kind(m->elf) != ELF_K_ELF) {
		module_close(m);
		return NULL;
	}
	read_segments(m);
	m->dwarf = dwarf_open(m->elf);
	return m;
}

void module_close(struct module *m)
{
	if (!m)
		return;
	module_close(m->debug);
	dwarf_close(m->dwarf);
	elf_end(m->elf);
	free(m->symbols);
	close(m->fd);
	free(m);
}

const char *module_build_id(const struct module *m)
{
	return m->build_id;
}

bool module_address(const struct module *m, uint64_t offset, uint64_t *ret_address)
{
	for (size_t i = 0; i < m->code_count; i++) {
		const GElf_Phdr *s = &m->code[i];

		if (offset >= s->p_offset && offset - s->p_offset < s->p_filesz) {
			*ret_address = offset - s->p_offset + s->p_vaddr;
			return true;
		}
	}
	return false;
}

/* ---- functions ------------------------------------------------------------------------------- */

/* Of one place the global name goes before the others, and then the shortest. */
static int compare(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;
	size_t x_size, y_size;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->is_global != y->is_global)
		return x->is_global ? -1 : 1;
	x_size = strlen(x->name);
	y_size = strlen(y->name);
	return x_size != y_size ? (x_size < y_size ? -1 : 1) : strcmp(x->name, y->name);
}

/* What has no size covers nothing that could be told. */
static void add_symbol(struct module *m, const GElf_Shdr *section, const GElf_Sym *symbol)
{
	int type = GELF_ST_TYPE(symbol->st_info);
	const char *name;

	if ((type != STT_FUNC && type != STT_GNU_IFUNC) || !symbol->st_size ||
	    symbol->st_shndx == SHN_UNDEF || symbol->st_value + symbol->st_size < symbol->st_value)
		return;
	name = elf_strptr(m->elf, section->sh_link, symbol->st_name);
	if (name && *name)
		m->symbols[m->symbol_count++] =
			(struct symbol){ symbol->st_value, symbol->st_value + symbol->st_size, name,
					 GELF_ST_BIND(symbol->st_info) == STB_GLOBAL };
}

/* Returns whether there is such a table. */
static bool read_symbols(struct module *m, uint32_t type)
{
	Elf_Scn *at = NULL;
	GElf_Shdr section;
	Elf_Data *data;
	size_t count;

	while ((at = elf_nextscn(m->elf, at)))
		if (gelf_getshdr(at, &section) && section.sh_type == type && section.sh_entsize)
			break;
	data = at ? elf_getdata(at, NULL) : NULL;
	count = data ? data->d_size / section.sh_entsize : 0;
	if (!count || count > SYMBOLS_MAX)
		return false;
	m->symbols = calloc(count, sizeof(*m->symbols));
	for (size_t i = 0; m->symbols && i < count; i++) {
		GElf_Sym symbol;

		if (gelf_getsym(data, (int)i, &symbol))
			add_symbol(m, &section, &symbol);
	}
	if (m->symbols && m->symbol_count)
		qsort(m->symbols, m->symbol_count, sizeof(*m->symbols), compare);
	return m->symbol_count > 0;
}

/* What was stripped has the names of those functions only that it lends to others. */
static void need_symbols(struct module *m)
{
	if (m->are_read)
		return;
	m->are_read = true;
	if (read_symbols(m, SHT_SYMTAB))
		return;
	m->is_stripped = true;
	free(m->symbols);
	m->symbols = NULL;
	read_symbols(m, SHT_DYNSYM);
}

bool module_lacks_names(struct module *m)
{
	need_symbols(m);
	return *m->build_id && !m->debug && (m->is_stripped || !dwarf_has_lines(m->dwarf));
}

bool module_add_debug(struct module *m, int fd)
{
	struct module *debug = module_open(fd);

	if (!debug || strcmp(debug->build_id, m->build_id) != 0) {
		module_close(debug);
		return false;
	}
	module_close(m->debug);
	m->debug = debug;
	return true;
}

const char *module_function(struct module *m, uint64_t address, uint64_t *ret_offset)
{
	size_t low = 0, high;
	const struct symbol *s;
	const char *name;

	need_symbols(m);
	name = m->is_stripped && m->debug ? module_function(m->debug, address, ret_offset) : NULL;
	if (name)
		return name;
	high = m->symbols ? m->symbol_count : 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (m->symbols[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	/* The first of those that begin there. */
	s = &m->symbols[low - 1];
	while (s > m->symbols && s[-1].start == s->start)
		s--;
	for (; s < m->symbols + low; s++)
		if (address < s->end) {
			*ret_offset = address - s->start;
			return s->name;
		}
	return NULL;
}

const char *module_line(struct module *m, uint64_t address, uint32_t *ret_line)
{
	const char *file = dwarf_line(m->dwarf, address, ret_line);

	return file || !m->debug ? file : dwarf_line(m->debug->dwarf, address, ret_line);
}

void module_rule(struct module *m, uint64_t address, struct unwind_rule *ret)
{
	dwarf_rule(m->dwarf, address, ret);
}
