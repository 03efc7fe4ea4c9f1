/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands as a user calls them: exit status, and what goes where.
 */
#include "cli_call.h"

/* ---- the program itself ---- */

struct row {
	const char *name;
	const char *words[MAX_WORDS];
	int status;
	const char *out, *err; /* parts of them; NULL: empty */
};

static const struct row rows[] = {
	{ "nothing", { NULL }, 2, NULL, "vtdsim: expected a command; 'vtdsim --help' names them\n" },
	{ "help", { "--help" }, 0, "Commands:\n  run ", NULL },
	{ "help_short", { "-h" }, 0, "Exit status: 0 everything held", NULL },
	{ "help_as_command", { "help" }, 0, "Usage: vtdsim COMMAND", NULL },
	{ "help_of_a_command",
	  { "help", "run" },
	  0,
	  "Usage: vtdsim run [OPTION...] PATH...\n",
	  NULL },
	{ "help_of_no_command", { "help", "rn" }, 2, NULL, "did you mean 'run'?\n" },
	{ "version", { "--version" }, 0, "vtdsim " VTDSIM_VERSION "\n", NULL },
	{ "unknown_near",
	  { "decod" },
	  2,
	  NULL,
	  "vtdsim: unknown command 'decod'; did you mean 'decode'?\n" },
	{ "unknown_far",
	  { "frobnicate" },
	  2,
	  NULL,
	  "unknown command 'frobnicate'; 'vtdsim --help' names the commands\n" },
	{ "unknown_option",
	  { "--hlep" },
	  2,
	  NULL,
	  "unknown option '--hlep'; did you mean '--help'?\n" },
	{ "run_help", { "run", "--help" }, 0, "Examples:\n  vtdsim run scenarios/\n", NULL },
	{ "check_help", { "check", "-h" }, 0, "Examples:\n  vtdsim check scenarios/\n", NULL },
	{ "matrix_help", { "matrix", "--help" }, 0, "vtdsim matrix --kernel v1", NULL },
	{ "explain_help", { "explain", "--help" }, 0, "--line=N", NULL },
	{ "decode_help", { "decode", "--help" }, 0, "vtdsim decode ecap", NULL },
	{ "help_wins_over_missing_paths", { "run", "--verbose", "--help" }, 0, "Usage:", NULL },
	{ "run_without_path",
	  { "run" },
	  2,
	  NULL,
	  "vtdsim run: expected scenario files or directories\n'vtdsim run --help' tells more\n" },
	{ "option_unknown_near",
	  { "run", "--jsn", "x" },
	  2,
	  NULL,
	  "vtdsim run: unknown option '--jsn'; did you mean '--json'?\n" },
	{ "option_unknown_far",
	  { "run", "--frobnicate=3" },
	  2,
	  NULL,
	  "unknown option '--frobnicate'\n" },
	{ "option_short_unknown", { "run", "-z" }, 2, NULL, "unknown option '-z'" },
	{ "option_without_value",
	  { "run", "x", "--json" },
	  2,
	  NULL,
	  "option '--json' needs FILE\n" },
	{ "option_with_value_too_many",
	  { "run", "--verbose=3" },
	  2,
	  NULL,
	  "option '--verbose' takes no value\n" },
	{ "kernel_unknown_near",
	  { "run", "--kernel", "v1,v1-atach-check", "x" },
	  2,
	  NULL,
	  "unknown kernel 'v1-atach-check'; did you mean 'v1-attach-check'?\n" },
	{ "kernel_unknown_far",
	  { "run", "--kernel=windows", "x" },
	  2,
	  NULL,
	  "unknown kernel 'windows'; expected some of upstream, v1, v1-attach-check, v7, mainline\n" },
	{ "kernel_empty", { "run", "--kernel=", "x" }, 2, NULL, "unknown kernel ''" },
	{ "seed_no_number",
	  { "run", "--seed", "many", "x" },
	  2,
	  NULL,
	  "option '--seed' needs a number, not 'many'\n" },
	{ "first_wrong_option_counts", { "run", "--seed=x", "--kernel=y", "z" }, 2, NULL, "--seed" },
	{ "words_after_two_dashes",
	  { "check", "--", "--help" },
	  2,
	  NULL,
	  "--help: error: '--help' cannot be opened" },
	{ "file_missing",
	  { "run", "/nonexistent.yaml" },
	  2,
	  NULL,
	  "/nonexistent.yaml: error: '/nonexistent.yaml' cannot be opened: No such file or directory\n" },
	{ "same_output_twice",
	  { "run", "--json", "-", "--junit", "-", VTDSIM_SOURCE_DIR "/scenarios" },
	  2,
	  NULL,
	  "--json and --junit both go to '-'\n" },
	{ "explain_nothing",
	  { "explain" },
	  2,
	  NULL,
	  "vtdsim explain: expected one scenario file\n" },
	{ "explain_two_files", { "explain", "a", "b" }, 2, NULL, "expected one scenario file\n" },
	{ "explain_line_and_step",
	  { "explain", "--line=1", "--step=2", "a" },
	  2,
	  NULL,
	  "--line and --step both choose a step" },
	{ "explain_two_kernels",
	  { "explain", "--kernel=v1,v7", "a" },
	  2,
	  NULL,
	  "expected one kernel; 'v7' is a second one\n" },
	{ "explain_line_no_number",
	  { "explain", "--line=x", "a" },
	  2,
	  NULL,
	  "option '--line' needs a number" },
	{ "explain_step_no_number",
	  { "explain", "--step=x", "a" },
	  2,
	  NULL,
	  "option '--step' needs a number" },
	{ "explain_directory",
	  { "explain", VTDSIM_SOURCE_DIR "/scenarios/format-mismatch" },
	  2,
	  NULL,
	  "expected one scenario; '" },
};

