/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of a VT-d unit: what its files share. Each group of declarations names the file that
 * implements it.
 */
#ifndef MODELS_VTD_UNIT_H
#define MODELS_VTD_UNIT_H

#include "../ats.h"
#include "../cache.h"
#include "../pri.h"
#include "entries.h"
#include "vtd-fault.h"
#include "vtd-format.h"
#include "vtd.h"

#define VTD_MAX_LEVELS 5

/*
 * Times that a request is taken through again because an invalidation overlapped its walk, or an
 * entry changed under it. Software that goes on for longer than this gets what there is.
 */
#define VTD_TRIES 16

/** Register offsets, in bytes. */
enum vtd_register_offset {
	VTD_VER = 0x00,
	VTD_CAP = 0x08,
	VTD_ECAP = 0x10,
	VTD_GCMD = 0x18,
	VTD_GSTS = 0x1c,
	VTD_RTADDR = 0x20,
	VTD_CCMD = 0x28,
	VTD_FSTS = 0x34,
	VTD_FECTL = 0x38,
	VTD_FEDATA = 0x3c,
	VTD_FEADDR = 0x40,
	VTD_FEUADDR = 0x44,
	VTD_PMEN = 0x64,
	VTD_PLMBASE = 0x68,
	VTD_PLMLIMIT = 0x6c,
	VTD_PHMBASE = 0x70,
	VTD_PHMLIMIT = 0x78,
	VTD_IQH = 0x80,
	VTD_IQT = 0x88,
	VTD_IQA = 0x90,
	VTD_ICS = 0x9c,
	VTD_IECTL = 0xa0,
	VTD_IQERCD = 0xb0,
	VTD_IRTA = 0xb8,
	VTD_PQH = 0xc0,
	VTD_PQT = 0xc8,
	VTD_PQA = 0xd0,
	VTD_PRS = 0xdc,
	VTD_PECTL = 0xe0,
	VTD_VCMD = 0xe00,
	VTD_VCRSP = 0xe10,
	VTD_VCCAP = 0xe30,
};

/** RTADDR.TTM */
enum vtd_table_mode { VTD_TTM_LEGACY = 0, VTD_TTM_SCALABLE = 1, VTD_TTM_ABORT = 3 };

/** PASID entry PGTT; legacy context entries are second-stage or pass-through. */
enum vtd_pgtt {
	VTD_PGTT_FIRST_STAGE = 1,
	VTD_PGTT_SECOND_STAGE = 2,
	VTD_PGTT_NESTED = 3,
	VTD_PGTT_PASS_THROUGH = 4,
};

/** IQERCD.IQEI: why the invalidation queue stopped. */
enum vtd_queue_error {
	VTD_QUEUE_OK = 0,
	VTD_QUEUE_TAIL_INVALID = 1,
	VTD_QUEUE_FETCH_FAILED = 2,
	VTD_QUEUE_TYPE_INVALID = 3,
	VTD_QUEUE_RESERVED = 4,
	VTD_QUEUE_WIDTH_INVALID = 5,
	VTD_QUEUE_TAIL_MISALIGNED = 6,
	VTD_QUEUE_TTM_INVALID = 7,
};

/**
 * No fault of the specification: an entry changed between reading and marking it; walk again. If it never
 * settles, the request ends by vtd_walk.unsettled.
 */
#define VTD_WALK_AGAIN ((enum vtd_fault)0x100)

/** No fault of the specification either: aborted, without a record, as a protected region was aimed at. */
#define VTD_BLOCKED ((enum vtd_fault)0x101)

/** Flags of a struct vtd_space. */
enum vtd_space_flag {
	VTD_SPACE_LEGACY = 1 << 0,
	VTD_SPACE_FPD = 1 << 1,
	VTD_SPACE_SRE = 1 << 2,
	VTD_SPACE_ERE = 1 << 3,
	VTD_SPACE_WPE = 1 << 4,
	VTD_SPACE_NXE = 1 << 5,
	VTD_SPACE_SMEP = 1 << 6,
	VTD_SPACE_EAFE = 1 << 7,
	VTD_SPACE_SSEE = 1 << 8,
	VTD_SPACE_SSADE = 1 << 9,
	VTD_SPACE_DEVICE_TLB = 1 << 10, /* legacy: TT 1; of a scalable context entry, see there */
	VTD_SPACE_PGSNP = 1 << 11,
	VTD_SPACE_PWSNP = 1 << 12, /* atomic updates of paging entries reach memory */
};

