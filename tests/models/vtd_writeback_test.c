/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What walks write back to tables: accessed, extended-accessed and dirty bits, when somebody else changes the entry
 * at the same time, when they may not or cannot be set, and what software learns by them. That they are set at
 * all is vtd_rights_test.c's.
 */
#include "gtest_c.h"
#include "vtd_machine.h"

#define INPUT 0x7f1234567000ULL
#define GUEST 0x40000000ULL
#define HOST 0x123456000ULL
#define OTHER_HOST 0x1654321000ULL
#define FS_MARKS (FS_A | FS_D | FS_EA)
#define SS_MARKS (u64)(SS_A | SS_D)

/* A PASID entry for PASIDs 1 and 2 of that type, with some fields of one bit set. */
static void use_pasid_entry(struct machine *machine, unsigned int pgtt, const char *const *fields)
{
	u64 entry[8];

	machine_pasid_entry(machine, entry, pgtt);
	for (; fields && *fields; fields++)
		field_set(entry, "pasid-entry", *fields, 1);
	machine_store_pasid(machine, 1, entry);
	machine_store_pasid(machine, 2, entry);
}

static struct machine *machine_of(const struct vtd_config *config, unsigned int pgtt,
				  const char *const *fields)
{
	struct machine *machine = machine_create(config, false);

	machine_ready(machine, pgtt);
	use_pasid_entry(machine, pgtt, fields);
	return machine;
}

static const char *const ssade[] = { "SSADE", NULL };
static const char *const all_marks[] = { "SSADE", "EAFE", NULL };

static void map_both(struct machine *machine)
{
	machine_map_first(machine, INPUT, GUEST, 4 * KIB, FS_P | FS_W | FS_U);
	machine_map_second(machine, GUEST, HOST, 4 * KIB, SS_R | SS_W);
}

/* Both stages, INPUT to GUEST to HOST, all rights, no bits set yet. */
static struct machine *nested_with(const char *const *fields)
{
	const struct vtd_config config = machine_config();
	struct machine *machine = machine_of(&config, NESTED, fields);

	map_both(machine);
	return machine;
}

/* The second stage alone, GUEST to HOST. */
static struct machine *second_with(const char *const *fields)
{
	const struct vtd_config config = machine_config();
	struct machine *machine = machine_of(&config, SECOND_STAGE, fields);

	machine_map_second(machine, GUEST, HOST, 4 * KIB, SS_R | SS_W);
	return machine;
}

static u64 first_entry(struct machine *machine, unsigned int level)
{
	return machine_load(machine, machine_first_entry(machine, INPUT, level));
}

static u64 second_entry(struct machine *machine, u64 address, unsigned int level)
{
	return machine_load(machine, machine_second_entry(machine, address, level));
}

static void change(struct machine *machine, u64 address, u64 set, u64 clear)
{
	machine_store(machine, address, (machine_load(machine, address) | set) & ~clear);
}

/* --- two walks at once --------------------------------------------------------------------- */

/* What happens at one exchange, in the middle of it. */
struct race {
	unsigned int exchanges_to_go;
	enum access access; /* of the other request */
	u64 set, clear; /* what the processor does to the entry */
	u64 moved; /* where the entry lies, for those who look later */
};

/* Another request goes the same way, from its beginning to its end. */
static void other_walks(struct machine *machine, hpa_t address)
{
	struct race *race = machine->arg;
	struct translation_request request = dma_with_pasid(race->access, INPUT, 2);

	(void)address;
	if (--race->exchanges_to_go)
		return;
	machine->on_exchange = NULL;
	EXPECT_EQ(machine_dma(machine, &request).fault, 0);
}

/* Exchanges that a first access of that kind makes when nobody disturbs it. */
static unsigned int undisturbed(enum access access)
{
	struct machine *machine = nested_with(all_marks);
	struct translation_request request = dma_with_pasid(access, INPUT, 1);
	unsigned int exchanges;

	EXPECT_EQ(machine_dma(machine, &request).fault, 0);
	exchanges = machine->exchanges;
	machine_destroy(machine);
	return exchanges;
}

