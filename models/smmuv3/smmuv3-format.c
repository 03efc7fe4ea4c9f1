// SPDX-License-Identifier: Apache-2.0
/*
 * The field lists of smmuv3-fields.h as tables. Which command has which format is the command
 * table's matter, which register has which format the register table's.
 */
#include "smmuv3-format.h"
#include "smmuv3-internal.h"

#include <strings.h>
#include <string.h>

#define NUMBER_ROW(prefix, name, hi, lo, meaning) { #name, hi, lo, meaning, false },
#define ADDRESS_ROW(prefix, name, hi, lo, meaning) { #name, hi, lo, meaning, true },

#define FORMAT(variable, LIST, format_name, format_title, format_bits)                            \
	static const struct format_field variable##_fields[] = { LIST(NUMBER_ROW, ADDRESS_ROW) }; \
	const struct format smmuv3_##variable##_format = {                                        \
		.name = format_name,                                                              \
		.title = format_title,                                                            \
		.bits = format_bits,                                                              \
		.fields = variable##_fields,                                                      \
		.field_count = sizeof(variable##_fields) / sizeof(variable##_fields[0]),          \
	}

FORMAT(l1std, SMMUV3_L1STD_FIELDS, "l1std", "Level-1 stream table descriptor", 64);
FORMAT(ste, SMMUV3_STE_FIELDS, "ste", "Stream table entry", 512);
FORMAT(l1cd, SMMUV3_L1CD_FIELDS, "l1cd", "Level-1 context descriptor", 64);
FORMAT(cd, SMMUV3_CD_FIELDS, "cd", "Context descriptor", 512);
FORMAT(stage1, SMMUV3_STAGE1_FIELDS, "stage1-descriptor", "Stage-1 descriptor", 64);
FORMAT(stage2, SMMUV3_STAGE2_FIELDS, "stage2-descriptor", "Stage-2 descriptor", 64);
FORMAT(event, SMMUV3_EVENT_FIELDS, "smmu-event", "Event record", 256);
FORMAT(cmd, SMMUV3_CMD_FIELDS, "smmu-command", "Command without parameters", 128);
FORMAT(cmd_cfgi, SMMUV3_CMD_CFGI_FIELDS, "smmu-command-cfgi", "Configuration invalidation", 128);
FORMAT(cmd_cfgi_range, SMMUV3_CMD_CFGI_RANGE_FIELDS, "smmu-command-cfgi-range",
       "Configuration invalidation of a range of streams", 128);
FORMAT(cmd_tlbi, SMMUV3_CMD_TLBI_FIELDS, "smmu-command-tlbi", "TLB invalidation", 128);
FORMAT(cmd_atc_inv, SMMUV3_CMD_ATC_INV_FIELDS, "smmu-command-atc-inv", "Device TLB invalidation",
       128);
FORMAT(cmd_sync, SMMUV3_CMD_SYNC_FIELDS, "smmu-command-sync", "Synchronization", 128);
FORMAT(idr0, SMMUV3_IDR0_FIELDS, "smmu-idr0", "Features, part 0", 32);
FORMAT(idr1, SMMUV3_IDR1_FIELDS, "smmu-idr1", "Features, part 1", 32);
FORMAT(idr5, SMMUV3_IDR5_FIELDS, "smmu-idr5", "Features, part 5", 32);
FORMAT(cr0, SMMUV3_CR0_FIELDS, "smmu-cr0", "Control", 32);
FORMAT(cr1, SMMUV3_CR1_FIELDS, "smmu-cr1", "Table and queue attributes", 32);
FORMAT(cr2, SMMUV3_CR2_FIELDS, "smmu-cr2", "Control, part 2", 32);
FORMAT(gbpa, SMMUV3_GBPA_FIELDS, "smmu-gbpa", "Global bypass attributes", 32);
FORMAT(irq_ctrl, SMMUV3_IRQ_CTRL_FIELDS, "smmu-irq-ctrl", "Interrupt control", 32);
FORMAT(gerror, SMMUV3_GERROR_FIELDS, "smmu-gerror", "Global errors", 32);
FORMAT(strtab_base, SMMUV3_STRTAB_BASE_FIELDS, "smmu-strtab-base", "Stream table base", 64);
FORMAT(strtab_base_cfg, SMMUV3_STRTAB_BASE_CFG_FIELDS, "smmu-strtab-base-cfg",
       "Stream table configuration", 32);
FORMAT(queue_base, SMMUV3_QUEUE_BASE_FIELDS, "smmu-queue-base", "Queue base", 64);
FORMAT(cmdq_prod, SMMUV3_CMDQ_PROD_FIELDS, "smmu-cmdq-prod", "Command queue producer", 32);
FORMAT(cmdq_cons, SMMUV3_CMDQ_CONS_FIELDS, "smmu-cmdq-cons", "Command queue consumer", 32);
FORMAT(eventq_prod, SMMUV3_EVENTQ_PROD_FIELDS, "smmu-eventq-prod", "Event queue producer", 32);
FORMAT(eventq_cons, SMMUV3_EVENTQ_CONS_FIELDS, "smmu-eventq-cons", "Event queue consumer", 32);
FORMAT(irq_cfg0, SMMUV3_IRQ_CFG0_FIELDS, "smmu-irq-cfg0", "Interrupt message address", 64);
FORMAT(irq_cfg1, SMMUV3_IRQ_CFG1_FIELDS, "smmu-irq-cfg1", "Interrupt message data", 32);
FORMAT(irq_cfg2, SMMUV3_IRQ_CFG2_FIELDS, "smmu-irq-cfg2", "Interrupt message attributes", 32);

static const struct format *const formats[] = {
	&smmuv3_l1std_format,
	&smmuv3_ste_format,
	&smmuv3_l1cd_format,
	&smmuv3_cd_format,
	&smmuv3_stage1_format,
	&smmuv3_stage2_format,
	&smmuv3_event_format,
	&smmuv3_cmd_format,
	&smmuv3_cmd_cfgi_format,
	&smmuv3_cmd_cfgi_range_format,
	&smmuv3_cmd_tlbi_format,
	&smmuv3_cmd_atc_inv_format,
	&smmuv3_cmd_sync_format,
	&smmuv3_idr0_format,
	&smmuv3_idr1_format,
	&smmuv3_idr5_format,
	&smmuv3_cr0_format,
	&smmuv3_cr1_format,
	&smmuv3_cr2_format,
	&smmuv3_gbpa_format,
	&smmuv3_irq_ctrl_format,
	&smmuv3_gerror_format,
	&smmuv3_strtab_base_format,
	&smmuv3_strtab_base_cfg_format,
	&smmuv3_queue_base_format,
	&smmuv3_cmdq_prod_format,
	&smmuv3_cmdq_cons_format,
	&smmuv3_eventq_prod_format,
	&smmuv3_eventq_cons_format,
	&smmuv3_irq_cfg0_format,
	&smmuv3_irq_cfg1_format,
	&smmuv3_irq_cfg2_format,
	NULL,
};

const struct format *const *smmuv3_formats(void)
{
	return formats;
}

const struct format *smmuv3_format(const char *name)
{
	size_t i;

	for (i = 0; formats[i]; i++)
		if (!strcmp(formats[i]->name, name))
			return formats[i];
	return NULL;
}

const struct format_field *smmuv3_field(const struct format *format, const char *name)
{
	size_t i;

	for (i = 0; i < format->field_count; i++)
		if (!strcasecmp(format->fields[i].name, name))
			return &format->fields[i];
	return NULL;
}