/**
 * The address space that a request names: a PASID entry or a legacy context entry, checked and
 * taken apart. What the PASID cache (and in legacy mode the context cache) holds.
 */
struct vtd_space {
	u64 first_stage_table; /* FSPTPTR: guest-physical when nested */
	u64 second_stage_table; /* SSPTPTR */
	u64 tag; /* tag space of IOTLB entries, but for the page size: see vtd_tag_space() */
	u32 pasid;
	u16 domain_id;
	u16 flags; /* enum vtd_space_flag */
	u8 pgtt; /* enum vtd_pgtt */
	u8 first_levels; /* 4 or 5 */
	u8 second_levels; /* 3, 4 or 5 */
	u8 second_bits; /* input width of the second stage: the smaller of AW and MGAW */
	u16 fault; /* enum vtd_fault: in caching mode, what a faulty entry came to; all else is void */
};

/** A scalable-mode context entry, checked and taken apart. */
struct vtd_scalable_context {
	u64 directory; /* PASIDDIRPTR */
	u32 pasid_limit; /* PASIDs below this are in the directory */
	u32 rid_pasid;
	bool fpd, pasid_enable, rid_privileged;
	bool device_tlb; /* DTE */
	bool page_requests; /* PRE */
	u16 fault; /* as of a struct vtd_space */
};

/** What the context cache holds; which one, its tag says. */
union vtd_context_entry {
	struct vtd_space legacy;
	struct vtd_scalable_context scalable;
};

/** Rights of both stages as an IOTLB entry keeps them; a stage that is absent allows all. */
enum vtd_right {
	VTD_FIRST_WRITE = 1 << 0,
	VTD_FIRST_USER = 1 << 1,
	VTD_FIRST_EXECUTE = 1 << 2,
	VTD_FIRST_DIRTY = 1 << 3, /* a write need not set D any more */
	VTD_SECOND_READ = 1 << 4,
	VTD_SECOND_WRITE = 1 << 5,
	VTD_SECOND_EXECUTE = 1 << 6,
	VTD_SECOND_DIRTY = 1 << 7,
	VTD_SECOND_SNOOP = 1 << 8, /* no right, but told in translation completions: SNP */
	VTD_NEGATIVE = 1 << 9, /* nothing is granted: there is a fault instead of a page */
	VTD_FIRST_KNOWN = 1 << 10, /* of a negative entry: the first stage is judged before */
	VTD_FIRST_ALL = 0x0f,
	VTD_SECOND_ALL = 0xf0,
};

/** A page of the IOTLB. Found by input page number and tag space. */
struct vtd_iotlb_entry {
	u64 page; /* host-physical address of its first byte; VTD_NEGATIVE: the fault, in those bits */
	u64 rights; /* enum vtd_right */
};

/** A paging-structure cache entry of the first stage: where the next table lies. */
struct vtd_first_stage_cached {
	u64 table; /* as in the entry: guest-physical when nested */
	u64 host; /* where that is */
	u64 rights; /* VTD_FIRST_* of all levels so far, VTD_SECOND_* of the page with the table */
};

/**
 * A paging-structure cache entry of the second stage. The many second-stage walks inside one nested
 * walk do not profit from each other: what a walk found can be used when that walk is over.
 */
struct vtd_second_stage_cached {
	u64 table;
	u64 walk; /* number of the walk that filled it */
	u64 rights; /* R, W and X as in the paging entry, of all levels so far */
};

/* Address bits below what protected regions are aligned to: see protected-memory.c. */
#define VTD_PROTECTED_BELOW 0x1fffffULL

/** IOTLB page sizes: the code in a tag, and the bit in iotlb_sizes. */
enum vtd_page_size { VTD_PAGE_4K, VTD_PAGE_2M, VTD_PAGE_1G, VTD_PAGE_SIZES };