static void expect_all_marked(struct machine *machine, bool dirty)
{
	unsigned int level;

	for (level = 1; level <= 5; level++) {
		bool leaf = level == 1;

		EXPECT_EQ(first_entry(machine, level) & FS_MARKS,
			  FS_A | FS_EA | (leaf && dirty ? FS_D : 0));
		EXPECT_EQ(second_entry(machine, GUEST, level) & SS_MARKS,
			  SS_A | (leaf && dirty ? SS_D : 0));
	}
}

struct race_row {
	const char *name;
	enum access first, second;
};

static const struct race_row races[] = {
	{ "read_read", ACCESS_READ, ACCESS_READ },
	{ "read_write", ACCESS_READ, ACCESS_WRITE },
	{ "write_read", ACCESS_WRITE, ACCESS_READ },
	{ "write_write", ACCESS_WRITE, ACCESS_WRITE },
};

TEST_WITH_NAMED_PARAMS(vtd_writeback, walks_that_race_lose_no_bit_and_need_not_begin_anew,
		       struct race_row, races, name)
{
	struct translation_request request = dma_with_pasid(param->first, INPUT, 1);
	bool dirty = param->first == ACCESS_WRITE || param->second == ACCESS_WRITE;
	unsigned int n, count = undisturbed(param->first);

	/* 5 first-stage entries, 5 tables' leaves in the second stage twice, what is above these, and the page */
	EXPECT_GT(count, 15);
	for (n = 1; n <= count; n++) {
		struct race race = { .exchanges_to_go = n, .access = param->second };
		struct machine *machine = nested_with(all_marks);
		struct translation_result result;

		SCOPED_NOTE("exchange %u", n);
		machine->arg = &race;
		machine->on_exchange = other_walks;
		result = machine_dma(machine, &request);
		EXPECT_EQ(race.exchanges_to_go, 0);
		EXPECT_EQ(result.fault, 0);
		EXPECT_EQ(result.address.v, HOST);
		expect_all_marked(machine, dirty);
		EXPECT_EQ(machine_counter(machine, "walks"), 2);
		machine_destroy(machine);
	}
}

/* --- the processor changes the entry -------------------------------------------------------- */

static void processor_changes(struct machine *machine, hpa_t address)
{
	struct race *race = machine->arg;

	if (--race->exchanges_to_go)
		return;
	machine->on_exchange = NULL;
	race->moved = address.v;
	change(machine, address.v, race->set, race->clear);
}

struct change_row {
	const char *name;
	bool second_stage;
	u64 preset; /* bits of the leaf before */
	u64 set, clear; /* what the processor does at the exchange for it */
	unsigned int fault;
	u64 address; /* else */
	u64 marks; /* that the leaf has in the end */
};

/* The leaf's exchange is the fifth of both stages where nothing else is to be marked. */
static const struct change_row changes[] = {
	{ "first_not_present", false, 0, 0, FS_P, VTD_FAULT_SM_FIRST_STAGE_NOT_PRESENT, 0, 0 },
	{ "first_read_only", false, 0, 0, FS_W, VTD_FAULT_SM_NO_WRITE, 0, 0 },
	{ "first_supervisor", false, 0, 0, FS_U, VTD_FAULT_SM_USER_TO_SUPERVISOR, 0, 0 },
	{ "first_elsewhere", false, 0, OTHER_HOST & ~HOST, HOST & ~OTHER_HOST, 0, OTHER_HOST,
	  FS_A | FS_D },
	{ "first_accessed_cleared", false, FS_A, 0, FS_A, 0, HOST, FS_A | FS_D },
	{ "first_ignored_bit", false, 0, 1ULL << 52, 0, 0, HOST, FS_A | FS_D },
	{ "second_not_present", true, 0, 0, SS_R | SS_W, VTD_FAULT_SM_SECOND_STAGE_PERMISSION, 0,
	  0 },
	{ "second_read_only", true, 0, 0, SS_W, VTD_FAULT_SM_NO_WRITE, 0, SS_A },
	{ "second_elsewhere", true, 0, OTHER_HOST & ~HOST, HOST & ~OTHER_HOST, 0, OTHER_HOST,
	  SS_A | SS_D },
	{ "second_accessed_cleared", true, SS_A, 0, SS_A, 0, HOST, SS_A | SS_D },
};

