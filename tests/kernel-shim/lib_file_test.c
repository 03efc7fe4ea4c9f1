// SPDX-License-Identifier: Apache-2.0
/* Processes, device files and file descriptors: who keeps what alive, and in which order it ends. */
#include "rig.h"

#include "lib/state.h"

#include <linux/anon_inodes.h>
#include <linux/capability.h>
#include <linux/compat.h>
#include <linux/file.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

/* What the device under test has seen; the private data of its file. */
struct seen {
	int opens, releases;
	int open_ret;
	bool mm_at_release;
	bool misc;
};

static int dev_open(struct inode *inode, struct file *file)
{
	struct seen *seen = inode->i_private;

	EXPECT_EQ(file->private_data, NULL);
	EXPECT_EQ(file_inode(file), inode);
	file->private_data = seen;
	seen->opens++;
	return seen->open_ret;
}

static int dev_release(struct inode *inode, struct file *file)
{
	struct seen *seen = file->private_data;

	(void)inode;
	seen->releases++;
	seen->mm_at_release = current->mm;
	return 0;
}

static int anon_release(struct inode *inode, struct file *file)
{
	(void)inode;
	fput(file->private_data);
	return 0;
}

static const struct file_operations anon_fops = { .release = anon_release };

enum { CMD_ECHO = 1, CMD_NONE, CMD_ANON, CMD_FILL };

static long fill_descriptors(void)
{
	int fd;

	do {
		fd = get_unused_fd_flags(0);
	} while (fd >= 0);
	return fd;
}

static long dev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case CMD_ECHO:
		return (long)arg;
	case CMD_ANON: /* a file that keeps this one open */
		return anon_inode_getfd("anon", &anon_fops, get_file(file), O_CLOEXEC);
	case CMD_FILL:
		return fill_descriptors();
	default:
		return -ENOIOCTLCMD;
	}
}

static const struct file_operations dev_fops = {
	.open = dev_open,
	.release = dev_release,
	.unlocked_ioctl = dev_ioctl,
};

static const struct file_operations bare_fops = { .owner = NULL };

static long register_device(void *arg)
{
	return chrdev_register("/dev/thing", &dev_fops, arg);
}

static long unregister_device(void *arg)
{
	(void)arg;
	chrdev_unregister("/dev/thing");
	chrdev_unregister("/dev/nothing");
	return 0;
}

struct world {
	struct rig f;
	struct task *task;
	struct seen seen;
};

static void world_start(struct world *w)
{
	w->seen = (struct seen){ 0 };
	rig_start(&w->f);
	EXPECT_EQ(rig_call(&w->f, register_device, &w->seen), 0);
	w->task = kernel_task_start(w->f.kernel, "vmm");
}

static u64 open_files(struct world *w)
{
	return rig_usage(&w->f).open_files;
}

TEST(lib_file, descriptors_are_the_lowest_free_ones)
{
	struct world w;

	world_start(&w);
	EXPECT_EQ(kernel_open(w.task, "/dev/thing"), 0);
	EXPECT_EQ(kernel_open(w.task, "/dev/thing"), 1);
	EXPECT_EQ(kernel_open(w.task, "/dev/thing"), 2);
	EXPECT_EQ(kernel_close(w.task, 1), 0);
	EXPECT_EQ(kernel_open(w.task, "/dev/thing"), 1);
	EXPECT_EQ(open_files(&w), 3);
	rig_end(&w.f);
}

TEST(lib_file, wrong_paths_descriptors_and_commands_have_their_errors)
{
	struct world w;

	world_start(&w);
	EXPECT_EQ(kernel_open(w.task, "/dev/nothing"), -ENOENT);
	EXPECT_EQ(kernel_close(w.task, 0), -EBADF);
	EXPECT_EQ(kernel_close(w.task, -1), -EBADF);
	EXPECT_EQ(kernel_ioctl(w.task, 3, CMD_ECHO, 0), -EBADF);
	EXPECT_EQ(kernel_open(w.task, "/dev/thing"), 0);
	EXPECT_EQ(kernel_ioctl(w.task, 0, CMD_ECHO, 42), 42);
	EXPECT_EQ(kernel_ioctl(w.task, 0, CMD_NONE, 42), -ENOTTY);
	EXPECT_EQ(kernel_close(w.task, 0), 0);
	EXPECT_EQ(kernel_close(w.task, 0), -EBADF);
	rig_end(&w.f);
}

