/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which interrupt request meets which reason (0x20 to 0x2b): the part of the catalogue of faults that is no DMA.
 */
#include "vtd_remapper.h"

#include "gtest_c.h"

/* Of 2^15 entries, so that an index takes nearly all bits of FI. */
#define TABLE_SIZE 14u
#define TABLE_PAGES 128u
#define ENTRY_INDEX 0x7ffdu
#define BEYOND 0xfffeu /* an index that the table does not have */
#define SUBHANDLE 2u /* of a request that has one */

/* Forms of a request to the interrupt range, bits. */
enum {
	FORM_REMAPPABLE = 1 << 0,
	FORM_SUBHANDLE = 1 << 1, /* remappable, SHV set */
	FORM_COMPATIBILITY = 1 << 2,
	FORM_OTHER = 1 << 3, /* no message at all */
	FORM_COUNT = 4,

	FORMS_REMAPPABLE = FORM_REMAPPABLE | FORM_SUBHANDLE,
	FORMS_MESSAGE = FORMS_REMAPPABLE | FORM_COMPATIBILITY,
};

/* Formats of its entry, bits. */
enum { FORMAT_REMAPPED = 1 << 0, FORMAT_POSTED = 1 << 1, FORMATS = 2, FORMATS_ANY = 3 };

/* What DMA meets meanwhile: nothing of it changes what interrupt requests do. */
enum { MODE_OFF = 2, MODES = 3 };

/* A request, and all that it finds. */
struct attempt {
	struct remapper r;
	u32 index;
	u64 irte[2];
	u64 descriptor; /* of a posted one */
	struct translation_request request;
};

/* One way to a fault. */
struct interrupt_row {
	const char *name;
	enum vtd_fault fault;
	unsigned int forms, formats;
	bool entry; /* it was read, and its FPD counts */
	void (*provoke)(struct attempt *attempt);
	bool eimer; /* the unit is for extended interrupt mode alone */
	bool no_pi; /* the unit cannot post interrupts */
};

/* --- ways to provoke them ----------------------------------------------------------------- */

static void wide_data(struct attempt *a)
{
	a->request.data |= 1 << 16;
}

static void high_data(struct attempt *a)
{
	a->request.data |= 1u << 31;
}

static void index_beyond_table(struct attempt *a)
{
	a->request.address = iova(remappable_address(BEYOND));
	/* by the sum alone, where there is one */
	if (a->request.data)
		a->request.address = iova(remappable_address(BEYOND - SUBHANDLE) | 1 << 3);
	a->index = BEYOND;
}

static void wide_data_and_index_beyond_table(struct attempt *a)
{
	index_beyond_table(a);
	wide_data(a);
}

static void table_beyond_host(struct attempt *a)
{
	machine_write64(a->r.machine, IRTA,
			1ULL << a->r.machine->config.host_address_width | TABLE_SIZE);
	machine_command(a->r.machine, SIRTP, true);
}

static void not_present(struct attempt *a)
{
	field_set(a->irte, "irte", "P", 0);
}

static void table_unreadable(struct attempt *a)
{
	a->r.machine->fails_at = (a->r.table + ENTRY_INDEX * 16) & MODEL_PAGE_MASK;
}

static void bit_12(struct attempt *a)
{
	a->irte[0] |= 1 << 12;
}

static void bit_84(struct attempt *a)
{
	a->irte[1] |= 1 << 20;
}

static void urgent(struct attempt *a)
{
	a->irte[0] |= 1 << 14;
}

static void destination_mode(struct attempt *a)
{
	a->irte[0] |= 1 << 2;
}

static void bit_32(struct attempt *a)
{
	a->irte[0] |= 1ULL << 32;
}

static void descriptor_beyond_host(struct attempt *a)
{
	unsigned int width = a->r.machine->config.host_address_width;

	field_set(a->irte, "irte-posted", "PDAH", 1ULL << (width - 32));
}

static void destination_below_xapic(struct attempt *a)
{
	field_set(a->irte, "irte", "DST", 0x301);
}

static void destination_above_xapic(struct attempt *a)
{
	field_set(a->irte, "irte", "DST", 0x10300);
}

