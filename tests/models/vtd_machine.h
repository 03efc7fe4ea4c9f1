/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VT-d unit with memory for tests: programs it as software would, through MMIO and tables in
 * memory, and records interrupts and events. It judges nothing.
 */
#ifndef TESTS_MODELS_VTD_MACHINE_H
#define TESTS_MODELS_VTD_MACHINE_H

#include "ats.h"
#include "mem/memory.h"
#include "pri.h"
#include "vtd/vtd-fault.h"
#include "vtd/vtd-format.h"
#include "vtd/vtd.h"

/* Capabilities of a unit that can do all that the model knows: 57-bit stages, nesting, PASIDs. */
#define MACHINE_CAP 0x11d2078c40380e66ULL
#define MACHINE_ECAP 0x23ed9ce600f0dfULL

#define MACHINE_DEVICE 0x3a00 /* 3a:00.0, the device that machine_start() gives a context */
#define MACHINE_DOMAIN 0x55
#define MACHINE_GUEST_BASE 0x100000000ULL /* where guest-physical 0 lies in host memory */

#define KIB (1ULL << 10)
#define MIB (1ULL << 20)
#define GIB (1ULL << 30)

enum { MODE_LEGACY = 0, MODE_SCALABLE = 1 };
enum { FIRST_STAGE = 1, SECOND_STAGE = 2, NESTED = 3, PASS_THROUGH = 4 };

/* First-stage and second-stage entry bits. */
enum { FS_P = 1, FS_W = 2, FS_U = 4, FS_A = 1 << 5, FS_D = 1 << 6, FS_PS = 1 << 7 };
enum { SS_R = 1, SS_W = 2, SS_X = 4, SS_PS = 1 << 7, SS_A = 1 << 8, SS_D = 1 << 9 };
#define FS_EA (1ULL << 10)
#define FS_XD (1ULL << 63)

#define MACHINE_EVENTS 512
#define MACHINE_RESPONSES 16

struct machine {
	struct memory *memory;
	struct vtd_unit *unit;
	struct vtd_config config;
	u64 next_page; /* host-physical pages not given out yet */
	u64 next_guest_page; /* guest-physical ones */

	u64 root_table, context_table; /* of bus 3a, devices 0 to 15 in scalable mode */
	u64 directory, pasid_table; /* of MACHINE_DEVICE, PASIDs 0 to 63 */
	u64 queue;
	unsigned int queue_size; /* QS */
	bool wide; /* 256-bit descriptors */
	u64 tail;
	u64 status_address; /* that wait descriptors write to */

	u64 first_table,
		second_table; /* roots of the stages; first_table: guest-physical if nested */
	unsigned int first_levels, second_levels;
	bool guest_tables; /* first-stage tables lie in guest memory */
	u64 second_table_rights; /* of pages with first-stage tables */

	/* what the port saw */
	unsigned int reads, writes, exchanges, interrupts, drains;
	u64 interrupt_address;
	u32 interrupt_data;
	u64 cycles;
	u64 fails_at; /* reads, writes and exchanges within this page fail; 0: none */
	bool exchange_fails;

	/* called in the middle of a read of memory, once it was counted */
	void (*on_read)(struct machine *machine, hpa_t address);
	void (*on_exchange)(struct machine *machine, hpa_t address);
	void (*on_drain)(struct machine *machine);
	/* invalidations of device TLBs; NULL: there are none */
	bool (*on_invalidate)(struct machine *machine, const struct ats_invalidation *invalidation);
	/* page group responses, the first so many of them; and who gets them, or NULL */
	struct page_group_response responses[MACHINE_RESPONSES];
	unsigned int response_count;
	void (*on_response)(struct machine *machine, const struct page_group_response *response);
	/* called before a write of memory is done */
	void (*on_write)(struct machine *machine, hpa_t address);
	/* called when an interrupt has been counted */
	void (*on_interrupt)(struct machine *machine);
	/* of machines that machine_create_posting() made: they are sent, and may have been answered */
	void (*on_post)(struct machine *machine, const struct ats_invalidation *invalidation);
	void (*on_await)(struct machine *machine);
	void *arg;

	bool observe;
	struct port_event events[MACHINE_EVENTS];
	char details[MACHINE_EVENTS][256];
	unsigned int event_count;
};

/* Configuration with all capabilities, or given ones; caches on or off. */
struct vtd_config machine_config(void);
struct vtd_config machine_config_with(u64 cap, u64 ecap);
void machine_caches_off(struct vtd_config *config);
/* Caches of a few entries each, of that policy. */
void machine_caches_tiny(struct vtd_config *config, enum cache_policy policy);

/* A machine whose unit is still in reset state. Events are recorded if observe. */
struct machine *machine_create(const struct vtd_config *config, bool observe);
/* The same, but invalidations of device TLBs are answered later. */
struct machine *machine_create_posting(const struct vtd_config *config);
void machine_destroy(struct machine *machine);

