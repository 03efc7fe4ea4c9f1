/* SPDX-License-Identifier: Apache-2.0 */
/* Any register accesses and queue descriptors, with requests between them. */
#include "fuzz_unit.h"

enum operation {
	WRITE_REGISTER =
		FUZZ_OPERATIONS, /* a register of the table, 4 bytes (of either half) or all */
	READ_REGISTER,
	ANY_ACCESS, /* of any offset and size */
	COMMAND, /* one bit of GCMD, as software should */
	DESCRIPTOR, /* put at the tail of the queue, which then moves */
	REQUEST,
	START,
	DEVICES, /* answer invalidations, or do not */
	EVICT,
	PAGE_REQUEST,
	QUEUE, /* another one, instead of what there is */
	FLOOD, /* the same descriptor many times, behind which the tail is put at once */
	INTERRUPTS, /* one of the target's own tables, instead of the one in use, of which no entry is kept */
	OPERATIONS,
};

#define FSTS 0x34
#define IQH 0x80
#define IQT 0x88
#define IQA 0x90
#define IRTA 0xb8
#define PRS 0xdc

#define GSTS 0x1c
#define IRES (1u << 25)
#define QIES (1u << 26)
#define IQE (1u << 4)
#define ITE (1u << 6)

/* Interrupt tables that operations on memory do not reach; the vector of an entry says whose it is. */
#define INTERRUPT_TABLE 0x80000000ULL
#define INTERRUPT_ENTRIES 256
#define INTERRUPT_VECTOR 0x40
#define NO_TABLE (-1)

#define FLOODS_MAX 4

struct state {
	struct fuzz_world world;
	struct vtd_unit *unit;
	struct fuzz_input *in;
	unsigned int floods;
	bool fresh_queue; /* nothing has been put into the queue since it was enabled */
	int interrupt_table; /* all that the unit may go by; or NO_TABLE: not known */
	u64 interrupt_changes;
};

static u64 read_register(const struct state *s, u32 offset, unsigned int size)
{
	return vtd_mmio_read(s->unit, offset, size);
}

static u32 fault_record(const struct state *s, unsigned int n)
{
	u64 cap = read_register(s, 0x08, 8);

	return (u32)(cap >> 24 & 0x3ff) * 16 + n * 16;
}

/* The place of a register that the input names; those that CAP and ECAP place are of offset 0 in the table. */
static u32 named_register(const struct state *s, unsigned int *size)
{
	size_t count;
	const struct vtd_register *rows = vtd_registers(&count);
	const struct vtd_register *row = &rows[fuzz_take(s->in, 1) % count];

	*size = row->size;
	if (row->offset || strcmp(row->name, "VER") == 0)
		return row->offset;
	if (strncmp(row->name, "FRCD", 4) == 0)
		return fault_record(s, 0) + (row->name[4] ? 8 : 0);
	return (u32)(read_register(s, 0x10, 8) >> 8 & 0x3ff) * 16 +
	       (strcmp(row->name, "IVA") == 0 ? 0 : 8);
}

/* Software has the unit do what it likes: what the unit goes by is no longer known. */
static void forget(struct state *s)
{
	s->fresh_queue = false;
	s->interrupt_table = NO_TABLE;
	s->interrupt_changes++;
}

static void access_register(struct state *s, bool write)
{
	unsigned int size;
	u32 offset = named_register(s, &size);
	unsigned int part = (unsigned int)fuzz_take(s->in, 1) % 3;

	if (size == 8 && part) {
		offset += 4 * (part - 1);
		size = 4;
	}
	if (write)
		vtd_mmio_write(s->unit, offset, size, fuzz_take(s->in, size));
	else
		read_register(s, offset, size);
}

static void any_access(struct state *s)
{
	u32 offset = (u32)fuzz_take(s->in, 2) % (VTD_MMIO_SIZE + 16);
	unsigned int size = (unsigned int)fuzz_take(s->in, 1) % 18;

	if (size & 1)
		vtd_mmio_write(s->unit, offset, size / 2, fuzz_take(s->in, 8));
	else
		read_register(s, offset, size / 2);
}

