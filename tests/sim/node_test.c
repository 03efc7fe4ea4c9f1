/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML documents: what they become, and how bad ones are told.
 */
#include "scenario/node.h"
#include "gtest_c.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct document *parse(const char *text)
{
	struct diags diags = { 0 };
	struct document *doc = document_parse("t.yaml", text, strlen(text), &diags);

	if (!doc && diags.count)
		ADD_FAILURE("%u:%u: %s", diags.items[0].line, diags.items[0].column,
			    diags.items[0].message);
	diag_clear(&diags);
	return doc;
}

static const char *text_at(const struct node *node, const char *key)
{
	const struct node *value = node_get(node, key);

	return value && value->kind == NODE_SCALAR ? value->text : NULL;
}

/* ---- documents ---- */

TEST(node, mappings_keep_the_order_of_the_file)
{
	struct document *doc = parse("b: 1\na: [x, 'y']\n");
	const struct node *root = document_root(doc), *list;

	ASSERT_EQ(root->kind, NODE_MAPPING);
	ASSERT_EQ(root->count, 2);
	EXPECT_STREQ(root->pairs[0].key->text, "b");
	EXPECT_STREQ(root->pairs[1].key->text, "a");
	list = root->pairs[1].value;
	ASSERT_EQ(list->kind, NODE_SEQUENCE);
	ASSERT_EQ(list->count, 2);
	EXPECT_TRUE(list->items[0]->plain);
	EXPECT_FALSE(list->items[1]->plain);
	EXPECT_STREQ(list->items[1]->text, "y");
	document_free(doc);
}

TEST(node, every_node_knows_its_place_and_line)
{
	struct document *doc = parse("a: 1\nkey:   value\n");
	const struct node *value = node_get(document_root(doc), "key");

	EXPECT_STREQ(value->place.file, "t.yaml");
	EXPECT_EQ(value->place.line, 2);
	EXPECT_EQ(value->place.column, 8);
	EXPECT_STREQ(value->place.source, "key:   value");
	document_free(doc);
}

TEST(node, lines_end_as_yaml_has_it)
{
	struct document *doc = parse("a: 1\r\nb: 2\rc: 3\xe2\x80\xa8"
				     "d: 4\n");
	const struct node *root = document_root(doc);

	EXPECT_EQ(node_get(root, "b")->place.line, 2);
	EXPECT_STREQ(node_get(root, "b")->place.source, "b: 2");
	EXPECT_STREQ(node_get(root, "c")->place.source, "c: 3");
	EXPECT_STREQ(node_get(root, "d")->place.source, "d: 4");
	document_free(doc);
}

TEST(node, a_byte_order_mark_is_allowed_at_the_start)
{
	struct document *doc = parse("\xef\xbb\xbf"
				     "a: 1\n");

	EXPECT_STREQ(text_at(document_root(doc), "a"), "1");
	document_free(doc);
}

TEST(node, aliases_share_the_node)
{
	struct document *doc = parse("a: &x {k: v}\nb: *x\n");
	const struct node *root = document_root(doc);

	EXPECT_EQ(node_get(root, "a"), node_get(root, "b"));
	document_free(doc);
}

TEST(node, the_latest_anchor_of_a_name_counts)
{
	struct document *doc = parse("[&x 1, &x 2, *x]\n");

	EXPECT_STREQ(document_root(doc)->items[2]->text, "2");
	document_free(doc);
}

TEST(node, merge_adds_what_is_not_there)
{
	struct document *doc = parse("base: &b {x: 1, y: 2}\nc: {<<: *b, y: 3}\n");
	const struct node *c = node_get(document_root(doc), "c");

	EXPECT_EQ(c->count, 2);
	EXPECT_STREQ(text_at(c, "x"), "1");
	EXPECT_STREQ(text_at(c, "y"), "3");
	EXPECT_TRUE(node_get(c, "<<") == NULL);
	document_free(doc);
}

TEST(node, of_a_list_of_merges_the_first_counts)
{
	struct document *doc = parse("c: {<<: [{x: 1}, {x: 2, y: 2}]}\n");
	const struct node *c = node_get(document_root(doc), "c");

	EXPECT_STREQ(text_at(c, "x"), "1");
	EXPECT_STREQ(text_at(c, "y"), "2");
	document_free(doc);
}

