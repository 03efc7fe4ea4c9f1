/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the decode command share.
 */
#ifndef SIM_CLI_DECODE_H
#define SIM_CLI_DECODE_H

#include "cli.h"
#include "report/fields.h"

/**
 * Reads the arguments after WHAT as a value of at most bits bits: one long hex number, most significant
 * digit first, or several words, lowest quadword first; `0x` and `_` allowed. STATUS_GO_ON or a status.
 */
int decode_value(const struct arguments *arguments, unsigned int bits, u64 *entry);

/** decode fault: a reason code, a fault record or lines of a kernel log. Returns the exit status. */
int decode_fault(const struct arguments *arguments);

/** decode fault --list: the reasons of VT-d, then the events of SMMUs. */
void list_faults(const struct cli *cli);

/** An event of an SMMU in words. */
void print_smmu_event(const struct cli *cli, unsigned int code);

/** An event of an SMMU: of the model's, or one that it does not raise. */
struct smmu_event {
	unsigned int code;
	const char *name, *text;
};

/** The event of that number, counted from 0 in order of codes. False: there are no more. */
bool smmu_event_row(size_t number, struct smmu_event *row);

/** All events of an SMMU with their codes. */
void list_smmu_events(const struct cli *cli);

/** True for a line in which a kernel logs an event of an SMMU. */
bool is_smmu_log(const char *text);

/** Tells such a line in words. Returns the exit status. */
int decode_smmu_log(const struct arguments *arguments, const char *text);

#endif
