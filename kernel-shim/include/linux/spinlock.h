/* SPDX-License-Identifier: Apache-2.0 */
/* Spinlocks: as mutexes, a held one is a deadlock. While one is held, no interrupt is delivered. */
#ifndef _SHIM_LINUX_SPINLOCK_H
#define _SHIM_LINUX_SPINLOCK_H

#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/types.h>

typedef struct spinlock {
	bool locked;
	const char *name;
	const char *site; /* where it was locked */
} spinlock_t;

typedef struct spinlock raw_spinlock_t;

#define __SPIN_LOCK_UNLOCKED(lockname) \
	{                              \
		.name = #lockname      \
	}
#define DEFINE_SPINLOCK(lockname) spinlock_t lockname = __SPIN_LOCK_UNLOCKED(lockname)
#define spin_lock_init(lock) (*(lock) = (spinlock_t){ .name = #lock })
#define raw_spin_lock_init(lock) spin_lock_init(lock)

void kernel_spin_lock(spinlock_t *lock, const char *site);
int kernel_spin_trylock(spinlock_t *lock, const char *site);
void spin_unlock(spinlock_t *lock);
bool spin_is_locked(const spinlock_t *lock);

#define spin_lock(lock) kernel_spin_lock(lock, KERNEL_SITE)
#define spin_trylock(lock) kernel_spin_trylock(lock, KERNEL_SITE)
#define spin_lock_irq(lock) spin_lock(lock)
#define spin_unlock_irq(lock) spin_unlock(lock)
#define spin_lock_bh(lock) spin_lock(lock)
#define spin_unlock_bh(lock) spin_unlock(lock)
#define spin_lock_irqsave(lock, flags) \
	do {                           \
		(flags) = 0;           \
		spin_lock(lock);       \
	} while (0)
#define spin_unlock_irqrestore(lock, flags) \
	do {                                \
		(void)(flags);              \
		spin_unlock(lock);          \
	} while (0)
#define raw_spin_lock(lock) spin_lock(lock)
#define raw_spin_unlock(lock) spin_unlock(lock)
#define raw_spin_lock_irqsave(lock, flags) spin_lock_irqsave(lock, flags)
#define raw_spin_unlock_irqrestore(lock, flags) spin_unlock_irqrestore(lock, flags)
#define assert_spin_locked(lock) BUG_ON(!spin_is_locked(lock))

#endif
