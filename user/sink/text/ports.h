/* SPDX-License-Identifier: GPL-2.0-only */
/* How full ranges of ports are, for people. */
#ifndef USER_SINK_TEXT_PORTS_H
#define USER_SINK_TEXT_PORTS_H

#include "user/sink/sink.h"

void text_ports(const struct sink_settings *s, struct buffer *out,
		const struct ports_destination *const *all, size_t count);

void text_no_port(const struct sink_settings *s, struct buffer *out,
		  const struct ports_destination *d);

#endif
