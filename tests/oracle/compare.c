/* SPDX-License-Identifier: Apache-2.0 */
/* Model and oracle, request by request: see compare.h. */
#include "compare.h"

#include "../models/plain_port.h"
#include "ats.h"

#include <stdlib.h>
#include <string.h>

/* --- the model's port -------------------------------------------------------------------- */

static enum port_status on_read(void *ctx, hpa_t address, void *buf, size_t len)
{
	const struct pair *pair = ctx;

	return memory_read(pair->memory, address, buf, len);
}

static enum port_status on_write(void *ctx, hpa_t address, const void *buf, size_t len)
{
	struct pair *pair = ctx;

	pair->wrong_write = address.v & ~7ULL;
	return memory_write(pair->memory, address, buf, len);
}

static enum port_status on_exchange(void *ctx, hpa_t address, u64 *expected, u64 desired)
{
	struct pair *pair = ctx;
	u64 was = *expected;
	enum port_status status = memory_compare_exchange(pair->memory, address, expected, desired);

	if (status != PORT_OK || *expected != was)
		return status;
	if ((was & ~desired) || pair->change_count == PAIR_CHANGES)
		pair->wrong_write = address.v;
	else
		pair->changes[pair->change_count++] =
			(struct oracle_mark){ .entry = address, .bits = desired & ~was };
	return status;
}

enum { GCMD = 0x18, RTADDR = 0x20, FSTS = 0x34 };

void pair_start(struct pair *pair, const struct vtd_config *config, struct memory *memory,
		u64 root_table_address)
{
	static struct port_ops ops;
	struct port port = plain_port(memory);

	ops = *port.ops;
	ops.read = on_read;
	ops.write = on_write;
	ops.compare_exchange = on_exchange;
	port = (struct port){ .ops = &ops, .ctx = pair };
	*pair = (struct pair){
		.oracle = { .cap = config->cap,
			    .ecap = config->ecap,
			    .host_address_width = config->host_address_width,
			    .root_table_address = root_table_address },
		.memory = memory,
		.frcd = (unsigned int)(config->cap >> 24 & 0x3ff) * 16,
	};
	pair->unit = vtd_create(config, &port);
	vtd_mmio_write(pair->unit, RTADDR, 8, root_table_address);
	vtd_mmio_write(pair->unit, GCMD, 4, 1u << 30);
	vtd_mmio_write(pair->unit, GCMD, 4, 1u << 31);
}

void pair_stop(struct pair *pair)
{
	vtd_destroy(pair->unit);
}

/* --- comparing --------------------------------------------------------------------------- */

static void differ(struct difference *difference, const char *what, u64 model, u64 oracle)
{
	if (difference->what || model == oracle)
		return;
	difference->what = what;
	difference->model = model;
	difference->oracle = oracle;
}

u64 marks_of(const struct oracle_mark *marks, unsigned int count, u64 entry)
{
	u64 bits = 0;
	unsigned int i;

	for (i = 0; i < count; i++)
		if (marks[i].entry.v == entry)
			bits |= marks[i].bits;
	return bits;
}

static void differ_at(struct difference *difference, const char *what, u64 entry, u64 model,
		      u64 oracle)
{
	if (!difference->what && model != oracle)
		difference->entry = entry;
	differ(difference, what, model, oracle);
}

static void compare_marks(struct difference *difference, const struct pair *pair,
			  const struct oracle_answer *answer)
{
	bool complete = !answer->fault;
	unsigned int i;

	differ_at(difference, "a write that sets no flags", pair->wrong_write, !!pair->wrong_write,
		  false);
	for (i = 0; i < pair->change_count; i++) {
		hpa_t entry = pair->changes[i].entry;
		u64 model = marks_of(pair->changes, pair->change_count, entry.v);
		u64 oracle = marks_of(answer->marks, answer->mark_count, entry.v);

		differ_at(difference, "flags set in memory", entry.v, model,
			  complete ? oracle : model & oracle);
	}
	for (i = 0; complete && i < answer->mark_count; i++) {
		hpa_t entry = answer->marks[i].entry;

		differ_at(difference, "flags set in memory", entry.v,
			  marks_of(pair->changes, pair->change_count, entry.v),
			  marks_of(answer->marks, answer->mark_count, entry.v));
	}
}

