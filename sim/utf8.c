/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8 by RFC 3629.
 */
#include "utf8.h"

#include <stdbool.h>

static size_t length_by_first(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc0 || first >= 0xf8)
		return 0;
	return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
}

static bool valid(unsigned int code, size_t len)
{
	static const unsigned int smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	bool surrogate = code >= 0xd800 && code < 0xe000;

	return code >= smallest[len] && code <= 0x10ffff && !surrogate;
}

size_t utf8_decode(const char *text, size_t left, unsigned int *code)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t len = length_by_first(*p), i;

	if (len == 0 || len > left)
		return 0;
	*code = len == 1 ? *p : *p & (0x7fu >> len);
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (p[i] & 0x3f);
	}
	return valid(*code, len) ? len : 0;
}
