// SPDX-License-Identifier: GPL-2.0-only
/* Fuzzes what a process believes of its broker: answers of any shape, with descriptors or not. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "user/rights/helper.h"
#include "user/sockets/broker.h"
#include "user/sockets/broker_wire.h"

#define NETNS 4026531840u
#define INODES 3
#define ASKED(inode) ((inode) == 7 || (inode) == 11 || (inode) == 13)

/* An assert that no flag turns off. */
#define demand(holds) ((holds) ? (void)0 : fail(__LINE__, #holds))

static void fail(int line, const char *demand)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, line, demand);
	abort();
}

/*
 * Messages are a byte of how (1: with a descriptor; and twice the payers), one of how long it is
 * (0: as its rows make it), and what they are of.
 */
static void answer(int fd, const uint8_t *bytes, size_t size)
{
	static struct broker_answer answer;
	int file = open("/dev/null", O_RDONLY | O_CLOEXEC);

	demand(file >= 0);
	while (size > 2) {
		size_t taken = size - 2 < 48 ? size - 2 : 48, length = bytes[1];

		memset(&answer, 0, sizeof(answer));
		memcpy(&answer, bytes + 2, taken);
		memcpy(answer.row, bytes + 2, taken);
		answer.payer_count = bytes[0] >> 1;
		if (!length)
			length = BROKER_ANSWER_SIZE(answer.rows % (BROKER_ROWS_MAX + 1));
		if (helper_send(fd, &answer, length, bytes[0] & 1 ? file : -1, MSG_DONTWAIT))
			break;
		bytes += 2 + taken;
		size -= 2 + taken;
	}
	close(file);
	shutdown(fd, SHUT_WR);
}

static int visit(void *context, const struct namespace_sight *sight)
{
	const struct netns_list *only = context;

	demand(sight->is_empty ? sight->fd < 0 : fcntl(sight->fd, F_GETFD) >= 0);
	demand(!only->count || netns_list_has(only, sight->netns));
	return sight->cookie & 1 ? -EIO : 0;
}

static void miss(void *context, uint32_t netns)
{
	const struct netns_list *only = context;

	demand(!only->count || netns_list_has(only, netns));
}

static bool wants(void *context, uint32_t netns)
{
	(void)context;
	return netns & 1;
}

static void ask_to_walk(struct broker *broker, bool is_all)
{
	struct netns_list only = { .count = !is_all, .inodes = { NETNS } };
	const struct namespace_walk walk = {
		.only = &only,
		.view = is_all ? NAMESPACE_COUNTERS : NAMESPACE_DIAG,
		.link = -1,
		.visit = visit,
		.miss = miss,
		.wants = wants,
		.context = &only,
	};
	struct namespace_walk_result result;
	int error = broker_walk(broker, &walk, &result);

	demand(error <= 0 && error >= -BROKER_ERRNO_MAX);
}

static void ask_for_holders(struct broker *broker, bool is_search)
{
	static const uint64_t inodes[INODES] = { 7, 11, 13 };
	const struct holder_question question = { .inodes = inodes, .count = INODES };
	struct holder_table table = { .all = NULL };

	demand(broker_find_holders(broker, &question, is_search, &table) <= 0);
	for (size_t i = 0; i < table.count; i++) {
		demand(ASKED(table.all[i].inode));
		demand(table.all[i].way < HOLDER_WAY_COUNT);
	}
	demand(table.quota.payers.count <= BROKER_PAYERS_MAX);
	holders_done(&table);
}

/* It was opened for this process alone; or why it was not. */
static void ask_for_file(int fd)
{
	demand(fd >= -BROKER_ERRNO_MAX);
	if (fd >= 0)
		demand(!close(fd));
}

static bool see_name(void *context, const char comm[EVENT_COMM_SIZE])
{
	(void)context;
	return *comm != 'x';
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct broker *broker;
	int ends[2];

	if (!size || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return 0;
	answer(ends[1], bytes + 1, size - 1);
	broker = broker_at(ends[0]);
	demand(broker);
	switch (bytes[0] % 10) {
	case 0:
	case 1:
		ask_to_walk(broker, bytes[0] % 10);
		break;
	case 2:
	case 3:
		ask_for_holders(broker, bytes[0] % 10 == 3);
		break;
	case 4:
		broker_threads(broker, 1, see_name, NULL);
		break;
	case 5:
		ask_for_file(broker_iterate(broker, ends[1]));
		break;
	case 6:
		ask_for_file(broker_mappings(broker, 1, 1, 1));
		break;
	case 7:
		ask_for_file(broker_code(broker, 1, 4096, 8192));
		break;
	case 8:
		ask_for_file(broker_cmdline(broker, 1));
		break;
	default:
		ask_for_file(broker_code_names(broker, 1));
		break;
	}
	broker_stop(broker);
	close(ends[1]);
	return 0;
}
