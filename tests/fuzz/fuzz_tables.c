/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as root, context and PASID tables and paging tables of both stages, and requests through them: of two units
 * with equal memories, one with caches and one without, which must agree. Tables change between requests and in the
 * middle of those of the unit with caches; what was changed is invalidated before it is to be relied on.
 */
#include "fuzz_unit.h"

enum operation { REQUEST = FUZZ_OPERATIONS, STORE_RUN, INVALIDATE, DESCRIPTOR, OPERATIONS };

/* How all is invalidated. */
enum way { GLOBALLY, BY_DOMAINS, BY_EVICTION, WAYS };

enum { CACHED, PLAIN, MACHINES };

/* Behind the pages that the input fills. */
#define QUEUE (FUZZ_PAGES * 4096ULL)
#define QUEUE_BYTES 4096

#define IQT 0x88
#define IQH 0x80
#define FSTS 0x34
#define IQE (1u << 4)
#define GSTS 0x1c
#define QIES (1u << 26)
#define ECAP 0x10
#define WBF (1u << 27)

/* Of a request that is begun again each time when an invalidation overlaps it; the model gives up later. */
#define INTERRUPTIONS_MAX 8

/* A context or PASID entry that gives a domain its tables. */
struct entry {
	u64 address;
	u16 domain_id;
	u64 pgtt; /* 0: of legacy mode */
	u64 words[8];
};
#define ENTRIES_MAX 16

struct machine {
	struct fuzz_world world;
	struct vtd_unit *unit;
};

struct state {
	struct machine machines[MACHINES];
	struct fuzz_input *in;
	struct {
		const struct format_field *context_domain, *pasid_domain, *pgtt;
	} fields;
	bool scalable;
	u64 tail;
	u64 restarts; /* of the queue, after errors */
	u64 edits; /* how often memory was changed */
	u64 settled; /* so many of these have been followed by an invalidation of all */
	unsigned int interruptions; /* of the cached unit's request */
	u64 nested; /* requests of the cached unit in the middle of something else */
	/* what the plain unit has read since the last invalidation of all */
	struct entry entries[ENTRIES_MAX];
	unsigned int entry_count;
	bool more_entries; /* the cached unit may have read others */
	bool clash; /* one contradicts another one: what the caches hold of the domain is software's fault */
};

/* --- what software must not do ------------------------------------------------------------ */

/* Section 6.2: entries of one domain id name the same tables, but for the first stages of several PASIDs. */
static bool contradict(const struct entry *a, const struct entry *b)
{
	if (a->domain_id != b->domain_id || memcmp(a->words, b->words, sizeof(a->words)) == 0)
		return false;
	return a->pgtt != 1 || b->pgtt != 1 || (a->address ^ b->address) % 4096 == 0;
}

static void note(struct state *s, const struct entry *entry)
{
	unsigned int i;

	for (i = 0; i < s->entry_count; i++) {
		s->clash |= contradict(&s->entries[i], entry);
		if (memcmp(&s->entries[i], entry, sizeof(*entry)) == 0)
			return;
	}
	if (s->entry_count < ENTRIES_MAX)
		s->entries[s->entry_count++] = *entry;
	else
		s->clash = true;
}

/* Of the plain unit. */
static void on_observe(void *arg, const struct port_event *event)
{
	struct state *s = arg;
	struct entry entry;

	if (event->kind != PORT_EVENT_TABLE_READ)
		return;
	/* the queue is no table */
	s->clash |= event->address.v / QUEUE_BYTES == QUEUE / QUEUE_BYTES;
	memset(&entry, 0, sizeof(entry));
	entry.address = event->address.v;
	memcpy(entry.words, event->data, event->len);
	if (strcmp(event->what, "context entry") == 0) {
		entry.domain_id = (u16)format_field_get(s->fields.context_domain, entry.words);
		note(s, &entry);
	} else if (strcmp(event->what, "PASID table entry") == 0) {
		entry.domain_id = (u16)format_field_get(s->fields.pasid_domain, entry.words);
		entry.pgtt = format_field_get(s->fields.pgtt, entry.words);
		note(s, &entry);
	}
}

