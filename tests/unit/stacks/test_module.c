// SPDX-License-Identifier: GPL-2.0-only
/* A file of code: this test itself, one that is cut short, and what is none. */
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/stacks/module.h"

static struct module *open_self(void)
{
	return module_open(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
}

/* Of the first object, which is the program: where it was put. */
static int take_base(struct dl_phdr_info *info, size_t size, void *base)
{
	(void)size;
	*(uint64_t *)base = info->dlpi_addr;
	return 1;
}

static uint64_t place_of(void (*function)(void **))
{
	uint64_t base = 0;

	dl_iterate_phdr(take_base, &base);
	return (uint64_t)(uintptr_t)function - base;
}

static void function_and_line_are_found(void **state)
{
	struct module *m = open_self();
	uint64_t place = place_of(function_and_line_are_found), offset = 99;
	const char *name, *file;
	uint32_t line = 0;

	(void)state;
	assert_non_null(m);
	name = module_function(m, place + 1, &offset);
	assert_non_null(name);
	assert_string_equal(name, "function_and_line_are_found");
	assert_int_equal(offset, 1);
	file = module_line(m, place + 1, &line);
	if (module_knows_frames()) {
		assert_non_null(file);
		assert_non_null(strstr(file, "test_module.c"));
		assert_in_range(line, 35, 60);
	} else {
		assert_null(file);
	}
	assert_int_equal(strlen(module_build_id(m)), MODULE_BUILD_ID_SIZE - 1);
	module_close(m);
}

/* As strip leaves it: without sections. `flaw`: its build id is another one. */
static int open_stripped(bool flaw)
{
	int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int fd = memfd_create("stripped", MFD_CLOEXEC);
	off_t size = lseek(self, 0, SEEK_END);
	char *bytes = malloc((size_t)size), id[MODULE_BUILD_ID_SIZE / 2], *at;
	struct module *m = open_self();
	Elf64_Ehdr head;

	assert_true(self >= 0 && fd >= 0 && bytes && m);
	assert_int_equal(pread(self, bytes, (size_t)size, 0), size);
	memcpy(&head, bytes, sizeof(head));
	head.e_shoff = 0;
	head.e_shnum = head.e_shstrndx = 0;
	memcpy(bytes, &head, sizeof(head));
	for (size_t i = 0; i < sizeof(id); i++) {
		unsigned int byte;

		assert_int_equal(sscanf(module_build_id(m) + 2 * i, "%2x", &byte), 1);
		id[i] = (char)byte;
	}
	at = memmem(bytes, (size_t)size, id, sizeof(id));
	assert_non_null(at);
	if (flaw)
		*at ^= 1;
	assert_int_equal(write(fd, bytes, (size_t)size), size);
	free(bytes);
	close(self);
	module_close(m);
	return fd;
}

/* The names of what was stripped are in a file with the same build id, and in no other. */
static void names_come_from_another_file(void **state)
{
	uint64_t place = place_of(names_come_from_another_file), offset = 99;
	struct module *m = module_open(open_stripped(false)), *whole = open_self();
	const char *name;
	uint32_t line;

	(void)state;
	assert_true(m && whole);
	assert_string_equal(module_build_id(m), module_build_id(whole));
	assert_int_equal(module_lacks_names(whole), !module_knows_frames());
	assert_true(module_lacks_names(m));
	assert_null(module_function(m, place + 1, &offset));
	assert_null(module_line(m, place + 1, &line));
	assert_false(module_add_debug(m, open_stripped(true)));
	assert_false(module_add_debug(m, open("/dev/null", O_RDONLY | O_CLOEXEC)));
	assert_null(module_function(m, place + 1, &offset));
	assert_true(module_add_debug(m, open("/proc/self/exe", O_RDONLY | O_CLOEXEC)));
	name = module_function(m, place + 1, &offset);
	assert_non_null(name);
	assert_string_equal(name, "names_come_from_another_file");
	assert_int_equal(offset, 1);
	assert_int_equal(module_line(m, place + 1, &line) != NULL, module_knows_frames());
	assert_false(module_lacks_names(m));
	module_close(whole);
	module_close(m);
}

static void what_lies_between_has_no_name(void **state)
{
	struct module *m = open_self();
	uint64_t offset, address;
	struct unwind_rule rule;
	uint32_t line;

	(void)state;
	assert_null(module_function(m, 0, &offset));
	assert_null(module_function(m, UINT64_MAX, &offset));
	assert_null(module_line(m, UINT64_MAX - 1, &line));
	assert_false(module_address(m, UINT64_MAX, &address));
	module_rule(m, UINT64_MAX, &rule);
	assert_int_equal(rule.kind, UNWIND_UNKNOWN);
	module_close(m);
}

static void frame_is_told(void **state)
{
	struct module *m = open_self();
	struct unwind_rule rule;

	(void)state;
	module_rule(m, place_of(frame_is_told), &rule);
#if defined(__x86_64__)
	if (module_knows_frames()) {
		/* At its first instruction nothing but where it returns to is on the stack. */
		assert_int_equal(rule.kind, UNWIND_KNOWN);
		assert_false(rule.is_from_fp);
		assert_int_equal(rule.offset, 8);
		assert_int_equal(rule.return_offset, -8);
		assert_false(rule.has_saved_fp);
	}
#endif
	if (!module_knows_frames())
		assert_int_equal(rule.kind, UNWIND_UNKNOWN);
	module_close(m);
}

static int copy_of(const void *bytes, size_t size)
{
	int fd = memfd_create("module", MFD_CLOEXEC);

	assert_int_equal(write(fd, bytes, size), (ssize_t)size);
	return fd;
}

static void look_at(struct module *m)
{
	struct unwind_rule rule;
	uint64_t number;
	uint32_t line;

	if (!m)
		return;
	module_function(m, place_of(frame_is_told), &number);
	module_line(m, place_of(frame_is_told), &line);
	module_rule(m, place_of(frame_is_told), &rule);
	module_address(m, 4096, &number);
	module_build_id(m);
	module_close(m);
}

/* Nothing but that it is survived can be said of what they tell. */
static void damaged_files_harm_nobody(void **state)
{
	int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	off_t size = lseek(self, 0, SEEK_END);
	uint8_t *bytes = malloc((size_t)size);
	unsigned int dice = 1;

	(void)state;
	assert_int_equal(pread(self, bytes, (size_t)size, 0), size);
	close(self);
	assert_null(module_open(copy_of("", 0)));
	assert_null(module_open(copy_of("#!/bin/sh\n", 10)));
	for (off_t cut = 1; cut < size; cut = cut * 3 + 1)
		look_at(module_open(copy_of(bytes, (size_t)cut)));
	/* In its head, its segments, and the table of its sections. */
	for (int i = 0; i < 64; i++) {
		const Elf64_Ehdr *head = (const Elf64_Ehdr *)(void *)bytes;
		size_t tables[] = { 16, head->e_phoff, head->e_shoff };
		size_t at = tables[i % 3] + (dice = dice * 1103515245 + 12345) / 65536 % 512;
		uint8_t was = bytes[at];

		bytes[at] = (uint8_t)(dice >> 8);
		look_at(module_open(copy_of(bytes, (size_t)size)));
		bytes[at] = was;
	}
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(function_and_line_are_found),
		cmocka_unit_test(names_come_from_another_file),
		cmocka_unit_test(what_lies_between_has_no_name),
		cmocka_unit_test(frame_is_told),
		cmocka_unit_test(damaged_files_harm_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
