/* SPDX-License-Identifier: Apache-2.0 */
/* The oracle: see oracle.h. Section numbers are those of the VT-d specification, Rev. 5.10. */
#include "oracle.h"

#define BIT(n) (1ULL << (n))

/* One request under way. */
struct question {
	const struct oracle_unit *unit;
	struct memory *memory;
	const struct translation_request *request;
	struct oracle_answer answer;

	bool legacy; /* RTADDR.TTM is 00b */
	bool fpd; /* an entry with FPD was met (7.1.1) */
	u32 pasid; /* of the request, or RID_PASID */
	bool privileged; /* of the request, or RID_PRIV */
	u64 pe[8]; /* the PASID-table entry */
	bool nested;
	u64 second_stage_root;
	unsigned int second_stage_levels;
};

/* Where a stage ends. */
struct frame {
	unsigned int fault;
	u64 address; /* of the input, translated */
	u64 size; /* of the page */
	bool read, write, execute; /* second stage: R, W, X of all entries */
	bool rw, user, xd; /* first stage: R/W and U/S of all entries, XD of any */
	bool snoop; /* SNP of the second-stage leaf */
	u64 leaf; /* where the leaf entry lies in memory */
	u64 leaf_value;
	bool leaf_writable; /* nested: the second stage lets the first-stage leaf be written */
	u64 leaf_page; /* nested, with SSADE: the second-stage leaf that maps the first-stage leaf */
	u64 leaf_page_value;
};

static u64 bits(u64 value, unsigned int high, unsigned int low)
{
	return value >> low & (BIT(high - low) * 2 - 1);
}

/* 11.4.2, 11.4.3 */
static bool cap(const struct question *q, unsigned int bit)
{
	return q->unit->cap >> bit & 1;
}

static bool ecap(const struct question *q, unsigned int bit)
{
	return q->unit->ecap >> bit & 1;
}

enum {
	CAP_FS1GP = 56,
	CAP_FS5LP = 60,
	CAP_SSLPS_2M = 34,
	CAP_SSLPS_1G = 35,
	ECAP_DT = 2,
	ECAP_PT = 6,
	ECAP_SC = 7,
	ECAP_MTS = 25,
	ECAP_NEST = 26,
	ECAP_PRS = 29,
	ECAP_ERS = 30,
	ECAP_SRS = 31,
	ECAP_NWFS = 33,
	ECAP_EAFS = 34,
	ECAP_PASID = 40,
	ECAP_SMTS = 43,
	ECAP_SSADS = 45,
	ECAP_SSTS = 46,
	ECAP_FSTS = 47,
	ECAP_SMPWCS = 48,
	ECAP_RPS = 49,
	ECAP_ADMS = 52,
	ECAP_RPRIVS = 53,
	ECAP_HPTS = 55,
	ECAP_PTRS = 56,
};

/* Bits 63:HAW of a pointer, which are reserved everywhere. */
static u64 beyond_host(const struct question *q)
{
	return ~(BIT(q->unit->host_address_width) - 1);
}

/* Bits of the domain-id (15:0) that the unit does not have (CAP.ND). */
static u64 beyond_domains(const struct question *q)
{
	return 0xffff & ~(BIT(4 + 2 * bits(q->unit->cap, 2, 0)) - 1);
}

static unsigned int agaw(u64 aw)
{
	return 30 + 9 * (unsigned int)aw;
}

static bool agaw_supported(const struct question *q, u64 aw)
{
	return aw >= 1 && aw <= 3 && (bits(q->unit->cap, 12, 8) >> aw & 1);
}

/* The first address that second-stage tables of this width do not take: 2^min(MGAW, AW). */
static u64 input_end(const struct question *q, unsigned int width)
{
	unsigned int mgaw = (unsigned int)bits(q->unit->cap, 21, 16) + 1;

	return BIT(width < mgaw ? width : mgaw);
}

static bool interrupt_range(u64 address)
{
	return address >> 20 == 0xfee;
}

static bool fetch(struct question *q, u64 address, u64 *entry, size_t len)
{
	q->answer.table_reads++;
	return memory_read(q->memory, hpa(address), entry, len) == PORT_OK;
}

static void mark(struct question *q, u64 entry, u64 flags)
{
	q->answer.marks[q->answer.mark_count++] =
		(struct oracle_mark){ .entry = hpa(entry), .bits = flags };
}

static bool is_translation_request(const struct question *q)
{
	return q->request->type == ADDRESS_TRANSLATION_REQUEST;
}

static bool is_write(const struct question *q)
{
	return q->request->type == ADDRESS_UNTRANSLATED && q->request->access == ACCESS_WRITE;
}