TEST(lib_file, a_failed_open_leaves_nothing)
{
	struct world w;

	world_start(&w);
	w.seen.open_ret = -EBUSY;
	EXPECT_EQ(kernel_open(w.task, "/dev/thing"), -EBUSY);
	EXPECT_EQ(w.seen.releases, 0);
	EXPECT_EQ(open_files(&w), 0);
	w.seen.open_ret = 0;
	EXPECT_EQ(kernel_open(w.task, "/dev/thing"), 0);
	rig_end(&w.f);
}

TEST(lib_file, a_file_is_released_once_when_its_last_reference_goes)
{
	struct world w;
	long anon;

	world_start(&w);
	kernel_open(w.task, "/dev/thing");
	anon = kernel_ioctl(w.task, 0, CMD_ANON, 0);
	EXPECT_EQ(anon, 1);
	EXPECT_EQ(kernel_close(w.task, 0), 0);
	EXPECT_EQ(w.seen.releases, 0);
	EXPECT_EQ(open_files(&w), 2);
	EXPECT_EQ(kernel_close(w.task, (int)anon), 0);
	EXPECT_EQ(w.seen.releases, 1);
	EXPECT_EQ(open_files(&w), 0);
	rig_end(&w.f);
}

TEST(lib_file, an_exit_closes_all_files_while_the_memory_is_still_there)
{
	struct world w;

	world_start(&w);
	kernel_open(w.task, "/dev/thing");
	kernel_open(w.task, "/dev/thing");
	kernel_ioctl(w.task, 1, CMD_ANON, 0);
	kernel_task_exit(w.task);
	EXPECT_EQ(w.seen.releases, 2);
	EXPECT_TRUE(w.seen.mm_at_release);
	EXPECT_EQ(open_files(&w), 0);
	rig_end(&w.f);
}

TEST(lib_file, a_device_that_is_gone_cannot_be_opened_but_open_files_work)
{
	struct world w;

	world_start(&w);
	kernel_open(w.task, "/dev/thing");
	EXPECT_EQ(rig_call(&w.f, register_device, &w.seen), -EEXIST);
	rig_call(&w.f, unregister_device, NULL);
	EXPECT_EQ(kernel_open(w.task, "/dev/thing"), -ENOENT);
	EXPECT_EQ(kernel_ioctl(w.task, 0, CMD_ECHO, 1), 1);
	EXPECT_EQ(kernel_close(w.task, 0), 0);
	EXPECT_EQ(w.seen.releases, 1);
	rig_end(&w.f);
}

TEST(lib_file, descriptors_run_out)
{
	struct world w;

	world_start(&w);
	kernel_open(w.task, "/dev/thing");
	EXPECT_EQ(kernel_ioctl(w.task, 0, CMD_FILL, 0), -EMFILE);
	EXPECT_EQ(kernel_open(w.task, "/dev/thing"), -EMFILE);
	EXPECT_EQ(kernel_ioctl(w.task, 0, CMD_ANON, 0), -EMFILE);
	/* the file that could not be installed was never made, its reference stays */
	rig_call_as(w.task, unregister_device, NULL);
	rig_stop(&w.f);
}

static long bare_device(void *arg)
{
	(void)arg;
	return chrdev_register("/dev/bare", &bare_fops, NULL);
}

TEST(lib_file, a_device_without_operations_opens_and_closes)
{
	struct world w;

	world_start(&w);
	rig_call(&w.f, bare_device, NULL);
	EXPECT_EQ(kernel_open(w.task, "/dev/bare"), 0);
	EXPECT_EQ(kernel_ioctl(w.task, 0, CMD_ECHO, 1), -ENOTTY);
	EXPECT_EQ(kernel_close(w.task, 0), 0);
	rig_end(&w.f);
}

/* ---- misc devices ---- */

static int misc_open(struct inode *inode, struct file *file)
{
	const struct miscdevice *misc = file->private_data;

	EXPECT_EQ(inode->i_private, misc);
	EXPECT_STREQ(misc->name, "thing");
	return 0;
}

static const struct file_operations misc_fops = { .open = misc_open };

static long misc_in(void *arg)
{
	return misc_register(arg);
}

static long misc_out(void *arg)
{
	misc_deregister(arg);
	return 0;
}

TEST(lib_file, a_misc_device_finds_itself_in_its_file)
{
	struct miscdevice named = { .name = "thing", .fops = &misc_fops };
	struct miscdevice noded = { .name = "thing", .fops = &misc_fops, .nodename = "dir/node" };
	struct world w;

	world_start(&w);
	EXPECT_EQ(rig_call(&w.f, misc_in, &named), -EEXIST);
	rig_call(&w.f, unregister_device, NULL);
	EXPECT_EQ(rig_call(&w.f, misc_in, &named), 0);
	EXPECT_EQ(rig_call(&w.f, misc_in, &noded), 0);
	EXPECT_EQ(kernel_open(w.task, "/dev/thing"), 0);
	EXPECT_EQ(kernel_open(w.task, "/dev/dir/node"), 1);
	rig_call(&w.f, misc_out, &named);
	EXPECT_EQ(kernel_open(w.task, "/dev/thing"), -ENOENT);
	rig_end(&w.f);
}

