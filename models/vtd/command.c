/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands given by registers: GCMD with its handshakes, invalidation by CCMD and IOTLB for units, or
 * moments, without a queue, and virtual commands. Every command is done when the write returns.
 */
#include "unit.h"

/* GCMD bits that switch something on and off; the others ask for one action. */
static u64 switches(void)
{
	return gcmd_TE_bits() | gcmd_EAFL_bits() | gcmd_QIE_bits() | gcmd_IRE_bits() |
	       gcmd_CFI_bits();
}

static void set_status(struct vtd_unit *unit, u64 bits, bool on)
{
	u32 status = vtd_register32(unit, VTD_GSTS);

	vtd_register32_set(unit, VTD_GSTS, on ? status | (u32)bits : status & (u32)~bits);
}

/* Section 11.4.4.1: RTADDR takes effect now. */
static void set_root_table(struct vtd_unit *unit)
{
	u64 rtaddr = vtd_register64(unit, VTD_RTADDR);

	vtd_write_buffer_flush(unit);
	unit->root_table = rtaddr_RTA(&rtaddr);
	unit->table_mode = (u8)rtaddr_TTM(&rtaddr);
	set_status(unit, gsts_RTPS_bits(), true);
	if (cap_ESRTPS(&unit->cap))
		vtd_invalidate_all(unit);
}

static void enable_translation(struct vtd_unit *unit, bool on)
{
	u64 status = vtd_register32(unit, VTD_GSTS);

	if (on && !gsts_RTPS(&status))
		vtd_software_error(unit, "GCMD.TE", 0,
				   "translation is enabled before a root table was set");
	set_status(unit, gsts_TES_bits(), on);
	unit->translating = on;
}

static void interrupt_commands(struct vtd_unit *unit, u64 command, u64 changed)
{
	if (gcmd_SIRTP(&changed)) {
		vtd_interrupt_set_table(unit);
		set_status(unit, gsts_IRTPS_bits(), true);
	}
	if (gcmd_IRE(&changed)) {
		vtd_interrupt_enable(unit, gcmd_IRE(&command));
		set_status(unit, gsts_IRES_bits(), gcmd_IRE(&command));
	}
	if (gcmd_CFI(&changed)) {
		unit->compatibility = gcmd_CFI(&command);
		set_status(unit, gsts_CFIS_bits(), gcmd_CFI(&command));
	}
}

/* The advanced fault log has its handshakes, but no function. */
static void other_commands(struct vtd_unit *unit, u64 command, u64 changed)
{
	bool log = cap_AFL(&unit->cap);

	if (log && gcmd_SFL(&changed))
		set_status(unit, gsts_FLS_bits(), true);
	if (log && gcmd_EAFL(&changed))
		set_status(unit, gsts_AFLS_bits(), gcmd_EAFL(&command));
}

void vtd_global_command(struct vtd_unit *unit, u32 command)
{
	u64 value = command;
	u64 status = vtd_register32(unit, VTD_GSTS);
	/* switches that differ from the status, and actions asked for */
	u64 changed = ((value ^ status) & switches()) | (value & ~switches() & gcmd_fields(0));

	/* undefined by section 11.4.4; here each of them is carried out, the root pointer first */
	if (changed & (changed - 1))
		vtd_software_error(unit, "GCMD", command,
				   "more than one command bit changes: what happens is undefined");
	if (gcmd_SRTP(&changed))
		set_root_table(unit);
	if (gcmd_QIE(&changed) && ecap_QI(&unit->ecap))
		vtd_queue_enable(unit, gcmd_QIE(&value));
	if (gcmd_TE(&changed))
		enable_translation(unit, gcmd_TE(&value));
	/* ended at once, so that WBFS never shows */
	if (gcmd_WBF(&changed))
		vtd_write_buffer_flush(unit);
	if (ecap_IR(&unit->ecap))
		interrupt_commands(unit, value, changed);
	other_commands(unit, value, changed);
}