TEST(node, a_quoted_merge_key_is_an_ordinary_key)
{
	struct document *doc = parse("{'<<': 1}\n");

	EXPECT_STREQ(text_at(document_root(doc), "<<"), "1");
	document_free(doc);
}

TEST(node, lists_and_mappings_may_be_long)
{
	size_t len = 0, i;
	char *text = NULL;
	FILE *out = open_memstream(&text, &len);
	struct document *doc;

	for (i = 0; i < 20000; i++)
		fprintf(out, "k%zu: %zu\n", i, i);
	fclose(out);
	doc = parse(text);
	ASSERT_TRUE(doc != NULL);
	EXPECT_EQ(document_root(doc)->count, 20000);
	EXPECT_STREQ(text_at(document_root(doc), "k19999"), "19999");
	document_free(doc);
	free(text);
}

TEST(node, get_from_no_mapping_gives_nothing)
{
	struct document *doc = parse("[a]\n");

	EXPECT_TRUE(node_get(document_root(doc), "a") == NULL);
	EXPECT_TRUE(node_get(NULL, "a") == NULL);
	document_free(doc);
	document_free(NULL);
}

/* ---- bad documents ---- */

struct bad_row {
	const char *name, *text;
	unsigned int line, column;
	const char *message; /* part of it */
};

static const struct bad_row bad_rows[] = {
	{ "unclosed_list", "a: 1\nb: [1,2\nc: 3\n", 3, 2, "no valid YAML: did not find" },
	{ "tab_as_indentation", "a:\n\tb: 1\n", 2, 1, "a tab; YAML indents with spaces" },
	{ "tab_after_spaces", "a:\n  b: 1\n  \tc: 1\n", 3, 3, "a tab; YAML indents" },
	{ "empty", "", 0, 0, "empty; expected a YAML document" },
	{ "only_a_comment", "# nothing\n", 0, 0, "empty; expected" },
	{ "two_documents", "a: 1\n---\nb: 2\n", 2, 1, "a second document" },
	{ "key_twice", "a: 1\nb: 2\na: 3\n", 3, 1,
	  "key 'a' is there twice; it was first given in line 1" },
	{ "key_is_a_list", "[a]: 1\n", 1, 1, "a key that is no word" },
	{ "unknown_alias", "a: *b\n", 1, 4, "alias '*b' has no anchor '&b' before it" },
	{ "cycle_in_a_list", "a: &x [1, *x]\n", 1, 11, "stands inside what it names: a cycle" },
	{ "cycle_in_a_mapping", "a: &x {b: {c: *x}}\n", 1, 15, "a cycle" },
	{ "cycle_by_merge", "a: &x {<<: *x}\n", 1, 12, "a cycle" },
	{ "merge_of_a_scalar", "{<<: 1}\n", 1, 6, "'<<' merges mappings" },
	{ "merge_of_a_list_of_scalars", "{<<: [{a: 1}, 2]}\n", 1, 15, "'<<' merges mappings" },
	{ "merge_twice", "{<<: {a: 1}, <<: {b: 1}}\n", 1, 14, "second '<<'" },
	{ "tag", "a: !foo 3\n", 1, 4, "tag '!foo' means nothing here" },
	{ "nul_escape", "a: \"b\\0c\"\n", 1, 4, "a NUL character in a string" },
	{ "not_utf8", "a: b\nc: \xff\n", 2, 4, "byte 0xff is not UTF-8" },
	{ "cut_utf8", "a: \xc3", 1, 4, "byte 0xc3 is not UTF-8" },
	{ "overlong_utf8", "a: \xc0\x80\n", 1, 4, "byte 0xc0 is not UTF-8" },
	{ "surrogate", "a: \xed\xa0\x80\n", 1, 4, "byte 0xed is not UTF-8" },
	{ "bad_continuation", "a: \xe2\x28\xa1\n", 1, 4, "byte 0xe2 is not UTF-8" },
	{ "control_character", "\xc3\xa9: \x01\n", 1, 4, "control character U+0001" },
	{ "late_byte_order_mark", "a: \xef\xbb\xbf\n", 1, 4, "control character U+FEFF" },
};

