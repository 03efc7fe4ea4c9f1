/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Expectations: compares what a step gave with what it must give, for each kernel variant or for all. Their form is
 * expect-check.c's.
 */
#include "step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- JSON helpers ---- */

json_t *json_u64(u64 value)
{
	char text[24];

	if (value >> 63 == 0)
		return json_integer((json_int_t)value);
	snprintf(text, sizeof(text), "0x%llx", value);
	return json_string(text);
}

bool json_get_u64(const json_t *value, u64 *out)
{
	if (json_is_integer(value)) {
		*out = (u64)json_integer_value(value);
		return true;
	}
	if (json_is_boolean(value)) {
		*out = json_is_true(value);
		return true;
	}
	return json_is_string(value) && parse_u64(json_string_value(value), false, out);
}

json_t *json_at(json_t *object, const char *path)
{
	while (object && *path) {
		size_t len = strcspn(path, ".");
		char key[128];

		if (len >= sizeof(key))
			return NULL;
		memcpy(key, path, len);
		key[len] = '\0';
		if (json_is_array(object)) {
			u64 index;

			object = parse_u64(key, false, &index) ? json_array_get(object, index)
							       : NULL;
		} else {
			object = json_object_get(object, key);
		}
		path += len + (path[len] == '.');
	}
	return object;
}

static json_t *scalar_to_json(const struct node *node)
{
	u64 number;

	if (!node->plain)
		return json_string(node->text);
	if (strcmp(node->text, "true") == 0)
		return json_true();
	if (strcmp(node->text, "false") == 0)
		return json_false();
	if (parse_u64(node->text, true, &number))
		return json_u64(number);
	return json_string(node->text);
}

json_t *node_to_json(const struct node *node)
{
	json_t *out;

	if (!node)
		return json_null();
	if (node->kind == NODE_SCALAR)
		return scalar_to_json(node);
	if (node->kind == NODE_SEQUENCE) {
		out = json_array();
		for (size_t i = 0; i < node->count; i++)
			json_array_append_new(out, node_to_json(node->items[i]));
		return out;
	}
	out = json_object();
	for (size_t i = 0; i < node->count; i++)
		json_object_set_new(out, node->pairs[i].key->text,
				    node_to_json(node->pairs[i].value));
	return out;
}

/* ---- matching ---- */

const struct node *expect_for_kernel(const struct node *expect, const char *kernel,
				     const char *behaviour)
{
	const struct node *found;

	if (!expect || !expect_is_by_kernel(expect))
		return expect;
	found = node_get(expect, kernel);
	if (!found)
		found = node_get(expect, behaviour);
	return found ? found : node_get(expect, "default");
}

static char *json_text(const json_t *value)
{
	return value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : strdup("nothing");
}

static bool mismatch(char **why, const char *what, const json_t *got, const json_t *wanted)
{
	char *got_text = json_text(got);
	char *wanted_text = json_text(wanted);

	if (asprintf(why, "%s is %s; expected %s", what, got_text, wanted_text) < 0)
		*why = NULL;
	free(got_text);
	free(wanted_text);
	return false;
}

/* A `$name` or `$name.field`, else the scalar itself; new reference. */
static json_t *wanted_value(const struct node *node, const struct saves *saved)
{
	if (node->kind == NODE_SCALAR && node->text[0] == '$')
		return json_incref(json_at(saved->results, node->text + 1));
	return node_to_json(node);
}

static bool same_value(const json_t *got, const json_t *wanted)
{
	u64 a, b;

	if (json_get_u64(got, &a) && json_get_u64(wanted, &b))
		return a == b;
	return got && wanted && json_equal(got, wanted);
}

static bool match_bounds(const struct node *bounds, const char *path, const json_t *got, char **why)
{
	u64 value, bound;

	for (size_t i = 0; i < bounds->count; i++) {
		const char *key = bounds->pairs[i].key->text;
		const struct node *node = bounds->pairs[i].value;
		bool is_min = strcmp(key, "min") == 0;
		json_t *wanted;

		if ((is_min || strcmp(key, "max") == 0) && node->kind == NODE_SCALAR &&
		    parse_u64(node->text, true, &bound) && json_get_u64(got, &value) &&
		    (is_min ? value >= bound : value <= bound))
			continue;
		wanted = node_to_json(bounds);
		mismatch(why, path, got, wanted);
		json_decref(wanted);
		return false;
	}
	return true;
}

/* A fault may be given by number or by name. */
static bool same_fault(json_t *result, const struct node *node)
{
	const char *name = json_string_value(json_object_get(result, "fault_name"));

	return name && node->kind == NODE_SCALAR && strcmp(name, node->text) == 0;
}

/* Says why there is no saved result "name" or "name.field". */
static bool not_saved(const char *reference, const struct saves *saved, char **why)
{
	char *name = strndup(reference, strcspn(reference, "."));
	const char *failed = name ? json_string_value(json_object_get(saved->failed, name)) : NULL;

	if (asprintf(why, "`$%s` was not saved: %s", failed ? name : reference,
		     failed ? failed : "the saved result has no such field") < 0)
		*why = NULL;
	free(name);
	return false;
}

