/* SPDX-License-Identifier: Apache-2.0 */
/* Versions of kernels. The one of a tree is given by whoever compiles its files. */
#ifndef _SHIM_LINUX_VERSION_H
#define _SHIM_LINUX_VERSION_H

#include <ages/age.h>

#endif