static struct machine *first_alone(void)
{
	const struct vtd_config config = machine_config();
	struct machine *machine = machine_of(&config, FIRST_STAGE, NULL);

	machine_map_first(machine, INPUT, HOST, 4 * KIB, FS_P | FS_W | FS_U);
	return machine;
}

TEST_WITH_NAMED_PARAMS(vtd_writeback, a_change_between_reading_and_marking_counts,
		       struct change_row, changes, name)
{
	struct race race = { .exchanges_to_go = 5, .set = param->set, .clear = param->clear };
	struct machine *machine = param->second_stage ? second_with(ssade) : first_alone();
	u64 input = param->second_stage ? GUEST : INPUT;
	u64 leaf = param->second_stage ? machine_second_entry(machine, GUEST, 1)
				       : machine_first_entry(machine, INPUT, 1);
	struct translation_result result;

	change(machine, leaf, param->preset, 0);
	machine->arg = &race;
	machine->on_exchange = processor_changes;
	result = machine_write(machine, 1, input);
	EXPECT_EQ(race.moved, leaf);
	EXPECT_EQ(result.fault, param->fault);
	if (!param->fault)
		EXPECT_EQ(result.address.v, param->address);
	EXPECT_EQ(machine_load(machine, leaf) & (param->second_stage ? SS_MARKS : FS_MARKS),
		  param->marks);
	machine_destroy(machine);
}

/* Whoever flips an ignored bit at every exchange. */
static void never_settles(struct machine *machine, hpa_t address)
{
	change(machine, address.v, ~machine_load(machine, address.v) & 1ULL << 52,
	       machine_load(machine, address.v) & 1ULL << 52);
}

TEST(vtd_writeback, an_entry_that_never_settles_is_given_up_with_its_stages_reason)
{
	struct machine *machine = first_alone();

	machine->on_exchange = never_settles;
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, VTD_FAULT_SM_FIRST_STAGE_AD_UPDATE);
	EXPECT_EQ(machine->exchanges, 16);
	machine_destroy(machine);

	machine = second_with(ssade);
	machine->on_exchange = never_settles;
	EXPECT_EQ(machine_read(machine, 1, GUEST).fault, VTD_FAULT_SM_SECOND_STAGE_AD_UPDATE);
	EXPECT_EQ(machine->exchanges, 16);
	machine_destroy(machine);
}

/* Sets the mark at one exchange, takes it away at the next. */
static void marks_come_and_go(struct machine *machine, hpa_t address)
{
	u64 entry = machine_load(machine, address.v);

	machine_store(machine, address.v, entry ^ FS_D);
}

TEST(vtd_writeback, marks_that_come_and_go_do_not_hold_a_walk_for_ever)
{
	struct machine *machine = first_alone();

	machine->on_exchange = marks_come_and_go;
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, VTD_FAULT_SM_FIRST_STAGE_AD_UPDATE);
	EXPECT_LE(machine->exchanges, 32);
	machine_destroy(machine);
}

/* The host takes the page with the guest's top-level table away once an entry of it was read. */
static void host_takes_table(struct machine *machine, hpa_t address)
{
	if (address.v != machine_first_entry(machine, INPUT, 5))
		return;
	machine->on_read = NULL;
	machine_store(machine, machine_second_entry(machine, machine->first_table, 1), 0);
}

TEST(vtd_writeback, a_table_that_the_host_takes_before_it_is_marked_is_a_fault)
{
	struct machine *machine = nested_with(ssade);

	machine->on_read = host_takes_table;
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, VTD_FAULT_SM_SECOND_STAGE_PERMISSION);
	machine_destroy(machine);
}

