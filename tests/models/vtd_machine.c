/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The test machine around a VT-d unit. Tables are built here field by field from the formats, not
 * with the unit's own accessors.
 */
#include "vtd_machine.h"

#include <stdlib.h>
#include <string.h>

#include "gtest_c.h"

#define FIRST_PAGE 0x10000000ULL

/* --- the port ---------------------------------------------------------------------------- */

static bool fails(const struct machine *machine, hpa_t address)
{
	return machine->fails_at && (address.v & MODEL_PAGE_MASK) == machine->fails_at;
}

static enum port_status on_read(void *ctx, hpa_t address, void *buf, size_t len)
{
	struct machine *machine = ctx;
	enum port_status status;

	machine->reads++;
	status = fails(machine, address) ? PORT_ERROR
					 : memory_read(machine->memory, address, buf, len);
	if (machine->on_read)
		machine->on_read(machine, address);
	return status;
}

static enum port_status on_write(void *ctx, hpa_t address, const void *buf, size_t len)
{
	struct machine *machine = ctx;

	machine->writes++;
	if (machine->on_write)
		machine->on_write(machine, address);
	if (fails(machine, address))
		return PORT_ERROR;
	return memory_write(machine->memory, address, buf, len);
}

static enum port_status on_exchange(void *ctx, hpa_t address, u64 *expected, u64 desired)
{
	struct machine *machine = ctx;

	machine->exchanges++;
	if (machine->on_exchange)
		machine->on_exchange(machine, address);
	if (machine->exchange_fails)
		return PORT_ERROR;
	return memory_compare_exchange(machine->memory, address, expected, desired);
}

static void on_interrupt(void *ctx, u64 address, u32 data)
{
	struct machine *machine = ctx;

	machine->interrupts++;
	machine->interrupt_address = address;
	machine->interrupt_data = data;
	if (machine->on_interrupt)
		machine->on_interrupt(machine);
}

static void on_spend(void *ctx, unsigned int cycles)
{
	struct machine *machine = ctx;

	machine->cycles += cycles;
}

static void on_lookup(void *ctx, enum port_lookup which, unsigned int cycles)
{
	(void)which;
	on_spend(ctx, cycles);
}

static bool on_invalidate(void *ctx, const struct ats_invalidation *invalidation)
{
	struct machine *machine = ctx;

	return !machine->on_invalidate || machine->on_invalidate(machine, invalidation);
}

static void on_response(void *ctx, const struct page_group_response *response)
{
	struct machine *machine = ctx;

	if (machine->response_count < MACHINE_RESPONSES)
		machine->responses[machine->response_count] = *response;
	machine->response_count++;
	if (machine->on_response)
		machine->on_response(machine, response);
}

static void on_post(void *ctx, const struct ats_invalidation *invalidation)
{
	struct machine *machine = ctx;

	machine->on_post(machine, invalidation);
}

static void on_await(void *ctx)
{
	struct machine *machine = ctx;

	machine->on_await(machine);
}

static void on_drain(void *ctx)
{
	struct machine *machine = ctx;

	machine->drains++;
	if (machine->on_drain)
		machine->on_drain(machine);
}

static void on_observe(void *ctx, const struct port_event *event)
{
	struct machine *machine = ctx;
	unsigned int n = machine->event_count;

	if (n >= MACHINE_EVENTS)
		return;
	machine->event_count++;
	machine->events[n] = *event;
	machine->events[n].detail = NULL;
	if (event->detail) {
		strncpy(machine->details[n], event->detail, sizeof(machine->details[n]) - 1);
		machine->events[n].detail = machine->details[n];
	}
}

/* --- configuration ----------------------------------------------------------------------- */

struct vtd_config machine_config_with(u64 cap, u64 ecap)
{
	struct vtd_config config;

	vtd_config_init(&config, cap, ecap);
	return config;
}

struct vtd_config machine_config(void)
{
	return machine_config_with(MACHINE_CAP, MACHINE_ECAP);
}

