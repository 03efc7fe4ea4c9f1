/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a tree a plug-in is made of: type1, the series' vfio_pasid.c beside it, and the headers that both and
 * VFIO's core agree on. Told as one hash, so that a change of any of them is seen.
 */
#include "tree-private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HASH_START 0xcbf29ce484222325ULL /* of FNV-1a, 64 bits */
#define HASH_PRIME 0x100000001b3ULL

const char *const tree_headers[] = {
	"linux/vfio.h",   "linux/iova_bitmap.h", "uapi/linux/vfio.h",
	"linux/ioasid.h", "uapi/linux/iommu.h",  NULL,
};

char *tree_pasid(const char *type1)
{
	char *path = tree_format("%.*s/vfio_pasid.c", (int)(strrchr(type1, '/') - type1), type1);

	if (path && access(path, R_OK) == 0)
		return path;
	free(path);
	return NULL;
}

static unsigned long long hash_bytes(unsigned long long hash, const void *bytes, size_t len)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ byte[i]) * HASH_PRIME;
	return hash;
}

/* Its length counts, too, so that two files do not flow into one another; one that is not there counts as none. */
static unsigned long long hash_file(unsigned long long hash, char *path)
{
	FILE *in = path ? fopen(path, "r") : NULL;
	unsigned char block[8192];
	size_t len, sum = 0;

	while (in && (len = fread(block, 1, sizeof(block), in)) > 0) {
		hash = hash_bytes(hash, block, len);
		sum += len;
	}
	if (in)
		fclose(in);
	free(path);
	return hash_bytes(hash, &sum, sizeof(sum));
}

void tree_hash_file(const char *path, char text[TREE_HASH_SIZE])
{
	snprintf(text, TREE_HASH_SIZE, "%016llx", hash_file(HASH_START, strdup(path)));
}

void tree_hash(const char *type1, char text[TREE_HASH_SIZE])
{
	char *root = tree_root(type1);
	unsigned long long hash = hash_file(HASH_START, strdup(type1));

	/* the core's private header, as glue.c is compiled over it */
	hash = hash_file(hash,
			 tree_format("%.*s/vfio.h", (int)(strrchr(type1, '/') - type1), type1));
	hash = hash_file(hash, tree_pasid(type1));
	if (root)
		hash = hash_file(hash, tree_format("%s/Makefile", root));
	for (size_t i = 0; root && tree_headers[i]; i++)
		hash = hash_file(hash, tree_format("%s/include/%s", root, tree_headers[i]));
	free(root);
	snprintf(text, TREE_HASH_SIZE, "%016llx", hash);
}