TEST_WITH_NAMED_PARAMS(bad_yaml, is_told_with_its_place, struct bad_row, bad_rows, name)
{
	struct diags diags = { 0 };
	struct document *doc = document_parse("t.yaml", param->text, strlen(param->text), &diags);

	EXPECT_TRUE(doc == NULL);
	ASSERT_EQ(diags.count, 1);
	EXPECT_STREQ(diags.items[0].file, "t.yaml");
	EXPECT_EQ(diags.items[0].line, param->line);
	EXPECT_EQ(diags.items[0].column, param->column);
	if (!strstr(diags.items[0].message, param->message))
		ADD_FAILURE("got: %s", diags.items[0].message);
	diag_clear(&diags);
	document_free(doc);
}

/* Expects one error whose message holds a text. */
static void expect_error(struct document *doc, struct diags *diags, const char *message)
{
	EXPECT_TRUE(doc == NULL);
	document_free(doc);
	ASSERT_EQ(diags->count, 1);
	if (!strstr(diags->items[0].message, message))
		ADD_FAILURE("got: %s", diags->items[0].message);
	diag_clear(diags);
}

TEST(bad_yaml, a_nul_byte_is_told)
{
	struct diags diags = { 0 };

	expect_error(document_parse("t.yaml", "a: b\0c\n", 7, &diags), &diags, "a NUL byte");
}

TEST(bad_yaml, aliases_of_aliases_do_not_expand_without_bound)
{
	struct diags diags = { 0 };
	char text[2000] = "a: &a [1,1,1,1,1,1,1,1,1,1]\n";
	char *end = text + strlen(text);
	char c;

	for (c = 'b'; c <= 'i'; c++)
		end += sprintf(end, "%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", c, c,
			       c - 1, c - 1, c - 1, c - 1, c - 1, c - 1, c - 1, c - 1, c - 1,
			       c - 1);
	expect_error(document_parse("t.yaml", text, strlen(text), &diags), &diags,
		     "document too large: more than 200000 nodes");
}

/* Pieces of text, again and again. */
static char *repeated(const char *piece, size_t times)
{
	size_t len = strlen(piece), i;
	char *text = malloc(len * times + 1);

	for (i = 0; i < times; i++)
		memcpy(text + i * len, piece, len);
	text[len * times] = '\0';
	return text;
}

struct hostile_row {
	const char *name, *piece;
	size_t times;
	const char *message;
};

static const struct hostile_row hostile_rows[] = {
	{ "brackets", "[", 1000000, "nested too deeply" },
	{ "braces", "{a: ", 300000, "nested too deeply" },
	{ "dashes", "- ", 500000, "nested too deeply" },
	{ "questions", "? ", 500000, "nested too deeply" },
	{ "items", "- 1\n", 250000, "document too large" },
};

TEST_WITH_NAMED_PARAMS(bad_yaml, of_megabytes_costs_little, struct hostile_row, hostile_rows, name)
{
	char *text = repeated(param->piece, param->times);
	struct diags diags = { 0 };

	expect_error(document_parse("t.yaml", text, strlen(text), &diags), &diags, param->message);
	free(text);
}

TEST(bad_yaml, depth_counts_through_aliases)
{
	struct diags diags = { 0 };
	char *open = repeated("[", 40), *close = repeated("]", 40);
	char *text;

	ASSERT_TRUE(asprintf(&text, "a: &a %s1%s\nb: %s*a%s\n", open, close, open, close) > 0);
	expect_error(document_parse("t.yaml", text, strlen(text), &diags), &diags,
		     "nested too deeply");
	free(text);
	free(open);
	free(close);
}

TEST(bad_yaml, sixty_four_levels_are_read)
{
	char *open = repeated("[", 63), *close = repeated("]", 63);
	struct document *doc;
	char *text;

	ASSERT_TRUE(asprintf(&text, "%s1%s", open, close) > 0);
	doc = parse(text);
	EXPECT_TRUE(doc != NULL);
	document_free(doc);
	free(text);
	free(open);
	free(close);
}

/* ---- files ---- */

/* A file with a text in a directory of its own; path receives it. */
static void make_file(char *path, size_t size, const char *text, size_t len)
{
	char dir[] = "/tmp/vtdsim-node-XXXXXX";
	FILE *out;

	ASSERT_TRUE(mkdtemp(dir) != NULL);
	snprintf(path, size, "%s/t.yaml", dir);
	out = fopen(path, "w");
	ASSERT_TRUE(out != NULL);
	fwrite(text, 1, len, out);
	fclose(out);
}

