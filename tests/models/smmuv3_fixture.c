// SPDX-License-Identifier: Apache-2.0
/*
 * The SMMUv3 tests' fixture: see smmuv3_fixture.h.
 */
#include "smmuv3_fixture.h"

#include "gtest_c.h"

#include <string.h>

static enum port_status read_memory(void *ctx, hpa_t addr, void *buf, size_t len)
{
	struct bench *b = ctx;
	enum port_status status = memory_read(b->mem, addr, buf, len);

	if (++b->reads == b->hook_at_read)
		b->hook(b);
	return status;
}

static enum port_status write_memory(void *ctx, hpa_t addr, const void *buf, size_t len)
{
	struct bench *b = ctx;
	void (*hook)(struct bench *) = b->event_hook;

	if (hook && len == 32) {
		b->event_hook = NULL;
		hook(b);
	}
	return b->writes_fail ? PORT_ERROR : memory_write(b->mem, addr, buf, len);
}

static enum port_status exchange(void *ctx, hpa_t addr, u64 *expected, u64 desired)
{
	return memory_compare_exchange(((struct bench *)ctx)->mem, addr, expected, desired);
}

static void take_interrupt(void *ctx, u64 address, u32 data)
{
	struct bench *b = ctx;

	b->interrupts++;
	b->interrupt_address = address;
	b->interrupt_data = data;
}

static bool invalidate_device_tlb(void *ctx, const struct ats_invalidation *invalidation)
{
	struct bench *b = ctx;

	b->invalidations++;
	b->invalidation = *invalidation;
	return !b->silent;
}

static bool queue_work(void *ctx)
{
	return ((struct bench *)ctx)->later;
}

static void spend(void *ctx, unsigned int cycles)
{
	((struct bench *)ctx)->cycles += cycles;
}

static void lookup(void *ctx, enum port_lookup which, unsigned int cycles)
{
	(void)which;
	spend(ctx, cycles);
}

static void observe(void *ctx, const struct port_event *event)
{
	((struct bench *)ctx)->events[event->kind]++;
}

static const struct port_ops ops = {
	.read = read_memory,
	.write = write_memory,
	.compare_exchange = exchange,
	.interrupt = take_interrupt,
	.spend = spend,
	.lookup = lookup,
	.queue_work = queue_work,
	.invalidate_device_tlb = invalidate_device_tlb,
	.observe = observe,
};

void bench_create(struct bench *b, const struct smmuv3_config *config)
{
	struct smmuv3_config defaults;

	smmuv3_config_init(&defaults);
	*b = (struct bench){
		.mem = memory_create(48),
		.next_page = 0x1000000,
		.next_guest_page = 0x1000000,
	};
	b->port = (struct port){ .ops = &ops, .ctx = b };
	b->smmu = smmuv3_create(config ? config : &defaults, &b->port);
}

void bench_destroy(struct bench *b)
{
	smmuv3_destroy(b->smmu);
	memory_destroy(b->mem);
}

static unsigned int register_size(u32 offset)
{
	size_t count;
	const struct smmuv3_register *registers = smmuv3_registers(&count);

	for (size_t i = 0; i < count; i++)
		if (registers[i].offset == offset)
			return registers[i].size;
	return 4;
}

u64 bench_read(struct bench *b, u32 offset)
{
	return smmuv3_mmio_read(b->smmu, offset, register_size(offset));
}

void bench_write(struct bench *b, u32 offset, u64 value)
{
	smmuv3_mmio_write(b->smmu, offset, register_size(offset), value);
}

void bench_enable(struct bench *b)
{
	bench_write(b, STRTAB_BASE, STREAM_TABLE);
	bench_write(b, STRTAB_BASE_CFG, STREAM_TABLE_BITS);
	bench_write(b, CMDQ_BASE, COMMAND_QUEUE | COMMAND_QUEUE_BITS);
	bench_write(b, EVENTQ_BASE, EVENT_QUEUE | EVENT_QUEUE_BITS);
	bench_write(b, CR2, 2); /* RECINVSID */
	bench_write(b, CR0, CR0_ALL);
	EXPECT_EQ(bench_read(b, CR0ACK), CR0_ALL);
}

void bench_start(struct bench *b, const struct smmuv3_config *config)
{
	bench_create(b, config);
	bench_enable(b);
}

u64 bench_page(struct bench *b)
{
	b->next_page += 0x1000;
	return b->next_page;
}

u64 bench_guest_page(struct bench *b)
{
	b->next_guest_page += 0x1000;
	return b->next_guest_page;
}

static u64 take_block(u64 *next_page, u64 size)
{
	u64 block = (*next_page + 0x1000 + size - 1) & ~(size - 1);

	*next_page = block + size - 0x1000;
	return block;
}

u64 bench_block(struct bench *b, u64 size)
{
	return take_block(&b->next_page, size);
}