/* Of 128 or 256 bits, as IQA says; the queue lies wherever software said. Then the tail is behind them. */
static void put_descriptors(struct state *s, const u64 words[4], unsigned int count)
{
	u64 iqa = read_register(s, IQA, 8), tail = read_register(s, IQT, 8);
	unsigned int bytes = iqa >> 11 & 1 ? 32 : 16;
	u64 size = 4096ULL << (iqa & 7);

	for (; count; count--) {
		memory_write(s->world.memory, hpa((iqa & ~0xfffULL) + tail), words, bytes);
		tail = (tail + bytes) % size;
	}
	s->fresh_queue = false;
	vtd_mmio_write(s->unit, IQT, 8, tail);
}

static void descriptor(struct state *s)
{
	unsigned int quadwords = read_register(s, IQA, 8) >> 11 & 1 ? 4 : 2, i;
	u64 words[4] = { 0 };

	for (i = 0; i < quadwords; i++)
		words[i] = fuzz_take(s->in, 8);
	put_descriptors(s, words, 1);
}

/* As many as it takes to get beyond a page, but not often. */
static void flood(struct state *s)
{
	u64 words[4] = { fuzz_take(s->in, 8), fuzz_take(s->in, 8) };
	unsigned int count = (unsigned int)fuzz_take(s->in, 1) * 2;

	if (s->floods < FLOODS_MAX) {
		s->floods++;
		put_descriptors(s, words, count);
	}
}

/* QS 2:0, DW 3, page 5:4 */
static void change_queue(struct state *s)
{
	u64 kind = fuzz_take(s->in, 1);

	fuzz_queue(s->unit, (FUZZ_QUEUE + (kind >> 4 & 3)) << 12 | (kind & 8) << 8 | (kind & 7));
	s->fresh_queue = true;
}

static void interrupt_entry(int table, u64 entry[2])
{
	entry[0] = entry[1] = 0;
	fuzz_field(entry, "irte", "P", 1);
	fuzz_field(entry, "irte", "V", (u64)(INTERRUPT_VECTOR + table));
}

static void write_interrupt_table(struct state *s, int table)
{
	u64 entries[INTERRUPT_ENTRIES][2];
	unsigned int i;

	interrupt_entry(table, entries[0]);
	for (i = 1; i < INTERRUPT_ENTRIES; i++)
		memcpy(entries[i], entries[0], sizeof(entries[0]));
	memory_write(s->world.memory, hpa(INTERRUPT_TABLE + (u64)table * 4096), entries,
		     sizeof(entries));
}

/* Table 0, S 3:1, EIME 4: as in section 6.5.2.7, the new table is in use when all entries of the old are gone. */
static void change_interrupt_table(struct state *s)
{
	static const u64 invalidate_all[4] = { 4 };
	u64 kind = fuzz_take(s->in, 1), before, change;
	const int table = kind & 1;

	forget(s);
	change = s->interrupt_changes;
	write_interrupt_table(s, table);
	vtd_mmio_write(s->unit, IRTA, 8,
		       (INTERRUPT_TABLE + (u64)table * 4096) | (kind >> 1 & 7) | (kind & 16) << 7);
	fuzz_command(s->unit, 1u << 24, true);
	fuzz_command(s->unit, 1u << 25, true);
	before = s->world.interrupt_invalidations;
	put_descriptors(s, invalidate_all, 1);
	if (change == s->interrupt_changes && before != s->world.interrupt_invalidations &&
	    read_register(s, GSTS, 4) & IRES)
		s->interrupt_table = table;
}

