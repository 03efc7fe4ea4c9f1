/* SPDX-License-Identifier: Apache-2.0 */
/* Symbols for modules: everything is linked together. */
#ifndef _SHIM_LINUX_EXPORT_H
#define _SHIM_LINUX_EXPORT_H

#define EXPORT_SYMBOL(symbol) extern __typeof__(symbol) symbol
#define EXPORT_SYMBOL_GPL(symbol) EXPORT_SYMBOL(symbol)
#define EXPORT_SYMBOL_NS_GPL(symbol, ns) EXPORT_SYMBOL(symbol)

#endif