static inline unsigned int vtd_page_shift(enum vtd_page_size size)
{
	return 12 + 9 * (unsigned int)size;
}

/** A present interrupt remapping entry, found good: what the interrupt entry cache holds by index. */
struct vtd_interrupt_entry {
	u64 irte[2];
};

/* Tag spaces: domain id 15:0, PASID 35:16, PGTT 38:36, page size 40:39. */
#define VTD_TAG_DOMAIN(space) ((u16)(space))
#define VTD_TAG_PASID(space) ((u32)((space) >> 16) & 0xfffff)
#define VTD_TAG_PGTT(space) ((unsigned int)((space) >> 36) & 7)
#define VTD_TAG_SIZE(space) ((enum vtd_page_size)(((space) >> 39) & 3))

/** The tag space of a domain, PASID (0 for second-stage entries) and PGTT. */
static inline u64 vtd_tag_space(u16 domain_id, u32 pasid, enum vtd_pgtt pgtt)
{
	return domain_id | (u64)pasid << 16 | (u64)pgtt << 36;
}

static inline u64 vtd_tag_with_size(u64 space, enum vtd_page_size size)
{
	return space | (u64)size << 39;
}

/** What capabilities leave reserved in each kind of entry, and other limits drawn from them. */
struct vtd_limits {
	u64 beyond_host; /* address bits above the host address width */
	u64 root[2];
	u64 scalable_root[2][2]; /* [of the upper half] */
	u64 legacy_context[2];
	u64 pass_through_context[2]; /* legacy, TT 2 */
	u64 context[4];
	u64 pasid_directory;
	u64 pasid_entry[8];
	u64 first_stage[VTD_MAX_LEVELS + 1][2]; /* [level][is leaf] */
	u64 second_stage[VTD_MAX_LEVELS + 1][2];
	unsigned int pasid_bits;
	u16 domain_ids; /* mask of the bits that a domain id has */
};

/** An invalidation of a device TLB that has not been answered yet. */
struct vtd_outstanding {
	bool pending; /* no completion has come for it */
	bool carried; /* post_device_tlb's message has not ended */
	u16 source_id;
	u16 counted_for; /* the function whose queue it takes a place of: itself, or its physical one */
};

#define VTD_WRITE_BUFFER_LINES 32

/** What a unit with CAP.RWBF saw of memory, and goes on seeing until the write buffers are flushed. */
struct vtd_write_buffer {
	u64 flushes;
	unsigned int used; /* lines in use; when all are, the oldest makes room */
	unsigned int next;
	struct {
		u64 address;
		size_t len; /* bytes */
		u64 data[8];
	} lines[VTD_WRITE_BUFFER_LINES];
};

/** Counters besides those of the caches. */
struct vtd_counters {
	u64 translations;
	u64 walks; /* IOTLB misses that went to tables */
	u64 table_reads;
	u64 table_writes;
	u64 faults;
	u64 fault_records;
	u64 fault_overflows;
	u64 descriptors;
	u64 invalidations;
	u64 interrupts;
	u64 software_errors;
	u64 translation_requests; /* of device TLBs */
	u64 translated_requests;
	u64 device_tlb_invalidations;
	u64 device_tlb_timeouts;
	u64 page_requests; /* that arrived */
	u64 page_requests_posted; /* written to the queue */
	u64 page_requests_dropped; /* for want of room in the queue */
	u64 page_group_responses; /* by software */
	u64 automatic_responses; /* by the unit itself */
	u64 blocked; /* by protected regions */
	u64 completion_errors;
	u64 interrupt_requests; /* of devices */
	u64 interrupts_posted; /* into memory, whether or not a notification followed */
};

