/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A step of a scenario as read and checked: which operation of which actor, with typed arguments. Every
 * operation is one row of a table, from which reading, checking and running follow.
 */
#ifndef SIM_SCENARIO_STEP_H
#define SIM_SCENARIO_STEP_H

#include "../platform.h"
#include "node.h"
#include "result.h"

struct run;
struct step;

/** What an argument may be. Numbers of every kind may also be `$name` or `$name.field`, a saved result. */
enum arg_type {
	ARG_NUMBER, /* or a word of arg_def.words */
	ARG_U32, /* the same, at most 32 bits: a __u32 of the UAPI */
	ARG_U8, /* the same, at most 8 bits */
	ARG_PASID, /* the same, at most 20 bits: what a device can send */
	ARG_SIZE, /* a number with an optional binary suffix */
	ARG_FLAGS, /* words of arg_def.words joined by `|` or in a list, or a number */
	ARG_BOOL,
	ARG_STRING,
	ARG_OPENS, /* a name for a file that the step opens, or a group number */
	ARG_CLOSES, /* a file that is open and will not be */
	ARG_GROUP, /* a group of the platform; opened if it is not yet */
	ARG_DEVICE_NAME, /* a device that the step opens */
	ARG_MAKES_MMAP, /* a name for a mmap */
	ARG_MMAP, /* a mmap of an earlier step */
	ARG_MAKES_TABLE, /* a name for a guest's table */
	ARG_TABLE, /* a guest's table of an earlier step */
	ARG_MAKES_VIOMMU, /* a name for a virtual unit */
	ARG_VIOMMU, /* a virtual unit of an earlier step */
	ARG_REGISTER, /* a register of the unit, or an offset */
	ARG_PARAMETER, /* a parameter of the kernel's modules */
	ARG_DATA, /* one number, repeated as 8 little-endian bytes */
	ARG_DEVICE, /* a BDF of the platform: number is its index */
	ARG_UNIT, /* an IOMMU of the platform: number is its index */
	ARG_FILE, /* a container, group number or device that was opened */
	ARG_ADDRESS, /* a user address: number, or NAME, NAME+OFFSET of a mmap */
	ARG_FIELDS, /* a mapping from field names to numbers */
	ARG_CHOICE, /* one of arg_def.words; number is the word's value */
	ARG_LIST, /* a list of numbers */
	ARG_TRACE, /* a trace's file, beside the scenario's */
};

/** A word that stands for a number. */
struct word {
	const char *name;
	u64 value;
};

/** One argument of an operation. */
struct arg_def {
	const char *name;
	enum arg_type type;
	bool required;
	const struct word *words; /* ended by a NULL name; or NULL */
	const char *help; /* one line, with unit and default */
};

/** One argument as given. */
struct arg {
	const struct arg_def *def;
	const struct node *node; /* NULL: not given */
	bool valid; /* it was read without an error */
	u64 number; /* as def->type says; not yet valid if reference is set */
	const char *text; /* the scalar's text; empty for a list or a mapping */
	const char *reference; /* "name" or "name.field" of a saved result, or NULL */
};

/** The largest number that an argument of this type may be. */
u64 arg_max(enum arg_type type);

#define STEP_MAX_ARGS 20

/** What running a step gives back. */
struct step_out {
	json_t *result; /* owned; NULL stands for the number `value` */
	long long value; /* the system call's return value: -errno on failure */
	bool failed; /* vtdsim could not run the step as written: verdict error */
	char *message; /* why; owned */
};

/** What a field of a result holds. */
enum field_type {
	FIELD_NUMBER, /* or a word of field_def.words */
	FIELD_BIT, /* a field of an entry: a number, for a single bit also true or false */
	FIELD_BOOL,
	FIELD_WORD, /* one of field_def.words */
	FIELD_FAULT, /* a fault reason of the device's unit, by number or name */
	FIELD_DEEPER, /* a list or an object with what a dot and an index or a name lead to */
	FIELD_LIST, /* a list of objects, whose fields are field_def.words */
	FIELD_ELEMENT, /* one of those: a number or a word */
};

/** One field of an operation's result. */
struct field_def {
	const char *name; /* "done", "nesting.format" */
	enum field_type type;
	const char *const *words; /* NULL-terminated; or NULL */
};

/** One operation. */
struct op {
	const char *name; /* "VFIO_SET_IOMMU", "dma" */
	const char *help; /* one sentence */
	const struct arg_def *args; /* ended by a NULL name */
	const char *primary; /* argument that a scalar in place of the mapping gives, or NULL */
	void (*run)(struct run *run, const struct step *step, struct step_out *out);
	const struct field_def
		*fields; /* of the result, ended by a NULL name; NULL: it is a number */
	/* names of vtd_format()s whose fields the result has and ARG_FIELDS may name; or NULL */
	const char *const *(*formats)(const struct step *step);
};

/** An actor with its operations. */
struct actor {
	const char *name; /* "vmm" */
	const struct op *const *ops; /* NULL-terminated */
};

/** All actors, NULL-terminated. */
const struct actor *const *actors(void);

extern const struct actor actor_vmm, actor_guest, actor_device, actor_hardware, actor_host;

