/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a kernel consists of, private to lib/: everything that a real kernel keeps in statics. The rest
 * of the shim sees lib/context.h, the outside sees kernel.h.
 */
#ifndef KERNEL_SHIM_LIB_STATE_H
#define KERNEL_SHIM_LIB_STATE_H

#include "context.h"

#include <linux/device.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/workqueue.h>
#include <setjmp.h>

#define KERNEL_VECTORS 256
#define KERNEL_BUSES 2
#define KERNEL_LOG_LINE 512 /* bytes */
#define KERNEL_OOPS_TEXT 2048 /* bytes, with a backtrace */
#define KERNEL_FRAMES 12 /* of a plug-in, in a backtrace */
#define KERNEL_TRAPPED 2 /* how kernel.entry is come back to: 1 is an oops that has been told */

/** Objects of kmalloc() and of lib/ itself. */
struct slab_state {
	/* aligned as the objects are, whose list walks over the head as if it were one */
	struct list_head objects __aligned(__alignof__(max_align_t));
	u64 live; /* kmalloc() objects; those of lib/ do not count */
	u64 live_at_boot;
	size_t bytes; /* of all objects */
};

/** The page allocator, see page_alloc.c. */
struct page_state {
	struct page *map; /* struct page of first_pfn .. end_pfn-1 */
	unsigned int *mapped; /* for each 2 MiB: how many pages have an address */
	u64 first_pfn;
	u64 fresh_pfn; /* from here on, never handed out */
	u64 end_pfn;
	struct list_head free[MAX_ORDER]; /* blocks by order */
};

/** From host pointers to frames, for virt_to_phys(). */
struct direct_map {
	struct direct_map_slot {
		void *virtual; /* of a page; NULL: the slot is free */
		u64 pfn;
	} * slots;
	size_t size; /* slots, a power of two */
	size_t used;
};

struct irq_state {
	struct {
		void (*handler)(void *arg);
		void *arg;
	} vectors[KERNEL_VECTORS];
	DECLARE_BITMAP(pending, KERNEL_VECTORS);
	bool any_pending;
	bool running; /* in a handler */
	const struct irq_remapping *remapping; /* or NULL */
	struct list_head msis; /* struct msi, see msi.c */
};

/** A parameter that was set. */
struct parameter {
	struct list_head list;
	const struct parameter_description *description;
	unsigned long value;
};

/** Failures on purpose: how many allocations from now the one is that fails; 0: none. */
struct fault_state {
	unsigned long kmalloc_in;
	unsigned long page_in;
};

struct usage_counts {
	u64 pinned_pages;
	u64 domains;
	u64 pasids;
	u64 pasid_sets;
	u64 table_pages;
	u64 table_pages_at_boot;
	u64 open_files;
};

/** The kernel's own copy of its plug-in, see plugin.c. */
struct plugin {
	const struct kernel_plugin *it; /* NULL: none */
	int fd; /* the copy, in memory; -1: none */
	void *handle; /* of dlopen() */
	unsigned long base; /* address that its file's addresses count from */
	unsigned long start, end; /* addresses of its code */
};

/** Faults of a plug-in's code, see trap.c; written to by signal handlers. */
struct trap {
	bool armed; /* the kernel is entered and has a plug-in */
	int signal; /* that ended it, or 0 */
	int code; /* si_code */
	unsigned long address; /* si_addr */
	bool overflow; /* of the stack */
	unsigned int spent_ms; /* processor time since entry, in ticks */
	bool expired; /* it is too much: might_sleep() ends the kernel */
	unsigned int watchdog_ms; /* and how much of it is too much; 0: none is */
	unsigned long frames[KERNEL_FRAMES]; /* addresses in the plug-in, innermost first */
	unsigned int frame_count;
};

/** An oops with its backtrace, one line. */
struct backtrace_text {
	char text[KERNEL_OOPS_TEXT];
};

struct kernel {
	struct kernel_config config;

	/* entry from outside, and what may end it early */
	bool entered;
	bool oopsed;
	jmp_buf entry;
	struct kernel *outer; /* whose context the thread was in before */
	char oops[KERNEL_OOPS_TEXT]; /* its text, once oopsed */
	char last_error[KERNEL_LOG_LINE]; /* the newest line of level 3 or worse */
	u64 warnings;
	const char **warned; /* places (KERNEL_SITE), for the _ONCE kinds */
	size_t warned_count;
	unsigned int printk_burst; /* lines of printk_ratelimit() since entry */

	/* polling and sleeping */
	u64 polls; /* turns since the hardware was last written to */
	u64 polls_since_entry;
	unsigned long ticks; /* jiffies */

	/* locks held now */
	unsigned int sleeping_locks;
	unsigned int spinlocks;
	const char *lock_site; /* of the last one taken */

	struct plugin plugin;
	char *plugin_path; /* or NULL */
	struct trap trap;

	struct slab_state slab;
	struct page_state pages;
	struct direct_map direct_map;
	struct irq_state irq;
	struct list_head parameters;
	struct fault_state faults;
	struct usage_counts usage;

	struct task_struct init_task; /* the kernel's own thread */
	struct task_struct *current_task;
	struct list_head tasks; /* struct task */
	pid_t last_pid;
	struct list_head mms;

	struct list_head chrdevs;
	unsigned int last_minor;
	struct list_head files; /* open */
	struct list_head dead_files; /* to be released on the way to user space */
	struct list_head pending_work;

	struct bus_type buses[KERNEL_BUSES];
	void *subsystems[KERNEL_SUBSYS_COUNT];
};

