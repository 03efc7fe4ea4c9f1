/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals of occupancy: what they say must be what the counters say of the same run, and what the platform allows.
 */
#include "cli_call.h"

#include <jansson.h>

#define HEAD_OF(kernels) HEAD_WITH(kernels, "model: vt-d, profile: sapphire-rapids")

#define HEAD_WITH(kernels, unit)                                                             \
	"scenario: occupancy\n"                                                              \
	"kernel: " kernels "\n"                                                              \
	"platform:\n"                                                                        \
	"  timing: approximately-timed\n"                                                    \
	"  memory: {tables: {latency: 90ns, slots: 2}, data: {latency: 90ns, slots: 4}}\n"   \
	"  iommus: {dmar0: {" unit ", walkers: 2, outstanding: 6,"                           \
	" queue: 4}}\n"                                                                      \
	"  devices:\n"                                                                       \
	"    0000:3a:00.0: {iommu: dmar0, group: 21, pasid: true, outstanding: 12,\n"        \
	"                   link: {generation: 3, lanes: 8, credits: 5}}\n"                  \
	"steps:\n"                                                                           \
	"  - vmm: {open: c}\n"                                                               \
	"  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: 21, container: c}}\n"                   \
	"  - vmm: {VFIO_SET_IOMMU: {container: c, type: VFIO_TYPE1v2_IOMMU}}\n"              \
	"  - vmm: {mmap: {name: ram, size: 4MiB, page-size: 4KiB}}\n"                        \
	"  - vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0, size: 4MiB, vaddr: ram}}\n"   \
	"  - device: {traffic: {device: 0000:3a:00.0, address: 0, window: 4MiB, count: 400," \
	" outstanding: 20}}\n"                                                               \
	"  - vmm: {VFIO_IOMMU_UNMAP_DMA: {container: c, iova: 0, size: 4MiB}}\n"

/** A signal as a dump tells it. */
struct signal {
	char id[16], name[96];
	unsigned long long value, most;
	unsigned long long since; /* ps */
	unsigned long long integral; /* of the value, over ps */
};

#define SIGNALS_MAX 32u

/** A dump that was read. */
struct dump {
	struct signal signals[SIGNALS_MAX];
	size_t count;
	unsigned long long end; /* ps */
};

static void read_variable(struct dump *dump, const char *line, const char *scope)
{
	struct signal *s = &dump->signals[dump->count];
	char name[48];

	if (dump->count < SIGNALS_MAX &&
	    sscanf(line, "$var wire %*u %15s %47s", s->id, name) == 2) {
		snprintf(s->name, sizeof(s->name), "%.40s.%.47s", scope, name);
		dump->count++;
	}
}

static void read_change(struct dump *dump, const char *line, unsigned long long time)
{
	char bits[80], id[16];

	if (sscanf(line, "b%79s %15s", bits, id) != 2)
		return;
	for (size_t i = 0; i < dump->count; i++) {
		struct signal *s = &dump->signals[i];

		if (strcmp(s->id, id) != 0)
			continue;
		s->integral += s->value * (time - s->since);
		s->since = time;
		s->value = strtoull(bits, NULL, 2);
		if (s->value > s->most)
			s->most = s->value;
		return;
	}
	ADD_FAILURE("no signal %s", id);
}

static void read_dump(const char *text, struct dump *dump)
{
	char *copy = strdup(text), *rest = NULL, scope[64] = "";

	*dump = (struct dump){ .count = 0 };
	for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (!strncmp(line, "$scope module ", 14))
			sscanf(line + 14, "%63s", scope);
		else if (!strncmp(line, "$var", 4))
			read_variable(dump, line, scope);
		else if (line[0] == '#')
			dump->end = strtoull(line + 1, NULL, 10);
		else
			read_change(dump, line, dump->end);
	}
	free(copy);
}

static const struct signal *signal_of(const struct dump *dump, const char *name)
{
	static const struct signal none;

	for (size_t i = 0; i < dump->count; i++)
		if (!strcmp(dump->signals[i].name, name))
			return &dump->signals[i];
	ADD_FAILURE("no signal %s", name);
	return &none;
}

/** A run with its dump and its counters. */
struct watched {
	char *dir;
	struct dump dump;
	json_t *results;
	const json_t *counters;
};

static struct watched watch(const char *scenario)
{
	struct watched w = { .dir = make_dir() };
	char *file = make_path(w.dir, "x.yaml"), *path = make_path(w.dir, "x.vcd"), *text;
	struct call call;

	write_file(w.dir, "x.yaml", scenario);
	call = CALL("run", "--vcd", path, "--json", "-", file);
	if (call.status != STATUS_HELD)
		ADD_FAILURE("%s", call.err);
	w.results = json_loads(call.out, 0, NULL);
	w.counters = json_object_get(
		json_object_get(json_array_get(json_object_get(w.results, "runs"), 0), "counters"),
		"dmar0");
	text = read_file(path);
	expect_no_part(text, "$date");
	read_dump(text, &w.dump);
	call_free(&call);
	free(text);
	free(path);
	free(file);
	return w;
}

static void watched_free(struct watched *w)
{
	json_decref(w->results);
	remove_dir(w->dir);
}

static unsigned long long counter(const struct watched *w, const char *name)
{
	return (unsigned long long)json_integer_value(json_object_get(w->counters, name));
}

