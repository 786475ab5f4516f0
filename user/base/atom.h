/* SPDX-License-Identifier: GPL-2.0-only */
/* Short texts that recur, each kept once and known by a small number wherever it is met. */
#ifndef USER_BASE_ATOM_H
#define USER_BASE_ATOM_H

#include <stddef.h>
#include <stdint.h>

#include "user/base/shares.h"

#define ATOM_NONE 0
#define ATOM_SIZE 16	/* bytes of a text, at most */
#define ATOMS_MAX 32768 /* texts, which are kept to the end of the program */

/*
 * The number of this text, which ends at its first NUL; ATOM_NONE: it is empty, too long, or new
 * when there is no more room for those of this owner, who never has more than is left to others.
 * The same text has the same number as long as the program runs.
 */
uint16_t atom_of(const char *text, size_t size, const struct share *whose);

/* Ends with NUL, and stays; "" of ATOM_NONE or of a number that is no text's. */
const char *atom_text(uint16_t atom);

/* Texts, one for each time they were met, that found no room. */
uint64_t atoms_lost(void);

/* Whose they were. */
const struct payers *atoms_payers(void);

#endif
