/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands as a user calls them: exit status, what goes where, output files, explain.
 */
#include "cli/cli.h"
#include "gtest_c.h"

#include <dirent.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_WORDS 12

/** What a call of the program gave. */
struct call {
	int status;
	char *out, *err;
};

static struct call call_list(const char *const *words)
{
	char *argv[MAX_WORDS + 2] = { "vtdsim" };
	struct call call = { 0 };
	size_t out_len, err_len;
	FILE *out = open_memstream(&call.out, &out_len);
	FILE *err = open_memstream(&call.err, &err_len);
	int argc = 1;

	for (; words[argc - 1]; argc++)
		argv[argc] = (char *)words[argc - 1];
	call.status = vtdsim_main(argc, argv, out, err);
	fclose(out);
	fclose(err);
	return call;
}

#define CALL(...) call_list((const char *const[]){ __VA_ARGS__, NULL })

static void call_free(struct call *call)
{
	free(call->out);
	free(call->err);
}

static void expect_part(const char *text, const char *part)
{
	if (!strstr(text, part))
		ADD_FAILURE("no '%s' in:\n%s", part, text);
}

static void expect_no_part(const char *text, const char *part)
{
	if (strstr(text, part))
		ADD_FAILURE("'%s' in:\n%s", part, text);
}

/* ---- a directory of scenarios ---- */

#define HEAD(name)                                                            \
	"scenario: " name "\n"                                                \
	"kernel: [v1, v7]\n"                                                  \
	"platform:\n"                                                         \
	"  iommus: {dmar0: {model: vt-d, profile: sapphire-rapids}}\n"        \
	"  devices: {0000:3a:00.0: {iommu: dmar0, group: 21, pasid: true}}\n" \
	"steps:\n"                                                            \
	"  - vmm: {open: c}\n"

#define ATTACH                                                             \
	"  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: 21, container: c}}\n" \
	"  - vmm: {VFIO_SET_IOMMU: {container: c, type: VFIO_TYPE1v2_IOMMU}}\n"

#define DMA                                                                               \
	"  - vmm: {mmap: {name: m, size: 64KiB}}\n"                                       \
	"  - vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0, size: 64KiB, vaddr: m}}\n" \
	"  - device: {dma: {device: 0000:3a:00.0, address: 0x1000, access: write, data: 1}}\n"

#define GOOD HEAD("good") ATTACH DMA
#define FAULTING         \
	HEAD("faulting") \
	ATTACH DMA       \
		"  - device: {dma: {device: 0000:3a:00.0, address: 0x100000}}\n    expect: fault\n"
#define FAILING         \
	HEAD("failing") \
	"  - vmm: {VFIO_SET_IOMMU: {container: c, type: VFIO_TYPE1v2_IOMMU}}\n"
#define BAD "scenario: bad\nstpes: []\n"

static char *make_path(const char *dir, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		abort();
	return path;
}

static void write_file(const char *dir, const char *name, const char *text)
{
	char *path = make_path(dir, name);
	FILE *out = fopen(path, "w");

	ASSERT_TRUE(out != NULL);
	fputs(text, out);
	fclose(out);
	free(path);
}

static char *read_file(const char *path)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len), *in = fopen(path, "r");
	int c;

	while (in && (c = fgetc(in)) != EOF)
		fputc(c, out);
	if (in)
		fclose(in);
	fclose(out);
	return text;
}

/* A directory with good.yaml; the caller removes it. */
static char *make_dir(void)
{
	char template[] = "/tmp/vtdsim-cli-XXXXXX";
	char *dir = mkdtemp(template) ? strdup(template) : NULL;

	if (!dir)
		abort();
	write_file(dir, "good.yaml", GOOD);
	return dir;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *ftw)
{
	(void)status;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static void remove_dir(char *dir)
{
	nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(dir);
}

static size_t count_entries(const char *dir)
{
	DIR *stream = opendir(dir);
	size_t count = 0;

	while (stream && readdir(stream))
		count++;
	closedir(stream);
	return count - 2; /* . and .. */
}

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
	  "--help: error: cannot be opened" },
	{ "file_missing",
	  { "run", "/nonexistent.yaml" },
	  2,
	  NULL,
	  "/nonexistent.yaml: error: cannot be opened: No such file or directory\n" },
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

/* ---- output files ---- */

TEST(output, as_json_on_standard_output_sends_the_text_to_standard_error)
{
	char *dir = make_dir();
	struct call got = CALL("run", "--json", "-", dir);
	json_t *report = json_loads(got.out, 0, NULL);

	EXPECT_EQ(got.status, 0);
	ASSERT_TRUE(report != NULL);
	EXPECT_EQ(json_array_size(json_object_get(report, "runs")), 2);
	expect_part(got.err, "2 runs of 1 scenario: 2 passed");
	json_decref(report);
	call_free(&got);
	remove_dir(dir);
}

