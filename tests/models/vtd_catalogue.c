/* SPDX-License-Identifier: Apache-2.0 */
#include "vtd_catalogue.h"

#include "gtest_c.h"

#define PQT 0xc8
#define PQA 0xd0

void set_bit(struct machine *machine, u64 address, unsigned int bit)
{
	u64 at = address + bit / 64 * 8;

	machine_store(machine, at, machine_load(machine, at) | 1ULL << bit % 64);
}

void clear_bit(struct machine *machine, u64 address, unsigned int bit)
{
	u64 at = address + bit / 64 * 8;

	machine_store(machine, at, machine_load(machine, at) & ~(1ULL << bit % 64));
}

/* Of PASID 1, and of PASID 0, which requests without PASID use. */
void change_pasid_entries(struct machine *machine, const char *field, u64 value)
{
	u64 entry[8];
	u32 pasid;

	for (pasid = 0; pasid < 2; pasid++) {
		memory_read(machine->memory, hpa(machine_pasid_address(machine, pasid)), entry, 64);
		field_set(entry, "pasid-entry", field, value);
		machine_store_pasid(machine, pasid, entry);
	}
}

/* --- units and requests ------------------------------------------------------------------ */

static bool has_first_stage(const struct fault_row *row)
{
	return row->pgtt == FIRST_STAGE || row->pgtt == NESTED;
}

static void start_legacy(struct machine *machine)
{
	machine_start(machine, MODE_LEGACY);
	machine_stages(machine, 4, 4, false);
	machine_legacy_context(machine, 1);
}

static void start_scalable(struct machine *machine, const struct fault_row *row)
{
	machine_ready(machine, row->pgtt);
	set_bit(machine, machine->context_table, 2); /* DTE */
	set_bit(machine, machine->context_table, 4); /* PRE */
	change_pasid_entries(machine, "SRE", 1);
	change_pasid_entries(machine, "ERE", 1);
	change_pasid_entries(machine, "NXE", 1);
}

/* A unit where the row's request works: all rights, all enabled, and the function may translate. */
static struct machine *fault_machine(const struct fault_row *row)
{
	struct vtd_config config = machine_config();
	struct machine *machine;

	config.ecap = with_field(config.ecap, "ecap", "NWFS", 1);
	config.ecap = with_field(config.ecap, "ecap", "ADMS", 1);
	if (row->pss)
		config.ecap = with_field(config.ecap, "ecap", "PSS", row->pss);
	if (row->without)
		config.ecap = with_field(config.ecap, "ecap", row->without, 0);
	machine = machine_create(&config, false);

	if (row->legacy)
		start_legacy(machine);
	else
		start_scalable(machine, row);
	if (row->pgtt == NESTED || row->pgtt == SECOND_STAGE)
		machine_map_second(machine, GUEST, HOST, 4 * KIB, SS_R | SS_W | SS_X);
	if (has_first_stage(row))
		machine_map_first(machine, INPUT, GUEST, 4 * KIB, FS_P | FS_W | FS_U);
	machine_write64(machine, PQA, machine_page(machine));
	return machine;
}

static struct translation_request fault_request(const struct fault_row *row, unsigned int kind,
						bool has_pasid)
{
	u64 mapped = has_first_stage(row) ? INPUT : GUEST;
	struct translation_request request = {
		.source_id = MACHINE_DEVICE,
		.has_pasid = has_pasid,
		.pasid = row->pasid ? row->pasid : 1,
		.privileged = row->privileged,
		.access = kind & (KIND_WRITE | KIND_TRANSLATED_WRITE) ? ACCESS_WRITE
			  : kind & KINDS_EXECUTE                      ? ACCESS_EXECUTE
								      : ACCESS_READ,
		.type = kind & KINDS_ASK          ? ADDRESS_TRANSLATION_REQUEST
			: kind & KINDS_TRANSLATED ? ADDRESS_TRANSLATED
						  : ADDRESS_UNTRANSLATED,
		.no_write = kind & KIND_ASK_READ,
	};

	if (kind & KINDS_TRANSLATED)
		mapped = HOST;
	request.address = iova((row->input ? row->input : mapped) + 0x123);
	return request;
}