/* Execute-requested exists only in the PASID prefix; RID_PASID requests have it 0 (9.4). */
static bool is_execute(const struct question *q)
{
	return q->request->has_pasid && q->request->access == ACCESS_EXECUTE;
}

static u64 largest_page(const struct question *q)
{
	if (cap(q, CAP_SSLPS_1G) || cap(q, CAP_FS1GP))
		return BIT(30);
	return cap(q, CAP_SSLPS_2M) || ecap(q, ECAP_FSTS) ? BIT(21) : BIT(12);
}

/* --- Second stage: 3.7, 9.8 -------------------------------------------------------------- */

enum { SS_R = 1 << 0, SS_W = 1 << 1, SS_X = 1 << 2, SS_PS = 1 << 7, SS_A = 1 << 8, SS_D = 1 << 9 };
#define SS_SNP BIT(11)
#define SS_TM BIT(62)

static bool page_walk_snoops(const struct question *q)
{
	return ecap(q, ECAP_SMPWCS) && (q->pe[1] >> 23 & 1); /* PWSNP, bit 87 */
}

static bool second_stage_flags(const struct question *q)
{
	return !q->legacy && (q->pe[0] >> 9 & 1); /* SSADE */
}

/* Rev. 3.x: X counts where second-stage execute is supported and enabled (one source) */
static bool second_stage_execute(const struct question *q)
{
	return !q->legacy && ecap(q, ECAP_ERS) && (q->pe[0] >> 5 & 1); /* SSEE */
}

/* 3.7, "The following bits are reserved" */
static u64 second_stage_reserved(const struct question *q, unsigned int level, bool leaf)
{
	u64 reserved = (beyond_host(q) & (BIT(52) - 1)) | SS_TM;

	if (!leaf || !ecap(q, ECAP_SC))
		reserved |= SS_SNP;
	if (level >= 4)
		reserved |= SS_PS;
	if (level == 3)
		reserved |= leaf ? BIT(30) - BIT(12) : 0;
	if (level == 3 && !cap(q, CAP_SSLPS_1G))
		reserved |= SS_PS;
	if (level == 2)
		reserved |= leaf ? BIT(21) - BIT(12) : 0;
	if (level == 2 && !cap(q, CAP_SSLPS_2M))
		reserved |= SS_PS;
	return reserved;
}

/* A second-stage flag that is to be set where it is clear; SSS.5 where walks do not snoop. */
static unsigned int set_second_stage_flag(struct question *q, u64 entry, u64 value, u64 flag)
{
	if (!second_stage_flags(q) || (value & flag))
		return 0;
	if (!page_walk_snoops(q))
		return 0x7c;
	mark(q, entry, flag);
	return 0;
}

static struct frame second_stage_entry(struct question *q, u64 table, unsigned int level, u64 input)
{
	u64 where = table + 8 * bits(input, 12 + 9 * level - 1, 12 + 9 * (level - 1));
	u64 size = BIT(12 + 9 * (level - 1)), entry;
	u64 present = SS_R | SS_W | (second_stage_execute(q) ? SS_X : 0);
	struct frame frame = { .size = size, .leaf = where };
	bool leaf;

	if (!fetch(q, where, &entry, 8)) {
		if (level == q->second_stage_levels)
			frame.fault = q->legacy ? 0x03 : 0x7b; /* LCT.4.3, SSS.4 */
		else
			frame.fault = q->legacy ? 0x07 : 0x78; /* LSS.1, SSS.1 */
		return frame;
	}
	if (!(entry & present)) {
		frame.fault = !q->legacy ? 0x79 : is_write(q) ? 0x05 : 0x06; /* SSS.2, LGN.2, .3 */
		return frame;
	}
	leaf = level == 1 || (level <= 3 && (entry & SS_PS));
	if (entry & second_stage_reserved(q, level, leaf)) {
		frame.fault = q->legacy ? 0x0c : 0x7a; /* LSS.2, SSS.3 */
		return frame;
	}
	frame.fault = set_second_stage_flag(q, where, entry, SS_A);
	if (frame.fault)
		return frame;
	if (leaf) {
		frame.address = (entry & (BIT(52) - 1) & ~(size - 1)) | (input & (size - 1));
		frame.read = frame.write = frame.execute = true;
		frame.snoop = entry & SS_SNP;
		frame.leaf_value = entry;
	} else {
		frame = second_stage_entry(q, bits(entry, 51, 12) << 12, level - 1, input);
	}
	frame.read = frame.read && (entry & SS_R);
	frame.write = frame.write && (entry & SS_W);
	frame.execute = frame.execute && (!second_stage_execute(q) || (entry & SS_X));
	return frame;
}