static void set_caches(struct vtd_config *config, const struct cache_geometry *geometry)
{
	config->context_cache = *geometry;
	config->pasid_cache = *geometry;
	config->iotlb = *geometry;
	config->first_stage_pwc = *geometry;
	config->second_stage_pwc = *geometry;
	config->interrupt_cache = *geometry;
}

void machine_caches_off(struct vtd_config *config)
{
	const struct cache_geometry off = { .entries = 0 };

	set_caches(config, &off);
}

void machine_caches_tiny(struct vtd_config *config, enum cache_policy policy)
{
	const struct cache_geometry tiny = { .entries = 4, .assoc = 2, .policy = policy, .seed = 7 };

	set_caches(config, &tiny);
}

/* clang-format off: members of a port_ops */
#define MEMORY_OPS                                                           \
	.read = on_read, .write = on_write, .compare_exchange = on_exchange, \
	.interrupt = on_interrupt, .spend = on_spend
#define ANSWERING_OPS                                       \
	MEMORY_OPS, .lookup = on_lookup, .drain = on_drain, \
		    .invalidate_device_tlb = on_invalidate, .respond_page_group = on_response
/* clang-format on */

static const struct port_ops quiet = { ANSWERING_OPS };
static const struct port_ops watched = { ANSWERING_OPS, .observe = on_observe };
static const struct port_ops posting = {
	MEMORY_OPS,
	.post_device_tlb = on_post,
	.await_device_tlb = on_await,
};

static struct machine *create(const struct vtd_config *config, const struct port_ops *ops)
{
	struct machine *machine = calloc(1, sizeof(*machine));
	const struct port port = { .ops = ops, .ctx = machine };

	machine->config = *config;
	machine->observe = ops == &watched;
	machine->memory = memory_create(config->host_address_width);
	machine->unit = vtd_create(config, &port);
	machine->next_page = FIRST_PAGE;
	machine->second_table_rights = SS_R | SS_W | SS_X;
	return machine;
}

struct machine *machine_create(const struct vtd_config *config, bool observe)
{
	return create(config, observe ? &watched : &quiet);
}

struct machine *machine_create_posting(const struct vtd_config *config)
{
	return create(config, &posting);
}

void machine_destroy(struct machine *machine)
{
	vtd_destroy(machine->unit);
	memory_destroy(machine->memory);
	free(machine);
}

/* --- fields ------------------------------------------------------------------------------ */

static const struct format_field *named(const char *format, const char *field)
{
	const struct format *found = vtd_format(format);
	const struct format_field *found_field = found ? vtd_field(found, field) : NULL;

	if (!found_field) {
		ADD_FAILURE("there is no field %s in %s", field, format);
		abort();
	}
	return found_field;
}

void field_set(u64 *entry, const char *format, const char *field, u64 value)
{
	format_field_set(named(format, field), entry, value);
}

u64 field_get(const u64 *entry, const char *format, const char *field)
{
	return format_field_get(named(format, field), entry);
}

u64 with_field(u64 value, const char *format, const char *field, u64 to)
{
	field_set(&value, format, field, to);
	return value;
}

/* --- registers --------------------------------------------------------------------------- */

u32 machine_read32(struct machine *machine, u32 offset)
{
	return (u32)vtd_mmio_read(machine->unit, offset, 4);
}

u64 machine_read64(struct machine *machine, u32 offset)
{
	return vtd_mmio_read(machine->unit, offset, 8);
}

void machine_write32(struct machine *machine, u32 offset, u32 value)
{
	vtd_mmio_write(machine->unit, offset, 4, value);
}

void machine_write64(struct machine *machine, u32 offset, u64 value)
{
	vtd_mmio_write(machine->unit, offset, 8, value);
}

void machine_command(struct machine *machine, unsigned int bit, bool on)
{
	/* GSTS without the bits of one-shot commands */
	u32 status = machine_read32(machine, 0x1c) & 0x96ffffff;

	machine_write32(machine, 0x18, on ? status | 1u << bit : status & ~(1u << bit));
}

