// SPDX-License-Identifier: Apache-2.0
/* Open files, file descriptors, and the system calls on them. Device files are left to chrdev.c. */
#include "state.h"

#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/kernel.h>

#define FDS_AT_FIRST 16u
#define FDS_MAX 65536u

/* What a reserved descriptor holds until a file is installed. */
#define FD_RESERVED ((struct file *)1UL)

struct files_struct {
	struct file **fds;
	unsigned int size;
	unsigned int taken; /* all descriptors below this one */
};

struct files_struct *files_alloc(void)
{
	return slab_zalloc_internal(sizeof(struct files_struct));
}

void files_close_all(struct files_struct *files)
{
	unsigned int fd;

	for (fd = 0; fd < files->size; fd++) {
		if (files->fds[fd] && files->fds[fd] != FD_RESERVED)
			fput(files->fds[fd]);
	}
	kfree(files->fds);
	*files = (struct files_struct){ 0 };
}

static int files_grow(struct files_struct *files)
{
	unsigned int size = files->size ? 2 * files->size : FDS_AT_FIRST;
	struct file **fds;

	if (size > FDS_MAX)
		return -EMFILE;
	fds = slab_zalloc_internal(size * sizeof(struct file *));
	if (!fds)
		return -ENOMEM;
	if (files->size)
		memcpy(fds, files->fds, files->size * sizeof(struct file *));
	kfree(files->fds);
	files->fds = fds;
	files->size = size;
	return 0;
}

int get_unused_fd_flags(unsigned int flags)
{
	struct files_struct *files = current->files;
	unsigned int fd = files->taken;

	(void)flags;
	while (fd < files->size && files->fds[fd])
		fd++;
	if (fd == files->size) {
		int ret = files_grow(files);

		if (ret)
			return ret;
	}
	files->fds[fd] = FD_RESERVED;
	files->taken = fd + 1;
	return (int)fd;
}

void put_unused_fd(unsigned int fd)
{
	struct files_struct *files = current->files;

	files->fds[fd] = NULL;
	files->taken = min(files->taken, fd);
}

void fd_install(unsigned int fd, struct file *file)
{
	current->files->fds[fd] = file;
}

/* The file of a descriptor, or NULL. */
static struct file *fd_file(unsigned int fd)
{
	const struct files_struct *files = current->files;
	struct file *file = files && fd < files->size ? files->fds[fd] : NULL;

	return file == FD_RESERVED ? NULL : file;
}

struct file *fget(unsigned int fd)
{
	struct file *file = fd_file(fd);

	return file ? get_file(file) : NULL;
}

struct file *file_alloc(const struct file_operations *fops, unsigned int flags)
{
	struct kernel *k = kernel_current();
	struct file *file = slab_zalloc_internal(sizeof(*file));

	if (!file)
		return NULL;
	file->f_op = fops;
	file->f_inode = &file->f_inode_storage;
	file->f_flags = flags;
	file->f_mode = FMODE_READ | FMODE_WRITE;
	atomic_long_set(&file->f_count, 1);
	list_add_tail(&file->f_list, &k->files);
	k->usage.open_files++;
	return file;
}

void fput(struct file *file)
{
	if (atomic_long_dec_and_test(&file->f_count))
		list_move_tail(&file->f_list, &kernel_current()->dead_files);
}

bool files_release_dead(void)
{
	struct kernel *k = kernel_current();
	bool any = !list_empty(&k->dead_files);

	while (!list_empty(&k->dead_files)) {
		struct file *file = list_first_entry(&k->dead_files, struct file, f_list);

		list_del(&file->f_list);
		if (file->f_op->release)
			file->f_op->release(file->f_inode, file);
		k->usage.open_files--;
		kfree(file);
	}
	return any;
}

struct file *anon_inode_getfile(const char *name, const struct file_operations *fops, void *priv,
				int flags)
{
	struct file *file = file_alloc(fops, (unsigned int)flags);

	(void)name;
	if (!file)
		return ERR_PTR(-ENOMEM);
	file->private_data = priv;
	return file;
}

int anon_inode_getfd(const char *name, const struct file_operations *fops, void *priv, int flags)
{
	int fd = get_unused_fd_flags((unsigned int)flags);
	struct file *file;

	if (fd < 0)
		return fd;
	file = anon_inode_getfile(name, fops, priv, flags);
	if (IS_ERR(file)) {
		put_unused_fd((unsigned int)fd);
		return (int)PTR_ERR(file);
	}
	fd_install((unsigned int)fd, file);
	return fd;
}

/* ---- system calls ---- */

static long do_open(void *arg)
{
	int fd = get_unused_fd_flags(0);
	struct file *file;

	if (fd < 0)
		return fd;
	file = chrdev_open(arg);
	if (IS_ERR(file)) {
		put_unused_fd((unsigned int)fd);
		return PTR_ERR(file);
	}
	fd_install((unsigned int)fd, file);
	return fd;
}

long kernel_open(struct task *task, const char *path)
{
	return kernel_run(task->kernel, &task->ts, do_open, (void *)(unsigned long)path);
}

struct ioctl {
	int fd;
	unsigned int cmd;
	unsigned long arg;
};

static long do_close(void *arg)
{
	const struct ioctl *call = arg;
	struct file *file = fd_file((unsigned int)call->fd);

	if (!file)
		return -EBADF;
	put_unused_fd((unsigned int)call->fd);
	fput(file);
	return 0;
}

long kernel_close(struct task *task, int fd)
{
	struct ioctl call = { .fd = fd };

	return kernel_run(task->kernel, &task->ts, do_close, &call);
}

static long do_ioctl(void *arg)
{
	const struct ioctl *call = arg;
	struct fd f = fdget((unsigned int)call->fd);
	long ret = -ENOTTY;

	if (!f.file)
		return -EBADF;
	if (f.file->f_op->unlocked_ioctl)
		ret = f.file->f_op->unlocked_ioctl(f.file, call->cmd, call->arg);
	fdput(f);
	return ret == -ENOIOCTLCMD ? -ENOTTY : ret;
}

long kernel_ioctl(struct task *task, int fd, unsigned int cmd, u64 arg)
{
	struct ioctl call = { .fd = fd, .cmd = cmd, .arg = arg };

	return kernel_run(task->kernel, &task->ts, do_ioctl, &call);
}

struct fault_call {
	int fd;
	struct iommu_fault *fault; /* to be read into */
	const struct iommu_page_response *response; /* or given */
};

static long do_fault(void *arg)
{
	const struct fault_call *call = arg;
	struct fd f = fdget((unsigned int)call->fd);
	long ret;

	if (!f.file)
		return -EBADF;
	ret = call->fault ? vfio_device_read_fault(f.file, call->fault)
			  : vfio_device_page_response(f.file, call->response);
	fdput(f);
	return ret;
}

long kernel_fault_read(struct task *task, int device_fd, struct iommu_fault *fault)
{
	struct fault_call call = { .fd = device_fd, .fault = fault };

	return kernel_run(task->kernel, &task->ts, do_fault, &call);
}

long kernel_page_response(struct task *task, int device_fd,
			  const struct iommu_page_response *response)
{
	struct fault_call call = { .fd = device_fd, .response = response };

	return kernel_run(task->kernel, &task->ts, do_fault, &call);
}