static void source_check_3(struct attempt *a)
{
	field_set(a->irte, "irte", "SVT", 3);
}

static void posting(struct attempt *a)
{
	field_set(a->irte, "irte", "IM", 1);
}

static void compatibility_off(struct attempt *a)
{
	machine_command(a->r.machine, CFI, false);
}

static void extended_mode(struct attempt *a)
{
	machine_write64(a->r.machine, IRTA, a->r.table | TABLE_SIZE | 1 << 11);
	machine_command(a->r.machine, SIRTP, true);
}

static void another_source(struct attempt *a)
{
	field_set(a->irte, "irte", "SVT", 1);
	field_set(a->irte, "irte", "SID", OTHER_DEVICE);
}

static void bus_above(struct attempt *a)
{
	field_set(a->irte, "irte", "SVT", 2);
	field_set(a->irte, "irte", "SID", 0x3b3c);
}

static void descriptor_unreadable(struct attempt *a)
{
	a->r.machine->fails_at = a->descriptor & MODEL_PAGE_MASK;
}

static void update_refused(struct attempt *a)
{
	a->r.machine->exchange_fails = true;
}

/* The vector is there already: ON it is that cannot be set. */
static void notification_refused(struct attempt *a)
{
	machine_store(a->r.machine, a->descriptor + REMAPPER_VECTOR / 64 * 8,
		      1ULL << REMAPPER_VECTOR % 64);
	a->r.machine->exchange_fails = true;
}

static void descriptor_bit(struct attempt *a, unsigned int bit)
{
	u64 at = a->descriptor + bit / 64 * 8;

	machine_store(a->r.machine, at, machine_load(a->r.machine, at) | 1ULL << bit % 64);
}

static void descriptor_bit_258(struct attempt *a)
{
	descriptor_bit(a, 258);
}

static void descriptor_destination(struct attempt *a)
{
	descriptor_bit(a, 288);
}

static void descriptor_last_bit(struct attempt *a)
{
	descriptor_bit(a, 511);
}

static void read_instead(struct attempt *a)
{
	a->request.access = ACCESS_READ;
}

static void execute_instead(struct attempt *a)
{
	a->request.access = ACCESS_EXECUTE;
}

static void one_byte(struct attempt *a)
{
	a->request.len = 1;
}

static void two_bytes(struct attempt *a)
{
	a->request.len = 2;
}

static void two_doublewords(struct attempt *a)
{
	a->request.len = 8;
}

static void not_aligned(struct attempt *a)
{
	a->request.address.v += 2;
}

static void remapping_off(struct attempt *a)
{
	machine_command(a->r.machine, IRE, false);
}

static void remapping_off_and_read(struct attempt *a)
{
	remapping_off(a);
	read_instead(a);
}

/* --- the rows ----------------------------------------------------------------------------- */

#define REQUEST_RESERVED VTD_FAULT_INTERRUPT_REQUEST_RESERVED
#define TOO_LARGE VTD_FAULT_INTERRUPT_INDEX_TOO_LARGE
#define NOT_PRESENT VTD_FAULT_INTERRUPT_ENTRY_NOT_PRESENT
#define UNREADABLE VTD_FAULT_INTERRUPT_ENTRY_ACCESS
#define RESERVED VTD_FAULT_INTERRUPT_ENTRY_RESERVED
#define BLOCKED VTD_FAULT_INTERRUPT_COMPATIBILITY_BLOCKED
#define SOURCE VTD_FAULT_INTERRUPT_SOURCE
#define PD_ACCESS VTD_FAULT_POSTED_DESCRIPTOR_ACCESS
#define PD_RESERVED VTD_FAULT_POSTED_DESCRIPTOR_RESERVED
#define INVALID VTD_FAULT_INTERRUPT_INVALID
#define MODE_REQUIRED VTD_FAULT_INTERRUPT_MODE_REQUIRED
#define REMAPPING_REQUIRED VTD_FAULT_INTERRUPT_REMAPPING_REQUIRED

/* Rows of a request that reaches no entry, and of one that does. */
#define NO_ENTRY(name, fault, forms, provoke)                                 \
	{                                                                     \
		name, fault, forms, FORMATS_ANY, false, provoke, false, false \
	}
