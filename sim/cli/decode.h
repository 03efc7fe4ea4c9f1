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

/** decode fault --list. */
void list_faults(const struct cli *cli);

#endif