/* --- memory ------------------------------------------------------------------------------ */

u64 machine_pages(struct machine *machine, unsigned int count)
{
	u64 page = machine->next_page;

	machine->next_page += count * MODEL_PAGE_SIZE;
	return page;
}

u64 machine_page(struct machine *machine)
{
	return machine_pages(machine, 1);
}

u64 machine_load(struct machine *machine, u64 address)
{
	u64 value = 0;

	memory_read(machine->memory, hpa(address), &value, sizeof(value));
	return value;
}

void machine_store(struct machine *machine, u64 address, u64 value)
{
	memory_write(machine->memory, hpa(address), &value, sizeof(value));
}

static void store_entry(struct machine *machine, u64 address, const u64 *entry, size_t len)
{
	memory_write(machine->memory, hpa(address), entry, len);
}

u64 machine_guest_page(struct machine *machine)
{
	u64 page = 0x200000 + machine->next_guest_page * MODEL_PAGE_SIZE;

	machine->next_guest_page++;
	machine_map_second(machine, page, MACHINE_GUEST_BASE + page, 4 * KIB,
			   machine->second_table_rights);
	return page;
}

/* --- getting started --------------------------------------------------------------------- */

void machine_root_pointer(struct machine *machine, u64 table, int mode)
{
	machine_write64(machine, 0x20, table | (u64)mode << 10);
	machine_command(machine, 30, true);
}

void machine_queue_start(struct machine *machine, bool wide, unsigned int queue_size)
{
	machine->queue = machine_pages(machine, 1u << queue_size);
	machine->queue_size = queue_size;
	machine->wide = wide;
	machine->tail = 0;
	machine->status_address = machine_page(machine);
	machine_write64(machine, 0x88, 0);
	machine_write64(machine, 0x90, machine->queue | (wide ? 1u << 11 : 0) | queue_size);
	machine_command(machine, 26, true);
}

static void build_root(struct machine *machine, int mode)
{
	u64 root[2] = { 0 };

	machine->root_table = machine_page(machine);
	machine->context_table = machine_page(machine);
	if (mode == MODE_SCALABLE) {
		field_set(root, "scalable-root", "LP", 1);
		field_set(root, "scalable-root", "LCTP", machine->context_table);
	} else {
		field_set(root, "root", "P", 1);
		field_set(root, "root", "CTP", machine->context_table);
	}
	store_entry(machine, machine->root_table + 0x3a * 16, root, sizeof(root));
}

static void build_scalable_context(struct machine *machine)
{
	u64 ecap = machine->config.ecap;
	u64 context[4] = { 0 };

	machine->directory = machine_page(machine);
	machine->pasid_table = machine_page(machine);
	field_set(context, "context", "P", 1);
	field_set(context, "context", "PASIDE", field_get(&ecap, "ecap", "PASID"));
	field_set(context, "context", "PDTS", 0);
	field_set(context, "context", "PASIDDIRPTR", machine->directory);
	store_entry(machine, machine_context_address(machine), context, sizeof(context));
	machine_store(machine, machine->directory, machine->pasid_table | 1);
}

u64 machine_context_address(struct machine *machine)
{
	return machine->context_table;
}

void machine_set_context(struct machine *machine, const char *field, u64 value)
{
	hpa_t address = hpa(machine_context_address(machine));
	u64 entry[4];

	memory_read(machine->memory, address, entry, sizeof(entry));
	field_set(entry, "context", field, value);
	memory_write(machine->memory, address, entry, sizeof(entry));
}

void machine_start(struct machine *machine, int mode)
{
	build_root(machine, mode);
	if (mode == MODE_SCALABLE)
		build_scalable_context(machine);
	machine_root_pointer(machine, machine->root_table, mode);
	machine_queue_start(machine, mode == MODE_SCALABLE, 0);
	machine_command(machine, 31, true);
}

