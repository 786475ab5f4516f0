// SPDX-License-Identifier: GPL-2.0-only
/* Turns a refusal of the kernel into a sentence: which right or feature is missing, what to do. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <linux/capability.h>

#include "user/base/log.h"
#include "user/kernel/refusal.h"

static uint64_t effective_capabilities(void)
{
	unsigned long long bits = 0;
	char line[256];
	FILE *f = fopen("/proc/self/status", "re");

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "CapEff: %llx", &bits) == 1)
			break;
	fclose(f);
	return bits;
}

bool refusal_may_load(void)
{
	uint64_t bits = effective_capabilities();
	uint64_t pair = 1ull << CAP_BPF | 1ull << CAP_PERFMON;

	return bits & 1ull << CAP_SYS_ADMIN || (bits & pair) == pair;
}

bool refusal_has_capability(int capability)
{
	return effective_capabilities() >> capability & 1;
}

bool refusal_has_btf(void)
{
	return !access("/sys/kernel/btf/vmlinux", R_OK);
}

void refusal_complain(int error, const char *reason)
{
	if (!refusal_may_load())
		log_error("tracing needs root, or the capabilities CAP_BPF and CAP_PERFMON: "
			  "run it with sudo");
	else if (!refusal_has_btf())
		log_error("this kernel tells no types (/sys/kernel/btf/vmlinux is missing): use "
			  "one of 5.10 or later that was built with CONFIG_DEBUG_INFO_BTF");
	else if (error == -ENOMEM)
		log_error("the kernel has not enough memory for the ring buffer: "
			  "try a smaller --ring");
	else
		log_error("no hook for state transitions can be attached: %s; "
			  "'tcpspan check' tells about each",
			  reason);
}