static void forget_entries(struct state *s)
{
	s->entry_count = 0;
	s->more_entries = false;
}

/* --- invalidation -------------------------------------------------------------------------- */

static bool in_the_middle(const struct state *s)
{
	return s->machines[CACHED].world.depth;
}

static void restart_queue(struct state *s)
{
	unsigned int i;

	s->restarts++;
	s->tail = 0;
	for (i = 0; i < MACHINES; i++)
		fuzz_queue(s->machines[i].unit, QUEUE | (u64)s->scalable << 11);
}

/* True if both units have carried it out. */
static bool submit(struct state *s, u64 low, u64 high)
{
	const u64 words[4] = { low, high }, restarts = s->restarts;
	size_t len = s->scalable ? 32 : 16;
	bool done = true, error = false;
	u64 tail = s->tail;
	int i;

	s->tail = (tail + len) % QUEUE_BYTES;
	/* the cached unit last, as others come in the middle */
	for (i = PLAIN; i >= CACHED; i--) {
		memory_write(s->machines[i].world.memory, hpa(QUEUE + tail), words, len);
		vtd_mmio_write(s->machines[i].unit, IQT, 8, s->tail);
	}
	for (i = 0; i < MACHINES; i++) {
		struct vtd_unit *unit = s->machines[i].unit;

		done &= vtd_mmio_read(unit, GSTS, 4) & QIES &&
			vtd_mmio_read(unit, IQH, 8) == vtd_mmio_read(unit, IQT, 8);
		error |= vtd_mmio_read(unit, FSTS, 4) & IQE;
	}
	if (error)
		restart_queue(s);
	return done && restarts == s->restarts;
}

static bool invalidate_globally(struct state *s)
{
	bool done = submit(s, 1 | 1 << 4, 0);

	if (s->scalable)
		done &= submit(s, 7 | 3 << 4, 0);
	return submit(s, 2 | 1 << 4, 0) && done;
}

static bool invalidate_domain(struct state *s, u64 domain_id)
{
	bool done = submit(s, 1 | 2 << 4 | domain_id << 16, 0);

	if (s->scalable)
		done &= submit(s, 7 | domain_id << 16, 0);
	return submit(s, 2 | 2 << 4 | domain_id << 16, 0) && done;
}

/* Of all domains that there have been, and 0, which entries that are not present belong to. */
static bool invalidate_domains(struct state *s)
{
	bool done = invalidate_domain(s, 0);
	unsigned int i, count = s->entry_count;

	if (s->more_entries)
		return invalidate_globally(s);
	for (i = 0; i < count; i++)
		done &= invalidate_domain(s, s->entries[i].domain_id);
	return done;
}

/* Not an invalidation: good only where no request is under way. */
static bool evict(struct state *s)
{
	unsigned int i;

	if (in_the_middle(s))
		return false;
	for (i = 0; i < MACHINES; i++) {
		vtd_evict_all(s->machines[i].unit);
		fuzz_command(s->machines[i].unit, WBF, true);
	}
	return true;
}

static bool invalidate_by(struct state *s, enum way way)
{
	switch (way) {
	case BY_DOMAINS:
		return invalidate_domains(s);
	case BY_EVICTION:
		return evict(s);
	case GLOBALLY:
	default:
		return invalidate_globally(s);
	}
}

/* From then on, the edits up to now are known to both units. */
static void settle(struct state *s, enum way way)
{
	const u64 edits = s->edits, nested = s->nested;

	if (!invalidate_by(s, way) || edits < s->settled)
		return;
	s->settled = edits;
	/* what was read meanwhile may have been kept after its cache was invalidated */
	if (in_the_middle(s) || nested != s->nested)
		s->more_entries = true;
	else
		forget_entries(s);
}

static bool settled(const struct state *s)
{
	return s->edits == s->settled;
}

/* Page-selective and the like: more than is needed is never wrong. */
static void any_descriptor(struct state *s)
{
	static const u64 types[] = { 1, 2, 6, 7 };
	u64 low = fuzz_take(s->in, 8), high = fuzz_take(s->in, 8);

	submit(s, (low & ~0xe0fULL) | types[low & 3], high);
}