struct vtd_unit {
	/* read by every translation */
	struct port port;
	bool translating; /* GSTS.TES */
	u8 table_mode; /* enum vtd_table_mode as latched by SRTP */
	u8 iotlb_sizes; /* bit n: the IOTLB may hold pages of enum vtd_page_size n */
	unsigned int paging_latency; /* cycles of the paging-structure cache lookups of a walk */
	unsigned int descriptor_latency; /* cycles of each descriptor of the queue */
	u64 root_table; /* latched by SRTP */
	u64 epoch; /* grows with every invalidation, whatever it names */
	u64 walk_number; /* of the latest walk */
	u64 cap, ecap;
	struct cache context_cache;
	struct cache pasid_cache;
	struct cache iotlb;
	struct cache first_stage_cache[VTD_MAX_LEVELS + 1]; /* [level 2..5] */
	struct cache second_stage_cache[VTD_MAX_LEVELS + 1];
	struct vtd_limits limits;
	struct vtd_counters counters;
	/* port, or with CAP.RWBF the write buffer before it: for reads of tables */
	struct port tables;

	/* interrupt remapping */
	bool remapping; /* GSTS.IRES */
	bool compatibility; /* GSTS.CFIS: compatibility-format interrupts pass */
	bool extended_interrupts; /* IRTA.EIME as latched by SIRTP: 32-bit destinations */
	u64 interrupt_table; /* latched by SIRTP */
	u32 interrupt_entries; /* of that table */
	struct cache interrupt_cache;

	unsigned int host_address_width;
	unsigned int errata; /* enum vtd_erratum */
	u64 registers[VTD_MMIO_SIZE / 8];
	u8 register_row[VTD_MMIO_SIZE / 4]; /* of each 32 bits: index into the table + 1; 0: none */
	unsigned int fault_records; /* number of FRCD registers */
	unsigned int fault_offset; /* of the first one, bytes */
	unsigned int fault_index; /* the next to be used */
	unsigned int iotlb_offset; /* of IVA, bytes */
	struct port_ops buffered_ops; /* of tables, with CAP.RWBF */
	struct vtd_write_buffer write_buffer;
	bool protecting; /* PMEN.PRS */
	u64 queue_enables; /* how often QIE was written: a queue that was enabled anew is another one */
	bool queue_running; /* the queue is being worked at further down the stack */
	bool device_timed_out; /* since the queue began to run: wait descriptors are aborted */
	unsigned int
		page_requests_under_way; /* descriptors that are being written to the page request queue */
	u64 page_request_next; /* byte offset of the one after them */
	struct vtd_outstanding outstanding[ATS_TAGS]; /* by tag */
	unsigned int outstanding_count; /* pending */
};

/** One request on its way through the unit. */
struct vtd_walk {
	struct vtd_unit *unit;
	const struct translation_request *request;
	struct translation_request *lowered; /* request, where it may become a read; else NULL */
	struct vtd_space space; /* a copy: cache entries may go at any port call */
	u64 epoch; /* of the unit when the walk began */
	u64 number; /* of this walk, unique in the unit */
	enum vtd_fault unsettled; /* with VTD_WALK_AGAIN: what it comes to after too many times */
	unsigned int reads;
	bool observed;
	bool execute; /* asked for; of requests with PASID alone (section 9.4, RID_PASID) */
	bool fpd; /* of all entries reached so far */
	bool privileged;
};

/** Where a walk ended. */
struct vtd_page {
	u64 address; /* host-physical, of the byte asked for */
	u64 rights; /* enum vtd_right */
	unsigned int shift; /* log2 of the page size: the smaller of both stages */
	bool denied; /* it is there, but the second stage does not grant the access */
};

/* registers.c */
bool vtd_registers_init(struct vtd_unit *unit);
u32 vtd_register32(const struct vtd_unit *unit, unsigned int offset);
void vtd_register32_set(struct vtd_unit *unit, unsigned int offset, u32 value);

static inline u64 vtd_register64(const struct vtd_unit *unit, unsigned int offset)
{
	return unit->registers[offset / 8];
}

static inline void vtd_register64_set(struct vtd_unit *unit, unsigned int offset, u64 value)
{
	unit->registers[offset / 8] = value;
}

/* command.c: what writes of GCMD, CCMD, VCMD and the IOTLB registers do */
void vtd_global_command(struct vtd_unit *unit, u32 command);
void vtd_context_command(struct vtd_unit *unit);
void vtd_iotlb_command(struct vtd_unit *unit);
void vtd_virtual_command(struct vtd_unit *unit);

