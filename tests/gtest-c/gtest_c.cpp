// SPDX-License-Identifier: Apache-2.0
// The C++ half of gtest_c.h: registers C tests with GoogleTest and words their failures.
// Everything else (filters, shuffling, XML, exit status, main()) is GoogleTest's.

#include "gtest_c.h"

#include <cctype>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

#include <gtest/gtest.h>

struct gtest_c_note {
	::testing::ScopedTrace trace;
};

namespace
{

class c_test : public ::testing::Test
{
    public:
	c_test(void (*run)(const void *), const void *row) : run_(run), row_(row)
	{
	}

	void TestBody() override
	{
		run_(row_);
	}

    private:
	void (*run_)(const void *);
	const void *row_;
};

void register_one(const gtest_c_test &test, const std::string &name, const void *row)
{
	auto run = test.run;

	::testing::RegisterTest(test.suite, name.c_str(), nullptr, nullptr, test.file, test.line,
				[=]() -> c_test * { return new c_test(run, row); });
}

// A row's name as part of a test's name: what GoogleTest's filters or ctest would take for
// syntax becomes an underscore.
std::string row_name(const gtest_c_test &test, const char *row, size_t index)
{
	const char *text = nullptr;

	if (test.row_name_offset >= 0)
		memcpy(&text, row + test.row_name_offset, sizeof(text));
	if (!text)
		return std::to_string(index);

	std::string name = text;
	for (char &c : name)
		if (!isalnum(static_cast<unsigned char>(c)) && !strchr("_+.=", c))
			c = '_';
	return name;
}

std::string format_text(const char *format, va_list args)
{
	va_list again;
	va_copy(again, args);
	std::string text(vsnprintf(nullptr, 0, format, again) + 1, '\0');
	va_end(again);
	vsnprintf(&text[0], text.size(), format, args);
	text.pop_back();
	return text;
}

void report_fatal(const gtest_c_site &site, const std::string &text)
{
	GTEST_FAIL_AT(site.file, site.line) << text;
}

int report(const gtest_c_site *site, const std::string &text)
{
	if (site->fatal)
		report_fatal(*site, text);
	else
		ADD_FAILURE_AT(site->file, site->line) << text;
	return 0;
}

// A negative number that fits 32 bits shows as many in hex, which is how an errno reads best.
std::string signed_text(long long value)
{
	unsigned long long hex = value;
	char text[64];

	if (value < 0 && value >= INT32_MIN)
		hex = static_cast<uint32_t>(value);
	snprintf(text, sizeof(text), "%lld (0x%llx)", value, hex);
	return text;
}

std::string number_text(const gtest_c_value &value)
{
	char text[64];

	switch (value.kind) {
	case GTEST_C_BOOL:
		return value.bits ? "true" : "false";
	case GTEST_C_POINTER:
		if (!value.bits)
			return "NULL";
		snprintf(text, sizeof(text), "0x%llx", value.bits);
		return text;
	case GTEST_C_UNSIGNED:
		snprintf(text, sizeof(text), "%llu (0x%llx)", value.bits, value.bits);
		return text;
	default:
		return signed_text(static_cast<long long>(value.bits));
	}
}

bool is_negative(const gtest_c_value &value)
{
	return value.kind == GTEST_C_SIGNED && static_cast<long long>(value.bits) < 0;
}

// -1, 0 or 1: how two numbers stand to each other, whatever their types.
int order(const gtest_c_value &left, const gtest_c_value &right)
{
	if (is_negative(left) != is_negative(right))
		return is_negative(left) ? -1 : 1;
	if (left.bits == right.bits)
		return 0;
	return left.bits < right.bits ? -1 : 1; // two's complement keeps the order of negatives
}

struct relation_rule {
	const char *symbol;
	bool (*holds)(int order);
};

const relation_rule relation_rules[] = {
	/* GTEST_C_EQ */ { "==", [](int order) { return order == 0; } },
	/* GTEST_C_NE */ { "!=", [](int order) { return order != 0; } },
	/* GTEST_C_LT */ { "<", [](int order) { return order < 0; } },
	/* GTEST_C_LE */ { "<=", [](int order) { return order <= 0; } },
	/* GTEST_C_GT */ { ">", [](int order) { return order > 0; } },
	/* GTEST_C_GE */ { ">=", [](int order) { return order >= 0; } },
};

// "Expected: left == right" and what each side was.
std::string comparison_text(const gtest_c_site &site, const char *symbol, const std::string &left,
			    const std::string &right)
{
	return std::string("Expected: ") + site.left + " " + symbol + " " + site.right +
	       "\n  left:  " + left + "\n  right: " + right;
}

std::string quoted(const char *text)
{
	return text ? ::testing::PrintToString(text) : "NULL";
}

// Up to 16 bytes from @offset on, with the ones outside the buffer left away.
std::string hex_row(const unsigned char *bytes, size_t offset, size_t len)
{
	std::string text;
	char hex[4];

	for (size_t i = offset; i < len && i < offset + 16; i++) {
		snprintf(hex, sizeof(hex), "%02x ", bytes[i]);
		text += hex;
	}
	if (!text.empty())
		text.pop_back();
	return text;
}

} // namespace