/* --- edits --------------------------------------------------------------------------------- */

/* The same to both memories. */
static bool edit(struct state *s, unsigned int operation)
{
	struct fuzz_input copy = *s->in;

	if (operation == FUZZ_REENTER)
		return fuzz_operate(&s->machines[CACHED].world, s->in, operation);
	if (!fuzz_operate(&s->machines[PLAIN].world, &copy, operation))
		return false;
	fuzz_operate(&s->machines[CACHED].world, s->in, operation);
	s->edits++;
	return true;
}

/* A table as bytes: from a quadword on, for as long as it says. */
static void store_run(struct state *s)
{
	u64 page = fuzz_take(s->in, 1) % FUZZ_PAGES;
	u64 slot = fuzz_take(s->in, 2) % 512;
	u64 count = fuzz_take(s->in, 1) % 17;
	unsigned int i;

	for (; count && slot < 512; count--, slot++) {
		u64 value = fuzz_take(s->in, 8);

		for (i = 0; i < MACHINES; i++)
			memory_write(s->machines[i].world.memory, hpa(page * 4096 + slot * 8),
				     &value, sizeof(value));
	}
	s->edits++;
}

/* What the plain unit's memory lacks of what the cached unit marked, or the other way round. */
static void equalise(struct state *s)
{
	u64 page;

	/* the queue's page behind them may have been marked too */
	for (page = 0; page <= FUZZ_PAGES; page++)
		memcpy(memory_page(s->machines[PLAIN].world.memory, hpa(page << 12)),
		       memory_page(s->machines[CACHED].world.memory, hpa(page << 12)), 4096);
	s->machines[PLAIN].world.marks = s->machines[CACHED].world.marks;
	fuzz_command(s->machines[PLAIN].unit, WBF, true);
}

/* --- requests ------------------------------------------------------------------------------ */

static void translate(struct machine *machine, const struct translation_request *asked,
		      struct translation_result *result)
{
	vtd_translate(machine->unit, asked, result);
	fuzz_check_result(asked, result);
}

static void compare(const struct translation_result results[MACHINES])
{
	const struct translation_result *cached = &results[CACHED], *plain = &results[PLAIN];

	fuzz_require(cached->fault == plain->fault);
	fuzz_require(cached->blocked == plain->blocked);
	fuzz_require(cached->interrupt == plain->interrupt);
	fuzz_require(cached->address.v == plain->address.v);
	fuzz_require(cached->page_size == plain->page_size);
	fuzz_require(cached->rights == plain->rights);
	fuzz_require(cached->ats_status == plain->ats_status);
	fuzz_require(cached->completion == plain->completion);
}

/* Of the plain unit; false if the cached one need not agree: its caches hold what contradicts it. */
static bool translate_plainly(struct state *s, const struct translation_request *asked,
			      struct translation_result *result)
{
	s->clash = false;
	translate(&s->machines[PLAIN], asked, result);
	return !s->clash;
}

/*
 * In the middle of another one; the plain unit tells what will be read. Nothing is compared here, but what is left in
 * caches will be.
 */
static void request_in_the_middle(struct state *s, const struct translation_request *asked)
{
	struct translation_result result;
	unsigned int count = s->entry_count;
	u64 marks = s->machines[CACHED].world.marks;

	s->more_entries = true;
	s->nested++;
	if (translate_plainly(s, asked, &result))
		translate(&s->machines[CACHED], asked, &result);
	else
		s->entry_count = count;
	s->edits += marks != s->machines[CACHED].world.marks;
}

/* Edits whose invalidation is over count for what was under way. */
static void compare_interrupted(struct state *s, const struct translation_request *asked,
				struct translation_result results[MACHINES])
{
	u64 marks = s->machines[CACHED].world.marks;

	s->more_entries = true;
	equalise(s);
	if (!settled(s) || s->interruptions > INTERRUPTIONS_MAX)
		return;
	if (!translate_plainly(s, asked, &results[PLAIN])) {
		s->edits++;
		return;
	}
	if (marks == s->machines[PLAIN].world.marks)
		compare(results);
	else
		s->edits++;
}