/* --- what is refused leaves no mark --------------------------------------------------------- */

struct refusal_row {
	const char *name;
	u64 first, second; /* bits of the leaves */
	enum access access;
	unsigned int fault;
};

static const struct refusal_row refusals[] = {
	{ "first_denies_write", FS_P | FS_U, SS_R | SS_W, ACCESS_WRITE, VTD_FAULT_SM_NO_WRITE },
	{ "first_denies_user", FS_P | FS_W, SS_R | SS_W, ACCESS_READ,
	  VTD_FAULT_SM_USER_TO_SUPERVISOR },
	{ "second_denies_write", FS_P | FS_W | FS_U, SS_R, ACCESS_WRITE, VTD_FAULT_SM_NO_WRITE },
	{ "second_denies_read", FS_P | FS_W | FS_U, SS_W, ACCESS_READ, VTD_FAULT_SM_NO_READ },
	{ "second_absent", FS_P | FS_W | FS_U, 0, ACCESS_READ,
	  VTD_FAULT_SM_SECOND_STAGE_PERMISSION },
	{ "first_absent", 0, SS_R | SS_W, ACCESS_READ, VTD_FAULT_SM_FIRST_STAGE_NOT_PRESENT },
	{ "first_reserved", FS_P | FS_W | FS_U | FS_XD, SS_R | SS_W, ACCESS_READ,
	  VTD_FAULT_SM_FIRST_STAGE_RESERVED },
	{ "second_reserved", FS_P | FS_W | FS_U, SS_R | SS_W | 1ULL << 49, ACCESS_WRITE,
	  VTD_FAULT_SM_SECOND_STAGE_RESERVED },
};

TEST_WITH_NAMED_PARAMS(vtd_writeback,
		       a_refused_request_makes_nothing_dirty_and_leaves_the_guests_leaf_alone,
		       struct refusal_row, refusals, name)
{
	struct translation_request request = dma_with_pasid(param->access, INPUT, 1);
	struct machine *machine = nested_with(ssade);
	bool reached_second = param->first == (FS_P | FS_W | FS_U);
	unsigned int level;

	machine_map_first(machine, INPUT, GUEST, 4 * KIB, param->first);
	machine_map_second(machine, GUEST, HOST, 4 * KIB, param->second);
	EXPECT_EQ(machine_dma(machine, &request).fault, param->fault);
	EXPECT_EQ(first_entry(machine, 1) & FS_MARKS, 0);
	EXPECT_EQ(second_entry(machine, GUEST, 1) & SS_D, 0);
	for (level = 2; level <= 5; level++)
		EXPECT_EQ(first_entry(machine, level) & FS_MARKS, FS_A);
	/* the second stage's are marked as they are used; the topmost ones serve the tables too */
	EXPECT_EQ(second_entry(machine, GUEST, 2) & SS_MARKS, reached_second ? SS_A : 0);
	machine_destroy(machine);
}

TEST(vtd_writeback, bit_6_of_an_entry_above_the_leaf_is_not_dirty_but_ignored)
{
	struct machine *machine = nested_with(ssade);
	unsigned int level;

	machine_map_first(machine, INPUT & ~(2 * MIB - 1), GUEST, 2 * MIB, FS_P | FS_W | FS_U);
	machine_map_second(machine, GUEST + 2 * MIB, HOST, 4 * KIB, SS_R | SS_W);
	machine_map_first(machine, INPUT & ~(2 * MIB - 1), GUEST, 2 * MIB, FS_P | FS_W | FS_U);
	machine_map_second(machine, GUEST + (INPUT & (2 * MIB - 1)), HOST, 4 * KIB, SS_R | SS_W);
	EXPECT_EQ(machine_write(machine, 1, INPUT).fault, 0);
	for (level = 2; level <= 5; level++)
		EXPECT_EQ(first_entry(machine, level) & FS_MARKS, level == 2 ? FS_A | FS_D : FS_A);
	machine_destroy(machine);
}

