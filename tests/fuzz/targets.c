/* SPDX-License-Identifier: Apache-2.0 */
/* The list of all fuzz targets. */
#include "fuzz.h"

const struct fuzz_target *const fuzz_targets[] = {
	&fuzz_registers, &fuzz_tables, &fuzz_messages, &fuzz_smmuv3, NULL,
};