/* --- stages ------------------------------------------------------------------------------ */

void machine_stages(struct machine *machine, unsigned int first_levels, unsigned int second_levels,
		    bool nested)
{
	machine->first_levels = first_levels;
	machine->second_levels = second_levels;
	machine->guest_tables = nested;
	machine->second_table = machine_page(machine);
	machine->first_table = nested ? machine_guest_page(machine) : machine_page(machine);
}

static unsigned int leaf_level(u64 size)
{
	return size == GIB ? 3 : size == 2 * MIB ? 2 : 1;
}

static u64 entry_offset(u64 input, unsigned int level)
{
	return (input >> (12 + 9 * (level - 1)) & 511) * 8;
}

/* Where a first-stage table lies for the processor. */
static u64 first_table_host(const struct machine *machine, u64 table)
{
	return machine->guest_tables ? MACHINE_GUEST_BASE + table : table;
}

void machine_map_first(struct machine *machine, u64 input, u64 output, u64 size, u64 bits)
{
	u64 table = machine->first_table;
	unsigned int level;

	for (level = machine->first_levels; level > leaf_level(size); level--) {
		u64 at = first_table_host(machine, table) + entry_offset(input, level);
		u64 entry = machine_load(machine, at);

		if (!(entry & FS_P)) {
			entry = machine->guest_tables ? machine_guest_page(machine)
						      : machine_page(machine);
			entry |= FS_P | FS_W | FS_U;
			machine_store(machine, at, entry);
		}
		table = entry & 0xffffffffff000ULL;
	}
	machine_store(machine, first_table_host(machine, table) + entry_offset(input, level),
		      output | bits | (level > 1 ? FS_PS : 0));
}

void machine_map_second(struct machine *machine, u64 input, u64 output, u64 size, u64 bits)
{
	u64 table = machine->second_table;
	unsigned int level;

	for (level = machine->second_levels; level > leaf_level(size); level--) {
		u64 at = table + entry_offset(input, level);
		u64 entry = machine_load(machine, at);

		if (!(entry & 7)) {
			entry = machine_page(machine) | SS_R | SS_W | SS_X;
			machine_store(machine, at, entry);
		}
		table = entry & 0xffffffffff000ULL;
	}
	machine_store(machine, table + entry_offset(input, level),
		      output | bits | (level > 1 ? SS_PS : 0));
}

u64 machine_first_entry(struct machine *machine, u64 input, unsigned int level)
{
	u64 table = machine->first_table;
	unsigned int at;

	for (at = machine->first_levels; at > level; at--)
		table = machine_load(machine,
				     first_table_host(machine, table) + entry_offset(input, at)) &
			0xffffffffff000ULL;
	return first_table_host(machine, table) + entry_offset(input, level);
}

u64 machine_second_entry(struct machine *machine, u64 input, unsigned int level)
{
	u64 table = machine->second_table;
	unsigned int at;

	for (at = machine->second_levels; at > level; at--)
		table = machine_load(machine, table + entry_offset(input, at)) & 0xffffffffff000ULL;
	return table + entry_offset(input, level);
}

/* --- PASIDs and contexts ----------------------------------------------------------------- */

void machine_pasid_entry(struct machine *machine, u64 entry[8], unsigned int pgtt)
{
	memset(entry, 0, 64);
	field_set(entry, "pasid-entry", "P", 1);
	field_set(entry, "pasid-entry", "PGTT", pgtt);
	field_set(entry, "pasid-entry", "DID", MACHINE_DOMAIN);
	/* as drivers do: without, no accessed or dirty bit can be set */
	field_set(entry, "pasid-entry", "PWSNP", field_get(&machine->config.ecap, "ecap", "SMPWC"));
	if (pgtt == SECOND_STAGE || pgtt == NESTED) {
		field_set(entry, "pasid-entry", "AW", machine->second_levels - 2);
		field_set(entry, "pasid-entry", "SSPTPTR", machine->second_table);
	}
	if (pgtt == FIRST_STAGE || pgtt == NESTED) {
		field_set(entry, "pasid-entry", "FSPM", machine->first_levels == 5);
		field_set(entry, "pasid-entry", "FSPTPTR", machine->first_table);
	}
}

