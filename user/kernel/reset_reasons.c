// SPDX-License-Identifier: GPL-2.0-only
/* Reads enum sk_rst_reason from the kernel's BTF. */
#include "user/kernel/reset_reasons.h"

#include <errno.h>
#include <string.h>

#include <bpf/btf.h>

/* The count of the values, which is none. */
#define END "SK_RST_REASON_MAX"

static int read_reasons(struct reset_reasons *r, const struct btf *btf)
{
	const struct btf_enum *values;
	const struct btf_type *type;
	int id = btf__find_by_name_kind(btf, "sk_rst_reason", BTF_KIND_ENUM);

	if (id < 0)
		return -ENOENT;
	type = btf__type_by_id(btf, (unsigned int)id);
	values = btf_enum(type);
	for (int i = 0; i < btf_vlen(type); i++) {
		const char *name = btf__name_by_offset(btf, values[i].name_off);

		if (name && strcmp(name, END))
			reset_reasons_add(r, (uint32_t)values[i].val, name);
	}
	return 0;
}

int kernel_reasons_read(struct reset_reasons *r)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int error;

	if (!btf)
		return errno ? -errno : -ENOENT;
	error = read_reasons(r, btf);
	btf__free(btf);
	return error;
}
