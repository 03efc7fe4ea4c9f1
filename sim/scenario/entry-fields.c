/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Table entries by the names of their fields, shared by the actors that read and change entries.
 */
#include "run.h"

#include "vtd/vtd-format.h"

json_t *entry_to_json(const struct format *format, const u64 *data)
{
	json_t *object = json_object();

	for (size_t i = 0; i < format->field_count; i++)
		json_object_set_new(object, format->fields[i].name,
				    json_u64(format_field_get(&format->fields[i], data)));
	return object;
}

bool entry_set_fields(const struct format *format, const struct arg *fields, u64 *data,
		      struct step_out *out)
{
	for (size_t i = 0; fields && i < fields->node->count; i++) {
		const struct node_pair *pair = &fields->node->pairs[i];
		const struct format_field *field = vtd_field(format, pair->key->text);
		u64 value;

		if (!field) {
			step_fail(out, "%s has no field '%s'; see vtdsim decode %s --list",
				  format->title, pair->key->text, format->name);
			return false;
		}
		parse_u64(pair->value->text, true, &value);
		format_field_set(field, data, value);
	}
	return true;
}
