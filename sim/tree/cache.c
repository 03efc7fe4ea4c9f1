/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The user's cache of plug-ins: a directory for each, with the plug-in and a note of what it was made of.
 */
#include "tree-private.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* mkdir -p. */
static bool make_directories(char *path)
{
	for (char *slash = path + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST) {
			*slash = '/';
			return false;
		}
		*slash = '/';
	}
	return mkdir(path, 0755) == 0 || errno == EEXIST;
}

char *tree_cache(char **error)
{
	const char *cache = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");
	char *path = NULL;

	if (cache && cache[0] == '/')
		path = tree_format("%s/vtdsim/kernels", cache);
	else if (home && home[0] == '/')
		path = tree_format("%s/.cache/vtdsim/kernels", home);
	if (!path) {
		*error = tree_format("no directory for the cache: set XDG_CACHE_HOME or HOME");
		return NULL;
	}
	if (make_directories(path))
		return path;
	*error = tree_format("%s: %s", path, strerror(errno));
	free(path);
	return NULL;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

void tree_remove_directory(const char *path)
{
	nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}
