/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The model against the oracle: random machines and requests must end alike. VTDSIM_ORACLE_REQUESTS (in
 * all) and VTDSIM_SEED choose how many and which; a difference is made smaller and printed as a scenario.
 */
#include "compare.h"
#include "gtest_c.h"
#include "vtd/vtd-fault.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define REQUESTS 50000 /* of all rows together */
#define REQUESTS_EACH 8 /* to a mutation */
#define MUTATIONS 12 /* of a machine; the first two are none */

static unsigned long long setting(const char *name, unsigned long long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

/* A run over many machines. */
struct search {
	unsigned long long seed, left;
	bool images; /* each machine is kept as it was before each request */
	void (*plant)(struct oracle_answer *answer);
	unsigned long long faults[256]; /* how often each reason came; 0: none */
	struct image image; /* of the first difference, */
	struct difference difference; /* and what it was */
};

/* Requests while a mutation is in force; false at a difference. */
static bool ask(struct search *search, struct scene *scene, struct pair *pair,
		const struct scene_mutation *mutation)
{
	unsigned int i;

	for (i = 0; i < REQUESTS_EACH && search->left; i++, search->left--) {
		const struct translation_request request = scene_request(scene);
		struct image image = { .quads = NULL };

		if (search->images)
			image_take(&image, scene, mutation, &request);
		search->difference = pair_ask(pair, &request);
		search->faults[search->difference.answer.fault]++;
		if (search->difference.what) {
			search->image = image;
			search->image.plant = search->plant;
			return false;
		}
		if (search->images)
			image_clear(&image);
	}
	return true;
}

static bool search_machine(struct search *search)
{
	struct scene *scene = scene_create(search->seed, false);
	struct pair pair;
	unsigned int i;
	bool same = true;

	pair_start(&pair, &scene->config, scene->memory, scene->root_table_address);
	pair.plant = search->plant;
	for (i = 0; same && i < MUTATIONS && search->left; i++) {
		struct scene_mutation mutation = { .none = true };

		if (i >= 2)
			mutation = scene_mutate(scene);
		same = ask(search, scene, &pair, &mutation);
		scene_restore(scene, &mutation);
	}
	pair_stop(&pair);
	scene_destroy(scene);
	return same;
}

/* True if there was no difference. The machine that shows one is done again, to have its image. */
static bool search_all(struct search *search)
{
	for (; search->left; search->seed++) {
		unsigned long long left = search->left;

		if (search_machine(search))
			continue;
		search->images = true;
		search->left = left;
		search_machine(search);
		return false;
	}
	return true;
}

/* A text, to be freed: what differed, and the scenario. */
static char *describe(struct search *search)
{
	struct difference small = image_shrink(&search->image, search->difference);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "# VTDSIM_SEED=%llu: %s differs: model 0x%llx, oracle 0x%llx\n", search->seed,
		search->difference.what, search->difference.model, search->difference.oracle);
	image_print(out, &search->image, &small);
	fclose(out);
	return text;
}

struct part {
	const char *name;
	unsigned int number;
};

static const struct part parts[] = {
	{ "0", 0 }, { "1", 1 }, { "2", 2 }, { "3", 3 }, { "4", 4 },
	{ "5", 5 }, { "6", 6 }, { "7", 7 }, { "8", 8 }, { "9", 9 },
};

#define PARTS (sizeof(parts) / sizeof(parts[0]))

static struct search search_of(unsigned int number)
{
	/* machines of one part are not those of another */
	return (struct search){ .seed = setting("VTDSIM_SEED", 1) + (number << 20ULL),
				.left = setting("VTDSIM_ORACLE_REQUESTS", REQUESTS) / PARTS };
}

TEST_WITH_NAMED_PARAMS(oracle, random_requests_end_as_the_specification_says, struct part, parts,
		       name)
{
	struct search search = search_of(param->number);

	printf("VTDSIM_SEED=%llu\n", search.seed - (param->number << 20ULL));
	if (!search_all(&search)) {
		char *text = describe(&search);

		ADD_FAILURE("%s", text);
		free(text);
		image_clear(&search.image);
	}
}

/* Reasons that no DMA and no translation request over memory that works meets. */
static bool is_elsewhere(enum vtd_fault fault)
{
	switch (fault) {
	case VTD_FAULT_SM_RTA_LEGACY_PAGE_GROUP: /* page requests */
	case VTD_FAULT_SM_PRE_CLEAR:
	case VTD_FAULT_SM_FIRST_STAGE_AD_UPDATE: /* memory that is read but takes no update */
	case VTD_FAULT_SM_SECOND_STAGE_AD_UPDATE:
		return true;
	default:
		/* interrupt remapping; 29h is of requests that are no interrupts */
		return fault >= 0x20 && fault <= 0x2f && fault != 0x29;
	}
}

TEST(oracle, machines_meet_every_fault_that_a_request_can_meet)
{
	unsigned long long faults[256] = { 0 };
	const struct vtd_fault_info *known;
	unsigned int number, code;
	size_t count, i;

	for (number = 0; number < PARTS; number++) {
		/* the suite's form, whatever is set */
		struct search search = { .seed = 1 + (number << 20ULL), .left = REQUESTS / PARTS };

		ASSERT_TRUE(search_all(&search));
		for (code = 0; code < 256; code++)
			faults[code] += search.faults[code];
	}
	known = vtd_faults(&count);
	for (i = 0; i < count; i++) {
		SCOPED_NOTE("0x%x, %s", known[i].code, known[i].name);
		EXPECT_NE(faults[known[i].code] != 0, is_elsewhere(known[i].code));
	}
	/* and a good part gets through */
	EXPECT_GT(faults[0], REQUESTS / 4);
}

