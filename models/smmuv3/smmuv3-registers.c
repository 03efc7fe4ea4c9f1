// SPDX-License-Identifier: Apache-2.0
/*
 * The register file: one table of all registers, reset, guarded writes and their effects, global
 * errors and interrupt messages. Queues and translation are elsewhere.
 */
#include "smmuv3-internal.h"

#include <string.h>

/* What software may change of registers with many fields. */
#define CR0_ENABLES (SMMUV3_MASK(cr0_SMMUEN) | SMMUV3_MASK(cr0_EVENTQEN) | SMMUV3_MASK(cr0_CMDQEN))
#define STRTAB_BASE_CFG_TWO_LEVELS \
	(SMMUV3_MASK(strtab_base_cfg_FMT) | SMMUV3_MASK(strtab_base_cfg_SPLIT))
#define CR1_ALL                                                                              \
	(SMMUV3_MASK(cr1_QUEUE_IC) | SMMUV3_MASK(cr1_QUEUE_OC) | SMMUV3_MASK(cr1_QUEUE_SH) | \
	 SMMUV3_MASK(cr1_TABLE_IC) | SMMUV3_MASK(cr1_TABLE_OC) | SMMUV3_MASK(cr1_TABLE_SH))
#define GBPA_ALL                                                                            \
	(SMMUV3_MASK(gbpa_MEMATTR) | SMMUV3_MASK(gbpa_MTCFG) | SMMUV3_MASK(gbpa_ALLOCCFG) | \
	 SMMUV3_MASK(gbpa_SHCFG) | SMMUV3_MASK(gbpa_PRIVCFG) | SMMUV3_MASK(gbpa_INSTCFG) |  \
	 SMMUV3_MASK(gbpa_ABORT))
#define QUEUE_BASE_ALL                                                 \
	(SMMUV3_MASK(queue_base_HINT) | SMMUV3_MASK(queue_base_ADDR) | \
	 SMMUV3_MASK(queue_base_LOG2SIZE))
#define IRQ_CFG2_ALL (SMMUV3_MASK(irq_cfg2_MEMATTR) | SMMUV3_MASK(irq_cfg2_SH))

#define OFFSET_CR0 0x20
#define OFFSET_IRQ_CTRL 0x50

/* Reset values: GBPA.SHCFG "use incoming"; AIDR 0.1 is SMMUv3.1. */
#define GBPA_RESET (1ULL << gbpa_SHCFG_lo)
#define AIDR_SMMUV3_1 1

/* Columns of the table: writes do not count while a bit of guard is set. */
#define WHILE_ENABLED(bits) .guard_offset = OFFSET_CR0, .guard = (bits)
#define WHILE_INTERRUPTING(bits) .guard_offset = OFFSET_IRQ_CTRL, .guard = (bits)
#define REGISTER(reg_name, reg_offset, reg_size, reg_access, reg_title, reg_format)     \
	.name = reg_name, .offset = reg_offset, .size = reg_size, .access = reg_access, \
	.title = reg_title, .format = reg_format

