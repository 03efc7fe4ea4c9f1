/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The invalidation queue (section 6.5.2): fetching, checking and carrying out descriptors, and
 * stopping at a wrong one. What an invalidation removes is in invalidate.c.
 */
#include "unit.h"

#define DESCRIPTOR_QUADWORDS 4

static u64 queue_bytes(u64 iqa)
{
	return 4096ULL << iqa_QS(&iqa);
}

static unsigned int descriptor_bytes(u64 iqa)
{
	return iqa_DW(&iqa) ? 32 : 16;
}

/* --- descriptors ------------------------------------------------------------------------- */

static enum vtd_queue_error invalidate_context(struct vtd_unit *unit, const u64 *d)
{
	const struct vtd_context_invalidation what = {
		.granularity = (unsigned int)context_invalidate_G(d),
		.domain_id = vtd_domain_id(unit, context_invalidate_DID(d)),
		.source_id = (u16)context_invalidate_SID(d),
		.function_mask = (unsigned int)context_invalidate_FM(d),
	};

	if (what.granularity == 0)
		return VTD_QUEUE_RESERVED;
	vtd_invalidate_context(unit, &what);
	return VTD_QUEUE_OK;
}

static enum vtd_queue_error invalidate_iotlb(struct vtd_unit *unit, const u64 *d)
{
	struct vtd_iotlb_invalidation what = {
		.granularity = (unsigned int)iotlb_invalidate_G(d),
		.domain_id = vtd_domain_id(unit, iotlb_invalidate_DID(d)),
		.address = iotlb_invalidate_ADDR(d),
		.address_mask = (unsigned int)iotlb_invalidate_AM(d),
		.leaf_only = iotlb_invalidate_IH(d),
	};

	if (what.granularity == 0)
		return VTD_QUEUE_RESERVED;
	if (what.granularity == 3 && what.address_mask > cap_MAMV(&unit->cap))
		return VTD_QUEUE_RESERVED;
	/* without page-selective invalidation, the next coarser one is done */
	if (what.granularity == 3 && !cap_PSI(&unit->cap))
		what.granularity = 2;
	vtd_invalidate_iotlb(unit, &what);
	vtd_drain(unit, iotlb_invalidate_DR(d), iotlb_invalidate_DW(d));
	return VTD_QUEUE_OK;
}

static enum vtd_queue_error invalidate_pasid_iotlb(struct vtd_unit *unit, const u64 *d)
{
	const struct vtd_iotlb_invalidation what = {
		.granularity = (unsigned int)pasid_iotlb_invalidate_G(d),
		.domain_id = vtd_domain_id(unit, pasid_iotlb_invalidate_DID(d)),
		.pasid = (u32)pasid_iotlb_invalidate_PASID(d),
		.address = pasid_iotlb_invalidate_ADDR(d),
		.address_mask = (unsigned int)pasid_iotlb_invalidate_AM(d),
		.leaf_only = pasid_iotlb_invalidate_IH(d),
	};

	if (what.granularity < 2)
		return VTD_QUEUE_RESERVED;
	if (what.granularity == 3 && what.address_mask > cap_MAMV(&unit->cap))
		return VTD_QUEUE_RESERVED;
	/* section 6.5.2.4: draining is implied */
	vtd_invalidate_pasid_iotlb(unit, &what);
	port_drain(&unit->port);
	return VTD_QUEUE_OK;
}

static enum vtd_queue_error invalidate_pasid_cache(struct vtd_unit *unit, const u64 *d)
{
	const struct vtd_pasid_invalidation what = {
		.granularity = (unsigned int)pasid_cache_invalidate_G(d),
		.domain_id = vtd_domain_id(unit, pasid_cache_invalidate_DID(d)),
		.pasid = (u32)pasid_cache_invalidate_PASID(d),
	};

	if (what.granularity == 2)
		return VTD_QUEUE_RESERVED;
	vtd_invalidate_pasid_cache(unit, &what);
	return VTD_QUEUE_OK;
}

static enum vtd_queue_error invalidate_interrupts(struct vtd_unit *unit, const u64 *d)
{
	const struct vtd_interrupt_invalidation what = {
		.by_index = interrupt_invalidate_G(d),
		.index = (u32)interrupt_invalidate_IIDX(d),
		.index_mask = (unsigned int)interrupt_invalidate_IM(d),
	};

	/* one source */
	if (what.by_index && what.index_mask > ecap_MHMV(&unit->ecap))
		return VTD_QUEUE_RESERVED;
	/* section 6.5.5: interrupts that went by what is removed have reached their processor */
	vtd_invalidate_interrupts(unit, &what);
	port_drain(&unit->port);
	return VTD_QUEUE_OK;
}

/*
 * Section 6.5.2.8: all descriptors before this one are done, as each is done at once but for what functions have
 * to answer. None behind it is begun before, so that a fence (FN) asks for nothing more.
 */
static enum vtd_queue_error wait(struct vtd_unit *unit, const u64 *d)
{
	u32 data = (u32)wait_DATA(d);
	u64 ics;

