/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Module parameters that only a kernel tree can have. Private to sim/scenario/.
 */
#ifndef SIM_SCENARIO_PARAMETERS_H
#define SIM_SCENARIO_PARAMETERS_H

#include "scenario-internal.h"

/**
 * What a kernel lacks of the parameters that the platform sets: a sentence, to be freed, with its place in *place, or
 * NULL if it has them all. plugin: of a kernel tree, else NULL.
 */
char *parameters_lacking(const struct scenario *s, const char *kernel, const char *plugin,
			 const struct place **place);

#endif
