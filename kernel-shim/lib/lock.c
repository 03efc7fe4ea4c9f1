// SPDX-License-Identifier: Apache-2.0
/*
 * Mutexes, spinlocks and reader-writer semaphores. One thread at a time runs in a kernel, so a lock
 * that is found held is held further up the same stack: waiting for it would be for ever.
 */
#include "state.h"

#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>

static const char *name_of(const char *name)
{
	return name ? name : "a lock without name";
}

__noreturn static void deadlock(const char *name, const char *site, const char *holder)
{
	kernel_bug(site, "deadlock on %s, held since %s", name_of(name), kernel_short_path(holder));
}

__noreturn static void not_held(const char *name)
{
	kernel_bug(KERNEL_SITE, "unlock of %s, which is not held by this task", name_of(name));
}

static void taken_sleeping(const char *site)
{
	kernel_current()->sleeping_locks++;
	kernel_current()->lock_site = site;
}

void might_sleep(void)
{
	struct kernel *k = kernel_current();

	if (unlikely(k->trap.expired))
		trap_expire(k);
	WARN_ONCE(k->spinlocks || k->irq.running,
		  "sleeping function called where it must not sleep (lock taken at %s)",
		  k->spinlocks ? kernel_short_path(k->lock_site) : "no place");
}

void kernel_mutex_lock(struct mutex *lock, const char *site)
{
	might_sleep();
	if (!kernel_mutex_trylock(lock, site))
		deadlock(lock->name, site, lock->site);
}

int kernel_mutex_trylock(struct mutex *lock, const char *site)
{
	if (lock->owner)
		return 0;
	lock->owner = current;
	lock->site = site;
	taken_sleeping(site);
	return 1;
}

void mutex_unlock(struct mutex *lock)
{
	if (lock->owner != current)
		not_held(lock->name);
	lock->owner = NULL;
	kernel_current()->sleeping_locks--;
}

bool mutex_is_locked(const struct mutex *lock)
{
	return lock->owner;
}

void mutex_destroy(struct mutex *lock)
{
	WARN_ON(mutex_is_locked(lock));
}

void kernel_spin_lock(spinlock_t *lock, const char *site)
{
	if (!kernel_spin_trylock(lock, site))
		deadlock(lock->name, site, lock->site);
}

int kernel_spin_trylock(spinlock_t *lock, const char *site)
{
	if (lock->locked)
		return 0;
	lock->locked = true;
	lock->site = site;
	kernel_current()->spinlocks++;
	kernel_current()->lock_site = site;
	return 1;
}

void spin_unlock(spinlock_t *lock)
{
	if (!lock->locked)
		not_held(lock->name);
	lock->locked = false;
	kernel_current()->spinlocks--;
}

bool spin_is_locked(const spinlock_t *lock)
{
	return lock->locked;
}

void kernel_down_read(struct rw_semaphore *sem, const char *site)
{
	might_sleep();
	if (!kernel_down_read_trylock(sem, site))
		deadlock(sem->name, site, sem->site);
}

int kernel_down_read_trylock(struct rw_semaphore *sem, const char *site)
{
	if (sem->writer)
		return 0;
	sem->readers++;
	sem->site = site;
	taken_sleeping(site);
	return 1;
}

void up_read(struct rw_semaphore *sem)
{
	if (!sem->readers)
		not_held(sem->name);
	sem->readers--;
	kernel_current()->sleeping_locks--;
}

void kernel_down_write(struct rw_semaphore *sem, const char *site)
{
	might_sleep();
	if (!kernel_down_write_trylock(sem, site))
		deadlock(sem->name, site, sem->site);
}

int kernel_down_write_trylock(struct rw_semaphore *sem, const char *site)
{
	if (sem->writer || sem->readers)
		return 0;
	sem->writer = true;
	sem->site = site;
	taken_sleeping(site);
	return 1;
}

void up_write(struct rw_semaphore *sem)
{
	if (!sem->writer)
		not_held(sem->name);
	sem->writer = false;
	kernel_current()->sleeping_locks--;
}

void downgrade_write(struct rw_semaphore *sem)
{
	if (!sem->writer)
		not_held(sem->name);
	sem->writer = false;
	sem->readers = 1;
}

bool rwsem_is_locked(const struct rw_semaphore *sem)
{
	return sem->writer || sem->readers;
}

bool rwsem_is_write_locked(const struct rw_semaphore *sem)
{
	return sem->writer;
}
