// SPDX-License-Identifier: Apache-2.0
/* Strings and numbers in text, where the kernel's functions are not the C library's. */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

ssize_t strscpy(char *dst, const char *src, size_t size)
{
	size_t len = strnlen(src, size);

	if (!size)
		return -E2BIG;
	if (len == size) {
		memcpy(dst, src, size - 1);
		dst[size - 1] = '\0';
		return -E2BIG;
	}
	memcpy(dst, src, len + 1);
	return (ssize_t)len;
}

void *memchr_inv(const void *start, int c, size_t bytes)
{
	const unsigned char *p = start;
	const unsigned char *end = p + bytes;

	for (; p < end; p++) {
		if (*p != (unsigned char)c)
			return (void *)(unsigned long)p;
	}
	return NULL;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(buf, size, fmt, args);
	va_end(args);
	if (len < 0 || !size)
		return 0;
	return (size_t)len < size ? len : (int)size - 1;
}

int kstrtoull(const char *s, unsigned int base, unsigned long long *res)
{
	unsigned long long value;
	char *end;

	if (*s == '+')
		s++;
	/* strtoull() would let spaces and a minus pass */
	if (*s < '0' || (*s > '9' && base <= 10 && base) || *s > 'f')
		return -EINVAL;
	errno = 0;
	value = strtoull(s, &end, (int)base);
	if (end == s)
		return -EINVAL;
	if (*end == '\n')
		end++;
	if (*end)
		return -EINVAL;
	if (errno == ERANGE)
		return -ERANGE;
	*res = value;
	return 0;
}

int kstrtoul(const char *s, unsigned int base, unsigned long *res)
{
	unsigned long long value;
	int ret = kstrtoull(s, base, &value);

	if (!ret)
		*res = value;
	return ret;
}

int kstrtouint(const char *s, unsigned int base, unsigned int *res)
{
	unsigned long long value;
	int ret = kstrtoull(s, base, &value);

	if (ret)
		return ret;
	if (value > U32_MAX)
		return -ERANGE;
	*res = (unsigned int)value;
	return 0;
}

int kstrtoint(const char *s, unsigned int base, int *res)
{
	bool negative = *s == '-';
	unsigned long long value;
	int ret = kstrtoull(s + negative, base, &value);

	if (ret)
		return ret;
	if (value > (unsigned long long)S32_MAX + negative)
		return -ERANGE;
	*res = (int)(negative ? -(long long)value : (long long)value);
	return 0;
}

/* As module parameters are written: the first letter decides, and the second of "on" and "off". */
int kstrtobool(const char *s, bool *res)
{
	char first = s[0], second = first ? s[1] : '\0';

	if (!first)
		return -EINVAL;
	if (strchr("yYtT1", first) || (strchr("oO", first) && strchr("nN", second) && second))
		*res = true;
	else if (strchr("nNfF0", first) || (strchr("oO", first) && strchr("fF", second) && second))
		*res = false;
	else
		return -EINVAL;
	return 0;
}
