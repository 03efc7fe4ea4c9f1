/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a kernel tree keeps type1, and which version it is.
 */
#include "tree-private.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TYPE1 "vfio_iommu_type1.c"

char *tree_format(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	return text;
}

static bool is_file(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* The type1 file of a path that may be a tree, a directory with the file, or the file; or NULL. */
static char *find_type1(const char *path)
{
	static const char *const below[] = { "/drivers/vfio/", "/" };

	if (is_file(path))
		return realpath(path, NULL);
	for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		char *whole = tree_format("%s%s" TYPE1, path, below[i]);
		char *real = whole && is_file(whole) ? realpath(whole, NULL) : NULL;

		free(whole);
		if (real)
			return real;
	}
	return NULL;
}

char *tree_root(const char *type1)
{
	static const char below[] = "/drivers/vfio/" TYPE1;
	size_t len = strlen(type1), tail = sizeof(below) - 1;

	if (len <= tail || strcmp(type1 + len - tail, below) != 0)
		return NULL;
	return strndup(type1, len - tail);
}

static bool parse_version(const char *text, struct tree_files *files)
{
	int used = 0;

	if (sscanf(text, "%u.%u%n", &files->major, &files->minor, &used) < 2)
		return false;
	if (text[used] == '.' && isdigit((unsigned char)text[used + 1]))
		files->patch = (unsigned int)strtoul(text + used + 1, NULL, 10);
	return files->major >= 4 && files->major < 256 && files->minor < 256;
}

/* VERSION, PATCHLEVEL and SUBLEVEL of the top Makefile. */
static bool makefile_version(const char *root, struct tree_files *files)
{
	char *path = tree_format("%s/Makefile", root);
	FILE *in = path ? fopen(path, "r") : NULL;
	bool major = false, minor = false;
	char line[256];

	free(path);
	for (int i = 0; in && i < 40 && fgets(line, sizeof(line), in); i++) {
		major |= sscanf(line, "VERSION = %u", &files->major) == 1;
		minor |= sscanf(line, "PATCHLEVEL = %u", &files->minor) == 1;
		sscanf(line, "SUBLEVEL = %u", &files->patch);
	}
	if (in)
		fclose(in);
	return major && minor;
}

static bool find_version(const struct tree_source *source, struct tree_files *files, char **error)
{
	if (source->version && !parse_version(source->version, files)) {
		*error = tree_format("'%s' is no kernel version; expected e.g. 6.1",
				     source->version);
		return false;
	}
	if (!source->version && !(files->root && makefile_version(files->root, files))) {
		*error = tree_format(
			"no top Makefile tells the version of %s; give it with --tree-version",
			files->type1);
		return false;
	}
	files->version_given = source->version;
	files->version = tree_format("%u.%u.%u", files->major, files->minor, files->patch);
	return files->version != NULL;
}

/* Any file could have the name: this one must register an IOMMU driver with VFIO. */
static bool is_type1(const char *path)
{
	FILE *in = fopen(path, "r");
	char line[1024];
	bool found = false;

	while (in && !found && fgets(line, sizeof(line), in))
		found = strstr(line, "vfio_register_iommu_driver") != NULL;
	if (in)
		fclose(in);
	return found;
}

bool tree_locate(const struct tree_source *source, struct tree_files *files, char **error)
{
	*files = (struct tree_files){ 0 };
	*error = NULL;
	files->type1 = find_type1(source->path);
	if (!files->type1) {
		*error =
			tree_format("'%s' is no kernel tree with VFIO; expected drivers/vfio/" TYPE1
				    " below it, or that file itself",
				    source->path);
		return false;
	}
	if (!is_type1(files->type1)) {
		*error = tree_format("%s is not type1: it calls no vfio_register_iommu_driver()",
				     files->type1);
		return false;
	}
	files->root = tree_root(files->type1);
	return find_version(source, files, error);
}

void tree_files_clear(struct tree_files *files)
{
	free(files->type1);
	free(files->root);
	free(files->version);
	*files = (struct tree_files){ 0 };
}
