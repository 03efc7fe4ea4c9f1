/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The VMM's files and memory: open and close, containers and groups, mmap, limits.
 */
#include "vmm.h"

#include <linux/vfio.h>

#include "include/uapi/linux/vfio_nesting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARG_END              \
	{                    \
		.name = NULL \
	}

/* ---- shared with the other files of the actor ---- */

struct opened *vmm_file(struct run *run, const struct step *step, const char *arg,
			struct step_out *out)
{
	return run_opened(run, step_text(step, arg, ""), out);
}

struct opened *vmm_container(struct run *run, const struct step *step, struct step_out *out)
{
	return vmm_file(run, step, "container", out);
}

bool vmm_abi_v7(const struct run *run)
{
	return strcmp(run->behaviour, "v7") == 0;
}

long vmm_ioctl(struct run *run, const struct opened *file, unsigned int cmd, void *data, size_t len)
{
	struct process *p = file->process;
	long ret;

	if (kernel_user_write(p->task, p->scratch, data, len) < 0)
		return -14; /* EFAULT: the process has no memory */
	ret = kernel_ioctl(p->task, file->fd, cmd, p->scratch);
	kernel_user_read(p->task, p->scratch, data, len);
	(void)run;
	return ret;
}

/* ---- open and close ---- */

static void run_open(struct run *run, const struct step *step, struct step_out *out)
{
	const char *name = step_text(step, "name", "");
	struct process *process = run_process(run, step_text(step, "process", "vmm"));
	char path[64];
	u64 group;
	bool is_group = parse_u64(name, false, &group);

	if (is_group)
		snprintf(path, sizeof(path), "/dev/vfio/%llu", group);
	out->value = kernel_open(process->task, is_group ? path : "/dev/vfio/vfio");
	if (out->value < 0)
		return;
	struct opened *opened = run_add_opened(
		run, name, is_group ? OPENED_GROUP : OPENED_CONTAINER, process, (int)out->value);
	if (is_group)
		opened->group = (int)group;
	/* descriptors are not part of the story, and differ with the order of opening */
	out->value = 0;
}

static const struct arg_def open_args[] = {
	{ "name", ARG_OPENS, true, NULL,
	  "a name for a new container (/dev/vfio/vfio), or a group number (/dev/vfio/N)" },
	{ "process", ARG_STRING, false, NULL, "the VMM process that opens it, default vmm" },
	ARG_END,
};
const struct op op_open = {
	"open", "Opens a container or a group.", open_args, "name", run_open, NULL, NULL
};

void vmm_forget_group(struct run *run, struct opened *group)
{
	struct opened *container = group->container;

	group->container = NULL;
	if (!container)
		return;
	guest_smmu_group_left(run);
	for (size_t i = 0; i < run->opened_count; i++) {
		if (run->opened[i]->kind == OPENED_GROUP && run->opened[i]->container == container)
			return;
	}
	/* the last group is gone: type1 unmaps everything and the IOMMU driver is let go */
	container->mapping_count = 0;
	container->binding_count = 0;
	container->iommu_set = false;
	container->info = (struct held_info){ 0 };
}

static void run_close(struct run *run, const struct step *step, struct step_out *out)
{
	struct opened *file = vmm_file(run, step, "name", out);

	if (!file)
		return;
	out->value = kernel_close(file->process->task, file->fd);
	file->fd = -1;
	if (file->kind == OPENED_GROUP)
		vmm_forget_group(run, file);
	if (file->kind == OPENED_CONTAINER)
		file->info = (struct held_info){ 0 }; /* nobody holds it any longer */
	free(file->name);
	file->name = xstrdup(""); /* the name may be used again */
}

static const struct arg_def close_args[] = {
	{ "name", ARG_CLOSES, true, NULL, "the container, group number or device to close" },
	ARG_END,
};
const struct op op_close = { "close", "Closes a file.", close_args, "name", run_close, NULL, NULL };