static struct frame second_stage(struct question *q, u64 input)
{
	struct frame frame =
		second_stage_entry(q, q->second_stage_root, q->second_stage_levels, input);
	bool any = frame.read || frame.write || (second_stage_execute(q) && frame.execute);

	if (!frame.fault && !any && !q->legacy)
		frame.fault = 0x79; /* SSS.2: not one permission is left by all entries together */
	return frame;
}

/* --- First stage: 3.6, 3.8, 9.7 ---------------------------------------------------------- */

enum {
	FS_P = 1 << 0,
	FS_RW = 1 << 1,
	FS_US = 1 << 2,
	FS_A = 1 << 5,
	FS_D = 1 << 6,
	FS_PS = 1 << 7,
	FS_EA = 1 << 10,
};
#define FS_XD BIT(63)

enum { PE_SRE = 0, PE_ERE = 1, PE_WPE = 4, PE_NXE = 5, PE_SMEP = 6, PE_EAFE = 7 };

static bool first_stage_enables(const struct question *q, unsigned int bit)
{
	return q->pe[2] >> bit & 1; /* bits 128 and up */
}

static bool execute_requests(const struct question *q)
{
	return ecap(q, ECAP_ERS) && first_stage_enables(q, PE_ERE);
}

static u64 first_stage_reserved(const struct question *q, unsigned int level, bool leaf)
{
	u64 reserved = beyond_host(q) & (BIT(52) - 1);

	if (!first_stage_enables(q, PE_NXE)) /* Rev. 3.x; later revisions ignore XD (one source) */
		reserved |= FS_XD;
	if (level >= 4 || (level == 3 && !cap(q, CAP_FS1GP)))
		reserved |= FS_PS;
	if (leaf && level == 3)
		reserved |= BIT(30) - BIT(13); /* bit 12 is PAT */
	if (leaf && level == 2)
		reserved |= BIT(21) - BIT(13);
	return reserved;
}

/* Flags of a first-stage entry that are to be set: 3.6.2, 3.8.1. */
static unsigned int set_first_stage_flags(struct question *q, const struct frame *at, u64 flags)
{
	if (!(flags & ~at->leaf_value))
		return 0;
	if (q->nested && !at->leaf_writable)
		return 0x77; /* SFS.8 */
	if (!page_walk_snoops(q))
		return 0x90; /* SFS.9 */
	mark(q, at->leaf, flags & ~at->leaf_value);
	return q->nested ? set_second_stage_flag(q, at->leaf_page, at->leaf_page_value, SS_D) : 0;
}

static u64 accessed_flags(const struct question *q)
{
	return FS_A | (first_stage_enables(q, PE_EAFE) ? FS_EA : 0);
}

/* Finds a first-stage entry in memory: through the second stage where translation is nested. */
static unsigned int locate(struct question *q, u64 address, bool top, struct frame *at)
{
	struct frame page;

	at->leaf = address;
	if (!q->nested)
		return 0;
	page = second_stage(q, address);
	if (page.fault)
		return page.fault;
	if (!page.read)
		return top ? 0x75 : 0x76; /* SFS.6, SFS.7 */
	if (second_stage_flags(q) && !page.write)
		return 0x77; /* 3.8.1: with SSADE the read needs both; no code of its own */
	at->leaf = page.address;
	at->leaf_writable = page.write;
	at->leaf_page = page.leaf;
	at->leaf_page_value = page.leaf_value;
	return 0;
}

static struct frame first_stage_entry(struct question *q, u64 table, unsigned int level, u64 input)
{
	bool top = level == 4 + bits(q->pe[2], 3, 2), leaf; /* FSPM */
	u64 size = BIT(12 + 9 * (level - 1)), entry, address;
	struct frame frame = { .size = size };

	frame.fault = locate(q, table + 8 * bits(input, 12 + 9 * level - 1, 12 + 9 * (level - 1)),
			     top, &frame);
	if (frame.fault)
		return frame;
	if (!fetch(q, frame.leaf, &entry, 8)) {
		frame.fault = top ? 0x73 : 0x70; /* SFS.4, SFS.1 */
		return frame;
	}
	if (!(entry & FS_P)) {
		frame.fault = 0x71; /* SFS.2 */
		return frame;
	}
	leaf = level == 1 || (level <= 3 && (entry & FS_PS));
	if (entry & first_stage_reserved(q, level, leaf)) {
		frame.fault = 0x72; /* SFS.3 */
		return frame;
	}
	address = (entry & (BIT(52) - 1)) & ~((leaf ? size : BIT(12)) - 1);
	if (q->nested && address >= input_end(q, agaw(bits(q->pe[0], 4, 2)))) {
		frame.fault = 0x74; /* SFS.5 */
		return frame;
	}
	frame.leaf_value = entry;
	if (leaf) {
		frame.address = address | (input & (size - 1));
		frame.rw = frame.user = true;
	} else {
		frame.fault = set_first_stage_flags(q, &frame, accessed_flags(q));
		if (frame.fault)
			return frame;
		frame = first_stage_entry(q, address, level - 1, input);
	}
	frame.rw = frame.rw && (entry & FS_RW);
	frame.user = frame.user && (entry & FS_US);
	frame.xd = frame.xd || (entry & FS_XD);
	return frame;
}

