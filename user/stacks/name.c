// SPDX-License-Identifier: GPL-2.0-only
/* The helper that names stacks: it has no rights, for what it reads anybody may have made. */
#include "user/stacks/name.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/base/buffer.h"
#include "user/rights/helper.h"
#include "user/stacks/demangle.h"
#include "user/stacks/mappings.h"
#include "user/stacks/module.h"
#include "user/stacks/perf_map.h"
#include "user/stacks/wire.h"

#define STATUS_FAILED 2
#define MODULES STACK_FRAMES_MAX /* that are kept open */

/* A file that was looked at; while it is open no other one has its number. */
struct kept {
	uint64_t inode;
	uint32_t dev;
	uint64_t used;	       /* when, in looks */
	struct module *module; /* NULL: it is none */
};

struct service {
	int fd;
	struct stacks_request request;
	struct stacks_answer answer;
	struct mappings mappings;
	struct kept kept[MODULES];
	uint64_t looks;
	struct unwind_result found;
	struct perf_map_question question[STACK_FRAMES_MAX];
	char called[STACK_FRAMES_MAX][STACK_NAME_MAX + 1]; /* in its language */
};

/* Nobody is there any more: neither is there anything to do. */
static void say(struct service *s, uint32_t size)
{
	s->answer.size = size;
	if (helper_send(s->fd, &s->answer, STACKS_ANSWER_SIZE(size), -1, 0))
		_exit(0);
}

/* Asks for a file. Returns its descriptor; -1: it is not to be had. */
static int need(struct service *s, uint32_t word, uint64_t start, uint64_t end,
		const char *build_id)
{
	size_t size = strlen(build_id);
	uint32_t wish;
	int passed;

	memset(&s->answer, 0, offsetof(struct stacks_answer, text));
	s->answer.word = word;
	s->answer.start = start;
	s->answer.end = end;
	memcpy(s->answer.text, build_id, size);
	say(s, (uint32_t)size);
	if (helper_receive(s->fd, &wish, sizeof(wish), &passed) != (ssize_t)sizeof(wish) ||
	    wish != STACKS_FILE)
		_exit(0);
	return passed;
}

static struct module *module_of(struct service *s, const struct mapping *m)
{
	struct kept *oldest = &s->kept[0];
	int fd;

	for (size_t i = 0; i < MODULES; i++) {
		struct kept *k = &s->kept[i];

		if (k->used && k->inode == m->inode && k->dev == m->dev) {
			k->used = ++s->looks;
			return k->module;
		}
		if (k->used < oldest->used)
			oldest = k;
	}
	fd = need(s, STACKS_NEEDS_FILE, m->start, m->end, "");
	if (fd < 0)
		return NULL;
	module_close(oldest->module);
	*oldest = (struct kept){ m->inode, m->dev, ++s->looks, module_open(fd) };
	if (oldest->module && module_lacks_names(oldest->module)) {
		fd = need(s, STACKS_NEEDS_DEBUG, 0, 0, module_build_id(oldest->module));
		if (fd >= 0)
			module_add_debug(oldest->module, fd);
	}
	return oldest->module;
}

/* Where the instruction before `address` is in its file. */
static struct module *look_up(struct service *s, uint64_t address, uint64_t *ret_place)
{
	const struct mapping *m = mappings_find(&s->mappings, address - 1);
	struct module *module = m && m->inode ? module_of(s, m) : NULL;

	if (!module || !module_address(module, address - 1 - m->start + m->offset, ret_place))
		return NULL;
	return module;
}

static void rule(void *context, uint64_t address, struct unwind_rule *ret)
{
	uint64_t place;
	struct module *module = look_up(context, address, &place);

	if (module)
		module_rule(module, place, ret);
	else
		*ret = (struct unwind_rule){ .kind = UNWIND_UNKNOWN };
}

static bool is_code(void *context, uint64_t address)
{
	const struct service *s = context;

	return mappings_find(&s->mappings, address - 1);
}

static struct stack_name name_of(const char *text)
{
	return text && *text ? (struct stack_name){ text, strlen(text) } :
			       (struct stack_name){ NULL, 0 };
}

/* Of code that is of no file its process may say something. */
static void name_made(const struct service *s, size_t i, struct stack_frame *frame)
{
	const struct perf_map_question *q = &s->question[i];

	if (!*q->function)
		return;
	frame->function = name_of(q->function);
	frame->function_offset = q->offset + 1;
}