/* ---- memory ---- */

static void run_mmap(struct run *run, const struct step *step, struct step_out *out)
{
	struct process *process = run_process(run, step_text(step, "process", "vmm"));
	struct kernel_mmap request = {
		.address = step_number(step, "address", 0),
		.size = step_number(step, "size", 0),
		.page_size = step_number(step, "page-size", 4096),
		.read_only = step_number(step, "read-only", 0),
	};
	struct region *region;

	out->value = kernel_mmap(process->task, &request);
	if (out->value < 0)
		return;
	run->regions = xgrow(run->regions, run->region_count, sizeof(*run->regions));
	region = &run->regions[run->region_count++];
	*region = (struct region){
		.name = xstrdup(step_text(step, "name", "")),
		.process = process,
		.address = (u64)out->value,
		.size = request.size,
		.page_size = request.page_size,
		.has_gpa = step_arg(step, "gpa") != NULL,
		.gpa = step_number(step, "gpa", 0),
	};
	if (region->has_gpa && !run->guest_pages_end)
		run->guest_pages_end = region->gpa + region->size;
}

static const struct arg_def mmap_args[] = {
	{ "name", ARG_MAKES_MMAP, true, NULL, "a name for the memory" },
	{ "size", ARG_SIZE, true, NULL, "bytes, a multiple of page-size" },
	{ "page-size", ARG_SIZE, false, NULL,
	  "4KiB (default), 2MiB or 1GiB: contiguous and aligned" },
	{ "gpa", ARG_SIZE, false, NULL, "makes it guest memory, at this guest-physical address" },
	{ "address", ARG_NUMBER, false, NULL, "wanted user address; default: the kernel chooses" },
	{ "read-only", ARG_BOOL, false, NULL, "maps it read-only, default false" },
	{ "process", ARG_STRING, false, NULL, "the VMM process, default vmm" },
	ARG_END,
};
const struct op op_mmap = {
	"mmap",    "Allocates memory of the VMM, to be used as guest memory or otherwise.",
	mmap_args, NULL,
	run_mmap,  NULL,
	NULL
};

static void run_munmap(struct run *run, const struct step *step, struct step_out *out)
{
	struct region *region = run_region(run, step_text(step, "name", ""));

	if (!region) {
		step_fail(out, "no mmap is named '%s'", step_text(step, "name", ""));
		return;
	}
	out->value = kernel_munmap(region->process->task, region->address, region->size);
	region->has_gpa = false;
}

static const struct arg_def munmap_args[] = {
	{ "name", ARG_MMAP, true, NULL, "name of the mmap" },
	ARG_END,
};
const struct op op_munmap = {
	"munmap", "Gives memory of the VMM back.", munmap_args, "name", run_munmap, NULL, NULL
};

static void run_setrlimit(struct run *run, const struct step *step, struct step_out *out)
{
	struct process *process = run_process(run, step_text(step, "process", "vmm"));

	kernel_task_limit(process->task, step_number(step, "memlock", 0),
			  step_number(step, "privileged", 0));
	out->value = 0;
}

static const struct arg_def setrlimit_args[] = {
	{ "memlock", ARG_SIZE, true, NULL, "RLIMIT_MEMLOCK in bytes" },
	{ "privileged", ARG_BOOL, false, NULL, "the process has CAP_IPC_LOCK, default false" },
	{ "process", ARG_STRING, false, NULL, "the VMM process, default vmm" },
	ARG_END,
};
const struct op op_setrlimit = { "setrlimit",
				 "Limits the memory a VMM process may lock.",
				 setrlimit_args,
				 NULL,
				 run_setrlimit,
				 NULL,
				 NULL };

static void run_vmm_read(struct run *run, const struct step *step, struct step_out *out)
{
	struct process *process = run_process(run, step_text(step, "process", "vmm"));
	u64 address, value = 0;

	if (!run_user_address(run, step_arg(step, "address"), &address, out))
		return;
	out->value = kernel_user_read(process->task, address, &value, sizeof(value));
	if (!out->value)
		out->result = json_u64(value);
}

