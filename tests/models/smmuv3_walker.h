/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A second SMMUv3, as small as the architecture allows: no caches, no registers, no time, no events.
 * It shares no line with the model and says what a request must come to.
 */
#ifndef TESTS_MODELS_SMMUV3_WALKER_H
#define TESTS_MODELS_SMMUV3_WALKER_H

#include "mem/memory.h"
#include "translation.h"

/** What it walks in: memory, and what registers and the implementation say. */
struct walker {
	struct memory *mem;
	u64 strtab_base;
	u32 strtab_base_cfg;
	unsigned int oas, sid_bits, ssid_bits;
	bool asid16, vmid16;
};

/** What a request comes to: an event's number, or an address. */
struct walker_answer {
	unsigned int event;
	u64 address;
};

struct walker_answer walker_translate(const struct walker *w,
				      const struct translation_request *request);

#endif
