// SPDX-License-Identifier: Apache-2.0
/* IOMMU core: user data of binds and invalidations, of versions 1 and 7 of the nesting series. */
#include <linux/errno.h>
#include <linux/iommu.h>
#include <string.h>
#include <uapi/linux/vfio_nesting.h>

#include "iommu_fake_driver.h"
#include "rig.h"
#include "lib/context.h"
#include "lib/state.h"

#define USER_PAGES 2
#define USER_SIZE (USER_PAGES * 0x1000ULL)

/* What a body runs with: a process with two pages of memory, and a domain that takes binds. */
struct call {
	struct rig *rig;
	u64 user; /* where its memory starts */
	struct fake_machine machine;
	struct iommu_domain *domain;
	int (*entry)(struct iommu_domain *domain, struct device *dev, void __user *data);
	const struct iommu_ops *ops;
	struct iommu_gpasid_bind_data bound;
	struct iommu_cache_invalidate_info invalidated;
	ioasid_t unbound;
};

static long call_entry(void *arg)
{
	struct call *call = arg;
	struct device *dev = &call->machine.devices[0].pdev.dev;
	struct iommu_group *group;
	long ret;

	fake_machine_init(&call->machine);
	call->machine.bus.iommu_ops = call->ops;
	EXPECT_EQ(iommu_probe_device(dev), 0);
	group = iommu_group_get(dev);
	call->domain = iommu_domain_alloc(&call->machine.bus);
	EXPECT_EQ(iommu_attach_group(call->domain, group), 0);
	ret = call->entry(call->domain, dev, (void __user *)(unsigned long)call->user);
	call->bound = to_fake_domain(call->domain)->bound;
	call->invalidated = to_fake_domain(call->domain)->invalidated;
	call->unbound = to_fake_domain(call->domain)->unbound;
	iommu_detach_group(call->domain, group);
	iommu_domain_free(call->domain);
	iommu_group_put(group);
	iommu_release_device(dev);
	return ret;
}

/* Has the process hand data over, len bytes of it, at the end of its memory if at_end. */
static long hand_over(struct call *call, const void *data, size_t len, bool at_end)
{
	const struct kernel_mmap request = { .size = USER_SIZE, .page_size = 0x1000 };
	struct rig rig;
	struct task *task;
	long ret, address;

	rig_init(&rig, "v1");
	call->rig = &rig;
	if (!rig_boot(&rig)) {
		rig_end(&rig);
		return -ENOTRECOVERABLE;
	}
	task = kernel_task_start(rig.kernel, "vmm");
	address = kernel_mmap(task, &request);
	EXPECT_GT(address, 0);
	call->user = (u64)address + (at_end ? USER_SIZE - len : 0);
	EXPECT_EQ(kernel_user_write(task, call->user, data, len), 0);
	ret = rig_call_as(task, call_entry, call);
	kernel_task_exit(task);
	rig_end(&rig);
	return ret;
}

static struct iommu_gpasid_bind_data_v7 good_bind(void)
{
	return (struct iommu_gpasid_bind_data_v7){
		.argsz = sizeof(struct iommu_gpasid_bind_data_v7),
		.version = 1,
		.format = IOMMU_PASID_FORMAT_INTEL_VTD,
		.addr_width = 48,
		.flags = IOMMU_SVA_GPASID_VAL,
		.gpgd = 0x123000,
		.hpasid = 0x45,
		.gpasid = 0x67,
		.vendor.vtd = { .flags = IOMMU_SVA_VTD_GPASID_SRE, .pat = 0x89, .emt = 0xab },
	};
}

struct bind_row {
	const char *name;
	size_t offset; /* of the byte that is changed */
	unsigned char value;
	int expected;
};

#define BIND(field) offsetof(struct iommu_gpasid_bind_data_v7, field)