static const struct arg_def read_args[] = {
	{ "address", ARG_ADDRESS, true, NULL,
	  "user address: number, NAME or NAME+OFFSET of a mmap" },
	{ "process", ARG_STRING, false, NULL, "the VMM process, default vmm" },
	ARG_END,
};
const struct op op_vmm_read = { "read",       "Reads 8 bytes of the VMM's own memory.",
				read_args,    "address",
				run_vmm_read, NULL,
				NULL };

static void run_vmm_write(struct run *run, const struct step *step, struct step_out *out)
{
	struct process *process = run_process(run, step_text(step, "process", "vmm"));
	u64 value = step_number(step, "value", 0);
	u64 address;

	if (run_user_address(run, step_arg(step, "address"), &address, out))
		out->value = kernel_user_write(process->task, address, &value, sizeof(value));
}

static const struct arg_def write_args[] = {
	{ "address", ARG_ADDRESS, true, NULL,
	  "user address: number, NAME or NAME+OFFSET of a mmap" },
	{ "value", ARG_NUMBER, true, NULL, "8 bytes, little-endian" },
	{ "process", ARG_STRING, false, NULL, "the VMM process, default vmm" },
	ARG_END,
};
const struct op op_vmm_write = { "write",       "Writes 8 bytes of the VMM's own memory.",
				 write_args,    NULL,
				 run_vmm_write, NULL,
				 NULL };

/* ---- any ioctl ---- */

static void run_ioctl(struct run *run, const struct step *step, struct step_out *out)
{
	struct opened *file = vmm_file(run, step, "file", out);
	const struct arg *bytes = step_arg(step, "words");
	u32 words[64];
	size_t count;

	if (!file)
		return;
	if (!bytes) {
		out->value = kernel_ioctl(file->process->task, file->fd,
					  (unsigned int)step_number(step, "number", 0),
					  step_number(step, "arg", 0));
		return;
	}
	count = bytes->node->count;
	for (size_t i = 0; i < count; i++) {
		u64 word = 0;

		if (i < 64)
			parse_u64(bytes->node->items[i]->text, false, &word);
		if (i >= 64 || word > 0xffffffff) {
			step_fail(out, "words: expected at most 64, each at most 0xffffffff");
			return;
		}
		words[i] = (u32)word;
	}
	out->value = vmm_ioctl(run, file, (unsigned int)step_number(step, "number", 0), words,
			       count * sizeof(u32));
}

static const struct arg_def ioctl_args[] = {
	{ "file", ARG_FILE, true, NULL, "a container, group number or device" },
	{ "number", ARG_NUMBER, true, NULL, "the command as a number, e.g. 0x3b71" },
	{ "arg", ARG_NUMBER, false, NULL, "the argument as a number, default 0" },
	{ "words", ARG_LIST, false, NULL, "instead: up to 64 u32 that the argument points to" },
	ARG_END,
};
const struct op op_ioctl = {
	"ioctl", "Calls any ioctl by its number.", ioctl_args, NULL, run_ioctl, NULL, NULL
};

/* ---- container ---- */

static void run_get_api_version(struct run *run, const struct step *step, struct step_out *out)
{
	struct opened *c = vmm_container(run, step, out);

	if (c)
		out->value = kernel_ioctl(c->process->task, c->fd, VFIO_GET_API_VERSION, 0);
}

static const struct arg_def api_version_args[] = {
	{ "container", ARG_FILE, true, NULL, "the container's name" },
	ARG_END,
};
const struct op op_get_api_version = { "VFIO_GET_API_VERSION",
				       "Asks for the version of the API.",
				       api_version_args,
				       "container",
				       run_get_api_version,
				       NULL,
				       NULL };

