// SPDX-License-Identifier: Apache-2.0
/*
 * Random calls on every variant: whatever a process asks for, in any order and with any memory
 * failing, the kernel stays well, and nothing is left when the process ends. Seeds are printed with
 * a failure.
 */
#include "vfio_fixture.h"

#include <stdio.h>
#include <string.h>

static const char *const variants[] = { "upstream", "v1", "v1-attach-check", "v7", "mainline" };

/* splitmix64 */
static u64 next(u64 *state)
{
	u64 z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static u64 below(u64 *state, u64 n)
{
	return next(state) % n;
}

/* One process' view: some descriptors, some memory. */
struct chaos {
	struct vm *vm;
	u64 state;
	long fds[12];
	u64 memory; /* 64 pages */
};

static long *any_fd(struct chaos *chaos)
{
	return &chaos->fds[below(&chaos->state, 12)];
}

static void open_something(struct chaos *chaos)
{
	static const int types[] = { 1, 3, 6, 6, 6, 2 };
	u64 what = below(&chaos->state, 6);
	long *fd = any_fd(chaos), other = *any_fd(chaos);

	switch (what) {
	case 0:
		vm_close(chaos->vm, *fd);
		*fd = vm_open(chaos->vm, "/dev/vfio/vfio");
		break;
	case 1:
		vm_close(chaos->vm, *fd);
		*fd = vm_open_group(chaos->vm, (int)below(&chaos->state, 4));
		break;
	case 2:
		vm_set_container(chaos->vm, *fd, other);
		break;
	case 3:
		vm_ioctl(chaos->vm, *fd, VFIO_SET_IOMMU, (u64)types[below(&chaos->state, 6)]);
		break;
	case 4:
		vm_ioctl(chaos->vm, *fd, VFIO_GROUP_UNSET_CONTAINER, 0);
		break;
	default: {
		static const char *const names[] = { "0000:01:00.0", "0000:02:00.0",
						     "0000:03:00.0" };

		*any_fd(chaos) = vm_get_device_fd(chaos->vm, *fd, names[below(&chaos->state, 3)]);
	}
	}
}

/* Often a good page, sometimes nonsense. */
static u64 any_iova(struct chaos *chaos)
{
	u64 page = below(&chaos->state, 64) * VM_PAGE;

	switch (below(&chaos->state, 16)) {
	case 0:
		return next(&chaos->state);
	case 1:
		return 0xfee00000 + page;
	case 2:
		return page + 8;
	default:
		return page;
	}
}

static void map_something(struct chaos *chaos)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = (u32)below(&chaos->state, 8),
		.vaddr = chaos->memory + below(&chaos->state, 70) * VM_PAGE,
		.iova = any_iova(chaos),
		.size = below(&chaos->state, 8) * VM_PAGE,
	};

	vm_ioctl_data(chaos->vm, *any_fd(chaos), VFIO_IOMMU_MAP_DMA, &map, sizeof(map));
}

static void unmap_something(struct chaos *chaos)
{
	struct {
		struct {
			u32 argsz, flags;
			u64 iova, size;
		} unmap;
		struct vfio_bitmap bitmap;
	} request = {
		.unmap = { sizeof(request), (u32)below(&chaos->state, 8), any_iova(chaos),
			   below(&chaos->state, 64) * VM_PAGE },
		.bitmap = { .pgsize = VM_PAGE, .size = 8, .data = (__u64 *)chaos->memory },
	};

	vm_ioctl_data(chaos->vm, *any_fd(chaos), VFIO_IOMMU_UNMAP_DMA, &request, sizeof(request));
}

