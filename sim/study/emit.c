/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a tree of nodes as YAML, in the manner of the scenarios: what holds single values only stands in one line. */
#include "study.h"

#include <string.h>
#include <yaml.h>

static bool is_flat(const struct node *node)
{
	for (size_t i = 0; node->kind != NODE_SCALAR && i < node->count; i++)
		if ((node->kind == NODE_MAPPING ? node->pairs[i].value : node->items[i])->kind !=
		    NODE_SCALAR)
			return false;
	return true;
}

/* One thing with a flat list of its own: `{traffic: {device: ..., window: ...}}`. */
static bool is_short(const struct node *node)
{
	if (is_flat(node))
		return true;
	return node->kind == NODE_MAPPING && node->count == 1 && is_flat(node->pairs[0].value);
}

static bool emit_scalar(yaml_emitter_t *emitter, const struct node *node)
{
	yaml_event_t event;

	return yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)node->text,
					    (int)strlen(node->text), node->plain, true,
					    node->plain ? YAML_PLAIN_SCALAR_STYLE
							: YAML_SINGLE_QUOTED_SCALAR_STYLE) &&
	       yaml_emitter_emit(emitter, &event);
}

/* block: a mapping does not go into one line. */
static bool emit_node(yaml_emitter_t *emitter, const struct node *node, bool block);

static bool emit_sequence(yaml_emitter_t *emitter, const struct node *node)
{
	yaml_event_t event;

	if (!yaml_sequence_start_event_initialize(&event, NULL, NULL, true,
						  is_flat(node) ? YAML_FLOW_SEQUENCE_STYLE
								: YAML_BLOCK_SEQUENCE_STYLE) ||
	    !yaml_emitter_emit(emitter, &event))
		return false;
	for (size_t i = 0; i < node->count; i++)
		/* a step stays a block: `- device: {dma: ...}`, with `expect:` below */
		if (!emit_node(emitter, node->items[i], true))
			return false;
	return yaml_sequence_end_event_initialize(&event) && yaml_emitter_emit(emitter, &event);
}

static bool emit_mapping(yaml_emitter_t *emitter, const struct node *node, bool block)
{
	yaml_event_t event;

	if (!yaml_mapping_start_event_initialize(&event, NULL, NULL, true,
						 !block && is_short(node)
							 ? YAML_FLOW_MAPPING_STYLE
							 : YAML_BLOCK_MAPPING_STYLE) ||
	    !yaml_emitter_emit(emitter, &event))
		return false;
	for (size_t i = 0; i < node->count; i++)
		if (!emit_scalar(emitter, node->pairs[i].key) ||
		    !emit_node(emitter, node->pairs[i].value, false))
			return false;
	return yaml_mapping_end_event_initialize(&event) && yaml_emitter_emit(emitter, &event);
}

static bool emit_node(yaml_emitter_t *emitter, const struct node *node, bool block)
{
	switch (node->kind) {
	case NODE_SCALAR:
		return emit_scalar(emitter, node);
	case NODE_SEQUENCE:
		return emit_sequence(emitter, node);
	default:
		return emit_mapping(emitter, node, block);
	}
}

static bool emit_document(yaml_emitter_t *emitter, const struct node *root)
{
	yaml_event_t event;

	return yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING) &&
	       yaml_emitter_emit(emitter, &event) &&
	       yaml_document_start_event_initialize(&event, NULL, NULL, NULL, true) &&
	       yaml_emitter_emit(emitter, &event) && emit_node(emitter, root, true) &&
	       yaml_document_end_event_initialize(&event, true) &&
	       yaml_emitter_emit(emitter, &event) && yaml_stream_end_event_initialize(&event) &&
	       yaml_emitter_emit(emitter, &event) && yaml_emitter_flush(emitter);
}

bool emit_yaml(FILE *out, const struct node *root)
{
	yaml_emitter_t emitter;
	bool done;

	if (!yaml_emitter_initialize(&emitter))
		return false;
	yaml_emitter_set_output_file(&emitter, out);
	yaml_emitter_set_width(&emitter, -1);
	yaml_emitter_set_unicode(&emitter, true);
	done = emit_document(&emitter, root);
	yaml_emitter_delete(&emitter);
	return done && !ferror(out);
}
