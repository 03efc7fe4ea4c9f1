/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads what a platform says of time: the mode, and how long memory, processor, units, links and functions
 * take.
 */
#include "platform_private.h"

#include <stdlib.h>
#include <string.h>

#define TIME_MAX 1000000000000ULL /* ps: a second */
#define COUNT_MAX 65536u

/* A decimal number and its unit, as a multiple of a thousandth of the unit's factor; false if it is none. */
static bool parse_quantity(const char *text, const struct quantity_unit *units, u64 max, u64 *out)
{
	char *end;
	double value;

	if (*text < '0' || *text > '9' || text[1] == 'x')
		return false;
	value = strtod(text, &end);
	for (; units->name; units++) {
		if (strcmp(end, units->name) != 0)
			continue;
		value *= units->factor;
		if (!(value <= (double)max))
			return false;
		*out = (u64)(value + 0.5);
		return true;
	}
	return false;
}

bool read_time(const struct node *node, u64 *ps, struct diags *diags)
{
	static const struct quantity_unit units[] = {
		{ "ps", 1 },   { "ns", 1e3 }, { "us", 1e6 },
		{ "ms", 1e9 }, { "s", 1e12 }, { NULL, 0 },
	};

	if (node->kind == NODE_SCALAR && parse_quantity(node->text, units, TIME_MAX, ps))
		return true;
	return diag_add(diags, &node->place,
			"expected a time from 0ns to 1s, as in '90ns' or '1.5us'");
}

static bool optional_time(const struct node *mapping, const char *key, u64 *ps, struct diags *diags)
{
	const struct node *node = node_get(mapping, key);

	return !node || read_time(node, ps, diags);
}

/* A clock by its frequency. */
static bool optional_clock(const struct node *mapping, u64 *period, struct diags *diags)
{
	static const struct quantity_unit units[] = {
		{ "Hz", 1 }, { "kHz", 1e3 }, { "MHz", 1e6 }, { "GHz", 1e9 }, { NULL, 0 },
	};
	const struct node *node = node_get(mapping, "clock");
	u64 hertz = 0;

	if (!node)
		return true;
	if (node->kind != NODE_SCALAR ||
	    !parse_quantity(node->text, units, 100000000000ULL, &hertz) || hertz < 1000000)
		return diag_add(diags, &node->place,
				"expected a frequency from 1MHz to 100GHz, as in '500MHz'");
	*period = (1000000000000ULL + hertz / 2) / hertz;
	return true;
}

static bool optional_count(const struct node *mapping, const char *key, unsigned int min,
			   unsigned int *out, struct diags *diags)
{
	unsigned long long value = *out;

	if (!optional_number(mapping, key, (struct bounds){ min, COUNT_MAX }, &value, diags))
		return false;
	*out = (unsigned int)value;
	return true;
}

/* ---- memory, processor and mode ---- */

static bool read_memory_port(const struct node *memory, const char *key,
			     struct memory_timing *timing, struct diags *diags)
{
	static const char *const keys[] = { "latency", "slots", NULL };
	const struct node *node = node_get(memory, key);

	return !node || (node_check_keys(node, keys, key, diags) &&
			 optional_time(node, "latency", &timing->latency, diags) &&
			 optional_count(node, "slots", 0, &timing->slots, diags));
}

static bool read_refresh(const struct node *memory, struct refresh_timing *timing,
			 struct diags *diags)
{
	static const char *const keys[] = { "interval", "duration", "ranks", NULL };
	const struct node *node = node_get(memory, "refresh");

	if (!node)
		return true;
	if (!node_check_keys(node, keys, "refresh", diags) ||
	    !optional_time(node, "interval", &timing->interval, diags) ||
	    !optional_time(node, "duration", &timing->duration, diags) ||
	    !optional_count(node, "ranks", 1, &timing->ranks, diags))
		return false;
	if (timing->interval && timing->duration >= timing->interval)
		return diag_add(diags, &node->place,
				"a refresh takes %llu ns and comes every %llu ns; expected less",
				timing->duration / 1000, timing->interval / 1000);
	return true;
}

static bool read_host_cache(const struct node *memory, struct host_cache_timing *timing,
			    struct diags *diags)
{
	static const char *const keys[] = { "size", "latency", NULL };
	const struct node *node = node_get(memory, "cache");
	const struct node *size = node_get(node, "size");

	return !node || (node_check_keys(node, keys, "cache", diags) &&
			 (!size || node_u64(size, &timing->size, true, diags)) &&
			 optional_time(node, "latency", &timing->latency, diags));
}