static void nest_something(struct chaos *chaos)
{
	struct vm *vm = chaos->vm;
	long fd = *any_fd(chaos);
	u32 pasid = (u32)below(&chaos->state, 6), flags = (u32)below(&chaos->state, 4);
	struct iommu_gpasid_bind_data_v1 v1 = vm_bind_data_v1(pasid);
	struct iommu_gpasid_bind_data_v7 v7 = vm_bind_data_v7(pasid);

	switch (below(&chaos->state, 6)) {
	case 0:
		vm_pasid_alloc_v1(vm, fd, 1, 5);
		break;
	case 1:
		vm_pasid_free_v1(vm, fd, pasid);
		break;
	case 2:
		vm_bind_v1(vm, fd, flags, &v1);
		break;
	case 3:
		vm_pasid_request_v7(vm, fd, flags, pasid, 5);
		break;
	default:
		vm_nesting_op_v7(vm, fd, flags, &v7, sizeof(v7));
	}
}

static void ask_something(struct chaos *chaos)
{
	static const unsigned int cmds[] = {
		VFIO_IOMMU_GET_INFO,  VFIO_IOMMU_DIRTY_PAGES, VFIO_IOMMU_CACHE_INVALIDATE_V1,
		VFIO_CHECK_EXTENSION, VFIO_DEVICE_GET_INFO,   VFIO_DEVICE_RESET,
		VFIO_GROUP_GET_STATUS
	};
	u32 words[64];

	for (size_t i = 0; i < 64; i++)
		words[i] = (u32)below(&chaos->state, 4);
	words[0] = 8 + (u32)below(&chaos->state, 248);
	vm_ioctl_data(chaos->vm, *any_fd(chaos), cmds[below(&chaos->state, 7)], words,
		      sizeof(words));
}

static void step(struct chaos *chaos)
{
	u32 word = 0;

	switch (below(&chaos->state, 8)) {
	case 0:
	case 1:
	case 2:
		open_something(chaos);
		break;
	case 3:
		map_something(chaos);
		break;
	case 4:
		unmap_something(chaos);
		break;
	case 5:
		nest_something(chaos);
		break;
	case 6:
		ask_something(chaos);
		break;
	default:
		vm_dma(chaos->vm, below(&chaos->state, 3), any_iova(chaos) & ~7ULL, &word, 4,
		       below(&chaos->state, 2));
	}
}

/*
 * Brings the process to where something can happen: a container with its IOMMU and a group in it.
 */
static void set_the_stage(struct chaos *chaos, bool nesting)
{
	chaos->fds[0] = vm_open(chaos->vm, "/dev/vfio/vfio");
	chaos->fds[1] = vm_open_group(chaos->vm, 1);
	vm_set_container(chaos->vm, chaos->fds[1], chaos->fds[0]);
	vm_ioctl(chaos->vm, chaos->fds[0], VFIO_SET_IOMMU,
		 nesting ? VFIO_TYPE1_NESTING_IOMMU : VFIO_TYPE1v2_IOMMU);
}

static struct vm_config machine_of(const char *variant)
{
	return (struct vm_config){
		.variant = variant,
		.units = { VM_VTD_SCALABLE, VM_SMMU },
		.unit_count = 2,
		.devices = { { .unit = 0, .group = 1 },
			     { .unit = 1, .group = 2 },
			     { .unit = 0, .group = 3 } },
		.device_count = 3,
	};
}

struct seed_row {
	u64 seed;
};

static const struct seed_row seed_rows[] = {
	{ 1 }, { 2 }, { 3 }, { 4 }, { 5 }, { 6 }, { 7 }, { 8 }
};

TEST_WITH_PARAMS(vfio_random, calls_leave_nothing_and_break_nothing, struct seed_row, seed_rows)
{
	for (size_t v = 0; v < 5; v++) {
		struct vm_config config = machine_of(variants[v]);
		struct chaos chaos = { .vm = vm_start(&config), .state = param->seed };
		SCOPED_NOTE("variant %s, seed %llu", variants[v], param->seed);

		for (int life = 0; life < 4; life++) {
			memset(chaos.fds, 0xff, sizeof(chaos.fds));
			chaos.memory = vm_memory(chaos.vm, 64 * VM_PAGE);
			set_the_stage(&chaos, below(&chaos.state, 2));
			for (int i = 0; i < 400; i++)
				step(&chaos);
			vm_restart_process(chaos.vm);
		}
		vm_end(chaos.vm);
	}
}

