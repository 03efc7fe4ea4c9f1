/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SMMUv3 structures and registers as data, for whoever wants to show or build them.
 */
#ifndef MODELS_SMMUV3_SMMUV3_FORMAT_H
#define MODELS_SMMUV3_SMMUV3_FORMAT_H

#include "../format.h"

/**
 * All formats, ended by NULL: ste and cd (512 bits), what finds them in two levels, l1std and l1cd
 * (64), stage1-descriptor and stage2-descriptor (64), smmu-event (256), the commands (128), and the registers (smmu-idr0, smmu-cr0, ...).
 */
const struct format *const *smmuv3_formats(void);

/** The format of that name, or NULL. */
const struct format *smmuv3_format(const char *name);

/** The field of that name (case matters not), or NULL. */
const struct format_field *smmuv3_field(const struct format *format, const char *name);

/** The format of a command by its opcode (bits 7:0), or NULL for one that the model does not know. */
const struct format *smmuv3_command_format(const u64 *command);

/** The architecture's name of a command, "CMD_CFGI_STE", or NULL for one that the model does not know. */
const char *smmuv3_command_name(const u64 *command);

/** One register of the register file. */
struct smmuv3_register {
	const char *name; /* "CR0" */
	u32 offset; /* bytes */
	u8 size; /* bytes: 4 or 8 */
	const char *access; /* "RO", "RW", "mixed" */
	const char *title;
	const struct format *format; /* or NULL */
	u64 writable; /* bits that software may change */
	u32 guard_offset; /* register whose guard bits must be clear for a write to count */
	u32 guard; /* those bits; 0: not guarded */
};

/** All registers in order of offset; *count receives their number. */
const struct smmuv3_register *smmuv3_registers(size_t *count);

#endif
