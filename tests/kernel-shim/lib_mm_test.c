// SPDX-License-Identifier: Apache-2.0
/* Address spaces: mapping, faulting in, copying, pinning, and the account of locked memory. */
#include "rig.h"

#include "lib/state.h"

#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include <string.h>

#define KIB4 4096ULL
#define MIB2 (2ULL << 20)
#define GIB1 (1ULL << 30)
#define FIXED 0x10000000ULL

struct process {
	struct rig f;
	struct task *task;
};

static void process_start(struct process *p)
{
	rig_start(&p->f);
	p->task = kernel_task_start(p->f.kernel, "vmm");
}

static void process_stop(struct process *p)
{
	rig_end(&p->f);
}

static long map(struct process *p, u64 address, u64 size, u64 page_size, bool read_only)
{
	return kernel_mmap(p->task, &(struct kernel_mmap){ address, size, page_size, read_only });
}

/* ---- mapping ---- */

TEST(lib_mm, chosen_addresses_are_aligned_and_apart)
{
	struct process p;
	long a, b, c;

	process_start(&p);
	a = map(&p, 0, KIB4, KIB4, false);
	b = map(&p, 0, GIB1, GIB1, false);
	c = map(&p, 0, MIB2, MIB2, false);
	EXPECT_GT(a, 0);
	EXPECT_EQ((u64)b % GIB1, 0);
	EXPECT_EQ((u64)c % MIB2, 0);
	EXPECT_GE(b, a + (long)KIB4);
	EXPECT_GE(c, b + (long)GIB1);
	process_stop(&p);
}

static const struct bad_map {
	u64 address, size, page_size;
	long ret;
} bad_maps[] = {
	{ 0, 0, KIB4, -EINVAL },
	{ 0, 100, KIB4, -EINVAL },
	{ 0, KIB4, MIB2, -EINVAL },
	{ 0, KIB4, 8192, -EINVAL },
	{ FIXED + 1, KIB4, KIB4, -EINVAL },
	{ FIXED + KIB4, MIB2, MIB2, -EINVAL },
	{ 1ULL << 47, KIB4, KIB4, -ENOMEM },
	{ FIXED, 1ULL << 48, KIB4, -ENOMEM },
	{ 0, 1ULL << 48, KIB4, -ENOMEM },
	{ FIXED * 2, KIB4, KIB4, -EEXIST },
};

TEST_WITH_PARAMS(lib_mm, impossible_mappings_are_refused, struct bad_map, bad_maps)
{
	struct process p;

	process_start(&p);
	EXPECT_EQ(map(&p, FIXED * 2, KIB4, KIB4, false), FIXED * 2);
	EXPECT_EQ(map(&p, param->address, param->size, param->page_size, false), param->ret);
	process_stop(&p);
}

TEST(lib_mm, room_below_the_usual_place_is_found_when_that_is_full)
{
	struct process p;
	u64 top = (1ULL << 47) - KIB4;

	process_start(&p);
	EXPECT_EQ(map(&p, 0x7f0000000000, top - 0x7f0000000000, KIB4, false), 0x7f0000000000);
	EXPECT_EQ(map(&p, 0, KIB4, KIB4, false), KIB4);
	process_stop(&p);
}

static const u64 page_sizes[] = { KIB4, MIB2, GIB1 };

TEST_WITH_PARAMS(lib_mm, memory_holds_what_was_written_and_lies_contiguously, u64, page_sizes)
{
	struct process p;
	u64 size = *param, i;
	u8 out[300], in[300];
	hpa_t first, last;

	process_start(&p);
	EXPECT_EQ(map(&p, GIB1, 2 * size, size, false), GIB1);
	for (i = 0; i < sizeof(out); i++)
		out[i] = (u8)i;
	/* across a border of pages */
	EXPECT_EQ(kernel_user_write(p.task, GIB1 + size - 100, out, sizeof(out)), 0);
	EXPECT_EQ(kernel_user_read(p.task, GIB1 + size - 100, in, sizeof(in)), 0);
	EXPECT_MEMEQ(in, out, sizeof(in));
	EXPECT_EQ(kernel_user_to_hpa(p.task, GIB1, &first), 0);
	EXPECT_EQ(kernel_user_to_hpa(p.task, GIB1 + size - 1, &last), 0);
	EXPECT_EQ(last.v - first.v, size - 1);
	EXPECT_EQ(first.v % size, 0);
	memory_read(p.f.memory, hpa(last.v - 99), in, 100);
	EXPECT_MEMEQ(in, out, 100);
	process_stop(&p);
}