TEST_WITH_NAMED_PARAMS(command_line, is_understood_or_told, struct row, rows, name)
{
	struct call got = call_list(param->words);

	EXPECT_EQ(got.status, param->status);
	if (param->out)
		expect_part(got.out, param->out);
	else
		EXPECT_STREQ(got.out, "");
	if (param->err)
		expect_part(got.err, param->err);
	else
		EXPECT_STREQ(got.err, "");
	call_free(&got);
}

TEST(command_line, help_names_every_command)
{
	static const char *const names[] = { "run", "check", "matrix", "explain", "decode" };
	struct call got = CALL("--help");
	char line[40];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(line, sizeof(line), "\n  %-9s ", names[i]);
		expect_part(got.out, line);
	}
	call_free(&got);
}

/* The files below scenarios/ that a text names, each of which must be there. Returns their number. */
static unsigned int expect_files(const char *text)
{
	unsigned int count = 0;

	while ((text = strstr(text, " scenarios/")) != NULL) {
		char path[512];
		struct stat status;
		size_t len = strcspn(++text, " \n");

		snprintf(path, sizeof(path), VTDSIM_SOURCE_DIR "/%.*s", (int)len, text);
		if (stat(path, &status) != 0)
			ADD_FAILURE("%s is named in help, but is not there", path);
		text += len;
		count++;
	}
	return count;
}

TEST(command_line, files_that_help_names_exist)
{
	static const char *const names[] = { "run", "check", "matrix", "explain" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct call got = CALL("help", names[i]);

		EXPECT_GE(expect_files(got.out), 1u);
		call_free(&got);
	}
}

TEST(command_line, a_standard_output_that_is_full_is_told)
{
	char *argv[] = { "vtdsim", "--help", NULL };
	FILE *full = fopen("/dev/full", "w");
	char *text = NULL;
	size_t len = 0;
	FILE *err = open_memstream(&text, &len);

	ASSERT_TRUE(full != NULL);
	EXPECT_EQ(vtdsim_main(2, argv, full, err), 3);
	fclose(full);
	fclose(err);
	EXPECT_STREQ(text, "vtdsim: cannot write standard output: No space left on device\n");
	free(text);
}

