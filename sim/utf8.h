/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8, as far as reading input and printing it safely needs it.
 */
#ifndef SIM_UTF8_H
#define SIM_UTF8_H

#include <stddef.h>

/**
 * The character at text, of which left bytes (1 or more) are there. Returns its bytes, 1..4, and its code
 * in *code; 0 when there is no valid one: cut, overlong, a surrogate, beyond U+10FFFF.
 */
size_t utf8_decode(const char *text, size_t left, unsigned int *code);

#endif
