// SPDX-License-Identifier: Apache-2.0
/*
 * Events: their table of texts, their 32-byte records, and the event queue with its overflow and
 * its interrupt.
 */
#include "smmuv3-internal.h"

/* 7.3 Event records */
static const struct smmuv3_event_info events[] = {
	{ SMMUV3_F_UUT, "F_UUT", "The transaction is of a kind that is not supported." },
	{ SMMUV3_C_BAD_STREAMID, "C_BAD_STREAMID", "The StreamID is beyond the stream table." },
	{ SMMUV3_F_STE_FETCH, "F_STE_FETCH", "Reading the stream table entry was aborted." },
	{ SMMUV3_C_BAD_STE, "C_BAD_STE", "The stream table entry is invalid or illegal." },
	{ SMMUV3_F_BAD_ATS_TREQ, "F_BAD_ATS_TREQ",
	  "A translation request, where the stream may not use ATS." },
	{ SMMUV3_F_STREAM_DISABLED, "F_STREAM_DISABLED",
	  "The stream table entry does not let this substream, or traffic without one, pass." },
	{ SMMUV3_F_TRANSL_FORBIDDEN, "F_TRANSL_FORBIDDEN",
	  "A translated request, where the stream may not use ATS." },
	{ SMMUV3_C_BAD_SUBSTREAMID, "C_BAD_SUBSTREAMID",
	  "The SubstreamID is beyond the context descriptor table, or substreams are off." },
	{ SMMUV3_F_CD_FETCH, "F_CD_FETCH", "Reading the context descriptor was aborted." },
	{ SMMUV3_C_BAD_CD, "C_BAD_CD", "The context descriptor is invalid or illegal." },
	{ SMMUV3_F_WALK_EABT, "F_WALK_EABT", "Reading a translation table was aborted." },
	{ SMMUV3_F_TRANSLATION, "F_TRANSLATION", "The address is not mapped." },
	{ SMMUV3_F_ADDR_SIZE, "F_ADDR_SIZE", "The address put out is too large." },
	{ SMMUV3_F_ACCESS, "F_ACCESS", "The access flag of the page is clear." },
	{ SMMUV3_F_PERMISSION, "F_PERMISSION", "The page does not permit this access." },
	{ SMMUV3_ABORTED, "ABORTED", "Configured to abort; no event is recorded." },
};

const struct smmuv3_event_info *smmuv3_events(size_t *count)
{
	*count = sizeof(events) / sizeof(events[0]);
	return events;
}

const struct smmuv3_event_info *smmuv3_event_info(unsigned int code)
{
	size_t i;

	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i].code == code)
			return &events[i];
	return NULL;
}

/* Events that tell the transaction's address and attributes, and others that tell the address. */
static bool tells_attributes(enum smmuv3_event event)
{
	return event >= SMMUV3_F_WALK_EABT || event == SMMUV3_F_UUT;
}

static bool tells_address(enum smmuv3_event event)
{
	return event == SMMUV3_F_BAD_ATS_TREQ || event == SMMUV3_F_TRANSL_FORBIDDEN;
}

/* 5.5 Fault configuration: the events that CD.R and STE.S2R suppress */
static bool translation_related(enum smmuv3_event event)
{
	return event >= SMMUV3_F_TRANSLATION;
}

/*
 * 3.9.1.2 and 3.9.1.3, with CR2.REC_CFG_ATS 0: of ATS what is not permitted is recorded; of translated
 * requests also what stage 2 makes of them.
 */
static bool ats_records(const struct smmuv3_transaction *t)
{
	enum smmuv3_event event = t->fault.event;

	if (smmuv3_asks(t))
		return event == SMMUV3_F_BAD_ATS_TREQ || event == SMMUV3_F_UUT;
	return event == SMMUV3_F_TRANSL_FORBIDDEN || event >= SMMUV3_F_WALK_EABT;
}

static bool wants_record(const struct smmuv3_transaction *t)
{
	const struct smmuv3 *smmu = t->smmu;

	if (t->fault.event == SMMUV3_ABORTED)
		return false;
	if (t->request->type != ADDRESS_UNTRANSLATED && !ats_records(t))
		return false;
	if (t->fault.event == SMMUV3_C_BAD_STREAMID)
		return cr2_RECINVSID(&smmu->reg[SMMUV3_REG_CR2]);
	if (!translation_related(t->fault.event))
		return true;
	if (t->fault.stage2)
		return t->stream.record_stage2;
	return !t->stage1 || t->context.record;
}

static void fill_input(const struct smmuv3_transaction *t, u64 *record)
{
	bool read = t->request->access != ACCESS_WRITE;

	event_set_PnU(record, t->request->privileged);
	event_set_InD(record, t->request->access == ACCESS_EXECUTE);
	event_set_RnW(record, read);
	event_set_S2(record, t->fault.stage2);
	event_set_CLASS(record, t->fault.class);
	/* tables are only ever read: there is no hardware update of flags */
	event_set_TTRnW(record, t->fault.stage2 && t->fault.class == SMMUV3_CLASS_TABLE);
	event_set_InputAddr(record, t->request->address.v);
}

/*
 * 7.3.6 and 7.3.8. What permissions a translation request asked for is not told: where the record has
 * them, no source at hand says.
 */
static void fill_address(const struct smmuv3_transaction *t, u64 *record)
{
	event_set_RnW(record, smmuv3_translated(t) && t->request->access != ACCESS_WRITE);
	event_set_InputAddr(record, smmuv3_translated(t) ? t->request->address.v
							 : t->request->address.v & MODEL_PAGE_MASK);
}

static struct smmuv3_event_record event_record(const struct smmuv3_transaction *t)
{
	struct smmuv3_event_record record = { { 0 } };
	u64 *qwords = record.qwords;