/* 3.6.1; Rev. 3.x for execution (one source) */
static void first_stage_rights(const struct question *q, struct frame *frame)
{
	frame->read = q->privileged || frame->user;
	frame->write = q->privileged ? frame->rw || !first_stage_enables(q, PE_WPE)
				     : frame->rw && frame->user;
	frame->execute = frame->read && !(first_stage_enables(q, PE_NXE) && frame->xd) &&
			 !(q->privileged && first_stage_enables(q, PE_SMEP) && frame->user);
}

/* --- A request and its rights ------------------------------------------------------------ */

/* A translation request that will not write is a read: 4.2.3, 4.2.3.1. */
static bool may_write(const struct question *q)
{
	return !(q->request->no_write && ecap(q, ECAP_NWFS));
}

/* What the request lacks; a translation request is told what there is. SGN.6, SGN.7, LGN.2, .3 */
static unsigned int lacks(const struct question *q, const struct frame *frame)
{
	if (is_translation_request(q) && may_write(q) && frame->write)
		return 0;
	if (is_write(q))
		return frame->write ? 0 : q->legacy ? 0x05 : 0x85;
	if (is_execute(q) && !is_translation_request(q) && !frame->execute)
		return 0x82; /* SGN.3 of Rev. 3.x (one source) */
	return frame->read ? 0 : q->legacy ? 0x06 : 0x86;
}

/* Whether the access makes a page dirty: 3.6.2, 4.2.3.1. */
static bool dirties(const struct question *q, const struct frame *frame)
{
	return is_translation_request(q) ? frame->write && may_write(q) : is_write(q);
}

static struct frame translate_second_stage(struct question *q, u64 input)
{
	struct frame frame = second_stage(q, input);

	if (!frame.fault)
		frame.fault = lacks(q, &frame);
	if (!frame.fault && dirties(q, &frame))
		frame.fault = set_second_stage_flag(q, frame.leaf, frame.leaf_value, SS_D);
	return frame;
}

static bool canonical(u64 address, unsigned int width)
{
	u64 top = address >> (width - 1);

	return top == 0 || top == ~0ULL >> (width - 1);
}

/* First stage alone, or nested: 3.6, 3.8. */
static struct frame translate_first_stage(struct question *q, u64 input)
{
	unsigned int levels = 4 + (unsigned int)bits(q->pe[2], 3, 2);
	struct frame first, page;

	if (!canonical(input, 12 + 9 * levels))
		return (struct frame){ .fault = 0x80 }; /* SGN.1 */
	first = first_stage_entry(q, bits(q->pe[2], 63, 12) << 12, levels, input);
	if (first.fault)
		return first;
	first_stage_rights(q, &first);
	if (!first.read) {
		first.fault = 0x81; /* SGN.2 */
		return first;
	}
	first.fault = lacks(q, &first);
	if (first.fault)
		return first;

	page = first;
	if (q->nested) {
		page = second_stage(q, first.address);
		page.read = page.read && first.read;
		page.write = page.write && first.write;
		page.execute = page.execute && first.execute;
		if (!page.fault)
			page.fault = lacks(q, &page);
		if (page.fault)
			return page;
	}
	page.fault = set_first_stage_flags(q, &first,
					   accessed_flags(q) | (dirties(q, &page) ? FS_D : 0));
	if (!page.fault && q->nested && dirties(q, &page))
		page.fault = set_second_stage_flag(q, page.leaf, page.leaf_value, SS_D);
	page.size = page.size < first.size ? page.size : first.size;
	return page;
}

/* 3.9 */
static struct frame pass_through(const struct question *q, u64 input)
{
	unsigned int fault = q->legacy ? 0x04 : 0x83; /* LGN.1.3, SGN.4.2 */

	return (struct frame){ .fault = input & beyond_host(q) ? fault : 0,
			       .address = input,
			       .size = is_translation_request(q) ? largest_page(q) : 4096,
			       .read = true,
			       .write = true,
			       .execute = true };
}

/* --- Where it comes out ------------------------------------------------------------------ */

/* 3.15; a translation is refused where its page reaches into the range (SGN.8.2) */
static bool meets_interrupt_range(const struct question *q, const struct frame *frame)
{
	u64 first = frame->address, last = frame->address;

	if (is_translation_request(q)) {
		first &= ~(frame->size - 1);
		last = first + frame->size - 1;
	}
	return first <= 0xfeefffff && last >= 0xfee00000;
}

