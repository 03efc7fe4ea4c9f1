/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host that runs out of memory when a test says so: the linker leads the program's allocations through
 * here (--wrap). One thread at a time.
 */
#ifndef TESTS_MODELS_HOST_MEMORY_H
#define TESTS_MODELS_HOST_MEMORY_H

/** From now on, count allocations succeed, the one after them fails, and all later ones succeed again. */
void host_memory_fails_after(unsigned int count);

/** No allocation fails any more. True if one did since host_memory_fails_after(). */
_Bool host_memory_is_back(void);

#endif
