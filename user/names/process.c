// SPDX-License-Identifier: GPL-2.0-only
/* Reads processes when they are met; a number that was given again shows by the time of start. */
#include "user/names/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/base/clock.h"
#include "user/base/units.h"
#include "user/names/host.h"

#define SLOTS 8192 /* a process has the place of its number: another one may take it */
#define KEPT 2	   /* at each place */
#define FRESH_NS NS_PER_S
#define STAT_SIZE 1024

struct process {
	uint32_t pid; /* 0: nobody */
	uint8_t space;
	uint32_t ppid;
	uint64_t start_ns;	   /* CLOCK_MONOTONIC, to the tick before */
	uint64_t read_ns, told_ns; /* 0: nobody was told */
	char name[PROCESS_NAME_SIZE];
	char *cmdline; /* NULL: unknown */
	uint16_t size, first_size;
};

struct processes {
	uint64_t tick_ns;
	struct process_opener opener;	  /* nobody: they are opened here */
	struct process kept[SLOTS][KEPT]; /* the one that was met last is the first */
};

bool process_read_stat(const char *text, uint32_t *ret_ppid, uint64_t *ret_ticks)
{
	const char *field = strrchr(text, ')');
	unsigned int ppid;
	unsigned long long ticks;

	/* state ppid, then 17 up to starttime */
	if (!field || sscanf(field + 1,
			     " %*c %u %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
			     "%*d %*d %llu",
			     &ppid, &ticks) != 2)
		return false;
	*ret_ppid = ppid;
	*ret_ticks = ticks;
	return true;
}

uint32_t process_of_thread(uint32_t id)
{
	char path[32], line[64];
	unsigned int pid = id;
	FILE *f;

	if (!host_shows_processes())
		return id;
	/* What is no number of a process would mean a group of them to kill(2). */
	if (!id || id > INT32_MAX || (kill((pid_t)id, 0) && errno == ESRCH))
		return 0;
	snprintf(path, sizeof(path), "/proc/%u/status", id);
	f = fopen(path, "re");
	if (!f)
		return id;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "Tgid: %u", &pid) == 1)
			break;
	fclose(f);
	return pid;
}

size_t process_join_cmdline(char *text, size_t size, size_t *ret_first_size)
{
	*ret_first_size = strnlen(text, size);
	while (size && !text[size - 1])
		size--;
	for (size_t i = 0; i < size; i++)
		if (!text[i])
			text[i] = ' ';
	return size;
}