static void remove_file(char *path)
{
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
}

TEST(yaml_file, is_read_and_named_in_places)
{
	struct diags diags = { 0 };
	char path[64];
	struct document *doc;

	make_file(path, sizeof(path), "a: 1\n", 5);
	doc = document_load(path, &diags);
	ASSERT_TRUE(doc != NULL);
	EXPECT_STREQ(document_root(doc)->place.file, path);
	document_free(doc);
	remove_file(path);
}

TEST(yaml_file, that_is_not_there_is_told)
{
	struct diags diags = { 0 };

	expect_error(document_load("/nonexistent/x.yaml", &diags), &diags,
		     "'/nonexistent/x.yaml' cannot be opened: No such file or directory");
}

TEST(yaml_file, that_is_a_directory_is_told)
{
	struct diags diags = { 0 };

	expect_error(document_load("/tmp", &diags), &diags, "is a directory; expected a file");
}

TEST(yaml_file, that_may_not_be_read_is_told)
{
	struct diags diags = { 0 };
	char path[64];

	if (geteuid() == 0)
		SKIP_TEST("root may read everything");
	make_file(path, sizeof(path), "a: 1\n", 5);
	chmod(path, 0);
	expect_error(document_load(path, &diags), &diags, "cannot be opened: Permission denied");
	remove_file(path);
}

TEST(yaml_file, that_never_ends_is_told)
{
	struct diags diags = { 0 };

	expect_error(document_load("/dev/zero", &diags), &diags, "larger than 16 MiB");
}

TEST(yaml_file, that_fails_while_it_is_read_is_told)
{
	struct diags diags = { 0 };

	expect_error(document_load("/proc/self/mem", &diags), &diags, "cannot be read: ");
}

TEST(yaml_file, of_a_hundred_megabytes_is_told)
{
	struct diags diags = { 0 };
	char path[64];

	make_file(path, sizeof(path), "a: 1\n", 5);
	EXPECT_EQ(truncate(path, 100 << 20), 0);
	expect_error(document_load(path, &diags), &diags, "larger than 16 MiB");
	remove_file(path);
}

TEST(yaml_file, that_is_empty_is_told)
{
	struct diags diags = { 0 };

	expect_error(document_load("/dev/null", &diags), &diags, "empty; expected");
}

/* ---- typed reading ---- */

struct number_row {
	const char *text;
	bool is_size, good;
	unsigned long long value;
};

static const struct number_row number_rows[] = {
	{ "0", false, true, 0 },
	{ "42", false, true, 42 },
	{ "0x2A", false, true, 42 },
	{ "0b101", false, true, 5 },
	{ "1_000", false, true, 1000 },
	{ "0xffff_ffff_ffff_ffff", false, true, ~0ULL },
	{ "18446744073709551615", false, true, ~0ULL },
	{ "18446744073709551616", false, false, 0 },
	{ "0x1_0000_0000_0000_0000", false, false, 0 },
	{ "", false, false, 0 },
	{ "0x", false, false, 0 },
	{ "0b", false, false, 0 },
	{ "0b2", false, false, 0 },
	{ "-1", false, false, 0 },
	{ "1.5", false, false, 0 },
	{ "010", false, false, 0 },
	{ "_1", false, false, 0 },
	{ "1_", false, false, 0 },
	{ "1__0", false, false, 0 },
	{ "12a", false, false, 0 },
	{ "4KiB", false, false, 0 },
	{ "4096", true, true, 4096 },
	{ "16B", true, true, 16 },
	{ "4KiB", true, true, 4096 },
	{ "2MiB", true, true, 2 << 20 },
	{ "0x10GiB", true, true, 16ULL << 30 },
	{ "1TiB", true, true, 1ULL << 40 },
	{ "4KB", true, false, 0 },
	{ "4 KiB", true, false, 0 },
	{ "16777216TiB", true, false, 0 },
};

TEST_WITH_PARAMS(node_number, is_read_or_told, struct number_row, number_rows)
{
	unsigned long long value = 7;

	SCOPED_NOTE("text '%s'", param->text);
	EXPECT_EQ(parse_u64(param->text, param->is_size, &value), param->good);
	EXPECT_EQ(value, param->good ? param->value : 7);
}