/* 6.1 Memory map and 6.3 Register formats. Page 1 holds EVENTQ_PROD and EVENTQ_CONS. */
/* clang-format off */
static const struct smmuv3_register registers[SMMUV3_REG_COUNT] = {
	[SMMUV3_REG_IDR0] = {
		REGISTER("IDR0", 0x0, 4, "RO", "Features, part 0",
			 &smmuv3_idr0_format) },
	[SMMUV3_REG_IDR1] = {
		REGISTER("IDR1", 0x4, 4, "RO", "Features, part 1",
			 &smmuv3_idr1_format) },
	[SMMUV3_REG_IDR2] = { REGISTER("IDR2", 0x8, 4, "RO", "Features, part 2", NULL) },
	[SMMUV3_REG_IDR3] = { REGISTER("IDR3", 0xc, 4, "RO", "Features, part 3", NULL) },
	[SMMUV3_REG_IDR4] = { REGISTER("IDR4", 0x10, 4, "RO", "Features, part 4", NULL) },
	[SMMUV3_REG_IDR5] = {
		REGISTER("IDR5", 0x14, 4, "RO", "Features, part 5",
			 &smmuv3_idr5_format) },
	[SMMUV3_REG_IIDR] = { REGISTER("IIDR", 0x18, 4, "RO", "Implementation", NULL) },
	[SMMUV3_REG_AIDR] = { REGISTER("AIDR", 0x1c, 4, "RO", "Architecture version", NULL) },
	[SMMUV3_REG_CR0] = {
		REGISTER("CR0", OFFSET_CR0, 4, "RW", "Control",
			 &smmuv3_cr0_format),
		.writable = CR0_ENABLES | SMMUV3_MASK(cr0_ATSCHK) },
	[SMMUV3_REG_CR0ACK] = {
		REGISTER("CR0ACK", 0x24, 4, "RO", "Control as in effect",
			 &smmuv3_cr0_format) },
	[SMMUV3_REG_CR1] = {
		REGISTER("CR1", 0x28, 4, "RW", "Table and queue attributes",
			 &smmuv3_cr1_format),
		.writable = CR1_ALL,
		WHILE_ENABLED(CR0_ENABLES) },
	[SMMUV3_REG_CR2] = {
		REGISTER("CR2", 0x2c, 4, "RW", "Control, part 2",
			 &smmuv3_cr2_format),
		.writable = SMMUV3_MASK(cr2_RECINVSID) | SMMUV3_MASK(cr2_PTM),
		WHILE_ENABLED(SMMUV3_MASK(cr0_SMMUEN)) },
	[SMMUV3_REG_GBPA] = {
		REGISTER("GBPA", 0x44, 4, "mixed", "Global bypass attributes",
			 &smmuv3_gbpa_format),
		.writable = GBPA_ALL },
	[SMMUV3_REG_IRQ_CTRL] = {
		REGISTER("IRQ_CTRL", OFFSET_IRQ_CTRL, 4, "RW", "Interrupt control",
			 &smmuv3_irq_ctrl_format),
		.writable = SMMUV3_MASK(irq_ctrl_GERROR_IRQEN) | SMMUV3_MASK(irq_ctrl_EVENTQ_IRQEN) },
	[SMMUV3_REG_IRQ_CTRLACK] = {
		REGISTER("IRQ_CTRLACK", 0x54, 4, "RO", "Interrupt control as in effect",
			 &smmuv3_irq_ctrl_format) },
	[SMMUV3_REG_GERROR] = {
		REGISTER("GERROR", 0x60, 4, "RO", "Global errors",
			 &smmuv3_gerror_format) },
	[SMMUV3_REG_GERRORN] = {
		REGISTER("GERRORN", 0x64, 4, "RW", "Global errors acknowledged",
			 &smmuv3_gerror_format),
		.writable = SMMUV3_MASK(gerror_CMDQ_ERR) | SMMUV3_MASK(gerror_EVENTQ_ABT_ERR) },
	[SMMUV3_REG_GERROR_IRQ_CFG0] = {
		REGISTER("GERROR_IRQ_CFG0", 0x68, 8, "RW", "Global error message address",
			 &smmuv3_irq_cfg0_format),
		.writable = SMMUV3_MASK(irq_cfg0_ADDR),
		WHILE_INTERRUPTING(SMMUV3_MASK(irq_ctrl_GERROR_IRQEN)) },
	[SMMUV3_REG_GERROR_IRQ_CFG1] = {
		REGISTER("GERROR_IRQ_CFG1", 0x70, 4, "RW", "Global error message data",
			 &smmuv3_irq_cfg1_format),
		.writable = SMMUV3_MASK(irq_cfg1_DATA),
		WHILE_INTERRUPTING(SMMUV3_MASK(irq_ctrl_GERROR_IRQEN)) },
	[SMMUV3_REG_GERROR_IRQ_CFG2] = {
		REGISTER("GERROR_IRQ_CFG2", 0x74, 4, "RW", "Global error message attributes",
			 &smmuv3_irq_cfg2_format),
		.writable = IRQ_CFG2_ALL,
		WHILE_INTERRUPTING(SMMUV3_MASK(irq_ctrl_GERROR_IRQEN)) },
	[SMMUV3_REG_STRTAB_BASE] = {
		REGISTER("STRTAB_BASE", 0x80, 8, "RW", "Stream table base",
			 &smmuv3_strtab_base_format),
		.writable = SMMUV3_MASK(strtab_base_RA) | SMMUV3_MASK(strtab_base_ADDR),
		WHILE_ENABLED(SMMUV3_MASK(cr0_SMMUEN)) },
	[SMMUV3_REG_STRTAB_BASE_CFG] = {
		REGISTER("STRTAB_BASE_CFG", 0x88, 4, "RW", "Stream table configuration",
			 &smmuv3_strtab_base_cfg_format),
		.writable = SMMUV3_MASK(strtab_base_cfg_LOG2SIZE) | STRTAB_BASE_CFG_TWO_LEVELS,
		WHILE_ENABLED(SMMUV3_MASK(cr0_SMMUEN)) },
	[SMMUV3_REG_CMDQ_BASE] = {
		REGISTER("CMDQ_BASE", 0x90, 8, "RW", "Command queue base",
			 &smmuv3_queue_base_format),
		.writable = QUEUE_BASE_ALL,
		WHILE_ENABLED(SMMUV3_MASK(cr0_CMDQEN)) },
	[SMMUV3_REG_CMDQ_PROD] = {
		REGISTER("CMDQ_PROD", 0x98, 4, "RW", "Command queue producer",
			 &smmuv3_cmdq_prod_format),
		.writable = SMMUV3_MASK(cmdq_prod_WR) },
	[SMMUV3_REG_CMDQ_CONS] = {
		REGISTER("CMDQ_CONS", 0x9c, 4, "mixed", "Command queue consumer",
			 &smmuv3_cmdq_cons_format),
		.writable = SMMUV3_MASK(cmdq_cons_ERR) | SMMUV3_MASK(cmdq_cons_RD),
		WHILE_ENABLED(SMMUV3_MASK(cr0_CMDQEN)) },
	[SMMUV3_REG_EVENTQ_BASE] = {
		REGISTER("EVENTQ_BASE", 0xa0, 8, "RW", "Event queue base",
			 &smmuv3_queue_base_format),
		.writable = QUEUE_BASE_ALL,
		WHILE_ENABLED(SMMUV3_MASK(cr0_EVENTQEN)) },
	[SMMUV3_REG_EVENTQ_IRQ_CFG0] = {
		REGISTER("EVENTQ_IRQ_CFG0", 0xb0, 8, "RW", "Event queue message address",
			 &smmuv3_irq_cfg0_format),
		.writable = SMMUV3_MASK(irq_cfg0_ADDR),
		WHILE_INTERRUPTING(SMMUV3_MASK(irq_ctrl_EVENTQ_IRQEN)) },
	[SMMUV3_REG_EVENTQ_IRQ_CFG1] = {
		REGISTER("EVENTQ_IRQ_CFG1", 0xb8, 4, "RW", "Event queue message data",
			 &smmuv3_irq_cfg1_format),
		.writable = SMMUV3_MASK(irq_cfg1_DATA),
		WHILE_INTERRUPTING(SMMUV3_MASK(irq_ctrl_EVENTQ_IRQEN)) },
	[SMMUV3_REG_EVENTQ_IRQ_CFG2] = {
		REGISTER("EVENTQ_IRQ_CFG2", 0xbc, 4, "RW", "Event queue message attributes",
			 &smmuv3_irq_cfg2_format),
		.writable = IRQ_CFG2_ALL,
		WHILE_INTERRUPTING(SMMUV3_MASK(irq_ctrl_EVENTQ_IRQEN)) },
	[SMMUV3_REG_EVENTQ_PROD] = {
		REGISTER("EVENTQ_PROD", 0x100a8, 4, "mixed", "Event queue producer",
			 &smmuv3_eventq_prod_format),
		.writable = SMMUV3_MASK(eventq_prod_OVFLG) | SMMUV3_MASK(eventq_prod_WR),
		WHILE_ENABLED(SMMUV3_MASK(cr0_EVENTQEN)) },
	[SMMUV3_REG_EVENTQ_CONS] = {
		REGISTER("EVENTQ_CONS", 0x100ac, 4, "RW", "Event queue consumer",
			 &smmuv3_eventq_cons_format),
		.writable = SMMUV3_MASK(eventq_cons_OVACKFLG) | SMMUV3_MASK(eventq_cons_RD) },
};
/* clang-format on */