static void request(struct state *s)
{
	const struct translation_request asked = fuzz_request(s->in);
	struct translation_result results[MACHINES];
	u64 marks = s->machines[CACHED].world.marks;

	if (in_the_middle(s)) {
		request_in_the_middle(s, &asked);
		return;
	}
	if (!settled(s))
		settle(s, GLOBALLY);
	if (!settled(s))
		settle(s, BY_EVICTION);
	/* a request in the middle of what was not one may have marked entries of the cached unit alone */
	if (s->machines[CACHED].world.marks != s->machines[PLAIN].world.marks)
		equalise(s);
	if (!translate_plainly(s, &asked, &results[PLAIN])) {
		evict(s);
		forget_entries(s);
		/* as if it had not been asked before: marks may lie in the way */
		equalise(s);
		translate_plainly(s, &asked, &results[PLAIN]);
	}
	s->interruptions = 0;
	translate(&s->machines[CACHED], &asked, &results[CACHED]);
	/* marks are edits too: a table may lie in another one */
	s->edits += marks != s->machines[CACHED].world.marks;
	if (s->interruptions) {
		compare_interrupted(s, &asked, results);
		return;
	}
	compare(results);
	fuzz_require(s->machines[CACHED].world.marks == s->machines[PLAIN].world.marks);
}

/* ------------------------------------------------------------------------------------------- */

static void operate(struct state *s)
{
	unsigned int operation = (unsigned int)fuzz_take(s->in, 1) % OPERATIONS;

	if (edit(s, operation))
		return;
	switch ((enum operation)operation) {
	case REQUEST:
		request(s);
		break;
	case STORE_RUN:
		store_run(s);
		break;
	case INVALIDATE:
		settle(s, (enum way)(fuzz_take(s->in, 1) % WAYS));
		break;
	case DESCRIPTOR:
	default:
		any_descriptor(s);
		break;
	}
}

/* A few operations: an edit is nothing without its invalidation. */
static void reenter(void *arg)
{
	struct state *s = arg;
	u64 count = fuzz_take(s->in, 1) % 4 + 1;

	s->interruptions++;
	while (count--)
		operate(s);
}

static void build(struct state *s)
{
	struct vtd_config config = fuzz_unit_config(s->in);
	const struct cache_geometry off = { 0 };
	unsigned int i;

	s->scalable = fuzz_take(s->in, 1) & 1;
	for (i = 0; i < MACHINES; i++) {
		fuzz_world_init(&s->machines[i].world, reenter, s);
		s->machines[i].unit = vtd_create(&config, &s->machines[i].world.port);
		if (s->machines[i].unit)
			fuzz_start(s->machines[i].unit, s->scalable);
		config.context_cache = config.pasid_cache = config.iotlb = off;
		config.first_stage_pwc = config.second_stage_pwc = off;
	}
	s->machines[PLAIN].world.observe = on_observe;
	if (s->machines[CACHED].unit)
		restart_queue(s);
}

static void run(struct fuzz_input *in)
{
	struct state s = {
		.in = in,
		.fields = {
			.context_domain = vtd_field(vtd_format("legacy-context"), "DID"),
			.pasid_domain = vtd_field(vtd_format("pasid-entry"), "DID"),
			.pgtt = vtd_field(vtd_format("pasid-entry"), "PGTT"),
		},
	};
	unsigned int i;

	build(&s);
	while (s.machines[CACHED].unit && in->size)
		operate(&s);
	for (i = 0; i < MACHINES; i++) {
		vtd_destroy(s.machines[i].unit);
		fuzz_world_clear(&s.machines[i].world);
	}
}

/* --- seeds ------------------------------------------------------------------------------- */