static int open_file(uint32_t pid, const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Closes it. Returns how much there was, or -errno. */
static ssize_t read_file(int fd, char *text, size_t room)
{
	ssize_t size;

	if (fd < 0)
		return fd;
	size = read(fd, text, room);
	if (size < 0)
		size = -errno;
	close(fd);
	return size;
}

struct processes *processes_new(void)
{
	long ticks = sysconf(_SC_CLK_TCK);
	struct processes *p = calloc(1, sizeof(*p));

	if (p && ticks > 0)
		p->tick_ns = NS_PER_S / (uint64_t)ticks;
	return p;
}

void processes_free(struct processes *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		for (size_t k = 0; k < KEPT; k++)
			free(p->kept[i][k].cmdline);
	free(p);
}

void processes_use(struct processes *p, const struct process_opener *opener)
{
	p->opener = *opener;
}

static bool read_start(const struct processes *p, struct process *one)
{
	char text[STAT_SIZE + 1];
	uint64_t ticks;
	int64_t start_ns;
	ssize_t size = read_file(open_file(one->pid, "stat"), text, STAT_SIZE);

	text[size > 0 ? size : 0] = '\0';
	if (!process_read_stat(text, &one->ppid, &ticks))
		return false;
	start_ns = (int64_t)(ticks * p->tick_ns - clock_slept_ns());
	one->start_ns = start_ns > 0 ? (uint64_t)start_ns : 0;
	return true;
}

/* It is unknown if it cannot be read. */
static void read_cmdline(const struct processes *p, struct process *one)
{
	char text[PROCESS_CMDLINE_MAX];
	int fd = p->opener.cmdline ? p->opener.cmdline(p->opener.context, one->pid) :
				     open_file(one->pid, "cmdline");
	ssize_t got = read_file(fd, text, sizeof(text));
	size_t first, size;

	if (got < 0)
		return;
	size = process_join_cmdline(text, (size_t)got, &first);
	one->cmdline = malloc(size + 1);
	if (!one->cmdline)
		return;
	memcpy(one->cmdline, text, size);
	one->size = (uint16_t)size;
	one->first_size = (uint16_t)(first < size ? first : size);
}

static bool is_told(const struct process *last, const struct process *now)
{
	return last->cmdline && now->cmdline && last->size == now->size &&
	       last->first_size == now->first_size &&
	       !memcmp(last->cmdline, now->cmdline, now->size);
}

/* When it was started is concluded from two clocks, which are read one after the other. */
static bool is_same(const struct process *a, const struct process *b)
{
	uint64_t apart_ns = a->start_ns > b->start_ns ? a->start_ns - b->start_ns :
							b->start_ns - a->start_ns;

	return a->pid == b->pid && a->space == b->space && apart_ns < NS_PER_MS;
}

/* As the last one that has this number, which may be the same one: as another program. */
static void keep(struct processes *p, struct process *now)
{
	struct process *kept = p->kept[now->pid % SLOTS], *last = &kept[0];

	/* What it was called it still is, for all that is known. */
	if (!now->cmdline && is_same(last, now) &&
	    !memcmp(last->name, now->name, PROCESS_NAME_SIZE)) {
		last->read_ns = now->read_ns;
		return;
	}
	if (!is_same(last, now)) {
		free(kept[KEPT - 1].cmdline);
		memmove(kept + 1, kept, (KEPT - 1) * sizeof(*kept));
	} else {
		now->told_ns = is_told(last, now) ? last->told_ns : 0;
		free(last->cmdline);
	}
	*last = *now;
}

void processes_meet(struct processes *p, uint32_t pid, uint64_t mono_ns,
		    const char name[PROCESS_NAME_SIZE])
{
	struct process now = { .pid = pid, .read_ns = clock_now() };
	const struct process *last = &p->kept[pid % SLOTS][0];

	if (!pid || !p->tick_ns ||
	    (last->pid == pid && now.read_ns - last->read_ns < FRESH_NS &&
	     !memcmp(last->name, name, PROCESS_NAME_SIZE)))
		return;
	/* One that was started after that has taken over the number. */
	if (!read_start(p, &now) || now.start_ns > mono_ns)
		return;
	read_cmdline(p, &now);
	memcpy(now.name, name, PROCESS_NAME_SIZE);
	keep(p, &now);
}

static struct process_known known_of(const struct process *one)
{
	return (struct process_known){
		.ppid = one->ppid,
		.start_ns = one->start_ns,
		.cmdline = one->cmdline,
		.size = one->size,
		.first_size = one->first_size,
	};
}

bool processes_untold(struct processes *p, uint32_t pid, uint64_t again_ns,
		      struct process_known *ret_known)
{
	struct process *last = &p->kept[pid % SLOTS][0];
	uint64_t now_ns = clock_now();

	if (!pid || last->pid != pid || !last->cmdline ||
	    (last->told_ns && now_ns - last->told_ns < again_ns))
		return false;
	last->told_ns = now_ns;
	*ret_known = known_of(last);
	return true;
}

void processes_add(struct processes *p, uint8_t space, uint32_t pid,
		   const struct process_known *known)
{
	struct process now = {
		.pid = pid,
		.space = space,
		.ppid = known->ppid,
		.start_ns = known->start_ns,
		.size = (uint16_t)known->size,
		.first_size = (uint16_t)known->first_size,
	};

	if (!pid || known->size > PROCESS_CMDLINE_MAX || known->first_size > known->size)
		return;
	now.cmdline = malloc(known->size + 1);
	if (!now.cmdline)
		return;
	memcpy(now.cmdline, known->cmdline, known->size);
	keep(p, &now);
}

bool processes_find(const struct processes *p, uint8_t space, uint32_t pid, uint64_t mono_ns,
		    struct process_known *ret_known)
{
	for (size_t k = 0; pid && k < KEPT; k++) {
		const struct process *one = &p->kept[pid % SLOTS][k];

		if (one->pid != pid || one->space != space || one->start_ns > mono_ns)
			continue;
		*ret_known = known_of(one);
		return true;
	}
	return false;
}