static unsigned int complete(struct question *q, const struct frame *frame, bool passes, bool pgsnp)
{
	struct oracle_answer *answer = &q->answer;
	if (frame->fault)
		return frame->fault;
	/* S.1 and SGN.8.2: translations by pass-through are never refused for the range */
	if (!(is_translation_request(q) && passes) && meets_interrupt_range(q, frame))
		return q->legacy ? 0x0e : 0x87; /* LGN.4, SGN.8 */
	answer->address = hpa(frame->address);
	answer->page_size = frame->size;
	answer->rights =
		(frame->read ? ACCESS_READ : 0) | (frame->write ? ACCESS_WRITE : 0) |
		(frame->execute && frame->read && execute_requests(q) ? ACCESS_EXECUTE : 0);
	if (!is_translation_request(q))
		return 0;
	answer->completion = (struct oracle_completion){
		.read = frame->read,
		.write = frame->write && may_write(q),
		.execute = is_execute(q) && frame->execute &&
			   frame->read, /* Rev. 3.x (one source) */
		.privileged = q->request->has_pasid && q->request->privileged,
		.no_snoop = frame->snoop || pgsnp, /* Table 10 */
		.address = frame->address & ~(frame->size - 1),
		.size = frame->size,
	};
	return 0;
}

/* Translated requests bypass translation once the context entry allows them: 4.2.5. */
static unsigned int translated(struct question *q)
{
	u64 address = q->request->address.v;

	if (address & beyond_host(q))
		return q->legacy ? 0x04 : 0x83; /* LGN.1.2, SGN.4.1 */
	if (interrupt_range(address))
		return q->legacy ? 0x0e : 0x87; /* LGN.4, SGN.8.3 */
	q->answer.address = hpa(address);
	q->answer.page_size = 4096;
	q->answer.rights = ACCESS_READ | ACCESS_WRITE | ACCESS_EXECUTE;
	return 0;
}

/* S.1, S.2: a function that asks for the translation of its own interrupt message. */
static bool asks_for_interrupt(struct question *q)
{
	if (!is_translation_request(q) || q->request->has_pasid ||
	    !interrupt_range(q->request->address.v))
		return false;
	if (may_write(q))
		q->answer.completion = (struct oracle_completion){ .write = true,
								   .untranslated_only = true,
								   .size = 4096 };
	return true;
}

/* --- Legacy mode: 3.4.2, 9.1, 9.3 -------------------------------------------------------- */

static unsigned int legacy_context(struct question *q, u64 table)
{
	bool dma = q->request->type == ADDRESS_UNTRANSLATED;
	u64 input = q->request->address.v, context[2], tt, aw;
	struct frame frame;

	if (!fetch(q, table + 16 * (q->request->source_id & 0xff), context, 16))
		return 0x09; /* LCT.1 */
	q->fpd |= context[0] >> 1 & 1;
	if (!(context[0] & 1))
		return 0x02; /* LCT.2 */
	tt = bits(context[0], 3, 2);
	aw = bits(context[1], 2, 0);
	if (bits(context[0], 11, 4) || (tt != 2 && (context[0] & beyond_host(q))) ||
	    bits(context[1], 7, 7) || bits(context[1], 63, 24) ||
	    (bits(context[1], 23, 8) & beyond_domains(q)))
		return 0x0b; /* LCT.3 */
	if (!agaw_supported(q, aw))
		return 0x03; /* LCT.4.1 */
	if (tt == 3 || (tt == 1 && !ecap(q, ECAP_DT)) || (tt == 2 && !ecap(q, ECAP_PT)))
		return 0x03; /* LCT.4.2 */
	if (!dma && tt != 1)
		return 0x0d; /* LCT.5 */
	if (q->request->type == ADDRESS_TRANSLATED)
		return translated(q);
	if (asks_for_interrupt(q))
		return 0;
	if (tt == 2) {
		if (input >= BIT(agaw(aw)))
			return 0x04; /* 9.3, AW: of all untranslated requests */
		frame = pass_through(q, input);
		return complete(q, &frame, true, false);
	}
	if (input >= input_end(q, agaw(aw)))
		return 0x04; /* LGN.1.1 */
	q->second_stage_root = bits(context[0], 63, 12) << 12;
	q->second_stage_levels = 2 + (unsigned int)aw;
	frame = translate_second_stage(q, input);
	return complete(q, &frame, false, false);
}