/** A step; owned by its scenario. */
struct step {
	struct place place;
	char *name; /* "VFIO_SET_IOMMU container=c type=VFIO_TYPE1_NESTING_IOMMU" */
	const struct actor *actor;
	const struct op *op;
	struct arg args[STEP_MAX_ARGS]; /* in the order of op->args */
	const struct node *expect; /* or NULL */
	const char *save; /* or NULL */
	unsigned int repeat; /* times that it is done, 1 or more */
	u64 every; /* ps from the start of one time to that of the next, at least */
};

/** The argument of that name, NULL if it was not given. The name must be one of the op's. */
const struct arg *step_arg(const struct step *step, const char *name);

/** A number argument or the fallback; resolved references are the runner's business before the op runs. */
u64 step_number(const struct step *step, const char *name, u64 fallback);

/** A text argument or the fallback. */
const char *step_text(const struct step *step, const char *name, const char *fallback);

/** What reading a list of steps goes by: zero-initialise, then set platform and diags. */
struct step_reader {
	const struct platform
		*platform; /* NULL: unknown, so that what depends on it goes unchecked */
	struct diags *diags;
	struct parameter_uses *tree_parameters; /* receives those that no kernel built in has */
	void *names; /* what earlier steps opened, made and saved: see names-known.c */
};

/**
 * Reads one step. Names that it refers to must be those of earlier steps. False with errors in reader->diags; the
 * step's own names are known nevertheless, so that one mistake is told once.
 */
bool step_read(struct step_reader *reader, const struct node *node, struct step *step);

/** Frees what a step holds. */
void step_clear(struct step *step);

/* ---- arguments (step-args.c) ---- */

/** Reads the arguments of step->op. */
bool step_read_args(struct step_reader *reader, struct step *step, const struct node *node);

/* ---- names (names-known.c) ---- */

/** What a name stands for; each kind has its own names. */
enum known_kind { KNOWN_FILE, KNOWN_MMAP, KNOWN_TABLE, KNOWN_VIOMMU, KNOWN_SAVE };

/** Checks the names in a step's arguments against those of earlier steps, and adds the step's own. */
bool names_check(struct step_reader *reader, const struct step *step);

/** Adds what the step saves. */
void names_add_save(struct step_reader *reader, const struct step *step);

/** Checks "name" or "name.field" of a saved result; node: where it stands. */
bool names_check_saved(struct step_reader *reader, const struct node *node, const char *reference);

/** Frees the names. */
void names_clear(struct step_reader *reader);

/* ---- fields of results (fields.c) ---- */

/** True if results of the step have such a field ("nesting.format"); *out, if not NULL, receives what it holds. */
bool field_known(const struct step *step, const char *path, struct field_def *out);

/**
 * "did you mean 'done'?" for a field that results of the step do not have; more: further words to choose from, or
 * NULL. The caller frees it.
 */
char *field_advice(const struct step *step, const char *path, const char *const *more);

/** Checks that the names in an ARG_FIELDS argument are fields of the step's formats. */
bool fields_check_arg(const struct step *step, const struct arg *arg, struct diags *diags);

/** Checks the value that a field is expected to have. */
bool field_check_value(struct step_reader *reader, const struct step *step,
		       const struct field_def *field, const struct node *value);

/* ---- expectations (expect-check.c, expect.c) ---- */

/** Checks the form of a step's expectation: variants, errno names, fields and names known. */
bool expect_check(struct step_reader *reader, const struct step *step);

/** True if the keys of an expectation are kernel variants. */
bool expect_is_by_kernel(const struct node *expect);

/** What earlier steps saved, and what they would have. */
struct saves {
	json_t *results; /* object by name */
	json_t *failed; /* by name: "the step in line 18 failed with EINVAL" */
};

/**
 * The part of an expectation that holds for a kernel: its own, else that of the variant built in that it is like
 * (for a kernel tree), else the default. NULL if there is none.
 */
const struct node *expect_for_kernel(const struct node *expect, const char *kernel,
				     const char *behaviour);

/**
 * Compares an outcome with the expectation for this kernel; none means: must succeed. False with a sentence in
 * *why (caller frees).
 */
bool expect_match(const struct node *expect, const struct step_result *result,
		  const struct saves *saved, char **why);

/** A YAML node as JSON: numbers and booleans as such, other scalars as strings. */
json_t *node_to_json(const struct node *node);

/** The value at a dotted path in an object ("nesting.format"), borrowed, or NULL. */
json_t *json_at(json_t *object, const char *path);

/** A u64 as JSON: an integer if it fits in 63 bits, else a string "0x...". */
json_t *json_u64(u64 value);

/** The number in a JSON value made by json_u64(); false if it is none. */
bool json_get_u64(const json_t *value, u64 *out);

/* ---- errno names (names.c) ---- */

/** "EINVAL" for 22 (also for -22); "524" style names for what has none never happen: unknown ones give "E?". */
const char *errno_name(long long number);

/** The number of an errno name, or 0. */
int errno_number(const char *name);

/** All errno names, with room for further words. */
struct errno_names {
	const char *list[160]; /* NULL-terminated */
	size_t count;
};
void errno_names(struct errno_names *names);

#endif