/* limits.c */
void vtd_limits_init(struct vtd_limits *limits, const struct vtd_config *config);

/* fault.c */
/** Records a fault if there is room, and raises the fault event if nothing was pending. */
void vtd_fault_record(struct vtd_unit *unit, const struct translation_request *request,
		      enum vtd_fault fault, bool privileged);
/** Sets bits of FSTS (not PPF) and raises the fault event if nothing was pending. */
void vtd_fault_status_raise(struct vtd_unit *unit, u32 bits);
/** To be called after software changed FSTS, FRCD or FECTL. */
void vtd_fault_status_changed(struct vtd_unit *unit);
/** Sends the interrupt of FECTL or IECTL (the registers that follow), or holds it in IP. */
void vtd_event_raise(struct vtd_unit *unit, unsigned int control_offset);
/** To be called after software changed IM: sends what IP held back. */
void vtd_event_unmasked(struct vtd_unit *unit, unsigned int control_offset);

/* queue.c */
void vtd_queue_enable(struct vtd_unit *unit, bool enable);
/** To be called when there may be work on the queue: does it, unless the port says it comes later. */
void vtd_queue_wake(struct vtd_unit *unit);

/* invalidate.c: each starts a new epoch */

/** What of the context cache goes. */
struct vtd_context_invalidation {
	unsigned int granularity; /* 1 global, 2 domain, 3 device */
	u16 domain_id, source_id;
	unsigned int function_mask; /* FM: 0..3 */
};

/** What of the IOTLB and the paging-structure caches goes. */
struct vtd_iotlb_invalidation {
	unsigned int granularity; /* 1 global, 2 domain, 3 page; by PASID: 2 all, 3 page */
	u16 domain_id;
	u32 pasid;
	u64 address;
	unsigned int address_mask; /* AM: 2^AM pages of 4 KiB */
	bool leaf_only; /* IH */
};

/** What of the PASID cache goes. */
struct vtd_pasid_invalidation {
	unsigned int granularity; /* 0 domain, 1 PASID, 3 global */
	u16 domain_id;
	u32 pasid;
};

/** What of the interrupt entry cache goes: all, or 2^index_mask entries, aligned, with that index. */
struct vtd_interrupt_invalidation {
	bool by_index;
	u32 index;
	unsigned int index_mask;
};

void vtd_invalidate_context(struct vtd_unit *unit, const struct vtd_context_invalidation *what);
void vtd_invalidate_iotlb(struct vtd_unit *unit, const struct vtd_iotlb_invalidation *what);
void vtd_invalidate_pasid_iotlb(struct vtd_unit *unit, const struct vtd_iotlb_invalidation *what);
void vtd_invalidate_pasid_cache(struct vtd_unit *unit, const struct vtd_pasid_invalidation *what);
void vtd_invalidate_interrupts(struct vtd_unit *unit,
			       const struct vtd_interrupt_invalidation *what);
/** All that remaps DMA. */
void vtd_invalidate_all(struct vtd_unit *unit);
/** A domain id as an invalidation names it: bits that the unit does not have are ignored. */
u16 vtd_domain_id(struct vtd_unit *unit, u64 did);
/** Waits for what is under way, as far as the unit can drain what an invalidation asks for. */
void vtd_drain(struct vtd_unit *unit, bool reads, bool writes);
/** Bits of a function number that FM, or SQ, leaves out: 0 none, 1 bit 2, 2 bits 2:1, 3 bits 2:0. */
u16 vtd_function_mask(unsigned int fm);

/* interrupt.c */
/** True in 0xfee00000 to 0xfeefffff (section 3.14). */
bool vtd_in_interrupt_range(u64 address);
/** What becomes of a request without PASID to the interrupt range. Arguments as of vtd_translate(). */
void vtd_interrupt_request(struct vtd_unit *unit, const struct translation_request *request,
			   struct translation_result *result);
/** The fault of an access that reaches the interrupt range and is no interrupt request. */
enum vtd_fault vtd_interrupt_range_fault(const struct vtd_unit *unit);
/** GCMD.SIRTP: IRTA takes effect. */
void vtd_interrupt_set_table(struct vtd_unit *unit);
/** GCMD.IRE */
void vtd_interrupt_enable(struct vtd_unit *unit, bool on);

