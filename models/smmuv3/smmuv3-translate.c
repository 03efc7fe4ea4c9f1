// SPDX-License-Identifier: Apache-2.0
/*
 * A transaction from its arrival to its result: bypass, the stream's configuration, the substream's
 * context, translation, and the event if one of them fails (15 Translation procedure).
 */
#include "smmuv3-internal.h"

#define WALK_TRIES 16
#define ALL_RIGHTS (ACCESS_READ | ACCESS_WRITE | ACCESS_EXECUTE)

/* STE.S1DSS; 3 behaves as 0 */
#define DEFAULT_SUBSTREAM_BYPASS 1
#define DEFAULT_SUBSTREAM_CD0 2

static bool fail(struct smmuv3_transaction *t, enum smmuv3_event event)
{
	return smmuv3_fail(t, (struct smmuv3_fault){ .event = event, .class = SMMUV3_CLASS_INPUT });
}

/* Output is input: the whole output address space is one region. */
static void bypass(const struct smmuv3_transaction *t, struct translation_result *result)
{
	result->address = hpa(t->request->address.v);
	result->page_size = 1ULL << smmuv3_oas(t->smmu);
	result->rights = ALL_RIGHTS;
}

static bool beyond_output(const struct smmuv3_transaction *t)
{
	return t->request->address.v >> smmuv3_oas(t->smmu) != 0;
}

/* 6.3.9.6 SMMUEN: while disabled, GBPA says what becomes of traffic; there are no events */
static bool pass_disabled(struct smmuv3_transaction *t, struct translation_result *result)
{
	if (gbpa_ABORT(&t->smmu->reg[SMMUV3_REG_GBPA]) || beyond_output(t))
		return fail(t, SMMUV3_ABORTED);
	bypass(t, result);
	return true;
}

/* A transaction without a SubstreamID, where substreams are on: STE.S1DSS decides. */
static bool resolve_default_substream(struct smmuv3_transaction *t)
{
	if (t->stream.cd_bits == 0)
		return true;
	switch (t->stream.default_substream) {
	case DEFAULT_SUBSTREAM_BYPASS:
		t->stage1 = false;
		return true;
	case DEFAULT_SUBSTREAM_CD0:
		return true;
	default:
		return fail(t, SMMUV3_F_STREAM_DISABLED);
	}
}

/* 7.3.9 C_BAD_SUBSTREAMID and 7.3.7 F_STREAM_DISABLED; which CD, if any */
static bool resolve_substream(struct smmuv3_transaction *t)
{
	const struct translation_request *request = t->request;

	t->substream = 0;
	/* 3.9.1.3: IDR3.PASIDTT is 0, translated requests have no SubstreamID whatever they carry */
	if (smmuv3_translated(t))
		return true;
	if (!request->has_pasid)
		return !t->stage1 || resolve_default_substream(t);
	if (!t->stage1 || t->stream.cd_bits == 0 || request->pasid >> t->stream.cd_bits)
		return fail(t, SMMUV3_C_BAD_SUBSTREAMID);
	if (request->pasid == 0 && t->stream.default_substream == DEFAULT_SUBSTREAM_CD0)
		return fail(t, SMMUV3_F_STREAM_DISABLED);
	t->substream = request->pasid;
	return true;
}

static void give_result(struct smmuv3_transaction *t, const struct smmuv3_mapping *mapping,
			struct translation_result *result)
{
	u64 offset_mask = (1ULL << mapping->shift) - 1;
	/* 13.6.3: with split-stage ATS a completion holds an IPA, and a translated request brings it */
	u64 start = smmuv3_asks(t) && smmuv3_split_stage(t) ? mapping->ipa : mapping->output;

	result->address = hpa(start + (t->request->address.v & offset_mask));
	result->page_size = offset_mask + 1;
	result->rights = ALL_RIGHTS;
	if (mapping->stage1)
		result->rights &= smmuv3_stage1_rights(t, mapping);
	if (mapping->stage2)
		result->rights &= mapping->stage2_rights;
}

static bool translate_stage1(struct smmuv3_transaction *t, struct translation_result *result)
{
	u64 address = t->request->address.v;
	struct smmuv3_mapping mapping;

	if (!smmuv3_fetch_context(t) || !smmuv3_map_stage1(t, address, &mapping))
		return false;
	if (t->stage2) {
		u64 offset_mask = (1ULL << mapping.shift) - 1;

		if (!smmuv3_check_stage2(t, &mapping, mapping.input + (address & offset_mask)))
			return false;
	}
	give_result(t, &mapping, result);
	return true;
}