/* Sets the value of a field by its name in entry, a format of vtd-format.h; returns the capability. */
void field_set(u64 *entry, const char *format, const char *field, u64 value);
u64 field_get(const u64 *entry, const char *format, const char *field);
u64 with_field(u64 value, const char *format, const char *field, u64 to);

/* Registers by name of format; values of whole registers. */
u32 machine_read32(struct machine *machine, u32 offset);
u64 machine_read64(struct machine *machine, u32 offset);
void machine_write32(struct machine *machine, u32 offset, u32 value);
void machine_write64(struct machine *machine, u32 offset, u64 value);
/* Sets or clears one GCMD bit the way drivers do. */
void machine_command(struct machine *machine, unsigned int bit, bool on);

/* Memory */
u64 machine_page(struct machine *machine);
u64 machine_pages(struct machine *machine, unsigned int count);
u64 machine_load(struct machine *machine, u64 address);
void machine_store(struct machine *machine, u64 address, u64 value);
/* A page of guest memory, mapped by the second stage with second_table_rights. */
u64 machine_guest_page(struct machine *machine);

/*
 * Root table, context entry of MACHINE_DEVICE, queue, translation on. In scalable mode PASIDs 0 to
 * 63 have entries, none of them present yet, but for RID_PASID 0.
 */
void machine_start(struct machine *machine, int mode);
void machine_root_pointer(struct machine *machine, u64 table, int mode);
void machine_queue_start(struct machine *machine, bool wide, unsigned int queue_size);

/* Makes the roots of both stages for given levels; nested: first-stage tables in guest memory. */
void machine_stages(struct machine *machine, unsigned int first_levels, unsigned int second_levels,
		    bool nested);
/* Adds mappings; size 4 KiB, 2 MiB or 1 GiB; bits as of a leaf. Tables above grant all. */
void machine_map_first(struct machine *machine, u64 input, u64 output, u64 size, u64 bits);
void machine_map_second(struct machine *machine, u64 input, u64 output, u64 size, u64 bits);
/* Host-physical address of the entry at that level (1 is PTE); 0 if there is no table. */
u64 machine_first_entry(struct machine *machine, u64 input, unsigned int level);
u64 machine_second_entry(struct machine *machine, u64 input, unsigned int level);

/* A PASID entry for the stages as made; change it, then store it. Host address of an entry. */
void machine_pasid_entry(struct machine *machine, u64 entry[8], unsigned int pgtt);
u64 machine_pasid_address(struct machine *machine, u32 pasid);
void machine_store_pasid(struct machine *machine, u32 pasid, const u64 entry[8]);
/* The context entry of MACHINE_DEVICE: host address. */
u64 machine_context_address(struct machine *machine);
/* Sets a field of it in scalable mode; no cache is told. */
void machine_set_context(struct machine *machine, const char *field, u64 value);
/* A legacy context entry with the second stage as made. */
void machine_legacy_context(struct machine *machine, unsigned int tt);

/*
 * Ready to use: PASID 1 (and RID_PASID 0 unless first-stage) of MACHINE_DEVICE with an address space
 * of that type with the most levels; nothing mapped.
 */
void machine_ready(struct machine *machine, unsigned int pgtt);

/* DMA, of 4 bytes */
struct translation_request dma_request(enum access access, u64 address);
struct translation_request dma_with_pasid(enum access access, u64 address, u32 pasid);
struct translation_result machine_dma(struct machine *machine,
				      const struct translation_request *request);
struct translation_result machine_read(struct machine *machine, u32 pasid, u64 address);
struct translation_result machine_write(struct machine *machine, u32 pasid, u64 address);
struct translation_result machine_rid_read(struct machine *machine, u64 address);
struct translation_result machine_rid_write(struct machine *machine, u64 address);

/* Queue: puts a descriptor and moves the tail. */
void machine_submit(struct machine *machine, const u64 descriptor[4]);
/* A wait descriptor with status write; true if the status came. */
bool machine_wait(struct machine *machine);
void machine_invalidate_context(struct machine *machine, unsigned int g, u16 did, u16 sid);
void machine_invalidate_pasid_cache(struct machine *machine, unsigned int g, u16 did, u32 pasid);
void machine_invalidate_iotlb(struct machine *machine, unsigned int g, u16 did, u64 address_am_ih);
void machine_invalidate_pasid_iotlb(struct machine *machine, unsigned int g, u32 pasid,
				    u64 address_am_ih);
void machine_invalidate_all(struct machine *machine);

/* Value of a counter by name; a test failure if there is none of that name. */
u64 machine_counter(struct machine *machine, const char *name);

/* Record n of FRCD, and where it is. */
u32 machine_frcd_offset(struct machine *machine, unsigned int n);
void machine_frcd(struct machine *machine, unsigned int n, u64 record[2]);

/* The first event from index on of that kind (and with that what, unless NULL), or NULL. */
const struct port_event *machine_event(struct machine *machine, enum port_event_kind kind,
				       const char *what);
unsigned int machine_event_total(struct machine *machine, enum port_event_kind kind);

#endif