TEST(lib_mm, untouched_pages_are_not_there_and_read_as_zero_without_host_memory)
{
	struct process p;
	u8 in[64];
	hpa_t at;

	process_start(&p);
	map(&p, FIXED, MIB2, KIB4, false);
	EXPECT_EQ(kernel_user_to_hpa(p.task, FIXED, &at), -EFAULT);
	memset(in, 1, sizeof(in));
	EXPECT_EQ(kernel_user_read(p.task, FIXED, in, sizeof(in)), 0);
	EXPECT_EQ(in[63], 0);
	EXPECT_EQ(kernel_user_to_hpa(p.task, FIXED, &at), 0);
	EXPECT_EQ(memory_pages_touched(p.f.memory), 0);
	EXPECT_EQ(kernel_user_to_hpa(p.task, 1ULL << 60, &at), -EFAULT);
	process_stop(&p);
}

TEST(lib_mm, a_process_cannot_write_read_only_memory_nor_touch_what_is_not_mapped)
{
	struct process p;
	u32 word = 7;

	process_start(&p);
	map(&p, FIXED, KIB4, KIB4, true);
	EXPECT_EQ(kernel_user_read(p.task, FIXED, &word, 4), 0);
	EXPECT_EQ(kernel_user_write(p.task, FIXED, &word, 4), -EFAULT);
	EXPECT_EQ(kernel_user_write(p.task, FIXED + KIB4, &word, 4), -EFAULT);
	EXPECT_EQ(kernel_user_read(p.task, FIXED - 2, &word, 4), -EFAULT);
	EXPECT_EQ(kernel_user_read(p.task, ~0ULL - 1, &word, 4), -EFAULT);
	process_stop(&p);
}

TEST(lib_mm, the_processor_reads_a_page_that_fails_for_devices)
{
	struct process p;
	u32 word = 0x1234;
	hpa_t at;

	process_start(&p);
	map(&p, FIXED, KIB4, KIB4, false);
	EXPECT_EQ(kernel_user_write(p.task, FIXED, &word, 4), 0);
	EXPECT_EQ(kernel_user_to_hpa(p.task, FIXED, &at), 0);
	memory_poison(p.f.memory, at, true);
	word = 0;
	EXPECT_EQ(kernel_user_read(p.task, FIXED, &word, 4), 0);
	EXPECT_EQ(word, 0x1234);
	process_stop(&p);
}

TEST(lib_mm, unmapping_a_middle_leaves_both_ends)
{
	struct process p;
	u32 word = 7;

	process_start(&p);
	map(&p, FIXED, 8 * KIB4, KIB4, false);
	EXPECT_EQ(kernel_munmap(p.task, FIXED + 2 * KIB4, 3 * KIB4), 0);
	EXPECT_EQ(kernel_user_write(p.task, FIXED + KIB4, &word, 4), 0);
	EXPECT_EQ(kernel_user_write(p.task, FIXED + 2 * KIB4, &word, 4), -EFAULT);
	EXPECT_EQ(kernel_user_write(p.task, FIXED + 4 * KIB4, &word, 4), -EFAULT);
	EXPECT_EQ(kernel_user_write(p.task, FIXED + 5 * KIB4, &word, 4), 0);
	/* a hole and several mappings at once */
	EXPECT_EQ(kernel_munmap(p.task, FIXED, 8 * KIB4), 0);
	EXPECT_EQ(kernel_user_write(p.task, FIXED + KIB4, &word, 4), -EFAULT);
	EXPECT_EQ(kernel_munmap(p.task, FIXED, 8 * KIB4), 0);
	process_stop(&p);
}

TEST(lib_mm, a_page_is_unmapped_whole_or_not_at_all)
{
	struct process p;

	process_start(&p);
	map(&p, MIB2, 2 * MIB2, MIB2, false);
	EXPECT_EQ(kernel_munmap(p.task, MIB2 + KIB4, MIB2), -EINVAL);
	EXPECT_EQ(kernel_munmap(p.task, MIB2, KIB4), -EINVAL);
	EXPECT_EQ(kernel_munmap(p.task, MIB2, 0), -EINVAL);
	EXPECT_EQ(kernel_munmap(p.task, MIB2 + 1, KIB4), -EINVAL);
	EXPECT_EQ(kernel_munmap(p.task, ~0ULL << 12, MIB2), -EINVAL);
	EXPECT_EQ(kernel_munmap(p.task, 2 * MIB2, MIB2), 0);
	process_stop(&p);
}

