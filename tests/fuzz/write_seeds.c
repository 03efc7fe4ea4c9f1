/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the seed corpus: DIRECTORY/TARGET/seed-N for each target. */
#include "fuzz.h"

#include <errno.h>
#include <sys/stat.h>

#define SEED_BYTES 65536

static bool write_file(const char *path, const u8 *data, size_t size)
{
	FILE *file = fopen(path, "wb");
	bool written = file && fwrite(data, 1, size, file) == size;

	if (file && fclose(file) != 0)
		written = false;
	if (!written)
		perror(path);
	return written;
}

static bool write_target(const char *directory, const struct fuzz_target *target)
{
	static u8 data[SEED_BYTES];
	char path[4096];
	unsigned int n;
	size_t size;

	snprintf(path, sizeof(path), "%s/%s", directory, target->name);
	if (mkdir(path, 0777) != 0 && errno != EEXIST) {
		perror(path);
		return false;
	}
	for (n = 0; (size = target->seed(n, data, sizeof(data))); n++) {
		snprintf(path, sizeof(path), "%s/%s/seed-%u", directory, target->name, n);
		if (!write_file(path, data, size))
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	const struct fuzz_target *const *target;

	if (argc != 2) {
		fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
		return 2;
	}
	for (target = fuzz_targets; *target; target++)
		if (!write_target(argv[1], *target))
			return 3;
	return 0;
}