/* What was recorded, and registers as they were. */
static void compare_record(struct difference *difference, const struct pair *pair,
			   const struct oracle_answer *answer)
{
	u32 status = (u32)vtd_mmio_read(pair->unit, FSTS, 4);
	unsigned int at = pair->frcd + 16 * (status >> 8 & 0xff);
	bool pending = status & 2;

	differ(difference, "whether a fault was recorded", pending, answer->recorded);
	if (!pending)
		return;
	if (answer->fault != 0x29) /* FI is then undefined */
		differ(difference, "the fault record's address", vtd_mmio_read(pair->unit, at, 8),
		       answer->record[0]);
	differ(difference, "the fault record's upper half", vtd_mmio_read(pair->unit, at + 8, 8),
	       answer->record[1]);
	vtd_mmio_write(pair->unit, at + 8, 8, 1ULL << 63);
	vtd_mmio_write(pair->unit, FSTS, 4, 1);
}

static void compare_completion(struct difference *difference, u64 model,
			       const struct oracle_completion *oracle)
{
	const struct ats_range range = ats_decode_range(model);

	differ(difference, "R of the completion", !!(model & ATS_READ), oracle->read);
	differ(difference, "W of the completion", !!(model & ATS_WRITE), oracle->write);
	differ(difference, "U of the completion", !!(model & ATS_UNTRANSLATED),
	       oracle->untranslated_only);
	if (!oracle->read && !oracle->write)
		return;
	differ(difference, "EXE of the completion", !!(model & ATS_EXECUTE), oracle->execute);
	differ(difference, "PRIV of the completion", !!(model & ATS_PRIVILEGED),
	       oracle->privileged);
	differ(difference, "G of the completion", !!(model & ATS_GLOBAL), false);
	differ(difference, "N of the completion", !!(model & ATS_NO_SNOOP_FORBIDDEN),
	       oracle->no_snoop);
	differ(difference, "the completion's size", 1ULL << range.shift, oracle->size);
	if (!oracle->untranslated_only)
		differ(difference, "the completion's address", range.first, oracle->address);
}

#define FIRST_STAGE_MARKS 0x460ULL /* A, D, EA */
#define SECOND_STAGE_MARKS 0x300ULL /* A, D */

/*
 * An entry that is both stages' changes under the walk by the walk's own marks: the unit begins anew, and reads more
 * than the oracle, which marks nothing. It ends alike.
 */
static bool entry_of_both_stages(const struct oracle_answer *oracle)
{
	unsigned int i, j;

	for (i = 0; i < oracle->mark_count; i++)
		for (j = 0; j < oracle->mark_count; j++)
			if (oracle->marks[i].entry.v == oracle->marks[j].entry.v &&
			    oracle->marks[i].bits & FIRST_STAGE_MARKS &&
			    oracle->marks[j].bits & SECOND_STAGE_MARKS)
				return true;
	return false;
}

static void compare_result(struct difference *difference, const struct translation_request *request,
			   const struct translation_result *model,
			   const struct oracle_answer *oracle)
{
	bool asks = request->type == ADDRESS_TRANSLATION_REQUEST;

	if (asks)
		differ(difference, "the completion's status", model->ats_status,
		       oracle->ats_status);
	if (asks && oracle->ats_status == ATS_SUCCESS)
		compare_completion(difference, model->completion, &oracle->completion);
	else
		differ(difference, "the fault reason", model->fault, oracle->fault);
	differ(difference, "whether it is an interrupt", model->interrupt, oracle->interrupt);
	if (!entry_of_both_stages(oracle))
		differ(difference, "the number of table reads", model->table_reads,
		       oracle->table_reads);
	if (asks || oracle->fault || oracle->interrupt)
		return;
	differ(difference, "the address", model->address.v, oracle->address.v);
	differ(difference, "the page size", model->page_size, oracle->page_size);
	differ(difference, "the rights", model->rights, oracle->rights);
}

struct difference pair_ask(struct pair *pair, const struct translation_request *request)
{
	struct difference difference = { .what = NULL };
	struct translation_result result;

