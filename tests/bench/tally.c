// SPDX-License-Identifier: GPL-2.0-only
/* Counts the instructions of a log of qemu's, one a line, by address and by whose time it was. */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * tally LINES SWITCH FROM TO <LOG: prints "WHO ADDRESS COUNT" for each address, where WHO is 1 for
 * the process whose code is in [FROM, TO) and 0 for everybody else. A line of the log is
 * "Trace CPU: HOST [CS/ADDRESS/FLAGS/..] ..". What the kernel does belongs to the process that ran
 * before; from SWITCH, the address where the kernel changes stacks, to the one that runs next.
 */
#define SLOT_BITS 22
#define SLOTS (1u << SLOT_BITS)
#define FULL (SLOTS / 4 * 3)
#define KERNEL 0x800000000000ull /* user space ends below */
#define LINE_MAX_BYTES 1024

struct spot {
	uint64_t address, counts[2];
	uint64_t open; /* since the last change of stacks */
};

struct tally {
	struct spot *spots;
	struct spot **open;
	size_t used, n_open;
};

static void die(const char *why)
{
	fprintf(stderr, "tally: %s\n", why);
	exit(2);
}

static struct spot *find(struct tally *t, uint64_t address)
{
	size_t i = address * 0x9e3779b97f4a7c15ull >> (64 - SLOT_BITS);

	while (t->spots[i].address && t->spots[i].address != address)
		i = (i + 1) % SLOTS;
	if (!t->spots[i].address) {
		if (t->used++ == FULL)
			die("too many addresses");
		t->spots[i].address = address;
	}
	return &t->spots[i];
}

/* The time since the last change of stacks was WHO's. */
static void settle(struct tally *t, int who)
{
	for (size_t i = 0; i < t->n_open; i++) {
		t->open[i]->counts[who] += t->open[i]->open;
		t->open[i]->open = 0;
	}
	t->n_open = 0;
}

static void tell(const struct spot *spot)
{
	for (int who = 0; who < 2; who++)
		if (spot->counts[who])
			printf("%d %" PRIx64 " %" PRIu64 "\n", who, spot->address,
			       spot->counts[who]);
}

static uint64_t number(const char *text, int base)
{
	char *end;

	errno = 0;
	uint64_t value = strtoull(text, &end, base);
	if (errno || *end || end == text)
		die("usage: tally LINES SWITCH FROM TO <LOG");
	return value;
}

int main(int argc, char **argv)
{
	struct tally t = {};
	char line[LINE_MAX_BYTES];
	int who = 0, is_switching = 0;

	if (argc != 5)
		die("usage: tally LINES SWITCH FROM TO <LOG");
	t.spots = calloc(SLOTS, sizeof(*t.spots));
	t.open = calloc(SLOTS, sizeof(struct spot *));
	if (!t.spots || !t.open)
		die("no memory");
	uint64_t left = number(argv[1], 10), change = number(argv[2], 16);
	uint64_t from = number(argv[3], 16), to = number(argv[4], 16);

	while (left && fgets(line, sizeof(line), stdin)) {
		const char *slash = strncmp(line, "Trace ", 6) ? NULL : strchr(line, '/');
		if (!slash)
			continue;
		uint64_t address = strtoull(slash + 1, NULL, 16);
		if (!address)
			continue;
		struct spot *spot = find(&t, address);
		left--;
		if (address < KERNEL) {
			who = address >= from && address < to;
			settle(&t, who);
			is_switching = 0;
		} else if (address == change) {
			is_switching = 1;
		}
		if (!is_switching)
			spot->counts[who]++;
		else if (!spot->open++)
			t.open[t.n_open++] = spot;
	}
	settle(&t, who);
	for (size_t i = 0; i < SLOTS; i++)
		tell(&t.spots[i]);
	if (left)
		die("the log ended early");
	return fflush(stdout) ? 2 : 0;
}
