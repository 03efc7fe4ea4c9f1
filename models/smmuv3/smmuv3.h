/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One Arm SMMUv3 as the world sees it: the other stage-1 format. Linear and two-level stream and CD
 * tables, stage 1, stage 2 and nested with all granules, ATS, command queue and event queue.
 */
#ifndef MODELS_SMMUV3_SMMUV3_H
#define MODELS_SMMUV3_SMMUV3_H

#include "../cache_geometry.h"
#include "../port.h"
#include "../translation.h"

struct smmuv3;

/** Bytes of the register window (pages 0 and 1). */
#define SMMUV3_MMIO_SIZE 0x20000

/** Granules of translation tables, ORed in struct smmuv3_config. */
enum smmuv3_granule {
	SMMUV3_GRANULE_4K = 1 << 0,
	SMMUV3_GRANULE_16K = 1 << 1,
	SMMUV3_GRANULE_64K = 1 << 2,
};

/** What an SMMU is built as. */
struct smmuv3_config {
	bool stage1; /* IDR0.S1P */
	bool stage2; /* IDR0.S2P */
	bool two_level_stream; /* IDR0.ST_LEVEL: two-level stream tables, beside linear ones */
	bool two_level_cd; /* IDR0.CD2L: two-level CD tables, beside linear ones */
	unsigned int substream_bits; /* IDR1.SSIDSIZE, 0..20; 0: no PASIDs */
	unsigned int stream_bits; /* IDR1.SIDSIZE, 0..32 */
	unsigned int address_bits; /* IDR5.OAS in bits: 32, 36, 40, 42, 44, 48 or 52 */
	unsigned int granules; /* IDR5.GRAN4K, GRAN16K, GRAN64K: ORed enum smmuv3_granule, not 0 */
	bool asid16; /* IDR0.ASID16: 16-bit ASIDs, else 8 */
	bool vmid16; /* IDR0.VMID16: 16-bit VMIDs, else 8 */
	bool ats; /* IDR0.ATS */
	bool split_stage_ats; /* IDR0.NS1ATS 0: STE.EATS 2 where both stages translate */
	struct cache_geometry tlb;
	struct cache_geometry config_cache; /* STEs and CDs */
	unsigned int command_latency; /* cycles that a command takes, besides memory */
};

/**
 * Defaults: both stages, two-level tables, 20 substream, 16 stream and 48 address bits, all granules,
 * ASID16, VMID16, no ATS, small caches.
 */
void smmuv3_config_init(struct smmuv3_config *config);

/**
 * Creates an SMMU in reset state (disabled: bypass). The port is copied. NULL: no host memory, or a
 * width or cache geometry that is impossible.
 */
struct smmuv3 *smmuv3_create(const struct smmuv3_config *config, const struct port *port);

/** Frees it. NULL is allowed. */
void smmuv3_destroy(struct smmuv3 *smmu);

/**
 * Reads a register (offset below SMMUV3_MMIO_SIZE, size 4 or 8, aligned). Wrong accesses read zero
 * and are reported.
 */
u64 smmuv3_mmio_read(struct smmuv3 *smmu, u32 offset, unsigned int size);

/** Writes a register; commands are consumed at once when CMDQ_PROD is written. */
void smmuv3_mmio_write(struct smmuv3 *smmu, u32 offset, unsigned int size, u64 value);

/**
 * Consumes commands as far as it goes: for ports whose queue_work said that it would be called for.
 * Returns at once where the queue is off, stopped, empty or being consumed.
 */
void smmuv3_consume_commands(struct smmuv3 *smmu);

/** Commands between CONS and PROD of the command queue; 0 while it is disabled. */
u64 smmuv3_queue_length(const struct smmuv3 *smmu);

/**
 * Translates one request; the source id is the stream id, the PASID the substream id. A fault is
 * written to the event queue if enabled, and told in result->fault (enum smmuv3_event). How a
 * translation request ends is in result->ats_status and result->completion (3.9.1.2).
 */
void smmuv3_translate(struct smmuv3 *smmu, const struct translation_request *request,
		      struct translation_result *result);

/** Drops all cached state: as if every entry had been evicted. */
void smmuv3_evict_all(struct smmuv3 *smmu);

/** Visits counters: tlb_lookup, tlb_hit, ..., transaction, trans_table_walk_access, faults. */
void smmuv3_visit_counters(const struct smmuv3 *smmu, counter_visitor visit, void *arg);

/** Event ids (SMMUv3 architecture, "Event records"). */
enum smmuv3_event {
	SMMUV3_EVENT_NONE = 0,
	SMMUV3_F_UUT = 0x01,
	SMMUV3_C_BAD_STREAMID = 0x02,
	SMMUV3_F_STE_FETCH = 0x03,
	SMMUV3_C_BAD_STE = 0x04,
	SMMUV3_F_BAD_ATS_TREQ = 0x05,
	SMMUV3_F_STREAM_DISABLED = 0x06,
	SMMUV3_F_TRANSL_FORBIDDEN = 0x07,
	SMMUV3_C_BAD_SUBSTREAMID = 0x08,
	SMMUV3_F_CD_FETCH = 0x09,
	SMMUV3_C_BAD_CD = 0x0a,
	SMMUV3_F_WALK_EABT = 0x0b,
	SMMUV3_F_TRANSLATION = 0x10,
	SMMUV3_F_ADDR_SIZE = 0x11,
	SMMUV3_F_ACCESS = 0x12,
	SMMUV3_F_PERMISSION = 0x13,
	/* not an event of the architecture: configured to abort silently (GBPA.ABORT, STE.Config 0) */
	SMMUV3_ABORTED = 0x100,
};

/** What is known of an event id. */
struct smmuv3_event_info {
	enum smmuv3_event code;
	const char *name; /* "C_BAD_CD" */
	const char *text; /* a sentence */
};

/** The row of an id, or NULL. */
const struct smmuv3_event_info *smmuv3_event_info(unsigned int code);

/** All rows in ascending order of code; *count receives the number. */
const struct smmuv3_event_info *smmuv3_events(size_t *count);

#endif