/** A user process. */
struct task {
	struct kernel *kernel;
	struct list_head list;
	struct task_struct ts;
};

/* ---- context.c ---- */

/**
 * Runs fn in the kernel's context as the task (NULL: the kernel's own thread), and what it deferred.
 * Its result; -ENOTRECOVERABLE if the kernel is or becomes oopsed, -EDEADLK if it is entered already.
 */
long kernel_run(struct kernel *k, struct task_struct *task, long (*fn)(void *arg), void *arg);

/** Leaves the kernel for good, back to kernel_run(). The text is in k->oops. */
__noreturn void kernel_die(struct kernel *k);

/** Calls of the machine are made outside of the kernel's context: it may run others meanwhile. */
struct kernel *kernel_hardware_begin(void);
void kernel_hardware_end(struct kernel *k);

/* ---- msi.c ---- */

/** Frees the interrupts that devices still have. */
void msi_exit(void);

/* ---- oops.c ---- */

/** The part of a path below the shim's own directory. */
const char *kernel_short_path(const char *path);

/** Ends a kernel whose plug-in was trapped: its text, and the log's. The context is none by now. */
void kernel_trapped(struct kernel *k);

/* ---- plugin.c ---- */

/** "tree:NAME"? */
bool plugin_variant(const char *variant);

/** Loads a copy of the configured plug-in. False with a sentence (NULL: no memory) that the caller frees. */
bool plugin_load(struct kernel *k, char **error);

/** Takes it away, as far as it was loaded. */
void plugin_unload(struct kernel *k);

/** Sets a parameter of the plug-in: 0, -ENOENT or -EINVAL. */
int plugin_set_parameter(struct kernel *k, const char *name, const char *value);

/* ---- trap.c, backtrace.c ---- */

/** Faults on this thread are the kernel's from now on, as long as it runs and trap.armed is set. */
void trap_arm(struct kernel *k);

/** Ends a kernel whose time has expired, in a place where the shim's own state is whole. */
__noreturn void trap_expire(struct kernel *k);

/** What trap.signal says, with the backtrace. */
void trap_tell(struct kernel *k, struct backtrace_text *text);

/** Is this an address of the plug-in's code? */
bool plugin_holds(const struct kernel *k, unsigned long pc);

/** Notes the plug-in's frames on the stack of the caller, a signal handler perhaps. */
void backtrace_take(struct kernel *k);

/** Notes the caller of a function that does not exist, if nothing else is known. */
void backtrace_take_caller(struct kernel *k, unsigned long return_address);

/** "file:line: what; in f() at file:line, from ..." of the frames noted; what NULL: from the semicolon on. */
void backtrace_tell(const struct kernel *k, const char *what, struct backtrace_text *text);

/* ---- slab.c ---- */

/** A zeroed object of lib/ itself: not counted, never failed on purpose, freed by kfree(). */
void *slab_zalloc_internal(size_t size);
void slab_free_all(struct kernel *k);

/* ---- page_alloc.c, direct_map.c ---- */

/** -ENOMEM or 0. */
int page_alloc_start(struct kernel *k);
void page_alloc_stop(struct kernel *k);

/** Remembers where a page is reached; false: no host memory. */
bool direct_map_add(struct direct_map *map, void *virtual, u64 pfn);

/** The frame of a page's address, or ~0ULL. */
u64 direct_map_find(const struct direct_map *map, const void *virtual);

/* ---- page_table.c ---- */

#define USER_PTE_PRESENT 1ULL
#define USER_PTE_WRITE 2ULL
#define USER_PTE_LEAF 4ULL

/** The entry that maps address, with the order of its page; NULL if there is none. */
u64 *page_table_find(const struct mm_struct *mm, unsigned long address, unsigned int *order);

/** The entry, perhaps empty, for a page of this order; NULL: no memory. */
u64 *page_table_make(struct mm_struct *mm, unsigned long address, unsigned int order);

/** Gives back all pages between start and end. */
void page_table_clear(struct mm_struct *mm, unsigned long start, unsigned long end);
void page_table_free(struct mm_struct *mm);

/* ---- mm.c ---- */

struct mm_struct *mm_alloc(void);

/**
 * Where the 4-KiB page of an address is, brought in if it is not there yet. 0, -EFAULT (no mapping,
 * or a write to a read-only one) or -ENOMEM. The mmap lock is not needed: nobody runs in parallel.
 */
int mm_fault_in(struct mm_struct *mm, unsigned long address, bool write, struct page **page);

/* ---- file.c ---- */

struct files_struct *files_alloc(void);
void files_close_all(struct files_struct *files);

/** Releases what fput() left for later. True if there was anything. */
bool files_release_dead(void);

/** A new file; NULL: no memory. */
struct file *file_alloc(const struct file_operations *fops, unsigned int flags);

/* ---- chrdev.c ---- */

/** Opens a device file: a file, or an error pointer. */
struct file *chrdev_open(const char *path);

/* ---- irq.c, workqueue.c, io.c ---- */

/** Runs what is pending, if interrupts may come now. True if there was anything. */
bool irq_deliver_pending(void);
bool work_run_pending(void);

/** Counts a turn of a loop that waits, and oopses after too many. */
void kernel_count_poll(const char *what);

/* ---- parameter.c ---- */

/** Sets "name=value" of the boot configuration: 0, -ENOENT, -EINVAL or -ENOMEM. */
int parameter_set(const char *name, const char *value);

#endif
