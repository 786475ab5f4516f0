// SPDX-License-Identifier: GPL-2.0-only
/* Who is told of connections, and what has to be traced for that. */
#include "user/conn/consumer.h"

unsigned int consumers_want(const struct consumer_list *list)
{
	unsigned int wants = 0;

	for (size_t i = 0; i < list->count; i++)
		wants |= list->all[i]->wants;
	return wants;
}
