// SPDX-License-Identifier: GPL-2.0-only
/* Cuts the types that a BPF object looks at out of the kernel's BTF. */
#include "user/kernel/btf_cut.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/btf.h>

#include "user/base/hash.h"
#include "user/base/write.h"
#include "user/kernel/btf.h"

#define BYTES_MAX (256ll << 20) /* kernels of today have 3 to 6 million */

#define WANTED_MAX 512 /* some times what an object has */
#define FLAVOUR "___"  /* begins what is not of the kernel's name */

/* A name in the object's BTF. */
struct wanted {
	const char *name;
	size_t size;
};

struct cut {
	char *all; /* the kernel's BTF: a header, types, names */
	size_t size;
	const struct btf_header *header;
	const char *types, *names;
	struct wanted wanted[WANTED_MAX]; /* number n is wanted[n - 1] */
	uint32_t wanted_count;
	struct hash_index wanted_index;
	uint32_t count;	   /* of the kernel's types, with number 0, which is void */
	uint32_t *places;  /* of each among the types */
	uint32_t *numbers; /* that each has in the cut; 0: it is not in there */
	uint32_t *kept;	   /* those that are, in the cut's order */
	uint32_t kept_count;
	struct kernel_number *asked; /* the caller's */
	size_t asked_count;
};

static uint64_t hash_wanted(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct cut *cut = context;

	return hash_bytes(key, cut->wanted[n - 1].name, cut->wanted[n - 1].size);
}

static bool has_name(const struct cut *cut, const char *name, size_t size)
{
	const struct hash_index *x = &cut->wanted_index;
	struct hash_search s = hash_search_begin(x, hash_bytes(&x->key, name, size));
	uint32_t n;

	while ((n = hash_search_next(x, &s))) {
		const struct wanted *wanted = &cut->wanted[n - 1];

		if (wanted->size == size && !memcmp(wanted->name, name, size))
			return true;
	}
	return false;
}

static int add_name(struct cut *cut, const char *name, size_t size)
{
	struct hash_index *x = &cut->wanted_index;

	if (has_name(cut, name, size))
		return 0;
	if (cut->wanted_count == WANTED_MAX)
		return -E2BIG;
	if (hash_index_reserve(x, WANTED_MAX))
		return -ENOMEM;
	cut->wanted[cut->wanted_count++] = (struct wanted){ name, size };
	hash_index_put(x, hash_bytes(&x->key, name, size), cut->wanted_count);
	return 0;
}

static bool has_wanted_kind(const struct btf_type *type)
{
	switch (btf_kind(type)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
	case BTF_KIND_TYPEDEF:
		return type->name_off;
	default:
		return false;
	}
}

static int want_types_of(struct cut *cut, const struct btf *object)
{
	for (uint32_t i = 1; i < btf__type_cnt(object); i++) {
		const struct btf_type *type = btf__type_by_id(object, i);
		const char *name, *flavour;
		int error;

		if (!has_wanted_kind(type))
			continue;
		name = btf__name_by_offset(object, type->name_off);
		flavour = strstr(name, FLAVOUR);
		error = add_name(cut, name, flavour ? (size_t)(flavour - name) : strlen(name));
		if (error)
			return error;
	}
	return 0;
}

static int read_from(struct cut *cut, int fd)
{
	struct stat status;

	if (fstat(fd, &status) || status.st_size > BYTES_MAX)
		return -EFBIG;
	cut->size = (size_t)status.st_size;
	cut->all = malloc(cut->size);
	return cut->all ? kernel_btf_read(fd, cut->all, cut->size, 0) : -ENOMEM;
}

static int read_all(struct cut *cut)
{
	int fd = kernel_btf_open(), error;

	if (fd < 0)
		return fd;
	error = read_from(cut, fd);
	close(fd);
	return error;
}

static bool is_inside(const struct cut *cut, uint32_t at, uint32_t size)
{
	return (uint64_t)cut->header->hdr_len + at + size <= cut->size;
}

static int find_parts(struct cut *cut)
{
	const struct btf_header *header = (const void *)cut->all;

	if (cut->size < sizeof(*header) || header->magic != BTF_MAGIC ||
	    header->version != BTF_VERSION)
		return -EINVAL;
	cut->header = header;
	if (!is_inside(cut, header->type_off, header->type_len) ||
	    !is_inside(cut, header->str_off, header->str_len) || header->type_off % 4 ||
	    header->hdr_len % 4 || !header->str_len)
		return -EINVAL;
	cut->types = cut->all + header->hdr_len + header->type_off;
	cut->names = cut->all + header->hdr_len + header->str_off;
	return cut->names[header->str_len - 1] ? -EINVAL : 0;
}

/* With what is behind its head; 0: of an unknown kind. */
static size_t size_of(const struct btf_type *type)
{
	size_t count = btf_vlen(type), head = sizeof(*type);

	switch (btf_kind(type)) {
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return head;
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return head + sizeof(uint32_t);
	case BTF_KIND_ARRAY:
		return head + sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return head + count * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return head + count * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return head + count * sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO:
		return head + count * sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return head + count * sizeof(struct btf_var_secinfo);
	default:
		return 0;
	}
}

