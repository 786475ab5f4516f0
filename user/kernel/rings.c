// SPDX-License-Identifier: GPL-2.0-only
/* The ring buffers: how many there are, how large each is, and which CPU writes into which. */
#include "user/kernel/rings.h"

#include <errno.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/tcpspan.skel.h"

unsigned int rings_cpus(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	return cpus > 0 ? (unsigned int)cpus : 1;
}

unsigned int rings_count(unsigned int asked, unsigned int cpus)
{
	unsigned int most = cpus < CONFIG_RINGS ? cpus : CONFIG_RINGS, count = 1;

	if (asked)
		return asked < most ? asked : most;
	if (cpus > RINGS_CPUS)
		while (count < CONFIG_RINGS && cpus / (count * 2) >= RINGS_CPUS / 2)
			count *= 2;
	return count;
}

size_t rings_bytes(size_t total, unsigned int count)
{
	size_t bytes = (size_t)sysconf(_SC_PAGESIZE);

	while (bytes * 2 * count <= total)
		bytes *= 2;
	return bytes;
}

unsigned int rings_of_cpu(unsigned int cpu, unsigned int cpus, unsigned int count)
{
	return cpu % cpus * count / cpus;
}

void rings_init(struct rings *rings, unsigned int count, size_t total)
{
	rings->count = count;
	rings->bytes = rings_bytes(total, count);
	for (size_t i = 0; i < CONFIG_RINGS; i++)
		rings->fds[i] = -1;
}

static int make_each(struct rings *rings)
{
	for (unsigned int i = 0; i < rings->count; i++) {
		rings->fds[i] = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "events", 0, 0,
					       (uint32_t)rings->bytes, NULL);
		if (rings->fds[i] < 0)
			return -errno;
	}
	return 0;
}

/* Where the programs find them. Returns its descriptor, or -errno. */
static int make_directory(const struct rings *rings)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .inner_map_fd = (uint32_t)rings->fds[0]);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "rings", sizeof(uint32_t),
				sizeof(uint32_t), rings->count, &options);
	int error = fd < 0 ? -errno : 0;

	for (uint32_t i = 0; !error && i < rings->count; i++)
		if (bpf_map_update_elem(fd, &i, &rings->fds[i], BPF_ANY))
			error = -errno;
	if (error && fd >= 0)
		close(fd);
	return error ? error : fd;
}

static void tell_programs(const struct rings *rings, struct tcpspan_bpf *skel)
{
	__u8 *ring_of_cpu = (__u8 *)skel->rodata->ring_of_cpu;
	unsigned int cpus = rings_cpus();

	((struct config_knobs *)&skel->rodata->knobs)->rings = 1;
	if (cpus > CONFIG_CPUS)
		cpus = CONFIG_CPUS;
	for (unsigned int cpu = 0; cpu < CONFIG_CPUS; cpu++)
		ring_of_cpu[cpu] = (__u8)rings_of_cpu(cpu, cpus, rings->count);
}

int rings_give(struct rings *rings, struct tcpspan_bpf *skel)
{
	int directory, error;

	rings_done(rings);
	if (rings->count == 1)
		return bpf_map__set_max_entries(skel->maps.events, (uint32_t)rings->bytes);
	error = make_each(rings);
	if (error)
		return error;
	directory = make_directory(rings);
	if (directory < 0)
		return directory;
	bpf_map__set_autocreate(skel->maps.rings, true);
	error = bpf_map__reuse_fd(skel->maps.rings, directory);
	close(directory);
	if (!error)
		error = bpf_map__reuse_fd(skel->maps.events, rings->fds[0]);
	tell_programs(rings, skel);
	return error;
}

void rings_done(struct rings *rings)
{
	for (size_t i = 0; i < CONFIG_RINGS; i++) {
		if (rings->fds[i] >= 0)
			close(rings->fds[i]);
		rings->fds[i] = -1;
	}
}