/* The life of a process that uses all of a variant; every result is welcome. */
static void whole_life(struct vm *vm, const char *variant)
{
	long c = vm_open(vm, "/dev/vfio/vfio");
	long g1 = vm_open_group(vm, 1), g2 = vm_open_group(vm, 2);
	struct iommu_gpasid_bind_data_v1 v1 = vm_bind_data_v1(1);
	struct iommu_gpasid_bind_data_v7 v7 = vm_bind_data_v7(1);
	u64 memory = vm_memory(vm, 16 * VM_PAGE), size = VM_PAGE, info[64];
	bool nesting = strcmp(variant, "mainline") && strcmp(variant, "upstream");

	vm_set_container(vm, g1, c);
	vm_ioctl(vm, c, VFIO_SET_IOMMU, nesting ? VFIO_TYPE1_NESTING_IOMMU : VFIO_TYPE1v2_IOMMU);
	vm_map(vm, c, 0, memory, 8 * VM_PAGE);
	vm_map(vm, c, 8 * VM_PAGE, memory, VM_PAGE);
	vm_set_container(vm, g2, c);
	vm_get_info(vm, c, info, sizeof(info));
	vm_get_device_fd(vm, g1, "0000:01:00.0");
	vm_pasid_alloc_v1(vm, c, 1, 1);
	vm_pasid_request_v7(vm, c, VFIO_IOMMU_FLAG_ALLOC_PASID, 1, 1);
	vm_bind_v1(vm, c, VFIO_IOMMU_BIND_GUEST_PGTBL, &v1);
	vm_nesting_op_v7(vm, c, VFIO_IOMMU_NESTING_OP_BIND_PGTBL, &v7, sizeof(v7));
	vm_unmap(vm, c, 8 * VM_PAGE, &size);
	vm_ioctl(vm, g2, VFIO_GROUP_UNSET_CONTAINER, 0);
}

struct variant_row {
	const char *variant;
};

static const struct variant_row variant_rows[] = {
	{ "upstream" }, { "v1" }, { "v1-attach-check" }, { "v7" }, { "mainline" },
};

/* Lives one life after the other, each with a later allocation of that kind failing. */
static void fail_each(const char *variant, const char *parameter, int count)
{
	struct vm_config config = machine_of(variant);
	struct vm *vm = vm_start(&config);

	for (int nth = 1; nth < count; nth++) {
		char value[16];
		SCOPED_NOTE("variant %s, %s %d", variant, parameter, nth);

		snprintf(value, sizeof(value), "%d", nth);
		EXPECT_EQ(kernel_set_parameter(vm_kernel(vm), parameter, value), 0);
		whole_life(vm, variant);
		EXPECT_EQ(kernel_set_parameter(vm_kernel(vm), parameter, "0"), 0);
		vm_restart_process(vm);
	}
	vm_end(vm);
}

TEST_WITH_PARAMS(vfio_random, any_one_object_may_not_be_had, struct variant_row, variant_rows)
{
	fail_each(param->variant, "fault.kmalloc_nth", 120);
}

TEST_WITH_PARAMS(vfio_random, any_one_page_may_not_be_had, struct variant_row, variant_rows)
{
	fail_each(param->variant, "fault.page_nth", 80);
}

TEST(vfio_random, a_boot_without_memory_fails_cleanly)
{
	for (int nth = 1; nth < 100; nth++) {
		struct vm_config config = machine_of("v1");
		char parameter[40];
		struct vm *vm;
		SCOPED_NOTE("allocation %d", nth);

		snprintf(parameter, sizeof(parameter), "fault.kmalloc_nth=%d", nth);
		config.parameters[0] = parameter;
		config.may_fail = true;
		vm = vm_start(&config);
		if (vm)
			vm_end(vm);
	}
}