static const struct bind_row bind_rows[] = {
	{ "all_right", BIND(version), 1, 0 },
	{ "version_0", BIND(version), 0, -EINVAL },
	{ "version_2", BIND(version), 2, -EINVAL },
	{ "argsz_0", BIND(argsz), 0, -EINVAL },
	{ "argsz_without_padding", BIND(argsz), BIND(padding), -EINVAL },
	{ "argsz_one_short_of_the_mandatory", BIND(argsz), BIND(vendor) - 1, -EINVAL },
	{ "argsz_without_vendor", BIND(argsz), BIND(vendor), 0 },
	{ "argsz_of_a_newer_header", BIND(argsz), sizeof(struct iommu_gpasid_bind_data_v7) + 8, 0 },
	{ "no_format_is_the_drivers_to_judge", BIND(format), 0, 0 },
	{ "unknown_format", BIND(format), 2, -EINVAL },
	{ "unknown_format_high", BIND(format) + 3, 0x80, -EINVAL },
	{ "no_flag", BIND(flags), 0, 0 },
	{ "unknown_flag", BIND(flags), 3, -EINVAL },
	{ "unknown_flag_high", BIND(flags) + 7, 0x80, -EINVAL },
	{ "padding_first", BIND(padding), 1, -EINVAL },
	{ "padding_last", BIND(padding) + 7, 1, -EINVAL },
	{ "vendor_flags_are_the_drivers_to_judge", BIND(vendor), 0xff, 0 },
};

TEST_WITH_NAMED_PARAMS(iommu_uapi, v7_bind_data_is_checked, struct bind_row, bind_rows, name)
{
	struct iommu_gpasid_bind_data_v7 data = good_bind();
	struct call bind = { .entry = iommu_uapi_sva_bind_gpasid, .ops = &fake_ops };
	struct call unbind = { .entry = iommu_uapi_sva_unbind_gpasid, .ops = &fake_ops };

	((unsigned char *)&data)[param->offset] = param->value;
	EXPECT_EQ(hand_over(&bind, &data, sizeof(data), false), param->expected);
	EXPECT_EQ(hand_over(&unbind, &data, sizeof(data), false), param->expected);
	EXPECT_EQ(bind.bound.hpasid, param->expected ? 0 : 0x45);
	EXPECT_EQ(unbind.unbound, param->expected ? 0u : 0x45u);
}

TEST(iommu_uapi, v7_bind_data_reaches_the_driver_whole)
{
	struct iommu_gpasid_bind_data_v7 data = good_bind();
	struct call bind = { .entry = iommu_uapi_sva_bind_gpasid, .ops = &fake_ops };

	EXPECT_EQ(hand_over(&bind, &data, sizeof(data), false), 0);
	EXPECT_EQ(bind.bound.version, 1);
	EXPECT_EQ(bind.bound.format, IOMMU_PASID_FORMAT_INTEL_VTD);
	EXPECT_EQ(bind.bound.flags, IOMMU_SVA_GPASID_VAL);
	EXPECT_EQ(bind.bound.gpgd, 0x123000);
	EXPECT_EQ(bind.bound.gpasid, 0x67);
	EXPECT_EQ(bind.bound.addr_width, 48);
	EXPECT_EQ(bind.bound.vtd_flags, IOMMU_SVA_VTD_GPASID_SRE);
	EXPECT_EQ(bind.bound.vtd_pat, 0x89);
	EXPECT_EQ(bind.bound.vtd_emt, 0xab);
}

TEST(iommu_uapi, v7_vendor_data_beyond_argsz_reads_as_zero)
{
	struct iommu_gpasid_bind_data_v7 data = good_bind();
	struct call bind = { .entry = iommu_uapi_sva_bind_gpasid, .ops = &fake_ops };

	data.argsz = BIND(vendor);
	EXPECT_EQ(hand_over(&bind, &data, BIND(vendor), true), 0);
	EXPECT_EQ(bind.bound.vtd_flags, 0);
	EXPECT_EQ(bind.bound.vtd_pat, 0);
}