static unsigned int legacy(struct question *q)
{
	u64 root_table = bits(q->unit->root_table_address, 63, 12) << 12, root[2];

	if (q->request->has_pasid)
		return 0x31; /* RTA.2 */
	if (!fetch(q, root_table + 16 * (q->request->source_id >> 8), root, 16))
		return 0x08; /* LRT.1 */
	if (!(root[0] & 1))
		return 0x01; /* LRT.2 */
	if (bits(root[0], 11, 1) || (root[0] & beyond_host(q)) || root[1])
		return 0x0a; /* LRT.3 */
	return legacy_context(q, bits(root[0], 63, 12) << 12);
}

/* --- Scalable mode: 3.4.3, 9.2, 9.4 to 9.6 ----------------------------------------------- */

/* 9.6: fields that are reserved, always or for want of a capability */
static bool pasid_entry_reserved(const struct question *q)
{
	const u64 *pe = q->pe;
	bool first = ecap(q, ECAP_FSTS), second = ecap(q, ECAP_SSTS);
	u64 r0 = BIT(10) | BIT(11) | beyond_host(q), r1 = 0x7f0000, r2 = 0xf00 | beyond_host(q);

	if (!second)
		r0 |= ~0ULL << 12 | 0x1c; /* SSPTPTR, AW */
	if (!second || !ecap(q, ECAP_SSADS))
		r0 |= BIT(9); /* SSADE */
	if (!ecap(q, ECAP_ERS)) {
		r0 |= BIT(5); /* SSEE of Rev. 3.x (one source) */
		r2 |= BIT(PE_ERE);
	}
	r1 |= beyond_domains(q);
	r1 |= 0xf8000000ULL; /* 95:91 */
	if (!ecap(q, ECAP_SMPWCS))
		r1 |= BIT(23); /* PWSNP */
	if (!ecap(q, ECAP_SC))
		r1 |= BIT(24); /* PGSNP */
	if (!ecap(q, ECAP_MTS))
		r1 |= BIT(25) | BIT(26) | ~0ULL << 32; /* CD, EMTE, PAT */
	if (!ecap(q, ECAP_SRS))
		r2 |= BIT(PE_SRE);
	if (!first)
		r2 |= ~0ULL << 12 | BIT(2) | BIT(3) | BIT(PE_WPE); /* FSPTPTR, FSPM */
	if (!ecap(q, ECAP_EAFS))
		r2 |= BIT(PE_EAFE);
	if (!ecap(q, ECAP_HPTS) && (pe[4] | pe[5]))
		return true;
	return (pe[0] & r0) || (pe[1] & r1) || (pe[2] & r2) || pe[3] || pe[6] || pe[7];
}

enum { PGTT_FIRST = 1, PGTT_SECOND = 2, PGTT_NESTED = 3, PGTT_PASS_THROUGH = 4 };

/* SPT.4: combinations that this unit cannot do */
static bool pasid_entry_invalid(const struct question *q)
{
	u64 pgtt = bits(q->pe[0], 8, 6), aw = bits(q->pe[0], 4, 2), fspm = bits(q->pe[2], 3, 2);
	bool first = pgtt == PGTT_FIRST || pgtt == PGTT_NESTED;
	bool second = pgtt == PGTT_SECOND || pgtt == PGTT_NESTED;

	if (pgtt < PGTT_FIRST || pgtt > PGTT_PASS_THROUGH ||
	    (pgtt == PGTT_FIRST && !ecap(q, ECAP_FSTS)) ||
	    (pgtt == PGTT_SECOND && !ecap(q, ECAP_SSTS)) ||
	    (pgtt == PGTT_NESTED && !ecap(q, ECAP_NEST)) ||
	    (pgtt == PGTT_PASS_THROUGH && !ecap(q, ECAP_PT)))
		return true;
	if (second && !agaw_supported(q, aw))
		return true;
	if (first && (fspm > 1 || (fspm == 1 && !cap(q, CAP_FS5LP))))
		return true;
	return pgtt == PGTT_NESTED &&
	       bits(q->pe[2], 63, 12) << 12 >= input_end(q, agaw(aw)); /* SPT.4.4 */
}

static unsigned int by_pasid_entry(struct question *q)
{
	u64 pgtt = bits(q->pe[0], 8, 6), aw = bits(q->pe[0], 4, 2);
	u64 input = q->request->address.v;
	bool pgsnp = q->pe[1] >> 24 & 1;
	struct frame frame;

	if (pasid_entry_reserved(q))
		return 0x5a; /* SPT.3 */
	if (pasid_entry_invalid(q))
		return 0x5b; /* SPT.4 */
	if (is_execute(q) && !execute_requests(q))
		return 0x5c; /* SPT.5; ERE: Rev. 3.x (one source) */
	if (q->privileged && !first_stage_enables(q, PE_SRE))
		return 0x5d; /* SPT.6 */
	q->nested = pgtt == PGTT_NESTED;
	q->second_stage_root = bits(q->pe[0], 63, 12) << 12;
	q->second_stage_levels = 2 + (unsigned int)aw;
	if (pgtt == PGTT_SECOND && input >= input_end(q, agaw(aw)))
		return 0x84; /* SGN.5 */
	if (pgtt == PGTT_PASS_THROUGH)
		frame = pass_through(q, input);
	else if (pgtt == PGTT_SECOND)
		frame = translate_second_stage(q, input);
	else
		frame = translate_first_stage(q, input);
	return complete(q, &frame, pgtt == PGTT_PASS_THROUGH, pgsnp);
}

