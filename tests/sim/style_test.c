/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Colours, clean texts and UTF-8.
 */
#include "report/style.h"
#include "gtest_c.h"

#include "utf8.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct utf8_row {
	const char *text;
	size_t left, len;
	unsigned int code;
};

static const struct utf8_row utf8_rows[] = {
	{ "a", 1, 1, 'a' },
	{ "\xc3\xa9", 2, 2, 0xe9 },
	{ "\xe2\x82\xac", 3, 3, 0x20ac },
	{ "\xf0\x9f\x98\x80", 4, 4, 0x1f600 },
	{ "\xf4\x8f\xbf\xbf", 4, 4, 0x10ffff },
	{ "\xf4\x90\x80\x80", 4, 0, 0 }, /* beyond */
	{ "\xc3\xa9", 1, 0, 0 }, /* cut */
	{ "\xc3x", 2, 0, 0 },
	{ "\xc1\xbf", 2, 0, 0 }, /* overlong */
	{ "\xe0\x9f\xbf", 3, 0, 0 },
	{ "\xed\xa0\x80", 3, 0, 0 }, /* a surrogate */
	{ "\x80", 1, 0, 0 },
	{ "\xff", 1, 0, 0 },
};

TEST_WITH_PARAMS(utf8, is_decoded_by_rfc_3629, struct utf8_row, utf8_rows)
{
	unsigned int code = 0;

	EXPECT_EQ(utf8_decode(param->text, param->left, &code), param->len);
	if (param->len)
		EXPECT_EQ(code, param->code);
}

TEST(clean_text, keeps_what_prints_and_replaces_the_rest)
{
	char *clean = clean_text("a\tb\033[31m\xff\xc3\xa9\xe2\x82\x7f", false);

	EXPECT_STREQ(clean, "a\xef\xbf\xbd"
			    "b\xef\xbf\xbd"
			    "[31m\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	free(clean);
	EXPECT_TRUE(clean_text(NULL, false) == NULL);
}

TEST(clean_text, keeps_line_ends_only_where_they_are_wanted)
{
	char *lines = clean_text("a\nb", true), *line = clean_text("a\nb", false);

	EXPECT_STREQ(lines, "a\nb");
	EXPECT_STREQ(line, "a\xef\xbf\xbd"
			   "b");
	free(lines);
	free(line);
}

TEST(clean_text, takes_no_overlong_nor_surrogate_characters)
{
	char *clean = clean_text("\xc0\x80\xed\xa0\x80\xf8\xef\xbb\xbf", false);

	EXPECT_EQ(text_width(clean), 7);
	EXPECT_EQ(strlen(clean), 21);
	free(clean);
}

TEST(style, colours_only_terminals)
{
	FILE *file = fopen("/dev/null", "w");
	char *text = NULL;
	size_t len = 0;
	FILE *memory = open_memstream(&text, &len);

	EXPECT_FALSE(style_wants_colour(memory));
	EXPECT_FALSE(style_wants_colour(file));
	fclose(file);
	fclose(memory);
	free(text);
}

/* The slave of a new pseudo-terminal. */
static FILE *open_terminal(int *master)
{
	*master = posix_openpt(O_RDWR | O_NOCTTY);
	if (*master < 0 || grantpt(*master) || unlockpt(*master))
		return NULL;
	return fopen(ptsname(*master), "w");
}

TEST(style, respects_no_color_and_dumb_terminals)
{
	char *term = getenv("TERM") ? strdup(getenv("TERM")) : NULL;
	char *no_color = getenv("NO_COLOR") ? strdup(getenv("NO_COLOR")) : NULL;
	int master;
	FILE *terminal = open_terminal(&master);

	if (!terminal)
		SKIP_TEST("no pseudo-terminals here");
	unsetenv("NO_COLOR");
	setenv("TERM", "xterm", 1);
	EXPECT_TRUE(style_wants_colour(terminal));
	setenv("NO_COLOR", "", 1);
	EXPECT_TRUE(style_wants_colour(terminal));
	setenv("NO_COLOR", "1", 1);
	EXPECT_FALSE(style_wants_colour(terminal));
	unsetenv("NO_COLOR");
	setenv("TERM", "dumb", 1);
	EXPECT_FALSE(style_wants_colour(terminal));

	term ? setenv("TERM", term, 1) : unsetenv("TERM");
	if (no_color)
		setenv("NO_COLOR", no_color, 1);
	free(term);
	free(no_color);
	fclose(terminal);
	close(master);
}

TEST(style, counts_have_plurals)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	print_count(out, 1, "run");
	print_count(out, 2, "run");
	fclose(out);
	EXPECT_STREQ(text, "1 run2 runs");
	free(text);
}

static char *wrapped(const struct wrap *wrap, const char *text)
{
	const struct style plain = { .colour = false };
	char *bytes = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&bytes, &len);

	print_wrapped(out, &plain, TINT_BOLD, wrap, text);
	fclose(out);
	return bytes;
}

struct wrap_row {
	struct wrap wrap;
	const char *text, *lines;
};

static const struct wrap_row wrap_rows[] = {
	{ { 0, 2, 10, false }, "", "" },
	{ { 0, 2, 10, false }, "aaa bbb ccc ddd", "aaa bbb\n  ccc ddd" },
	{ { 4, 2, 10, false }, "aaa bbb ccc", "aaa\n  bbb ccc" },
	{ { 0, 2, 10, true }, "a b c d e f, g", "a b c d e f,\n  g" },
	{ { 0, 2, 7, false }, "aaaaaaaaaaaaaaaa b", "aaaaaaaaaaaaaaaa\n  b" },
	{ { 0, 1, 5, false },
	  "\xc3\xa9\xc3\xa9 \xc3\xa9\xc3\xa9 x",
	  "\xc3\xa9\xc3\xa9 \xc3\xa9\xc3\xa9\n x" },
};

TEST_WITH_PARAMS(wrapping, keeps_to_the_columns, struct wrap_row, wrap_rows)
{
	char *text = wrapped(&param->wrap, param->text);

	EXPECT_STREQ(text, param->lines);
	free(text);
}