TEST(iommu_uapi, v7_data_that_is_not_there_faults)
{
	struct iommu_gpasid_bind_data_v7 data = good_bind();
	struct call bind = { .entry = iommu_uapi_sva_bind_gpasid, .ops = &fake_ops };
	struct call unbind = { .entry = iommu_uapi_sva_unbind_gpasid, .ops = &fake_ops };
	struct call invalidate = { .entry = iommu_uapi_cache_invalidate, .ops = &fake_ops };

	EXPECT_EQ(hand_over(&bind, &data, BIND(vendor) - 8, true), -EFAULT);
	EXPECT_EQ(hand_over(&bind, &data, BIND(vendor), true), -EFAULT);
	EXPECT_EQ(hand_over(&unbind, &data, 4, true), -EFAULT);
	EXPECT_EQ(hand_over(&invalidate, &data, 8, true), -EFAULT);
}

TEST(iommu_uapi, v7_entry_points_need_the_drivers_operation)
{
	struct iommu_gpasid_bind_data_v7 data = good_bind();
	struct call call = { .entry = iommu_uapi_sva_bind_gpasid, .ops = &fake_plain_ops };

	EXPECT_EQ(hand_over(&call, &data, sizeof(data), false), -ENODEV);
	call.entry = iommu_uapi_sva_unbind_gpasid;
	EXPECT_EQ(hand_over(&call, &data, sizeof(data), false), -ENODEV);
	call.entry = iommu_uapi_cache_invalidate;
	EXPECT_EQ(hand_over(&call, &data, sizeof(data), false), -ENODEV);
}

struct invalidate_row {
	const char *name;
	u32 argsz;
	u32 version;
	unsigned char cache, granularity, padding; /* padding: value of its last byte */
	u32 flags;
	int expected;
};

#define INV(field) offsetof(struct iommu_cache_invalidate_info_v7, field)
#define INV_SIZE sizeof(struct iommu_cache_invalidate_info_v7)
#define INV_PASID (INV(granu) + sizeof(struct iommu_inv_pasid_info))
#define IOTLB IOMMU_CACHE_INV_TYPE_IOTLB
#define DEV_IOTLB IOMMU_CACHE_INV_TYPE_DEV_IOTLB
#define PASID_CACHE IOMMU_CACHE_INV_TYPE_PASID

static const struct invalidate_row invalidate_rows[] = {
	{ "domain", INV(granu), 1, IOTLB, IOMMU_INV_GRANU_DOMAIN, 0, 0, 0 },
	{ "domain_pasid_cache", INV(granu), 1, PASID_CACHE, IOMMU_INV_GRANU_DOMAIN, 0, 0, 0 },
	{ "domain_has_no_device_tlb", INV_SIZE, 1, IOTLB | DEV_IOTLB, IOMMU_INV_GRANU_DOMAIN, 0, 0,
	  -EINVAL },
	{ "domain_ignores_flags", INV_SIZE, 1, IOTLB, IOMMU_INV_GRANU_DOMAIN, 0, ~0u, 0 },
	{ "argsz_short", INV(granu) - 1, 1, IOTLB, IOMMU_INV_GRANU_DOMAIN, 0, 0, -EINVAL },
	{ "argsz_0", 0, 1, IOTLB, IOMMU_INV_GRANU_DOMAIN, 0, 0, -EINVAL },
	{ "version_0", INV_SIZE, 0, IOTLB, IOMMU_INV_GRANU_DOMAIN, 0, 0, -EINVAL },
	{ "version_2", INV_SIZE, 2, IOTLB, IOMMU_INV_GRANU_DOMAIN, 0, 0, -EINVAL },
	{ "padding", INV_SIZE, 1, IOTLB, IOMMU_INV_GRANU_DOMAIN, 1, 0, -EINVAL },
	{ "unknown_cache", INV_SIZE, 1, IOTLB | 8, IOMMU_INV_GRANU_PASID, 0, 0, -EINVAL },
	{ "unknown_granularity", INV_SIZE, 1, IOTLB, IOMMU_INV_GRANU_NR, 0, 0, -EINVAL },
	{ "pasid", INV_PASID, 1, IOTLB | PASID_CACHE, IOMMU_INV_GRANU_PASID, 0, 3, 0 },
	{ "pasid_argsz_short", INV_PASID - 1, 1, IOTLB, IOMMU_INV_GRANU_PASID, 0, 3, -EINVAL },
	{ "pasid_has_no_leaf_flag", INV_SIZE, 1, IOTLB, IOMMU_INV_GRANU_PASID, 0, 4, -EINVAL },
	{ "address", INV_SIZE, 1, IOTLB | DEV_IOTLB, IOMMU_INV_GRANU_ADDR, 0, 7, 0 },
	{ "address_of_a_newer_header", INV_SIZE + 64, 1, IOTLB, IOMMU_INV_GRANU_ADDR, 0, 7, 0 },
	{ "address_argsz_short", INV_SIZE - 1, 1, IOTLB, IOMMU_INV_GRANU_ADDR, 0, 7, -EINVAL },
	{ "address_unknown_flag", INV_SIZE, 1, IOTLB, IOMMU_INV_GRANU_ADDR, 0, 8, -EINVAL },
	{ "address_has_no_pasid_cache", INV_SIZE, 1, PASID_CACHE, IOMMU_INV_GRANU_ADDR, 0, 0,
	  -EINVAL },
	{ "no_cache_at_all", INV_SIZE, 1, 0, IOMMU_INV_GRANU_ADDR, 0, 0, 0 },
};

