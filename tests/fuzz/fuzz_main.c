/* SPDX-License-Identifier: Apache-2.0 */
/* A fuzz target as libFuzzer wants it: FUZZ_TARGET is one of fuzz.h. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, size };

	FUZZ_TARGET.run(&in);
	return 0;
}
