/* SPDX-License-Identifier: Apache-2.0 */
/* Any register accesses and queue descriptors, with requests between them. */
#include "fuzz_unit.h"

enum operation {
	WRITE_REGISTER, /* a register of the table, 4 bytes (of either half) or all */
	READ_REGISTER,
	ANY_ACCESS, /* of any offset and size */
	COMMAND, /* one bit of GCMD, as software should */
	DESCRIPTOR, /* put at the tail of the queue, which then moves */
	STORE,
	REQUEST,
	START,
	DEVICES, /* answer invalidations, or do not */
	EVICT,
	REENTER,
	PAGE_REQUEST,
	REQUEUE, /* the queue is disabled, and another one enabled */
	REMAP, /* another interrupt remapping table, and no entry of the last one any more */
	OPERATIONS,
};

#define FSTS 0x34
#define IQE 0x10u
#define ITE 0x40u
#define IQH 0x80
#define IQT 0x88
#define IQA 0x90
#define IRTA 0xb8
#define PRS 0xdc
#define QIE (1u << 26)
#define IRE (1u << 25)
#define SIRTP (1u << 24)

struct state {
	struct fuzz_world world;
	struct vtd_unit *unit;
	struct fuzz_input *in;
	/* by the last operation that has begun: */
	bool requeued; /* the queue is another one, and empty */
	bool remapped; /* no interrupt entry is older */
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

/* Of 128 or 256 bits, as IQA says; the queue lies wherever software said. */
static void descriptor(struct state *s)
{
	u64 iqa = read_register(s, IQA, 8), tail = read_register(s, IQT, 8);
	unsigned int bytes = iqa >> 11 & 1 ? 32 : 16;
	u64 size = 4096ULL << (iqa & 7);
	u64 words[4];
	unsigned int i;

	for (i = 0; i < bytes / 8; i++)
		words[i] = fuzz_take(s->in, 8);
	memory_write(s->world.memory, hpa((iqa & ~0xfffULL) + tail), words, bytes);
	vtd_mmio_write(s->unit, IQT, 8, (tail + bytes) % size);
}

static void request(struct state *s)
{
	const struct translation_request asked = fuzz_request(s->in);
	struct translation_result result;

	vtd_translate(s->unit, &asked, &result);
	fuzz_check_result(&asked, &result);
}

static void ask_for_page(struct state *s)
{
	unsigned int kind = (unsigned int)fuzz_take(s->in, 1);
	const struct page_request request = {
		.source_id = (u16)fuzz_take(s->in, 2),
		.has_pasid = kind & 1,
		.pasid = (u32)fuzz_take(s->in, 3) & 0xfffff,
		.address = fuzz_take(s->in, 8) & MODEL_PAGE_MASK,
		.read = kind >> 1 & 1,
		.write = kind >> 2 & 1,
		.last = kind >> 3 & 1,
		.execute = kind >> 4 & 1,
		.privileged = kind >> 5 & 1,
		.group = (u16)fuzz_take(s->in, 1),
		.private_data = { kind >> 7, { fuzz_take(s->in, 2), kind } },
	};

	vtd_page_request(s->unit, &request);
}

static void requeue(struct state *s)
{
	u64 place = fuzz_take(s->in, 1);

	fuzz_command(s->unit, QIE, false);
	vtd_mmio_write(s->unit, IQT, 8, 0);
	/* width, size, and one of four pages */
	vtd_mmio_write(s->unit, IQA, 8,
		       (FUZZ_QUEUE + (place & 3)) << 12 | (place >> 2 & 1) << 11 |
			       (place >> 4 & 3));
	fuzz_command(s->unit, QIE, true);
	s->requeued = true;
}

static void remap(struct state *s)
{
	u64 place = fuzz_take(s->in, 1);
	u64 iqa = read_register(s, IQA, 8), tail = read_register(s, IQT, 8);
	const u64 all[4] = { 4 };
	unsigned int bytes = iqa >> 11 & 1 ? 32 : 16;

	vtd_mmio_write(s->unit, IRTA, 8, (FUZZ_TABLES + (place & 7)) << 12 | place >> 4);
	fuzz_command(s->unit, SIRTP, true);
	fuzz_command(s->unit, IRE, true);
	memory_write(s->world.memory, hpa((iqa & ~0xfffULL) + tail), all, bytes);
	tail = (tail + bytes) % (4096ULL << (iqa & 7));
	vtd_mmio_write(s->unit, IQT, 8, tail);
	/* where the queue has stopped, the descriptor has not been carried out */
	s->remapped = read_register(s, 0x1c, 4) >> 26 & 1 &&
		      !(read_register(s, FSTS, 4) & (IQE | ITE)) &&
		      read_register(s, IQT, 8) == tail && read_register(s, IQH, 8) == tail;
}

/* What a message of that index becomes is the same with what the cache holds now and without. */
static void check_interrupt(struct state *s, u64 index)
{
	const struct translation_request asked = {
		.access = ACCESS_WRITE,
		.address = iova(0xfee00010 | index << 5),
		.len = 4,
	};
	struct translation_result cached, read;

	vtd_translate(s->unit, &asked, &cached);
	vtd_evict_all(s->unit);
	vtd_translate(s->unit, &asked, &read);
	/* posting changes what comes of the next one */
	if (cached.posted || read.posted)
		return;
	fuzz_require(cached.fault == read.fault);
	fuzz_require(cached.address.v == read.address.v && cached.data == read.data);
}

static void check_remapping(struct state *s)
{
	u64 index;

	if (!s->remapped)
		return;
	s->remapped = false;
	s->world.calls_left = 0;
	for (index = 0; index < 4; index++)
		check_interrupt(s, index);
}

/* What the registers say of each other, whatever software did (section 11.4). */
static void check_registers(const struct state *s)
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
	if (read_register(s, 0x1c, 4) >> 26 & 1) {
		fuzz_require(read_register(s, IQH, 8) < 4096ULL << (read_register(s, IQA, 8) & 7));
		fuzz_require(!s->requeued || read_register(s, IQH, 8) == 0);
	}
}

