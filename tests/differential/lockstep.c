// SPDX-License-Identifier: Apache-2.0
/*
 * Two machines in lockstep. Compared after each call: its result; its argument's memory byte by
 * byte, capability chains included; the memory for bitmaps; pinned and locked pages, domains and
 * open files; warnings; what DMA does.
 */
#include "lockstep.h"

#include <string.h>

#define BOTH 2
#define ARGUMENT_SIZE (2 * VM_PAGE)
#define BITS_SIZE (2 * VM_PAGE) /* what the bitmaps of calls.c reach */
#define SWEPT_PAGES 48
#define DEVICES 4

struct lockstep {
	struct vm *vm[BOTH];
	long files[CALL_FILES];
	size_t step;
	struct difference difference;
};

static void compare(struct lockstep *both, const char *what, const long long results[BOTH])
{
	if (both->difference.found || results[0] == results[1])
		return;
	both->difference = (struct difference){ .found = true,
						.step = both->step,
						.what = what,
						.results = { results[0], results[1] } };
}

/* ---- memory ---- */

static void add_memory(struct lockstep *both, const struct kernel_mmap *request)
{
	for (int i = 0; i < BOTH; i++)
		EXPECT_EQ(kernel_mmap(vm_task(both->vm[i]), request), (long)request->address);
}

static void write_memory(struct lockstep *both, u64 address, const void *data, size_t len)
{
	for (int i = 0; i < BOTH; i++)
		kernel_user_write(vm_task(both->vm[i]), address, data, len);
}

static void compare_memory(struct lockstep *both, const char *what, u64 address, size_t len)
{
	u8 bytes[BOTH][ARGUMENT_SIZE];
	long long results[BOTH];
	size_t at;

	for (int i = 0; i < BOTH; i++)
		results[i] = kernel_user_read(vm_task(both->vm[i]), address, bytes[i], len);
	compare(both, what, results);
	if (results[0] || !memcmp(bytes[0], bytes[1], len))
		return;
	if (both->difference.found)
		return;
	for (at = 0; bytes[0][at] == bytes[1][at];)
		at++;
	results[0] = bytes[0][at];
	results[1] = bytes[1][at];
	compare(both, what, results);
	both->difference.offset = at;
}

static void fill_bits(struct lockstep *both, u64 value)
{
	u64 words[BITS_SIZE / 8];

	for (size_t i = 0; i < BITS_SIZE / 8; i++)
		words[i] = value;
	write_memory(both, PLACE_BITS, words, sizeof(words));
}

/* Each page of what may be mapped begins with its own address. */
static void mark_pages(struct lockstep *both, u64 address, u64 count)
{
	for (u64 end = address + count * VM_PAGE; address < end; address += VM_PAGE)
		write_memory(both, address, &address, sizeof(address));
}

