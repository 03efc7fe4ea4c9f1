/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The age of a kernel tree whose file is being compiled. The shim's own code is compiled without
 * LINUX_VERSION_CODE and sees nothing of any age but its own. What a call looked like in an age is
 * told by the call itself where it can be, since trees carry backports; by the version elsewhere.
 */
#ifndef _SHIM_AGES_AGE_H
#define _SHIM_AGES_AGE_H

#ifndef KERNEL_VERSION
#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))
#endif

#ifdef LINUX_VERSION_CODE
#define KERNEL_TREE 1
#define KERNEL_TREE_BEFORE(a, b) (LINUX_VERSION_CODE < KERNEL_VERSION(a, b, 0))
#define KERNEL_TREE_SINCE(a, b) (!KERNEL_TREE_BEFORE(a, b))
#else
#define KERNEL_TREE 0
#define KERNEL_TREE_BEFORE(a, b) 0
#define KERNEL_TREE_SINCE(a, b) 0
#endif

/* The number of arguments, 1 to 8, behind a name: KERNEL_BY_COUNT(f_, a, b) is f_2. */
#define KERNEL_COUNT9(a, b, c, d, e, f, g, h, n, ...) n
#define KERNEL_COUNT(...) KERNEL_COUNT9(__VA_ARGS__, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define KERNEL_PASTE2(name, n) name##n
#define KERNEL_PASTE(name, n) KERNEL_PASTE2(name, n)
#define KERNEL_BY_COUNT(name, ...) KERNEL_PASTE(name, KERNEL_COUNT(__VA_ARGS__))

/** Oopses the running kernel: a tree has called what the shim knows by name only. */
__attribute__((noreturn)) void kernel_not_modelled(const char *site, const char *name);
#define shim_not_modelled(name) kernel_not_modelled(KERNEL_SITE, name)

#endif