/** What a signal never exceeds, and is seen to reach. */
struct bound {
	const char *name, *signal;
	unsigned long long most;
};

static const struct bound bounds[] = {
	{ "walkers", "iommu_dmar0.walkers_busy", 2 },
	{ "credits", "device_0000_3a_00_0.credits", 5 },
	{ "tags", "device_0000_3a_00_0.tags", 12 },
};

TEST_WITH_NAMED_PARAMS(vcd, a_busy_resource_is_full_and_never_more, struct bound, bounds, name)
{
	struct watched w = watch(HEAD_OF("[v1]"));

	EXPECT_EQ(signal_of(&w.dump, param->signal)->most, param->most);
	watched_free(&w);
}

TEST(vcd, who_waits_is_seen_where_there_is_too_little)
{
	struct watched w = watch(HEAD_OF("[v1]"));

	EXPECT_GT(signal_of(&w.dump, "iommu_dmar0.walks_waiting")->most, 0u);
	EXPECT_EQ(signal_of(&w.dump, "device_0000_3a_00_0.tags_waiting")->most, 8u);
	EXPECT_GT(signal_of(&w.dump, "device_0000_3a_00_0.credits_waiting")->most, 0u);
	/* six in translation at most, and no more behind them than tags let come */
	EXPECT_LE(signal_of(&w.dump, "iommu_dmar0.requests")->most, 12u);
	EXPECT_LE(signal_of(&w.dump, "iommu_dmar0.requests_waiting")->most, 4u);
	watched_free(&w);
}

TEST(vcd, the_integrals_of_signals_are_the_counters)
{
	struct watched w = watch(HEAD_OF("[v1]"));

	EXPECT_EQ(signal_of(&w.dump, "iommu_dmar0.requests")->integral / 1000,
		  counter(&w, "requests_integral_ns"));
	EXPECT_EQ(signal_of(&w.dump, "iommu_dmar0.requests")->most, counter(&w, "requests_max"));
	EXPECT_EQ(signal_of(&w.dump, "iommu_dmar0.walkers_busy")->integral / 1000,
		  counter(&w, "pw_occupancy_ns"));
	EXPECT_EQ(signal_of(&w.dump, "iommu_dmar0.walks_waiting")->integral / 1000,
		  counter(&w, "walks_waited_ns"));
	EXPECT_EQ(signal_of(&w.dump, "iommu_dmar0.requests_waiting")->integral / 1000,
		  counter(&w, "requests_waited_ns"));
	watched_free(&w);
}

TEST(vcd, in_the_end_nobody_is_left)
{
	struct watched w = watch(HEAD_OF("[v1]"));

	EXPECT_EQ(w.dump.count, 12u);
	for (size_t i = 0; i < w.dump.count; i++)
		if (w.dump.signals[i].value)
			ADD_FAILURE("%s ends at %llu", w.dump.signals[i].name,
				    w.dump.signals[i].value);
	watched_free(&w);
}

/** Units with a queue each. */
struct queue_row {
	const char *name, *scenario;
};

static const struct queue_row queues[] = {
	{ "vtd", HEAD_OF("[v1]") },
	{ "smmuv3", HEAD_WITH("[v1]", "model: smmuv3") },
};

TEST_WITH_NAMED_PARAMS(vcd, the_queue_of_a_unit_fills_and_is_worked_off, struct queue_row, queues,
		       name)
{
	struct watched w = watch(param->scenario);
	const struct signal *depth = signal_of(&w.dump, "iommu_dmar0.queue_depth");

	/* an invalidation and its wait, at least */
	EXPECT_GE(depth->most, 2u);
	EXPECT_GT(depth->integral, 0u);
	watched_free(&w);
}

static void expect_file(const char *dir, const char *name, bool wanted)
{
	char *path = make_path(dir, name);

	if ((access(path, F_OK) == 0) != wanted)
		ADD_FAILURE("%s is%s there", path, wanted ? " not" : "");
	free(path);
}

TEST(vcd, of_several_runs_each_has_a_file_of_its_number)
{
	char *dir = make_dir(), *file = make_path(dir, "x.yaml"), *path = make_path(dir, "x.vcd");
	struct call call;

	write_file(dir, "x.yaml", HEAD_OF("[v1, mainline]"));
	call = CALL("run", "--vcd", path, file);
	EXPECT_EQ(call.status, STATUS_HELD);
	expect_file(dir, "x.1.vcd", true);
	expect_file(dir, "x.2.vcd", true);
	expect_file(dir, "x.vcd", false);
	call_free(&call);
	free(path);
	free(file);
	remove_dir(dir);
}

TEST(vcd, goes_to_standard_output_and_repeats)
{
	char *dir = make_dir(), *file = make_path(dir, "x.yaml");
	struct call one, other;

	write_file(dir, "x.yaml", HEAD_OF("[v1]"));
	one = CALL("run", "--vcd", "-", file);
	other = CALL("run", "--vcd", "-", file);
	EXPECT_EQ(one.status, STATUS_HELD);
	expect_part(one.out, "$enddefinitions");
	expect_part(one.err, "1 run of 1 scenario: 1 passed");
	EXPECT_STREQ(one.out, other.out);
	call_free(&one);
	call_free(&other);
	free(file);
	remove_dir(dir);
}
