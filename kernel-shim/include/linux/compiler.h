/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Annotations and single accesses. A kernel runs on one thread at a time, so barriers only need to
 * stop the compiler.
 */
#ifndef _SHIM_LINUX_COMPILER_H
#define _SHIM_LINUX_COMPILER_H

#ifdef LINUX_VERSION_CODE
#include <linux/kconfig.h> /* the kernel has it before every file */
#endif

#define __user
#define __iomem
#define __kernel
#define __force
#define __rcu
#define __percpu
#define __must_hold(x)
#define __acquires(x)
#define __releases(x)
#define __init
#define __exit
#define __initdata
#define __read_mostly
#define __ro_after_init
#define __cold

#define __maybe_unused __attribute__((unused))
#define __always_unused __attribute__((unused))
#define __must_check __attribute__((warn_unused_result))
#define __packed __attribute__((packed))
#define __aligned(x) __attribute__((aligned(x)))
#define __printf(fmt, args) __attribute__((format(printf, fmt, args)))
#define __noreturn __attribute__((noreturn))
#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif
#define noinline __attribute__((noinline))
#define fallthrough __attribute__((fallthrough))

/* A place in the source as one string, for messages about what was done there. */
#define __kernel_string2(x) #x
#define __kernel_string(x) __kernel_string2(x)
#define KERNEL_SITE __FILE__ ":" __kernel_string(__LINE__)

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define barrier() __asm__ __volatile__("" ::: "memory")
#define mb() barrier()
#define rmb() barrier()
#define wmb() barrier()
#define dma_rmb() barrier()
#define dma_wmb() barrier()
#define smp_mb() barrier()
#define smp_rmb() barrier()
#define smp_wmb() barrier()
#define smp_store_release(p, v) WRITE_ONCE(*(p), v)
#define smp_load_acquire(p) READ_ONCE(*(p))

#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value) (*(volatile __typeof__(x) *)&(x) = (value))

#define xchg(ptr, value)                          \
	__extension__({                           \
		__typeof__(ptr) __xp = (ptr);     \
		__typeof__(*(ptr)) __old = *__xp; \
		*__xp = (value);                  \
		__old;                            \
	})

/* Stores new if *ptr equals old; the value found either way. */
#define cmpxchg(ptr, old, new)                      \
	__extension__({                             \
		__typeof__(ptr) __cp = (ptr);       \
		__typeof__(*(ptr)) __found = *__cp; \
		if (__found == (old))               \
			*__cp = (new);              \
		__found;                            \
	})
#define cmpxchg64(ptr, old, new) cmpxchg(ptr, old, new)

#endif
