// SPDX-License-Identifier: GPL-2.0-only
/* From one frame to the next: what is certain, what is marked, and what is left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "user/stacks/unwind.h"

/* Functions lie at multiples of 0x1000 below CODE_END, and each has one rule. */
#define CODE_END 0x9000
#define STUB 0x1000   /* as of a C library's connect: no frame at all */
#define BARE 0x2000   /* 0x20 bytes of stack, no frame pointer */
#define FRAMED 0x3000 /* with a frame pointer */
#define SILENT 0x4000 /* says nothing */
#define START 0x5000  /* nobody has called it */
#define KEEPER 0x6000 /* no frame pointer, but the register is used, and saved */
#define FLAT 0x7000   /* a frame that does not grow: lies */
#define LINKED 0x8000 /* where it returns to is in a register */
#define STACK UINT64_C(0x7fff0000)

static const struct unwind_rule rules[] = {
	[STUB >> 12] = { .kind = UNWIND_KNOWN, .offset = 8, .return_offset = -8 },
	[BARE >> 12] = { .kind = UNWIND_KNOWN, .offset = 0x20, .return_offset = -8 },
	[FRAMED >> 12] = { .kind = UNWIND_KNOWN,
			   .is_from_fp = true,
			   .has_saved_fp = true,
			   .offset = 16,
			   .return_offset = -8,
			   .fp_offset = -16 },
	[START >> 12] = { .kind = UNWIND_OUTERMOST },
	[KEEPER >> 12] = { .kind = UNWIND_KNOWN,
			   .has_saved_fp = true,
			   .offset = 0x18,
			   .return_offset = -8,
			   .fp_offset = -16 },
	[FLAT >> 12] = { .kind = UNWIND_KNOWN, .offset = 0, .return_offset = 0 },
	[LINKED >> 12] = { .kind = UNWIND_KNOWN, .is_linked = true },
};

static void rule(void *context, uint64_t address, struct unwind_rule *ret)
{
	(void)context;
	*ret = (address - 1) >> 12 < sizeof(rules) / sizeof(*rules) ?
		       rules[(address - 1) >> 12] :
		       (struct unwind_rule){ .kind = UNWIND_UNKNOWN };
}

static bool is_code(void *context, uint64_t address)
{
	(void)context;
	return address > 0x1000 && address <= CODE_END;
}

static const struct unwind_code code = { rule, is_code, NULL };
static struct event_stack stack;
static struct unwind_result found;

static void begin(uint64_t ip)
{
	memset(&stack, 0, sizeof(stack));
	stack.ip = ip;
	stack.sp = STACK;
	stack.words = EVENT_STACK_WORDS;
}

static void look(const uint64_t *chain, uint32_t depth)
{
	for (uint32_t i = 0; i < depth; i++)
		stack.chain[i] = chain[i];
	stack.depth = depth;
	unwind(&stack, &code, &found);
}