TEST(lib_mm, a_terabyte_is_mapped_and_unmapped_for_nothing)
{
	struct process p;
	u32 word = 1;

	process_start(&p);
	map(&p, FIXED, 1ULL << 40, KIB4, false);
	EXPECT_EQ(kernel_user_write(p.task, FIXED + (1ULL << 39), &word, 4), 0);
	EXPECT_EQ(kernel_munmap(p.task, FIXED, 1ULL << 40), 0);
	process_stop(&p);
}

/* ---- inside the kernel: copies ---- */

static long copies(void *arg)
{
	u8 __user *end = (u8 __user *)(FIXED + 2 * KIB4); /* of the mapping */
	u8 buf[64];
	u32 value = 5;

	(void)arg;
	memset(buf, 0xff, sizeof(buf));
	EXPECT_EQ(copy_to_user(end - 64, buf, 64), 0);
	EXPECT_EQ(copy_to_user(end - 16, buf, 64), 48);
	EXPECT_EQ(copy_from_user(buf, end - 16, 64), 48);
	EXPECT_EQ(buf[15], 0xff);
	/* the part that could not be copied is zeroed */
	EXPECT_EQ(buf[16], 0);
	EXPECT_EQ(clear_user(end - 8, 8), 0);
	EXPECT_EQ(clear_user(end - 8, 9), 1);
	EXPECT_EQ(put_user(0x12345678u, (u32 __user *)(end - 4)), 0);
	EXPECT_EQ(get_user(value, (u32 __user *)(end - 4)), 0);
	EXPECT_EQ(value, 0x12345678);
	EXPECT_EQ(put_user(1u, (u32 __user *)end), -EFAULT);
	EXPECT_EQ(get_user(value, (u32 __user *)end), -EFAULT);
	EXPECT_EQ(value, 0x12345678);
	EXPECT_TRUE(access_ok(end, 1));
	EXPECT_FALSE(access_ok(end, ~0UL));
	EXPECT_FALSE(access_ok(~0UL, 1));
	EXPECT_EQ(copy_from_user(buf, (void __user *)~0UL, 8), 8);
	return 0;
}

TEST(lib_mm, copies_stop_at_the_first_byte_that_is_not_mapped)
{
	struct process p;

	process_start(&p);
	map(&p, FIXED, 2 * KIB4, KIB4, false);
	EXPECT_EQ(rig_call_as(p.task, copies, NULL), 0);
	process_stop(&p);
}

static long structs(void *arg)
{
	u8 __user *at = (u8 __user *)FIXED;
	u8 __user *end = (u8 __user *)(FIXED + KIB4);
	u8 buf[16];
	char text[8];

	(void)arg;
	memset(buf, 3, sizeof(buf));
	EXPECT_EQ(copy_to_user(at, buf, 8), 0);
	EXPECT_EQ(copy_struct_from_user(buf, 16, at, 8), 0);
	EXPECT_EQ(buf[7], 3);
	EXPECT_EQ(buf[8], 0);
	EXPECT_EQ(copy_struct_from_user(buf, 8, at, 200), 0);
	EXPECT_EQ(copy_struct_from_user(buf, 4, at, 200), -E2BIG);
	EXPECT_EQ(copy_struct_from_user(buf, 4, end - 4, 8), -EFAULT);
	EXPECT_EQ(copy_struct_from_user(buf, 8, end - 4, 8), -EFAULT);
	EXPECT_EQ(copy_to_user(at, "abc", 4), 0);
	EXPECT_EQ(strncpy_from_user(text, (char __user *)at, sizeof(text)), 3);
	EXPECT_STREQ(text, "abc");
	EXPECT_EQ(strncpy_from_user(text, (char __user *)at, 2), 2);
	EXPECT_EQ(strncpy_from_user(text, (char __user *)end, 2), -EFAULT);
	return 0;
}

TEST(lib_mm, structs_of_other_sizes_are_filled_or_must_be_zero)
{
	struct process p;

	process_start(&p);
	map(&p, FIXED, KIB4, KIB4, false);
	EXPECT_EQ(rig_call_as(p.task, structs, NULL), 0);
	process_stop(&p);
}

static long borrow(void *arg)
{
	struct task *task = arg;
	u32 value = 0;

	EXPECT_EQ(copy_from_user(&value, (void __user *)FIXED, 4), 4);
	kthread_use_mm(task->ts.mm);
	EXPECT_EQ(copy_from_user(&value, (void __user *)FIXED, 4), 0);
	EXPECT_EQ(value, 99);
	kthread_unuse_mm(task->ts.mm);
	EXPECT_EQ(current->mm, NULL);
	EXPECT_FALSE(kthread_should_stop());
	return 0;
}