static unsigned int by_pasid(struct question *q, u64 directory)
{
	u64 entry;

	if (!fetch(q, directory + 8 * (q->pasid >> 6), &entry, 8))
		return 0x50; /* SPD.1 */
	q->fpd |= entry >> 1 & 1;
	if (!(entry & 1))
		return 0x51; /* SPD.2 */
	if (bits(entry, 11, 2) || (entry & beyond_host(q)))
		return 0x52; /* SPD.3 */
	if (!fetch(q, (bits(entry, 63, 12) << 12) + 64 * (q->pasid & 63), q->pe, 64))
		return 0x58; /* SPT.1 */
	q->fpd |= q->pe[0] >> 1 & 1;
	if (!(q->pe[0] & 1))
		return 0x59; /* SPT.2 */
	return by_pasid_entry(q);
}

enum { CE_DTE = 2, CE_PASIDE = 3, CE_PRE = 4, CE_HPTE = 5, CE_EPTR = 6 };

/* 9.4 */
static bool scalable_context_reserved(const struct question *q, const u64 context[4])
{
	u64 r0 = BIT(7) | BIT(8) | beyond_host(q), r1 = ~0ULL << 21;

	r0 |= ecap(q, ECAP_DT) ? 0 : BIT(CE_DTE);
	r0 |= ecap(q, ECAP_PASID) ? 0 : BIT(CE_PASIDE);
	r0 |= ecap(q, ECAP_PRS) ? 0 : BIT(CE_PRE);
	r0 |= ecap(q, ECAP_HPTS) ? 0 : BIT(CE_HPTE);
	r0 |= ecap(q, ECAP_PTRS) ? 0 : BIT(CE_EPTR);
	r1 |= ecap(q, ECAP_RPS) ? 0 : 0xfffff;
	r1 |= ecap(q, ECAP_RPRIVS) ? 0 : BIT(20);
	return (context[0] & r0) || (context[1] & r1) || context[2] || context[3];
}

static unsigned int scalable_context(struct question *q, u64 table)
{
	const struct translation_request *request = q->request;
	bool dma = request->type == ADDRESS_UNTRANSLATED;
	u64 context[4], pasids;
	u32 rid_pasid;

	if (!fetch(q, table + 32 * (request->source_id & 0x7f), context, 32))
		return 0x40; /* SCT.1 */
	q->fpd |= context[0] >> 1 & 1;
	if (!(context[0] & 1))
		return 0x41; /* SCT.2 */
	if (scalable_context_reserved(q, context))
		return 0x42; /* SCT.3 */
	pasids = BIT(bits(context[0], 11, 9) + 7 + 6);
	rid_pasid = (u32)bits(context[1], 19, 0);
	if ((context[0] & BIT(CE_PRE)) && !(context[0] & BIT(CE_DTE)))
		return 0x43; /* SCT.4.1 */
	if (rid_pasid >= pasids)
		return 0x43; /* SCT.4.2 */
	if (!dma && !(context[0] & BIT(CE_DTE)))
		return 0x44; /* SCT.5 */
	if (request->has_pasid) {
		if (request->type != ADDRESS_TRANSLATED && !(context[0] & BIT(CE_PASIDE)))
			return 0x45; /* SCT.6 */
		if (request->pasid >= pasids)
			return 0x46; /* SCT.7 */
		if (request->pasid == rid_pasid)
			return 0x48; /* SCT.9 */
		if (request->pasid >= BIT(bits(q->unit->ecap, 39, 35) + 1))
			return 0x89; /* SGN.10 */
		if (request->type == ADDRESS_TRANSLATED && !(context[0] & BIT(CE_EPTR)))
			return 0x49; /* SCT.10 */
	}
	if (request->type == ADDRESS_TRANSLATED)
		return translated(q);
	if (asks_for_interrupt(q))
		return 0;
	q->pasid = request->has_pasid ? request->pasid : rid_pasid;
	q->privileged = request->has_pasid ? request->privileged : context[1] >> 20 & 1;
	return by_pasid(q, bits(context[0], 63, 12) << 12);
}

