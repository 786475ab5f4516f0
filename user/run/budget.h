/* SPDX-License-Identifier: GPL-2.0-only */
/* Which share of the connections is followed, so that the program costs no more than it may. */
#ifndef USER_RUN_BUDGET_H
#define USER_RUN_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

/* Shares of the machine are in parts of a million: of the time of all its processors. */
#define BUDGET_WHOLE 1000000u
#define BUDGET_SHIFT_MAX 20

/*
 * One of 2^shift connections is followed. More is left out as soon as too much was spent: twice as
 * many, or as many times as it was too much. Less is left out when for some looks in a row twice
 * what was spent would have been little: following twice as many costs twice as much at most, so
 * the two do not alternate under a load that stays as it is. Where leaving out has not made an
 * event cheaper, what is spent is not for those who are followed: no more are left out, but for a
 * trial now and then, ever more seldom.
 */
struct budget {
	uint32_t allowed; /* of BUDGET_WHOLE */
	uint8_t shift;
	uint8_t calm;	  /* looks in a row that would have allowed twice as many */
	bool is_settling; /* it was raised at the look before: that one is not seen whole */
	bool is_trial;	  /* by one, to see whether that is of use */
	bool is_vain;
	uint16_t wait;	  /* looks until the next trial */
	uint16_t pause;	  /* before the one behind that */
	double raised_at; /* spent for an event when it was raised last; 0: it was not */
};

void budget_init(struct budget *b, uint32_t allowed);

/*
 * Between the last look and this one, `spent` was spent, and the hooks saw so many events. Returns
 * how many connections there are to one that is followed.
 */
uint32_t budget_look(struct budget *b, uint32_t spent, uint64_t events);

#endif
