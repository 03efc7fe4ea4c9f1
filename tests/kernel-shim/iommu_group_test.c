// SPDX-License-Identifier: Apache-2.0
/*
 * IOMMU core: devices, groups, default domains, attaching as a whole, ownership, reserved regions.
 */
#include <linux/errno.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/sizes.h>

#include "iommu_fake_driver.h"
#include "rig.h"
#include "lib/context.h"

/* One SMMU with devices 0, 1 (group 7) and 2 (own group). */
static void three_devices(struct rig *rig)
{
	rig_init(rig, "v1");
	rig_add_smmu(rig);
	rig_add_device(rig, 0x0100, 0, 7);
	rig_add_device(rig, 0x0101, 0, 7);
	rig_add_device(rig, 0x0200, 0, -1);
}

static int count_device(struct device *dev, void *data)
{
	(void)dev;
	++*(int *)data;
	return 0;
}

static int stop_with_5(struct device *dev, void *data)
{
	(void)dev;
	++*(int *)data;
	return 5;
}

RIG_TEST(iommu_group, devices_with_the_same_firmware_number_share_a_group, three_devices(rig))
{
	struct iommu_group *shared = rig_group(rig, 0);
	struct iommu_group *again = rig_group(rig, 1);
	struct iommu_group *own = rig_group(rig, 2);
	int count = 0;

	EXPECT_EQ(shared, again);
	EXPECT_NE(shared, own);
	EXPECT_EQ(iommu_group_id(shared), 7);
	EXPECT_NE(iommu_group_id(own), 7);
	EXPECT_EQ(iommu_group_for_each_dev(shared, &count, count_device), 0);
	EXPECT_EQ(count, 2);
	EXPECT_EQ(iommu_group_for_each_dev(shared, &count, stop_with_5), 5);
	EXPECT_EQ(count, 3);
	iommu_group_put(shared);
	iommu_group_put(again);
	iommu_group_put(own);

	again = iommu_group_get_by_id(7);
	EXPECT_EQ(again, shared);
	iommu_group_put(again);
	EXPECT_EQ(iommu_group_get_by_id(12345), NULL);
	iommu_group_put(NULL);
}

static long numbers(struct rig *rig)
{
	struct iommu_group *group = rig_group(rig, 1);

	EXPECT_EQ(iommu_group_id(group), 3);
	iommu_group_put(group);
	group = rig_group(rig, 2);
	EXPECT_EQ(iommu_group_id(group), 4);
	iommu_group_put(group);
	return 0;
}

TEST(iommu_group, groups_without_a_number_get_those_after_the_highest_that_firmware_uses)
{
	struct rig rig;

	rig_init(&rig, "v1");
	rig_add_smmu(&rig);
	rig_add_device(&rig, 0x0100, 0, 0);
	rig_add_device(&rig, 0x0200, 0, -1);
	rig_add_device(&rig, 0x0300, 0, -1);
	rig_add_device(&rig, 0x0400, 0, 2);
	rig_test(&rig, numbers);
}

RIG_TEST(iommu_group, a_bus_without_driver_has_no_iommu, three_devices(rig))
{
	struct bus_type *bus = kernel_bus(KERNEL_IOMMU_ARM_SMMU_V3);
	struct bus_type *other = kernel_bus(KERNEL_IOMMU_INTEL);
	struct device *dev = rig_device(rig, 0);
	struct device unknown = { .bus = other };

	EXPECT_TRUE(iommu_present(bus));
	EXPECT_FALSE(iommu_present(other));
	EXPECT_TRUE(iommu_capable(bus, IOMMU_CAP_CACHE_COHERENCY));
	EXPECT_TRUE(device_iommu_capable(dev, IOMMU_CAP_INTR_REMAP));
	EXPECT_TRUE(device_iommu_capable(dev, IOMMU_CAP_NOEXEC));
	EXPECT_FALSE(device_iommu_capable(dev, IOMMU_CAP_PRE_BOOT_PROTECTION));
	EXPECT_FALSE(iommu_capable(other, IOMMU_CAP_CACHE_COHERENCY));
	EXPECT_FALSE(device_iommu_capable(&unknown, IOMMU_CAP_INTR_REMAP));
	EXPECT_EQ(iommu_domain_alloc(other), NULL);
	EXPECT_EQ(dev_iommu_priv_get(&unknown), NULL);
	EXPECT_EQ(iommu_probe_device(&unknown), -ENODEV);
	iommu_release_device(&unknown);
	EXPECT_EQ(iommu_probe_device(dev), -EBUSY);
	EXPECT_EQ(bus_set_iommu(bus, &fake_ops), -EBUSY);
}

