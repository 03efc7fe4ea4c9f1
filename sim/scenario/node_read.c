/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Typed reading of nodes: numbers, sizes, words, addresses of PCI functions, known keys; each with an
 * error that says what was expected. How nodes come to be is node.c's.
 */
#include "node.h"

#include <string.h>
#include <stdlib.h>

static const char *kind_name(const struct node *node)
{
	static const char *const names[] = { "a single value", "a list", "a mapping" };

	return names[node->kind];
}

/* True for a scalar; else an error that names what was expected. */
static bool check_scalar(const struct node *node, const char *expected, struct diags *diags)
{
	if (node->kind == NODE_SCALAR)
		return true;
	return diag_add(diags, &node->place, "expected %s, found %s", expected, kind_name(node));
}

const struct node *node_get(const struct node *mapping, const char *key)
{
	size_t i;

	if (!mapping || mapping->kind != NODE_MAPPING)
		return NULL;
	for (i = 0; i < mapping->count; i++)
		if (!strcmp(mapping->pairs[i].key->text, key))
			return mapping->pairs[i].value;
	return NULL;
}

static bool is_word(const char *text, const char *const *words, size_t *index)
{
	size_t i;

	for (i = 0; words[i]; i++) {
		if (!strcmp(text, words[i])) {
			*index = i;
			return true;
		}
	}
	return false;
}

/* where: " of platform", or "" */
static void add_unknown_word(const struct node *node, const char *what, const char *where,
			     const char *const *words, struct diags *diags)
{
	char *advice = word_advice(node->text, words);

	diag_add(diags, &node->place, "unknown %s '%s'%s; %s", what, node->text, where, advice);
	free(advice);
}

bool node_check_keys(const struct node *mapping, const char *const *allowed, const char *what,
		     struct diags *diags)
{
	bool good = true;
	size_t i, index;
	char where[100];

	if (mapping->kind != NODE_MAPPING)
		return diag_add(diags, &mapping->place,
				"expected %s as a mapping 'key: value', found %s", what,
				kind_name(mapping));
	snprintf(where, sizeof(where), " of %s", what);
	for (i = 0; i < mapping->count && !diag_enough(diags); i++) {
		if (is_word(mapping->pairs[i].key->text, allowed, &index))
			continue;
		add_unknown_word(mapping->pairs[i].key, "key", where, allowed, diags);
		good = false;
	}
	return good;
}

/* ---- numbers ---- */

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Digits of a base with single '_' between them, from *text on, which moves behind them. */
static bool parse_digits(const char **text, unsigned int base, unsigned long long *out)
{
	unsigned long long value = 0;
	const char *p = *text;
	bool digit = false;

	for (;; p++) {
		int d = digit_value(*p);

		if (*p == '_' && digit) {
			digit = false;
			continue;
		}
		if (d < 0 || (unsigned int)d >= base)
			break;
		if (__builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, (unsigned int)d, &value))
			return false;
		digit = true;
	}
	*text = p;
	*out = value;
	return digit;
}

/* The factor of a size suffix, 0 if it is none. */
static unsigned long long size_factor(const char *suffix)
{
	static const struct {
		const char *suffix;
		unsigned int shift;
	} suffixes[] = { { "", 0 },     { "B", 0 },    { "KiB", 10 },
			 { "MiB", 20 }, { "GiB", 30 }, { "TiB", 40 } };
	size_t i;

	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (!strcmp(suffix, suffixes[i].suffix))
			return 1ULL << suffixes[i].shift;
	return 0;
}

bool parse_u64(const char *text, bool is_size, unsigned long long *out)
{
	unsigned long long value, factor;
	unsigned int base = 10;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		base = 16;
	else if (text[0] == '0' && (text[1] == 'b' || text[1] == 'B') &&
		 (text[2] == '0' || text[2] == '1'))
		base = 2;
	else if (text[0] == '0' && text[1] >= '0' && text[1] <= '9')
		return false; /* some read this as octal */
	if (base != 10)
		text += 2;
	if (!parse_digits(&text, base, &value))
		return false;
	factor = is_size ? size_factor(text) : *text == '\0';
	if (!factor || __builtin_mul_overflow(value, factor, &value))
		return false;
	*out = value;
	return true;
}

bool node_u64(const struct node *node, unsigned long long *out, bool is_size, struct diags *diags)
{
	const char *expected = is_size ? "a size below 2^64 such as 4096, 0x1000, 4KiB or 16GiB"
				       : "a number such as 16 or 0x10, below 2^64";

	if (!check_scalar(node, expected, diags))
		return false;
	if (parse_u64(node->text, is_size, out))
		return true;
	return diag_add(diags, &node->place, "expected %s, found '%s'", expected, node->text);
}

bool node_u64_range(const struct node *node, unsigned long long min, unsigned long long max,
		    unsigned long long *out, struct diags *diags)
{
	unsigned long long value;

	if (!node_u64(node, &value, false, diags))
		return false;
	if (value < min || value > max)
		return diag_add(diags, &node->place, "%s is out of range; expected %llu to %llu",
				node->text, min, max);
	*out = value;
	return true;
}

/* ---- words ---- */

bool node_bool(const struct node *node, bool *out, struct diags *diags)
{
	static const char *const words[] = { "true", "false", "yes", "no", "on", "off", NULL };
	size_t index;

	if (!check_scalar(node, "true or false", diags))
		return false;
	if (!is_word(node->text, words, &index))
		return diag_add(diags, &node->place, "expected true or false, found '%s'",
				node->text);
	*out = index % 2 == 0;
	return true;
}

bool node_string(const struct node *node, const char **out, struct diags *diags)
{
	if (!check_scalar(node, "a text", diags))
		return false;
	*out = node->text;
	return true;
}

bool node_choice(const struct node *node, const char *const *words, size_t *index,
		 struct diags *diags)
{
	char *advice;

	if (node->kind != NODE_SCALAR) {
		advice = word_advice("", words);
		diag_add(diags, &node->place, "%s, found %s", advice, kind_name(node));
		free(advice);
		return false;
	}
	if (is_word(node->text, words, index))
		return true;
	add_unknown_word(node, "value", "", words, diags);
	return false;
}

/* ---- PCI functions ---- */

/* One to max_digits hex digits up to a value, then a separator. */
static bool parse_part(const char **text, unsigned int max_digits, unsigned int max, char separator,
		       unsigned int *out)
{
	unsigned int digits = 0, value = 0;

	while (digits < max_digits && digit_value(**text) >= 0) {
		value = value << 4 | (unsigned int)digit_value(**text);
		(*text)++;
		digits++;
	}
	if (!digits || value > max || **text != separator)
		return false;
	if (separator)
		(*text)++;
	*out = value;
	return true;
}

bool node_bdf(const struct node *node, unsigned short *segment, unsigned short *source_id,
	      struct diags *diags)
{
	static const char expected[] = "the address of a PCI function such as 0000:3a:00.0";
	unsigned int seg = 0, bus, device, function;
	const char *p, *colon;

	if (!check_scalar(node, expected, diags))
		return false;
	p = node->text;
	colon = strchr(p, ':');
	if ((colon && strchr(colon + 1, ':') && !parse_part(&p, 4, 0xffff, ':', &seg)) ||
	    !parse_part(&p, 2, 0xff, ':', &bus) || !parse_part(&p, 2, 0x1f, '.', &device) ||
	    !parse_part(&p, 1, 7, '\0', &function))
		return diag_add(diags, &node->place, "expected %s, found '%s'", expected,
				node->text);
	*segment = (unsigned short)seg;
	*source_id = (unsigned short)(bus << 8 | device << 3 | function);
	return true;
}