#define ENTRY(name, fault, formats, provoke)                                        \
	{                                                                           \
		name, fault, FORMS_REMAPPABLE, formats, true, provoke, false, false \
	}

static const struct interrupt_row interrupt_rows[] = {
	NO_ENTRY("data_bit_16_set", REQUEST_RESERVED, FORM_SUBHANDLE, wide_data),
	NO_ENTRY("data_bit_31_set", REQUEST_RESERVED, FORM_SUBHANDLE, high_data),
	/* in this order (one source) */
	NO_ENTRY("data_bit_16_set_and_index_beyond_table", REQUEST_RESERVED, FORM_SUBHANDLE,
		 wide_data_and_index_beyond_table),
	NO_ENTRY("index_beyond_table", TOO_LARGE, FORMS_REMAPPABLE, index_beyond_table),
	NO_ENTRY("table_beyond_host", TOO_LARGE, FORMS_REMAPPABLE, table_beyond_host),
	ENTRY("entry_not_present", NOT_PRESENT, FORMATS_ANY, not_present),
	NO_ENTRY("table_unreadable", UNREADABLE, FORMS_REMAPPABLE, table_unreadable),
	ENTRY("entry_reserved_bit_12", RESERVED, FORMATS_ANY, bit_12),
	ENTRY("entry_reserved_bit_84", RESERVED, FORMATS_ANY, bit_84),
	ENTRY("entry_urgent_but_remapped", RESERVED, FORMAT_REMAPPED, urgent),
	ENTRY("entry_destination_mode_but_posted", RESERVED, FORMAT_POSTED, destination_mode),
	ENTRY("entry_reserved_bit_32_of_posted", RESERVED, FORMAT_POSTED, bit_32),
	ENTRY("entry_descriptor_beyond_host", RESERVED, FORMAT_POSTED, descriptor_beyond_host),
	{ "entry_of_a_unit_without_posting", RESERVED, FORMS_REMAPPABLE, FORMATS_ANY, true, posting,
	  false, true },
	ENTRY("entry_destination_below_xapic", RESERVED, FORMAT_REMAPPED, destination_below_xapic),
	ENTRY("entry_destination_above_xapic", RESERVED, FORMAT_REMAPPED, destination_above_xapic),
	ENTRY("entry_source_check_3", RESERVED, FORMATS_ANY, source_check_3),
	NO_ENTRY("compatibility_not_enabled", BLOCKED, FORM_COMPATIBILITY, compatibility_off),
	NO_ENTRY("compatibility_in_extended_mode", BLOCKED, FORM_COMPATIBILITY, extended_mode),
	ENTRY("another_source", SOURCE, FORMATS_ANY, another_source),
	ENTRY("source_below_the_first_bus", SOURCE, FORMATS_ANY, bus_above),
	ENTRY("descriptor_unreadable", PD_ACCESS, FORMAT_POSTED, descriptor_unreadable),
	ENTRY("descriptor_update_refused", PD_ACCESS, FORMAT_POSTED, update_refused),
	ENTRY("descriptor_notification_refused", PD_ACCESS, FORMAT_POSTED, notification_refused),
	ENTRY("descriptor_reserved_bit_258", PD_RESERVED, FORMAT_POSTED, descriptor_bit_258),
	ENTRY("descriptor_destination", PD_RESERVED, FORMAT_POSTED, descriptor_destination),
	ENTRY("descriptor_reserved_bit_511", PD_RESERVED, FORMAT_POSTED, descriptor_last_bit),
	NO_ENTRY("read", INVALID, FORM_OTHER, read_instead),
	NO_ENTRY("execute", INVALID, FORM_OTHER, execute_instead),
	NO_ENTRY("write_of_1_byte", INVALID, FORM_OTHER, one_byte),
	NO_ENTRY("write_of_2_bytes", INVALID, FORM_OTHER, two_bytes),
	NO_ENTRY("write_of_8_bytes", INVALID, FORM_OTHER, two_doublewords),
	NO_ENTRY("write_not_aligned", INVALID, FORM_OTHER, not_aligned),
	NO_ENTRY("read_with_remapping_off_of_irreq", INVALID, FORM_OTHER, remapping_off_and_read),
	{ "xapic_mode_of_eimer", MODE_REQUIRED, FORMS_MESSAGE, FORMATS_ANY, false, NULL, true,
	  false },
	/* in this order (one source) */
	{ "xapic_mode_of_eimer_without_compatibility", MODE_REQUIRED, FORM_COMPATIBILITY,
	  FORMATS_ANY, false, compatibility_off, true, false },
	NO_ENTRY("remapping_off_of_irreq", REMAPPING_REQUIRED, FORMS_MESSAGE, remapping_off),
};