/* ats.c */
/** Answers a translation request, or checks a translated one. Arguments as of vtd_translate(). */
void vtd_ats_request(struct vtd_unit *unit, const struct translation_request *request,
		     struct translation_result *result);
/** Device-TLB invalidate descriptors. */
enum vtd_queue_error vtd_invalidate_device_tlb(struct vtd_unit *unit, const u64 *descriptor);
enum vtd_queue_error vtd_invalidate_pasid_device_tlb(struct vtd_unit *unit, const u64 *descriptor);
/** Returns when all invalidations of device TLBs that went out have been answered, or have timed out. */
void vtd_device_tlb_settle(struct vtd_unit *unit);

/* page-request.c */
/** To be called after software cleared bits of PRS. */
void vtd_page_request_status_changed(struct vtd_unit *unit);
void vtd_page_request_offset_written(struct vtd_unit *unit, unsigned int offset_register);
/** The page group response descriptor. */
enum vtd_queue_error vtd_page_group_response(struct vtd_unit *unit, const u64 *descriptor);

/* translate.c */
/** A function asks for the translation of an address that stands for interrupts (Table 30, S.1 and S.2). */
bool vtd_asks_for_interrupt(const struct translation_request *request);
/** Whether a request is decided by the context entry: translated ones are, and those just above. */
bool vtd_by_context_alone(const struct translation_request *request);
/**
 * Finds the page of a request by caches and tables; with ADDRESS_TRANSLATED, whether it may pass; with
 * ADDRESS_PAGE_REQUEST, its space alone.
 */
enum vtd_fault vtd_find_page(struct vtd_walk *walk, struct vtd_page *page);
/** Puts a page, or a negative one, into the IOTLB if the walk may fill. */
void vtd_fill_iotlb(struct vtd_walk *walk, const struct vtd_page *page);
/** Counts a fault, records it unless FPD says not to, and tells it in *result; or VTD_BLOCKED. */
void vtd_refuse(struct vtd_walk *walk, struct translation_result *result, enum vtd_fault fault);

/* caching-mode.c: what CAP.CM adds to the caches */
/** True if caches keep this fault: it comes from what an entry holds, and the unit is in caching mode. */
bool vtd_keeps_fault(const struct vtd_unit *unit, enum vtd_fault fault);
/** Puts what a walk's fault leaves to be kept into the IOTLB. */
void vtd_keep_page_fault(struct vtd_walk *walk, const struct vtd_page *page, enum vtd_fault fault);

/* protected-memory.c */
/** To be called after software wrote PMEN. */
void vtd_protection_changed(struct vtd_unit *unit);
/** True if the host-physical address lies in a region that is protected now. */
bool vtd_protected(const struct vtd_unit *unit, u64 address);

/* write-buffer.c: CAP.RWBF (section 6.8) */
void vtd_write_buffer_init(struct vtd_unit *unit);
/** From now on, tables are read as memory has them. */
void vtd_write_buffer_flush(struct vtd_unit *unit);

/* context.c */
/**
 * Finds walk->space by root, context, PASID directory and PASID entry, or the caches of these. For
 * requests that vtd_by_context_alone() tells, no more is looked at than the context entry.
 */
enum vtd_fault vtd_find_space(struct vtd_walk *walk);

/* first-stage.c, second-stage.c */

/** A second-stage walk: where it ended, and the leaf entry in case D is to be set there later. */
struct vtd_second_stage {
	u64 address; /* host-physical, of the byte asked for */
	u64 rights; /* VTD_SECOND_* of all levels */
	unsigned int shift;
	int level; /* of the leaf entry */
	u64 leaf_address; /* where it lies */
	u64 leaf;
};

/** Walks both stages, or the first only; checks rights; sets A, D and EA. */
enum vtd_fault vtd_first_stage_walk(struct vtd_walk *walk, struct vtd_page *page);
/** Walks the second stage. No rights are checked but that some are there (else 0x79). */
enum vtd_fault vtd_second_stage_walk(struct vtd_walk *walk, gpa_t input,
				     struct vtd_second_stage *out);
