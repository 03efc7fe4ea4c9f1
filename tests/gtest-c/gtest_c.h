/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GoogleTest for C files: tests, tables of rows and expectations as macros, with GoogleTest's filters,
 * XML and source locations. The running and reporting is left to gtest_c.cpp and GoogleTest itself.
 */
#ifndef GTEST_C_H
#define GTEST_C_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How the bits of a struct gtest_c_value are to be understood. */
enum gtest_c_kind {
	GTEST_C_SIGNED,
	GTEST_C_UNSIGNED,
	GTEST_C_BOOL,
	GTEST_C_POINTER,
};

/** One operand of an expectation; signed values are sign-extended into @bits. */
struct gtest_c_value {
	enum gtest_c_kind kind;
	unsigned long long bits;
};

enum gtest_c_relation {
	GTEST_C_EQ,
	GTEST_C_NE,
	GTEST_C_LT,
	GTEST_C_LE,
	GTEST_C_GT,
	GTEST_C_GE,
};

/** Where an expectation stands in the source, and its operands as they are written there. */
struct gtest_c_site {
	const char *file;
	int line;
	const char *left;
	const char *right;
	int fatal; /* an ASSERT: GoogleTest counts the failure as fatal */
};

/** One test, or, with rows, one test for each row. Names and rows must stay valid until exit. */
struct gtest_c_test {
	const char *suite;
	const char *rule;
	const char *file;
	int line;
	void (*run)(const void *row); /* @row is NULL where there are no rows */
	const void *rows;
	size_t row_size; /* bytes */
	size_t row_count;
	ptrdiff_t row_name_offset; /* of a const char * inside the row; negative: rows are numbered */
};

struct gtest_c_note;

/** Hands a test to GoogleTest. Called before main() by what TEST() defines. */
void gtest_c_register(const struct gtest_c_test *test);

/*
 * The expectations: each returns nonzero when it holds, and otherwise reports the failure at @site.
 * Values compare as the numbers they are: -1 and ~0ULL are not equal.
 */
int gtest_c_compare(enum gtest_c_relation relation, struct gtest_c_value left,
		    struct gtest_c_value right, const struct gtest_c_site *site);
int gtest_c_truth(int wanted, int actual, const struct gtest_c_site *site);
int gtest_c_strings(int equal, const char *left, const char *right,
		    const struct gtest_c_site *site);
int gtest_c_bytes(const void *left, const void *right, size_t len, const struct gtest_c_site *site);

/** Reports a failure at @site with a text of printf's kind. */
__attribute__((format(printf, 2, 3))) void gtest_c_fail(const struct gtest_c_site *site,
							const char *format, ...);

/** Marks the running test as skipped, with the reason in a text of printf's kind. */
__attribute__((format(printf, 2, 3))) void gtest_c_skip(const struct gtest_c_site *site,
							const char *format, ...);

/** Opens a note that GoogleTest adds to every failure until gtest_c_note_end(). */
__attribute__((format(printf, 2, 3))) struct gtest_c_note *
gtest_c_note_begin(const struct gtest_c_site *site, const char *format, ...);

/** Closes the note at @note. */
void gtest_c_note_end(struct gtest_c_note **note);

#ifdef __cplusplus
}
#else

static inline struct gtest_c_value gtest_c_signed(long long value)
{
	return (struct gtest_c_value){ GTEST_C_SIGNED, (unsigned long long)value };
}

static inline struct gtest_c_value gtest_c_unsigned(unsigned long long value)
{
	return (struct gtest_c_value){ GTEST_C_UNSIGNED, value };
}

static inline struct gtest_c_value gtest_c_bool(_Bool value)
{
	return (struct gtest_c_value){ GTEST_C_BOOL, value };
}

static inline struct gtest_c_value gtest_c_pointer(const volatile void *value)
{
	return (struct gtest_c_value){ GTEST_C_POINTER, (unsigned long long)(size_t)value };
}