static void assert_frames(const uint64_t *addresses, size_t count)
{
	assert_int_equal(found.count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(found.frame[i].address, addresses[i]);
}

static void frames_need_no_pointers(void **state)
{
	(void)state;
	begin(STUB + 0x10);
	stack.fp = 0x4711;
	stack.word[0] = BARE + 0x20;
	stack.word[4] = START + 0x30; /* 8 bytes of the stub, 0x20 of the function */
	look(NULL, 0);
	assert_frames((const uint64_t[]){ STUB + 0x10, BARE + 0x20, START + 0x30 }, 3);
	assert_true(found.is_whole);
	/* It depends on these two words alone. */
	assert_int_equal(found.used[0], 1 << 0 | 1 << 4);
	assert_int_equal(found.used[1] | found.used[2] | found.used[3], 0);
}

/* The chain lacks who has called the stub: the stack has it. */
static void caller_of_a_stub_is_not_lost(void **state)
{
	const uint64_t chain[] = { STUB + 0x10, FRAMED + 0x20, START + 0x30 };

	(void)state;
	begin(STUB + 0x10);
	stack.word[0] = FRAMED + 0x100;
	stack.fp = STACK + 0x10000; /* beyond what was read */
	look(chain, 3);
	assert_frames(
		(const uint64_t[]){ STUB + 0x10, FRAMED + 0x100, FRAMED + 0x20, START + 0x30 }, 4);
	assert_true(found.is_whole);
	for (size_t i = 0; i < found.count; i++)
		assert_int_equal(found.frame[i].flags, 0);
}

/* A register that is used for something else makes a chain of nothing: it is not believed. */
static void chain_of_nothing_is_not_believed(void **state)
{
	const uint64_t chain[] = { STUB + 0x10, BARE + 0x66, BARE + 0x77 };

	(void)state;
	begin(STUB + 0x10);
	stack.words = 1;
	stack.word[0] = BARE + 0x20;
	stack.fp = STACK + 0x10000;
	look(chain, 3);
	assert_frames((const uint64_t[]){ STUB + 0x10, BARE + 0x20 }, 2);
	assert_false(found.is_whole);
}

/* Who saves the register has changed it: its chain is over, and what it saved holds. */
static void saved_pointer_is_followed(void **state)
{
	const uint64_t chain[] = { STUB + 0x10, BARE + 0x66 };

	(void)state;
	begin(STUB + 0x10);
	stack.fp = 0x4711;
	stack.word[0] = KEEPER + 0x20;
	stack.word[2] = STACK + 0x40; /* the caller's frame pointer */
	stack.word[3] = FRAMED + 0x30;
	stack.word[8] = 0;
	stack.word[9] = START + 0x40;
	look(chain, 2);
	assert_frames((const uint64_t[]){ STUB + 0x10, KEEPER + 0x20, FRAMED + 0x30, START + 0x40 },
		      4);
	assert_true(found.is_whole);
}

static void what_is_not_said_is_marked(void **state)
{
	const uint64_t chain[] = { SILENT + 0x10, SILENT + 0x20, FRAMED + 0x30, FRAMED + 0x40 };

	(void)state;
	begin(SILENT + 0x10);
	stack.fp = STACK + 0x10000;
	look(chain, 4);
	assert_frames(chain, 4);
	assert_int_equal(found.frame[0].flags, 0);
	assert_int_equal(found.frame[1].flags, STACK_FRAME_UNPROVEN | STACK_FRAME_GAP);
	assert_int_equal(found.frame[2].flags, STACK_FRAME_UNPROVEN | STACK_FRAME_GAP);
	/* From a function that says so on, but who knows how one came there. */
	assert_int_equal(found.frame[3].flags, STACK_FRAME_UNPROVEN);
	assert_false(found.is_whole);
}

static void what_is_no_code_ends_it(void **state)
{
	const uint64_t chain[] = { SILENT + 0x10, 0x123456789 };

	(void)state;
	begin(SILENT + 0x10);
	stack.fp = STACK + 0x10000;
	look(chain, 2);
	assert_int_equal(found.count, 1);
	begin(STUB + 0x10);
	stack.word[0] = 0x123456789;
	look(NULL, 0);
	assert_int_equal(found.count, 1);
	assert_false(found.is_whole);
	begin(0x123456789);
	look(NULL, 0);
	assert_int_equal(found.count, 0);
}

/* Rules that lie, and words that point to themselves: there is an end, and no word is made up. */
static void it_has_an_end(void **state)
{
	(void)state;
	begin(STUB + 0x10);
	stack.word[0] = FLAT + 0x10;
	stack.word[1] = FLAT + 0x10;
	look(NULL, 0);
	assert_true(found.count < 4);
	begin(SILENT + 0x10);
	stack.fp = STACK;
	stack.word[0] = STACK;
	stack.word[1] = SILENT + 0x20;
	look(NULL, 0);
	assert_true(found.count < 4);
	begin(STUB + 0x10);
	stack.words = 0;
	look(NULL, 0);
	assert_int_equal(found.count, 1);
	begin(STUB + 0x10);
	stack.sp = UINT64_MAX - 7;
	look(NULL, 0);
	assert_true(found.count <= 2);
}

static void link_register_is_read_once(void **state)
{
	(void)state;
	begin(LINKED + 0x10);
	stack.link = LINKED + 0x80;
	look(NULL, 0);
	assert_frames((const uint64_t[]){ LINKED + 0x10, LINKED + 0x80 }, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_need_no_pointers),
		cmocka_unit_test(caller_of_a_stub_is_not_lost),
		cmocka_unit_test(chain_of_nothing_is_not_believed),
		cmocka_unit_test(saved_pointer_is_followed),
		cmocka_unit_test(what_is_not_said_is_marked),
		cmocka_unit_test(what_is_no_code_ends_it),
		cmocka_unit_test(it_has_an_end),
		cmocka_unit_test(link_register_is_read_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