/* Sets FPD in the entry of that level. */
static void disable_records(struct machine *machine, const struct fault_row *row,
			    enum fault_reach where)
{
	switch (where) {
	case REACHED_CONTEXT:
		set_bit(machine, machine_context_address(machine), 1);
		return;
	case REACHED_DIRECTORY:
		if (!row->legacy)
			set_bit(machine, machine->directory, 1);
		return;
	case REACHED_PASID:
		if (!row->legacy)
			change_pasid_entries(machine, "FPD", 1);
		return;
	default:
		return;
	}
}

/* --- what has to come of them ------------------------------------------------------------- */

/* A row's fault, met by one kind of request. */
struct meeting {
	const struct fault_row *row;
	unsigned int kind;
	bool has_pasid;
	enum fault_reach fpd; /* where FPD is set; REACHED_NONE: nowhere */
};

/* Calls fn for each way in which the row's fault can be met. */
static void each_meeting(const struct fault_row *row, void (*fn)(const struct meeting *meeting))
{
	unsigned int bit, pasid, fpd;

	for (bit = 0; bit < KIND_COUNT; bit++)
		for (pasid = 0; pasid < 2; pasid++)
			for (fpd = REACHED_NONE; fpd < REACH_COUNT; fpd++) {
				const struct meeting meeting = { row, 1u << bit, pasid,
								 (enum fault_reach)fpd };
				unsigned int wanted = pasid ? WITH_PASID : WITHOUT_PASID;

				/* a request without PASID cannot ask to execute */
				if (!(row->kinds & meeting.kind) || !(row->pasids & wanted) ||
				    (!pasid && (meeting.kind & KINDS_EXECUTE)))
					continue;
				SCOPED_NOTE("%s: kind 0x%x, PASID %u, FPD %u", row->name,
					    meeting.kind, pasid, fpd);
				fn(&meeting);
			}
}

static bool asks(const struct meeting *meeting)
{
	return meeting->kind & KINDS_ASK;
}

/* SFS.10 is reported although the function is told that nothing is granted. */
static bool is_told(const struct meeting *meeting)
{
	return !asks(meeting) || meeting->row->answer != ANSWER_NOTHING_GRANTED ||
	       meeting->row->fault == VTD_FAULT_SM_FIRST_STAGE_AD_UPDATE;
}

bool vtd_catalogue_qualified(enum vtd_fault fault)
{
	static const u8 always[] = { 0x01, 0x08, 0x09, 0x0a, 0x20, 0x21, 0x23,
				     0x25, 0x29, 0x2a, 0x2b, 0x30, 0x31, 0x32,
				     0x33, 0x38, 0x39, 0x3a, 0x40, 0x50, 0x58 };
	size_t i;

	for (i = 0; i < sizeof(always); i++)
		if (always[i] == (unsigned int)fault)
			return false;
	return true;
}

/* FPD of an entry counts for what is found through it, and never for reasons that are not qualified. */
static bool is_recorded(const struct meeting *meeting)
{
	bool suppressed = meeting->fpd != REACHED_NONE && meeting->fpd <= meeting->row->reach;

	return is_told(meeting) && !(suppressed && vtd_catalogue_qualified(meeting->row->fault));
}

/* request: of a page request, the read of its page. */
static void expect_record(struct machine *machine, const struct meeting *meeting,
			  const struct translation_request *request)
{
	u64 record[2];

	machine_frcd(machine, 0, record);
	EXPECT_EQ(field_get(record, "frcd", "F"), 1);
	EXPECT_EQ(field_get(record, "frcd", "FR"), meeting->row->fault);
	/* section 11.4.7.6: bits above the widest second stage, 57 here, read zero */
	EXPECT_EQ(field_get(record, "frcd", "FI"),
		  request->address.v & MODEL_PAGE_MASK & ((1ULL << 57) - 1));
	EXPECT_EQ(field_get(record, "frcd", "SID"), MACHINE_DEVICE);
	EXPECT_EQ(field_get(record, "frcd", "PP"), meeting->has_pasid);
	EXPECT_EQ(field_get(record, "frcd", "PV"), meeting->has_pasid ? request->pasid : 0);
	EXPECT_EQ(field_get(record, "frcd", "EXE"), (meeting->kind & KINDS_EXECUTE) != 0);
	EXPECT_EQ(field_get(record, "frcd", "PRIV"), meeting->row->privileged);
	/* AT exists where there are device TLBs */
	EXPECT_EQ(field_get(record, "frcd", "AT"),
		  field_get(&machine->config.ecap, "ecap", "DT") ? request->type : 0);
	/* a translation request is a read, whatever it asks for (section 4.2.1) */
	EXPECT_EQ(field_get(record, "frcd", "T1"),
		  !(meeting->kind & (KIND_WRITE | KIND_TRANSLATED_WRITE | KIND_PAGE)));
	EXPECT_EQ(field_get(record, "frcd", "T2"), meeting->kind == KIND_PAGE);
}