	event_set_EventID(qwords, t->fault.event);
	event_set_StreamID(qwords, t->request->source_id);
	if (t->request->has_pasid) {
		/* C_BAD_SUBSTREAMID has no SSV: its SubstreamID is always valid */
		event_set_SSV(qwords, t->fault.event != SMMUV3_C_BAD_SUBSTREAMID);
		event_set_SubstreamID(qwords, t->request->pasid);
	}
	if (tells_attributes(t->fault.event))
		fill_input(t, qwords);
	else if (tells_address(t->fault.event))
		fill_address(t, qwords);
	event_set_IPA(qwords, translation_related(t->fault.event)
				      ? t->fault.address & MODEL_PAGE_MASK
				      : t->fault.address);
	return record;
}

static unsigned int queue_bits(const struct smmuv3 *smmu)
{
	return smmuv3_queue_bits(smmu, SMMUV3_REG_EVENTQ_BASE);
}

/* Records between the indexes, 0 .. 2^(bits + 1) - 1. */
static u64 queue_fill(const struct smmuv3 *smmu)
{
	u64 prod = eventq_prod_WR(&smmu->reg[SMMUV3_REG_EVENTQ_PROD]);
	u64 cons = eventq_cons_RD(&smmu->reg[SMMUV3_REG_EVENTQ_CONS]);

	return (prod - cons) & ((2ULL << queue_bits(smmu)) - 1);
}

/* 7.4 Event queue overflow: the flag toggles, unless an overflow is already told */
static void lose_record(struct smmuv3 *smmu)
{
	u64 *prod = &smmu->reg[SMMUV3_REG_EVENTQ_PROD];

	smmu->counters.events_lost++;
	if (eventq_prod_OVFLG(prod) == eventq_cons_OVACKFLG(&smmu->reg[SMMUV3_REG_EVENTQ_CONS]))
		eventq_prod_set_OVFLG(prod, !eventq_prod_OVFLG(prod));
}

static hpa_t record_address(const struct smmuv3 *smmu)
{
	unsigned int bits = queue_bits(smmu);
	u64 size = sizeof(struct smmuv3_event_record) << bits;
	u64 base = queue_base_ADDR(&smmu->reg[SMMUV3_REG_EVENTQ_BASE]) & ~(size - 1);
	u64 index = eventq_prod_WR(&smmu->reg[SMMUV3_REG_EVENTQ_PROD]) & ((1ULL << bits) - 1);

	return hpa(base + index * sizeof(struct smmuv3_event_record));
}

/* 7.2.1 Recording of events and conditions for writing to the Event queue */
static void write_record(struct smmuv3 *smmu, const struct smmuv3_event_record *record)
{
	u64 *prod = &smmu->reg[SMMUV3_REG_EVENTQ_PROD];
	bool was_empty = queue_fill(smmu) == 0;

	if (!cr0_EVENTQEN(&smmu->reg[SMMUV3_REG_CR0]) ||
	    smmuv3_global_error_active(smmu, SMMUV3_MASK(gerror_EVENTQ_ABT_ERR))) {
		smmu->counters.events_lost++;
		return;
	}
	if (queue_fill(smmu) >> queue_bits(smmu)) {
		lose_record(smmu);
		return;
	}
	/* 7.2.2 Event queue access external abort: as a synchronous one, PROD stays */
	if (port_write(&smmu->port, record_address(smmu), record, sizeof(*record)) != PORT_OK) {
		smmu->counters.events_lost++;
		smmuv3_global_error(smmu, SMMUV3_MASK(gerror_EVENTQ_ABT_ERR));
		return;
	}
	eventq_prod_set_WR(prod, (eventq_prod_WR(prod) + 1) & ((2ULL << queue_bits(smmu)) - 1));
	smmu->counters.events++;
	if (was_empty && irq_ctrl_EVENTQ_IRQEN(&smmu->reg[SMMUV3_REG_IRQ_CTRL]))
		smmuv3_send_message(smmu, SMMUV3_REG_EVENTQ_IRQ_CFG0);
}

/* Writing takes time in a timed port: whoever writes also writes what others bring meanwhile. */
static void write_pending(struct smmuv3 *smmu)
{
	if (smmu->eventq_busy)
		return;
	smmu->eventq_busy = true;
	while (smmu->pending_count) {
		struct smmuv3_event_record record = smmu->pending[smmu->pending_first];

		smmu->pending_first = (smmu->pending_first + 1) % SMMUV3_PENDING_EVENTS;
		smmu->pending_count--;
		write_record(smmu, &record);
	}
	smmu->eventq_busy = false;
	smmuv3_acknowledge(smmu);
}

static void observe_fault(const struct smmuv3_transaction *t)
{
	const struct smmuv3_event_info *info = smmuv3_event_info(t->fault.event);
	struct port_event event = {
		.kind = PORT_EVENT_FAULT,
		.what = info->name,
		.detail = info->text,
		.input = t->request->address.v,
		.code = t->fault.event,
	};

	port_observe(&t->smmu->port, &event);
}

void smmuv3_record_fault(struct smmuv3_transaction *t)
{
	struct smmuv3 *smmu = t->smmu;
	unsigned int last;

	smmu->counters.faults++;
	observe_fault(t);
	if (!wants_record(t))
		return;
	if (smmu->pending_count == SMMUV3_PENDING_EVENTS) {
		lose_record(smmu);
		return;
	}
	last = (smmu->pending_first + smmu->pending_count) % SMMUV3_PENDING_EVENTS;
	smmu->pending[last] = event_record(t);
	smmu->pending_count++;
	write_pending(smmu);
}
