// SPDX-License-Identifier: Apache-2.0
/*
 * The command queue: fetching commands, one table of what they are, and their errors. What an
 * invalidation removes is left to the caches.
 */
#include "smmuv3-internal.h"

/* 7.1 Command queue errors: CMDQ_CONS.ERR */
enum command_error {
	CERROR_NONE = 0,
	CERROR_ILL = 1,
	CERROR_ABT = 2,
	CERROR_ATC_INV_SYNC = 3,
};

/* What an implementation must have for a command to be legal. */
enum command_needs { NEEDS_NOTHING, NEEDS_STAGE1, NEEDS_STAGE2, NEEDS_ATS };

struct command {
	u8 opcode;
	const char *name;
	const struct format *format;
	enum command_needs needs;
	void (*run)(struct smmuv3 *smmu, const u64 *command); /* NULL: a hint, done already */
};

/* CMD_SYNC.CS */
#define SYNC_INTERRUPT 1
#define SYNC_RESERVED 3

#define OPCODE_SYNC 0x46

#define ATC_INV_SIZE_MAX 52 /* the whole address space */

static void cfgi_ste(struct smmuv3 *smmu, const u64 *command)
{
	const struct smmuv3_config_scope scope = {
		.stream = (u32)cmd_cfgi_StreamID(command),
	};

	smmuv3_invalidate_config(smmu, &scope);
}

static void cfgi_ste_range(struct smmuv3 *smmu, const u64 *command)
{
	const struct smmuv3_config_scope scope = {
		.stream = (u32)cmd_cfgi_range_StreamID(command),
		.stream_bits = (unsigned int)cmd_cfgi_range_Range(command) + 1,
	};

	smmuv3_invalidate_config(smmu, &scope);
}

static void cfgi_cd(struct smmuv3 *smmu, const u64 *command)
{
	const struct smmuv3_config_scope scope = {
		.stream = (u32)cmd_cfgi_StreamID(command),
		.one_context = true,
		.substream = (u32)cmd_cfgi_SubstreamID(command),
	};

	smmuv3_invalidate_config(smmu, &scope);
}

static void cfgi_cd_all(struct smmuv3 *smmu, const u64 *command)
{
	const struct smmuv3_config_scope scope = {
		.stream = (u32)cmd_cfgi_StreamID(command),
		.contexts = true,
	};

	smmuv3_invalidate_config(smmu, &scope);
}

static void tlbi_nh_all(struct smmuv3 *smmu, const u64 *command)
{
	const struct smmuv3_tlb_scope scope = {
		.stage = SMMUV3_TLB_STAGE1,
		.by_vmid = true,
		.vmid = (u16)cmd_tlbi_VMID(command),
	};

	smmuv3_tlb_invalidate(smmu, &scope);
}

static void tlbi_nh_asid(struct smmuv3 *smmu, const u64 *command)
{
	const struct smmuv3_tlb_scope scope = {
		.stage = SMMUV3_TLB_STAGE1,
		.by_vmid = true,
		.vmid = (u16)cmd_tlbi_VMID(command),
		.by_asid = true,
		.asid = (u16)cmd_tlbi_ASID(command),
		.spare_global = true,
	};

	smmuv3_tlb_invalidate(smmu, &scope);
}

static void tlbi_nh_va(struct smmuv3 *smmu, const u64 *command)
{
	const struct smmuv3_tlb_scope scope = {
		.stage = SMMUV3_TLB_STAGE1,
		.by_vmid = true,
		.vmid = (u16)cmd_tlbi_VMID(command),
		.by_asid = true,
		.asid = (u16)cmd_tlbi_ASID(command),
		.by_address = true,
		.address = cmd_tlbi_Address(command),
	};

	smmuv3_tlb_invalidate(smmu, &scope);
}

static void tlbi_nh_vaa(struct smmuv3 *smmu, const u64 *command)
{
	const struct smmuv3_tlb_scope scope = {
		.stage = SMMUV3_TLB_STAGE1,
		.by_vmid = true,
		.vmid = (u16)cmd_tlbi_VMID(command),
		.by_address = true,
		.address = cmd_tlbi_Address(command),
	};

	smmuv3_tlb_invalidate(smmu, &scope);
}

static void tlbi_s12_vmall(struct smmuv3 *smmu, const u64 *command)
{
	const struct smmuv3_tlb_scope scope = {
		.stage = SMMUV3_TLB_ANY,
		.by_vmid = true,
		.vmid = (u16)cmd_tlbi_VMID(command),
	};

	smmuv3_tlb_invalidate(smmu, &scope);
}