static void make_memory(struct lockstep *both)
{
	const struct kernel_mmap places[] = {
		{ .address = PLACE_SMALL, .size = 64 * VM_PAGE, .page_size = VM_PAGE },
		{ .address = PLACE_HUGE, .size = 4 * VM_MIB, .page_size = 2 * VM_MIB },
		{ .address = PLACE_READ_ONLY,
		  .size = 8 * VM_PAGE,
		  .page_size = VM_PAGE,
		  .read_only = true },
		{ .address = PLACE_HOLES, .size = VM_PAGE, .page_size = VM_PAGE },
		{ .address = PLACE_HOLES + 2 * VM_PAGE, .size = 2 * VM_PAGE, .page_size = VM_PAGE },
		{ .address = PLACE_HOLES + 5 * VM_PAGE, .size = 3 * VM_PAGE, .page_size = VM_PAGE },
		{ .address = PLACE_BITS, .size = 4 * VM_PAGE, .page_size = VM_PAGE },
		{ .address = PLACE_ARGUMENT, .size = ARGUMENT_SIZE, .page_size = VM_PAGE },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		add_memory(both, &places[i]);
	mark_pages(both, PLACE_SMALL, 64);
	mark_pages(both, PLACE_HUGE, 1024);
	fill_bits(both, 0);
}

/* ---- calls ---- */

static long ioctl_both(struct lockstep *both, const struct call *call, u64 argument)
{
	long long results[BOTH];

	for (int i = 0; i < BOTH; i++)
		results[i] =
			vm_ioctl(both->vm[i], both->files[call->file], call->command, argument);
	compare(both, "result", results);
	return (long)results[0];
}

static long ioctl_data(struct lockstep *both, const struct call *call)
{
	u8 around[1024];
	u64 address = PLACE_ARGUMENT;
	long ret;

	memset(around, 0xa5, sizeof(around));
	write_memory(both, PLACE_ARGUMENT, around, sizeof(around));
	if (call->at_edge)
		address += ARGUMENT_SIZE - call->len;
	write_memory(both, address, call->data, call->len);
	ret = ioctl_both(both, call, address);
	compare_memory(both, "argument's memory", PLACE_ARGUMENT, ARGUMENT_SIZE);
	if (call->command == VFIO_IOMMU_UNMAP_DMA || call->command == VFIO_IOMMU_DIRTY_PAGES)
		compare_memory(both, "bitmap", PLACE_BITS, BITS_SIZE);
	return ret;
}

/* Closes what the file was until now. */
static void replace_file(struct lockstep *both, unsigned int file, long fd)
{
	long long results[BOTH];

	for (int i = 0; i < BOTH; i++)
		results[i] = vm_close(both->vm[i], both->files[file]);
	compare(both, "result of close", results);
	both->files[file] = fd;
}

static void open_both(struct lockstep *both, const struct call *call)
{
	long long results[BOTH];

	replace_file(both, call->file, -1);
	for (int i = 0; i < BOTH; i++)
		results[i] = call->kind == CALL_OPEN_GROUP
				     ? vm_open_group(both->vm[i], (int)call->number)
				     : vm_open(both->vm[i], "/dev/vfio/vfio");
	compare(both, "result of open", results);
	both->files[call->file] = (long)results[0];
}

static void set_container(struct lockstep *both, const struct call *call)
{
	int fd = (int)both->files[call->other];
	struct call request = { .kind = CALL_IOCTL_DATA,
				.file = call->file,
				.command = VFIO_GROUP_SET_CONTAINER,
				.len = sizeof(fd) };

	memcpy(request.data, &fd, sizeof(fd));
	ioctl_data(both, &request);
}

static void dma(struct lockstep *both, unsigned int device, u64 address, bool write)
{
	u64 data[BOTH] = { both->step, both->step };
	long long results[BOTH];

	for (int i = 0; i < BOTH; i++)
		results[i] = vm_dma(both->vm[i], device, address, &data[i], 8, write);
	compare(both, "DMA's status", results);
	if (results[0])
		return;
	for (int i = 0; i < BOTH; i++)
		results[i] = (long long)data[i];
	compare(both, "DMA's data", results);
}

static void sweep(struct lockstep *both)
{
	for (unsigned int device = 0; device < DEVICES; device++)
		for (u64 page = 0; page < SWEPT_PAGES; page++)
			dma(both, device, page * VM_PAGE, false);
}

static void make_call(struct lockstep *both, const struct call *call)
{
	switch (call->kind) {
	case CALL_OPEN_CONTAINER:
	case CALL_OPEN_GROUP:
		open_both(both, call);
		break;
	case CALL_SET_CONTAINER:
		set_container(both, call);
		break;
	case CALL_DEVICE_FD:
		replace_file(both, call->other, ioctl_data(both, call));
		break;
	case CALL_IOCTL:
		ioctl_both(both, call, call->number);
		break;
	case CALL_IOCTL_DATA:
		ioctl_data(both, call);
		break;
	case CALL_LIMIT:
		for (int i = 0; i < BOTH; i++)
			kernel_task_limit(vm_task(both->vm[i]), call->number, call->flag);
		break;
	case CALL_FILL:
		fill_bits(both, call->number);
		break;
	case CALL_DMA:
		dma(both, call->other, call->number, call->flag);
		break;
	case CALL_SWEEP:
		sweep(both);
		break;
	}
}

/* ---- what a kernel holds ---- */

static void compare_state(struct lockstep *both)
{
	struct kernel_usage usage[BOTH];
	long long oopses[BOTH], warnings[BOTH];

	for (int i = 0; i < BOTH; i++) {
		usage[i] = vm_usage(both->vm[i]);
		oopses[i] = kernel_oops(vm_kernel(both->vm[i])) != NULL;
		warnings[i] = (long long)kernel_warnings(vm_kernel(both->vm[i]));
	}
	compare(both, "oops", oopses);
	compare(both, "warnings", warnings);
#define COMPARE_USAGE(member)  \
	compare(both, #member, \
		(const long long[]){ (long long)usage[0].member, (long long)usage[1].member })
	COMPARE_USAGE(pinned_pages);
	COMPARE_USAGE(locked_pages);
	COMPARE_USAGE(domains);
	COMPARE_USAGE(open_files);
#undef COMPARE_USAGE
}

static bool start(struct lockstep *both, const struct vm_config *machine, const char *plugin)
{
	struct vm_config config = *machine;

	config.variant = "mainline";
	both->vm[0] = vm_start(&config);
	config.variant = "tree:differential";
	config.plugin = plugin;
	both->vm[1] = vm_start(&config);
	for (int i = 0; i < CALL_FILES; i++)
		both->files[i] = -1;
	if (both->vm[0] && both->vm[1])
		return true;
	for (int i = 0; i < BOTH; i++)
		if (both->vm[i])
			vm_abandon(both->vm[i]);
	return false;
}

struct difference lockstep_run(const struct vm_config *machine, const char *plugin,
			       const struct call *calls, size_t count)
{
	struct lockstep both = { .step = 0 };

	if (!start(&both, machine, plugin))
		return (struct difference){ .found = true, .what = "boot" };
	make_memory(&both);
	for (size_t i = 0; i < count && !both.difference.found; i++) {
		both.step = i;
		make_call(&both, &calls[i]);
		compare_state(&both);
	}
	for (int i = 0; i < BOTH; i++)
		if (both.difference.found)
			vm_abandon(both.vm[i]);
		else
			vm_end(both.vm[i]);
	return both.difference;
}
