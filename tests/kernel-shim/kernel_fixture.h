/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A kernel on memory and nothing else: no IOMMUs, registers and configuration space that are plain
 * memory, and a log that can be looked at. For tests of what the kernel itself promises.
 */
#ifndef TESTS_KERNEL_FIXTURE_H
#define TESTS_KERNEL_FIXTURE_H

#include "gtest_c.h"
#include "kernel.h"

#define FIXTURE_RAM_BASE 0x100000000ULL
#define FIXTURE_RAM_SIZE (16ULL << 30)
#define FIXTURE_REGISTERS 0xfed90000ULL /* host-physical address of the fake registers */
#define FIXTURE_CONFIG_SIZE 4096

struct kernel_fixture {
	struct memory *memory;
	struct kernel *kernel;
	struct kernel_config config;
	u64 registers[512]; /* 4 KiB at FIXTURE_REGISTERS; elsewhere reads are all ones */
	u8 pci_config[FIXTURE_CONFIG_SIZE]; /* of every function */
	u16 last_source_id; /* of the last access to configuration space */
	unsigned int relaxed; /* calls of the relax hook */
	void (*on_relax)(struct kernel_fixture *f); /* or NULL */
	void (*on_register_write)(struct kernel_fixture *f); /* or NULL */
	void *arg; /* for the hooks */
	char log[64 * 1024]; /* lines, each "<level>text\n" */
};

/** Prepares memory and a configuration without booting, for tests that change it first. */
void kernel_fixture_prepare(struct kernel_fixture *f);

/** Boots what is prepared; a failure is a test's failure. */
void kernel_fixture_boot(struct kernel_fixture *f);

/** Both, with the variant "mainline". */
void kernel_fixture_start(struct kernel_fixture *f);

/** Shuts down, and expects every resource to be back. */
void kernel_fixture_stop(struct kernel_fixture *f);

/** Does a line of the log contain this text? */
bool kernel_fixture_logged(const struct kernel_fixture *f, const char *text);

/** Runs a function inside the kernel, as its own thread or as a process; its result. */
long kernel_fixture_run(struct kernel_fixture *f, long (*fn)(void *arg), void *arg);
long kernel_fixture_run_as(struct task *task, long (*fn)(void *arg), void *arg);

/** Resources in use now. */
struct kernel_usage kernel_fixture_usage(struct kernel_fixture *f);

/** Random numbers for a test (xorshift), from a seed that a failure should show. */
static inline u64 fixture_random(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

#endif