	if (wait_PD(d) && !ecap_PDS(&unit->ecap))
		return VTD_QUEUE_RESERVED;
	/* section 7.7: behind the descriptors of all page requests that have arrived */
	if (wait_PD(d))
		port_drain(&unit->port);
	vtd_device_tlb_settle(unit);
	/* section 6.5.2.11: behind a device that does not answer, nothing is told to be complete */
	if (unit->device_timed_out)
		return VTD_QUEUE_OK;
	if (wait_SW(d) &&
	    port_write(&unit->port, hpa(wait_ADDR(d)), &data, sizeof(data)) != PORT_OK)
		vtd_software_error(unit, "invalidation wait descriptor", wait_ADDR(d),
				   "the status address cannot be written");
	ics = vtd_register32(unit, VTD_ICS);
	/* section 11.4.9.4: no new event while software has not served the last one */
	if (wait_IF(d) && !ics_IWC(&ics)) {
		vtd_register32_set(unit, VTD_ICS, (u32)ics_IWC_bits());
		vtd_event_raise(unit, VTD_IECTL);
	}
	return VTD_QUEUE_OK;
}

typedef enum vtd_queue_error (*descriptor_action)(struct vtd_unit *unit, const u64 *d);

static const descriptor_action actions[] = {
	NULL,
	invalidate_context,
	invalidate_iotlb,
	vtd_invalidate_device_tlb,
	invalidate_interrupts,
	wait,
	invalidate_pasid_iotlb,
	invalidate_pasid_cache,
	vtd_invalidate_pasid_device_tlb,
	vtd_page_group_response,
};

/* ECAP bits without which a type is unknown. */
static u64 needed_capabilities(u64 type)
{
	const u64 needs[] = {
		0,
		0,
		0,
		ecap_DT_bits(),
		ecap_IR_bits(),
		0,
		ecap_SMTS_bits(),
		ecap_SMTS_bits(),
		ecap_SMTS_bits() | ecap_DT_bits(),
		ecap_PRS_bits(),
	};

	return needs[type];
}

static bool reserved_bits_clear(const struct format *format, const u64 *d)
{
	u64 known[DESCRIPTOR_QUADWORDS] = { 0 };
	size_t i;

	for (i = 0; i < format->field_count; i++)
		format_field_set(&format->fields[i], known, ~0ULL);
	for (i = 0; i < DESCRIPTOR_QUADWORDS; i++)
		if (d[i] & ~known[i])
			return false;
	return true;
}

static enum vtd_queue_error execute(struct vtd_unit *unit, const u64 *d)
{
	const struct format *format = vtd_descriptor_format(d);
	enum vtd_queue_error error;
	u64 needs;

	if (!format)
		return VTD_QUEUE_TYPE_INVALID;
	needs = needed_capabilities(wait_TYPE(d));
	if ((unit->ecap & needs) != needs)
		return VTD_QUEUE_TYPE_INVALID;
	if (!reserved_bits_clear(format, d))
		return VTD_QUEUE_RESERVED;
	port_spend(&unit->port, unit->descriptor_latency);
	unit->counters.descriptors++;
	vtd_show_invalidation(unit, format, d);
	error = actions[wait_TYPE(d)](unit, d);
	if (!error)
		port_descriptor_done(&unit->port, d);
	return error;
}

/* --- the queue --------------------------------------------------------------------------- */

/* What stops the queue until software clears it. */
static bool queue_error_pending(const struct vtd_unit *unit)
{
	u64 status = vtd_register32(unit, VTD_FSTS);

	return fsts_IQE(&status) || fsts_ITE(&status);
}

static bool queue_enabled(const struct vtd_unit *unit)
{
	u64 status = vtd_register32(unit, VTD_GSTS);

	return gsts_QIES(&status);
}

static const char *error_text(enum vtd_queue_error error)
{
	static const char *const texts[] = {
		[VTD_QUEUE_OK] = NULL,
		[VTD_QUEUE_TAIL_INVALID] = "the tail lies beyond the queue",
		[VTD_QUEUE_FETCH_FAILED] = "the descriptor could not be read",
		[VTD_QUEUE_TYPE_INVALID] = "the descriptor is of no type that this unit knows",
		[VTD_QUEUE_RESERVED] = "the descriptor holds a reserved value",
		[VTD_QUEUE_WIDTH_INVALID] = "the descriptor width does not fit the mode",
		[VTD_QUEUE_TAIL_MISALIGNED] = "the tail is not a multiple of the descriptor width",
		[VTD_QUEUE_TTM_INVALID] = "the root table address has no valid mode",
	};

	return texts[error];
}