/* Section 6.5.1: register-based invalidation is for when the queue is off. */
static void check_queue_is_off(struct vtd_unit *unit, const char *name)
{
	u64 status = vtd_register32(unit, VTD_GSTS);

	if (gsts_QIES(&status))
		vtd_software_error(unit, name, 0,
				   "invalidation by registers while the queue is enabled");
}

void vtd_context_command(struct vtd_unit *unit)
{
	u64 ccmd = vtd_register64(unit, VTD_CCMD);
	const struct vtd_context_invalidation what = {
		.granularity = (unsigned int)ccmd_CIRG(&ccmd),
		.domain_id = vtd_domain_id(unit, ccmd_DID(&ccmd)),
		.source_id = (u16)ccmd_SID(&ccmd),
		.function_mask = (unsigned int)ccmd_FM(&ccmd),
	};

	if (!ccmd_ICC(&ccmd))
		return;
	check_queue_is_off(unit, "CCMD");
	if (what.granularity == 0) {
		vtd_software_error(unit, "CCMD", ccmd, "the granularity is reserved");
	} else {
		vtd_show_invalidation(unit, &vtd_ccmd_format, &ccmd);
		vtd_invalidate_context(unit, &what);
	}
	/* CAIG says what was done; 0: the request was not valid */
	ccmd &= ~(ccmd_ICC_bits() | ccmd_CAIG_bits());
	vtd_register64_set(unit, VTD_CCMD, ccmd | ccmd_CAIG_put(what.granularity));
}

void vtd_iotlb_command(struct vtd_unit *unit)
{
	u64 iotlb = vtd_register64(unit, unit->iotlb_offset + 8);
	u64 iva = vtd_register64(unit, unit->iotlb_offset);
	struct vtd_iotlb_invalidation what = {
		.granularity = (unsigned int)iotlb_IIRG(&iotlb),
		.domain_id = vtd_domain_id(unit, iotlb_DID(&iotlb)),
		.address = iva_ADDR(&iva),
		.address_mask = (unsigned int)iva_AM(&iva),
		.leaf_only = iva_IH(&iva),
	};

	if (!iotlb_IVT(&iotlb))
		return;
	check_queue_is_off(unit, "IOTLB");
	if (what.granularity == 3 && !cap_PSI(&unit->cap))
		what.granularity = 2;
	if (what.granularity == 3 && what.address_mask > cap_MAMV(&unit->cap))
		what.granularity = 0;
	if (what.granularity == 0) {
		vtd_software_error(unit, "IOTLB", iotlb,
				   "the granularity is reserved, or the address mask beyond MAMV");
	} else {
		vtd_show_invalidation(unit, &vtd_iotlb_format, &iotlb);
		vtd_invalidate_iotlb(unit, &what);
		vtd_drain(unit, iotlb_DR(&iotlb), iotlb_DW(&iotlb));
	}
	iotlb &= ~(iotlb_IVT_bits() | iotlb_IAIG_bits());
	vtd_register64_set(unit, unit->iotlb_offset + 8, iotlb | iotlb_IAIG_put(what.granularity));
}

/* Status code of a command that the unit does not know (one source). */
#define VCRSP_UNDEFINED 1

/*
 * A command begins when its code is written, and is over when VCRSP.IP is clear again. The code is not
 * kept, so that writing one half of VCMD later does not begin it anew.
 */
void vtd_virtual_command(struct vtd_unit *unit)
{
	u64 command = vtd_register64(unit, VTD_VCMD);
	u64 response = vtd_register64(unit, VTD_VCRSP);

	vtd_register64_set(unit, VTD_VCMD, command & ~vcmd_CMD_bits());
	if (!vcmd_CMD(&command))
		return;
	if (vcrsp_IP(&response)) {
		vtd_software_error(unit, "VCMD", command,
				   "a virtual command is given while another is in progress");
		return;
	}
	vtd_register64_set(unit, VTD_VCRSP, vcrsp_IP_bits());
	response = unit->port.ops->virtual_command
			   ? unit->port.ops->virtual_command(unit->port.ctx, command)
			   : vcrsp_SC_put(VCRSP_UNDEFINED);
	vtd_register64_set(unit, VTD_VCRSP, response & ~vcrsp_IP_bits());
}