/* ---- run ---- */

TEST(run, tells_each_run_and_the_seed)
{
	char *dir = make_dir();
	struct call got = CALL("run", "--seed", "7", dir);

	EXPECT_EQ(got.status, 0);
	EXPECT_STREQ(got.out, "pass   works      v1               good\n"
			      "pass   works      v7               good\n"
			      "2 runs of 1 scenario: 2 passed (seed 7)\n");
	EXPECT_STREQ(got.err, "");
	call_free(&got);
	remove_dir(dir);
}

TEST(run, of_a_failing_expectation_gives_1)
{
	char *dir = make_dir();
	struct call got;

	write_file(dir, "failing.yaml", FAILING);
	got = CALL("run", "--kernel", "v1", dir);
	EXPECT_EQ(got.status, 1);
	expect_part(got.out, "FAIL   refused    v1               failing\n");
	expect_part(got.out, "failing.yaml:8: VFIO_SET_IOMMU");
	expect_part(got.out, "2 runs of 2 scenarios: 1 passed, 1 failed (seed 1)\n");
	call_free(&got);
	remove_dir(dir);
}

TEST(run, of_bad_input_runs_nothing)
{
	char *dir = make_dir();
	struct call got;

	write_file(dir, "bad.yaml", BAD);
	write_file(dir, "worse.yaml", "[");
	got = CALL("run", dir);
	EXPECT_EQ(got.status, 2);
	EXPECT_STREQ(got.out, "");
	expect_part(got.err, "bad.yaml:2:1: error: unknown key 'stpes'");
	expect_part(got.err, "worse.yaml:");
	call_free(&got);
	remove_dir(dir);
}

TEST(run, on_kernels_of_the_command_line_ignores_the_files)
{
	char *dir = make_dir();
	struct call got = CALL("run", "--kernel", "mainline,v1,mainline", dir);

	EXPECT_STREQ(got.out, "pass   works      mainline         good\n"
			      "pass   works      v1               good\n"
			      "2 runs of 1 scenario: 2 passed (seed 1)\n");
	call_free(&got);
	remove_dir(dir);
}

TEST(run, the_last_kernel_option_counts)
{
	char *dir = make_dir();
	struct call got = CALL("run", "--kernel", "mainline", "--kernel=v7", dir);

	expect_part(got.out, "1 run of 1 scenario: 1 passed");
	expect_part(got.out, "v7");
	call_free(&got);
	remove_dir(dir);
}

TEST(run, verbosely_tells_every_step)
{
	char *dir = make_dir();
	struct call got = CALL("run", "--verbose", "--kernel=v1", dir);

	expect_part(got.out, " ok   VFIO_IOMMU_MAP_DMA container=c");
	expect_part(got.out, " ok   dma device=0000:3a:00.0");
	call_free(&got);
	remove_dir(dir);
}

TEST(run, finds_scenarios_below_directories_but_not_in_platforms)
{
	char *dir = make_dir(), *below = make_path(dir, "b"),
	     *platforms = make_path(dir, "platforms");
	struct call got;

	mkdir(below, 0777);
	mkdir(platforms, 0777);
	write_file(below, "second.yaml", HEAD("second"));
	write_file(dir, "c.yaml", HEAD("third"));
	write_file(dir, "notes.txt", "no scenario");
	write_file(platforms, "p.yaml", "iommus: {}\n");
	got = CALL("run", "--kernel=v1", dir, platforms);
	EXPECT_EQ(got.status, 2); /* platforms itself holds no scenario */
	expect_part(got.err, "iommus");
	call_free(&got);
	got = CALL("run", "--kernel=v1", dir);
	EXPECT_EQ(got.status, 0);
	EXPECT_STREQ(got.out, "pass   works      v1               second\n"
			      "pass   works      v1               third\n"
			      "pass   works      v1               good\n"
			      "3 runs of 3 scenarios: 3 passed (seed 1)\n");
	call_free(&got);
	free(below);
	free(platforms);
	remove_dir(dir);
}