static void tlbi_s2_ipa(struct smmuv3 *smmu, const u64 *command)
{
	const struct smmuv3_tlb_scope scope = {
		.stage = SMMUV3_TLB_STAGE2_ONLY,
		.by_vmid = true,
		.vmid = (u16)cmd_tlbi_VMID(command),
		.by_address = true,
		.address = cmd_tlbi_Address(command),
	};

	smmuv3_tlb_invalidate(smmu, &scope);
}

static void tlbi_nsnh_all(struct smmuv3 *smmu, const u64 *command)
{
	const struct smmuv3_tlb_scope scope = { .stage = SMMUV3_TLB_ANY };

	(void)command;
	smmuv3_tlb_invalidate(smmu, &scope);
}

/*
 * Everything before it is complete by now, unless a device TLB's invalidation timed out (3.9.1.4):
 * what is left is to tell. An error is told once; the command may then be tried again.
 */
static enum command_error sync(struct smmuv3 *smmu, const u64 *command)
{
	if (smmu->invalidation_timed_out) {
		smmu->invalidation_timed_out = false;
		return CERROR_ATC_INV_SYNC;
	}
	/* 4.7.3: transactions that were translated before the invalidations have ended */
	port_drain(&smmu->port);
	if (cmd_sync_CS(command) == SYNC_INTERRUPT && cmd_sync_MSIAddress(command))
		port_interrupt(&smmu->port, cmd_sync_MSIAddress(command),
			       (u32)cmd_sync_MSIData(command));
	return CERROR_NONE;
}

/* 4.1.1 Command opcodes; those not in the table are CERROR_ILL in this implementation */
static const struct command commands[] = {
	{ 0x01, "CMD_PREFETCH_CONFIG", &smmuv3_cmd_format, NEEDS_NOTHING, NULL },
	{ 0x02, "CMD_PREFETCH_ADDR", &smmuv3_cmd_format, NEEDS_NOTHING, NULL },
	{ 0x03, "CMD_CFGI_STE", &smmuv3_cmd_cfgi_format, NEEDS_NOTHING, cfgi_ste },
	{ 0x04, "CMD_CFGI_STE_RANGE", &smmuv3_cmd_cfgi_range_format, NEEDS_NOTHING,
	  cfgi_ste_range },
	{ 0x05, "CMD_CFGI_CD", &smmuv3_cmd_cfgi_format, NEEDS_STAGE1, cfgi_cd },
	{ 0x06, "CMD_CFGI_CD_ALL", &smmuv3_cmd_cfgi_format, NEEDS_STAGE1, cfgi_cd_all },
	{ 0x10, "CMD_TLBI_NH_ALL", &smmuv3_cmd_tlbi_format, NEEDS_STAGE1, tlbi_nh_all },
	{ 0x11, "CMD_TLBI_NH_ASID", &smmuv3_cmd_tlbi_format, NEEDS_STAGE1, tlbi_nh_asid },
	{ 0x12, "CMD_TLBI_NH_VA", &smmuv3_cmd_tlbi_format, NEEDS_STAGE1, tlbi_nh_va },
	{ 0x13, "CMD_TLBI_NH_VAA", &smmuv3_cmd_tlbi_format, NEEDS_STAGE1, tlbi_nh_vaa },
	{ 0x28, "CMD_TLBI_S12_VMALL", &smmuv3_cmd_tlbi_format, NEEDS_STAGE2, tlbi_s12_vmall },
	{ 0x2a, "CMD_TLBI_S2_IPA", &smmuv3_cmd_tlbi_format, NEEDS_STAGE2, tlbi_s2_ipa },
	{ 0x30, "CMD_TLBI_NSNH_ALL", &smmuv3_cmd_format, NEEDS_NOTHING, tlbi_nsnh_all },
	{ 0x40, "CMD_ATC_INV", &smmuv3_cmd_atc_inv_format, NEEDS_ATS,
	  smmuv3_invalidate_device_tlb },
	{ OPCODE_SYNC, "CMD_SYNC", &smmuv3_cmd_sync_format, NEEDS_NOTHING, NULL },
};

static const struct command *command_of(const u64 *qwords)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (commands[i].opcode == cmd_Opcode(qwords))
			return &commands[i];
	return NULL;
}

const struct format *smmuv3_command_format(const u64 *command)
{
	const struct command *found = command_of(command);

	return found ? found->format : NULL;
}

const char *smmuv3_command_name(const u64 *command)
{
	const struct command *found = command_of(command);

	return found ? found->name : NULL;
}

static bool implemented(const struct smmuv3 *smmu, enum command_needs needs)
{
	const bool has[] = {
		[NEEDS_NOTHING] = true,
		[NEEDS_STAGE1] = smmu->config.stage1,
		[NEEDS_STAGE2] = smmu->config.stage2,
		[NEEDS_ATS] = smmu->config.ats,
	};

	return has[needs];
}