/* An entry of the table in use decides, unless the unit has been made to write into that. */
static void check_interrupt(const struct state *s, const struct translation_request *asked,
			    const struct translation_result *result)
{
	const u64 address = asked->address.v;
	/* handle 19:5 and 2, and with SHV 3 the subhandle */
	u64 index = (address >> 5 & 0x7fff) | (address & 4) << 13;
	u64 entry[2], found[2];

	if (s->interrupt_table == NO_TABLE || !result->interrupt || result->posted ||
	    !(address & 16))
		return;
	if (address & 8)
		index += asked->data & 0xffff;
	if (index >= INTERRUPT_ENTRIES)
		return;
	interrupt_entry(s->interrupt_table, entry);
	memory_read(s->world.memory,
		    hpa(INTERRUPT_TABLE + (u64)s->interrupt_table * 4096 + index * sizeof(found)),
		    found, sizeof(found));
	if (memcmp(entry, found, sizeof(entry)) == 0)
		fuzz_require((result->data & 0xff) == (u32)(INTERRUPT_VECTOR + s->interrupt_table));
}

static void request(struct state *s)
{
	const struct translation_request asked = fuzz_request(s->in);
	struct translation_result result;

	vtd_translate(s->unit, &asked, &result);
	fuzz_check_result(&asked, &result);
	check_interrupt(s, &asked, &result);
	/* a PASID has 20 bits, which no PSS from 19 on excludes */
	if ((read_register(s, 0x10, 8) >> 35 & 31) >= 19)
		fuzz_require(result.fault != VTD_FAULT_SM_PASID_BEYOND_PSS);
}

static void ask_for_page(struct state *s)
{
	unsigned int kind = (unsigned int)fuzz_take(s->in, 1);
	u16 source_id = (u16)fuzz_take(s->in, 2);
	/* above the PASID: execute 20, privileged 21, with private data 22 */
	u32 prefix = (u32)fuzz_take(s->in, 3);
	struct page_request request = {
		.source_id = source_id,
		.has_pasid = kind & 1,
		.pasid = prefix & 0xfffff,
		.address = fuzz_take(s->in, 8) & MODEL_PAGE_MASK,
		.read = kind >> 1 & 1,
		.write = kind >> 2 & 1,
		.last = kind >> 3 & 1,
		.execute = prefix >> 20 & 1,
		.privileged = prefix >> 21 & 1,
		.group = (u16)(kind >> 4),
		.private_data = { .present = kind >> 7 },
	};

	if (prefix >> 22 & 1) {
		request.private_data.data[0] = fuzz_take(s->in, 8);
		request.private_data.data[1] = fuzz_take(s->in, 8);
	}
	vtd_page_request(s->unit, &request);
}

/* What the registers say of each other, whatever software did (section 11.4). */
static void check_faults(const struct state *s)
{
	u32 status = (u32)read_register(s, FSTS, 4);
	unsigned int records = (unsigned int)(read_register(s, 0x08, 8) >> 40 & 0xff) + 1;
	bool pending = false;
	unsigned int i;

	for (i = 0; i < records; i++)
		pending |= read_register(s, fault_record(s, i) + 8, 8) >> 63;
	fuzz_require(pending == !!(status & 2));
	fuzz_require((status >> 8 & 0xff) < records);
	/* without page requests, another register may lie there */
	if (read_register(s, 0x10, 8) >> 29 & 1)
		fuzz_require(!(read_register(s, PRS, 4) & ~3ULL));
}

/* All is done at once: the queue stands at its end, if it stands at no error. */
static void check_queue(const struct state *s)
{
	u32 status = (u32)read_register(s, FSTS, 4);
	u64 head = read_register(s, IQH, 8);

	if (!(read_register(s, GSTS, 4) & QIES))
		return;
	fuzz_require(head < 4096ULL << (read_register(s, IQA, 8) & 7));
	fuzz_require(status & (IQE | ITE) || head == read_register(s, IQT, 8));
	fuzz_require(!s->fresh_queue || (head == 0 && !(status & IQE)));
}

