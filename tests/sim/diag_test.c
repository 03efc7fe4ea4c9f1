/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diagnostics: what is kept, how it is shown, and which word is near.
 */
#include "diag.h"
#include "gtest_c.h"

#include <stdlib.h>
#include <string.h>

/* diag_print() into a string that the caller frees. */
static char *shown(const struct diags *diags, bool colour)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	diag_print(diags, out, colour);
	fclose(out);
	return text;
}

static char *shown_one(const struct place *place, const char *message)
{
	struct diags diags = { 0 };
	char *text;

	EXPECT_FALSE(diag_add(&diags, place, "%s", message));
	text = shown(&diags, false);
	diag_clear(&diags);
	return text;
}

TEST(diag, shows_file_line_column_the_line_and_a_caret)
{
	const struct place place = { "a.yaml", 3, 5, "key: value" };
	char *text = shown_one(&place, "wrong");

	EXPECT_STREQ(text, "a.yaml:3:5: error: wrong\n"
			   "     3 | key: value\n"
			   "       |     ^\n");
	free(text);
}

TEST(diag, of_a_whole_file_has_no_line)
{
	const struct place place = { .file = "a.yaml" };
	char *text = shown_one(&place, "is a directory");

	EXPECT_STREQ(text, "a.yaml: error: is a directory\n");
	free(text);
}

TEST(diag, of_a_whole_line_has_no_caret)
{
	const struct place place = { "a.yaml", 7, 0, "text" };
	char *text = shown_one(&place, "wrong");

	EXPECT_STREQ(text, "a.yaml:7: error: wrong\n     7 | text\n");
	free(text);
}

TEST(diag, without_a_file_says_so)
{
	const struct place place = { 0 };
	char *text = shown_one(&place, "wrong");

	EXPECT_STREQ(text, "(no file): error: wrong\n");
	free(text);
}

TEST(diag, the_caret_counts_characters_and_not_bytes)
{
	const struct place place = { "a.yaml", 1, 3, "\xc3\xa9\xc3\xa9x" };
	char *text = shown_one(&place, "wrong");

	EXPECT_TRUE(strstr(text, "       |   ^\n") != NULL);
	free(text);
}

TEST(diag, control_characters_of_the_input_do_not_reach_the_terminal)
{
	const struct place place = { "a\033.yaml", 1, 1, "\tb\033[31m" };
	char *text = shown_one(&place, "bad \033[2J");

	EXPECT_STREQ(text, "a?.yaml:1:1: error: bad ?[2J\n"
			   "     1 |  b?[31m\n"
			   "       | ^\n");
	free(text);
}

TEST(diag, a_long_line_is_shown_around_the_error)
{
	char line[3001];
	struct place place = { "a.yaml", 1, 1500, line };
	const char *second, *third;
	char *text;

	memset(line, 'x', 3000);
	line[3000] = '\0';
	line[1499] = 'Y';
	text = shown_one(&place, "wrong");
	EXPECT_TRUE(strlen(text) < 400);
	EXPECT_TRUE(strstr(text, "| ...xxx") != NULL);
	EXPECT_TRUE(strstr(text, "xxx...\n") != NULL);
	/* the caret is as far into its line as the error is into the line above */
	second = strchr(text, '\n') + 1;
	third = strchr(second, '\n') + 1;
	EXPECT_EQ(strchr(third, '^') - third, strchr(second, 'Y') - second);
	free(text);
}

TEST(diag, a_column_beyond_what_is_kept_of_a_line_has_no_caret)
{
	char *line = calloc(1, 10001);
	struct place place = { "a.yaml", 1, 9000, line };
	char *text;

	memset(line, 'x', 10000);
	text = shown_one(&place, "wrong");
	EXPECT_TRUE(strchr(text, '^') == NULL);
	free(text);
	free(line);
}

TEST(diag, a_message_with_a_word_of_megabytes_is_cut_between_characters)
{
	const struct place place = { .file = "a.yaml" };
	char *word = malloc(2 * 1000000 + 1);
	char *text;
	size_t i;

	for (i = 0; i < 1000000; i++)
		memcpy(word + 2 * i, "\xc3\xa9", 2);
	word[2000000] = '\0';
	text = shown_one(&place, word);
	EXPECT_TRUE(strlen(text) < 700);
	EXPECT_TRUE(strstr(text, "\xc3\xa9...\n") != NULL);
	free(text);
	free(word);
}