static const struct word extension_words[] = {
	{ "VFIO_TYPE1_IOMMU", VFIO_TYPE1_IOMMU },
	{ "VFIO_SPAPR_TCE_IOMMU", VFIO_SPAPR_TCE_IOMMU },
	{ "VFIO_TYPE1v2_IOMMU", VFIO_TYPE1v2_IOMMU },
	{ "VFIO_DMA_CC_IOMMU", VFIO_DMA_CC_IOMMU },
	{ "VFIO_EEH", VFIO_EEH },
	{ "VFIO_TYPE1_NESTING_IOMMU", VFIO_TYPE1_NESTING_IOMMU },
	{ "VFIO_SPAPR_TCE_v2_IOMMU", VFIO_SPAPR_TCE_v2_IOMMU },
	{ "VFIO_NOIOMMU_IOMMU", VFIO_NOIOMMU_IOMMU },
	{ "VFIO_UNMAP_ALL", VFIO_UNMAP_ALL },
	{ "VFIO_UPDATE_VADDR", VFIO_UPDATE_VADDR },
	{ "VFIO_NESTING_IOMMU_UAPI", VFIO_NESTING_IOMMU_UAPI },
	{ NULL, 0 },
};

static void run_check_extension(struct run *run, const struct step *step, struct step_out *out)
{
	struct opened *c = vmm_container(run, step, out);

	if (c)
		out->value = kernel_ioctl(c->process->task, c->fd, VFIO_CHECK_EXTENSION,
					  step_number(step, "extension", 0));
}

static const struct arg_def check_extension_args[] = {
	{ "container", ARG_FILE, true, NULL, "the container's name" },
	{ "extension", ARG_U32, true, extension_words, "an extension's name or number" },
	ARG_END,
};
const struct op op_check_extension = { "VFIO_CHECK_EXTENSION",
				       "Asks whether an extension is there.",
				       check_extension_args,
				       NULL,
				       run_check_extension,
				       NULL,
				       NULL };

static const struct word type_words[] = {
	{ "VFIO_TYPE1_IOMMU", VFIO_TYPE1_IOMMU },
	{ "VFIO_TYPE1v2_IOMMU", VFIO_TYPE1v2_IOMMU },
	{ "VFIO_TYPE1_NESTING_IOMMU", VFIO_TYPE1_NESTING_IOMMU },
	{ "VFIO_SPAPR_TCE_IOMMU", VFIO_SPAPR_TCE_IOMMU },
	{ "VFIO_SPAPR_TCE_v2_IOMMU", VFIO_SPAPR_TCE_v2_IOMMU },
	{ "VFIO_NOIOMMU_IOMMU", VFIO_NOIOMMU_IOMMU },
	{ NULL, 0 },
};

static void run_set_iommu(struct run *run, const struct step *step, struct step_out *out)
{
	struct opened *c = vmm_container(run, step, out);

	if (!c)
		return;
	out->value =
		kernel_ioctl(c->process->task, c->fd, VFIO_SET_IOMMU, step_number(step, "type", 0));
	if (out->value >= 0 && c->kind == OPENED_CONTAINER) {
		c->iommu_set = true;
		run->info_at_stake = c;
	}
}

static const struct arg_def set_iommu_args[] = {
	{ "container", ARG_FILE, true, NULL, "the container's name" },
	{ "type", ARG_NUMBER, true, type_words,
	  "VFIO_TYPE1_IOMMU, VFIO_TYPE1v2_IOMMU, VFIO_TYPE1_NESTING_IOMMU or a number" },
	ARG_END,
};
const struct op op_set_iommu = { "VFIO_SET_IOMMU",
				 "Chooses the container's IOMMU type.",
				 set_iommu_args,
				 NULL,
				 run_set_iommu,
				 NULL,
				 NULL };

/* ---- group ---- */