static void command(struct state *s)
{
	u32 bit = 1u << (16 + fuzz_take(s->in, 1) % 16);

	forget(s);
	fuzz_command(s->unit, bit, fuzz_take(s->in, 1) & 1);
	forget(s);
}

static void operate(void *arg)
{
	struct state *s = arg;
	unsigned int operation = (unsigned int)fuzz_take(s->in, 1) % OPERATIONS;

	if (fuzz_operate(&s->world, s->in, operation))
		return;
	switch ((enum operation)operation) {
	case WRITE_REGISTER:
		forget(s);
		access_register(s, true);
		forget(s);
		break;
	case READ_REGISTER:
		access_register(s, false);
		break;
	case ANY_ACCESS:
		forget(s);
		any_access(s);
		forget(s);
		break;
	case COMMAND:
		command(s);
		break;
	case DESCRIPTOR:
		descriptor(s);
		break;
	case REQUEST:
		request(s);
		break;
	case START:
		forget(s);
		fuzz_start(s->unit, fuzz_take(s->in, 1) & 1);
		forget(s);
		break;
	case DEVICES:
		s->world.silent = fuzz_take(s->in, 1) & 1;
		break;
	case EVICT:
		vtd_evict_all(s->unit);
		break;
	case QUEUE:
		change_queue(s);
		break;
	case FLOOD:
		flood(s);
		break;
	case INTERRUPTS:
		change_interrupt_table(s);
		break;
	case PAGE_REQUEST:
	default:
		ask_for_page(s);
		break;
	}
}

static void run(struct fuzz_input *in)
{
	const struct vtd_config config = fuzz_unit_config(in);
	struct state s = { .in = in, .interrupt_table = NO_TABLE };

	fuzz_world_init(&s.world, operate, &s);
	s.unit = vtd_create(&config, &s.world.port);
	while (s.unit && in->size) {
		operate(&s);
		check_faults(&s);
		check_queue(&s);
	}
	vtd_destroy(s.unit);
	fuzz_world_clear(&s.world);
}

/* --- seeds ------------------------------------------------------------------------------- */

/* A unit in a mode, with a second stage that maps everything onto itself by one page of 1 GiB. */
static void put_machine(struct fuzz_seed *seed, bool scalable, u64 odd)
{
	const u64 tables = FUZZ_TABLES << 12;
	u64 context[4] = { 0 }, entry[8] = { 0 };
	unsigned int i;

	fuzz_put_unit(seed, odd);
	fuzz_put_store(seed, FUZZ_ROOT << 12, FUZZ_CONTEXT << 12 | 1);
	if (scalable) {
		fuzz_field(context, "context", "P", 1);
		fuzz_field(context, "context", "DTE", 1);
		fuzz_field(context, "context", "PASIDE", 1);
		fuzz_field(context, "context", "PRE", 1);
		fuzz_field(context, "context", "PASIDDIRPTR", FUZZ_DIRECTORY << 12);
		fuzz_put_store(seed, FUZZ_DIRECTORY << 12, FUZZ_PASIDS << 12 | 1);
		fuzz_field(entry, "pasid-entry", "P", 1);
		fuzz_field(entry, "pasid-entry", "AW", 2);
		fuzz_field(entry, "pasid-entry", "PGTT", 2);
		fuzz_field(entry, "pasid-entry", "DID", 5);
		fuzz_field(entry, "pasid-entry", "SSPTPTR", tables);
		for (i = 0; i < 3; i++)
			fuzz_put_store(seed, (FUZZ_PASIDS << 12) + i * 8, entry[i]);
	} else {
		fuzz_field(context, "legacy-context", "P", 1);
		fuzz_field(context, "legacy-context", "TT", 1);
		fuzz_field(context, "legacy-context", "AW", 2);
		fuzz_field(context, "legacy-context", "DID", 5);
		fuzz_field(context, "legacy-context", "SSPTPTR", tables);
	}
	for (i = 0; i < 2; i++)
		fuzz_put_store(seed, (FUZZ_CONTEXT << 12) + i * 8, context[i]);
	fuzz_put_store(seed, tables, (tables + 0x1000) | 3);
	fuzz_put_store(seed, tables + 0x1000, 0x83);
	fuzz_put(seed, START, 1);
	fuzz_put(seed, scalable, 1);
	fuzz_put_request(seed, REQUEST, 0, 0x12345678);
	fuzz_put_request(seed, REQUEST, 0x10, 0x12345000);
}