static void expect_answer(const struct meeting *meeting, const struct translation_result *result)
{
	static const enum ats_status statuses[] = {
		[ANSWER_NOTHING_GRANTED] = ATS_SUCCESS,
		[ANSWER_UNSUPPORTED] = ATS_UNSUPPORTED_REQUEST,
		[ANSWER_ABORT] = ATS_COMPLETER_ABORT,
	};

	EXPECT_EQ(result->ats_status, statuses[meeting->row->answer]);
	EXPECT_EQ(result->completion, 0);
}

static struct page_request page_request(const struct translation_request *read)
{
	return (struct page_request){
		.source_id = read->source_id,
		.has_pasid = read->has_pasid,
		.pasid = read->pasid,
		.address = read->address.v & MODEL_PAGE_MASK,
		.read = true,
		.last = true,
		.group = 5,
	};
}

/* Table 31: the function is told that its request was not valid, whether or not there is a record. */
static void expect_page_fault(const struct meeting *meeting)
{
	const struct translation_request read =
		fault_request(meeting->row, meeting->kind, meeting->has_pasid);
	const struct page_request request = page_request(&read);
	struct machine *machine = fault_machine(meeting->row);
	bool recorded = is_recorded(meeting);
	unsigned int again;

	disable_records(machine, meeting->row, meeting->fpd);
	if (meeting->row->provoke)
		meeting->row->provoke(machine);
	for (again = 1; again <= 2; again++) {
		vtd_page_request(machine->unit, &request);
		EXPECT_EQ(machine_counter(machine, "faults"), again);
		EXPECT_EQ(machine_counter(machine, "fault_records"), recorded ? again : 0);
		ASSERT_EQ(machine->response_count, again);
		EXPECT_EQ(machine->responses[again - 1].code, PRI_INVALID_REQUEST);
		EXPECT_EQ(machine->responses[again - 1].group, 5);
		EXPECT_EQ(machine->responses[again - 1].source_id, MACHINE_DEVICE);
		EXPECT_EQ(machine->responses[again - 1].has_pasid, request.has_pasid);
		EXPECT_EQ(machine->responses[again - 1].pasid, request.pasid);
	}
	EXPECT_EQ(machine_read64(machine, PQT), 0);
	if (recorded)
		expect_record(machine, meeting, &read);
	machine_destroy(machine);
}

static void expect_fault(const struct meeting *meeting)
{
	const struct translation_request request =
		fault_request(meeting->row, meeting->kind, meeting->has_pasid);
	struct machine *machine = fault_machine(meeting->row);
	bool told = is_told(meeting), recorded = is_recorded(meeting);
	struct translation_result result;
	unsigned int again;

	disable_records(machine, meeting->row, meeting->fpd);
	if (meeting->row->provoke)
		meeting->row->provoke(machine);
	/* once from memory, once with what the context and PASID caches hold */
	for (again = 1; again <= 2; again++) {
		result = machine_dma(machine, &request);
		EXPECT_EQ(result.fault, told ? meeting->row->fault : VTD_FAULT_NONE);
		EXPECT_EQ(result.rights, 0);
		if (asks(meeting))
			expect_answer(meeting, &result);
		EXPECT_EQ(machine_counter(machine, "faults"), told ? again : 0);
		EXPECT_EQ(machine_counter(machine, "fault_records"), recorded ? again : 0);
	}
	EXPECT_EQ(machine_read32(machine, 0x34) >> 1 & 1, recorded); /* FSTS.PPF */
	if (recorded)
		expect_record(machine, meeting, &request);
	machine_destroy(machine);
}