static const struct format_field *find_field(const char *format, const char *field)
{
	const struct format_field *found = smmuv3_field(smmuv3_format(format), field);

	if (!found)
		ADD_FAILURE("%s has no field %s", format, field);
	return found;
}

void bench_set(u64 *entry, const char *format, const char *field, u64 value)
{
	format_field_set(find_field(format, field), entry, value);
}

u64 bench_get(const u64 *entry, const char *format, const char *field)
{
	return format_field_get(find_field(format, field), entry);
}

void bench_put(struct bench *b, u64 address, const u64 *entry, size_t qwords)
{
	EXPECT_EQ(memory_write(b->mem, hpa(address), entry, qwords * sizeof(u64)), PORT_OK);
}

void bench_put_ste(struct bench *b, u32 stream, const u64 *ste)
{
	bench_put(b, STREAM_TABLE + stream * 64, ste, 8);
}

static unsigned int granule(const struct table *table)
{
	return table->granule_shift ? table->granule_shift : 12;
}

static u64 level_index(const struct table *table, u64 input, unsigned int level)
{
	unsigned int bits = granule(table) - 3;
	u64 index = input >> (granule(table) + bits * (3 - level));

	/* the start level may have up to 16 times as many entries, side by side */
	return index & (((level == table->start_level ? 16ULL : 1ULL) << bits) - 1);
}

static u64 new_table(struct bench *b, const struct table *table)
{
	return take_block(table->offset ? &b->next_guest_page : &b->next_page,
			  1ULL << granule(table));
}

u64 bench_descriptor(struct bench *b, const struct table *table, u64 input, unsigned int level)
{
	u64 base = table->base;

	for (unsigned int l = table->start_level;; l++) {
		u64 address = base + level_index(table, input, l) * 8 + table->offset;
		u64 descriptor;

		if (l == level)
			return address;
		EXPECT_EQ(memory_read(b->mem, hpa(address), &descriptor, 8), PORT_OK);
		if (!(descriptor & 1)) {
			descriptor = new_table(b, table) | 3;
			bench_put(b, address, &descriptor, 1);
		}
		base = descriptor & 0xffffffffffffULL & ~0ULL << granule(table);
	}
}

void bench_map(struct bench *b, const struct table *table, u64 input, u64 leaf, unsigned int level)
{
	u64 descriptor = leaf | (level == 3 ? 3 : 1);

	bench_put(b, bench_descriptor(b, table, input, level), &descriptor, 1);
}

void bench_ste_stage2(u64 *ste, const struct table *stage2, u64 vmid)
{
	bench_set(ste, "ste", "V", 1);
	bench_set(ste, "ste", "Config", bench_get(ste, "ste", "Config") | 6);
	bench_set(ste, "ste", "S2VMID", vmid);
	bench_set(ste, "ste", "S2T0SZ", 24);
	bench_set(ste, "ste", "S2SL0", 1);
	bench_set(ste, "ste", "S2PS", 5);
	bench_set(ste, "ste", "S2AA64", 1);
	bench_set(ste, "ste", "S2R", 1);
	bench_set(ste, "ste", "S2TTB", stage2->base);
}

void bench_ste_stage1(u64 *ste, u64 context_ptr, u64 cd_bits)
{
	bench_set(ste, "ste", "V", 1);
	bench_set(ste, "ste", "Config", bench_get(ste, "ste", "Config") | 5);
	bench_set(ste, "ste", "S1ContextPtr", context_ptr);
	bench_set(ste, "ste", "S1CDMax", cd_bits);
	bench_set(ste, "ste", "S1DSS", 2);
}

void bench_cd(u64 *cd, const struct table *stage1, u64 asid)
{
	bench_set(cd, "cd", "V", 1);
	bench_set(cd, "cd", "T0SZ", 25);
	bench_set(cd, "cd", "EPD1", 1);
	bench_set(cd, "cd", "IPS", 5);
	bench_set(cd, "cd", "AA64", 1);
	bench_set(cd, "cd", "R", 1);
	bench_set(cd, "cd", "A", 1);
	bench_set(cd, "cd", "ASID", asid);
	bench_set(cd, "cd", "TTB0", stage1->base);
}

void bench_command(struct bench *b, u64 first, u64 second)
{
	u32 mask = (1u << COMMAND_QUEUE_BITS) - 1;
	u64 command[2] = { first, second };

	bench_put(b, COMMAND_QUEUE + (b->command_prod & mask) * 16, command, 2);
	b->command_prod = (b->command_prod + 1) & (mask << 1 | 1);
	bench_write(b, CMDQ_PROD, b->command_prod);
}

void bench_sync(struct bench *b)
{
	bench_command(b, 0x46, 0);
	EXPECT_EQ(bench_read(b, CMDQ_CONS), b->command_prod);
}

void bench_cfgi_ste(struct bench *b, u32 stream)
{
	bench_command(b, 0x03 | (u64)stream << 32, 1);
	bench_sync(b);
}