TEST(lib_mm, a_kernel_thread_reaches_user_memory_only_while_it_borrows_it)
{
	struct process p;
	u32 value = 99;

	process_start(&p);
	map(&p, FIXED, KIB4, KIB4, false);
	kernel_user_write(p.task, FIXED, &value, 4);
	EXPECT_EQ(rig_call(&p.f, borrow, p.task), 0);
	EXPECT_EQ(kernel_warnings(p.f.kernel), 0);
	process_stop(&p);
}

/* ---- pinning ---- */

struct pin {
	u64 start;
	unsigned long nr;
	unsigned int flags;
	long ret; /* of pin_user_pages_remote() */
	struct page *pages[1024];
	bool unpin;
};

static long do_pin(void *arg)
{
	struct pin *pin = arg;
	int locked = 1;

	mmap_read_lock(current->mm);
	pin->ret = pin_user_pages_remote(current->mm, pin->start, pin->nr, pin->flags, pin->pages,
					 NULL, &locked);
	mmap_read_unlock(current->mm);
	if (pin->unpin && pin->ret > 0)
		unpin_user_pages_dirty_lock(pin->pages, (unsigned long)pin->ret, true);
	return 0;
}

static long do_unpin(void *arg)
{
	struct pin *pin = arg;

	unpin_user_pages(pin->pages, (unsigned long)pin->ret);
	return 0;
}

static void pin(struct process *p, struct pin *pin)
{
	EXPECT_EQ(rig_call_as(p->task, do_pin, pin), 0);
}

TEST_WITH_PARAMS(lib_mm, pinned_pages_are_those_that_the_process_sees, u64, page_sizes)
{
	struct process p;
	struct pin it = { .start = 2 * GIB1 + KIB4,
			  .nr = 600,
			  .flags = FOLL_WRITE | FOLL_LONGTERM };
	u64 first;
	hpa_t at;
	int i;

	process_start(&p);
	map(&p, 2 * GIB1, max(*param, 2 * MIB2), *param, false);
	pin(&p, &it);
	EXPECT_EQ(it.ret, 600);
	EXPECT_EQ(rig_usage(&p.f).pinned_pages, 600);
	first = RIG_RAM_BASE >> PAGE_SHIFT;
	for (i = 0; i < 600; i++) {
		kernel_user_to_hpa(p.task, it.start + (u64)i * KIB4, &at);
		EXPECT_EQ((u64)(it.pages[i] - p.f.kernel->pages.map) + first, at.v >> PAGE_SHIFT);
	}
	rig_call_as(p.task, do_unpin, &it);
	EXPECT_EQ(rig_usage(&p.f).pinned_pages, 0);
	process_stop(&p);
}

TEST(lib_mm, pinning_ends_where_the_mapping_does)
{
	struct process p;
	struct pin it = { .start = FIXED, .nr = 10, .flags = FOLL_WRITE, .unpin = true };

	process_start(&p);
	map(&p, FIXED, 3 * KIB4, KIB4, false);
	map(&p, FIXED + 4 * KIB4, KIB4, KIB4, true);
	pin(&p, &it);
	EXPECT_EQ(it.ret, 3);
	it.start = FIXED + 3 * KIB4;
	pin(&p, &it);
	EXPECT_EQ(it.ret, -EFAULT);
	it.start = FIXED + 4 * KIB4;
	pin(&p, &it);
	EXPECT_EQ(it.ret, -EFAULT);
	it.flags = 0;
	pin(&p, &it);
	EXPECT_EQ(it.ret, 1);
	process_stop(&p);
}

TEST(lib_mm, pinning_tells_when_ram_is_used_up)
{
	struct process p;
	struct pin it = { .start = FIXED, .nr = 1024, .flags = FOLL_WRITE, .unpin = true };

	rig_init(&p.f, "mainline");
	p.f.config.ram_size = 2ULL << 20;
	rig_boot(&p.f);
	p.task = kernel_task_start(p.f.kernel, "vmm");
	map(&p, FIXED, 1024 * KIB4, KIB4, false);
	pin(&p, &it);
	EXPECT_EQ(it.ret, 512);
	it.start = FIXED + 512 * KIB4;
	pin(&p, &it);
	EXPECT_EQ(it.ret, -ENOMEM);
	process_stop(&p);
}