static struct iommu_cache_invalidate_info_v7 invalidation(const struct invalidate_row *row)
{
	struct iommu_cache_invalidate_info_v7 info = {
		.argsz = row->argsz,
		.version = row->version,
		.cache = row->cache,
		.granularity = row->granularity,
		.padding[5] = row->padding,
	};

	if (row->granularity == IOMMU_INV_GRANU_PASID)
		info.granu.pasid_info = (struct iommu_inv_pasid_info){ row->flags, 0x11, 0x2222 };
	else
		info.granu.addr_info = (struct iommu_inv_addr_info){ row->flags, 0x11,   0x2222,
								     0x33000,    0x1000, 4 };
	return info;
}

TEST_WITH_NAMED_PARAMS(iommu_uapi, v7_invalidations_are_checked, struct invalidate_row,
		       invalidate_rows, name)
{
	struct iommu_cache_invalidate_info_v7 info = invalidation(param);
	struct call call = { .entry = iommu_uapi_cache_invalidate, .ops = &fake_ops };
	const struct iommu_cache_invalidate_info *got = &call.invalidated;
	bool address = param->granularity == IOMMU_INV_GRANU_ADDR;
	bool pasid = address || param->granularity == IOMMU_INV_GRANU_PASID;

	EXPECT_EQ(hand_over(&call, &info, sizeof(info), false), param->expected);
	if (param->expected)
		return;
	EXPECT_EQ(got->version, 1);
	EXPECT_EQ(got->cache, param->cache);
	EXPECT_EQ(got->granularity, param->granularity);
	EXPECT_EQ(got->flags, pasid ? param->flags : 0);
	EXPECT_EQ(got->archid, pasid ? 0x11 : 0);
	EXPECT_EQ(got->pasid, pasid ? 0x2222 : 0);
	EXPECT_EQ(got->addr, address ? 0x33000 : 0);
	EXPECT_EQ(got->granule_size, address ? 0x1000 : 0);
	EXPECT_EQ(got->nb_granules, address ? 4 : 0);
}

/* ---- version 1 ---- */