static void name_frame(struct service *s, size_t i, struct stack_frame *frame)
{
	uint64_t address = s->found.frame[i].address, place;
	const struct mapping *m = mappings_find(&s->mappings, address - 1);
	struct module *module = look_up(s, address, &place);
	const char *symbol;

	*frame = (struct stack_frame){ .module_offset = STACK_OFFSET_UNKNOWN,
				       .flags = s->found.frame[i].flags };
	if (!m)
		return;
	frame->module = (struct stack_name){ m->path, m->path ? m->path_size : 0 };
	if (m->inode)
		frame->module_offset = address - m->start + m->offset;
	if (!module) {
		name_made(s, i, frame);
		return;
	}
	frame->module_offset = place + 1;
	frame->build_id = name_of(module_build_id(module));
	symbol = module_function(module, place, &frame->function_offset);
	if (symbol && demangle(symbol, s->called[i], sizeof(s->called[i])))
		symbol = s->called[i];
	frame->function = name_of(symbol);
	frame->function_offset++;
	frame->file = name_of(module_line(module, place, &frame->line));
}

static ssize_t read_file(void *context, void *bytes, size_t size)
{
	const int *fd = context;
	ssize_t count = read(*fd, bytes, size);

	return count < 0 ? -errno : count;
}

/* Returns whether there is any code that was made. */
static bool ask_for_names(struct service *s)
{
	bool is_made = false;
	int fd;

	for (size_t i = 0; i < s->found.count; i++) {
		uint64_t address = s->found.frame[i].address, place;

		s->question[i] = (struct perf_map_question){ .address = address - 1 };
		is_made |= !look_up(s, address, &place);
	}
	fd = is_made ? need(s, STACKS_NEEDS_NAMES, 0, 0, "") : -1;
	if (fd < 0)
		return is_made;
	if (perf_map_answer(read_file, &fd, s->question, s->found.count))
		for (size_t i = 0; i < s->found.count; i++)
			s->question[i].function[0] = '\0';
	close(fd);
	return true;
}

static void name(struct service *s)
{
	const struct unwind_code code = { rule, is_code, s };
	struct stack_frames frames;
	struct buffer text;
	bool is_made;

	unwind(&s->request.stack, &code, &s->found);
	is_made = ask_for_names(s);
	frames.count = s->found.count;
	frames.is_whole = s->found.is_whole;
	buffer_init(&text);
	/* Their names are those of modules; there is room for one of each frame. */
	for (size_t i = 0; i < frames.count; i++)
		name_frame(s, i, &frames.frame[i]);
	if (frames.count)
		stack_text_write(&frames, &text);
	memset(&s->answer, 0, offsetof(struct stacks_answer, text));
	s->answer.word = STACKS_DONE;
	s->answer.is_passing = is_made;
	memcpy(s->answer.used, s->found.used, sizeof(s->answer.used));
	if (text.failed || text.size > STACK_TEXT_MAX)
		text.size = 0;
	if (text.size)
		memcpy(s->answer.text, text.bytes, text.size);
	say(s, (uint32_t)text.size);
	buffer_done(&text);
}

static bool is_sound(const struct service *s, ssize_t size, int passed)
{
	return size == (ssize_t)sizeof(s->request) && s->request.wish == STACKS_NAME &&
	       passed >= 0 && s->request.stack.depth <= EVENT_STACK_DEPTH &&
	       s->request.stack.words <= EVENT_STACK_WORDS;
}

int stacks_serve(void *context, int fd)
{
	struct service *s = calloc(1, sizeof(*s));
	int passed = -1;
	ssize_t size;

	(void)context;
	if (!s)
		return STATUS_FAILED;
	s->fd = fd;
	while ((size = helper_receive(fd, &s->request, sizeof(s->request), &passed)) > 0) {
		int error = is_sound(s, size, passed) ? mappings_read(&s->mappings, passed) :
							-EBADMSG;

		if (passed >= 0)
			close(passed);
		if (error)
			s->mappings = (struct mappings){ .count = 0 };
		name(s);
		mappings_done(&s->mappings);
	}
	for (size_t i = 0; i < MODULES; i++)
		module_close(s->kept[i].module);
	free(s);
	return size ? STATUS_FAILED : 0;
}