static struct kernel_usage usage_of(struct process *p)
{
	return rig_usage(&p->f);
}

TEST_WITH_PARAMS(lib_mm, a_pinned_page_outlives_its_mapping, u64, page_sizes)
{
	struct process p;
	struct pin it = { .start = GIB1, .nr = 1, .flags = FOLL_WRITE };
	u32 word = 0xabcd, seen = 0;
	hpa_t before, after;

	process_start(&p);
	map(&p, GIB1, *param, *param, false);
	kernel_user_write(p.task, GIB1, &word, 4);
	kernel_user_to_hpa(p.task, GIB1, &before);
	pin(&p, &it);
	EXPECT_EQ(kernel_munmap(p.task, GIB1, *param), 0);
	EXPECT_EQ(usage_of(&p).pinned_pages, 1);
	/* it is not handed out again */
	map(&p, GIB1, *param, *param, false);
	EXPECT_EQ(kernel_user_read(p.task, GIB1, &seen, 4), 0);
	EXPECT_EQ(seen, 0);
	kernel_user_to_hpa(p.task, GIB1, &after);
	EXPECT_NE(after.v, before.v);
	memory_read(p.f.memory, before, &seen, 4);
	EXPECT_EQ(seen, 0xabcd);
	/* until it is unpinned */
	rig_call_as(p.task, do_unpin, &it);
	kernel_munmap(p.task, GIB1, *param);
	map(&p, GIB1, 2 * *param, *param, false);
	kernel_user_read(p.task, GIB1, &seen, 4);
	kernel_user_read(p.task, GIB1 + *param, &seen, 4);
	EXPECT_EQ(seen, 0);
	process_stop(&p);
}

static long other_ways_to_pin(void *arg)
{
	struct page *pages[4];

	(void)arg;
	EXPECT_EQ(pin_user_pages_fast(FIXED, 2, FOLL_WRITE, pages), 2);
	unpin_user_page_range_dirty_lock(pages[0], 1, true);
	unpin_user_page(pages[1]);
	EXPECT_EQ(pin_user_pages_fast(FIXED, 0, FOLL_WRITE, pages), 0);
	mmap_read_lock(current->mm);
	EXPECT_EQ(pin_user_pages(FIXED, 1, 0, pages, NULL), 1);
	mmap_read_unlock(current->mm);
	unpin_user_page(pages[0]);
	EXPECT_EQ(kernel_current()->warnings, 0);
	unpin_user_page(pages[0]);
	EXPECT_EQ(kernel_current()->warnings, 1);
	EXPECT_EQ(pin_user_pages(FIXED, 1, FOLL_GET, pages, NULL), -EINVAL);
	return 0;
}

TEST(lib_mm, unpinning_too_much_warns)
{
	struct process p;

	process_start(&p);
	map(&p, FIXED, 2 * KIB4, KIB4, false);
	EXPECT_EQ(rig_call_as(p.task, other_ways_to_pin, NULL), 0);
	EXPECT_TRUE(rig_logged(&p.f, "not pinned"));
	process_stop(&p);
}

static long entries(void *arg)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma = vma_lookup(mm, FIXED);
	unsigned long pfn = 0;
	spinlock_t *lock;
	pte_t *pte;

	(void)arg;
	EXPECT_EQ(follow_pte(mm, FIXED, &pte, &lock), -EINVAL);
	EXPECT_EQ(fixup_user_fault(mm, FIXED, 0, NULL), 0);
	EXPECT_EQ(fixup_user_fault(mm, FIXED, FAULT_FLAG_WRITE, NULL), -EFAULT);
	EXPECT_EQ(follow_pte(mm, FIXED, &pte, &lock), 0);
	EXPECT_FALSE(pte_write(ptep_get(pte)));
	EXPECT_TRUE(pfn_valid(pte_pfn(*pte)));
	pte_unmap_unlock(pte, lock);
	EXPECT_EQ(follow_pfn(vma, FIXED, &pfn), -EINVAL);
	vma->vm_flags |= VM_PFNMAP;
	EXPECT_EQ(follow_pfn(vma, FIXED, &pfn), 0);
	EXPECT_TRUE(pfn_valid(pfn));
	EXPECT_EQ(follow_pfn(vma, FIXED + KIB4, &pfn), -EINVAL);
	EXPECT_EQ(find_vma(mm, 0), vma);
	EXPECT_EQ(vma_lookup(mm, 0), NULL);
	return 0;
}