/* clang-format off */
#define GTEST_C_VALUE(value)                           \
	_Generic((value),                              \
		 _Bool: gtest_c_bool,                  \
		 char: gtest_c_signed,                 \
		 signed char: gtest_c_signed,          \
		 unsigned char: gtest_c_unsigned,      \
		 short: gtest_c_signed,                \
		 unsigned short: gtest_c_unsigned,     \
		 int: gtest_c_signed,                  \
		 unsigned int: gtest_c_unsigned,       \
		 long: gtest_c_signed,                 \
		 unsigned long: gtest_c_unsigned,      \
		 long long: gtest_c_signed,            \
		 unsigned long long: gtest_c_unsigned, \
		 default: gtest_c_pointer)(value)
/* clang-format on */

#define GTEST_C_SITE(left, right, fatal) \
	(&(const struct gtest_c_site){ __FILE__, __LINE__, left, right, fatal })
#define GTEST_C_EXPECT(holds)  \
	do {                   \
		(void)(holds); \
	} while (0)
#define GTEST_C_ASSERT(holds)   \
	do {                    \
		if (!(holds))   \
			return; \
	} while (0)
#define GTEST_C_RELATION(relation, left, right, text_left, text_right, fatal) \
	gtest_c_compare(relation, GTEST_C_VALUE(left), GTEST_C_VALUE(right),  \
			GTEST_C_SITE(text_left, text_right, fatal))
#define GTEST_C_JOIN_(a, b) a##b
#define GTEST_C_JOIN(a, b) GTEST_C_JOIN_(a, b)

/*
 * EXPECT_* reports and goes on; ASSERT_* reports and returns from the function it stands in, which must
 * return void. The operands are integers of any width, bools, enums or pointers, and evaluated once.
 */
#define EXPECT_EQ(a, b) GTEST_C_EXPECT(GTEST_C_RELATION(GTEST_C_EQ, a, b, #a, #b, 0))
#define EXPECT_NE(a, b) GTEST_C_EXPECT(GTEST_C_RELATION(GTEST_C_NE, a, b, #a, #b, 0))
#define EXPECT_LT(a, b) GTEST_C_EXPECT(GTEST_C_RELATION(GTEST_C_LT, a, b, #a, #b, 0))
#define EXPECT_LE(a, b) GTEST_C_EXPECT(GTEST_C_RELATION(GTEST_C_LE, a, b, #a, #b, 0))
#define EXPECT_GT(a, b) GTEST_C_EXPECT(GTEST_C_RELATION(GTEST_C_GT, a, b, #a, #b, 0))
#define EXPECT_GE(a, b) GTEST_C_EXPECT(GTEST_C_RELATION(GTEST_C_GE, a, b, #a, #b, 0))
#define ASSERT_EQ(a, b) GTEST_C_ASSERT(GTEST_C_RELATION(GTEST_C_EQ, a, b, #a, #b, 1))
#define ASSERT_NE(a, b) GTEST_C_ASSERT(GTEST_C_RELATION(GTEST_C_NE, a, b, #a, #b, 1))
#define ASSERT_LT(a, b) GTEST_C_ASSERT(GTEST_C_RELATION(GTEST_C_LT, a, b, #a, #b, 1))
#define ASSERT_LE(a, b) GTEST_C_ASSERT(GTEST_C_RELATION(GTEST_C_LE, a, b, #a, #b, 1))
#define ASSERT_GT(a, b) GTEST_C_ASSERT(GTEST_C_RELATION(GTEST_C_GT, a, b, #a, #b, 1))
#define ASSERT_GE(a, b) GTEST_C_ASSERT(GTEST_C_RELATION(GTEST_C_GE, a, b, #a, #b, 1))

#define EXPECT_TRUE(x) GTEST_C_EXPECT(gtest_c_truth(1, !!(x), GTEST_C_SITE(#x, NULL, 0)))
#define EXPECT_FALSE(x) GTEST_C_EXPECT(gtest_c_truth(0, !!(x), GTEST_C_SITE(#x, NULL, 0)))
#define ASSERT_TRUE(x) GTEST_C_ASSERT(gtest_c_truth(1, !!(x), GTEST_C_SITE(#x, NULL, 1)))
#define ASSERT_FALSE(x) GTEST_C_ASSERT(gtest_c_truth(0, !!(x), GTEST_C_SITE(#x, NULL, 1)))