	difference.answer = oracle_ask(&pair->oracle, pair->memory, request);
	if (pair->plant)
		pair->plant(&difference.answer);
	pair->change_count = 0;
	pair->wrong_write = 0;
	vtd_translate(pair->unit, request, &result);
	compare_result(&difference, request, &result, &difference.answer);
	compare_record(&difference, pair, &difference.answer);
	compare_marks(&difference, pair, &difference.answer);
	return difference;
}

/* --- images ------------------------------------------------------------------------------ */

void image_take(struct image *image, const struct scene *scene,
		const struct scene_mutation *mutation, const struct translation_request *request)
{
	size_t room = (size_t)scene->page_count * 512, i;

	*image = (struct image){
		.config = scene->config,
		.root_table_address = scene->root_table_address,
		.quads = malloc(room * sizeof(*image->quads)),
		.poisoned = mutation->poisoned ? mutation->address & MODEL_PAGE_MASK : 0,
		.request = *request,
	};
	for (i = 0; i < room; i++) {
		u64 address = SCENE_BASE + i * 8, value;
		const u8 *page = memory_page(scene->memory, hpa(address));

		memcpy(&value, page + (address & ~MODEL_PAGE_MASK), 8);
		if (value)
			image->quads[image->count++] = (struct image_quad){ address, value };
	}
}

void image_clear(struct image *image)
{
	free(image->quads);
}

struct difference image_ask(const struct image *image)
{
	struct memory *memory = memory_create(image->config.host_address_width);
	struct difference difference;
	struct pair pair;
	size_t i;

	for (i = 0; i < image->count; i++)
		memory_write(memory, hpa(image->quads[i].address), &image->quads[i].value, 8);
	if (image->poisoned)
		memory_poison(memory, hpa(image->poisoned), true);
	pair_start(&pair, &image->config, memory, image->root_table_address);
	pair.plant = image->plant;
	difference = pair_ask(&pair, &image->request);
	pair_stop(&pair);
	memory_destroy(memory);
	return difference;
}

/* Tries without quads from at on. */
static bool drop(struct image *image, size_t at, size_t count, struct difference *difference)
{
	struct image shorter = *image;
	struct difference now;

	shorter.quads = malloc(image->count * sizeof(*shorter.quads));
	shorter.count = image->count - count;
	memcpy(shorter.quads, image->quads, at * sizeof(*shorter.quads));
	memcpy(shorter.quads + at, image->quads + at + count,
	       (shorter.count - at) * sizeof(*shorter.quads));
	now = image_ask(&shorter);
	if (now.what) {
		memcpy(image->quads, shorter.quads, shorter.count * sizeof(*shorter.quads));
		image->count = shorter.count;
		*difference = now;
	}
	free(shorter.quads);
	return now.what;
}

/* Tries without each bit of a word of the image. */
static void thin_out(struct image *image, u64 *word, struct difference *difference)
{
	unsigned int bit;

	for (bit = 0; bit < 64; bit++) {
		u64 was = *word;
		struct difference now;

		if (!(was >> bit & 1))
			continue;
		*word = was & ~(1ULL << bit);
		now = image_ask(image);
		if (now.what)
			*difference = now;
		else
			*word = was;
	}
}

static void thin_out_request(struct image *image, struct difference *difference)
{
	struct translation_request was = image->request, *request = &image->request;
	struct difference now;

	thin_out(image, &request->address.v, difference);
	was = *request;
	request->no_write = request->privileged = false;
	now = image_ask(image);
	if (now.what)
		*difference = now;
	else
		*request = was;
}

struct difference image_shrink(struct image *image, struct difference difference)
{
	u64 poisoned = image->poisoned;
	struct difference now;
	size_t chunk, at, i;

	image->poisoned = 0;
	now = image_ask(image);
	if (now.what)
		difference = now;
	else
		image->poisoned = poisoned;
	for (chunk = image->count / 2; chunk; chunk /= 2)
		for (at = image->count; at-- > 0;)
			if (at % chunk == 0 && at + chunk <= image->count)
				drop(image, at, chunk, &difference);
	for (i = 0; i < image->count; i++)
		thin_out(image, &image->quads[i].value, &difference);
	thin_out_request(image, &difference);
	return difference;
}