const struct smmuv3_register *smmuv3_registers(size_t *count)
{
	*count = SMMUV3_REG_COUNT;
	return registers;
}

int smmuv3_oas_encoding(unsigned int bits)
{
	static const u8 widths[] = { 32, 36, 40, 42, 44, 48, 52 };
	unsigned int i;

	for (i = 0; i < sizeof(widths); i++)
		if (widths[i] == bits)
			return (int)i;
	return -1;
}

static u64 idr0_of(const struct smmuv3_config *config)
{
	u64 idr0 = 0;

	idr0_set_S1P(&idr0, config->stage1);
	idr0_set_S2P(&idr0, config->stage2);
	idr0_set_TTF(&idr0, 2);
	idr0_set_COHACC(&idr0, 1);
	idr0_set_ATS(&idr0, config->ats);
	idr0_set_NS1ATS(&idr0, config->ats && !config->split_stage_ats);
	idr0_set_ASID16(&idr0, config->asid16);
	idr0_set_MSI(&idr0, 1);
	idr0_set_VMID16(&idr0, config->stage2 && config->vmid16);
	idr0_set_CD2L(&idr0, config->two_level_cd && config->substream_bits);
	idr0_set_TTENDIAN(&idr0, 2);
	idr0_set_STALL_MODEL(&idr0, 1);
	idr0_set_TERM_MODEL(&idr0, 1);
	idr0_set_ST_LEVEL(&idr0, config->two_level_stream);
	return idr0;
}