u64 machine_pasid_address(struct machine *machine, u32 pasid)
{
	return machine->pasid_table + pasid * 64;
}

void machine_store_pasid(struct machine *machine, u32 pasid, const u64 entry[8])
{
	store_entry(machine, machine_pasid_address(machine, pasid), entry, 64);
}

void machine_legacy_context(struct machine *machine, unsigned int tt)
{
	u64 context[2] = { 0 };

	field_set(context, "legacy-context", "P", 1);
	field_set(context, "legacy-context", "TT", tt);
	field_set(context, "legacy-context", "SSPTPTR", machine->second_table);
	field_set(context, "legacy-context", "AW", machine->second_levels - 2);
	field_set(context, "legacy-context", "DID", MACHINE_DOMAIN);
	store_entry(machine, machine_context_address(machine), context, sizeof(context));
}

void machine_ready(struct machine *machine, unsigned int pgtt)
{
	u64 entry[8];

	machine_start(machine, MODE_SCALABLE);
	machine_stages(machine, 5, 5, pgtt == NESTED);
	machine_pasid_entry(machine, entry, pgtt);
	machine_store_pasid(machine, 1, entry);
	machine_store_pasid(machine, 0, entry);
}

/* --- DMA --------------------------------------------------------------------------------- */

struct translation_request dma_request(enum access access, u64 address)
{
	return (struct translation_request){
		.source_id = MACHINE_DEVICE,
		.address = iova(address),
		.access = access,
		.len = 4,
	};
}

struct translation_request dma_with_pasid(enum access access, u64 address, u32 pasid)
{
	struct translation_request request = dma_request(access, address);

	request.has_pasid = true;
	request.pasid = pasid;
	return request;
}

struct translation_result machine_dma(struct machine *machine,
				      const struct translation_request *request)
{
	struct translation_result result;

	vtd_translate(machine->unit, request, &result);
	return result;
}

struct translation_result machine_read(struct machine *machine, u32 pasid, u64 address)
{
	const struct translation_request request = dma_with_pasid(ACCESS_READ, address, pasid);

	return machine_dma(machine, &request);
}

struct translation_result machine_write(struct machine *machine, u32 pasid, u64 address)
{
	const struct translation_request request = dma_with_pasid(ACCESS_WRITE, address, pasid);

	return machine_dma(machine, &request);
}

struct translation_result machine_rid_read(struct machine *machine, u64 address)
{
	const struct translation_request request = dma_request(ACCESS_READ, address);

	return machine_dma(machine, &request);
}

struct translation_result machine_rid_write(struct machine *machine, u64 address)
{
	const struct translation_request request = dma_request(ACCESS_WRITE, address);

	return machine_dma(machine, &request);
}

/* --- the queue --------------------------------------------------------------------------- */

void machine_submit(struct machine *machine, const u64 descriptor[4])
{
	unsigned int len = machine->wide ? 32 : 16;

	store_entry(machine, machine->queue + machine->tail, descriptor, len);
	machine->tail = (machine->tail + len) % (4096ULL << machine->queue_size);
	machine_write64(machine, 0x88, machine->tail);
}

bool machine_wait(struct machine *machine)
{
	u64 wait[4] = { 0 };

	machine_store(machine, machine->status_address, 0);
	field_set(wait, "wait", "TYPE", 5);
	field_set(wait, "wait", "SW", 1);
	field_set(wait, "wait", "FN", 1);
	field_set(wait, "wait", "DATA", 0x600d);
	field_set(wait, "wait", "ADDR", machine->status_address);
	machine_submit(machine, wait);
	return machine_load(machine, machine->status_address) == 0x600d;
}