TEST(diag, beyond_the_most_that_are_kept_they_are_counted)
{
	const struct place place = { .file = "a.yaml" };
	struct diags diags = { 0 };
	char *text;
	int i;

	for (i = 0; i < DIAG_MAX + 1; i++)
		diag_add(&diags, &place, "number %d", i);
	EXPECT_EQ(diags.count, DIAG_MAX);
	EXPECT_EQ(diags.dropped, 1);
	text = shown(&diags, false);
	EXPECT_TRUE(strstr(text, "number 19\n1 more error not shown\n") != NULL);
	EXPECT_TRUE(strstr(text, "number 20") == NULL);
	free(text);
	diag_add(&diags, &place, "one more");
	text = shown(&diags, false);
	EXPECT_TRUE(strstr(text, "2 more errors not shown\n") != NULL);
	free(text);
	diag_clear(&diags);
	EXPECT_EQ(diags.count, 0);
	EXPECT_TRUE(diags.items == NULL);
}

TEST(diag, colours_are_there_when_asked_for)
{
	const struct place place = { "a.yaml", 1, 1, "x" };
	struct diags diags = { 0 };
	char *text;

	diag_add(&diags, &place, "wrong");
	text = shown(&diags, true);
	EXPECT_STREQ(text, "\033[1ma.yaml:1:1: \033[31merror:\033[0m wrong\n"
			   "     1 | x\n"
			   "       | \033[1;32m^\033[0m\n");
	free(text);
	diag_clear(&diags);
}

/* ---- nearest_word() ---- */

static const char *const candidates[] = { "family",          "entries", "vt-d", "smmuv3",
					  "sapphire-rapids", "latency", NULL };

struct near_row {
	const char *name, *word, *nearest;
};

static const struct near_row near_rows[] = {
	{ "a_letter_too_many", "familly", "family" },
	{ "a_letter_missing", "entris", "entries" },
	{ "a_letter_wrong", "latancy", "latency" },
	{ "two_letters_swapped", "famliy", "family" },
	{ "case_does_not_count", "VT-D", "vt-d" },
	{ "a_third_of_a_long_word", "saphire-rapid", "sapphire-rapids" },
	{ "the_word_itself", "smmuv3", "smmuv3" },
	{ "too_far", "kernel", NULL },
	{ "nothing_in_common_though_short", "xy", NULL },
	{ "empty", "", NULL },
	{ "longer_than_any_word",
	  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	  NULL },
};

TEST_WITH_NAMED_PARAMS(nearest_word, finds, struct near_row, near_rows, name)
{
	EXPECT_STREQ(nearest_word(param->word, candidates), param->nearest);
}

TEST(nearest_word, ignores_candidates_of_absurd_length)
{
	char longest[200];
	const char *const list[] = { longest, NULL };

	memset(longest, 'a', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	EXPECT_TRUE(nearest_word("aaaa", list) == NULL);
}

/* ---- word_advice() ---- */

struct advice_row {
	const char *name, *word, *advice;
};

static const struct advice_row advice_rows[] = {
	{ "one_is_nearest", "defualt", "did you mean 'default'?" },
	{ "all_that_are_equally_near_are_named", "v8", "did you mean 'v1' or 'v7'?" },
	{ "none_is_near", "zebra", "expected v1, v7 or default" },
};

TEST_WITH_NAMED_PARAMS(word_advice, says, struct advice_row, advice_rows, name)
{
	static const char *const variants[] = { "v1", "v7", "default", NULL };
	char *advice = word_advice(param->word, variants);

	EXPECT_STREQ(advice, param->advice);
	free(advice);
}

TEST(word_advice, cuts_a_list_that_is_longer_than_a_line)
{
	const char *many[200] = { NULL };
	char *advice;

	for (size_t i = 0; i < 199; i++)
		many[i] = "something";
	advice = word_advice("zebra", many);
	EXPECT_TRUE(strlen(advice) < 500);
	EXPECT_STREQ(advice + strlen(advice) - 5, ", ...");
	free(advice);
}

TEST(word_advice, of_no_words_is_that_there_are_none)
{
	static const char *const none[] = { NULL };
	char *advice = word_advice("zebra", none);

	EXPECT_STREQ(advice, "none is known");
	free(advice);
}

/* ---- notes ---- */

TEST(diag_note, is_shown_below_its_error)
{
	struct place error = { .file = "a.yaml" },
		     note = { .file = "b.yaml", .line = 2, .column = 3 };
	struct diags diags = { 0 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	diag_add(&diags, &error, "is a directory");
	diag_note(&diags, &note, "included from here");
	diag_print(&diags, out, false);
	fclose(out);
	EXPECT_STREQ(text, "a.yaml: error: is a directory\nb.yaml:2:3: note: included from here\n");
	free(text);
	diag_clear(&diags);
}
