/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fuzz targets without a fuzzer: seeds, what fuzzing once found, and cut and changed versions of both.
 * A target that finds something ends the program.
 */
#include <dirent.h>

#include "fuzz.h"
#include "gtest_c.h"

#define INPUT_BYTES 65536
#define CHANGES 200

struct target_row {
	const char *name;
	const struct fuzz_target *target;
};

static const struct target_row targets[] = {
	{ "registers", &fuzz_registers },
	{ "tables", &fuzz_tables },
	{ "messages", &fuzz_messages },
	{ "smmuv3", &fuzz_smmuv3 },
};

static void run(const struct fuzz_target *target, const u8 *data, size_t size)
{
	struct fuzz_input in = { data, size };

	target->run(&in);
}

TEST(fuzz, every_target_is_replayed_here)
{
	size_t count = 0;

	while (fuzz_targets[count])
		count++;
	EXPECT_EQ(count, sizeof(targets) / sizeof(targets[0]));
}

TEST_WITH_NAMED_PARAMS(fuzz, seeds_and_their_beginnings_find_nothing, struct target_row, targets,
		       name)
{
	static u8 data[INPUT_BYTES];
	unsigned int n;
	size_t size, len;

	for (n = 0; (size = param->target->seed(n, data, sizeof(data))); n++)
		for (len = size > 64 ? size - 64 : 0; len <= size; len++)
			run(param->target, data, len);
	EXPECT_GT(n, 0);
}

TEST_WITH_NAMED_PARAMS(fuzz, changed_seeds_find_nothing, struct target_row, targets, name)
{
	static u8 data[INPUT_BYTES];
	u64 state = 0x9e3779b97f4a7c15ULL;
	unsigned int n, i;
	size_t size;

	SCOPED_NOTE("seed 0x%llx", state);
	for (n = 0; (size = param->target->seed(n, data, sizeof(data))); n++) {
		for (i = 0; i < CHANGES; i++) {
			state = state * 6364136223846793005ULL + 1442695040888963407ULL;
			data[(state >> 20) % size] ^= (u8)(1u << (state >> 60 & 7));
			run(param->target, data, size);
		}
	}
}

/* Each file of tests/fuzz/found/TARGET once ended the target. */
TEST_WITH_NAMED_PARAMS(fuzz, what_was_once_found_is_mended, struct target_row, targets, name)
{
	static u8 data[INPUT_BYTES];
	char path[4096];
	struct dirent *entry;
	DIR *directory;
	FILE *file;

	snprintf(path, sizeof(path), VTDSIM_SOURCE_DIR "/tests/fuzz/found/%s", param->name);
	directory = opendir(path);
	while (directory && (entry = readdir(directory))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), VTDSIM_SOURCE_DIR "/tests/fuzz/found/%s/%s",
			 param->name, entry->d_name);
		file = fopen(path, "rb");
		ASSERT_TRUE(file != NULL);
		run(param->target, data, fread(data, 1, sizeof(data), file));
		fclose(file);
	}
	if (directory)
		closedir(directory);
}