static void operate(struct state *s)
{
	s->requeued = s->remapped = false;
	switch ((enum operation)(fuzz_take(s->in, 1) % OPERATIONS)) {
	case WRITE_REGISTER:
		access_register(s, true);
		break;
	case READ_REGISTER:
		access_register(s, false);
		break;
	case ANY_ACCESS:
		any_access(s);
		break;
	case COMMAND:
		fuzz_command(s->unit, 1u << (16 + fuzz_take(s->in, 1) % 16),
			     fuzz_take(s->in, 1) & 1);
		break;
	case DESCRIPTOR:
		descriptor(s);
		break;
	case STORE:
		fuzz_store(&s->world, s->in);
		break;
	case REQUEST:
		request(s);
		break;
	case START:
		fuzz_start(s->unit, fuzz_take(s->in, 1) & 1);
		break;
	case DEVICES:
		s->world.silent = fuzz_take(s->in, 1) & 1;
		break;
	case EVICT:
		vtd_evict_all(s->unit);
		break;
	case REENTER:
		fuzz_take_reentry(&s->world, s->in);
		break;
	case REQUEUE:
		requeue(s);
		break;
	case REMAP:
		remap(s);
		break;
	case PAGE_REQUEST:
	default:
		ask_for_page(s);
		break;
	}
}

static void reenter(void *arg)
{
	operate(arg);
}

static void run(struct fuzz_input *in)
{
	const struct vtd_config config = fuzz_unit_config(in);
	struct state s = { .in = in };

	fuzz_world_init(&s.world);
	s.world.reenter = reenter;
	s.world.arg = &s;
	s.unit = vtd_create(&config, &s.world.port);
	while (s.unit && in->size) {
		operate(&s);
		check_registers(&s);
		check_remapping(&s);
	}
	vtd_destroy(s.unit);
	fuzz_world_clear(&s.world);
}

/* --- seeds ------------------------------------------------------------------------------- */

/* A unit in a mode, with a second stage that maps everything onto itself by one page of 1 GiB; the unit is put. */
static void put_software(struct fuzz_seed *seed, bool scalable)
{
	const u64 tables = FUZZ_TABLES << 12;
	u64 context[4] = { 0 }, entry[8] = { 0 };
	unsigned int i;

	fuzz_put_store(seed, STORE, FUZZ_ROOT << 12, FUZZ_CONTEXT << 12 | 1);
	if (scalable) {
		fuzz_field(context, "context", "P", 1);
		fuzz_field(context, "context", "DTE", 1);
		fuzz_field(context, "context", "PASIDE", 1);
		fuzz_field(context, "context", "PASIDDIRPTR", FUZZ_DIRECTORY << 12);
		fuzz_put_store(seed, STORE, FUZZ_DIRECTORY << 12, FUZZ_PASIDS << 12 | 1);
		fuzz_field(entry, "pasid-entry", "P", 1);
		fuzz_field(entry, "pasid-entry", "AW", 2);
		fuzz_field(entry, "pasid-entry", "PGTT", 2);
		fuzz_field(entry, "pasid-entry", "DID", 5);
		fuzz_field(entry, "pasid-entry", "SSPTPTR", tables);
		for (i = 0; i < 3; i++)
			fuzz_put_store(seed, STORE, (FUZZ_PASIDS << 12) + i * 8, entry[i]);
	} else {
		fuzz_field(context, "legacy-context", "P", 1);
		fuzz_field(context, "legacy-context", "TT", 1);
		fuzz_field(context, "legacy-context", "AW", 2);
		fuzz_field(context, "legacy-context", "DID", 5);
		fuzz_field(context, "legacy-context", "SSPTPTR", tables);
	}
	for (i = 0; i < 2; i++)
		fuzz_put_store(seed, STORE, (FUZZ_CONTEXT << 12) + i * 8, context[i]);
	fuzz_put_store(seed, STORE, tables, (tables + 0x1000) | 3);
	fuzz_put_store(seed, STORE, tables + 0x1000, 0x83);
	fuzz_put(seed, START, 1);
	fuzz_put(seed, scalable, 1);
	fuzz_put_request(seed, REQUEST, 0, 0x12345678);
	fuzz_put_request(seed, REQUEST, 0x10, 0x12345000);
}