/* True, or a sentence in *why, if the node refers to something that is not there. */
static bool reference_holds(const struct node *node, const struct saves *saved, char **why)
{
	return node->kind != NODE_SCALAR || node->text[0] != '$' ||
	       json_at(saved->results, node->text + 1) || not_saved(node->text + 1, saved, why);
}

static bool match_field(const struct node_pair *pair, json_t *result, const struct saves *saved,
			char **why)
{
	const char *path = pair->key->text;
	json_t *got = json_at(result, path);
	json_t *wanted;
	bool ok;

	if (pair->value->kind == NODE_MAPPING)
		return match_bounds(pair->value, path, got, why);
	if (pair->value->kind == NODE_SCALAR && strcmp(pair->value->text, "absent") == 0)
		return !got || mismatch(why, path, got, NULL);
	if (pair->value->kind == NODE_SCALAR && strcmp(pair->value->text, "present") == 0) {
		if (!got && asprintf(why, "%s is absent; expected it to be present", path) < 0)
			*why = NULL;
		return got != NULL;
	}
	if (!reference_holds(pair->value, saved, why))
		return false;
	wanted = wanted_value(pair->value, saved);
	ok = same_value(got, wanted) ||
	     (strcmp(path, "fault") == 0 && same_fault(result, pair->value)) ||
	     mismatch(why, path, got, wanted);
	json_decref(wanted);
	return ok;
}

static bool match_saved(const struct node *name, json_t *result, const struct saves *saved,
			bool equal, char **why)
{
	json_t *other = name->kind == NODE_SCALAR ? json_at(saved->results, name->text) : NULL;

	if (!other)
		return not_saved(name->kind == NODE_SCALAR ? name->text : "?", saved, why);
	if (json_equal(result, other) == equal)
		return true;
	return mismatch(why, equal ? "the result" : "the result, which should differ,", result,
			other);
}

static bool match_errno(const char *wanted, const struct step_result *result, char **why)
{
	const char *got = result->errno_name ? result->errno_name : "ok";

	if (strcmp(wanted, got) == 0)
		return true;
	if (asprintf(why, "got %s; expected %s", got, wanted) < 0)
		*why = NULL;
	return false;
}

static bool has_fault(const struct step_result *result)
{
	const char *status = json_string_value(json_object_get(result->result, "status"));

	return status && strcmp(status, "ok") != 0;
}

static bool match_success(const struct step_result *result, char **why)
{
	json_t *fault = json_object_get(result->result, "fault_name");
	const char *status = json_string_value(json_object_get(result->result, "status"));

	if (result->errno_name)
		return match_errno("ok", result, why);
	if (!has_fault(result))
		return true;
	if (asprintf(why, "the %s ended in %s%s%s; expected ok",
		     json_object_get(result->result, "done") ? "DMA" : "page request", status,
		     fault ? ": " : "", fault ? json_string_value(fault) : "") < 0)
		*why = NULL;
	return false;
}

static bool match_scalar(const struct node *expect, const struct step_result *result,
			 const struct saves *saved, char **why)
{
	json_t *wanted;
	bool ok;

	if (strcmp(expect->text, "any") == 0)
		return true;
	if (strcmp(expect->text, "ok") == 0)
		return match_success(result, why);
	if (errno_number(expect->text))
		return match_errno(expect->text, result, why);
	if (strcmp(expect->text, "fault") == 0) {
		if (!has_fault(result))
			*why = strdup("the DMA ended well; expected a fault");
		return has_fault(result);
	}
	if (!match_success(result, why))
		return false;
	if (!reference_holds(expect, saved, why))
		return false;
	wanted = wanted_value(expect, saved);
	ok = same_value(result->result, wanted) ||
	     mismatch(why, "the result", result->result, wanted);
	json_decref(wanted);
	return ok;
}

/* Fields that speak of failure themselves; without one, success is expected too. */
static bool speaks_of_failure(const struct node *expect)
{
	return node_get(expect, "errno") || node_get(expect, "fault") || node_get(expect, "status");
}

static bool match_mapping(const struct node *expect, const struct step_result *result,
			  const struct saves *saved, char **why)
{
	if (!speaks_of_failure(expect) && !match_success(result, why))
		return false;
	for (size_t i = 0; i < expect->count; i++) {
		const struct node_pair *pair = &expect->pairs[i];
		const char *key = pair->key->text;
		bool ok;

		if (strcmp(key, "errno") == 0)
			ok = match_errno(pair->value->text, result, why);
		else if (strcmp(key, "equals") == 0)
			ok = match_saved(pair->value, result->result, saved, true, why);
		else if (strcmp(key, "differs") == 0)
			ok = match_saved(pair->value, result->result, saved, false, why);
		else
			ok = match_field(pair, result->result, saved, why);
		if (!ok)
			return false;
	}
	return true;
}

bool expect_match(const struct node *expect, const struct step_result *result,
		  const struct saves *saved, char **why)
{
	*why = NULL;
	if (!expect)
		return match_success(result, why);
	if (expect->kind == NODE_SCALAR)
		return match_scalar(expect, result, saved, why);
	return match_mapping(expect, result, saved, why);
}
