// SPDX-License-Identifier: Apache-2.0
/*
 * Address translation services as an SMMU offers them (3.9): what translation requests and translated
 * requests may, how they end, and the invalidation of device TLBs. What a function makes of a
 * completion is models/pcie/ats.c's.
 */
#include "smmuv3-internal.h"

#include "../ats.h"

static bool fail(struct smmuv3_transaction *t, enum smmuv3_event event)
{
	return smmuv3_fail(t, (struct smmuv3_fault){ .event = event, .class = SMMUV3_CLASS_INPUT });
}

static bool forbid(struct smmuv3_transaction *t)
{
	return fail(t, smmuv3_asks(t) ? SMMUV3_F_BAD_ATS_TREQ : SMMUV3_F_TRANSL_FORBIDDEN);
}

static bool checks_translated(const struct smmuv3 *smmu)
{
	return cr0_ATSCHK(&smmu->reg[SMMUV3_REG_CR0]);
}

bool smmuv3_ats_enabled(struct smmuv3_transaction *t)
{
	/* 16.7.1: to an SMMU without ATS these are transactions that it does not support (one source) */
	if (!t->smmu->config.ats)
		return fail(t, SMMUV3_F_UUT);
	/* 3.9.1.2 and 3.9.1.3: SMMUEN == 0 */
	if (!smmuv3_enabled(t->smmu))
		return forbid(t);
	return true;
}

bool smmuv3_split_stage(const struct smmuv3_transaction *t)
{
	return t->stream.ats == SMMUV3_EATS_SPLIT;
}

/* 5.2, STE.EATS: without the check of translated requests, split-stage is as none; 3 is reserved */
bool smmuv3_ats_permitted(struct smmuv3_transaction *t)
{
	if (t->stream.ats == SMMUV3_EATS_FULL ||
	    (smmuv3_split_stage(t) && checks_translated(t->smmu)))
		return true;
	return forbid(t);
}

/* 3.9.1.1: an address too large is aborted, and no event is recorded */
bool smmuv3_pass_translated(struct smmuv3_transaction *t, struct translation_result *result)
{
	u64 address = t->request->address.v;

	if (address >> smmuv3_oas(t->smmu))
		return fail(t, SMMUV3_ABORTED);
	result->address = hpa(address);
	result->page_size = MODEL_PAGE_SIZE;
	result->rights = ACCESS_READ | ACCESS_WRITE | ACCESS_EXECUTE;
	return true;
}

/* --- 13.7.1 Permission attributes granted in ATS Translation Completions ------------------ */

static u64 rights_of(const struct translation_request *request, unsigned int rights)
{
	u64 completion = 0;

	if (rights & ACCESS_READ)
		completion |= ATS_READ;
	/* there is no hardware update of dirty state: a page is writable, or it is not */
	if (rights & ACCESS_WRITE)
		completion |= ATS_WRITE;
	/* execution is granted to who asks for it, where it may read as well */
	if (request->access == ACCESS_EXECUTE && rights & ACCESS_READ && rights & ACCESS_EXECUTE)
		completion |= ATS_EXECUTE;
	return completion;
}

static void encode(const struct smmuv3_transaction *t, struct translation_result *result,
		   struct ats_range range)
{
	const struct translation_request *request = t->request;

	/* 3.9.1: Global is always 0; 13.6.2.1: so is N */
	result->completion = ats_encode_range(range) | rights_of(request, result->rights);
	if (request->privileged)
		result->completion |= ATS_PRIVILEGED;
	result->rights = ats_rights(result->completion);
	result->address = hpa(range.first);
	result->page_size = 1ULL << range.shift;
}

static void observe_completion(const struct smmuv3_transaction *t,
			       const struct translation_result *result, const char *detail)
{
	struct port_event event;

	if (!port_observed(&t->smmu->port))
		return;
	event = (struct port_event){
		.kind = PORT_EVENT_TRANSLATED,
		.what = "translation completion",
		.detail = detail,
		.input = t->request->address.v,
		.output = result->address.v,
		.page_size = result->page_size,
	};
	port_observe(&t->smmu->port, &event);
}

void smmuv3_complete(const struct smmuv3_transaction *t, struct translation_result *result)
{
	unsigned int shift = (unsigned int)__builtin_ctzll(result->page_size);
	const struct ats_range range = { result->address.v & ~(result->page_size - 1), shift };

	encode(t, result, range);
	observe_completion(t, result, smmuv3_split_stage(t) ? "what stage 1 gives" : NULL);
}

/* 3.9.1.2: R == W == 0, of the smallest unit that device TLBs translate */
static void deny(const struct smmuv3_transaction *t, struct translation_result *result)
{
	unsigned int shift = smmuv3_smallest_granule(t->smmu);
	const struct ats_range range = { t->request->address.v & ~0ULL << shift, shift };

	encode(t, result, range);
	observe_completion(t, result, smmuv3_event_info(t->fault.event)->text);
}

/* --- 3.9.1.2 Responses to ATS Translation Requests ---------------------------------------- */

void smmuv3_refuse(struct smmuv3_transaction *t, struct translation_result *result)
{
	switch (t->fault.event) {
	case SMMUV3_F_TRANSLATION:
	case SMMUV3_F_ADDR_SIZE:
	case SMMUV3_F_ACCESS:
	case SMMUV3_F_PERMISSION:
		result->fault = SMMUV3_EVENT_NONE;
		deny(t, result);
		break;
	case SMMUV3_F_UUT:
	case SMMUV3_F_BAD_ATS_TREQ:
	case SMMUV3_ABORTED:
		result->ats_status = ATS_UNSUPPORTED_REQUEST;
		break;
	default:
		result->ats_status = ATS_COMPLETER_ABORT;
		break;
	}
}

/* --- 4.5.1 CMD_ATC_INV -------------------------------------------------------------------- */

void smmuv3_invalidate_device_tlb(struct smmuv3 *smmu, const u64 *command)
{
	const struct ats_range range = {
		.first = cmd_atc_inv_Address(command),
		.shift = MODEL_PAGE_SHIFT + (unsigned int)cmd_atc_inv_Size(command),
	};
	bool has_pasid = cmd_atc_inv_SSV(command);
	const struct ats_invalidation invalidation = {
		.source_id = (u16)cmd_atc_inv_StreamID(command),
		.has_pasid = has_pasid,
		.pasid = has_pasid ? (u32)cmd_atc_inv_SubstreamID(command) : 0,
		.body = ats_encode_range(range) |
			(has_pasid && cmd_atc_inv_Global(command) ? ATS_INVALIDATE_GLOBAL : 0),
	};

	/* ignored while translation is disabled */
	if (!smmuv3_enabled(smmu))
		return;
	smmu->counters.device_tlb_invalidations++;
	if (port_invalidate_device_tlb(&smmu->port, &invalidation))
		return;
	smmu->counters.device_tlb_timeouts++;
	smmu->invalidation_timed_out = true;
}
