// SPDX-License-Identifier: GPL-2.0-only
/* The table of hook families, their rungs and the programs that make a rung. */
#include "user/source/hooks.h"

const struct hook_family hook_families[HOOK_FAMILY_COUNT] = {
	[HOOK_STATE] = {
		.name = "state",
		.yields = "every transition of a full socket",
		.required = 1,
		.rung_count = 4,
		.rungs = {
			{ HOOK_KIND_TP_BTF, { "state_tp_btf" } },
			{ HOOK_KIND_TRACEPOINT, { "state_tracepoint" } },
			{ HOOK_KIND_FENTRY, { "state_fentry", "state_clone_fexit" } },
			{ HOOK_KIND_KPROBE, { "state_kprobe", "state_clone_kretprobe" } },
		},
	},
	[HOOK_END] = {
		.name = "end",
		.yields = "the end of a socket whose last transition was lost",
		.rung_count = 2,
		.rungs = {
			{ HOOK_KIND_TP_BTF, { "end_tp_btf" } },
			{ HOOK_KIND_TRACEPOINT, { "end_tracepoint" } },
		},
	},
};

const char *hook_kind_name(enum hook_kind kind)
{
	static const char *const names[] = {
#define X(NAME, name) [HOOK_KIND_##NAME] = name,
		HOOK_KINDS(X)
#undef X
	};

	return kind < sizeof(names) / sizeof(*names) ? names[kind] : "unknown";
}