static u64 idr1_of(const struct smmuv3_config *config)
{
	u64 idr1 = 0;

	idr1_set_SIDSIZE(&idr1, config->stream_bits);
	idr1_set_SSIDSIZE(&idr1, config->substream_bits);
	idr1_set_EVENTQS(&idr1, SMMUV3_QUEUE_BITS);
	idr1_set_CMDQS(&idr1, SMMUV3_QUEUE_BITS);
	return idr1;
}

static u64 idr5_of(const struct smmuv3_config *config)
{
	u64 idr5 = 0;

	idr5_set_OAS(&idr5, (u64)smmuv3_oas_encoding(config->address_bits));
	idr5_set_GRAN4K(&idr5, !!(config->granules & SMMUV3_GRANULE_4K));
	idr5_set_GRAN16K(&idr5, !!(config->granules & SMMUV3_GRANULE_16K));
	idr5_set_GRAN64K(&idr5, !!(config->granules & SMMUV3_GRANULE_64K));
	return idr5;
}

void smmuv3_reset_registers(struct smmuv3 *smmu)
{
	memset(smmu->reg, 0, sizeof(smmu->reg));
	smmu->reg[SMMUV3_REG_IDR0] = idr0_of(&smmu->config);
	smmu->reg[SMMUV3_REG_IDR1] = idr1_of(&smmu->config);
	smmu->reg[SMMUV3_REG_IDR5] = idr5_of(&smmu->config);
	smmu->reg[SMMUV3_REG_AIDR] = AIDR_SMMUV3_1;
	smmu->reg[SMMUV3_REG_GBPA] = GBPA_RESET;
}

void smmuv3_software_error(struct smmuv3 *smmu, const char *what, const char *rule)
{
	struct port_event event = {
		.kind = PORT_EVENT_SOFTWARE_ERROR,
		.what = what,
		.detail = rule,
	};

	port_observe(&smmu->port, &event);
}

/* The register that an access of size bytes at offset reaches; SMMUV3_REG_COUNT: none. */
static enum smmuv3_reg register_at(u32 offset, unsigned int size)
{
	int i;

	if ((size != 4 && size != 8) || offset % size)
		return SMMUV3_REG_COUNT;
	for (i = 0; i < SMMUV3_REG_COUNT; i++)
		if (offset >= registers[i].offset &&
		    offset - registers[i].offset <= registers[i].size - size &&
		    size <= registers[i].size)
			return (enum smmuv3_reg)i;
	return SMMUV3_REG_COUNT;
}

u64 smmuv3_mmio_read(struct smmuv3 *smmu, u32 offset, unsigned int size)
{
	enum smmuv3_reg reg = register_at(offset, size);
	u64 value;

	if (reg == SMMUV3_REG_COUNT) {
		smmuv3_software_error(smmu, "register read",
				      "no register of that size lies there; reads as zero");
		return 0;
	}
	value = smmu->reg[reg] >> ((offset - registers[reg].offset) * 8);
	return size == 4 ? value & 0xffffffff : value;
}

/* 6.3: what is guarded is writable when neither CR0 nor CR0ACK says that it is in use. */
static bool guarded(const struct smmuv3 *smmu, enum smmuv3_reg reg)
{
	u64 guard = registers[reg].guard_offset == OFFSET_CR0
			    ? smmu->reg[SMMUV3_REG_CR0] | smmu->reg[SMMUV3_REG_CR0ACK]
			    : smmu->reg[SMMUV3_REG_IRQ_CTRL];

	return (guard & registers[reg].guard) != 0;
}

