/* SPDX-License-Identifier: Apache-2.0 */
/* Reader-writer semaphores; waiting for a holder is a deadlock, as for mutexes. Readers may nest. */
#ifndef _SHIM_LINUX_RWSEM_H
#define _SHIM_LINUX_RWSEM_H

#include <linux/compiler.h>
#include <linux/types.h>

struct rw_semaphore {
	unsigned int readers;
	bool writer;
	const char *name;
	const char *site; /* where it was taken last */
};

#define __RWSEM_INITIALIZER(lockname) \
	{                             \
		.name = #lockname     \
	}
#define DECLARE_RWSEM(lockname) struct rw_semaphore lockname = __RWSEM_INITIALIZER(lockname)
#define init_rwsem(sem) (*(sem) = (struct rw_semaphore){ .name = #sem })

void kernel_down_read(struct rw_semaphore *sem, const char *site);
void kernel_down_write(struct rw_semaphore *sem, const char *site);
int kernel_down_read_trylock(struct rw_semaphore *sem, const char *site);
int kernel_down_write_trylock(struct rw_semaphore *sem, const char *site);
void up_read(struct rw_semaphore *sem);
void up_write(struct rw_semaphore *sem);
void downgrade_write(struct rw_semaphore *sem);

static inline int __must_check kernel_down_read_killable(struct rw_semaphore *sem, const char *site)
{
	kernel_down_read(sem, site);
	return 0;
}

static inline int __must_check kernel_down_write_killable(struct rw_semaphore *sem,
							  const char *site)
{
	kernel_down_write(sem, site);
	return 0;
}

#define down_read(sem) kernel_down_read(sem, KERNEL_SITE)
#define down_write(sem) kernel_down_write(sem, KERNEL_SITE)
#define down_read_killable(sem) kernel_down_read_killable(sem, KERNEL_SITE)
#define down_write_killable(sem) kernel_down_write_killable(sem, KERNEL_SITE)
/* 1 if taken, 0 if somebody holds it */
#define down_read_trylock(sem) kernel_down_read_trylock(sem, KERNEL_SITE)
#define down_write_trylock(sem) kernel_down_write_trylock(sem, KERNEL_SITE)
bool rwsem_is_locked(const struct rw_semaphore *sem);
bool rwsem_is_write_locked(const struct rw_semaphore *sem);

#endif