/* --- tables of the guest in pages of the host ------------------------------------------------ */

static u64 table_gpa(struct machine *machine, unsigned int level)
{
	return (machine_first_entry(machine, INPUT, level) & MODEL_PAGE_MASK) - MACHINE_GUEST_BASE;
}

TEST(vtd_writeback, a_page_with_a_guests_table_becomes_dirty_when_an_entry_is_marked_and_not_before)
{
	struct machine *machine = nested_with(ssade);
	unsigned int level;

	/* all marked but the leaf, which lacks D */
	for (level = 1; level <= 5; level++)
		change(machine, machine_first_entry(machine, INPUT, level), FS_A, 0);
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, 0);
	for (level = 1; level <= 5; level++)
		EXPECT_EQ(second_entry(machine, table_gpa(machine, level), 1) & SS_MARKS, SS_A);
	EXPECT_EQ(machine_write(machine, 1, INPUT).fault, 0);
	for (level = 1; level <= 5; level++)
		EXPECT_EQ(second_entry(machine, table_gpa(machine, level), 1) & SS_MARKS,
			  level == 1 ? SS_A | SS_D : SS_A);
	machine_destroy(machine);
}

/*
 * A paging-structure cache knows where the guest's lowest table lies, in a page that is clean. Software changes
 * what the second stage says of it, and forgets the invalidation: an entry there is marked nowhere.
 */
static struct machine *with_cached_clean_table(void)
{
	struct machine *machine = nested_with(ssade);
	unsigned int level;

	machine_map_first(machine, INPUT + 4096, GUEST, 4 * KIB, FS_P | FS_W | FS_U);
	for (level = 1; level <= 5; level++)
		change(machine, machine_first_entry(machine, INPUT, level), FS_A, 0);
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, 0);
	EXPECT_EQ(second_entry(machine, table_gpa(machine, 1), 1) & SS_MARKS, SS_A);
	machine->exchanges = 0;
	return machine;
}

TEST(vtd_writeback, a_cached_table_that_the_host_took_is_not_marked)
{
	struct machine *machine = with_cached_clean_table();
	u64 leaf = machine_second_entry(machine, table_gpa(machine, 1), 1);

	change(machine, leaf, 0, SS_R | SS_W | SS_X);
	EXPECT_EQ(machine_read(machine, 1, INPUT + 4096).fault,
		  VTD_FAULT_SM_SECOND_STAGE_PERMISSION);
	EXPECT_EQ(machine_load(machine, machine_first_entry(machine, INPUT + 4096, 1)) & FS_MARKS,
		  0);
	machine_destroy(machine);
}

TEST(vtd_writeback, a_cached_table_that_the_host_moved_is_not_marked)
{
	struct machine *machine = with_cached_clean_table();
	u64 leaf = machine_second_entry(machine, table_gpa(machine, 1), 1);
	u64 bits = machine_load(machine, leaf) & ~MODEL_PAGE_MASK;

	machine_store(machine, leaf, machine_page(machine) | bits);
	EXPECT_EQ(machine_read(machine, 1, INPUT + 4096).fault, VTD_FAULT_SM_FIRST_STAGE_AD_UPDATE);
	EXPECT_EQ(machine_load(machine, machine_first_entry(machine, INPUT + 4096, 1)) & FS_MARKS,
		  0);
	machine_destroy(machine);
}

static void make_tables_read_only(struct machine *machine)
{
	unsigned int level;

	for (level = 1; level <= 5; level++)
		change(machine, machine_second_entry(machine, table_gpa(machine, level), 1), 0,
		       SS_W);
}

