/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trees by name: added, found, compiled again when they changed, listed and removed.
 */
#include "tree-private.h"

#include "kernel.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INFO "info.json"
#define PLUGIN "plugin.so"
#define DEFAULT_NAME "mine"

/* ---- what plug-ins are made of ---- */

/* What a plug-in must have been made of to be still right, and that it is as it was then. source: hash of the tree. */
static json_t *fingerprint(const char *source, const char *directory)
{
	char *path = tree_format("%s/" PLUGIN, directory);
	char plugin[TREE_HASH_SIZE];

	tree_hash_file(path ? path : "", plugin);
	free(path);
	return json_pack("{s:s, s:s, s:s}", "source", source, "plugin", plugin, "vtdsim",
			 kernel_plugin_abi());
}

static bool write_info(const char *directory, const struct tree_files *files, const char *hash)
{
	char *path = tree_format("%s/" INFO, directory);
	json_t *info = json_pack("{s:s, s:s, s:b, s:o}", "source", files->type1, "version",
				 files->version, "version_given", files->version_given, "made_of",
				 fingerprint(hash, directory));
	bool ok = path && info && json_dump_file(info, path, JSON_INDENT(2)) == 0;

	json_decref(info);
	free(path);
	return ok;
}

static json_t *read_info(const char *directory)
{
	char *path = tree_format("%s/" INFO, directory);
	json_t *info = path ? json_load_file(path, 0, NULL) : NULL;
	const char *source = json_string_value(json_object_get(info, "source"));

	free(path);
	if (source && source[0] == '/' && json_string_value(json_object_get(info, "version")))
		return info;
	json_decref(info);
	return NULL;
}

/* ---- names and places ---- */

bool tree_is_name(const char *kernel)
{
	return strncmp(kernel, TREE_PREFIX, strlen(TREE_PREFIX)) == 0;
}

static bool good_name(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)name[i]) && !strchr("._-", name[i]))
			return false;
	}
	return len > 0 && len <= 64 && name[0] != '.';
}

static char *tree_directory(const char *name, char **error)
{
	char *cache, *directory;

	if (!good_name(name)) {
		*error = tree_format(
			"'%s' cannot be a tree's name; expected letters, digits, '.', '-' and '_'",
			name);
		return NULL;
	}
	cache = tree_cache(error);
	directory = cache ? tree_format("%s/%s", cache, name) : NULL;
	free(cache);
	return directory;
}

static bool fill_tree(struct tree *tree, const char *name, const char *directory)
{
	json_t *info = read_info(directory);

	*tree = (struct tree){ 0 };
	if (!info)
		return false;
	tree->name = strdup(name);
	tree->source = strdup(json_string_value(json_object_get(info, "source")));
	tree->version = strdup(json_string_value(json_object_get(info, "version")));
	tree->plugin = tree_format("%s/" PLUGIN, directory);
	json_decref(info);
	return true;
}

void tree_clear(struct tree *tree)
{
	free(tree->name);
	free(tree->source);
	free(tree->version);
	free(tree->plugin);
	*tree = (struct tree){ 0 };
}

void trees_clear(struct trees *trees)
{
	for (size_t i = 0; i < trees->count; i++)
		tree_clear(&trees->items[i]);
	free(trees->items);
	*trees = (struct trees){ 0 };
}

void tree_build_clear(struct tree_build *build)
{
	for (size_t i = 0; i < build->unknown_count; i++) {
		free(build->unknown[i].file);
		free(build->unknown[i].name);
	}
	free(build->unknown);
	free(build->messages);
	free(build->error);
	*build = (struct tree_build){ 0 };
}

/* ---- compiling ---- */

/* At no time is there none for who runs beside. */
static bool put_in_place(const char *work, const char *directory)
{
	if (renameat2(AT_FDCWD, work, AT_FDCWD, directory, RENAME_EXCHANGE) == 0) {
		tree_remove_directory(work);
		return true;
	}
	if (errno != ENOENT)
		tree_remove_directory(directory); /* a file system that cannot exchange */
	return rename(work, directory) == 0;
}

/* Compiles in a directory of its own beside the final one, which is replaced only on success. */
static bool compile_into(const struct tree_files *files, const char *directory,
			 struct tree_build *build)
{
	const char *slash = strrchr(directory, '/');
	char *work = tree_format("%.*s/.%s.XXXXXX", (int)(slash - directory), directory, slash + 1);
	char hash[TREE_HASH_SIZE];
	bool ok;

	if (!work || !mkdtemp(work)) {
		build->error = tree_format("%s: %s", work ? work : directory, strerror(errno));
		free(work);
		return false;
	}
	/* of what is there now: a change while it is compiled is seen the next time */
	tree_hash(files->type1, hash);
	ok = tree_compile(files, work, build) && write_info(work, files, hash) &&
	     put_in_place(work, directory);
	if (!ok && !build->error)
		build->error = tree_format("%s: %s", directory, strerror(errno));
	if (!ok)
		tree_remove_directory(work);
	build->ok = ok;
	free(work);
	return ok;
}

