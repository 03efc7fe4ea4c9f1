/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of studies: a directory with a small one, whose runs take no time.
 */
#ifndef TESTS_SIM_SWEEP_CALL_H
#define TESTS_SIM_SWEEP_CALL_H

#include "cli_call.h"

/* Of good.yaml, which make_dir() writes: step 5 is a DMA to 0x1000; it fails at 0x100000. */
#define STUDY_HEAD              \
	"study: a small one\n"  \
	"scenario: good.yaml\n" \
	"kernel: [v1, v7]\n"    \
	"parameters:\n"         \
	"  entries:\n"          \
	"    path: platform.iommus.dmar0.caches.iotlb.entries\n"

#define STUDY_METRICS                           \
	"metrics:\n"                            \
	"  reads: steps.5.result.table_reads\n" \
	"  outcome: outcome\n"                  \
	"  ratio: {path: counters.dmar0.iotlb_fill, per: counters.dmar0.iotlb_lookup}\n"

#define SMALL_STUDY                 \
	STUDY_HEAD                  \
	"    values: [0, 16, 64]\n" \
	"  access: {path: steps.5.device.dma.access, values: [write, read]}\n" STUDY_METRICS

#define SMALL_POINTS 12

/** A directory with study.yaml and what it needs; the caller removes it by remove_dir(). */
static inline char *make_study(const char *text)
{
	char *dir = make_dir();

	write_file(dir, "study.yaml", text);
	return dir;
}

/** A file of a directory, as read_file() has it. */
static inline char *read_in(const char *dir, const char *name)
{
	char *path = make_path(dir, name), *text = read_file(path);

	free(path);
	return text;
}

#endif
