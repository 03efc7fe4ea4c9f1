/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls as plain records: drawn at random from a seed, so that a sequence can be made again,
 * shortened and written down. Making them is left to lockstep.c.
 */
#ifndef TESTS_DIFFERENTIAL_CALLS_H
#define TESTS_DIFFERENTIAL_CALLS_H

#include "vfio_fixture.h"

#define CALL_FILES 12 /* numbered: 0 is the usual container, 1..3 the usual groups */
#define CALL_ROOM 256 /* bytes of an argument at most */
#define CALLS_PER_MACHINE 1200

/* The process' memory, at the same addresses in every machine. */
#define PLACE_SMALL 0x10000000ULL /* 64 pages of 4 KiB, each with contents of its own */
#define PLACE_HUGE 0x20000000ULL /* two of 2 MiB */
#define PLACE_READ_ONLY 0x30000000ULL /* 8 pages */
#define PLACE_HOLES 0x40000000ULL /* 8 pages without the second and the fifth */
#define PLACE_BITS 0x50000000ULL /* 4 pages for dirty bitmaps */
#define PLACE_ARGUMENT 0x60000000ULL /* 2 pages, and nothing after them */

enum call_kind {
	CALL_OPEN_CONTAINER,
	CALL_OPEN_GROUP, /* number: the group */
	CALL_SET_CONTAINER, /* other: the container's file */
	CALL_DEVICE_FD, /* data: the name; other: the file it becomes */
	CALL_IOCTL, /* command with number */
	CALL_IOCTL_DATA, /* command with len bytes of data */
	CALL_LIMIT, /* number: bytes of RLIMIT_MEMLOCK; flag: privileged */
	CALL_FILL, /* number: to all of the memory for bitmaps */
	CALL_DMA, /* 8 bytes by device other at number; flag: a write */
	CALL_SWEEP, /* DMA reads of the first pages by every device */
};

/** One call. */
struct call {
	enum call_kind kind;
	unsigned int file, other;
	unsigned int command;
	unsigned long long number;
	bool flag;
	bool at_edge; /* the argument ends where memory ends */
	unsigned int len; /* bytes of data, at most CALL_ROOM */
	unsigned char data[CALL_ROOM];
};

/** A source of random numbers: splitmix64. */
struct random {
	unsigned long long state;
};

unsigned long long random_next(struct random *random);

/** 0 .. n - 1 */
unsigned long long random_below(struct random *random, unsigned long long n);

/**
 * Draws count calls; the first four make container 0 of an IOMMU type with a group, the last is a
 * sweep.
 */
void calls_draw(struct random *random, int type, struct call *calls, size_t count);

#endif
