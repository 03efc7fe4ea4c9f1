// SPDX-License-Identifier: Apache-2.0
/* The C headers that the SystemC modules are made of, as C++ sees them. */
#ifndef SIM_SYSTEMC_C_MODELS_H
#define SIM_SYSTEMC_C_MODELS_H

// C11 has what C++ warns of
#pragma GCC system_header

extern "C" {
#include "../histogram.h"
#include "../timing.h"
#include "../trace.h"
#include "mem/memory.h"
#include "pcie/pcie.h"
#include "smmuv3/smmuv3.h"
#include "vtd/vtd.h"
}

#endif