TEST(vtd_writeback, a_table_in_a_read_only_page_serves_as_long_as_nothing_is_to_be_marked)
{
	struct machine *machine = nested_with(NULL);
	unsigned int level;

	make_tables_read_only(machine);
	for (level = 5; level; level--) {
		EXPECT_EQ(machine_read(machine, 1, INPUT).fault,
			  VTD_FAULT_SM_FIRST_STAGE_ENTRY_NO_WRITE);
		EXPECT_EQ(first_entry(machine, level) & FS_MARKS, 0);
		change(machine, machine_first_entry(machine, INPUT, level), FS_A, 0);
	}
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, 0);
	EXPECT_EQ(machine_write(machine, 1, INPUT).fault, VTD_FAULT_SM_FIRST_STAGE_ENTRY_NO_WRITE);
	EXPECT_EQ(first_entry(machine, 1) & FS_MARKS, FS_A);
	EXPECT_EQ(machine->exchanges, 0);
	machine_destroy(machine);
}

TEST(vtd_writeback, the_extended_accessed_bit_needs_a_writable_table_as_the_others_do)
{
	static const char *const eafe[] = { "EAFE", NULL };
	struct machine *machine = nested_with(NULL);
	unsigned int level;

	make_tables_read_only(machine);
	for (level = 1; level <= 5; level++)
		change(machine, machine_first_entry(machine, INPUT, level), FS_A, 0);
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, 0);
	use_pasid_entry(machine, NESTED, eafe);
	machine_invalidate_all(machine);
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, VTD_FAULT_SM_FIRST_STAGE_ENTRY_NO_WRITE);
	machine_destroy(machine);
}

/* --- when memory or the page walk cannot ----------------------------------------------------- */

TEST(vtd_writeback, walks_that_do_not_snoop_cannot_mark_but_use_what_is_marked)
{
	const struct vtd_config config =
		machine_config_with(MACHINE_CAP, with_field(MACHINE_ECAP, "ecap", "SMPWC", 0));
	struct machine *machine = machine_of(&config, NESTED, NULL);
	unsigned int level;

	map_both(machine);
	for (level = 5; level; level--) {
		EXPECT_EQ(machine_read(machine, 1, INPUT).fault,
			  VTD_FAULT_SM_FIRST_STAGE_AD_NO_SNOOP);
		change(machine, machine_first_entry(machine, INPUT, level), FS_A, 0);
	}
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, 0);
	EXPECT_EQ(machine_write(machine, 1, INPUT).fault, VTD_FAULT_SM_FIRST_STAGE_AD_NO_SNOOP);
	EXPECT_EQ(machine->exchanges, 0);

	use_pasid_entry(machine, NESTED, ssade);
	machine_invalidate_all(machine);
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, VTD_FAULT_SM_SECOND_STAGE_AD_NO_SNOOP);
	EXPECT_EQ(machine->exchanges, 0);
	machine_destroy(machine);
}

static void fail_from_nth_exchange(struct machine *machine, hpa_t address)
{
	struct race *race = machine->arg;

	(void)address;
	machine->exchange_fails = !--race->exchanges_to_go;
}

TEST(vtd_writeback, memory_that_takes_no_update_is_a_fault_of_the_stage_whose_entry_it_is)
{
	unsigned int n, first = 0, second = 0, count = undisturbed(ACCESS_WRITE);

	for (n = 1; n <= count; n++) {
		struct race race = { .exchanges_to_go = n };
		struct machine *machine = nested_with(ssade);
		unsigned int fault;

		SCOPED_NOTE("exchange %u", n);
		machine->arg = &race;
		machine->on_exchange = fail_from_nth_exchange;
		fault = machine_write(machine, 1, INPUT).fault;
		first += fault == VTD_FAULT_SM_FIRST_STAGE_AD_UPDATE;
		second += fault == VTD_FAULT_SM_SECOND_STAGE_AD_UPDATE;
		EXPECT_EQ(machine_counter(machine, "iotlb_fill"), 0);
		EXPECT_EQ(machine_counter(machine, "fault_records"), 1);
		machine_destroy(machine);
	}
	EXPECT_EQ(first, 5);
	EXPECT_EQ(second, count - 5);
}