void bench_cfgi_cd(struct bench *b, u32 stream, u32 substream)
{
	bench_command(b, 0x05 | (u64)substream << 12 | (u64)stream << 32, 1);
	bench_sync(b);
}

void bench_tlbi_all(struct bench *b)
{
	bench_command(b, 0x30, 0);
	bench_sync(b);
}

bool bench_event(struct bench *b, u64 *event)
{
	u32 wrap = (2u << EVENT_QUEUE_BITS) - 1;
	u32 prod = (u32)bench_read(b, EVENTQ_PROD);
	u32 cons = (u32)bench_read(b, EVENTQ_CONS);
	u64 address = EVENT_QUEUE + (cons & (wrap >> 1)) * 32;

	memset(event, 0, 32);
	if ((prod & wrap) == (cons & wrap))
		return false;
	EXPECT_EQ(memory_read(b->mem, hpa(address), event, 32), PORT_OK);
	bench_write(b, EVENTQ_CONS, (cons & 1u << 31) | ((cons + 1) & wrap));
	return true;
}

static struct translation_result send(struct bench *b, const struct translation_request *request)
{
	struct translation_result result;

	smmuv3_translate(b->smmu, request, &result);
	return result;
}

struct translation_result bench_ask(struct bench *b, u32 stream, u32 pasid, u64 address,
				    bool no_write)
{
	const struct translation_request request = {
		.source_id = (u16)stream,
		.has_pasid = pasid != NO_PASID,
		.pasid = pasid != NO_PASID ? pasid : 0,
		.address = iova(address & ~0xfffULL),
		.access = ACCESS_READ,
		.type = ADDRESS_TRANSLATION_REQUEST,
		.no_write = no_write,
	};

	return send(b, &request);
}

struct translation_result bench_translated(struct bench *b, u32 stream, u64 address,
					   enum access access)
{
	const struct translation_request request = {
		.source_id = (u16)stream,
		.address = iova(address),
		.access = access,
		.type = ADDRESS_TRANSLATED,
	};

	return send(b, &request);
}

struct translation_result bench_translate(struct bench *b, u32 stream, u32 pasid, u64 address,
					  enum access access)
{
	const struct translation_request request = {
		.source_id = (u16)stream,
		.has_pasid = pasid != NO_PASID,
		.pasid = pasid != NO_PASID ? pasid : 0,
		.address = iova(address),
		.access = access,
	};

	return send(b, &request);
}

struct wanted_counter {
	const char *name;
	u64 value;
};

static void visit(void *arg, const char *name, u64 value)
{
	struct wanted_counter *wanted = arg;

	if (!strcmp(name, wanted->name))
		wanted->value = value;
}

u64 bench_counter(struct bench *b, const char *name)
{
	struct wanted_counter wanted = { name, ~0ULL };

	smmuv3_visit_counters(b->smmu, visit, &wanted);
	return wanted.value;
}

struct table bench_stage2_stream(struct bench *b)
{
	/* 40 bits from level 1: two tables side by side, aligned to both */
	struct table stage2 = { .base = (bench_page(b) + 0x2000) & ~0x1fffULL, .start_level = 1 };
	u64 ste[8] = { 0 };

	b->next_page = stage2.base + 0x1000;
	bench_ste_stage2(ste, &stage2, VMID);
	bench_put_ste(b, STREAM, ste);
	return stage2;
}

struct table bench_stage1_stream(struct bench *b)
{
	struct table stage1 = { .base = bench_page(b), .start_level = 1 };
	u64 context_ptr = bench_page(b);
	u64 ste[8] = { 0 }, cd[8] = { 0 };

	bench_ste_stage1(ste, context_ptr, 0);
	bench_put_ste(b, STREAM, ste);
	bench_cd(cd, &stage1, ASID);
	bench_put(b, context_ptr, cd, 8);
	return stage1;
}

struct nested bench_nested_stream(struct bench *b, u64 cd_bits)
{
	struct nested nested = { .stage2 = bench_stage2_stream(b) };
	u64 ste[8] = { 0 }, cd[8] = { 0 };

	/* guest memory for its tables, in 2-MiB blocks */
	for (u64 ipa = 0x1000000; ipa < 0x1800000; ipa += 0x200000)
		bench_map(b, &nested.stage2, ipa, (ipa + GUEST) | S2_RW, 2);
	b->next_guest_page = 0x1000000 + (((64ULL << cd_bits) - 1) & ~0xfffULL);
	nested.cd = 0x1000000;
	nested.stage1 = (struct table){
		.base = bench_guest_page(b),
		.offset = GUEST,
		.start_level = 1,
	};
	bench_ste_stage2(ste, &nested.stage2, VMID);
	bench_ste_stage1(ste, nested.cd, cd_bits);
	bench_put_ste(b, STREAM, ste);
	bench_cd(cd, &nested.stage1, ASID);
	bench_put(b, nested.cd + GUEST, cd, 8);
	return nested;
}