RIG_TEST(iommu_group, a_group_is_attached_to_one_domain_at_a_time, three_devices(rig))
{
	struct iommu_group *group = rig_group(rig, 0);
	struct iommu_domain *first = rig_domain(rig), *second = rig_domain(rig);

	EXPECT_EQ(iommu_attach_group(first, group), 0);
	EXPECT_EQ(iommu_attach_group(second, group), -EBUSY);
	EXPECT_EQ(iommu_attach_group(first, group), -EBUSY);
	EXPECT_EQ(iommu_group_claim_dma_owner(group, rig), -EBUSY);
	iommu_detach_group(first, group);
	EXPECT_EQ(iommu_attach_group(second, group), 0);
	iommu_detach_group(second, group);
	iommu_domain_free(first);
	iommu_domain_free(second);
	iommu_group_put(group);
}

static void probe_all(struct fake_machine *machine, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		EXPECT_EQ(iommu_probe_device(&machine->devices[i].pdev.dev), 0);
}

static void release_all(struct fake_machine *machine)
{
	unsigned int i;

	for (i = 0; i < FAKE_DEVICES; i++)
		iommu_release_device(&machine->devices[i].pdev.dev);
}

RIG_TEST(iommu_group, an_attach_that_fails_at_one_device_leaves_all_where_they_were,
	 rig_init(rig, "v1"))
{
	struct fake_machine machine;
	struct iommu_domain *domain, *standard;
	struct iommu_group *group;
	unsigned int failing, i;

	fake_machine_init(&machine);
	probe_all(&machine, FAKE_DEVICES);
	group = iommu_group_get_by_id(500);
	standard = machine.devices[0].at;
	EXPECT_EQ(standard->type, IOMMU_DOMAIN_DMA);
	domain = iommu_domain_alloc(&machine.bus);
	for (failing = 0; failing < FAKE_DEVICES; failing++) {
		SCOPED_NOTE("device %u fails", failing);
		machine.devices[failing].attach_error = -EIO;
		EXPECT_EQ(iommu_attach_group(domain, group), -EIO);
		for (i = 0; i < FAKE_DEVICES; i++)
			EXPECT_EQ(machine.devices[i].at, standard);
		machine.devices[failing].attach_error = 0;
	}
	EXPECT_EQ(iommu_attach_group(domain, group), 0);
	for (i = 0; i < FAKE_DEVICES; i++)
		EXPECT_EQ(machine.devices[i].at, domain);
	iommu_detach_group(domain, group);
	for (i = 0; i < FAKE_DEVICES; i++)
		EXPECT_EQ(machine.devices[i].at, standard);
	iommu_domain_free(domain);
	release_all(&machine);
	iommu_group_put(group);
}

RIG_TEST(iommu_group, drivers_do_not_mix_in_a_group, three_devices(rig))
{
	struct iommu_group *group = rig_group(rig, 0);
	struct fake_machine machine;
	struct iommu_domain *domain;

	fake_machine_init(&machine);
	domain = iommu_domain_alloc(&machine.bus);
	EXPECT_EQ(iommu_attach_group(domain, group), -EINVAL);
	iommu_domain_free(domain);

	/* a device of another driver cannot join the group either */
	machine.devices[0].firmware.group = 7;
	EXPECT_EQ(iommu_probe_device(&machine.devices[0].pdev.dev), -EINVAL);
	EXPECT_EQ(machine.devices[0].released, 1);
	EXPECT_EQ(machine.devices[0].pdev.dev.iommu, NULL);
	iommu_group_put(group);
}

