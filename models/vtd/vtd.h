/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One VT-d remapping unit as the world sees it: registers by MMIO, DMA requests
 * to translate, a port to memory. Everything else of models/vtd/ is private to it,
 * but for the tables that describe registers, entries and faults (format.h, fault.h).
 */
#ifndef MODELS_VTD_VTD_H
#define MODELS_VTD_VTD_H

#include "../cache_geometry.h"
#include "../port.h"
#include "../pri.h"
#include "../translation.h"
#include "vtd-errata.h"
#include "vtd-fault.h"

struct vtd_unit;

/** Bytes of a unit's register window. */
#define VTD_MMIO_SIZE 0x1000

/** What a unit is built as. Field values as in the registers of the same name. */
struct vtd_config {
	u32 version; /* VER: major 7:4, minor 3:0 */
	u64 cap; /* CAP */
	u64 ecap; /* ECAP */
	u64 vccap; /* VCCAP, if ECAP.VCS */
	unsigned int host_address_width; /* bits, 32..52 */
	struct cache_geometry context_cache;
	struct cache_geometry pasid_cache;
	struct cache_geometry iotlb;
	struct cache_geometry first_stage_pwc; /* one such cache for each non-leaf level */
	struct cache_geometry second_stage_pwc;
	struct cache_geometry interrupt_cache;
	unsigned int
		descriptor_latency; /* cycles that an invalidation descriptor takes, besides memory */
	unsigned int errata; /* ORed enum vtd_erratum; 0: the unit does as the specification says */
};

/** Fills *config with default caches (a guess, see there) for given CAP and ECAP; version 6:0, 46 bits. */
void vtd_config_init(struct vtd_config *config, u64 cap, u64 ecap);

/**
 * Creates a unit in reset state: registers at their reset values, translation off.
 * Returns NULL when the host has no memory, a geometry or width is impossible, or CAP.FRO and
 * ECAP.IRO put registers on top of others. The port is copied.
 */
struct vtd_unit *vtd_create(const struct vtd_config *config, const struct port *port);

/** Frees a unit. NULL is allowed. */
void vtd_destroy(struct vtd_unit *unit);

/**
 * Reads a register. offset in bytes below VTD_MMIO_SIZE, size 4 or 8 and offset aligned to it;
 * anything else is a software error (reported to the observer) and reads as zero.
 */
u64 vtd_mmio_read(struct vtd_unit *unit, u32 offset, unsigned int size);

/** Writes a register; same rules; a wrong access is reported and ignored. Commands act at once. */
void vtd_mmio_write(struct vtd_unit *unit, u32 offset, unsigned int size, u64 value);

/**
 * Works off the invalidation queue as far as it goes: for ports whose queue_work said that it would be
 * called for. Returns at once where the queue is off, stopped, empty or being worked at.
 */
void vtd_queue_run(struct vtd_unit *unit);

/**
 * An invalidation that port_ops.post_device_tlb took has ended: the function has answered, or did not in time.
 * tag: as in the invalidation.
 */
void vtd_device_tlb_answered(struct vtd_unit *unit, unsigned int tag, bool answered);

/**
 * An Invalidate Completion arrives of itself: the request of that function with that tag (0..31) is done. Where
 * none is outstanding, that is an invalidation completion error: FSTS.ICE, and IQERCD.ICESID.
 */
void vtd_device_tlb_completion(struct vtd_unit *unit, u16 source_id, unsigned int tag);

/** Descriptors between head and tail of the invalidation queue; 0 while it is disabled. */
u64 vtd_queue_length(const struct vtd_unit *unit);

/**
 * Translates one request (never crossing a 4-KiB page), answers a translation request with what ats.h
 * tells of, or checks whether a translated one may pass. A fault is recorded in the unit's registers as
 * the specification says, and told in result->fault (enum vtd_fault). With translation off, requests pass
 * through untranslated, and translation requests are unsupported. A write of 4 bytes without PASID to
 * 0xfeexxxxx is an interrupt request: the result is then the message to send, remapped where that is on.
 */
void vtd_translate(struct vtd_unit *unit, const struct translation_request *request,
		   struct translation_result *result);

/**
 * A Page Request Message arrives (section 7.4): goes into the page request queue, with the event interrupt, or is
 * dropped and, where a response is due, answered through the port. Only scalable mode takes page requests, where the
 * context entry's PRE allows it. Returns when the message has been dealt with.
 */
void vtd_page_request(struct vtd_unit *unit, const struct page_request *request);

/**
 * Records a fault of a request that was refused elsewhere, as if the unit had met it: for the owner of a
 * virtual unit, whose requests a unit of the host translates. fault: not VTD_FAULT_NONE.
 */
void vtd_report_fault(struct vtd_unit *unit, const struct translation_request *request,
		      enum vtd_fault fault);

/** Drops all cached state without touching registers or tables: as if each cache had been evicted. */
void vtd_evict_all(struct vtd_unit *unit);

/** Visits all counters: <cache>_lookup, _hit, _fill, _evict, _invalidate, iommu_requests, iommu_mrds, faults, ... */
void vtd_visit_counters(const struct vtd_unit *unit, counter_visitor visit, void *arg);

#endif