static void put_descriptor(struct fuzz_seed *seed, u64 q0, u64 q1, bool wide)
{
	fuzz_put(seed, DESCRIPTOR, 1);
	fuzz_put(seed, q0, 8);
	fuzz_put(seed, q1, 8);
	if (wide)
		fuzz_put(seed, 0, 8), fuzz_put(seed, 0, 8);
}

static void put_write(struct fuzz_seed *seed, const char *name, u64 value)
{
	size_t count, row = 0;
	const struct vtd_register *rows = vtd_registers(&count);

	while (row < count && strcmp(rows[row].name, name) != 0)
		row++;
	fuzz_require(row < count);
	fuzz_put(seed, WRITE_REGISTER, 1);
	fuzz_put(seed, row, 1);
	fuzz_put(seed, 0, 1);
	fuzz_put(seed, value, rows[row].size);
}

/* An operation whose bytes are one number. */
static void put_kind(struct fuzz_seed *seed, enum operation operation, u64 kind)
{
	fuzz_put(seed, operation, 1);
	fuzz_put(seed, kind, 1);
}

/* A descriptor of each type. */
static void seed_descriptor(struct fuzz_seed *seed, u64 type, bool scalable)
{
	put_machine(seed, scalable, 0);
	put_descriptor(seed, type | 3 << 4 | 5 << 16, 0, scalable);
	put_descriptor(seed, 5 | 3 << 4 | 0x77ULL << 32, 31 << 12, scalable);
	fuzz_put_request(seed, REQUEST, 4, 0x12345678);
	put_write(seed, "FSTS", 0xff);
}

/*
 * A small queue instead of a large one, behind whose first page the head is: while a descriptor is fetched, or is
 * carried out. Each descriptor makes three calls: it is fetched, takes its time, is told to be done.
 */
static void seed_queue(struct fuzz_seed *seed, unsigned int call)
{
	put_machine(seed, false, 0);
	put_kind(seed, QUEUE, 2);
	fuzz_put(seed, FLOOD, 1);
	fuzz_put(seed, 5, 8);
	fuzz_put(seed, 0, 8);
	fuzz_put(seed, 200, 1);
	fuzz_put_reenter(seed, call);
	put_descriptor(seed, 5, 0, false);
	put_kind(seed, QUEUE, 0x10);
	put_descriptor(seed, 2 | 1 << 4, 0, false);
}

/* An interrupt by a table that is replaced meanwhile: while the cache is looked into, or the entry is read. */
static void seed_interrupts(struct fuzz_seed *seed, unsigned int call)
{
	put_machine(seed, false, 0);
	put_kind(seed, INTERRUPTS, 0xe);
	fuzz_put_request(seed, REQUEST, 4, 0xfee00010);
	fuzz_put_reenter(seed, call);
	fuzz_put_request(seed, REQUEST, 4, 0xfee00030);
	put_kind(seed, INTERRUPTS, 0xf);
	fuzz_put_request(seed, REQUEST, 4, 0xfee00010);
	fuzz_put_request(seed, REQUEST, 4, 0xfee00030);
	fuzz_put_request(seed, REQUEST, 4, 0xfee0003c);
}

