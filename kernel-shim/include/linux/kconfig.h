/* SPDX-License-Identifier: Apache-2.0 */
/* What the simulated kernel is configured with, for trees that ask. */
#ifndef _SHIM_LINUX_KCONFIG_H
#define _SHIM_LINUX_KCONFIG_H

#define CONFIG_IOMMU_API 1
#define CONFIG_IOASID 1
#define CONFIG_MMU 1
#define CONFIG_VFIO 1
#define CONFIG_VFIO_CONTAINER 1
#define CONFIG_VFIO_GROUP 1
#define CONFIG_VFIO_IOMMU_TYPE1 1
#define CONFIG_VFIO_PASID 1

/* 1 if the option is defined as 1, else 0: a 1 makes the first of two arguments of one. */
#define __KCONFIG_PLACE_1 0,
#define __KCONFIG_SECOND(ignored, value, ...) value
#define __KCONFIG_IS_ONE3(place) __KCONFIG_SECOND(place 1, 0, 0)
#define __KCONFIG_IS_ONE2(value) __KCONFIG_IS_ONE3(__KCONFIG_PLACE_##value)
#define __KCONFIG_IS_ONE(value) __KCONFIG_IS_ONE2(value)

#define IS_BUILTIN(option) __KCONFIG_IS_ONE(option)
#define IS_MODULE(option) 0
#define IS_ENABLED(option) IS_BUILTIN(option)
#define IS_REACHABLE(option) IS_BUILTIN(option)

#endif