#define ROWS (sizeof(interrupt_rows) / sizeof(interrupt_rows[0]))

/* --- units and requests ------------------------------------------------------------------- */

/* One meeting of a row's fault. */
struct meeting {
	const struct interrupt_row *row;
	unsigned int form, format;
	int mode;
	bool fpd, sound;
};

static struct remapper start(const struct meeting *meeting, bool caching_mode)
{
	struct vtd_config config = machine_config();
	struct machine *machine;

	config.cap = with_field(config.cap, "cap", "PI", meeting->sound || !meeting->row->no_pi);
	config.cap = with_field(config.cap, "cap", "CM", caching_mode);
	config.ecap = with_field(config.ecap, "ecap", "IRREQ", 1);
	config.ecap =
		with_field(config.ecap, "ecap", "EIMER", meeting->row->eimer && !meeting->sound);
	machine = machine_create(&config, true);
	if (meeting->mode == MODE_OFF)
		machine_queue_start(machine, true, 0);
	else
		machine_start(machine, meeting->mode);
	return remapper_start(machine, TABLE_PAGES, TABLE_SIZE);
}

/* What arrives, but for what the row provokes. */
static struct attempt attempt(const struct meeting *meeting, bool caching_mode)
{
	struct attempt a = { .r = start(meeting, caching_mode), .index = ENTRY_INDEX };

	machine_command(a.r.machine, CFI, true);
	if (meeting->format == FORMAT_POSTED)
		a.descriptor = remapper_posted_entry(&a.r, a.irte);
	else
		remapper_plain_entry(a.irte);
	a.request = dma_request(ACCESS_WRITE, meeting->form == FORM_COMPATIBILITY
						      ? 0xfee01000
						      : remappable_address(ENTRY_INDEX));
	if (meeting->form == FORM_SUBHANDLE) {
		a.request.address = iova(remappable_address(ENTRY_INDEX - SUBHANDLE) | 1 << 3);
		a.request.data = SUBHANDLE;
	}
	if (!meeting->sound && meeting->row->provoke)
		meeting->row->provoke(&a);
	if (meeting->fpd)
		field_set(a.irte, "irte", "FPD", 1);
	remapper_store(&a.r, ENTRY_INDEX, a.irte);
	return a;
}

/* Calls fn for each way in which the row's fault can be met. */
static void each_meeting(const struct interrupt_row *row, void (*fn)(const struct meeting *meeting))
{
	struct meeting meeting = { .row = row };
	unsigned int bit, format;
	int fpd;

	for (bit = 0; bit < FORM_COUNT; bit++)
		for (format = 0; format < FORMATS; format++)
			for (meeting.mode = 0; meeting.mode < MODES; meeting.mode++)
				for (fpd = 0; fpd < 2; fpd++) {
					meeting.form = 1u << bit;
					meeting.format = 1u << format;
					meeting.fpd = fpd;
					if (!(row->forms & meeting.form) ||
					    !(row->formats & meeting.format))
						continue;
					SCOPED_NOTE("form %u, format %u, mode %d, FPD %d",
						    meeting.form, meeting.format, meeting.mode,
						    fpd);
					fn(&meeting);
				}
}

/* Section 7.3: FI has the index once there is one; what is no message is told by its address. */
static u64 fault_information(const struct meeting *meeting, const struct attempt *a)
{
	switch (meeting->row->fault) {
	case INVALID:
		return a->request.address.v & MODEL_PAGE_MASK;
	case BLOCKED:
	case MODE_REQUIRED:
	case REMAPPING_REQUIRED:
		return 0;
	default:
		return (u64)a->index << 48;
	}
}

