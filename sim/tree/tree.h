/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernel trees of the user's own: type1 compiled from them, unmodified, into plug-ins that are kept in the
 * user's cache and named `tree:NAME` wherever a kernel variant is named. Writes nowhere else.
 */
#ifndef SIM_TREE_TREE_H
#define SIM_TREE_TREE_H

#include <stdbool.h>
#include <stddef.h>

#define TREE_PREFIX "tree:"

/** A name that a tree uses and the shim does not know. */
struct tree_unknown {
	char *file; /* as the compiler names it */
	unsigned int line; /* 0: not known */
	char *name; /* "iommu_foo()", "struct foo", "linux/foo.h" */
};

/** What came of compiling. */
struct tree_build {
	bool ok;
	char *error; /* a sentence, when not ok */
	char *messages; /* the compiler's own, or NULL */
	struct tree_unknown *unknown; /* every unknown name, in the order of the file */
	size_t unknown_count;
};

/** What to compile. */
struct tree_source {
	const char *path; /* a tree, a directory with the needed files, or the type1 file itself */
	const char *name; /* for the plug-in; NULL: "mine", or what the version says */
	const char *version; /* "6.1"; NULL: from the tree's top Makefile */
};

/** A tree that was added. */
struct tree {
	char *name; /* without the prefix */
	char *source; /* absolute path of the type1 file */
	char *version; /* "6.1.192" */
	char *plugin; /* path of the plug-in */
};

/** A list of trees, in alphabetical order. */
struct trees {
	struct tree *items;
	size_t count;
};

/** Compiles a tree's type1 and keeps it under its name; one of that name is replaced. Clear *build. */
bool tree_add(const struct tree_source *source, struct tree *tree, struct tree_build *build);

/** Compiles only: tells every unknown name at once. Nothing is kept. */
bool tree_check(const struct tree_source *source, struct tree_build *build);

/** All trees that were added. An empty list if there are none. */
void tree_list(struct trees *trees);

/** Forgets a tree. False with a sentence in *error (to be freed) if there is none of that name. */
bool tree_remove(const char *name, char **error);

/**
 * The plug-in of "tree:NAME", compiled again if its source changed since. NULL with a sentence in *error. Both
 * to be freed.
 */
char *tree_plugin(const char *kernel, char **error);

/** True if a kernel's name has the prefix. */
bool tree_is_name(const char *kernel);

void tree_clear(struct tree *tree);
void trees_clear(struct trees *trees);
void tree_build_clear(struct tree_build *build);

#endif