struct read_row {
	const char *name, *text;
	const char *message; /* NULL: good */
};

/* Reads the value of 'k' in text as something; expects a message or none. */
static void expect_read(const struct read_row *row,
			bool (*read)(const struct node *, struct diags *))
{
	struct document *doc = parse(row->text);
	struct diags diags = { 0 };
	bool good = read(node_get(document_root(doc), "k"), &diags);

	EXPECT_EQ(good, row->message == NULL);
	EXPECT_EQ(diags.count, row->message ? 1 : 0);
	if (diags.count && row->message)
		EXPECT_STREQ(diags.items[0].message, row->message);
	diag_clear(&diags);
	document_free(doc);
}

static bool read_number(const struct node *node, struct diags *diags)
{
	unsigned long long value;

	return node_u64_range(node, 1, 20, &value, diags);
}

static const struct read_row range_rows[] = {
	{ "lowest", "k: 1", NULL },
	{ "highest", "k: 20", NULL },
	{ "too_low", "k: 0", "0 is out of range; expected 1 to 20" },
	{ "too_high", "k: 0x15", "0x15 is out of range; expected 1 to 20" },
	{ "a_word", "k: many", "expected a number such as 16 or 0x10, below 2^64, found 'many'" },
	{ "a_list", "k: [1]", "expected a number such as 16 or 0x10, below 2^64, found a list" },
};

TEST_WITH_NAMED_PARAMS(node_range, holds, struct read_row, range_rows, name)
{
	expect_read(param, read_number);
}

static bool read_size(const struct node *node, struct diags *diags)
{
	unsigned long long value;

	return node_u64(node, &value, true, diags);
}

static const struct read_row size_rows[] = {
	{ "good", "k: 16GiB", NULL },
	{ "decimal_suffix", "k: 16GB",
	  "expected a size below 2^64 such as 4096, 0x1000, 4KiB or 16GiB, found '16GB'" },
};

TEST_WITH_NAMED_PARAMS(node_size, is_read_or_told, struct read_row, size_rows, name)
{
	expect_read(param, read_size);
}

static bool read_bool(const struct node *node, struct diags *diags)
{
	bool value;

	return node_bool(node, &value, diags);
}

static const struct read_row bool_rows[] = {
	{ "yes", "k: yes", NULL },
	{ "off", "k: off", NULL },
	{ "number", "k: 1", "expected true or false, found '1'" },
	{ "mapping", "k: {a: b}", "expected true or false, found a mapping" },
};

TEST_WITH_NAMED_PARAMS(node_bool, is_read_or_told, struct read_row, bool_rows, name)
{
	expect_read(param, read_bool);
}

TEST(node_bool, knows_its_words)
{
	struct document *doc = parse("[true, false, yes, no, on, off]");
	const struct node *root = document_root(doc);
	struct diags diags = { 0 };
	bool value;
	size_t i;

	for (i = 0; i < root->count; i++) {
		EXPECT_TRUE(node_bool(root->items[i], &value, &diags));
		EXPECT_EQ(value, i % 2 == 0);
	}
	document_free(doc);
}

static bool read_string(const struct node *node, struct diags *diags)
{
	const char *value;

	return node_string(node, &value, diags) && value == node->text;
}

static const struct read_row string_rows[] = {
	{ "word", "k: x", NULL },
	{ "empty", "k:", NULL },
	{ "list", "k: []", "expected a text, found a list" },
};

TEST_WITH_NAMED_PARAMS(node_string, is_read_or_told, struct read_row, string_rows, name)
{
	expect_read(param, read_string);
}

static bool read_choice(const struct node *node, struct diags *diags)
{
	static const char *const words[] = { "vt-d", "smmuv3", "none", NULL };
	size_t index = 9;
	bool good = node_choice(node, words, &index, diags);

	if (good)
		EXPECT_EQ(index, 1);
	return good;
}

static const struct read_row choice_rows[] = {
	{ "word", "k: smmuv3", NULL },
	{ "near", "k: smuv3", "unknown value 'smuv3'; did you mean 'smmuv3'?" },
	{ "far", "k: fpga", "unknown value 'fpga'; expected vt-d, smmuv3 or none" },
	{ "list", "k: [a]", "expected vt-d, smmuv3 or none, found a list" },
};

