// SPDX-License-Identifier: GPL-2.0-only
/* Attaches kprobes by the addresses of their functions. */
#include "user/kernel/probes.h"

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/tcpspan.skel.h"
#include "user/kernel/kallsyms.h"

/*
 * Given a name, kernels before 6.2 go through all names, from one end to the other, and more than
 * once: more than half of our start, with a score of probes. To read them all ourselves takes as
 * long as two of these probes, and kernels which spare us that spare themselves the search.
 */

#define PROBES 64

#define DEVICE "/sys/bus/event_source/devices/kprobe/"

/* What the kernel's struct bpf_link_info has for a kprobe; headers before 6.7 do not have all. */
struct kprobe_info {
	uint32_t link_type, link_id, program_id, unused;
	uint32_t event_type, unused2;
	uint64_t name;
	uint32_t name_size, offset;
	uint64_t address;
	uint64_t missed;
	uint64_t cookie;
};

/* The number behind `prefix` in a file; -1: there is none. */
static int read_number(const char *path, const char *prefix)
{
	size_t skip = strlen(prefix);
	char line[32] = "";
	FILE *f = fopen(path, "re");

	if (!f)
		return -1;
	if (!fgets(line, sizeof(line), f))
		line[0] = 0;
	fclose(f);
	if (strncmp(line, prefix, skip) || line[skip] < '0' || line[skip] > '9')
		return -1;
	return atoi(line + skip);
}

static bool is_return(const struct bpf_program *program)
{
	return !strncmp(bpf_program__section_name(program), "kretprobe/", strlen("kretprobe/"));
}

static struct bpf_link *attach(const struct bpf_program *program, int type, int return_bit,
			       uint64_t address)
{
	struct perf_event_attr attr = {
		.type = (uint32_t)type,
		.size = sizeof(attr),
		.config = is_return(program) ? 1ull << return_bit : 0,
		.kprobe_addr = address,
	};
	int fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	struct bpf_link *link;

	if (fd < 0)
		return NULL;
	link = bpf_program__attach_perf_event(program, fd);
	if (!link)
		close(fd);
	return link;
}

static size_t list_probes(struct bpf_object_skeleton *all, struct bpf_prog_skeleton **probes,
			  const char **functions)
{
	size_t count = 0;

	for (int i = 0; i < all->prog_cnt && count < PROBES; i++) {
		const struct bpf_program *program = *all->progs[i].prog;

		if (!bpf_program__autoload(program) ||
		    bpf_program__type(program) != BPF_PROG_TYPE_KPROBE)
			continue;
		probes[count] = &all->progs[i];
		functions[count++] = strchr(bpf_program__section_name(program), '/') + 1;
	}
	return count;
}

void probes_attach(struct tcpspan_bpf *skel)
{
	struct bpf_prog_skeleton *probes[PROBES];
	const char *functions[PROBES];
	struct kallsyms_range ranges[PROBES];
	size_t count = list_probes(skel->skeleton, probes, functions);
	int type, return_bit;

	if (!count || kallsyms_is_quick())
		return;
	type = read_number(DEVICE "type", "");
	return_bit = read_number(DEVICE "format/retprobe", "config:");
	if (type < 0 || return_bit < 0)
		return;
	kallsyms_find(functions, ranges, count);
	for (size_t i = 0; i < count; i++)
		if (ranges[i].address)
			*probes[i]->link =
				attach(*probes[i]->prog, type, return_bit, ranges[i].address);
}

static uint64_t missed_of(const struct bpf_link *link)
{
	union {
		struct kprobe_info kprobe;
		struct bpf_link_info any;
	} info = {};
	__u32 size = sizeof(info);

	if (!link || bpf_obj_get_info_by_fd(bpf_link__fd(link), &info, &size))
		return 0;
	return info.kprobe.missed;
}

uint64_t probes_missed(const struct tcpspan_bpf *skel, const struct bpf_program *program)
{
	const struct bpf_object_skeleton *all = skel->skeleton;

	if (bpf_program__type(program) != BPF_PROG_TYPE_KPROBE)
		return 0;
	for (int i = 0; i < all->prog_cnt; i++)
		if (*all->progs[i].prog == program)
			return missed_of(*all->progs[i].link);
	return 0;
}
