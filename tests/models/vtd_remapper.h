/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of interrupt remapping: a real unit with a table of entries, driven by registers, queue and messages.
 */
#ifndef TESTS_MODELS_VTD_REMAPPER_H
#define TESTS_MODELS_VTD_REMAPPER_H

#include "vtd_machine.h"

/* Registers, and bits of GCMD. */
#define IRTA 0xb8
#define GSTS 0x1c
#define CFI 23
#define SIRTP 24
#define IRE 25

#define INDEX 5u
#define OTHER_DEVICE 0x3b08

#define REMAPPER_VECTOR 0x83u /* bit 3 of the third quadword */
#define REMAPPER_NOTICE 0xf2u

/* A machine that remaps interrupts by a table of 2^(S + 1) entries. */
struct remapper {
	struct machine *machine;
	u64 table;
};

/* With a table of its own of so many pages, IRE on. Of the table's place, irta_low holds EIME and S. */
struct remapper remapper_start(struct machine *machine, unsigned int pages, u64 irta_low);
/* The same in a new machine, which has a queue. */
struct remapper remapper_create_with(const struct vtd_config *config, u64 irta_low);
/* xAPIC mode, 256 entries. */
struct remapper remapper_create(void);

/* Vector 0x41 to destination 3, for MACHINE_DEVICE alone. */
void remapper_plain_entry(u64 irte[2]);
/* Vector REMAPPER_VECTOR into a new descriptor, whose address is the result: it notifies destination 7. */
u64 remapper_posted_entry(const struct remapper *r, u64 irte[2]);
void remapper_store(const struct remapper *r, u32 index, const u64 irte[2]);
void remapper_store_plain(const struct remapper *r, u32 index);

/* The address of a remappable request, without a subhandle. */
u64 remappable_address(u32 handle);
struct translation_result remapper_send_from(const struct remapper *r, u16 device, u64 address,
					     u32 data);
/* From MACHINE_DEVICE, through the entry of that index. */
struct translation_result remapper_send(const struct remapper *r, u32 index);

/* Of all entries, or of 2^mask from index on; waits for its end. */
void remapper_invalidate(const struct remapper *r, bool by_index, u32 index, unsigned int mask);

#endif
