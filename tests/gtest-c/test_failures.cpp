// SPDX-License-Identifier: Apache-2.0
// That failures fail: what GoogleTest hears of a failing expectation, and what a program with a
// failing C test prints and returns.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "failing_cases.h"
#include "gtest_c.h"

namespace
{

class failing : public ::testing::TestWithParam<failing_case>
{
};

std::string case_name(const ::testing::TestParamInfo<failing_case> &info)
{
	return info.param.name;
}

TEST_P(failing, reports_once_with_its_place_and_text)
{
	const failing_case &param = GetParam();
	failing_witness witness = {};
	::testing::TestPartResultArray heard;
	{
		::testing::ScopedFakeTestPartResultReporter reporter(
			::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD,
			&heard);
		param.run(&witness);
	}

	ASSERT_EQ(heard.size(), 1);
	const ::testing::TestPartResult &result = heard.GetTestPartResult(0);
	EXPECT_EQ(result.message(), std::string("Failed\n") + param.message);
	EXPECT_STREQ(result.file_name(), failing_cases_file);
	EXPECT_EQ(result.line_number(), witness.line);
	EXPECT_EQ(result.fatally_failed(), !!param.fatal);
	EXPECT_EQ(witness.went_on, !param.fatal);
}

INSTANTIATE_TEST_SUITE_P(gtest_c, failing,
			 ::testing::ValuesIn(failing_cases, failing_cases + failing_cases_count),
			 case_name);

// The tests below run this program anew with CHILD in its environment. Only then are these
// tests registered, so that nobody else lists or runs them.
const char CHILD[] = "GTEST_C_CHILD";

void fails(const void *row)
{
	const gtest_c_site site = { "a/file.c", 12, "left", "right", 0 };

	gtest_c_truth(1, *static_cast<const int *>(row), &site);
	failing_under_a_note();
}

void skips(const void *)
{
	skipping();
}

__attribute__((constructor)) void register_child()
{
	static const int rows[] = { 0, 1 };
	gtest_c_test test = {};

	if (!getenv(CHILD))
		return;
	test.suite = "child";
	test.file = "a/file.c";
	test.line = 10;
	test.row_name_offset = -1;

	test.rule = "skips";
	test.run = skips;
	gtest_c_register(&test);

	test.rule = "fails";
	test.run = fails;
	test.rows = rows;
	test.row_size = sizeof(rows[0]);
	test.row_count = 2;
	gtest_c_register(&test);
}

struct outcome {
	int status;
	std::string output;
};

outcome run_child(const std::string &options)
{
	char self[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (len < 0)
		return { -1, "no /proc/self/exe" };
	self[len] = '\0';

	// What a test runner set for this process is not meant for the child.
	std::string command = std::string("unset GTEST_OUTPUT GTEST_FILTER GTEST_TOTAL_SHARDS "
					  "GTEST_SHARD_INDEX; ") +
			      CHILD + "=1 '" + self + "' " + options + " 2>&1";
	FILE *pipe = popen(command.c_str(), "r");
	if (!pipe)
		return { -1, "no pipe" };
	outcome result;
	for (int c = getc(pipe); c != EOF; c = getc(pipe))
		result.output += static_cast<char>(c);
	int status = pclose(pipe);
	result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	return result;
}

size_t occurrences(const std::string &text, const std::string &of)
{
	size_t count = 0;

	for (size_t at = text.find(of); at != text.npos; at = text.find(of, at + 1))
		count++;
	return count;
}

TEST(gtest_c_program, a_failing_c_test_fails_the_program)
{
	outcome child = run_child("--gtest_filter=child.fails/0");

	EXPECT_EQ(child.status, 1);
	EXPECT_EQ(occurrences(child.output, "a/file.c:12: Failure"), 1u) << child.output;
	EXPECT_EQ(occurrences(child.output, "[  FAILED  ] child.fails/0"), 2u) << child.output;
	EXPECT_EQ(occurrences(child.output, "child.fails/1"), 0u) << child.output;
}

TEST(gtest_c_program, a_note_is_shown_inside_its_block_only)
{
	outcome child = run_child("--gtest_filter=child.fails/1");

	EXPECT_EQ(child.status, 1);
	EXPECT_EQ(occurrences(child.output, "row 7"), 1u) << child.output;
	EXPECT_LT(child.output.find("noted"), child.output.find("row 7"));
	EXPECT_LT(child.output.find("row 7"), child.output.find("not noted"));
}

TEST(gtest_c_program, a_skipped_test_ends_at_once_with_its_reason)
{
	outcome child = run_child("--gtest_filter=child.skips");

	EXPECT_EQ(child.status, 0);
	EXPECT_EQ(occurrences(child.output, "without hardware"), 1u) << child.output;
	EXPECT_EQ(occurrences(child.output, "[  SKIPPED ] child.skips"), 2u) << child.output;
	EXPECT_EQ(occurrences(child.output, "reached"), 0u) << child.output;
}

TEST(gtest_c_program, rows_become_tests_named_by_index_or_name)
{
	outcome child = run_child("--gtest_list_tests --gtest_filter='gtest_c_rows.*'");

	EXPECT_EQ(child.status, 0);
	for (const char *name :
	     { "each_row_is_one_test/0\n", "each_row_is_one_test/2\n",
	       "a_row_may_name_its_test/zero\n", "a_row_may_name_its_test/one_two\n",
	       "a_row_may_name_its_test/2\n" })
		EXPECT_EQ(occurrences(child.output, name), 1u) << child.output;
}

TEST(gtest_c_program, a_test_knows_its_source_location)
{
	outcome child = run_child("--gtest_filter=child.fails/0 --gtest_output=xml:/dev/stdout");

	EXPECT_EQ(occurrences(child.output, "name=\"fails/0\" file=\"a/file.c\" line=\"10\""), 1u)
		<< child.output;
	EXPECT_EQ(occurrences(child.output, "<failure message=\"a/file.c:12"), 1u) << child.output;
}

} // namespace