TEST(output, as_junit_on_standard_output_too)
{
	char *dir = make_dir();
	struct call got = CALL("run", "--junit", "-", dir);

	expect_part(got.out, "<?xml version=\"1.0\"");
	expect_part(got.err, "2 runs of 1 scenario: 2 passed");
	call_free(&got);
	remove_dir(dir);
}

TEST(output, goes_to_files_twice_with_the_same_bytes)
{
	char *dir = make_dir(), *json = make_path(dir, "r.json"), *xml = make_path(dir, "r.xml");
	struct call got = CALL("run", "--json", json, "--junit", xml, dir);
	char *first = read_file(json), *first_xml = read_file(xml), *second, *second_xml;

	EXPECT_EQ(got.status, 0);
	expect_part(got.out, "2 runs of 1 scenario");
	call_free(&got);
	got = CALL("run", "--json", json, "--junit", xml, dir);
	second = read_file(json);
	second_xml = read_file(xml);
	EXPECT_TRUE(strlen(first) > 100);
	EXPECT_STREQ(first, second);
	EXPECT_STREQ(first_xml, second_xml);
	EXPECT_EQ(count_entries(dir), 3); /* nothing temporary is left */
	call_free(&got);
	free(first);
	free(second);
	free(first_xml);
	free(second_xml);
	free(json);
	free(xml);
	remove_dir(dir);
}

TEST(output, through_a_link_keeps_the_link)
{
	char *dir = make_dir(), *link = make_path(dir, "link"), *target = make_path(dir, "target");
	struct stat status;
	struct call got;
	char *text;

	write_file(dir, "target", "old");
	EXPECT_EQ(symlink("target", link), 0);
	got = CALL("run", "--json", link, dir);
	EXPECT_EQ(lstat(link, &status), 0);
	EXPECT_TRUE(S_ISLNK(status.st_mode));
	text = read_file(target);
	expect_part(text, "\"runs\"");
	free(text);
	call_free(&got);
	free(link);
	free(target);
	remove_dir(dir);
}

TEST(output, that_cannot_be_opened_is_told_before_anything_runs)
{
	char *dir = make_dir();
	struct call got = CALL("run", "--json=/nonexistent/r.json", "--junit=-", dir);

	EXPECT_EQ(got.status, 3);
	EXPECT_STREQ(got.out, "");
	EXPECT_STREQ(got.err, "vtdsim run: cannot write '/nonexistent/r.json': No such file or "
			      "directory\n");
	call_free(&got);
	remove_dir(dir);
}

TEST(output, that_is_a_directory_is_told)
{
	char *dir = make_dir();
	struct call got = CALL("matrix", "--junit", dir, dir);

	EXPECT_EQ(got.status, 3);
	expect_part(got.err, "Is a directory");
	call_free(&got);
	remove_dir(dir);
}

TEST(output, to_a_full_device_is_told)
{
	char *dir = make_dir();
	struct call got = CALL("run", "--json=/dev/full", "--junit=/dev/null", dir);

	EXPECT_EQ(got.status, 3);
	expect_part(got.err, "cannot write '/dev/full': No space left on device");
	call_free(&got);
	remove_dir(dir);
}

TEST(output, of_bad_input_is_not_touched)
{
	char *dir = make_dir(), *json = make_path(dir, "r.json");
	struct call got;
	char *text;

	write_file(dir, "r.json", "old");
	write_file(dir, "bad.yaml", BAD);
	got = CALL("run", "--json", json, dir);
	EXPECT_EQ(got.status, 2);
	text = read_file(json);
	EXPECT_STREQ(text, "old");
	free(text);
	call_free(&got);
	free(json);
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
	expect_part(got.out, "            v1           v7\n");
	expect_part(got.out, "  failing   refused !    refused !\n");
	expect_part(got.out, "  good      works        works\n");
	expect_part(got.out, "4 runs of 2 scenarios: 2 passed, 2 failed (seed 1)\n");
	call_free(&got);
	remove_dir(dir);
}

