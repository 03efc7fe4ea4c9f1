// SPDX-License-Identifier: Apache-2.0
/*
 * type1 of Linux 5.6, before the nesting series: the nesting type is accepted, nothing tells of it
 * and nothing can be done with it.
 */
#include "type1.h"

const struct type1_variant type1_upstream = {
	.name = "upstream",
};
