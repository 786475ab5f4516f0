/* SPDX-License-Identifier: GPL-2.0-only */
/* The addresses of both ends: of those that RFC 5737 keeps for documentation. */
#ifndef USER_DEMO_ADDRESS_H
#define USER_DEMO_ADDRESS_H

#define DEMO_ADDRESS_A "192.0.2.1"
#define DEMO_ADDRESS_B "192.0.2.2"

#endif
