/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the SMMUv3 tests share: an SMMU over real memory, programmed through MMIO and memory only,
 * and builders of its structures by the names of their fields. Expectations are the tests' own.
 */
#ifndef TESTS_MODELS_SMMUV3_FIXTURE_H
#define TESTS_MODELS_SMMUV3_FIXTURE_H

#include "ats.h"
#include "mem/memory.h"
#include "smmuv3/smmuv3-format.h"
#include "smmuv3/smmuv3.h"

/* Register offsets, as a driver writes them. */
#define IDR0 0x0
#define IDR1 0x4
#define IDR5 0x14
#define CR0 0x20
#define CR0ACK 0x24
#define CR1 0x28
#define CR2 0x2c
#define GBPA 0x44
#define IRQ_CTRL 0x50
#define IRQ_CTRLACK 0x54
#define GERROR 0x60
#define GERRORN 0x64
#define GERROR_IRQ_CFG0 0x68
#define GERROR_IRQ_CFG1 0x70
#define STRTAB_BASE 0x80
#define STRTAB_BASE_CFG 0x88
#define CMDQ_BASE 0x90
#define CMDQ_PROD 0x98
#define CMDQ_CONS 0x9c
#define EVENTQ_BASE 0xa0
#define EVENTQ_IRQ_CFG0 0xb0
#define EVENTQ_IRQ_CFG1 0xb8
#define EVENTQ_PROD 0x100a8
#define EVENTQ_CONS 0x100ac

#define CR0_ALL 0xd /* SMMUEN, EVENTQEN, CMDQEN */

/* Where the fixture puts its tables. Guest memory is seen at IPA x, and lies at PA x + GUEST. */
#define STREAM_TABLE 0x100000ULL
#define STREAM_TABLE_BITS 8
#define COMMAND_QUEUE 0x200000ULL
#define COMMAND_QUEUE_BITS 8
#define EVENT_QUEUE 0x210000ULL
#define EVENT_QUEUE_BITS 3
#define GUEST 0x4000000000ULL

#define NO_PASID (~0u)

/* Stage-1 leaf attributes: unprivileged read and write, accessed, not global. */
#define S1_RW (1ULL << 11 | 1ULL << 10 | 1ULL << 6)
#define S1_READ_ONLY (S1_RW | 1ULL << 7)
/* Stage-2 leaf attributes: read and write, accessed. */
#define S2_RW (1ULL << 10 | 3ULL << 6)

/* A translation table; descriptors in guest memory hold IPAs, offset from where they lie. */
struct table {
	u64 base;
	u64 offset; /* add to find it in host-physical memory */
	unsigned int start_level;
	unsigned int granule_shift; /* 0: 12 */
};

struct bench {
	struct memory *mem;
	struct smmuv3 *smmu;
	struct port port;
	u64 next_page; /* host-physical, of tables */
	u64 next_guest_page; /* IPA, of tables in guest memory */
	u32 command_prod;
	unsigned int interrupts;
	u64 interrupt_address;
	u32 interrupt_data;
	unsigned int cycles;
	unsigned int events[PORT_EVENT_SOFTWARE_ERROR + 1]; /* observed, by kind */
	bool writes_fail;
	unsigned int reads; /* through the port */
	unsigned int hook_at_read; /* 0: never; else hook runs within that read, after it */
	void (*hook)(struct bench *b);
	struct table raced; /* for hooks: the table that they change */
	void (*event_hook)(struct bench *b); /* runs once, within the next write of 32 bytes */
	u32 acknowledged; /* for hooks: CR0ACK as it was then */
	bool later; /* queue work is called for by the test */
	bool silent; /* no function answers invalidations */
	unsigned int invalidations; /* of device TLBs; invalidation is the last one */
	struct ats_invalidation invalidation;
};

/** An SMMU as smmuv3_config_init() describes it, or as *config says; not enabled. */
void bench_create(struct bench *b, const struct smmuv3_config *config);
void bench_destroy(struct bench *b);

/** Sets up stream table, command and event queue, and enables all. */
void bench_enable(struct bench *b);

/** Both: one that is enabled. */
void bench_start(struct bench *b, const struct smmuv3_config *config);

u64 bench_read(struct bench *b, u32 offset);
void bench_write(struct bench *b, u32 offset, u64 value);

/** A new zeroed page for tables, host-physical or in guest memory. */
u64 bench_page(struct bench *b);
u64 bench_guest_page(struct bench *b);

/** New zeroed memory, host-physical, aligned to its size: a power of two of 4 KiB or more. */
u64 bench_block(struct bench *b, u64 size);

/** Sets a field by its name. */
void bench_set(u64 *entry, const char *format, const char *field, u64 value);

/** The value of a field by its name. */
u64 bench_get(const u64 *entry, const char *format, const char *field);

void bench_put(struct bench *b, u64 address, const u64 *entry, size_t qwords);
void bench_put_ste(struct bench *b, u32 stream, const u64 *ste);

/** Maps input to output with a leaf at a level (4-KiB granule: 3 4 KiB, 2 2 MiB, 1 1 GiB), making tables. */
void bench_map(struct bench *b, const struct table *table, u64 input, u64 leaf, unsigned int level);

/** Host-physical address of the descriptor that bench_map() wrote last for input at that level. */
u64 bench_descriptor(struct bench *b, const struct table *table, u64 input, unsigned int level);

/** An STE for stage 2 with 40-bit IPAs starting at level 1, or for stage 1 with 2^cd_bits CDs. */
void bench_ste_stage2(u64 *ste, const struct table *stage2, u64 vmid);
void bench_ste_stage1(u64 *ste, u64 context_ptr, u64 cd_bits);

/** A CD with 39-bit addresses through TTB0. */
void bench_cd(u64 *cd, const struct table *stage1, u64 asid);

/** Queues a command and consumes it. */
void bench_command(struct bench *b, u64 first, u64 second);
void bench_sync(struct bench *b);

/** Invalidation by name. */
void bench_cfgi_ste(struct bench *b, u32 stream);
void bench_cfgi_cd(struct bench *b, u32 stream, u32 substream);
void bench_tlbi_all(struct bench *b);

/** Takes the oldest event from the queue; false if there is none. */
bool bench_event(struct bench *b, u64 *event);

/** An ATS translation request (no_write: NW) and a translated request of a stream. */
struct translation_result bench_ask(struct bench *b, u32 stream, u32 pasid, u64 address,
				    bool no_write);
struct translation_result bench_translated(struct bench *b, u32 stream, u64 address,
					   enum access access);

struct translation_result bench_translate(struct bench *b, u32 stream, u32 pasid, u64 address,
					  enum access access);

/** A counter by its name; ~0 if there is none of that name. */
u64 bench_counter(struct bench *b, const char *name);

/* Complete streams. */
#define STREAM 0x21
#define VMID 7
#define ASID 5

/** STREAM with stage 2 only; returns its table. */
struct table bench_stage2_stream(struct bench *b);

/** STREAM with stage 1 only and one CD; returns its table. */
struct table bench_stage1_stream(struct bench *b);

/** What a nested stream consists of. */
struct nested {
	struct table stage1, stage2;
	u64 cd; /* IPA of the CD table */
};

/** STREAM nested, with 2^cd_bits CDs of which CD 0 is valid; guest tables are mapped by stage 2. */
struct nested bench_nested_stream(struct bench *b, u64 cd_bits);

#endif