static bool read_processor(const struct node *root, struct processor_timing *timing,
			   struct diags *diags)
{
	static const char *const keys[] = { "mmio-read", "mmio-write", "interrupt", "poll", NULL };
	const struct node *node = node_get(root, "processor");

	return !node || (node_check_keys(node, keys, "processor", diags) &&
			 optional_time(node, "mmio-read", &timing->mmio_read, diags) &&
			 optional_time(node, "mmio-write", &timing->mmio_write, diags) &&
			 optional_time(node, "interrupt", &timing->interrupt, diags) &&
			 optional_time(node, "poll", &timing->poll, diags));
}

bool read_platform_timing(const struct node *root, struct platform_timing *timing,
			  struct diags *diags)
{
	const char *modes[TIMING_MODES + 1] = { NULL };
	const struct node *mode = node_get(root, "timing"), *memory = node_get(root, "memory");
	size_t index = TIMING_UNTIMED;

	platform_timing_init(timing);
	for (enum timing_mode i = 0; i < TIMING_MODES; i++)
		modes[i] = timing_mode_name(i);
	if (mode && !node_choice(mode, modes, &index, diags))
		return false;
	timing->mode = (enum timing_mode)index;
	return optional_time(root, "quantum", &timing->quantum, diags) &&
	       read_memory_port(memory, "tables", &timing->tables, diags) &&
	       read_memory_port(memory, "data", &timing->data, diags) &&
	       read_refresh(memory, &timing->refresh, diags) &&
	       read_host_cache(memory, &timing->cache, diags) &&
	       read_processor(root, &timing->processor, diags);
}

/* ---- units ---- */

bool read_unit_timing(const struct node *node, struct unit_timing *timing, struct diags *diags)
{
	return optional_clock(node, &timing->clock_period, diags) &&
	       optional_count(node, "walkers", 0, &timing->walkers, diags) &&
	       optional_count(node, "outstanding", 0, &timing->outstanding, diags) &&
	       optional_count(node, "queue", 0, &timing->queue, diags) &&
	       optional_bool(node, "merge", &timing->merge, diags) &&
	       optional_time(node, "invalidation-timeout", &timing->invalidation_timeout, diags);
}

/* ---- functions ---- */

static bool read_packet_size(const struct node *node, const char *key, unsigned int *out,
			     struct diags *diags)
{
	unsigned long long value = *out;

	if (!optional_number(node, key, (struct bounds){ 128, 4096 }, &value, diags))
		return false;
	if (value & (value - 1))
		return diag_add(diags, &node_get(node, key)->place,
				"expected a power of two from 128 to 4096 bytes");
	*out = (unsigned int)value;
	return true;
}

static bool read_lanes(const struct node *node, unsigned int *out, struct diags *diags)
{
	static const char *const words[] = { "0", "1", "2", "4", "8", "12", "16", "32", NULL };
	static const unsigned int lanes[] = { 0, 1, 2, 4, 8, 12, 16, 32 };
	const struct node *value = node_get(node, "lanes");
	size_t index;

	if (!value)
		return true;
	if (!node_choice(value, words, &index, diags))
		return false;
	*out = lanes[index];
	return true;
}

static bool read_link(const struct node *node, struct link_timing *timing, struct diags *diags)
{
	static const char *const keys[] = { "generation", "lanes",       "latency",
					    "credits",    "max-payload", "max-read-request",
					    NULL };
	unsigned long long generation = timing->generation;

	if (!node)
		return true;
	if (!node_check_keys(node, keys, "link", diags) ||
	    !optional_number(node, "generation", (struct bounds){ 1, 6 }, &generation, diags) ||
	    !read_lanes(node, &timing->lanes, diags) ||
	    !optional_time(node, "latency", &timing->latency, diags) ||
	    !optional_count(node, "credits", 0, &timing->credits, diags) ||
	    !read_packet_size(node, "max-payload", &timing->max_payload, diags) ||
	    !read_packet_size(node, "max-read-request", &timing->max_read_request, diags))
		return false;
	timing->generation = (unsigned int)generation;
	return true;
}

bool read_device_timing(const struct node *node, struct link_timing *link,
			struct requester_timing *requester, struct diags *diags)
{
	link_timing_init(link);
	requester_timing_init(requester);
	return read_link(node_get(node, "link"), link, diags) &&
	       optional_time(node, "issue-interval", &requester->issue_interval, diags) &&
	       optional_count(node, "outstanding", 1, &requester->outstanding, diags) &&
	       optional_time(node, "completion", &requester->completion, diags) &&
	       optional_clock(node, &requester->clock_period, diags);
}
