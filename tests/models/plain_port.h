/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MODELS_PLAIN_PORT_H
#define TESTS_MODELS_PLAIN_PORT_H

#include "mem/memory.h"
#include "port.h"

/** A port onto @memory, which must outlive it, and nothing else: interrupts are lost and time costs nothing. */
struct port plain_port(struct memory *memory);

#endif