RIG_TEST(iommu_group, devices_come_to_the_groups_domain_and_go_from_it, rig_init(rig, "v1"))
{
	struct fake_machine machine;
	struct iommu_domain *domain;
	struct iommu_group *group;

	fake_machine_init(&machine);
	machine.devices[0].firmware.identity = true;
	machine.devices[3].probe_error = -ENODEV;
	probe_all(&machine, 2);
	EXPECT_EQ(iommu_probe_device(&machine.devices[3].pdev.dev), -ENODEV);
	/* the fake driver has no pass-through domain */
	EXPECT_EQ(machine.devices[0].at->type, IOMMU_DOMAIN_DMA);
	group = iommu_group_get_by_id(500);
	domain = iommu_domain_alloc(&machine.bus);
	EXPECT_EQ(iommu_attach_group(domain, group), 0);

	EXPECT_EQ(iommu_probe_device(&machine.devices[2].pdev.dev), 0);
	EXPECT_EQ(machine.devices[2].at, domain);
	iommu_release_device(&machine.devices[0].pdev.dev);
	EXPECT_EQ(machine.devices[0].at, NULL);
	EXPECT_EQ(machine.devices[0].released, 1);
	EXPECT_EQ(machine.devices[1].at, domain);
	EXPECT_EQ(iommu_group_get(&machine.devices[0].pdev.dev), NULL);

	release_all(&machine);
	iommu_detach_group(domain, group);
	iommu_domain_free(domain);
	EXPECT_EQ(iommu_group_get_by_id(500), group);
	iommu_group_put(group);
	iommu_group_put(group);
	EXPECT_EQ(iommu_group_get_by_id(500), NULL);
}

RIG_TEST(iommu_group, dma_has_one_owner_and_none_beside_a_host_driver, rig_init(rig, "v1"))
{
	struct fake_machine machine;
	struct iommu_group *group;

	fake_machine_init(&machine);
	probe_all(&machine, 2);
	group = iommu_group_get_by_id(500);
	EXPECT_EQ(iommu_group_claim_dma_owner(group, &machine), 0);
	EXPECT_EQ(iommu_group_claim_dma_owner(group, &machine), -EPERM);
	iommu_group_release_dma_owner(group);
	EXPECT_EQ(iommu_group_claim_dma_owner(group, group), 0);
	iommu_group_release_dma_owner(group);
	machine.devices[1].firmware.host_driver = true;
	EXPECT_EQ(iommu_group_claim_dma_owner(group, &machine), -EPERM);
	release_all(&machine);
	iommu_group_put(group);
}

static void set_flag(void *data)
{
	*(bool *)data = true;
}

RIG_TEST(iommu_group, data_on_a_group_is_released_with_its_last_reference, rig_init(rig, "v1"))
{
	struct fake_machine machine;
	struct iommu_group *group;
	bool released = false;

	fake_machine_init(&machine);
	probe_all(&machine, 1);
	group = iommu_group_get_by_id(500);
	EXPECT_EQ(iommu_group_get_iommudata(group), NULL);
	iommu_group_set_iommudata(group, &released, set_flag);
	EXPECT_EQ(iommu_group_get_iommudata(group), &released);
	release_all(&machine);
	EXPECT_FALSE(released);
	iommu_group_put(group);
	EXPECT_TRUE(released);
}

struct region_row {
	const char *name;
	struct iommu_resv_region in[2][FAKE_REGIONS]; /* of two devices */
	struct iommu_resv_region out[FAKE_REGIONS];
};

#define REGION(first, bytes, kind)                                  \
	{                                                           \
		.start = (first), .length = (bytes), .type = (kind) \
	}