TEST(oracle, knows_which_faults_are_qualified_as_the_model_does)
{
	const struct vtd_fault_info *known;
	size_t count, i;

	known = vtd_faults(&count);
	for (i = 0; i < count; i++) {
		SCOPED_NOTE("0x%x, %s", known[i].code, known[i].name);
		if (!is_elsewhere(known[i].code))
			EXPECT_EQ(known[i].qualified, oracle_qualified(known[i].code));
	}
}

/* --- scenarios --------------------------------------------------------------------------- */

/* Exit status of `vtdsim run` with that text. */
static int run_scenario(const char *text)
{
	char path[] = "/tmp/vtdsim-oracle-XXXXXX.yaml", command[512];
	int fd = mkstemps(path, 5), status;

	EXPECT_EQ(write(fd, text, strlen(text)), (long)strlen(text));
	close(fd);
	snprintf(command, sizeof(command), "'%s' run '%s' >'%s.out' 2>&1", VTDSIM_PROGRAM, path,
		 path);
	status = system(command);
	snprintf(command, sizeof(command), "%s.out", path);
	unlink(command);
	unlink(path);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void plant_no_write(struct oracle_answer *answer)
{
	if (!answer->fault && answer->page_size == 1 << 21)
		answer->rights &= ~(unsigned int)ACCESS_WRITE;
}

static void plant_another_fault(struct oracle_answer *answer)
{
	if (answer->fault == 0x72)
		answer->fault = 0x71;
}

static void plant_more_reads(struct oracle_answer *answer)
{
	if (answer->table_reads > 20)
		answer->table_reads++;
}

static void plant_smaller_completion(struct oracle_answer *answer)
{
	if (answer->completion.size == 1 << 30)
		answer->completion.size = 1 << 21;
}

static void plant_another_record(struct oracle_answer *answer)
{
	answer->record[1] ^= 1ULL << 30; /* EXE */
}

static void plant_another_address(struct oracle_answer *answer)
{
	if (answer->fault == 0x71)
		answer->record[0] ^= 1ULL << 20;
}

static void plant_no_record(struct oracle_answer *answer)
{
	if (answer->fault == 0x59)
		answer->recorded = false;
}

/* The last mark is the page's own entry. */
static void plant_no_mark(struct oracle_answer *answer)
{
	if (!answer->fault && answer->mark_count)
		answer->mark_count--;
}

static void plant_another_mark(struct oracle_answer *answer)
{
	if (!answer->fault && answer->mark_count)
		answer->marks[0].bits ^= 1ULL << 9;
}

static void plant_no_marks_of_a_fault(struct oracle_answer *answer)
{
	if (answer->fault == 0x85)
		answer->mark_count = 0;
}

struct plant {
	const char *name;
	void (*plant)(struct oracle_answer *answer);
	size_t most; /* entries that the scenario needs */
};

static const struct plant plants[] = {
	{ "rights", plant_no_write, 16 },
	{ "fault", plant_another_fault, 32 },
	{ "table_reads", plant_more_reads, 64 },
	{ "completion", plant_smaller_completion, 16 },
	{ "record", plant_another_record, 16 },
	{ "record_address", plant_another_address, 16 },
	{ "no_record", plant_no_record, 16 },
	{ "no_mark", plant_no_mark, 16 },
	{ "another_mark", plant_another_mark, 16 },
	{ "marks_of_a_fault", plant_no_marks_of_a_fault, 16 },
};

TEST_WITH_NAMED_PARAMS(oracle,
		       a_difference_is_found_made_smaller_and_printed_as_a_scenario_that_fails,
		       struct plant, plants, name)
{
	struct search search = { .seed = 1, .left = REQUESTS, .plant = param->plant };
	char *text;

	ASSERT_FALSE(search_all(&search));
	text = describe(&search);
	EXPECT_LE(search.image.count, param->most);
	EXPECT_EQ(run_scenario(text), 1);
	if (getenv("VTDSIM_SHOW"))
		printf("%s", text);
	free(text);
	image_clear(&search.image);
}

#define MACHINES_RUN 60

/* The scenario is the machine: where model and oracle agree, it passes. */
TEST(oracle, scenarios_of_random_machines_hold)
{
	unsigned int seed;

	for (seed = 1; seed <= MACHINES_RUN; seed++) {
		struct scene *scene = scene_create(seed, false);
		const struct scene_mutation none = { .none = true };
		const struct scene_mutation mutation = seed % 2 ? scene_mutate(scene) : none;
		const struct translation_request request = scene_request(scene);
		struct difference difference;
		struct image image;
		char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		SCOPED_NOTE("seed %u", seed);
		image_take(&image, scene, &mutation, &request);
		difference = image_ask(&image);
		EXPECT_EQ(difference.what, NULL);
		image_print(out, &image, &difference);
		fclose(out);
		EXPECT_EQ(run_scenario(text), 0);
		free(text);
		image_clear(&image);
		scene_destroy(scene);
	}
}