/* --- dirty tracking --------------------------------------------------------------------------- */

struct tracking_row {
	const char *name;
	bool second_stage;
	u64 size;
};

static const struct tracking_row trackings[] = {
	{ "first_4K", false, 4 * KIB },
	{ "first_2M", false, 2 * MIB },
	{ "second_4K", true, 4 * KIB },
	{ "second_2M", true, 2 * MIB },
};

TEST_WITH_NAMED_PARAMS(vtd_writeback,
		       d_that_software_clears_is_set_again_only_after_an_invalidation,
		       struct tracking_row, trackings, name)
{
	const struct vtd_config config = machine_config();
	unsigned int level = param->size == 4 * KIB ? 1 : 2;
	struct machine *machine;
	u64 leaf, dirty;

	machine = machine_of(&config, param->second_stage ? SECOND_STAGE : FIRST_STAGE,
			     param->second_stage ? ssade : NULL);
	if (param->second_stage) {
		machine_map_second(machine, GUEST, 2 * GIB, param->size, SS_R | SS_W);
		leaf = machine_second_entry(machine, GUEST, level);
		dirty = SS_D;
	} else {
		machine_map_first(machine, GUEST, 2 * GIB, param->size, FS_P | FS_W | FS_U);
		leaf = machine_first_entry(machine, GUEST, level);
		dirty = FS_D;
	}
	EXPECT_EQ(machine_write(machine, 1, GUEST).fault, 0);
	EXPECT_EQ(machine_load(machine, leaf) & dirty, dirty);

	change(machine, leaf, 0, dirty);
	EXPECT_EQ(machine_write(machine, 1, GUEST).table_reads, 0);
	EXPECT_EQ(machine_load(machine, leaf) & dirty, 0);

	machine_invalidate_iotlb(machine, 2, MACHINE_DOMAIN, 0);
	EXPECT_EQ(machine_write(machine, 1, GUEST).fault, 0);
	EXPECT_EQ(machine_load(machine, leaf) & dirty, dirty);
	machine_destroy(machine);
}

TEST(vtd_writeback, a_page_cached_clean_by_a_read_is_walked_for_the_first_write_in_either_stage)
{
	struct machine *machine = nested_with(ssade);

	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, 0);
	/* the first stage is dirty already, the second is not */
	change(machine, machine_first_entry(machine, INPUT, 1), FS_D, 0);
	machine_invalidate_pasid_iotlb(machine, 2, 1, 0);
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, 0);
	EXPECT_EQ(second_entry(machine, GUEST, 1) & SS_MARKS, SS_A);
	EXPECT_GT(machine_write(machine, 1, INPUT).table_reads, 0);
	EXPECT_EQ(second_entry(machine, GUEST, 1) & SS_MARKS, SS_A | SS_D);
	EXPECT_EQ(machine_write(machine, 1, INPUT).table_reads, 0);
	machine_destroy(machine);
}

/* --- translation requests --------------------------------------------------------------------- */

struct ats_row {
	const char *name;
	u64 first, second; /* rights of the leaves besides P, US and R */
	bool no_write;
	unsigned int rights;
	bool dirty;
};

static const struct ats_row ats_rows[] = {
	{ "both_grant", FS_W, SS_W, false, ACCESS_READ | ACCESS_WRITE, true },
	{ "first_denies", 0, SS_W, false, ACCESS_READ, false },
	{ "second_denies", FS_W, 0, false, ACCESS_READ, false },
	{ "not_wanted", FS_W, SS_W, true, ACCESS_READ, false },
};

TEST_WITH_NAMED_PARAMS(vtd_writeback, a_translation_request_makes_dirty_what_it_grants_for_writing,
		       struct ats_row, ats_rows, name)
{
	const struct vtd_config config =
		machine_config_with(MACHINE_CAP, with_field(MACHINE_ECAP, "ecap", "NWFS", 1));
	struct machine *machine = machine_of(&config, NESTED, ssade);
	struct translation_request request = dma_with_pasid(ACCESS_READ, INPUT, 1);
	struct translation_result result;