static void expect_record(const struct meeting *meeting, const struct attempt *a)
{
	u64 record[2];

	machine_frcd(a->r.machine, 0, record);
	EXPECT_EQ(field_get(record, "frcd", "F"), 1);
	EXPECT_EQ(field_get(record, "frcd", "FR"), meeting->row->fault);
	EXPECT_EQ(record[0], fault_information(meeting, a));
	EXPECT_EQ(field_get(record, "frcd", "SID"), MACHINE_DEVICE);
	EXPECT_EQ(field_get(record, "frcd", "PP"), 0);
	EXPECT_EQ(field_get(record, "frcd", "PV"), 0);
	EXPECT_EQ(field_get(record, "frcd", "EXE"), 0);
	EXPECT_EQ(field_get(record, "frcd", "PRIV"), 0);
	EXPECT_EQ(field_get(record, "frcd", "AT"), 0);
	EXPECT_EQ(field_get(record, "frcd", "T1"), a->request.access != ACCESS_WRITE);
	EXPECT_EQ(field_get(record, "frcd", "T2"), 0);
}

static bool shows_reserved(const struct attempt *a, const char *what)
{
	const struct port_event *event = machine_event(a->r.machine, PORT_EVENT_TABLE_READ, what);
	unsigned int i;

	for (i = 0; event && i < 8; i++)
		if (event->reserved[i])
			return true;
	return false;
}

/* Who observes is told which bits a reserved entry or descriptor has, and of no other any. */
static void expect_reserved(const struct meeting *meeting, const struct attempt *a)
{
	EXPECT_EQ(shows_reserved(a, "interrupt remapping entry"), meeting->row->fault == RESERVED);
	EXPECT_EQ(shows_reserved(a, "posted-interrupt descriptor"),
		  meeting->row->fault == PD_RESERVED);
}

static void expect_fault(const struct meeting *meeting)
{
	struct attempt a = attempt(meeting, false);
	bool recorded = !(meeting->fpd && meeting->row->entry);
	struct translation_result result;
	unsigned int again;

	for (again = 1; again <= 2; again++) {
		result = machine_dma(a.r.machine, &a.request);
		EXPECT_EQ(result.fault, (unsigned int)meeting->row->fault);
		EXPECT_FALSE(result.interrupt);
		EXPECT_EQ(result.rights, 0);
		EXPECT_EQ(machine_counter(a.r.machine, "faults"), again);
		EXPECT_EQ(machine_counter(a.r.machine, "fault_records"), recorded ? again : 0);
	}
	EXPECT_EQ(machine_read32(a.r.machine, 0x34) >> 1 & 1, recorded); /* FSTS.PPF */
	EXPECT_EQ(machine_counter(a.r.machine, "interrupts_posted"), 0);
	/* what ends by a fault is not cached; what its descriptor is for, the entry does not say */
	EXPECT_EQ(machine_counter(a.r.machine, "int_cache_hit"),
		  meeting->row->fault == PD_ACCESS || meeting->row->fault == PD_RESERVED);
	EXPECT_NE(machine_event(a.r.machine, PORT_EVENT_FAULT,
				vtd_fault_info(meeting->row->fault)->text),
		  NULL);
	expect_reserved(meeting, &a);
	if (recorded)
		expect_record(meeting, &a);
	machine_destroy(a.r.machine);
}

TEST_WITH_NAMED_PARAMS(vtd_interrupt_catalogue,
		       every_request_that_can_meet_it_does_and_fpd_suppresses_its_record,
		       struct interrupt_row, interrupt_rows, name)
{
	each_meeting(param, expect_fault);
}

static void expect_no_fault(const struct meeting *meeting)
{
	struct meeting sound = *meeting;
	struct translation_result result;
	struct attempt a;

	sound.sound = true;
	a = attempt(&sound, false);
	result = machine_dma(a.r.machine, &a.request);
	EXPECT_EQ(result.fault, VTD_FAULT_NONE);
	EXPECT_TRUE(result.interrupt);
	machine_destroy(a.r.machine);
}