TEST(lib_mm, entries_of_the_page_table_can_be_followed)
{
	struct process p;

	process_start(&p);
	map(&p, FIXED, 2 * KIB4, KIB4, true);
	EXPECT_EQ(rig_call_as(p.task, entries, NULL), 0);
	process_stop(&p);
}

/* ---- locked memory ---- */

static long account(void *arg)
{
	struct mm_struct *mm = current->mm;
	int ret;

	(void)arg;
	EXPECT_EQ(account_locked_vm(mm, 10, true), 0);
	EXPECT_EQ(account_locked_vm(mm, 7, true), -ENOMEM);
	EXPECT_EQ(account_locked_vm(mm, ~0UL, true), -ENOMEM);
	EXPECT_EQ(account_locked_vm(mm, 6, true), 0);
	EXPECT_EQ(account_locked_vm(mm, 0, true), 0);
	EXPECT_EQ(account_locked_vm(NULL, 5, true), 0);
	EXPECT_EQ(mm->locked_vm, 16);
	mmap_write_lock(mm);
	ret = __account_locked_vm(mm, 100, true, current, true);
	mmap_write_unlock(mm);
	EXPECT_EQ(ret, 0);
	EXPECT_EQ(mm->locked_vm, 116);
	EXPECT_EQ(account_locked_vm(mm, 116, false), 0);
	EXPECT_EQ(kernel_current()->warnings, 0);
	EXPECT_EQ(account_locked_vm(mm, 1, false), 0);
	EXPECT_EQ(mm->locked_vm, 0);
	EXPECT_EQ(kernel_current()->warnings, 1);
	return 0;
}

TEST(lib_mm, locked_memory_is_limited_unless_the_limit_is_bypassed)
{
	struct process p;

	process_start(&p);
	kernel_task_limit(p.task, 16 * KIB4, false);
	EXPECT_EQ(rig_call_as(p.task, account, NULL), 0);
	process_stop(&p);
}

static long lock_much(void *arg)
{
	(void)arg;
	return account_locked_vm(current->mm, 1000, true);
}

static long unlock_much(void *arg)
{
	(void)arg;
	return account_locked_vm(current->mm, 1000, false);
}

TEST(lib_mm, a_privileged_process_locks_what_it_wants_and_it_shows_in_the_usage)
{
	struct process p;

	process_start(&p);
	kernel_task_limit(p.task, 0, false);
	EXPECT_EQ(rig_call_as(p.task, lock_much, NULL), -ENOMEM);
	kernel_task_limit(p.task, 0, true);
	EXPECT_EQ(rig_call_as(p.task, lock_much, NULL), 0);
	EXPECT_EQ(usage_of(&p).locked_pages, 1000);
	EXPECT_EQ(rig_call_as(p.task, unlock_much, NULL), 0);
	process_stop(&p);
}

/* ---- lifetime ---- */

static long keep_mm(void *arg)
{
	struct mm_struct **mm = arg;

	*mm = get_task_mm(current);
	EXPECT_TRUE(mmget_not_zero(*mm));
	mmput(*mm);
	mmgrab(*mm);
	mmput(*mm);
	return 0;
}

static long drop_mm(void *arg)
{
	struct mm_struct *mm = arg;

	EXPECT_FALSE(mmget_not_zero(mm));
	EXPECT_TRUE(RB_EMPTY_ROOT(&mm->mm_rb));
	EXPECT_EQ(get_task_mm(current), NULL);
	mmdrop(mm);
	return 0;
}

TEST(lib_mm, a_grabbed_mm_stays_as_a_struct_but_its_memory_goes_with_the_process)
{
	struct process p;
	struct mm_struct *mm;
	u32 word = 1;

	process_start(&p);
	map(&p, FIXED, KIB4, KIB4, false);
	kernel_user_write(p.task, FIXED, &word, 4);
	rig_call_as(p.task, keep_mm, &mm);
	kernel_task_exit(p.task);
	rig_call(&p.f, drop_mm, mm);
	process_stop(&p);
}

TEST(lib_mm, faulting_in_fails_softly_without_host_objects_or_ram)
{
	struct process p;
	u32 word = 1;

	process_start(&p);
	map(&p, FIXED, KIB4, KIB4, false);
	kernel_set_parameter(p.f.kernel, "fault.page_nth", "1");
	EXPECT_EQ(kernel_user_write(p.task, FIXED, &word, 4), -EFAULT);
	EXPECT_EQ(kernel_user_write(p.task, FIXED, &word, 4), 0);
	process_stop(&p);
}
