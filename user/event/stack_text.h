/* SPDX-License-Identifier: GPL-2.0-only */
/* Which code a stack is made of, as text: recordings keep that, and whoever shows it reads it. */
#ifndef USER_EVENT_STACK_TEXT_H
#define USER_EVENT_STACK_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STACK_FRAMES_MAX 64
#define STACK_NAME_MAX 255   /* bytes of a name, that what is longer is cut to */
#define STACK_TEXT_MAX 32768 /* bytes of all; the outermost frames are left out for it */
#define STACK_OFFSET_UNKNOWN UINT64_MAX

enum stack_frame_flag {
	/* Between it and the one before, others may lack. */
	STACK_FRAME_GAP = 1 << 0,
	/* A chain of frame pointers led to it, and nothing says that they are such. */
	STACK_FRAME_UNPROVEN = 1 << 1,
};

/* Bytes, untrusted; NULL: not known. */
struct stack_name {
	const char *bytes;
	size_t size;
};

struct stack_frame {
	uint64_t module_offset;	  /* in its file; STACK_OFFSET_UNKNOWN */
	uint64_t function_offset; /* of a function that is known */
	uint32_t line;		  /* of a file that is known; 0: unknown */
	uint32_t flags;		  /* enum stack_frame_flag */
	struct stack_name module, build_id, function, file;
};

/* From the innermost frame, which made the call, to the outermost. */
struct stack_frames {
	struct stack_frame frame[STACK_FRAMES_MAX];
	size_t count;
	bool is_whole; /* the last one is where the thread began */
};

struct buffer;

/* Appends it. Bytes of names that would part fields become '?'. */
void stack_text_write(const struct stack_frames *frames, struct buffer *text);

/* Returns whether it is such a text; the names of `ret` are parts of it. */
bool stack_text_read(const char *text, size_t size, struct stack_frames *ret);

/* The same of the same text, anywhere; never 0. */
uint64_t stack_text_number(const char *text, size_t size);

/* What is known of a module is its path: the name of the file alone. */
struct stack_name stack_name_base(struct stack_name path);

#endif
