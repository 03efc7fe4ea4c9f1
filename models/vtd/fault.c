/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fault recording (section 7.3) and the event interrupts with their mask and pending bits.
 */
#include "unit.h"

/* FSTS bits that ask for service. */
static u32 pending_bits(void)
{
	return (u32)(fsts_PFO_bits() | fsts_PPF_bits() | fsts_IQE_bits() | fsts_ICE_bits() |
		     fsts_ITE_bits());
}

static u64 record_high(const struct vtd_unit *unit, unsigned int index)
{
	return vtd_register64(unit, unit->fault_offset + index * 16 + 8);
}

/* FRCD.F within the upper half of a record. */
static bool recorded(u64 high)
{
	const u64 record[2] = { 0, high };

	return frcd_F(record);
}

void vtd_event_raise(struct vtd_unit *unit, unsigned int control_offset)
{
	u64 control = vtd_register32(unit, control_offset);
	u64 address;

	control |= event_control_IP_bits();
	vtd_register32_set(unit, control_offset, (u32)control);
	if (event_control_IM(&control))
		return;

	control &= ~event_control_IP_bits();
	vtd_register32_set(unit, control_offset, (u32)control);
	/* data, address and upper address follow the control register */
	address = vtd_register32(unit, control_offset + 8) |
		  (u64)vtd_register32(unit, control_offset + 12) << 32;
	unit->counters.interrupts++;
	port_interrupt(&unit->port, address, vtd_register32(unit, control_offset + 4));
}

void vtd_event_unmasked(struct vtd_unit *unit, unsigned int control_offset)
{
	u64 control = vtd_register32(unit, control_offset);

	if (event_control_IP(&control) && !event_control_IM(&control))
		vtd_event_raise(unit, control_offset);
}

static void event_served(struct vtd_unit *unit, unsigned int control_offset)
{
	u32 control = vtd_register32(unit, control_offset);

	vtd_register32_set(unit, control_offset, control & (u32)~event_control_IP_bits());
}

/* Changes FSTS; the first bit to be pending raises the event. */
static void set_status(struct vtd_unit *unit, u32 status)
{
	bool was_pending = vtd_register32(unit, VTD_FSTS) & pending_bits();

	vtd_register32_set(unit, VTD_FSTS, status);
	if (!was_pending && (status & pending_bits()))
		vtd_event_raise(unit, VTD_FECTL);
}

void vtd_fault_status_raise(struct vtd_unit *unit, u32 bits)
{
	set_status(unit, vtd_register32(unit, VTD_FSTS) | bits);
}

void vtd_fault_status_changed(struct vtd_unit *unit)
{
	u32 status = vtd_register32(unit, VTD_FSTS) & (u32)~fsts_PPF_bits();
	unsigned int i;

	/* PPF is the OR of all F bits (section 11.4.7.1) */
	for (i = 0; i < unit->fault_records; i++)
		if (recorded(record_high(unit, i)))
			status |= (u32)fsts_PPF_bits();
	vtd_register32_set(unit, VTD_FSTS, status);
	if (!(status & pending_bits()))
		event_served(unit, VTD_FECTL);
}

/*
 * Section 11.4.7.6: what the unit does not support reads zero, as do bits above its widest second stage; of an
 * interrupt, the upper bits are its index.
 */
static u64 recorded_address(const struct vtd_unit *unit, u64 address, enum vtd_fault fault)
{
	u64 cap = unit->cap, widths = cap_SAGAW(&cap);
	unsigned int aw = widths & 8 ? 3 : widths & 4 ? 2 : 1;

	if (fault >= VTD_FAULT_INTERRUPT_REQUEST_RESERVED &&
	    fault <= VTD_FAULT_POSTED_DESCRIPTOR_RESERVED)
		return frcd_FI_put(address);
	return frcd_FI_put(address & ~(~0ULL << (30 + 9 * aw)));
}

static void write_record(struct vtd_unit *unit, unsigned int index,
			 const struct translation_request *request, enum vtd_fault fault,
			 bool privileged)
{
	bool with_pasid = request->has_pasid && ecap_PASID(&unit->ecap);
	u64 high = frcd_SID_put(request->source_id) | frcd_FR_put(fault) | frcd_F_bits();

	if (ecap_DT(&unit->ecap))
		high |= frcd_AT_put(request->type);
	/*
	 * section 11.4.7.6: T1 and T2 are 00 for a write, 10 for a read, 01 for a page request; a translation
	 * request is a read, whatever it asks for (section 4.2.1)
	 */
	if (request->type == ADDRESS_PAGE_REQUEST)
		high |= frcd_T2_bits();
	else if (request->access != ACCESS_WRITE || request->type == ADDRESS_TRANSLATION_REQUEST)
		high |= frcd_T1_bits();
	if (with_pasid)
		high |= frcd_PP_bits() | frcd_PV_put(request->pasid);
	if (with_pasid && privileged)
		high |= frcd_PRIV_bits();
	if (with_pasid && request->access == ACCESS_EXECUTE)
		high |= frcd_EXE_bits();
	vtd_register64_set(unit, unit->fault_offset + index * 16,
			   recorded_address(unit, request->address.v, fault));
	vtd_register64_set(unit, unit->fault_offset + index * 16 + 8, high);
}

/* Section 7.3.1, primary fault logging. */
void vtd_fault_record(struct vtd_unit *unit, const struct translation_request *request,
		      enum vtd_fault fault, bool privileged)
{
	u64 status = vtd_register32(unit, VTD_FSTS);
	unsigned int index = unit->fault_index;

	/* 1. while an overflow is not cleared, faults are lost; 2. as they are without a record */
	if (fsts_PFO(&status) || recorded(record_high(unit, index))) {
		unit->counters.fault_overflows++;
		vtd_fault_status_raise(unit, (u32)fsts_PFO_bits());
		return;
	}

	/* 3. the record; FRI names the one that made PPF come on */
	write_record(unit, index, request, fault, privileged);
	unit->counters.fault_records++;
	unit->fault_index = (index + 1) % unit->fault_records;
	if (!fsts_PPF(&status))
		status = (status & ~fsts_FRI_bits()) | fsts_FRI_put(index) | fsts_PPF_bits();
	set_status(unit, (u32)status);
}

void vtd_report_fault(struct vtd_unit *unit, const struct translation_request *request,
		      enum vtd_fault fault)
{
	unit->counters.faults++;
	vtd_fault_record(unit, request, fault, request->privileged);
}
