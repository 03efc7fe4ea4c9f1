/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of device-traffic.c, for the actor's table. */
#ifndef SIM_SCENARIO_DEVICE_TRAFFIC_H
#define SIM_SCENARIO_DEVICE_TRAFFIC_H

#include "step.h"

extern const struct op op_traffic, op_traffic_end;

#endif