static bool translate_stage2(struct smmuv3_transaction *t, struct translation_result *result)
{
	u64 address = t->request->address.v;
	struct smmuv3_mapping mapping;

	if (!smmuv3_map_stage2(t, address, SMMUV3_CLASS_INPUT, &mapping) ||
	    !smmuv3_check_stage2(t, &mapping, address))
		return false;
	give_result(t, &mapping, result);
	return true;
}

/* By the stages that the stream table entry enables. */
static bool translate_stages(struct smmuv3_transaction *t, struct translation_result *result)
{
	t->stage1 = t->stream.config & SMMUV3_CONFIG_STAGE1 && !smmuv3_translated(t);
	t->stage2 = t->stream.config & SMMUV3_CONFIG_STAGE2;
	if (!resolve_substream(t))
		return false;
	if (t->stage1)
		return translate_stage1(t, result);
	/* 3.4: bypassing stage 1, an input beyond the IAS (here the OAS) is its Address Size fault */
	if (beyond_output(t))
		return fail(t, SMMUV3_F_ADDR_SIZE);
	if (t->stage2)
		return translate_stage2(t, result);
	bypass(t, result);
	return true;
}

static bool translate(struct smmuv3_transaction *t, struct translation_result *result)
{
	bool ats = t->request->type != ADDRESS_UNTRANSLATED;

	if (ats && !smmuv3_ats_enabled(t))
		return false;
	if (!smmuv3_enabled(t->smmu))
		return pass_disabled(t, result);
	if (smmuv3_translated(t) && !cr0_ATSCHK(&t->smmu->reg[SMMUV3_REG_CR0]))
		return smmuv3_pass_translated(t, result);
	if (!smmuv3_fetch_stream(t))
		return false;
	if (!(t->stream.config & SMMUV3_CONFIG_PASS))
		return fail(t, SMMUV3_ABORTED);
	if (ats && !smmuv3_ats_permitted(t))
		return false;
	if (smmuv3_translated(t) && !smmuv3_split_stage(t))
		return smmuv3_pass_translated(t, result);
	return translate_stages(t, result);
}

static void observe_result(const struct smmuv3_transaction *t,
			   const struct translation_result *result)
{
	struct port_event event;

	if (!port_observed(&t->smmu->port))
		return;
	event = (struct port_event){
		.kind = PORT_EVENT_TRANSLATED,
		.what = "translation",
		.input = t->request->address.v,
		.output = result->address.v,
		.page_size = result->page_size,
	};
	port_observe(&t->smmu->port, &event);
}

/*
 * 3.21.1: a walk that an invalidation overlapped is restarted from the beginning, so that nothing
 * read before it is used after it. Software that invalidates forever gets what there is.
 */
static bool translate_anew(struct smmuv3_transaction *t, struct translation_result *result)
{
	unsigned int tries = WALK_TRIES;
	bool done;

	do {
		t->epoch = smmuv3_epoch(t->smmu);
		t->stage1 = t->stage2 = false;
		*result = (struct translation_result){ 0 };
		done = translate(t, result);
		if (t->walking)
			port_give_walker(&t->smmu->port, t->walker);
		t->walking = false;
	} while (smmuv3_epoch(t->smmu) != t->epoch && --tries);
	return done;
}

static void give(const struct smmuv3_transaction *t, struct translation_result *result)
{
	if (smmuv3_asks(t))
		smmuv3_complete(t, result);
	else
		observe_result(t, result);
}

static void refuse(struct smmuv3_transaction *t, struct translation_result *result)
{
	*result = (struct translation_result){ .fault = t->fault.event };
	if (smmuv3_asks(t))
		smmuv3_refuse(t, result);
	if (result->fault)
		smmuv3_record_fault(t);
}

void smmuv3_translate(struct smmuv3 *smmu, const struct translation_request *request,
		      struct translation_result *result)
{
	struct smmuv3_transaction t = {
		.smmu = smmu,
		.request = request,
	};

	smmu->counters.transactions++;
	smmu->counters.translation_requests += smmuv3_asks(&t);
	smmu->counters.translated_requests += smmuv3_translated(&t);
	if (translate_anew(&t, result))
		give(&t, result);
	else
		refuse(&t, result);
	result->table_reads = t.table_reads;
}