/* Section 6.5.2.10: the queue stops at the descriptor until software clears IQE. */
static void stop(struct vtd_unit *unit, enum vtd_queue_error error)
{
	u64 record = vtd_register64(unit, VTD_IQERCD);

	vtd_register64_set(unit, VTD_IQERCD,
			   (record & ~iqercd_IQEI_bits()) | iqercd_IQEI_put(error));
	vtd_software_error(unit, "invalidation queue", vtd_register64(unit, VTD_IQH),
			   error_text(error));
	vtd_fault_status_raise(unit, (u32)fsts_IQE_bits());
}

/* Section 11.4.9.9: what can be wrong before a descriptor is looked at. */
static enum vtd_queue_error check_queue(const struct vtd_unit *unit)
{
	u64 iqa = vtd_register64(unit, VTD_IQA);
	u64 tail = vtd_register64(unit, VTD_IQT);
	bool scalable = ecap_SMTS(&unit->ecap) || ecap_ADMS(&unit->ecap);

	if (unit->table_mode == 2 || (unit->table_mode == VTD_TTM_SCALABLE && !scalable))
		return VTD_QUEUE_TTM_INVALID;
	if (iqa_DW(&iqa) ? !scalable : unit->table_mode == VTD_TTM_SCALABLE)
		return VTD_QUEUE_WIDTH_INVALID;
	if (tail >= queue_bytes(iqa))
		return VTD_QUEUE_TAIL_INVALID;
	if (tail % descriptor_bytes(iqa))
		return VTD_QUEUE_TAIL_MISALIGNED;
	return VTD_QUEUE_OK;
}

/* Takes one descriptor, or stops the queue at it. */
static void take_descriptor(struct vtd_unit *unit)
{
	u64 iqa = vtd_register64(unit, VTD_IQA);
	u64 head = vtd_register64(unit, VTD_IQH);
	u64 d[DESCRIPTOR_QUADWORDS] = { 0 };
	const u64 enables = unit->queue_enables;
	enum vtd_queue_error error = check_queue(unit);

	if (!error &&
	    port_read(&unit->port, hpa(iqa_IQA(&iqa) + head), d, descriptor_bytes(iqa)) != PORT_OK)
		error = VTD_QUEUE_FETCH_FAILED;
	/* while that read was under way, software may have disabled the queue, or enabled another */
	if (enables != unit->queue_enables)
		return;
	if (!error)
		error = execute(unit, d);
	/* likewise; what had begun has been carried out */
	if (enables != unit->queue_enables)
		return;
	if (error)
		stop(unit, error);
	else
		vtd_register64_set(unit, VTD_IQH,
				   (head + descriptor_bytes(iqa)) % queue_bytes(iqa));
}

/* Goes on to the tail, or to what stops it, unless software has cleared that while it was told. */
static void work_off(struct vtd_unit *unit)
{
	while (queue_enabled(unit) && !queue_error_pending(unit) &&
	       vtd_register64(unit, VTD_IQH) != vtd_register64(unit, VTD_IQT))
		take_descriptor(unit);
}

void vtd_queue_run(struct vtd_unit *unit)
{
	bool timed_out;

	/* entered again through the port: the run below goes on to the new tail */
	if (unit->queue_running)
		return;
	unit->queue_running = true;
	for (work_off(unit); unit->outstanding_count; work_off(unit))
		unit->port.ops->await_device_tlb(unit->port.ctx);
	timed_out = unit->device_timed_out;
	unit->device_timed_out = false;
	unit->queue_running = false;
	/*
	 * what was queued behind the time-out has been aborted; what comes later waits for software, who may clear
	 * ITE while it is told
	 */
	if (timed_out)
		vtd_fault_status_raise(unit, (u32)fsts_ITE_bits());
}

u64 vtd_queue_length(const struct vtd_unit *unit)
{
	u64 iqa = vtd_register64(unit, VTD_IQA);
	u64 head = vtd_register64(unit, VTD_IQH), tail = vtd_register64(unit, VTD_IQT);

	if (!queue_enabled(unit))
		return 0;
	return (tail - head) % queue_bytes(iqa) / descriptor_bytes(iqa);
}

void vtd_queue_wake(struct vtd_unit *unit)
{
	if (!port_queue_work(&unit->port))
		vtd_queue_run(unit);
}

void vtd_queue_enable(struct vtd_unit *unit, bool enable)
{
	u32 status = vtd_register32(unit, VTD_GSTS);
	u32 enabled = (u32)gsts_QIES_bits();
	u64 iqa = vtd_register64(unit, VTD_IQA);

	if (enable && vtd_register64(unit, VTD_IQT) != 0)
		vtd_software_error(unit, "GCMD.QIE", vtd_register64(unit, VTD_IQT),
				   "the queue is enabled while its tail is not zero");
	if (enable && iqa_IQA(&iqa) == 0)
		vtd_software_error(unit, "GCMD.QIE", 0,
				   "the queue is enabled before its address was set");
	unit->queue_enables++;
	/* section 11.4.9.1: the head starts at zero */
	vtd_register64_set(unit, VTD_IQH, 0);
	vtd_register32_set(unit, VTD_GSTS, enable ? status | enabled : status & ~enabled);
	vtd_queue_wake(unit);
}
