/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupt domains: only whether messages are remapped. */
#ifndef _SHIM_LINUX_IRQDOMAIN_H
#define _SHIM_LINUX_IRQDOMAIN_H

#include <linux/types.h>

/** Arm's ITS isolates messages of devices: true if the machine has an SMMU, which comes with one. */
bool irq_domain_check_msi_remap(void);

#endif