static unsigned int scalable(struct question *q)
{
	u64 root_table = bits(q->unit->root_table_address, 63, 12) << 12, root[2], half;

	if (!fetch(q, root_table + 16 * (q->request->source_id >> 8), root, 16))
		return 0x38; /* SRT.1 */
	half = root[q->request->source_id >> 7 & 1];
	if (!(half & 1))
		return 0x39; /* SRT.2 */
	if (bits(half, 11, 1) || (half & beyond_host(q)))
		return 0x3a; /* SRT.3 */
	return scalable_context(q, bits(half, 63, 12) << 12);
}

/* --- Any mode ---------------------------------------------------------------------------- */

static unsigned int remap(struct question *q)
{
	const struct translation_request *request = q->request;
	u64 ttm = bits(q->unit->root_table_address, 11, 10);

	if (request->type == ADDRESS_UNTRANSLATED && !request->has_pasid &&
	    interrupt_range(request->address.v)) {
		/* 3.15: of a doubleword that is written */
		q->answer.interrupt = request->access == ACCESS_WRITE && request->len == 4 &&
				      request->address.v % 4 == 0;
		return q->answer.interrupt ? 0 : 0x29;
	}
	if (ttm == 0)
		return legacy(q);
	if (ttm == 1 && ecap(q, ECAP_SMTS))
		return scalable(q);
	return ttm == 3 && ecap(q, ECAP_ADMS) ? 0x33 : 0x30; /* RTA.4, RTA.1 */
}

/* Table 30, columns of translation requests: what is not UR, and not CA, is success. */
static enum ats_status translation_status(unsigned int fault)
{
	switch (fault) {
	case 0x01:
	case 0x02:
	case 0x0d:
	case 0x31:
	case 0x33:
	case 0x39:
	case 0x41:
	case 0x44:
	case 0x45:
	case 0x46:
	case 0x48:
	case 0x89:
		return ATS_UNSUPPORTED_REQUEST;
	case 0x00:
	case 0x04:
	case 0x05:
	case 0x06:
	case 0x51:
	case 0x59:
	case 0x5c:
	case 0x5d:
	case 0x79:
	case 0x80:
	case 0x81:
	case 0x83:
	case 0x84:
	case 0x85:
	case 0x86:
	case 0x90:
		return ATS_SUCCESS;
	default:
		/* SFS.1 to SFS.8 */
		return fault >= 0x70 && fault <= 0x77 ? ATS_SUCCESS : ATS_COMPLETER_ABORT;
	}
}

bool oracle_qualified(unsigned int fault)
{
	switch (fault) {
	case 0x01:
	case 0x08:
	case 0x09:
	case 0x0a:
	case 0x29:
	case 0x40:
	case 0x50:
	case 0x58:
		return false;
	default:
		return fault < 0x30 || fault > 0x3a; /* RTA and SRT */
	}
}

/* 11.4.7.6 */
static void record(struct question *q)
{
	const struct translation_request *request = q->request;
	u64 widths = bits(q->unit->cap, 12, 8);
	unsigned int width = widths & 8 ? 57 : widths & 4 ? 48 : 39;
	u64 high = request->source_id | (u64)q->answer.fault << 32 | BIT(63);

	if (request->access != ACCESS_WRITE || is_translation_request(q))
		high |= BIT(62);
	if (ecap(q, ECAP_DT))
		high |= (u64)request->type << 60;
	if (ecap(q, ECAP_PASID) && request->has_pasid)
		high |= (u64)request->pasid << 40 | BIT(31) | (is_execute(q) ? BIT(30) : 0) |
			(request->privileged ? BIT(29) : 0);
	q->answer.record[0] = request->address.v & (BIT(width) - 1) & ~0xfffULL;
	q->answer.record[1] = high;
	q->answer.recorded = true;
}

struct oracle_answer oracle_ask(const struct oracle_unit *unit, struct memory *memory,
				const struct translation_request *request)
{
	struct question q = {
		.unit = unit,
		.memory = memory,
		.request = request,
		.legacy = bits(unit->root_table_address, 11, 10) == 0,
	};
	bool silent = false; /* a recoverable fault: 7.1.2 */

	q.answer.fault = remap(&q);
	if (!q.answer.fault)
		return q.answer;
	if (request->type == ADDRESS_TRANSLATION_REQUEST) {
		q.answer.ats_status = translation_status(q.answer.fault);
		silent = q.answer.ats_status == ATS_SUCCESS;
	} else if (request->type == ADDRESS_TRANSLATED) {
		q.answer.ats_status = ATS_UNSUPPORTED_REQUEST;
	}
	if (!silent && !(q.fpd && oracle_qualified(q.answer.fault)))
		record(&q);
	return q.answer;
}
