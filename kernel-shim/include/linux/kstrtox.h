/* SPDX-License-Identifier: Apache-2.0 */
/* Text to numbers: the whole text must be one number, a final newline allowed. 0, -EINVAL or -ERANGE. */
#ifndef _SHIM_LINUX_KSTRTOX_H
#define _SHIM_LINUX_KSTRTOX_H

#include <linux/types.h>

int kstrtoull(const char *s, unsigned int base, unsigned long long *res);
int kstrtoul(const char *s, unsigned int base, unsigned long *res);
int kstrtouint(const char *s, unsigned int base, unsigned int *res);
int kstrtoint(const char *s, unsigned int base, int *res);

/** y, Y, 1, on and n, N, 0, off. */
int kstrtobool(const char *s, bool *res);

#endif