static void submit_and_wait(struct machine *machine, const u64 descriptor[4])
{
	machine_submit(machine, descriptor);
	EXPECT_TRUE(machine_wait(machine));
}

void machine_invalidate_context(struct machine *machine, unsigned int g, u16 did, u16 sid)
{
	u64 d[4] = { 0 };

	field_set(d, "context-cache-invalidate", "TYPE", 1);
	field_set(d, "context-cache-invalidate", "G", g);
	field_set(d, "context-cache-invalidate", "DID", did);
	field_set(d, "context-cache-invalidate", "SID", sid);
	submit_and_wait(machine, d);
}

void machine_invalidate_pasid_cache(struct machine *machine, unsigned int g, u16 did, u32 pasid)
{
	u64 d[4] = { 0 };

	field_set(d, "pasid-cache-invalidate", "TYPE", 7);
	field_set(d, "pasid-cache-invalidate", "G", g);
	field_set(d, "pasid-cache-invalidate", "DID", did);
	field_set(d, "pasid-cache-invalidate", "PASID", pasid);
	submit_and_wait(machine, d);
}

void machine_invalidate_iotlb(struct machine *machine, unsigned int g, u16 did, u64 address_am_ih)
{
	u64 d[4] = { 0, address_am_ih };

	field_set(d, "iotlb-invalidate", "TYPE", 2);
	field_set(d, "iotlb-invalidate", "G", g);
	field_set(d, "iotlb-invalidate", "DID", did);
	submit_and_wait(machine, d);
}

void machine_invalidate_pasid_iotlb(struct machine *machine, unsigned int g, u32 pasid,
				    u64 address_am_ih)
{
	u64 d[4] = { 0, address_am_ih };

	field_set(d, "pasid-iotlb-invalidate", "TYPE", 6);
	field_set(d, "pasid-iotlb-invalidate", "G", g);
	field_set(d, "pasid-iotlb-invalidate", "DID", MACHINE_DOMAIN);
	field_set(d, "pasid-iotlb-invalidate", "PASID", pasid);
	submit_and_wait(machine, d);
}

void machine_invalidate_all(struct machine *machine)
{
	machine_invalidate_context(machine, 1, 0, 0);
	if (machine->wide)
		machine_invalidate_pasid_cache(machine, 3, 0, 0);
	machine_invalidate_iotlb(machine, 1, 0, 0);
}

/* --- looking ----------------------------------------------------------------------------- */

struct counter_search {
	const char *name;
	u64 value;
	bool found;
};

static void visit(void *arg, const char *name, u64 value)
{
	struct counter_search *search = arg;

	if (strcmp(name, search->name) == 0) {
		search->value = value;
		search->found = true;
	}
}

u64 machine_counter(struct machine *machine, const char *name)
{
	struct counter_search search = { .name = name };

	vtd_visit_counters(machine->unit, visit, &search);
	if (!search.found)
		ADD_FAILURE("there is no counter %s", name);
	return search.value;
}

u32 machine_frcd_offset(struct machine *machine, unsigned int n)
{
	u64 cap = machine->config.cap;

	return (u32)field_get(&cap, "cap", "FRO") * 16 + n * 16;
}

void machine_frcd(struct machine *machine, unsigned int n, u64 record[2])
{
	record[0] = machine_read64(machine, machine_frcd_offset(machine, n));
	record[1] = machine_read64(machine, machine_frcd_offset(machine, n) + 8);
}

const struct port_event *machine_event(struct machine *machine, enum port_event_kind kind,
				       const char *what)
{
	unsigned int i;

	for (i = 0; i < machine->event_count; i++)
		if (machine->events[i].kind == kind &&
		    (!what || strcmp(machine->events[i].what, what) == 0))
			return &machine->events[i];
	return NULL;
}

unsigned int machine_event_total(struct machine *machine, enum port_event_kind kind)
{
	unsigned int i, total = 0;

	for (i = 0; i < machine->event_count; i++)
		total += machine->events[i].kind == kind;
	return total;
}