TEST(matrix, has_the_columns_of_the_command_line)
{
	char *dir = make_dir();
	struct call got = CALL("matrix", "--kernel=v7,upstream", "--json=-", dir);

	EXPECT_EQ(got.status, 0);
	expect_part(got.err, "            v7           upstream\n");
	expect_part(got.out, "\"kernel\": \"upstream\"");
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

/* ---- explain ---- */

#define SHIPPED VTDSIM_SOURCE_DIR "/scenarios/"

TEST(explain, tells_the_24_reads_of_a_cold_nested_walk)
{
	struct call got = CALL("explain", SHIPPED "translation/nested-4k-4k.yaml");

	EXPECT_EQ(got.status, 0);
	expect_part(got.out, "dma device=0000:3a:00.0 address=0x7f0000010000 pasid=7\n");
	expect_part(got.out, ", kernel v1\n");
	expect_part(got.out, "dmar0 (vt-d, sapphire-rapids) translates 0x7f0000010000\n");
	expect_part(got.out, "       context cache: hit, PASID cache: hit\n");
	expect_part(got.out, ", the first-stage PML4E, is in host memory where the second stage "
			     "says:\n    1        second-stage PML4E  at 0x");
	expect_part(got.out, "\n    5  first-stage PML4E   at 0x");
	expect_part(got.out, "\n   20  first-stage PTE     at 0x");
	expect_part(got.out, "       first stage: 0x7f0000010000 is gpa 0x10000, in a page of 4 "
			     "KiB\n       gpa 0x10000, by the second stage:\n");
	expect_part(got.out, "\n   24        second-stage PTE    at 0x");
	expect_part(got.out, "    => 0x7f0000010000 is host 0x");
	expect_part(got.out, "       24 reads of paging entries\n");
	expect_no_part(got.out, "\n   25  ");
	expect_part(got.out, "\nresult: {status: ok, ");
	call_free(&got);
}

/* Line of a text in a file; 0: not there. */
static unsigned int line_of(const char *path, const char *part)
{
	char *text = read_file(path), *found = strstr(text, part), *p;
	unsigned int line = 0;

	for (p = text; found && p < found; p++)
		line += *p == '\n';
	free(text);
	return found ? line + 1 : 0;
}

TEST(explain, tells_a_step_by_its_line)
{
	static const char file[] = SHIPPED "translation/nested-4k-4k.yaml";
	struct call got;
	char line[16];

	snprintf(line, sizeof(line), "%u", line_of(file, "  - device: {dma:"));
	got = CALL("explain", "--kernel=v1", "--line", line, file);
	EXPECT_EQ(got.status, 0);
	/* the first DMA is cold: it finds its tables, too */
	expect_part(got.out, "PASID table entry");
	expect_part(got.out, "nested, second-stage table 0x");
	expect_part(got.out, "24 reads of paging entries, 4 reads to find the tables; 28 together");
	call_free(&got);
}

TEST(explain, tells_a_step_by_its_number)
{
	char *dir = make_dir(), *file = make_path(dir, "good.yaml");
	struct call got = CALL("explain", "--step=1", file);

	EXPECT_EQ(got.status, 0);
	expect_part(got.out, "open name=c\n");
	expect_part(got.out, "No IOMMU took part in this step.\n");
	call_free(&got);
	free(file);
	remove_dir(dir);
}

TEST(explain, tells_a_fault)
{
	char *dir = make_dir(), *file = make_path(dir, "f.yaml");
	struct call got;

	write_file(dir, "f.yaml", FAULTING);
	got = CALL("explain", file);
	EXPECT_EQ(got.status, 0);
	expect_part(got.out, "    => fault 0x");
	expect_part(got.out, "not present\n");
	call_free(&got);
	free(file);
	remove_dir(dir);
}

TEST(explain, tells_an_smmu_too)
{
	struct call got = CALL("explain", "--kernel=v1",
			       SHIPPED "format-mismatch/cached-info-vtd-first-silent.yaml");

	EXPECT_EQ(got.status, 0);
	expect_part(got.out, "smmu0 (smmuv3) translates 0x");
	expect_part(got.out, "  STE  ");
	expect_part(got.out, "    => fault 0x08 (C_BAD_SUBSTREAMID): ");
	expect_part(got.out, "\nmeaning: ");
	call_free(&got);
}

TEST(explain, of_a_step_that_is_not_there_is_an_error)
{
	char *dir = make_dir(), *file = make_path(dir, "h.yaml");
	struct call got;

	write_file(dir, "h.yaml", HEAD("head"));
	got = CALL("explain", file);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "h.yaml has no dma step on v1; --line or --step chooses another\n");
	call_free(&got);
	got = CALL("explain", "--line=99", file);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "no step starts in line 99 of ");
	call_free(&got);
	got = CALL("explain", "--step=99", file);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "h.yaml has no step 99 on v1\n");
	call_free(&got);
	free(file);
	remove_dir(dir);
}

TEST(explain, of_bad_input_is_an_error)
{
	char *dir = make_dir(), *file = make_path(dir, "bad.yaml");
	struct call got;

	write_file(dir, "bad.yaml", BAD);
	got = CALL("explain", file);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "bad.yaml:2:1: error:");
	call_free(&got);
	free(file);
	remove_dir(dir);
}
