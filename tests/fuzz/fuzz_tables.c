/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as root, context and PASID tables and paging tables of both stages, and requests through them.
 */
#include "fuzz_unit.h"

enum operation { STORE, REQUEST, POISON, REQUEST_WARM, OPERATIONS };

/* The same machine twice: with caches, which are emptied where memory has changed, and without. */
enum { CACHED, PLAIN, MACHINES };

struct machine {
	struct fuzz_world world;
	struct vtd_unit *unit;
};

/* A table as bytes: from a quadword on, for as long as it says. */
static void store_run(struct machine machines[MACHINES], struct fuzz_input *in)
{
	u64 page = fuzz_take(in, 1) % FUZZ_PAGES;
	u64 slot = fuzz_take(in, 2) % 512;
	u64 count = fuzz_take(in, 1) % 17;
	unsigned int i;

	for (; count && slot < 512; count--, slot++) {
		u64 value = fuzz_take(in, 8);

		for (i = 0; i < MACHINES; i++)
			memory_write(machines[i].world.memory, hpa(page * 4096 + slot * 8), &value,
				     sizeof(value));
	}
}

static void poison(struct machine machines[MACHINES], struct fuzz_input *in)
{
	const hpa_t address = hpa(fuzz_take(in, 1) % FUZZ_PAGES << 12);
	bool fails = fuzz_take(in, 1) & 1;
	unsigned int i;

	for (i = 0; i < MACHINES; i++)
		memory_poison(machines[i].world.memory, address, fails);
}

static void evict(struct machine machines[MACHINES])
{
	vtd_evict_all(machines[CACHED].unit);
	machines[PLAIN].world.updates = 0;
}

static void request(struct machine machines[MACHINES], struct fuzz_input *in)
{
	const struct translation_request asked = fuzz_request(in);
	struct translation_result results[MACHINES];
	unsigned int i;

	for (i = 0; i < MACHINES; i++) {
		vtd_translate(machines[i].unit, &asked, &results[i]);
		fuzz_check_result(&asked, &results[i]);
	}
	fuzz_require(results[CACHED].fault == results[PLAIN].fault);
	fuzz_require(results[CACHED].address.v == results[PLAIN].address.v);
	fuzz_require(results[CACHED].page_size == results[PLAIN].page_size);
	fuzz_require(results[CACHED].rights == results[PLAIN].rights);
	fuzz_require(results[CACHED].ats_status == results[PLAIN].ats_status);
	fuzz_require(results[CACHED].completion == results[PLAIN].completion);
}

static void build(struct machine machines[MACHINES], struct fuzz_input *in)
{
	struct vtd_config config = fuzz_unit_config(in);
	bool scalable = fuzz_take(in, 1) & 1;
	const struct cache_geometry off = { 0 };
	unsigned int i;

	for (i = 0; i < MACHINES; i++) {
		fuzz_world_init(&machines[i].world);
		machines[i].unit = vtd_create(&config, &machines[i].world.port);
		if (machines[i].unit)
			fuzz_start(machines[i].unit, scalable);
		config.context_cache = config.pasid_cache = config.iotlb = off;
		config.first_stage_pwc = config.second_stage_pwc = off;
	}
}

static void run(struct fuzz_input *in)
{
	struct machine machines[MACHINES];
	unsigned int i;

	build(machines, in);
	while (machines[CACHED].unit && in->size) {
		switch ((enum operation)(fuzz_take(in, 1) % OPERATIONS)) {
		case STORE:
			store_run(machines, in);
			evict(machines);
			break;
		case REQUEST:
			evict(machines);
			request(machines, in);
			break;
		case REQUEST_WARM:
			/* marks of one table may mean something else in another */
			if (machines[PLAIN].world.updates)
				evict(machines);
			request(machines, in);
			break;
		case POISON:
		default:
			poison(machines, in);
			evict(machines);
			break;
		}
	}
	for (i = 0; i < MACHINES; i++) {
		vtd_destroy(machines[i].unit);
		fuzz_world_clear(&machines[i].world);
	}
}

/* --- seeds ------------------------------------------------------------------------------- */