static const struct btf_type *type_of(const struct cut *cut, uint32_t id)
{
	return (const void *)(cut->types + cut->places[id]);
}

/* Its number in the cut. What there is not is void. */
static uint32_t keep(struct cut *cut, uint32_t id)
{
	if (!id || id >= cut->count)
		return 0;
	if (!cut->numbers[id]) {
		cut->kept[cut->kept_count++] = id;
		cut->numbers[id] = cut->kept_count;
	}
	return cut->numbers[id];
}

static bool is_wanted(struct cut *cut, const struct btf_type *type)
{
	const char *name;

	if (!has_wanted_kind(type) || type->name_off >= cut->header->str_len)
		return false;
	name = cut->names + type->name_off;
	return has_name(cut, name, strlen(name));
}

/* Of several of a name, the first that is whole. */
static void find_number(struct cut *cut, uint32_t id, bool is_function)
{
	const struct btf_type *type = type_of(cut, id);
	const char *name = cut->names + type->name_off;

	for (size_t i = 0; i < cut->asked_count; i++) {
		struct kernel_number *asked = &cut->asked[i];

		if (!asked->number && asked->is_function == is_function &&
		    !strcmp(asked->name, name))
			asked->number = id;
	}
}

static void find_numbers(struct cut *cut, uint32_t id)
{
	const struct btf_type *type = type_of(cut, id);

	if (type->name_off >= cut->header->str_len)
		return;
	if (btf_kind(type) == BTF_KIND_FUNC)
		find_number(cut, id, true);
	else if (btf_kind(type) == BTF_KIND_STRUCT && cut->numbers[id])
		find_number(cut, id, false);
}

static int find_types(struct cut *cut)
{
	uint32_t room = cut->header->type_len / sizeof(struct btf_type) + 1, at = 0;

	cut->places = calloc(room, sizeof(*cut->places));
	cut->kept = calloc(room, sizeof(*cut->kept));
	cut->numbers = calloc(room, sizeof(*cut->numbers));
	if (!cut->places || !cut->kept || !cut->numbers)
		return -ENOMEM;
	cut->count = 1;
	while (at < cut->header->type_len) {
		uint32_t left = cut->header->type_len - at;
		size_t size;

		if (left < sizeof(struct btf_type))
			return -EINVAL;
		size = size_of((const void *)(cut->types + at));
		if (!size || size > left)
			return -EINVAL;
		cut->places[cut->count++] = at;
		at += size;
	}
	for (uint32_t id = 1; id < cut->count; id++) {
		if (is_wanted(cut, type_of(cut, id)))
			keep(cut, id);
		find_numbers(cut, id);
	}
	return 0;
}

/* Whatever it is made of is kept as well; it refers to that by the numbers of the cut. */
static int renumber(struct cut *cut, struct btf_type *type)
{
	struct btf_member *members = btf_members(type);
	struct btf_array *array = btf_array(type);

	switch (btf_kind(type)) {
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
	case BTF_KIND_FWD:
		return 0;
	case BTF_KIND_PTR:
		type->type = 0;
		return 0;
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		type->type = keep(cut, type->type);
		return 0;
	case BTF_KIND_ARRAY:
		array->type = keep(cut, array->type);
		array->index_type = keep(cut, array->index_type);
		return 0;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		for (int i = 0; i < btf_vlen(type); i++)
			members[i].type = keep(cut, members[i].type);
		return 0;
	default:
		return -EINVAL; /* no type is made of that */
	}
}

/* With all names, so that these keep their places. */
static int write_cut(struct cut *cut, int fd)
{
	struct btf_header header = *cut->header;
	char *types = calloc(1, header.type_len);
	uint32_t used = 0;
	int error = 0;

	if (!types)
		return -ENOMEM;
	for (uint32_t i = 0; !error && i < cut->kept_count; i++) {
		const struct btf_type *type = type_of(cut, cut->kept[i]);
		struct btf_type *copy = (void *)(types + used);
		size_t size = size_of(type);

		memcpy(copy, type, size);
		error = renumber(cut, copy);
		used += size;
	}
	header.hdr_len = sizeof(header);
	header.type_off = 0;
	header.type_len = used;
	header.str_off = used;
	if (!error)
		error = write_all(fd, &header, sizeof(header));
	if (!error)
		error = write_all(fd, types, used);
	if (!error)
		error = write_all(fd, cut->names, header.str_len);
	free(types);
	return error;
}

int kernel_types_cut(const struct btf *object, int fd, struct kernel_number *numbers, size_t count)
{
	struct cut cut = { .asked = numbers, .asked_count = count };
	int error;

	hash_index_init(&cut.wanted_index, WANTED_MAX, hash_wanted, &cut);
	error = want_types_of(&cut, object);
	if (!error)
		error = read_all(&cut);
	if (!error)
		error = find_parts(&cut);
	if (!error)
		error = find_types(&cut);
	if (!error)
		error = write_cut(&cut, fd);
	hash_index_done(&cut.wanted_index);
	free(cut.all);
	free(cut.places);
	free(cut.kept);
	free(cut.numbers);
	return error;
}