/** Sets D in the leaf of a second-stage walk if SSADE asks for it. */
enum vtd_fault vtd_second_stage_set_dirty(struct vtd_walk *walk, struct vtd_second_stage *out);

/** True for a request to execute: one without PASID is a read, whatever it says (PCI Express 6.20.2.4). */
static inline bool vtd_executes(const struct vtd_walk *walk)
{
	return walk->request->access == ACCESS_EXECUTE && walk->request->has_pasid;
}

/* rights.c */
/** What the rights grant to a request: ORed enum access. */
unsigned int vtd_granted(const struct vtd_walk *walk, u64 rights);
/**
 * Why the first or second stage refuses a request; VTD_FAULT_NONE if it does not. What is asked for a
 * write and may be lowered becomes a read instead.
 */
enum vtd_fault vtd_first_stage_denies(const struct vtd_walk *walk, u64 rights);
enum vtd_fault vtd_second_stage_denies(const struct vtd_walk *walk, u64 rights);

/** A table entry to be read or written: where, and for observers what. */
struct vtd_table_access {
	const char *what;
	u64 address;
	u64 gpa;
	bool via_gpa;
	int level;
	/* bits that the entry must not have if it is present, for vtd_show_read(); or NULL */
	const u64 *reserved;
	/* of paging entries, for vtd_update_table(): */
	u64 marks; /* the bits that walks set: another one may have been faster */
	enum vtd_fault no_snoop; /* the reason where walks do not snoop */
	enum vtd_fault refused; /* the reason if memory does not take them */
};

/* observe.c: what an observer is shown; each is a no-op when nobody looks */
void vtd_show_read(const struct vtd_walk *walk, const struct vtd_table_access *access,
		   const u64 *entry, size_t len, enum port_status status);
void vtd_show_write(const struct vtd_walk *walk, const struct vtd_table_access *access, u64 entry);
void vtd_show_cache(struct vtd_unit *unit, enum port_event_kind kind, const char *what, u64 input);
void vtd_show_fill(struct vtd_unit *unit, const char *what, u64 input, u64 output, u64 page_size);
void vtd_show_stage(const struct vtd_walk *walk, const char *what, u64 input, u64 output,
		    unsigned int shift);
void vtd_show_result(struct vtd_unit *unit, const struct translation_request *request,
		     const struct translation_result *result);
void vtd_show_completion(const struct vtd_walk *walk, const struct translation_result *result,
			 enum vtd_fault fault);
void vtd_show_page_request(struct vtd_unit *unit, const struct page_request *request,
			   const char *what);
void vtd_show_page_response(struct vtd_unit *unit, const struct page_group_response *response,
			    const char *what);
void vtd_show_invalidation(struct vtd_unit *unit, const struct format *format, const u64 *entry);
void vtd_software_error(struct vtd_unit *unit, const char *what, u64 input, const char *detail);

/** Names of paging entries and caches by stage and level (1..5). */
const char *vtd_first_stage_name(int level);
const char *vtd_second_stage_name(int level);
const char *vtd_first_stage_cache_name(int level);
const char *vtd_second_stage_cache_name(int level);

/** Reads a table entry of len bytes and counts it; vtd_show_read() it if walk->observed. */
static inline enum port_status vtd_read_table(struct vtd_walk *walk, u64 address, u64 *entry,
					      size_t len)
{
	walk->reads++;
	return port_read(&walk->unit->tables, hpa(address), entry, len);
}

/**
 * translate.c: sets marks of an entry that was read as *entry; *entry is then what memory holds. Returns
 * VTD_WALK_AGAIN if the entry is no longer what it was but for marks that others set, or access->refused if
 * the update is impossible.
 */
enum vtd_fault vtd_update_table(struct vtd_walk *walk, const struct vtd_table_access *access,
				u64 *entry, u64 bits);

/** True if what a walk has read may go into caches: no invalidation since it began. */
static inline bool vtd_may_fill(const struct vtd_walk *walk)
{
	return walk->epoch == walk->unit->epoch;
}

#endif