static bool command_legal(const struct command *command, const u64 *qwords)
{
	const struct format *format = command->format;

	/* 4.1.6 SSec is only for the secure queue */
	if (format == &smmuv3_cmd_cfgi_format || format == &smmuv3_cmd_cfgi_range_format)
		return !cmd_cfgi_SSec(qwords);
	/* 4.5.1: permitted to be illegal */
	if (format == &smmuv3_cmd_atc_inv_format)
		return cmd_atc_inv_Size(qwords) <= ATC_INV_SIZE_MAX;
	if (format == &smmuv3_cmd_sync_format)
		return cmd_sync_CS(qwords) != SYNC_RESERVED;
	return true;
}

static void observe_command(struct smmuv3 *smmu, const struct command *command, const u64 *qwords)
{
	struct port_event event;

	if (!port_observed(&smmu->port))
		return;
	event = (struct port_event){
		.kind = PORT_EVENT_INVALIDATE,
		.what = command->name,
		.data = { qwords[0], qwords[1] },
		.len = sizeof(u64) * SMMUV3_COMMAND_QWORDS,
	};
	port_observe(&smmu->port, &event);
}

static enum command_error run_command(struct smmuv3 *smmu, hpa_t address)
{
	u64 qwords[SMMUV3_COMMAND_QWORDS];
	const struct command *command;

	if (port_read(&smmu->port, address, qwords, sizeof(qwords)) != PORT_OK)
		return CERROR_ABT;
	command = command_of(qwords);
	if (!command || !implemented(smmu, command->needs) || !command_legal(command, qwords))
		return CERROR_ILL;
	port_spend(&smmu->port, smmu->config.command_latency);
	observe_command(smmu, command, qwords);
	if (command->opcode == OPCODE_SYNC)
		return sync(smmu, qwords);
	if (command->run)
		command->run(smmu, qwords);
	return CERROR_NONE;
}

static hpa_t command_address(const struct smmuv3 *smmu, u64 index)
{
	unsigned int bits = smmuv3_queue_bits(smmu, SMMUV3_REG_CMDQ_BASE);
	u64 size = sizeof(u64) * SMMUV3_COMMAND_QWORDS << bits;
	u64 base = queue_base_ADDR(&smmu->reg[SMMUV3_REG_CMDQ_BASE]) & ~(size - 1);

	return hpa(base + (index & ((1ULL << bits) - 1)) * sizeof(u64) * SMMUV3_COMMAND_QWORDS);
}

u64 smmuv3_queue_length(const struct smmuv3 *smmu)
{
	u64 index_mask = (2ULL << smmuv3_queue_bits(smmu, SMMUV3_REG_CMDQ_BASE)) - 1;
	u64 distance = smmu->reg[SMMUV3_REG_CMDQ_PROD] - smmu->reg[SMMUV3_REG_CMDQ_CONS];

	return cr0_CMDQEN(&smmu->reg[SMMUV3_REG_CR0]) ? distance & index_mask : 0;
}

static bool command_waits(const struct smmuv3 *smmu)
{
	return !smmuv3_global_error_active(smmu, SMMUV3_MASK(gerror_CMDQ_ERR)) &&
	       smmuv3_queue_length(smmu) != 0;
}

/*
 * Bounded: CONS comes nearer to PROD with each command, and PROD moves only by software that writes
 * it meanwhile through the port.
 */
void smmuv3_consume_commands(struct smmuv3 *smmu)
{
	u64 *cons = &smmu->reg[SMMUV3_REG_CMDQ_CONS];

	if (smmu->cmdq_busy)
		return;
	smmu->cmdq_busy = true;
	while (command_waits(smmu)) {
		u64 index_mask = (2ULL << smmuv3_queue_bits(smmu, SMMUV3_REG_CMDQ_BASE)) - 1;
		u64 index = cmdq_cons_RD(cons);
		enum command_error error = run_command(smmu, command_address(smmu, index));

		if (error) {
			cmdq_cons_set_ERR(cons, error);
			smmuv3_global_error(smmu, SMMUV3_MASK(gerror_CMDQ_ERR));
		} else {
			smmu->counters.commands++;
			cmdq_cons_set_RD(cons, (index + 1) & index_mask);
		}
	}
	smmu->cmdq_busy = false;
	smmuv3_acknowledge(smmu);
}

void smmuv3_wake_commands(struct smmuv3 *smmu)
{
	if (!port_queue_work(&smmu->port))
		smmuv3_consume_commands(smmu);
}