/* Strings may be NULL; NULL equals only NULL. */
#define EXPECT_STREQ(a, b) GTEST_C_EXPECT(gtest_c_strings(1, a, b, GTEST_C_SITE(#a, #b, 0)))
#define EXPECT_STRNE(a, b) GTEST_C_EXPECT(gtest_c_strings(0, a, b, GTEST_C_SITE(#a, #b, 0)))
#define ASSERT_STREQ(a, b) GTEST_C_ASSERT(gtest_c_strings(1, a, b, GTEST_C_SITE(#a, #b, 1)))
#define ASSERT_STRNE(a, b) GTEST_C_ASSERT(gtest_c_strings(0, a, b, GTEST_C_SITE(#a, #b, 1)))

/* @len bytes at @p and @q are equal; the failure shows the first bytes that are not. */
#define EXPECT_MEMEQ(p, q, len) GTEST_C_EXPECT(gtest_c_bytes(p, q, len, GTEST_C_SITE(#p, #q, 0)))
#define ASSERT_MEMEQ(p, q, len) GTEST_C_ASSERT(gtest_c_bytes(p, q, len, GTEST_C_SITE(#p, #q, 1)))

/* ADD_FAILURE(fmt, ...): a failure with a text of its own; the test goes on. */
#define ADD_FAILURE(...) gtest_c_fail(GTEST_C_SITE(NULL, NULL, 0), __VA_ARGS__)

/* SKIP_TEST(fmt, ...): ends the test as skipped; for what the machine it runs on cannot offer. */
#define SKIP_TEST(...)                                                  \
	do {                                                            \
		gtest_c_skip(GTEST_C_SITE(NULL, NULL, 0), __VA_ARGS__); \
		return;                                                 \
	} while (0)

/* SCOPED_NOTE(fmt, ...): a text added to every failure until the end of the enclosing block. */
#define SCOPED_NOTE(...)                                             \
	struct gtest_c_note *GTEST_C_JOIN(gtest_c_note_, __LINE__)   \
		__attribute__((cleanup(gtest_c_note_end), unused)) = \
			gtest_c_note_begin(GTEST_C_SITE(NULL, NULL, 0), __VA_ARGS__)

#define GTEST_C_REGISTER(suite_, rule_, ...)                                                    \
	__attribute__((constructor)) static void suite_##__##rule_##__register(void)            \
	{                                                                                       \
		gtest_c_register(&(const struct gtest_c_test){ .suite = #suite_,                \
							       .rule = #rule_,                  \
							       .file = __FILE__,                \
							       .line = __LINE__,                \
							       .run = suite_##__##rule_##__run, \
							       __VA_ARGS__ });                  \
	}

/* TEST(suite, rule_in_words) { ... } */
#define TEST(suite, rule)                                    \
	static void suite##__##rule(void);                   \
	static void suite##__##rule##__run(const void *row)  \
	{                                                    \
		(void)row;                                   \
		suite##__##rule();                           \
	}                                                    \
	GTEST_C_REGISTER(suite, rule, .row_name_offset = -1) \
	static void suite##__##rule(void)

#define GTEST_C_TEST_WITH_ROWS(suite, rule, type, array, name_offset)     \
	static void suite##__##rule(const type *param);                   \
	static void suite##__##rule##__run(const void *row)               \
	{                                                                 \
		suite##__##rule(row);                                     \
	}                                                                 \
	GTEST_C_REGISTER(suite, rule, .rows = (const type *){ (array) },  \
			 .row_size = sizeof((array)[0]),                  \
			 .row_count = sizeof(array) / sizeof((array)[0]), \
			 .row_name_offset = name_offset)                  \
	static void suite##__##rule(const type *param __attribute__((unused)))

/*
 * TEST_WITH_PARAMS(suite, rule, struct row, rows) { param->field ... }
 * registers suite.rule/0, suite.rule/1, ...: one test for each element of the array @rows.
 */
#define TEST_WITH_PARAMS(suite, rule, type, rows) \
	GTEST_C_TEST_WITH_ROWS(suite, rule, type, rows, -1)

/* The same with suite.rule/NAME, where NAME is the row's member @field, a const char *. */
#define TEST_WITH_NAMED_PARAMS(suite, rule, type, rows, field) \
	GTEST_C_TEST_WITH_ROWS(suite, rule, type, rows, (ptrdiff_t)offsetof(type, field))

#endif /* __cplusplus */

#endif /* GTEST_C_H */
