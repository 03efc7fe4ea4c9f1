/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The matrix of made-up results: its columns, names that are too long, reasons.
 */
#include "report_results.h"

TEST(report_matrix, has_scenarios_down_and_kernels_across)
{
	static const char *const kernels[] = { "upstream", "v1", "v7", NULL };
	static const struct matrix_row rows[] = {
		{ "s/bind.yaml", "a bind", 0, 2 },
		{ "s/error.yaml", "an error", 2, 1 },
		{ "s/below/refused.yaml", "refused", 3, 1 },
	};
	struct run_results results = all_results();
	const struct matrix matrix = { rows, 3, kernels, &results, 5, false, NULL };
	struct text text;

	report_matrix(text_open(&text), &plain, &matrix);
	EXPECT_STREQ(
		text_done(&text),
		"            upstream  v1        v7\n"
		".\n"
		"  a bind    works     misled !  -\n"
		"  an error  -         -         error\n"
		"\n"
		"below\n"
		"  refused   -         refused   -\n"
		"\n"
		"works      everything did what was asked of it\n"
		"refused    an ioctl said no, with an errno and at the right moment\n"
		"misled     an ioctl reported success that the hardware contradicts, or what user "
		"space was told is\n"
		"           no longer true\n"
		"error      a step could not be carried out as written\n"
		"!          not what the scenario expects: 'vtdsim run' tells more\n"
		"-          the scenario does not ask for this kernel\n"
		"\n"
		"4 runs of 3 scenarios: 2 passed, 1 failed, 1 error (seed 5)\n");
	text_free(&text);
	run_results_clear(&results);
}

TEST(report_matrix, of_one_directory_names_it_whole)
{
	static const char *const kernels[] = { "v1-attach-check", NULL };
	static const struct matrix_row rows[] = { { "s/x/a.yaml", "\xc3\xa9t\xc3\xa9", 0, 1 },
						  { "s/x/b.yaml", "b", 1, 1 } };
	struct run_results results = { calloc(2, sizeof(struct run_result)), 2 };
	const struct matrix matrix = { rows, 2, kernels, &results, 1, false, NULL };
	struct text text;

	results.runs[0] = run_of("\xc3\xa9t\xc3\xa9", "s/x/a.yaml", "v1-attach-check");
	results.runs[1] = run_of("b", "s/x/b.yaml", "v1-attach-check");
	report_matrix(text_open(&text), &plain, &matrix);
	EXPECT_STREQ(text_done(&text), "            v1-attach-check\n"
				       "s/x\n"
				       "  \xc3\xa9t\xc3\xa9       works\n"
				       "  b         works\n"
				       "\n"
				       "works      everything did what was asked of it\n"
				       "\n"
				       "2 runs of 2 scenarios: 2 passed (seed 1)\n");
	text_free(&text);
	run_results_clear(&results);
}

TEST(report_matrix, folds_names_that_are_too_long)
{
	static const char *const kernels[] = { "v1", NULL };
	static const char name[] =
		"a scenario that has so very much to say about itself that it would not fit into any "
		"line of a terminal (in parentheses)";
	static const char second[] =
		"a scenario that has so very much to say about itself that it would not fit into any "
		"line of a terminal and says it without";
	static const struct matrix_row rows[] = { { "a.yaml", name, 0, 1 },
						  { "b.yaml", second, 1, 1 } };
	struct run_results results = { calloc(2, sizeof(struct run_result)), 2 };
	const struct matrix matrix = { rows, 2, kernels, &results, 1, false, NULL };
	struct text text;

	results.runs[0] = run_of(name, "a.yaml", "v1");
	results.runs[1] = run_of(second, "b.yaml", "v1");
	report_matrix(text_open(&text), &plain, &matrix);
	text_done(&text);
	expect_part(text.bytes, "of a terminal           works\n    (in parentheses)\n");
	expect_part(text.bytes, "of a terminal and says  works\n    it without\n");
	text_free(&text);
	run_results_clear(&results);
}

TEST(report_matrix, tells_why_where_asked)
{
	static const char *const kernels[] = { "upstream", "v1", "v7", NULL };
	static const struct matrix_row rows[] = {
		{ "s/bind.yaml", "a bind", 0, 2 },
		{ "s/error.yaml", "an error", 2, 1 },
		{ "s/below/refused.yaml", "refused", 3, 1 },
	};
	struct run_results results = all_results();
	const struct matrix matrix = { rows, 3, kernels, &results, 5, true, NULL };
	struct text text;

	report_matrix(text_open(&text), &plain, &matrix);
	expect_part(text_done(&text), "\n\nwhy\n"
				      "  a bind\n"
				      "    v1: misled: 0001:01:00.0 has no binding\n"
				      "  an error\n"
				      "    v7: error: the saved result 'x' is no number here\n"
				      "\nworks ");
	text_free(&text);
	run_results_clear(&results);
}

TEST(report_matrix, tells_a_shared_reason_once)
{
	static const char *const kernels[] = { "v1", "v7", "mainline", NULL };
	static const struct matrix_row rows[] = { { "a.yaml", "x", 0, 3 } };
	struct run_results results = { calloc(3, sizeof(struct run_result)), 3 };
	const struct matrix matrix = { rows, 1, kernels, &results, 1, true, NULL };
	struct text text;
	size_t i;

	for (i = 0; i < 3; i++) {
		results.runs[i] = run_of("x", "a.yaml", kernels[i]);
		results.runs[i].outcome = OUTCOME_REFUSED;
		results.runs[i].why = strdup(i == 1 ? "bind gave EINVAL" : "bind gave ENOTTY");
	}
	report_matrix(text_open(&text), &plain, &matrix);
	expect_part(text_done(&text), "\nwhy\n"
				      "  x\n"
				      "    v1, mainline: refused: bind gave ENOTTY\n"
				      "    v7: refused: bind gave EINVAL\n\n");
	text_free(&text);
	run_results_clear(&results);
}

TEST(report_matrix, of_a_file_without_a_directory_has_no_heading)
{
	static const char *const kernels[] = { "v1", NULL };
	static const struct matrix_row rows[] = { { "a.yaml", "a scenario", 0, 1 } };
	struct run_results results = { calloc(1, sizeof(struct run_result)), 1 };
	const struct matrix matrix = { rows, 1, kernels, &results, 1, false, NULL };
	struct text text;

	results.runs[0] = run_of("a scenario", "a.yaml", "v1");
	report_matrix(text_open(&text), &coloured, &matrix);
	expect_part(text_done(&text), "\033[1mv1\033[0m\n  a scenario  \033[32mworks\033[0m\n");
	text_free(&text);
	run_results_clear(&results);
}