TEST(run, of_a_directory_without_scenarios_is_an_error)
{
	char *dir = make_dir(), *empty = make_path(dir, "empty");
	struct call got;

	mkdir(empty, 0777);
	got = CALL("run", dir, empty);
	EXPECT_EQ(got.status, 2);
	EXPECT_STREQ(got.out, "");
	expect_part(got.err, "empty: error: no scenarios in this directory; expected files named "
			     "*.yaml");
	call_free(&got);
	free(empty);
	remove_dir(dir);
}

TEST(run, of_a_directory_that_may_not_be_read_is_an_error)
{
	char *dir = make_dir(), *closed = make_path(dir, "closed");
	struct call got;

	if (geteuid() == 0) {
		free(closed);
		remove_dir(dir);
		SKIP_TEST("root may read everything");
	}
	mkdir(closed, 0);
	got = CALL("run", dir);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "closed: error: Permission denied");
	call_free(&got);
	chmod(closed, 0777);
	free(closed);
	remove_dir(dir);
}

TEST(run, of_a_slash_behind_a_directory_names_files_without_two)
{
	char *dir = make_dir(), *slash = make_path(dir, "");
	struct call got = CALL("run", "--kernel=v1", "--json=-", slash);

	expect_no_part(got.out, "//");
	call_free(&got);
	free(slash);
	remove_dir(dir);
}

/* ---- check, matrix ---- */

TEST(check, counts_scenarios_that_are_well_formed)
{
	char *dir = make_dir();
	struct call got = CALL("check", dir);

	EXPECT_EQ(got.status, 0);
	EXPECT_STREQ(got.out, "1 scenario: well formed\n");
	call_free(&got);
	write_file(dir, "bad.yaml", BAD);
	got = CALL("check", dir);
	EXPECT_EQ(got.status, 2);
	EXPECT_STREQ(got.out, "");
	call_free(&got);
	remove_dir(dir);
}

TEST(matrix, shows_each_scenario_against_its_kernels)
{
	char *dir = make_dir();
	struct call got;

	write_file(dir, "failing.yaml", FAILING);
	got = CALL("matrix", dir);
	EXPECT_EQ(got.status, 1);
	expect_part(got.out, "            v1         v7\n");
	expect_part(got.out, "  failing   refused !  refused !\n");
	expect_part(got.out, "  good      works      works\n");
	expect_part(got.out, "4 runs of 2 scenarios: 2 passed, 2 failed (seed 1)\n");
	call_free(&got);
	remove_dir(dir);
}

TEST(matrix, has_the_columns_of_the_command_line)
{
	char *dir = make_dir();
	struct call got = CALL("matrix", "--kernel=v7,upstream", "--json=-", dir);

	EXPECT_EQ(got.status, 0);
	expect_part(got.err, "            v7     upstream\n");
	expect_part(got.out, "\"kernel\": \"upstream\"");
	call_free(&got);
	remove_dir(dir);
}

TEST(matrix, tells_why)
{
	char *dir = make_dir();
	struct call got;

	write_file(dir, "failing.yaml", FAILING);
	got = CALL("matrix", "--why", dir);
	expect_part(got.out,
		    "\nwhy\n  failing\n    v1, v7: refused: line 8: VFIO_SET_IOMMU gave EINVAL\n");
	call_free(&got);
	remove_dir(dir);
}

TEST(matrix, of_nothing_is_told)
{
	struct call got = CALL("matrix");

	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "vtdsim matrix: expected scenario files or directories\n");
	call_free(&got);
}
