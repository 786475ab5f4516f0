/* SPDX-License-Identifier: GPL-2.0-only */
/* Why a hook or the self-test does not work, as they say it, in other languages. */
#ifndef USER_KERNEL_REASON_H
#define USER_KERNEL_REASON_H

#include "user/base/buffer.h"
#include "user/base/language.h"

/* Adds the sentence in the language, its names as they are; as it is where it is no such reason. */
void reason_add(struct buffer *out, const char *english, enum ladder_language language);

#define REASON_SIZE 512

/* The same into `text`, where it is no longer than that. Returns it. */
const char *reason_fill(char text[REASON_SIZE], const char *english, enum ladder_language language);

#endif
