/* SPDX-License-Identifier: Apache-2.0 */
/*
 * <linux/device.h> as VFIO's private header uses it since 6.6, in inline functions that are the
 * core's: type1 calls none of them. Included by <linux/device.h>.
 */
#ifndef _SHIM_AGES_DEVICE_H
#define _SHIM_AGES_DEVICE_H

#include <ages/age.h>

#ifdef LINUX_VERSION_CODE

#define device_add(dev) ((void)(dev), shim_not_modelled("device_add"), 0)
#define device_del(dev) ((void)(dev), shim_not_modelled("device_del"))

#endif /* LINUX_VERSION_CODE */

#endif
