/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages of Address Translation Services (PCI Express 6.x, chapter 10) as the bits they carry, shared
 * by whoever completes translations and whoever caches them. Neither side is known here.
 */
#ifndef MODELS_ATS_H
#define MODELS_ATS_H

#include "translation.h"

/* 10.2.3 Translation Completion: the quadword that comes back */
#define ATS_READ (1ULL << 0)
#define ATS_WRITE (1ULL << 1)
#define ATS_UNTRANSLATED (1ULL << 2) /* U: to be accessed by untranslated requests only */
#define ATS_EXECUTE (1ULL << 3)
#define ATS_PRIVILEGED (1ULL << 4)
#define ATS_GLOBAL (1ULL << 5)
#define ATS_NO_SNOOP_FORBIDDEN (1ULL << 10) /* N: accesses must not ask for No Snoop */

/* 10.2.3 and 10.3.1: S, with it the lowest zero of the address bits says how large the range is */
#define ATS_SIZE (1ULL << 11)
#define ATS_ADDRESS (~0ULL << 12)

/* 10.3.1 Invalidate Request: the message's body has address and S as above */
#define ATS_INVALIDATE_GLOBAL (1ULL << 0) /* all PASIDs */

/* 10.3.1: Invalidate Requests that can be told apart at a time */
#define ATS_TAGS 32

/** An invalidation on its way to a function. */
struct ats_invalidation {
	u16 source_id; /* the function */
	bool has_pasid;
	u32 pasid; /* valid if has_pasid */
	u64 body; /* address, ATS_SIZE, ATS_INVALIDATE_GLOBAL */
	u8 tag; /* ITag, below ATS_TAGS: by it the completion says which request it is for */
};

/** A range of addresses, naturally aligned: 2^shift bytes from first on; shift 12..64. */
struct ats_range {
	u64 first;
	unsigned int shift;
};

/** Bits of an address that lie within the range. */
static inline u64 ats_range_mask(struct ats_range range)
{
	return range.shift >= 64 ? ~0ULL : (1ULL << range.shift) - 1;
}

/** Bytes of the range; 2^63 stands for the whole address space too, whose size no u64 holds. */
static inline u64 ats_range_bytes(struct ats_range range)
{
	return 1ULL << (range.shift >= 64 ? 63 : range.shift);
}

/** Address and S for a range. */
static inline u64 ats_encode_range(struct ats_range range)
{
	u64 below = ats_range_mask(range);

	if (range.shift <= MODEL_PAGE_SHIFT)
		return range.first & ATS_ADDRESS;
	/* ones below the zero that tells the size */
	return ((range.first & ~below) | (below >> 1 & ATS_ADDRESS)) | ATS_SIZE;
}

/** The range that address and S of a message stand for. */
static inline struct ats_range ats_decode_range(u64 message)
{
	unsigned int shift = MODEL_PAGE_SHIFT;

	if (message & ATS_SIZE) {
		while (shift < 63 && message >> shift & 1)
			shift++;
		/* all ones up to the top: every address */
		shift = message >> shift & 1 ? 64 : shift + 1;
	}
	return (struct ats_range){
		.first = shift >= 64 ? 0 : message & (~0ULL << shift),
		.shift = shift,
	};
}

/** True if the ranges have an address in common. */
static inline bool ats_ranges_overlap(struct ats_range a, struct ats_range b)
{
	unsigned int shift = a.shift > b.shift ? a.shift : b.shift;

	return shift >= 64 || a.first >> shift == b.first >> shift;
}

/** The rights of a completion: ORed enum access. */
static inline unsigned int ats_rights(u64 completion)
{
	return (completion & ATS_READ ? (unsigned int)ACCESS_READ : 0) |
	       (completion & ATS_WRITE ? (unsigned int)ACCESS_WRITE : 0) |
	       (completion & ATS_EXECUTE ? (unsigned int)ACCESS_EXECUTE : 0);
}

#endif