static void put_machine(struct fuzz_seed *seed, bool scalable)
{
	fuzz_put_unit(seed, 0, 0);
	put_software(seed, scalable);
}

static void put_descriptor(struct fuzz_seed *seed, u64 q0, u64 q1, bool wide)
{
	fuzz_put(seed, DESCRIPTOR, 1);
	fuzz_put(seed, q0, 8);
	fuzz_put(seed, q1, 8);
	if (wide)
		fuzz_put(seed, 0, 8), fuzz_put(seed, 0, 8);
}

/* Interrupts by one table and then, while an entry of it is read, by another. */
static void put_remapping(struct fuzz_seed *seed, bool within)
{
	const u64 tables[] = { (FUZZ_TABLES + 4) << 12, (FUZZ_TABLES + 5) << 12 };
	unsigned int i;

	fuzz_put_unit(seed, 0, 0);
	fuzz_put(seed, START, 1);
	fuzz_put(seed, 1, 1);
	for (i = 0; i < 2; i++)
		fuzz_put_store(seed, STORE, tables[i], 0x30000000000ULL | (0x41 + i) << 16 | 1);
	fuzz_put(seed, REMAP, 1);
	fuzz_put(seed, 4, 1);
	if (within) {
		fuzz_put(seed, REENTER, 1);
		fuzz_put(seed, 1, 1);
	}
	fuzz_put(seed, REQUEST, 1);
	fuzz_put(seed, 4, 1); /* a write */
	fuzz_put(seed, 0, 2);
	fuzz_put(seed, 0xfee00010, 8);
	fuzz_put(seed, 0, 4);
	fuzz_put(seed, REMAP, 1);
	fuzz_put(seed, 5, 1);
}

/* Another queue while a descriptor of the last one, far behind its beginning, is fetched. */
static void put_requeue(struct fuzz_seed *seed)
{
	unsigned int i;

	put_machine(seed, true);
	for (i = 0; i < 3; i++)
		put_descriptor(seed, 5, 0, true);
	fuzz_put(seed, REENTER, 1);
	fuzz_put(seed, 1, 1);
	put_descriptor(seed, 5, 0, true);
	fuzz_put(seed, REQUEUE, 1);
	fuzz_put(seed, 5, 1);
}

/* PASID 7, where PSS says more bits than a PASID has. */
static void put_wide_pss(struct fuzz_seed *seed)
{
	fuzz_put_unit(seed, 0, (19ULL ^ 31) << 35);
	put_software(seed, true);
	fuzz_put(seed, REQUEST, 1);
	fuzz_put(seed, 1, 1);
	fuzz_put(seed, 0, 2);
	fuzz_put(seed, 7, 3);
	fuzz_put(seed, 0x12345678, 8);
}

/* Fault records where PRS would be, and a fault of a device without a context. */
static void put_records_at_prs(struct fuzz_seed *seed)
{
	fuzz_put_unit(seed, (64ULL ^ 13) << 24, 1ULL << 29);
	put_software(seed, true);
	fuzz_put(seed, REQUEST, 1);
	fuzz_put(seed, 0, 1);
	fuzz_put(seed, 0xffff, 2);
	fuzz_put(seed, 0x12345678, 8);
}

/* Seeds 0 to 9: legacy with descriptor type n; 10 to 19 the same in scalable mode; then those above. */
static size_t seed(unsigned int n, u8 *out, size_t size)
{
	struct fuzz_seed s = { out, size, 0 };
	bool scalable = n >= 10;
	u64 type = n % 10;

	switch (n) {
	case 20:
	case 21:
		put_remapping(&s, n == 21);
		return s.used;
	case 22:
		put_requeue(&s);
		return s.used;
	case 23:
		put_wide_pss(&s);
		return s.used;
	case 24:
		put_records_at_prs(&s);
		return s.used;
	default:
		break;
	}
	if (n > 24)
		return 0;
	put_machine(&s, scalable);
	put_descriptor(&s, type | 3 << 4 | 5 << 16, 0, scalable);
	put_descriptor(&s, 5 | 3 << 4 | 0x77ULL << 32, 31 << 12, scalable);
	fuzz_put_request(&s, REQUEST, 4, 0x12345678);
	fuzz_put(&s, WRITE_REGISTER, 1);
	fuzz_put(&s, 7, 1);
	fuzz_put(&s, 0, 1);
	fuzz_put(&s, 0xff, 4);
	return s.used;
}

const struct fuzz_target fuzz_registers = { "registers", run, seed };