TEST(iommu_uapi, v1_sizes_are_chosen_from_type_and_version)
{
	EXPECT_EQ(iommu_get_uapi_version(), 1);
	EXPECT_EQ(iommu_uapi_get_data_size(IOMMU_UAPI_BIND_GPASID, 1),
		  (int)sizeof(struct iommu_gpasid_bind_data_v1));
	EXPECT_EQ(iommu_uapi_get_data_size(IOMMU_UAPI_CACHE_INVAL, 1),
		  (int)sizeof(struct iommu_cache_invalidate_info_v1));
	EXPECT_EQ(iommu_uapi_get_data_size(IOMMU_UAPI_BIND_GPASID, 0), -EINVAL);
	EXPECT_EQ(iommu_uapi_get_data_size(IOMMU_UAPI_CACHE_INVAL, 2), -EINVAL);
	EXPECT_EQ(iommu_uapi_get_data_size(7, 1), -EINVAL);
	EXPECT_EQ(iommu_uapi_get_data_size(-1, 1), -EINVAL);
}

TEST(iommu_uapi, v1_bind_data_is_taken_over_unjudged)
{
	const struct iommu_gpasid_bind_data_v1 user = {
		.version = 9,
		.format = 8,
		.flags = 7,
		.gpgd = 6,
		.hpasid = 5,
		.gpasid = 4,
		.addr_width = 3,
		.padding = { 1 },
		.vtd = { 2, 1, 10 },
	};
	struct iommu_gpasid_bind_data data;

	iommu_gpasid_bind_data_from_v1(&user, &data);
	EXPECT_EQ(data.version, 9);
	EXPECT_EQ(data.format, 8);
	EXPECT_EQ(data.flags, 7);
	EXPECT_EQ(data.gpgd, 6);
	EXPECT_EQ(data.hpasid, 5);
	EXPECT_EQ(data.gpasid, 4);
	EXPECT_EQ(data.addr_width, 3);
	EXPECT_EQ(data.vtd_flags, 2);
	EXPECT_EQ(data.vtd_pat, 1);
	EXPECT_EQ(data.vtd_emt, 10);
}

TEST(iommu_uapi, v1_invalidations_take_what_their_granularity_names)
{
	struct iommu_cache_invalidate_info_v1 user = {
		.version = 1,
		.cache = IOTLB,
		.granularity = IOMMU_INV_GRANU_ADDR,
		.addr_info = { 1, 2, 3, 4, 5, 6 },
	};
	struct iommu_cache_invalidate_info info;

	iommu_cache_invalidate_info_from_v1(&user, &info);
	EXPECT_EQ(info.version, 1);
	EXPECT_EQ(info.cache, IOTLB);
	EXPECT_EQ(info.granularity, IOMMU_INV_GRANU_ADDR);
	EXPECT_EQ(info.flags, 1);
	EXPECT_EQ(info.archid, 2);
	EXPECT_EQ(info.pasid, 3);
	EXPECT_EQ(info.addr, 4);
	EXPECT_EQ(info.granule_size, 5);
	EXPECT_EQ(info.nb_granules, 6);
	user.granularity = IOMMU_INV_GRANU_PASID;
	iommu_cache_invalidate_info_from_v1(&user, &info);
	EXPECT_EQ(info.pasid, 3);
	EXPECT_EQ(info.addr, 0);
	user.granularity = IOMMU_INV_GRANU_DOMAIN;
	iommu_cache_invalidate_info_from_v1(&user, &info);
	EXPECT_EQ(info.pasid, 0);
}

static long no_operation(struct rig *rig)
{
	struct iommu_domain_ops none = { .attach_dev = NULL };
	struct iommu_domain domain = { .ops = &none };
	struct iommu_gpasid_bind_data bind = { .version = 1 };
	struct iommu_cache_invalidate_info info = { .version = 1 };

	(void)rig;
	EXPECT_EQ(iommu_sva_bind_gpasid(&domain, NULL, &bind), -ENODEV);
	EXPECT_EQ(iommu_sva_unbind_gpasid(&domain, NULL, 1), -ENODEV);
	EXPECT_EQ(iommu_cache_invalidate(&domain, NULL, &info), -ENODEV);
	return 0;
}

TEST(iommu_uapi, a_driver_without_guest_page_tables_has_no_device_for_them)
{
	EXPECT_EQ(no_operation(NULL), 0);
}