/* The event of a queue that stops, or of a function that does not answer, is served before the unit goes on. */
static void seed_event(struct fuzz_seed *seed, bool time_out)
{
	put_machine(seed, false, 0);
	put_write(seed, "FECTL", 0);
	put_kind(seed, DEVICES, time_out);
	/* calls: a fetch; of a right descriptor, its time, the message, that it is done; then the event */
	fuzz_put_reenter(seed, time_out ? 5 : 2);
	put_descriptor(seed, time_out ? 3 : 0, 0, false);
	put_write(seed, "FSTS", IQE | ITE);
	put_descriptor(seed, 5, 0, false);
}

static void put_page_request(struct fuzz_seed *seed, unsigned int kind, u32 prefix)
{
	fuzz_put(seed, PAGE_REQUEST, 1);
	fuzz_put(seed, kind, 1);
	fuzz_put(seed, 0, 2);
	fuzz_put(seed, prefix, 3);
	fuzz_put(seed, 0x12345000, 8);
	if (prefix >> 22 & 1)
		fuzz_put(seed, 0x1111, 8), fuzz_put(seed, 0x2222, 8);
}

/* Page requests of all kinds, more than the queue takes. */
static void seed_page_requests(struct fuzz_seed *seed)
{
	unsigned int i;

	put_machine(seed, true, 0);
	put_write(seed, "PQA", 0x1c000);
	put_write(seed, "PQH", 0x60);
	for (i = 0; i < 8; i++)
		put_page_request(seed, 0x8e | (i & 1), 0x700000 >> (i >> 1) & 0x700000);
	put_descriptor(seed, 9 | 3 << 4, 8 << 3 | 4, true);
	put_write(seed, "PRS", 3);
	put_page_request(seed, 0xa, 0);
}

/* Capabilities that only some fields have odd values of, and what depends on them. */
static void seed_odd(struct fuzz_seed *seed, u64 odd)
{
	put_machine(seed, true, odd);
	/* of two pages, by domain and by PASID */
	put_descriptor(seed, 2 | 3 << 4 | 5 << 16, 0x12345000 | 1, true);
	put_descriptor(seed, 6 | 3 << 4 | 5 << 16, 0x12345000 | 1, true);
	put_descriptor(seed, 7 | 1 << 4 | 5 << 16 | 0xfffffULL << 32, 0, true);
	put_descriptor(seed, 2 | 2 << 4 | 0xffffULL << 16, 0, true);
	/* PASIDs that PSS may not tell */
	fuzz_put(seed, REQUEST, 1);
	fuzz_put(seed, 1, 1);
	fuzz_put(seed, 0, 2);
	fuzz_put(seed, 7, 3);
	fuzz_put(seed, 0x12345678, 8);
	put_page_request(seed, 0xf, 0x1fff);
	put_write(seed, "FRCD_HIGH", 1ULL << 63);
}

/* Seeds 0 to 9: legacy with descriptor type n; 10 to 19 the same in scalable mode. */
static size_t seed(unsigned int n, u8 *out, size_t size)
{
	/* as fuzz_unit_config() has them, beside ND 6, SSLPS 3, PSI, MAMV 18, NFR 7, PSS 19 */
	static const u64 odds[] = {
		0x1307129e | 31u << 24, /* PSS */
		0x13071286 | 15u << 3, /* SSLPS */
		0x1307121e, /* PSI */
		0x1307009e, /* MAMV 0 */
		0x13073f9e, /* MAMV */
		0x13bf129e, /* NFR */
		0x13071298, /* ND 0 */
		0x1307129f, /* ND 7 */
	};
	struct fuzz_seed s = { out, size, 0 };

	if (n < 20)
		seed_descriptor(&s, n % 10, n >= 10);
	else if (n < 23)
		seed_queue(&s, n - 19);
	else if (n < 25)
		seed_interrupts(&s, n - 22);
	else if (n < 26)
		seed_page_requests(&s);
	else if (n < 28)
		seed_event(&s, n - 26);
	else if (n < 28 + sizeof(odds) / sizeof(odds[0]))
		seed_odd(&s, odds[n - 28]);
	return s.used;
}

const struct fuzz_target fuzz_registers = { "registers", run, seed };