void gtest_c_register(const gtest_c_test *test)
{
	const char *row = static_cast<const char *>(test->rows);

	if (!row) {
		register_one(*test, test->rule, nullptr);
		return;
	}
	for (size_t i = 0; i < test->row_count; i++, row += test->row_size)
		register_one(*test, std::string(test->rule) + "/" + row_name(*test, row, i), row);
}

int gtest_c_compare(gtest_c_relation relation, gtest_c_value left, gtest_c_value right,
		    const gtest_c_site *site)
{
	const relation_rule &rule = relation_rules[relation];

	if (rule.holds(order(left, right)))
		return 1;
	return report(site,
		      comparison_text(*site, rule.symbol, number_text(left), number_text(right)));
}

int gtest_c_truth(int wanted, int actual, const gtest_c_site *site)
{
	if (wanted == actual)
		return 1;
	return report(site, std::string("Expected: ") + site->left + " is " +
				    (wanted ? "true" : "false"));
}

int gtest_c_strings(int equal, const char *left, const char *right, const gtest_c_site *site)
{
	bool same = left && right ? !strcmp(left, right) : left == right;

	if (same == !!equal)
		return 1;
	return report(site,
		      comparison_text(*site, equal ? "==" : "!=", quoted(left), quoted(right)));
}

int gtest_c_bytes(const void *left, const void *right, size_t len, const gtest_c_site *site)
{
	const unsigned char *l = static_cast<const unsigned char *>(left);
	const unsigned char *r = static_cast<const unsigned char *>(right);
	size_t at = 0;

	while (at < len && l[at] == r[at])
		at++;
	if (at == len)
		return 1;
	return report(site, comparison_text(*site, "==", hex_row(l, at, len), hex_row(r, at, len)) +
				    "\n  bytes from offset " + std::to_string(at) + " of " +
				    std::to_string(len));
}

void gtest_c_fail(const gtest_c_site *site, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(site, format_text(format, args));
	va_end(args);
}

static void skip_with(const gtest_c_site *site, const std::string &text)
{
	GTEST_MESSAGE_AT_(site->file, site->line, text.c_str(), ::testing::TestPartResult::kSkip);
}

void gtest_c_skip(const gtest_c_site *site, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	skip_with(site, format_text(format, args));
	va_end(args);
}

gtest_c_note *gtest_c_note_begin(const gtest_c_site *site, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	std::string text = format_text(format, args);
	va_end(args);
	return new gtest_c_note{ ::testing::ScopedTrace(site->file, site->line, text) };
}

void gtest_c_note_end(gtest_c_note **note)
{
	delete *note;
}