/* The group argument; a VMM opens a group when it first needs it. */
static struct opened *group_file(struct run *run, const struct step *step, struct process *process,
				 struct step_out *out)
{
	const char *name = step_text(step, "group", "");
	struct opened *group = run_opened(run, name, NULL);
	u64 number;
	char path[64];

	if (group)
		return group;
	if (!parse_u64(name, false, &number)) {
		step_fail(out, "'%s' is no group; expected a group number", name);
		return NULL;
	}
	snprintf(path, sizeof(path), "/dev/vfio/%llu", number);
	out->value = kernel_open(process->task, path);
	if (out->value < 0)
		return NULL;
	group = run_add_opened(run, name, OPENED_GROUP, process, (int)out->value);
	group->group = (int)number;
	return group;
}

static void run_group_get_status(struct run *run, const struct step *step, struct step_out *out)
{
	struct opened *group = group_file(run, step, run_process(run, "vmm"), out);
	struct vfio_group_status status = { .argsz = sizeof(status) };

	if (!group)
		return;
	out->value = vmm_ioctl(run, group, VFIO_GROUP_GET_STATUS, &status, sizeof(status));
	if (out->value == 0)
		out->result = json_pack("{s:b, s:b}", "viable",
					!!(status.flags & VFIO_GROUP_FLAGS_VIABLE), "container_set",
					!!(status.flags & VFIO_GROUP_FLAGS_CONTAINER_SET));
}

static const struct arg_def group_args[] = {
	{ "group", ARG_GROUP, true, NULL, "group number; opened if it is not yet" },
	ARG_END,
};
static const struct field_def status_fields[] = {
	{ "viable", FIELD_BOOL, NULL },
	{ "container_set", FIELD_BOOL, NULL },
	{ .name = NULL },
};
const struct op op_group_get_status = { "VFIO_GROUP_GET_STATUS",
					"Asks for the group's state.",
					group_args,
					"group",
					run_group_get_status,
					status_fields,
					NULL };

/* What a group that joins gets mapped. */
static u64 mapped_pages(const struct opened *container)
{
	u64 pages = 0;

	for (size_t i = 0; i < container->mapping_count; i++)
		pages += container->mappings[i].size / 4096;
	return pages;
}

static void run_group_set_container(struct run *run, const struct step *step, struct step_out *out)
{
	struct opened *container = vmm_container(run, step, out);
	struct opened *group = container ? group_file(run, step, container->process, out) : NULL;
	int fd;

	if (!group || !run_work(run, mapped_pages(container), out))
		return;
	fd = container->fd;
	out->value = vmm_ioctl(run, group, VFIO_GROUP_SET_CONTAINER, &fd, sizeof(fd));
	if (out->value != 0)
		return;
	group->container = container;
	run->info_at_stake = container;
}

static const struct arg_def set_container_args[] = {
	{ "group", ARG_GROUP, true, NULL, "group number; opened if it is not yet" },
	{ "container", ARG_FILE, true, NULL, "the container's name" },
	ARG_END,
};
const struct op op_group_set_container = {
	"VFIO_GROUP_SET_CONTAINER",
	"Puts a group into a container; attaches it at once if the IOMMU type is set.",
	set_container_args,
	NULL,
	run_group_set_container,
	NULL,
	NULL
};

static void run_group_unset_container(struct run *run, const struct step *step,
				      struct step_out *out)
{
	struct opened *group = vmm_file(run, step, "group", out);

	if (!group)
		return;
	out->value = kernel_ioctl(group->process->task, group->fd, VFIO_GROUP_UNSET_CONTAINER, 0);
	if (out->value == 0)
		vmm_forget_group(run, group);
}

static const struct arg_def unset_container_args[] = {
	{ "group", ARG_FILE, true, NULL, "group number" },
	ARG_END,
};
const struct op op_group_unset_container = { "VFIO_GROUP_UNSET_CONTAINER",
					     "Takes a group out of its container.",
					     unset_container_args,
					     "group",
					     run_group_unset_container,
					     NULL,
					     NULL };