TEST_WITH_NAMED_PARAMS(node_choice, is_read_or_told, struct read_row, choice_rows, name)
{
	expect_read(param, read_choice);
}

static bool check_keys(const struct node *node, struct diags *diags)
{
	static const char *const keys[] = { "model", "profile", NULL };

	return node_check_keys(node, keys, "an IOMMU", diags);
}

static const struct read_row key_rows[] = {
	{ "known", "k: {model: 1, profile: 2}", NULL },
	{ "none", "k: {}", NULL },
	{ "near", "k: {profle: 1}", "unknown key 'profle' of an IOMMU; did you mean 'profile'?" },
	{ "far", "k: {colour: 1}", "unknown key 'colour' of an IOMMU; expected model or profile" },
	{ "scalar", "k: x", "expected an IOMMU as a mapping 'key: value', found a single value" },
};

TEST_WITH_NAMED_PARAMS(node_keys, are_known_or_told, struct read_row, key_rows, name)
{
	expect_read(param, check_keys);
}

TEST(node_keys, many_allowed_words_are_cut_in_the_message)
{
	const char *keys[101] = { NULL };
	struct document *doc = parse("{zzzzzzzz: 1}");
	struct diags diags = { 0 };
	size_t i;

	for (i = 0; i < 100; i++)
		keys[i] = "a-word-of-some-length";
	EXPECT_FALSE(node_check_keys(document_root(doc), keys, "x", &diags));
	EXPECT_TRUE(strstr(diags.items[0].message, ", ...") != NULL);
	diag_clear(&diags);
	document_free(doc);
}

struct bdf_row {
	const char *text;
	bool good;
	unsigned short segment, source_id;
};

static const struct bdf_row bdf_rows[] = {
	{ "0000:3a:00.0", true, 0, 0x3a00 },
	{ "3a:00.0", true, 0, 0x3a00 },
	{ "ffff:ff:1f.7", true, 0xffff, 0xffff },
	{ "1:0:2.3", true, 1, 0x0013 },
	{ "00:20.0", false, 0, 0 },
	{ "00:1f.8", false, 0, 0 },
	{ "10000:00:00.0", false, 0, 0 },
	{ "00:00", false, 0, 0 },
	{ "00:00.0x", false, 0, 0 },
	{ ":00:00.0", false, 0, 0 },
	{ "00", false, 0, 0 },
	{ "100:00.0", false, 0, 0 },
	{ "", false, 0, 0 },
};

TEST_WITH_PARAMS(node_bdf, is_read_or_told, struct bdf_row, bdf_rows)
{
	unsigned short segment = 7, source_id = 7;
	struct diags diags = { 0 };
	struct document *doc;
	char text[64];

	snprintf(text, sizeof(text), "['%s']", param->text);
	doc = parse(text);
	EXPECT_EQ(node_bdf(document_root(doc)->items[0], &segment, &source_id, &diags),
		  param->good);
	if (param->good) {
		EXPECT_EQ(segment, param->segment);
		EXPECT_EQ(source_id, param->source_id);
	} else {
		ASSERT_EQ(diags.count, 1);
		EXPECT_TRUE(strstr(diags.items[0].message, "such as 0000:3a:00.0, found '") !=
			    NULL);
	}
	diag_clear(&diags);
	document_free(doc);
}

TEST(node_bdf, is_no_list)
{
	unsigned short segment, source_id;
	struct document *doc = parse("[]");
	struct diags diags = { 0 };

	EXPECT_FALSE(node_bdf(document_root(doc), &segment, &source_id, &diags));
	diag_clear(&diags);
	document_free(doc);
}

TEST(yaml_text, a_byte_order_mark_is_no_part_of_it)
{
	static const char text[] = "\xef\xbb\xbf"
				   "a: 1\n";
	struct diags diags = { 0 };
	struct document *doc = document_parse("t.yaml", text, sizeof(text) - 1, &diags);

	ASSERT_TRUE(doc != NULL);
	EXPECT_STREQ(document_root(doc)->pairs[0].key->text, "a");
	EXPECT_EQ(document_root(doc)->pairs[0].key->place.column, 1);
	document_free(doc);
	diag_clear(&diags);
}