	change(machine, machine_context_address(machine), 4, 0); /* DTE */
	machine_map_first(machine, INPUT, GUEST, 4 * KIB, FS_P | FS_U | param->first);
	machine_map_second(machine, GUEST, HOST, 4 * KIB, SS_R | param->second);
	request.type = ADDRESS_TRANSLATION_REQUEST;
	request.no_write = param->no_write;
	result = machine_dma(machine, &request);
	EXPECT_EQ(result.ats_status, ATS_SUCCESS);
	EXPECT_EQ(result.rights, param->rights);
	EXPECT_EQ(first_entry(machine, 1) & FS_MARKS, FS_A | (param->dirty ? FS_D : 0));
	EXPECT_EQ(second_entry(machine, GUEST, 1) & SS_MARKS, SS_A | (param->dirty ? SS_D : 0));
	machine_destroy(machine);
}

/* --- errata ------------------------------------------------------------------------------------ */

static struct machine *with_erratum(const char *const *fields)
{
	struct vtd_config config = machine_config();
	struct machine *machine;

	EXPECT_EQ(config.errata, 0);
	config.errata = VTD_ERRATUM_772415;
	machine = machine_of(&config, NESTED, fields);
	map_both(machine);
	return machine;
}

TEST(vtd_errata, of_772415_mark_entries_in_read_only_pages)
{
	static const char *const fields[] = { "SSADE", "EAFE", NULL };
	struct machine *machine = with_erratum(fields);
	unsigned int level;

	make_tables_read_only(machine);
	EXPECT_EQ(machine_write(machine, 1, INPUT).fault, 0);
	for (level = 1; level <= 5; level++) {
		EXPECT_EQ(first_entry(machine, level) & FS_MARKS,
			  FS_A | FS_EA | (level == 1 ? FS_D : 0));
		/* and the second stage tells nobody that the page was written */
		EXPECT_EQ(second_entry(machine, table_gpa(machine, level), 1) & SS_MARKS, SS_A);
	}
	machine_destroy(machine);
}

TEST(vtd_errata, of_772415_do_not_show_without_page_walk_snoop)
{
	struct machine *machine = with_erratum(NULL);
	u64 entry[8];

	machine_pasid_entry(machine, entry, NESTED);
	field_set(entry, "pasid-entry", "PWSNP", 0);
	machine_store_pasid(machine, 1, entry);
	make_tables_read_only(machine);
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, VTD_FAULT_SM_FIRST_STAGE_ENTRY_NO_WRITE);
	machine_destroy(machine);
}

TEST(vtd_errata, of_772415_leave_the_rights_to_pages_themselves_alone)
{
	struct machine *machine = with_erratum(NULL);

	change(machine, machine_second_entry(machine, GUEST, 1), 0, SS_W);
	EXPECT_EQ(machine_write(machine, 1, INPUT).fault, VTD_FAULT_SM_NO_WRITE);
	EXPECT_EQ(first_entry(machine, 1) & FS_MARKS, 0);
	machine_destroy(machine);
}

TEST(vtd_errata, are_told_each_with_its_source_and_a_bit_of_its_own)
{
	const struct vtd_erratum_info *errata;
	unsigned int seen = 0;
	size_t count, i;

	errata = vtd_errata(&count);
	ASSERT_GE(count, 1);
	for (i = 0; i < count; i++) {
		EXPECT_EQ(seen & errata[i].bit, 0);
		seen |= errata[i].bit;
		EXPECT_GT(errata[i].number, 0);
		EXPECT_NE(errata[i].name[0], 0);
		EXPECT_NE(errata[i].title[0], 0);
		EXPECT_NE(errata[i].affected[0], 0);
		EXPECT_NE(errata[i].source[0], 0);
		EXPECT_NE(errata[i].text[0], 0);
	}
	EXPECT_EQ(errata[0].bit, VTD_ERRATUM_772415);
}