/* An access to the row's page that is allowed, as the request is not; false if there is none. */
static bool allowed_access(const struct meeting *meeting, struct translation_request *request)
{
	unsigned int write, privileged;

	for (write = 0; write < 2; write++)
		for (privileged = 0; privileged <= meeting->has_pasid; privileged++) {
			struct machine *machine = fault_machine(meeting->row);
			struct translation_result result;

			*request = fault_request(meeting->row, write ? KIND_WRITE : KIND_READ,
						 meeting->has_pasid);
			request->privileged = privileged;
			meeting->row->provoke(machine);
			result = machine_dma(machine, request);
			machine_destroy(machine);
			if (result.fault == VTD_FAULT_NONE)
				return true;
		}
	return false;
}

/* Rights are judged by what the IOTLB holds as they are by the tables. */
static void expect_fault_of_cached_page(const struct meeting *meeting)
{
	const struct translation_request request =
		fault_request(meeting->row, meeting->kind, meeting->has_pasid);
	struct translation_request allowed;
	struct translation_result result;
	struct machine *machine;

	if (asks(meeting) || !allowed_access(meeting, &allowed))
		return;
	machine = fault_machine(meeting->row);
	disable_records(machine, meeting->row, meeting->fpd);
	meeting->row->provoke(machine);
	/* D: else a write looks at memory, to set it */
	if (has_first_stage(meeting->row))
		set_bit(machine, machine_first_entry(machine, INPUT, 1), 6);
	EXPECT_EQ(machine_dma(machine, &allowed).fault, VTD_FAULT_NONE);
	result = machine_dma(machine, &request);
	EXPECT_EQ(result.fault, meeting->row->fault);
	EXPECT_EQ(result.table_reads, 0);
	EXPECT_EQ(machine_counter(machine, "fault_records"), is_recorded(meeting));
	if (is_recorded(meeting))
		expect_record(machine, meeting, &request);
	machine_destroy(machine);
}

static bool is_of_rights(enum vtd_fault fault)
{
	return fault == VTD_FAULT_SM_USER_TO_SUPERVISOR || fault == VTD_FAULT_SM_NO_EXECUTE ||
	       fault == VTD_FAULT_SM_NO_WRITE || fault == VTD_FAULT_SM_NO_READ;
}

static void expect_fault_of(const struct meeting *meeting)
{
	if (meeting->kind == KIND_PAGE)
		expect_page_fault(meeting);
	else
		expect_fault(meeting);
	if (is_of_rights(meeting->row->fault))
		expect_fault_of_cached_page(meeting);
}

static void expect_no_fault(const struct meeting *meeting)
{
	struct fault_row sound = *meeting->row;
	struct machine *machine;
	struct translation_request request;

	sound.input = 0;
	sound.pasid = 0;
	sound.without = NULL;
	sound.privileged = false;
	request = fault_request(&sound, meeting->kind, meeting->has_pasid && !sound.legacy);
	/* legacy mode has no page requests at all */
	sound.legacy &= meeting->kind != KIND_PAGE;
	machine = fault_machine(&sound);
	if (meeting->kind == KIND_PAGE) {
		const struct page_request page = page_request(&request);

		vtd_page_request(machine->unit, &page);
		EXPECT_EQ(machine_read64(machine, PQT), 32);
		EXPECT_EQ(machine->response_count, 0);
		machine_destroy(machine);
		return;
	}
	/* but for translated requests with PASID, which never do */
	EXPECT_EQ(machine_dma(machine, &request).fault,
		  request.has_pasid && request.type == ADDRESS_TRANSLATED
			  ? VTD_FAULT_SM_TRANSLATED_WITH_PASID
			  : VTD_FAULT_NONE);
	machine_destroy(machine);
}

void fault_row_expect_met(const struct fault_row *row)
{
	each_meeting(row, expect_fault_of);
}

void fault_row_expect_sound(const struct fault_row *row)
{
	each_meeting(row, expect_no_fault);
}