/* Bits that software may change, as far as this implementation has them. */
static u64 writable(const struct smmuv3 *smmu, enum smmuv3_reg reg)
{
	u64 bits = registers[reg].writable;

	if (reg == SMMUV3_REG_CR0 && !smmu->config.ats)
		bits &= ~SMMUV3_MASK(cr0_ATSCHK);
	if (reg == SMMUV3_REG_STRTAB_BASE_CFG && !smmu->config.two_level_stream)
		bits &= ~STRTAB_BASE_CFG_TWO_LEVELS;
	return bits;
}

/*
 * 6.3.9: clearing CMDQEN or EVENTQEN is acknowledged when the SMMU is done with the queue: nothing is
 * read from it or written to it any more.
 */
void smmuv3_acknowledge(struct smmuv3 *smmu)
{
	u64 in_use = smmu->reg[SMMUV3_REG_CR0];

	if (smmu->cmdq_busy)
		in_use |= smmu->reg[SMMUV3_REG_CR0ACK] & SMMUV3_MASK(cr0_CMDQEN);
	if (smmu->eventq_busy)
		in_use |= smmu->reg[SMMUV3_REG_CR0ACK] & SMMUV3_MASK(cr0_EVENTQEN);
	smmu->reg[SMMUV3_REG_CR0ACK] = in_use;
}

/* What a write to one register sets off elsewhere. */
static void register_written(struct smmuv3 *smmu, enum smmuv3_reg reg)
{
	switch (reg) {
	case SMMUV3_REG_CR0:
		smmuv3_acknowledge(smmu);
		smmuv3_wake_commands(smmu);
		break;
	case SMMUV3_REG_IRQ_CTRL:
		smmu->reg[SMMUV3_REG_IRQ_CTRLACK] = smmu->reg[SMMUV3_REG_IRQ_CTRL];
		break;
	case SMMUV3_REG_CMDQ_PROD:
	case SMMUV3_REG_GERRORN:
		smmuv3_wake_commands(smmu);
		break;
	default:
		break;
	}
}

void smmuv3_mmio_write(struct smmuv3 *smmu, u32 offset, unsigned int size, u64 value)
{
	enum smmuv3_reg reg = register_at(offset, size);
	unsigned int shift;
	u64 mask;

	if (reg == SMMUV3_REG_COUNT) {
		smmuv3_software_error(smmu, "register write",
				      "no register of that size lies there; ignored");
		return;
	}
	if (!registers[reg].writable || guarded(smmu, reg)) {
		smmuv3_software_error(
			smmu, registers[reg].name,
			registers[reg].writable
				? "written while what it configures is enabled; ignored"
				: "is read-only; ignored");
		return;
	}
	/* GBPA.Update: a write without it is not a request for an update */
	if (reg == SMMUV3_REG_GBPA && !gbpa_UPDATE(&value))
		return;
	shift = (offset - registers[reg].offset) * 8;
	mask = (size == 4 ? 0xffffffffULL : ~0ULL) << shift & writable(smmu, reg);
	smmu->reg[reg] = (smmu->reg[reg] & ~mask) | (value << shift & mask);
	register_written(smmu, reg);
}

void smmuv3_send_message(struct smmuv3 *smmu, enum smmuv3_reg irq_cfg0)
{
	u64 address = irq_cfg0_ADDR(&smmu->reg[irq_cfg0]);

	if (address)
		port_interrupt(&smmu->port, address, (u32)smmu->reg[irq_cfg0 + 1]);
}

bool smmuv3_global_error_active(const struct smmuv3 *smmu, u64 mask)
{
	return (smmu->reg[SMMUV3_REG_GERROR] ^ smmu->reg[SMMUV3_REG_GERRORN]) & mask;
}

void smmuv3_global_error(struct smmuv3 *smmu, u64 mask)
{
	smmu->reg[SMMUV3_REG_GERROR] ^= mask;
	if (smmu->reg[SMMUV3_REG_IRQ_CTRL] & SMMUV3_MASK(irq_ctrl_GERROR_IRQEN))
		smmuv3_send_message(smmu, SMMUV3_REG_GERROR_IRQ_CFG0);
}
