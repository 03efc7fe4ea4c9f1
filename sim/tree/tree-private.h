/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the files of sim/tree/: where a tree's files are, how they are compiled, where plug-ins are kept.
 */
#ifndef SIM_TREE_TREE_PRIVATE_H
#define SIM_TREE_TREE_PRIVATE_H

#include "tree.h"

#include <stdarg.h>

/** A tree's files. */
struct tree_files {
	char *type1; /* absolute path of vfio_iommu_type1.c */
	char *root; /* top of the tree, or NULL if only single files are there */
	char *version; /* "6.1.192" */
	unsigned int major, minor, patch;
	bool version_given; /* by the user: what the Makefile says does not count */
};

/** Finds type1 and the version. False with a sentence in *error. */
bool tree_locate(const struct tree_source *source, struct tree_files *files, char **error);
void tree_files_clear(struct tree_files *files);

/** The top of the tree that a type1 file is in, to be freed; NULL if it is in none. */
char *tree_root(const char *type1);

/**
 * vfio_pasid.c beside a type1 file, to be freed: the nesting series has had the PASIDs of processes there since its
 * second version. NULL if there is none; then type1 gets the shim's own (vfio/vfio-mm.c).
 */
char *tree_pasid(const char *type1);

/** Below include/: the tree's own headers that its type1 is compiled over. NULL-terminated. */
extern const char *const tree_headers[];

#define TREE_HASH_SIZE 17 /* 16 digits */

/** A hash of all files of a tree that a plug-in is made of. */
void tree_hash(const char *type1, char text[TREE_HASH_SIZE]);

/** A hash of one file. */
void tree_hash_file(const char *path, char text[TREE_HASH_SIZE]);

/** Compiles into directory/plugin.so; intermediate files are left there, too. */
bool tree_compile(const struct tree_files *files, const char *directory, struct tree_build *build);

/** The cache's directory for plug-ins, made if it is not there. NULL with a sentence in *error. */
char *tree_cache(char **error);

/** Removes a directory of ours with all in it. */
void tree_remove_directory(const char *path);

/** A formatted string, or NULL without memory. */
char *tree_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
