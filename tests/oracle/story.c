/* SPDX-License-Identifier: Apache-2.0 */
/* A machine and its request as a scenario, for `vtdsim run` and for whoever looks into it. */
#include "compare.h"

#include "ats.h"

static void print_platform(FILE *out, const struct image *image)
{
	u16 source_id = image->request.source_id;

	fprintf(out,
		"scenario: model and oracle\nkernel: mainline\nplatform:\n  memory: {width: %u}\n"
		"  iommus:\n    dmar0:\n      model: vt-d\n      cap: 0x%llx\n      ecap: 0x%llx\n"
		"      caches: {iotlb: {entries: 0}, context: {entries: 0}, pasid: {entries: 0}, "
		"first-stage: {entries: 0}, second-stage: {entries: 0}}\n"
		"  devices:\n    0000:%02x:%02x.%x: {iommu: dmar0, group: 1}\n",
		image->config.host_address_width, image->config.cap, image->config.ecap,
		source_id >> 8, source_id >> 3 & 31, source_id & 7);
}

/* Tables, and a root pointer to them. */
static void print_tables(FILE *out, const struct image *image)
{
	bool queue = image->config.ecap & 2;
	size_t i;

	for (i = 0; i < image->count; i++)
		fprintf(out, "  - hardware: {write-memory: {address: 0x%llx, value: 0x%llx}}\n",
			image->quads[i].address, image->quads[i].value);
	if (image->poisoned)
		fprintf(out, "  - hardware: {poison: 0x%llx}\n", image->poisoned);
	fprintf(out,
		"  - hardware: {write-register: {unit: dmar0, register: RTADDR, value: 0x%llx}}\n"
		"  - hardware: {write-register: {unit: dmar0, register: GCMD, value: 0x%x}}\n"
		"  # records are to stay where they are\n"
		"  - hardware: {write-register: {unit: dmar0, register: FECTL, value: 0x80000000}}\n"
		"  - hardware: {evict: {}}\n",
		image->root_table_address, queue ? 0xc4000000u : 0xc0000000u);
}

static void print_request(FILE *out, const struct translation_request *request)
{
	static const char *const types[] = { "untranslated", "translation", "translated" };

	fprintf(out,
		"  - hardware:\n      request: {device: 0000:%02x:%02x.%x, type: %s, access: %s",
		request->source_id >> 8, request->source_id >> 3 & 31, request->source_id & 7,
		types[request->type],
		request->access == ACCESS_WRITE     ? "write"
		: request->access == ACCESS_EXECUTE ? "execute"
						    : "read");
	fprintf(out, ", address: 0x%llx", request->address.v);
	if (request->has_pasid)
		fprintf(out, ", pasid: %u", request->pasid);
	fprintf(out, "%s%s}\n", request->privileged ? ", privileged: true" : "",
		request->no_write ? ", no-write: true" : "");
}

static u64 quadword(const struct oracle_completion *completion)
{
	unsigned int shift = 12;

	while (1ULL << shift < completion->size)
		shift++;
	return (completion->read ? ATS_READ : 0) | (completion->write ? ATS_WRITE : 0) |
	       (completion->execute ? ATS_EXECUTE : 0) |
	       (completion->privileged ? ATS_PRIVILEGED : 0) |
	       (completion->no_snoop ? ATS_NO_SNOOP_FORBIDDEN : 0) |
	       ats_encode_range((struct ats_range){ completion->address, shift });
}

static void print_expectation(FILE *out, const struct image *image,
			      const struct oracle_answer *answer)
{
	static const char *const statuses[] = { "ok", "unsupported", "abort" };
	bool asks = image->request.type == ADDRESS_TRANSLATION_REQUEST;

	fprintf(out, "    expect: {table_reads: %u, ", answer->table_reads);
	if (asks && answer->ats_status == ATS_SUCCESS) {
		fprintf(out, "status: ok");
		if (answer->completion.read ||
		    (answer->completion.write && !answer->completion.untranslated_only))
			fprintf(out, ", completion: 0x%llx", quadword(&answer->completion));
		fprintf(out, "}\n");
	} else if (answer->fault) {
		fprintf(out, "status: %s, fault: 0x%x}\n",
			asks ? statuses[answer->ats_status] : "fault", answer->fault);
	} else if (answer->interrupt) {
		fprintf(out, "status: ok, interrupt: 1}\n");
	} else {
		fprintf(out, "status: ok, address: 0x%llx, page_size: 0x%llx, rights: %u}\n",
			answer->address.v, answer->page_size, answer->rights);
	}
}

static void print_register(FILE *out, const char *name, u64 value)
{
	fprintf(out,
		"  - hardware: {read-register: {unit: dmar0, register: %s}}\n    expect: 0x%llx\n",
		name, value);
}

static void print_record(FILE *out, const struct oracle_answer *answer)
{
	print_register(out, "FSTS", answer->recorded ? 2 : 0);
	if (!answer->recorded)
		return;
	if (answer->fault != 0x29) /* FI is then undefined */
		print_register(out, "FRCD", answer->record[0]);
	print_register(out, "FRCD_HIGH", answer->record[1]);
}

static u64 value_at(const struct image *image, u64 address)
{
	size_t i;

	for (i = 0; i < image->count; i++)
		if (image->quads[i].address == address)
			return image->quads[i].value;
	return 0;
}

/* An entry with all marks of the walk. */
static void print_entry(FILE *out, const struct image *image, u64 entry, u64 bits)
{
	fprintf(out, "  - hardware: {read-memory: 0x%llx}\n    expect: 0x%llx\n", entry,
		value_at(image, entry) | bits);
}

/* Of a request that faults, hardware may set any of the marks: what the model sets of them is expected. */
static void print_marks(FILE *out, const struct image *image, const struct difference *difference)
{
	const struct oracle_answer *answer = &difference->answer;
	unsigned int i;

	for (i = 0; !answer->fault && i < answer->mark_count; i++) {
		u64 entry = answer->marks[i].entry.v;

		print_entry(out, image, entry, marks_of(answer->marks, answer->mark_count, entry));
	}
	if (difference->entry)
		print_entry(out, image, difference->entry, difference->oracle);
}

static void print_difference(FILE *out, const struct difference *difference)
{
	if (difference->what)
		fprintf(out, "    # %s differs: model 0x%llx, oracle 0x%llx\n", difference->what,
			difference->model, difference->oracle);
}

void image_print(FILE *out, const struct image *image, const struct difference *difference)
{
	print_platform(out, image);
	fprintf(out, "steps:\n");
	print_tables(out, image);
	print_request(out, &image->request);
	print_expectation(out, image, &difference->answer);
	print_difference(out, difference);
	print_record(out, &difference->answer);
	print_marks(out, image, difference);
}