static void put_entry(struct fuzz_seed *seed, u64 address, const u64 *entry, unsigned int quadwords)
{
	unsigned int i;

	fuzz_put(seed, STORE_RUN, 1);
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

/* PASID 0 of device 0 in scalable mode, with that translation type; marked: the second stage has A and D too. */
static void put_scalable(struct fuzz_seed *seed, u64 pgtt, bool marked, u64 first, u64 second)
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
	fuzz_field(entry, "pasid-entry", "PWSNP", 1);
	fuzz_field(entry, "pasid-entry", "SSADE", marked);
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

	for (kind = 0; kind < 0x30; kind++)
		fuzz_put_request(seed, REQUEST, kind, 0x10203000 | kind << 3);
}

/* The same page until nothing has to be marked any more, and then by what caches hold. */
static void put_sequence(struct fuzz_seed *seed)
{
	static const unsigned int kinds[] = { 0, 0, 4, 4, 4, 0, 1, 1, 5, 5, 5, 1 };
	unsigned int i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		fuzz_put_request(seed, REQUEST, kinds[i], 0x10203000);
}

static void put_invalidate(struct fuzz_seed *seed, enum way way)
{
	fuzz_put(seed, INVALIDATE, 1);
	fuzz_put(seed, way, 1);
}

/* A leaf entry changes, and all is invalidated, while a request reads tables; then what is left in caches counts. */
static void put_overlapped(struct fuzz_seed *seed, u64 leaf_address, u64 leaf, unsigned int call)
{
	put_invalidate(seed, GLOBALLY);
	fuzz_put_reenter(seed, call);
	fuzz_put_request(seed, REQUEST, 0, 0x10203000);
	fuzz_put(seed, 1, 1);
	put_word(seed, leaf_address, leaf);
	put_invalidate(seed, BY_DOMAINS);
	fuzz_put_request(seed, REQUEST, 0, 0x10203000);
	fuzz_put_request(seed, REQUEST, 4, 0x10203000);
}

/* Another leaf, and then another table above it, each followed by no more invalidations than it takes. */
static void put_edits(struct fuzz_seed *seed, u64 table, u64 flags, unsigned int first_call)
{
	unsigned int call;

	put_word(seed, table + 0x3000 + 3 * 8, 0x17000 | flags);
	put_invalidate(seed, BY_DOMAINS);
	put_sequence(seed);
	for (call = first_call; call < first_call + 9; call++)
		put_overlapped(seed, table + 0x3000 + 3 * 8, (0x18000 + call * 0x1000ULL) | flags,
			       call);
	put_word(seed, table + 0x4000 + 3 * 8, 0x27000 | flags);
	put_word(seed, table + 0x2000 + 129 * 8, (table + 0x4000) | flags);
	put_invalidate(seed, BY_DOMAINS);
	put_sequence(seed);
}

/* Seeds 0 to 2: legacy TT n; 3 to 6: scalable mode with PGTT 1 to 4; 7 to 10: the same with SSADE. */
static size_t seed(unsigned int n, u8 *out, size_t size)
{
	struct fuzz_seed s = { out, size, 0 };
	const bool scalable = n > 2, marked = n > 6;
	const u64 first = FUZZ_TABLES << 12, second = first + 0x8000;
	const u64 pgtt = (n - 3) % 4 + 1;

	if (n > 10)
		return 0;
	fuzz_put_unit(&s, 0);
	fuzz_put(&s, scalable, 1);
	if (scalable)
		put_scalable(&s, pgtt, marked, first, second);
	else
		put_legacy(&s, n, second);
	put_stage(&s, first, 7, 0x15007);
	if (scalable && pgtt == 3)
		put_identity(&s, second);
	else
		put_stage(&s, second, 3, 0x16003);
	put_sequence(&s);
	/* A and D are set: what marks memory is an edit by itself */
	if (scalable && pgtt % 2)
		/* nested, the second stage is walked for each table of the first */
		put_edits(&s, first, 0x67, pgtt == 3 ? 9 : 1);
	else
		put_edits(&s, second, 0x303, 1);
	put_requests(&s);
	put_word(&s, scalable ? FUZZ_PASIDS << 12 : FUZZ_CONTEXT << 12, 0);
	put_invalidate(&s, BY_DOMAINS);
	put_sequence(&s);
	return s.used;
}

const struct fuzz_target fuzz_tables = { "tables", run, seed };