static const struct region_row region_rows[] = {
	{ .name = "none" },
	{ .name = "sorted_by_start",
	  .in = { { REGION(0x9000, 0x1000, IOMMU_RESV_MSI) },
		  { REGION(0x1000, 0x1000, IOMMU_RESV_RESERVED) } },
	  .out = { REGION(0x1000, 0x1000, IOMMU_RESV_RESERVED),
		   REGION(0x9000, 0x1000, IOMMU_RESV_MSI) } },
	{ .name = "equal_ones_once",
	  .in = { { REGION(0x1000, 0x1000, IOMMU_RESV_MSI) },
		  { REGION(0x1000, 0x1000, IOMMU_RESV_MSI) } },
	  .out = { REGION(0x1000, 0x1000, IOMMU_RESV_MSI) } },
	{ .name = "overlapping_and_adjacent_ones_join",
	  .in = { { REGION(0x1000, 0x1800, IOMMU_RESV_RESERVED),
		    REGION(0x8000, 0x1000, IOMMU_RESV_RESERVED) },
		  { REGION(0x2000, 0x2000, IOMMU_RESV_RESERVED),
		    REGION(0x4000, 0x1000, IOMMU_RESV_RESERVED) } },
	  .out = { REGION(0x1000, 0x4000, IOMMU_RESV_RESERVED),
		   REGION(0x8000, 0x1000, IOMMU_RESV_RESERVED) } },
	{ .name = "one_that_spans_several_joins_them",
	  .in = { { REGION(0x1000, 0x1000, IOMMU_RESV_DIRECT),
		    REGION(0x3000, 0x1000, IOMMU_RESV_DIRECT),
		    REGION(0x9000, 0x1000, IOMMU_RESV_DIRECT) },
		  { REGION(0x0, 0x6000, IOMMU_RESV_DIRECT) } },
	  .out = { REGION(0x0, 0x6000, IOMMU_RESV_DIRECT),
		   REGION(0x9000, 0x1000, IOMMU_RESV_DIRECT) } },
	{ .name = "types_do_not_join",
	  .in = { { REGION(0x1000, 0x4000, IOMMU_RESV_MSI) },
		  { REGION(0x1000, 0x4000, IOMMU_RESV_DIRECT) } },
	  .out = { REGION(0x1000, 0x4000, IOMMU_RESV_DIRECT),
		   REGION(0x1000, 0x4000, IOMMU_RESV_MSI) } },
	{ .name = "up_to_the_end_of_the_space",
	  .in = { { REGION(0xfffffffffffff000ULL, 0x1000, IOMMU_RESV_RESERVED) },
		  { REGION(0xffffffffffffe000ULL, 0x1000, IOMMU_RESV_RESERVED) } },
	  .out = { REGION(0xffffffffffffe000ULL, 0x2000, IOMMU_RESV_RESERVED) } },
};

static long region_union(struct rig *rig)
{
	const struct region_row *row = rig->param;
	struct iommu_resv_region *region;
	struct fake_machine machine;
	struct iommu_group *group;
	unsigned int i, count = 0;
	LIST_HEAD(list);

	fake_machine_init(&machine);
	for (i = 0; i < FAKE_REGIONS; i++) {
		machine.devices[0].regions[i] = row->in[0][i];
		machine.devices[1].regions[i] = row->in[1][i];
	}
	probe_all(&machine, 2);
	group = iommu_group_get_by_id(500);
	EXPECT_EQ(iommu_get_group_resv_regions(group, &list), 0);
	list_for_each_entry(region, &list, list) {
		if (count == FAKE_REGIONS)
			break;
		EXPECT_EQ(region->start, row->out[count].start);
		EXPECT_EQ(region->length, row->out[count].length);
		EXPECT_EQ(region->type, row->out[count].type);
		count++;
	}
	EXPECT_TRUE(count == FAKE_REGIONS || !row->out[count].length);
	iommu_put_resv_regions(&machine.devices[0].pdev.dev, &list);
	EXPECT_TRUE(list_empty(&list));
	release_all(&machine);
	iommu_group_put(group);
	return 0;
}

TEST_WITH_NAMED_PARAMS(iommu_group, reserved_regions_are_the_union_over_the_devices,
		       struct region_row, region_rows, name)
{
	rig_test_empty(region_union, param);
}

RIG_TEST(iommu_group, a_driver_may_lack_optional_operations, rig_init(rig, "v1"))
{
	struct fake_machine machine;
	struct iommu_group *group;
	LIST_HEAD(list);

	fake_machine_init(&machine);
	machine.bus.iommu_ops = &fake_plain_ops;
	probe_all(&machine, 1);
	group = iommu_group_get_by_id(500);
	EXPECT_EQ(iommu_get_group_resv_regions(group, &list), 0);
	EXPECT_TRUE(list_empty(&list));
	EXPECT_FALSE(device_iommu_capable(&machine.devices[0].pdev.dev, IOMMU_CAP_INTR_REMAP));
	release_all(&machine);
	iommu_group_put(group);
}