/* ---- inside the kernel ---- */

static long references(void *arg)
{
	struct file *file = fget(0);
	struct fd f = fdget(0);
	int fd;

	(void)arg;
	EXPECT_EQ(f.file, file);
	EXPECT_EQ(compat_ptr_ioctl(file, CMD_ECHO, 9), 9);
	fdput(f);
	fdput(fdget(77));
	EXPECT_EQ(fget(77), NULL);
	/* a reserved descriptor is nobody's yet */
	fd = get_unused_fd_flags(0);
	EXPECT_EQ(fget((unsigned int)fd), NULL);
	fd_install((unsigned int)fd, file);
	EXPECT_EQ(iminor(file_inode(file)), iminor(&file->f_inode_storage));
	EXPECT_EQ(imajor(file_inode(file)), 0);
	return fd;
}

TEST(lib_file, references_and_descriptors_count_alike)
{
	struct world w;

	world_start(&w);
	kernel_open(w.task, "/dev/thing");
	EXPECT_EQ(rig_call_as(w.task, references, NULL), 1);
	kernel_close(w.task, 0);
	EXPECT_EQ(w.seen.releases, 0);
	kernel_close(w.task, 1);
	EXPECT_EQ(w.seen.releases, 1);
	rig_end(&w.f);
}

static long who(void *arg)
{
	(void)arg;
	EXPECT_STREQ(current->comm, "a-very-long-nam");
	EXPECT_EQ(task_pid_nr(current), task_tgid_nr(current));
	EXPECT_EQ(current->group_leader, current);
	EXPECT_FALSE(capable(CAP_SYS_ADMIN));
	EXPECT_FALSE(signal_pending(current));
	EXPECT_FALSE(fatal_signal_pending(current));
	EXPECT_EQ(rlimit(RLIMIT_NOFILE), RLIM_INFINITY);
	EXPECT_EQ(rlimit(RLIMIT_MEMLOCK), 4096);
	return capable(CAP_IPC_LOCK);
}

static long kernel_thread(void *arg)
{
	(void)arg;
	EXPECT_EQ(current->mm, NULL);
	EXPECT_EQ(fget(0), NULL);
	return capable(CAP_SYS_ADMIN);
}

TEST(lib_task, a_process_has_its_name_limits_and_capability)
{
	struct rig f;
	struct task *task;

	rig_start(&f);
	task = kernel_task_start(f.kernel, "a-very-long-name-indeed");
	kernel_task_limit(task, 4096, false);
	EXPECT_EQ(rig_call_as(task, who, NULL), 0);
	kernel_task_limit(task, 4096, true);
	EXPECT_EQ(rig_call_as(task, who, NULL), 1);
	EXPECT_EQ(rig_call(&f, kernel_thread, NULL), 1);
	rig_end(&f);
}

static long keep_task(void *arg)
{
	*(struct task_struct **)arg = get_task_struct(current);
	return 0;
}

static long drop_task(void *arg)
{
	struct task_struct *task = arg;

	EXPECT_TRUE(task->flags & PF_EXITING);
	EXPECT_EQ(get_task_mm(task), NULL);
	put_task_struct(task);
	return 0;
}

TEST(lib_task, a_task_that_somebody_holds_outlives_its_exit)
{
	struct rig f;
	struct task_struct *kept;
	struct task *task;

	rig_start(&f);
	task = kernel_task_start(f.kernel, "vmm");
	rig_call_as(task, keep_task, &kept);
	kernel_task_exit(task);
	rig_call(&f, drop_task, kept);
	rig_end(&f);
}

TEST(lib_task, processes_have_different_memory)
{
	struct rig f;
	struct task *a, *b;
	u32 word = 5;

	rig_start(&f);
	a = kernel_task_start(f.kernel, "a");
	b = kernel_task_start(f.kernel, "b");
	kernel_mmap(a, &(struct kernel_mmap){ 0x10000, 4096, 4096, false });
	EXPECT_EQ(kernel_user_write(a, 0x10000, &word, 4), 0);
	EXPECT_EQ(kernel_user_read(b, 0x10000, &word, 4), -EFAULT);
	rig_end(&f);
}
