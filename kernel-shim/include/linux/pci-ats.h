/* SPDX-License-Identifier: Apache-2.0 */
/* ATS, PRI and PASID: see pci.h. */
#ifndef _SHIM_LINUX_PCI_ATS_H
#define _SHIM_LINUX_PCI_ATS_H

#include <linux/pci.h>

#endif
