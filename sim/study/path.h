/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths into trees, as in `steps[6].device.traffic.window`: followed in YAML and in JSON, and what they lead to
 * replaced in a YAML tree. Which paths a study names is study.c's.
 *
 * A key runs up to the next dot or bracket, unless the mapping has a longer one that fits (`devices.0000:3a:00.0.link`).
 * A list's items go by number from 0, steps also by the name that they have under `save`; both, and keys, may stand in
 * brackets: `steps[6]`, `steps.6`, `steps[dma]` and `steps.dma` are the same if that step saves its result as `dma`.
 */
#ifndef SIM_STUDY_PATH_H
#define SIM_STUDY_PATH_H

#include "scenario/node.h"
#include "scenario/node_text.h"

#include <jansson.h>

/** NULL if the text has the form of a path, else what is wrong with it. */
const char *path_fault(const char *path);

/**
 * The node that a path leads to, as far as it goes; *rest: what of the path was not followed, "" if it was all. Never
 * NULL.
 */
const struct node *path_follow(const struct node *root, const char *path, const char **rest);

/**
 * A tree in which the path leads to a value; all else is shared with the old one. Mappings that lack a key get it, at
 * the value's place. NULL with a sentence in *why: the path leads through a single value or out of a list, or (why
 * NULL) there is no memory.
 */
const struct node *path_set(struct arena *arena, const struct node *root, const char *path,
			    const struct node *value, const char **why);

/** The path in the tree that is spelled most like this one; the caller frees it. NULL: none is near. */
char *path_nearest(const struct node *root, const char *path);

/** The value that a path leads to in JSON, borrowed; NULL: it is not there. */
const json_t *path_json(const json_t *root, const char *path);

/** Splits a path whose first part is this key: true, the part behind it ("7" or "dma"), and the rest behind a dot. */
bool path_indexed(const char *path, const char *key, char held[64], const char **rest);

#endif