bool tree_add(const struct tree_source *source, struct tree *tree, struct tree_build *build)
{
	const char *name = source->name ? source->name : DEFAULT_NAME;
	struct tree_files files;
	char *directory;

	*build = (struct tree_build){ 0 };
	*tree = (struct tree){ 0 };
	if (!tree_locate(source, &files, &build->error)) {
		tree_files_clear(&files);
		return false;
	}
	directory = tree_directory(name, &build->error);
	if (directory && compile_into(&files, directory, build))
		build->ok = fill_tree(tree, name, directory);
	free(directory);
	tree_files_clear(&files);
	return build->ok;
}

bool tree_check(const struct tree_source *source, struct tree_build *build)
{
	struct tree_files files;
	char *cache, *work;

	*build = (struct tree_build){ 0 };
	if (!tree_locate(source, &files, &build->error)) {
		tree_files_clear(&files);
		return false;
	}
	cache = tree_cache(&build->error);
	work = cache ? tree_format("%s/.check.XXXXXX", cache) : NULL;
	if (work && mkdtemp(work)) {
		tree_compile(&files, work, build);
		tree_remove_directory(work);
	} else if (!build->error) {
		build->error = tree_format("%s: %s", cache, strerror(errno));
	}
	free(work);
	free(cache);
	tree_files_clear(&files);
	return build->ok;
}

/* ---- the cache ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct tree *)a)->name, ((const struct tree *)b)->name);
}

static void list_entry(struct trees *trees, const char *cache, const char *name)
{
	char *directory = good_name(name) ? tree_format("%s/%s", cache, name) : NULL;
	struct tree *grown;
	struct tree tree;

	if (directory && fill_tree(&tree, name, directory)) {
		grown = realloc(trees->items, (trees->count + 1) * sizeof(*grown));
		if (grown) {
			trees->items = grown;
			trees->items[trees->count++] = tree;
		} else {
			tree_clear(&tree);
		}
	}
	free(directory);
}

void tree_list(struct trees *trees)
{
	char *error = NULL;
	char *cache = tree_cache(&error);
	DIR *entries = cache ? opendir(cache) : NULL;
	struct dirent *entry;

	*trees = (struct trees){ 0 };
	while (entries && (entry = readdir(entries)) != NULL)
		list_entry(trees, cache, entry->d_name);
	if (entries)
		closedir(entries);
	if (trees->count)
		qsort(trees->items, trees->count, sizeof(*trees->items), by_name);
	free(cache);
	free(error);
}

bool tree_remove(const char *name, char **error)
{
	char *directory =
		tree_directory(tree_is_name(name) ? name + strlen(TREE_PREFIX) : name, error);
	bool there = directory && access(directory, F_OK) == 0;

	if (there)
		tree_remove_directory(directory);
	else if (directory)
		*error = tree_format("no tree is named '%s'", name);
	free(directory);
	return there;
}

/* Compiles again what an added tree was made of. */
static bool renew(const char *directory, const json_t *info, char **error)
{
	struct tree_source source = {
		.path = json_string_value(json_object_get(info, "source")),
	};
	struct tree_build build = { 0 };
	struct tree_files files;

	/* else its Makefile may tell another one by now */
	if (json_is_true(json_object_get(info, "version_given")))
		source.version = json_string_value(json_object_get(info, "version"));
	if (tree_locate(&source, &files, &build.error))
		compile_into(&files, directory, &build);
	tree_files_clear(&files);
	if (!build.ok)
		*error = tree_format("%s; 'vtdsim kernel check %s' tells more",
				     build.error ? build.error : "it does not compile",
				     source.path);
	tree_build_clear(&build);
	return *error == NULL;
}

char *tree_plugin(const char *kernel, char **error)
{
	const char *name = kernel + strlen(TREE_PREFIX);
	char *directory, *plugin = NULL, hash[TREE_HASH_SIZE];
	json_t *info, *now;

	*error = NULL;
	directory = tree_directory(name, error);
	if (!directory)
		return NULL;
	info = read_info(directory);
	if (!info) {
		*error = tree_format(
			"no kernel tree is named '%s'; add one with: vtdsim kernel add PATH --name %s",
			name, name);
		free(directory);
		return NULL;
	}
	tree_hash(json_string_value(json_object_get(info, "source")), hash);
	now = fingerprint(hash, directory);
	if (json_equal(now, json_object_get(info, "made_of")) || renew(directory, info, error))
		plugin = tree_format("%s/" PLUGIN, directory);
	json_decref(now);
	json_decref(info);
	free(directory);
	return plugin;
}