static void put_entry(struct fuzz_seed *seed, u64 address, const u64 *entry, unsigned int quadwords)
{
	unsigned int i;

	fuzz_put(seed, STORE, 1);
	fuzz_put(seed, address >> 12, 1);
	fuzz_put(seed, (address & 0xfff) / 8, 2);
	fuzz_put(seed, quadwords, 1);
	for (i = 0; i < quadwords; i++)
		fuzz_put(seed, entry[i], 8);
}

static void put_word(struct fuzz_seed *seed, u64 address, u64 value)
{
	put_entry(seed, address, &value, 1);
}

/* PASID 0 of device 0 in scalable mode, with that translation type. */
static void put_scalable(struct fuzz_seed *seed, u64 pgtt, u64 first, u64 second)
{
	u64 context[4] = { 0 }, entry[8] = { 0 };

	put_word(seed, FUZZ_ROOT << 12, FUZZ_CONTEXT << 12 | 1);
	fuzz_field(context, "context", "P", 1);
	fuzz_field(context, "context", "DTE", 1);
	fuzz_field(context, "context", "PASIDE", 1);
	fuzz_field(context, "context", "PASIDDIRPTR", FUZZ_DIRECTORY << 12);
	put_entry(seed, FUZZ_CONTEXT << 12, context, 4);
	put_word(seed, FUZZ_DIRECTORY << 12, FUZZ_PASIDS << 12 | 1);
	fuzz_field(entry, "pasid-entry", "P", 1);
	fuzz_field(entry, "pasid-entry", "AW", 2);
	fuzz_field(entry, "pasid-entry", "PGTT", pgtt);
	fuzz_field(entry, "pasid-entry", "SSPTPTR", second);
	fuzz_field(entry, "pasid-entry", "FSPTPTR", first);
	fuzz_field(entry, "pasid-entry", "SRE", 1);
	fuzz_field(entry, "pasid-entry", "ERE", 1);
	put_entry(seed, FUZZ_PASIDS << 12, entry, 8);
}

static void put_legacy(struct fuzz_seed *seed, u64 type, u64 second)
{
	u64 context[2] = { 0 };

	put_word(seed, FUZZ_ROOT << 12, FUZZ_CONTEXT << 12 | 1);
	fuzz_field(context, "legacy-context", "P", 1);
	fuzz_field(context, "legacy-context", "TT", type);
	fuzz_field(context, "legacy-context", "AW", 2);
	fuzz_field(context, "legacy-context", "SSPTPTR", second);
	put_entry(seed, FUZZ_CONTEXT << 12, context, 2);
}

/* Four levels from a page on, the leaf of 4 KiB in the slots of address 0x10203000. */
static void put_stage(struct fuzz_seed *seed, u64 table, u64 flags, u64 leaf)
{
	put_word(seed, table, (table + 0x1000) | flags);
	put_word(seed, table + 0x1000, (table + 0x2000) | flags);
	put_word(seed, table + 0x2000 + 129 * 8, (table + 0x3000) | flags);
	put_word(seed, table + 0x3000 + 3 * 8, leaf);
}

/* The second stage of a nested seed lets the guest be where it is: one page of 1 GiB. */
static void put_identity(struct fuzz_seed *seed, u64 table)
{
	put_word(seed, table, (table + 0x1000) | 3);
	put_word(seed, table + 0x1000, 0x83);
}

static void put_requests(struct fuzz_seed *seed)
{
	unsigned int kind;

	for (kind = 0; kind < 0x60; kind++)
		fuzz_put_request(seed, kind < 0x30 ? REQUEST : REQUEST_WARM, kind % 0x30,
				 0x10203000 | kind % 0x30 << 3);
}

/* Seeds 0 to 2: legacy TT n; 3 to 6: scalable mode with PGTT 1 to 4. */
static size_t seed(unsigned int n, u8 *out, size_t size)
{
	struct fuzz_seed s = { out, size, 0 };
	const u64 first = FUZZ_TABLES << 12, second = first + 0x8000;

	if (n > 6)
		return 0;
	fuzz_put_unit(&s, 0, 0);
	fuzz_put(&s, n > 2, 1);
	if (n > 2)
		put_scalable(&s, n - 2, first, second);
	else
		put_legacy(&s, n, second);
	put_stage(&s, first, 7, 0x15007);
	if (n == 5)
		put_identity(&s, second);
	else
		put_stage(&s, second, 3, 0x16003);
	put_requests(&s);
	return s.used;
}

const struct fuzz_target fuzz_tables = { "tables", run, seed };