static void run_group_get_device_fd(struct run *run, const struct step *step, struct step_out *out)
{
	struct opened *group = group_file(run, step, run_process(run, "vmm"), out);
	char name[64] = { 0 };

	if (!group)
		return;
	snprintf(name, sizeof(name), "%s", step_text(step, "device", ""));
	out->value = vmm_ioctl(run, group, VFIO_GROUP_GET_DEVICE_FD, name, sizeof(name));
	if (out->value < 0)
		return;
	run_add_opened(run, step_text(step, "device", ""), OPENED_DEVICE, group->process,
		       (int)out->value);
	out->value = 0;
}

static const struct arg_def get_device_fd_args[] = {
	{ "group", ARG_GROUP, true, NULL, "group number; opened if it is not yet" },
	{ "device", ARG_DEVICE_NAME, true, NULL, "the device's name, e.g. 0000:3a:00.0" },
	ARG_END,
};
const struct op op_group_get_device_fd = { "VFIO_GROUP_GET_DEVICE_FD",
					   "Opens a device of a group.",
					   get_device_fd_args,
					   NULL,
					   run_group_get_device_fd,
					   NULL,
					   NULL };

/* ---- device ---- */

static void run_device_get_info(struct run *run, const struct step *step, struct step_out *out)
{
	struct opened *device = vmm_file(run, step, "device", out);
	struct vfio_device_info info = { .argsz = sizeof(info) };

	if (!device)
		return;
	out->value = vmm_ioctl(run, device, VFIO_DEVICE_GET_INFO, &info, sizeof(info));
	if (out->value == 0)
		out->result = json_pack("{s:i, s:i, s:i}", "flags", (int)info.flags, "num_regions",
					(int)info.num_regions, "num_irqs", (int)info.num_irqs);
}

static const struct arg_def device_args[] = {
	{ "device", ARG_FILE, true, NULL, "a device opened with VFIO_GROUP_GET_DEVICE_FD" },
	ARG_END,
};
static const struct field_def device_info_fields[] = {
	{ "flags", FIELD_NUMBER, NULL },
	{ "num_regions", FIELD_NUMBER, NULL },
	{ "num_irqs", FIELD_NUMBER, NULL },
	{ .name = NULL },
};
const struct op op_device_get_info = { "VFIO_DEVICE_GET_INFO",
				       "Asks for what a device has.",
				       device_args,
				       "device",
				       run_device_get_info,
				       device_info_fields,
				       NULL };

static void run_device_reset(struct run *run, const struct step *step, struct step_out *out)
{
	struct opened *device = vmm_file(run, step, "device", out);

	if (device)
		out->value = kernel_ioctl(device->process->task, device->fd, VFIO_DEVICE_RESET, 0);
}

const struct op op_device_reset = { "VFIO_DEVICE_RESET",
				    "Resets a device (function-level reset).",
				    device_args,
				    "device",
				    run_device_reset,
				    NULL,
				    NULL };

/* ---- the actor ---- */

static const struct op *const ops[] = {
	&op_open,
	&op_close,
	&op_mmap,
	&op_munmap,
	&op_setrlimit,
	&op_vmm_read,
	&op_vmm_write,
	&op_ioctl,
	&op_get_api_version,
	&op_check_extension,
	&op_set_iommu,
	&op_get_info,
	&op_map_dma,
	&op_unmap_dma,
	&op_dirty_pages,
	&op_pasid_request,
	&op_alloc_pasid,
	&op_free_pasid,
	&op_bind,
	&op_unbind,
	&op_invalidate,
	&op_read_faults,
	&op_page_response,
	&op_viommu,
	&op_viommu_unplug,
	&op_group_get_status,
	&op_group_set_container,
	&op_group_unset_container,
	&op_group_get_device_fd,
	&op_device_get_info,
	&op_device_reset,
	NULL,
};

const struct actor actor_vmm = { "vmm", ops };
