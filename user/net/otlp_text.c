// SPDX-License-Identifier: GPL-2.0-only
/* Texts in protobuf, which have to be UTF-8, whoever has chosen them. */
#include "user/net/otlp_text.h"

#include <stdint.h>
#include <string.h>

#include "user/base/text.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

size_t otlp_text(char text[OTLP_TEXT_SIZE], const char *bytes, size_t size)
{
	size_t used = 0;

	while (size) {
		uint32_t code;
		size_t length = *bytes ? text_code_point(bytes, size, &code) : 0;
		size_t taken = length ? length : 1, added = length ? length : strlen(REPLACEMENT);

		if (used + added >= OTLP_TEXT_SIZE)
			break;
		memcpy(text + used, length ? bytes : REPLACEMENT, added);
		used += added;
		bytes += taken;
		size -= taken;
	}
	text[used] = '\0';
	return used;
}
