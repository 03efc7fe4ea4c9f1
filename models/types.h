/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Integer and address types shared by all hardware models. An address says in
 * its type which space it belongs to, so that mixing two does not compile.
 */
#ifndef MODELS_TYPES_H
#define MODELS_TYPES_H

#include <stdbool.h>
#include <stddef.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;
__extension__ typedef unsigned __int128 u128; /* of products */

/** A host-physical address, what memory is reached by. */
typedef struct {
	u64 v;
} hpa_t;

/** A guest-physical address: input of a second stage. */
typedef struct {
	u64 v;
} gpa_t;

/** An address as a device issues it: input of the first translation stage that applies. */
typedef struct {
	u64 v;
} iova_t;

static inline hpa_t hpa(u64 v)
{
	return (hpa_t){ v };
}

static inline gpa_t gpa(u64 v)
{
	return (gpa_t){ v };
}

static inline iova_t iova(u64 v)
{
	return (iova_t){ v };
}

/** Second-stage input and output of an identity mapping: the one place where a gpa becomes an hpa. */
static inline hpa_t hpa_from_identity(gpa_t a)
{
	return (hpa_t){ a.v };
}

#define MODEL_PAGE_SHIFT 12
#define MODEL_PAGE_SIZE (1ULL << MODEL_PAGE_SHIFT)
#define MODEL_PAGE_MASK (~(MODEL_PAGE_SIZE - 1))

#endif