TEST_WITH_NAMED_PARAMS(vtd_interrupt_catalogue, the_same_request_works_without_what_provokes_it,
		       struct interrupt_row, interrupt_rows, name)
{
	each_meeting(param, expect_no_fault);
}

/* Section 6.4 */
static void expect_kept(const struct meeting *meeting)
{
	struct attempt a = attempt(meeting, true);

	EXPECT_EQ(machine_dma(a.r.machine, &a.request).fault, (unsigned int)meeting->row->fault);
	remapper_store_plain(&a.r, ENTRY_INDEX);
	EXPECT_EQ(machine_dma(a.r.machine, &a.request).fault, (unsigned int)meeting->row->fault);
	EXPECT_EQ(machine_counter(a.r.machine, "int_cache_hit"), 1);
	remapper_invalidate(&a.r, true, ENTRY_INDEX, 0);
	EXPECT_EQ(machine_dma(a.r.machine, &a.request).fault, VTD_FAULT_NONE);
	machine_destroy(a.r.machine);
}

TEST(vtd_interrupt_catalogue, in_caching_mode_wrong_entries_are_kept_until_invalidated)
{
	unsigned int row;

	for (row = 0; row < ROWS; row++)
		if (interrupt_rows[row].entry) {
			SCOPED_NOTE("%s", interrupt_rows[row].name);
			each_meeting(&interrupt_rows[row], expect_kept);
		}
}

/* --- that none is missing ----------------------------------------------------------------- */

/* Which forms and formats can meet a reason, Table 15 and the sections that it names; and in how many ways. */
static const struct {
	unsigned int code, forms, formats, ways;
} meetings[] = {
	{ 0x20, FORM_SUBHANDLE, FORMATS_ANY, 3 },     { 0x21, FORMS_REMAPPABLE, FORMATS_ANY, 2 },
	{ 0x22, FORMS_REMAPPABLE, FORMATS_ANY, 1 },   { 0x23, FORMS_REMAPPABLE, FORMATS_ANY, 1 },
	{ 0x24, FORMS_REMAPPABLE, FORMATS_ANY, 10 },  { 0x25, FORM_COMPATIBILITY, FORMATS_ANY, 2 },
	{ 0x26, FORMS_REMAPPABLE, FORMATS_ANY, 2 },   { 0x27, FORMS_REMAPPABLE, FORMAT_POSTED, 3 },
	{ 0x28, FORMS_REMAPPABLE, FORMAT_POSTED, 3 }, { 0x29, FORM_OTHER, FORMATS_ANY, 7 },
	{ 0x2a, FORMS_MESSAGE, FORMATS_ANY, 2 },      { 0x2b, FORMS_MESSAGE, FORMATS_ANY, 1 },
};

TEST(vtd_interrupt_catalogue,
     has_every_way_to_every_reason_in_every_form_of_request_that_can_meet_it)
{
	unsigned int i, row, known = 0;

	for (i = 0; i < sizeof(meetings) / sizeof(meetings[0]); i++) {
		unsigned int forms = 0, formats = 0, ways = 0;

		SCOPED_NOTE("reason 0x%x", meetings[i].code);
		for (row = 0; row < ROWS; row++)
			if ((unsigned int)interrupt_rows[row].fault == meetings[i].code) {
				forms |= interrupt_rows[row].forms;
				formats |= interrupt_rows[row].formats;
				ways++;
			}
		EXPECT_EQ(forms, meetings[i].forms);
		EXPECT_EQ(formats, meetings[i].formats);
		EXPECT_EQ(ways, meetings[i].ways);
		EXPECT_NE(vtd_fault_info(meetings[i].code), NULL);
		known += ways;
	}
	EXPECT_EQ(known, ROWS);
}

TEST(vtd_interrupt_catalogue, reasons_are_qualified_by_fpd_where_an_entry_was_read)
{
	unsigned int row;

	for (row = 0; row < ROWS; row++) {
		SCOPED_NOTE("%s", interrupt_rows[row].name);
		EXPECT_EQ(vtd_fault_info(interrupt_rows[row].fault)->qualified,
			  interrupt_rows[row].entry);
	}
}
