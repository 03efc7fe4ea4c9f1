// SPDX-License-Identifier: Apache-2.0
/* Booting: what a configuration must be, parameters, variants, and PCI functions as they are found. */
#include "rig.h"

#include "lib/state.h"

#include <linux/dma-mapping.h>
#include <linux/kernel.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <stdlib.h>
#include <string.h>

#define CAP_AT 0x40 /* of an ordinary capability in the fake configuration space */
#define PASID_AT 0x100
#define ATS_AT 0x120
#define PRI_AT 0x140

/* ---- configurations ---- */

static const struct kernel_firmware_iommu odd_iommu = { .name = "odd",
							.kind = (enum kernel_iommu_kind)7 };
static const struct kernel_firmware_device lost_device = { .name = "0000:00:01.0", .iommu = 3 };
static const char *const unknown_parameter[] = { "vfio_iommu_type1.pasid_quoat=5", NULL };
static const char *const bad_parameter[] = { "vfio_iommu_type1.pasid_quota=many", NULL };
static const char *const shapeless_parameter[] = { "pasid_quota", NULL };

static void no_memory(struct kernel_config *c)
{
	c->memory = NULL;
}

static void no_variant(struct kernel_config *c)
{
	c->variant = NULL;
}

static void wrong_variant(struct kernel_config *c)
{
	c->variant = "v9";
}

static void odd_base(struct kernel_config *c)
{
	c->ram_base += 4096;
}

static void odd_size(struct kernel_config *c)
{
	c->ram_size = 4096;
}

static void no_ram(struct kernel_config *c)
{
	c->ram_size = 0;
}

static void ram_too_far(struct kernel_config *c)
{
	c->ram_base = 1ULL << 46;
}

static void ram_wraps(struct kernel_config *c)
{
	c->ram_size = ~0ULL << 21;
}

static void kind_without_driver(struct kernel_config *c)
{
	c->iommus = &odd_iommu;
	c->iommu_count = 1;
}

static void device_without_iommu(struct kernel_config *c)
{
	c->devices = &lost_device;
	c->device_count = 1;
}

static void parameter_unknown(struct kernel_config *c)
{
	c->parameters = unknown_parameter;
}

static void parameter_bad(struct kernel_config *c)
{
	c->parameters = bad_parameter;
}

static void parameter_shapeless(struct kernel_config *c)
{
	c->parameters = shapeless_parameter;
}

static const struct bad_config {
	const char *name;
	void (*spoil)(struct kernel_config *config);
	const char *text;
} bad_configs[] = {
	{ "no_memory", no_memory, "needs memory" },
	{ "no_variant", no_variant, "no kernel variant" },
	{ "wrong_variant", wrong_variant, "no kernel variant \"v9\"" },
	{ "odd_base", odd_base, "units of 2 MiB" },
	{ "odd_size", odd_size, "units of 2 MiB" },
	{ "no_ram", no_ram, "units of 2 MiB" },
	{ "ram_too_far", ram_too_far, "beyond 46 address bits" },
	{ "ram_wraps", ram_wraps, "beyond 46 address bits" },
	{ "kind_without_driver", kind_without_driver, "kind without driver" },
	{ "device_without_iommu", device_without_iommu, "IOMMU number 3 of 0" },
	{ "parameter_unknown", parameter_unknown, "no parameter \"vfio_iommu_type1.pasid_quoat\"" },
	{ "parameter_bad", parameter_bad, "cannot be \"many\"" },
	{ "parameter_shapeless", parameter_shapeless, "not of the form" },
};

TEST_WITH_NAMED_PARAMS(lib_boot, an_impossible_machine_is_refused_in_a_sentence, struct bad_config,
		       bad_configs, name)
{
	struct rig f;

	rig_init(&f, "mainline");
	param->spoil(&f.config);
	EXPECT_FALSE(rig_try_boot(&f));
	ASSERT_TRUE(f.boot_error);
	EXPECT_TRUE(strstr(f.boot_error, param->text));
	/* whoever does not want to know why */
	EXPECT_EQ(kernel_boot(&f.config, NULL), NULL);
	rig_stop(&f);
}

TEST(lib_boot, every_variant_boots_and_ends)
{
	const char *const *variant;
	struct rig f;
	int count = 0;

	for (variant = kernel_variants(); *variant; variant++) {
		rig_init(&f, *variant);
		rig_boot(&f);
		EXPECT_EQ(kernel_warnings(f.kernel), 0);
		rig_end(&f);
		count++;
	}
	EXPECT_EQ(count, 5);
	kernel_shutdown(NULL);
}

/* Whichever allocation fails while booting: the kernel boots or says no, and leaks nothing. */
TEST(lib_boot, booting_survives_any_failed_allocation)
{
	static const char *const names[] = { "fault.kmalloc_nth", "fault.page_nth" };
	struct rig f;
	char text[64];
	size_t i;
	int nth;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		for (nth = 1; nth < 40; nth++) {
			scnprintf(text, sizeof(text), "%s=%d", names[i], nth);
			SCOPED_NOTE("%s", text);
			rig_init(&f, "mainline");
			f.parameters[0] = text;
			EXPECT_TRUE(rig_try_boot(&f) || f.boot_error);
			EXPECT_EQ(f.kernel && kernel_oops(f.kernel), false);
			rig_stop(&f);
		}
	}
}

/* ---- parameters ---- */

static long quota(void *arg)
{
	(void)arg;
	return (long)kernel_parameter("vfio_iommu_type1.pasid_quota", 1000);
}

TEST(lib_boot, a_parameter_is_read_again_after_it_was_set)
{
	static const char *const parameters[] = { "vfio_iommu_type1.pasid_quota=5",
						  "vfio_iommu_type1.allow_unsafe_interrupts=Y",
						  NULL };
	struct rig f, plain;

	rig_init(&f, "mainline");
	f.config.parameters = parameters;
	rig_boot(&f);
	rig_start(&plain);
	EXPECT_EQ(rig_call(&f, quota, NULL), 5);
	EXPECT_EQ(rig_call(&plain, quota, NULL), 1000);
	EXPECT_EQ(kernel_set_parameter(f.kernel, "vfio_iommu_type1.pasid_quota", "0x10"), 0);
	EXPECT_EQ(rig_call(&f, quota, NULL), 16);
	EXPECT_EQ(kernel_set_parameter(f.kernel, "vfio_iommu_type1.pasid_quota", "-1"), -EINVAL);
	EXPECT_EQ(kernel_set_parameter(f.kernel, "vfio_iommu_type1.pasid_quota", "4294967296"),
		  -EINVAL);
	EXPECT_EQ(kernel_set_parameter(f.kernel, "vfio_iommu_type1.disable_hugepages", "2"),
		  -EINVAL);
	EXPECT_EQ(kernel_set_parameter(f.kernel, "vfio_iommu_type1.nothing", "1"), -ENOENT);
	EXPECT_EQ(rig_call(&f, quota, NULL), 16);
	rig_end(&plain);
	rig_end(&f);
}

/* ---- PCI functions ---- */

static void put(struct rig *f, unsigned int offset, unsigned int size, u32 value)
{
	memcpy(f->pci_config + offset, &value, size);
}

static u16 get16(const struct rig *f, unsigned int offset)
{
	return (u16)(f->pci_config[offset] | f->pci_config[offset + 1] << 8);
}

/* A function with a chain of one capability, and PASID, ATS and PRI. */
static void function_prepare(struct rig *f)
{
	rig_start(f);
	put(f, PCI_STATUS, 2, PCI_STATUS_CAP_LIST);
	put(f, PCI_CAPABILITY_LIST, 1, CAP_AT);
	put(f, CAP_AT, 1, PCI_CAP_ID_EXP);
	put(f, PASID_AT, 4, PCI_EXT_CAP_ID_PASID | 1 << 16 | ATS_AT << 20);
	put(f, PASID_AT + PCI_PASID_CAP, 2, PCI_PASID_CAP_EXEC | 20 << 8);
	put(f, ATS_AT, 4, PCI_EXT_CAP_ID_ATS | 1 << 16 | (u32)PRI_AT << 20);
	put(f, ATS_AT + PCI_ATS_CAP, 2, 0);
	put(f, PRI_AT, 4, PCI_EXT_CAP_ID_PRI | 1 << 16);
	put(f, PRI_AT + PCI_PRI_STATUS, 2, PCI_PRI_STATUS_STOPPED | PCI_PRI_STATUS_PASID);
	put(f, PRI_AT + PCI_PRI_MAX_REQ, 4, 32);
}

static struct pci_dev function(void)
{
	struct pci_dev pdev = { .bus = 0x3a, .devfn = 0x08 };

	pdev.dev.init_name = "0000:3a:01.0";
	pdev.pasid_cap = pci_find_ext_capability(&pdev, PCI_EXT_CAP_ID_PASID);
	pdev.ats_cap = pci_find_ext_capability(&pdev, PCI_EXT_CAP_ID_ATS);
	pdev.pri_cap = pci_find_ext_capability(&pdev, PCI_EXT_CAP_ID_PRI);
	return pdev;
}

static long capabilities(void *arg)
{
	struct rig *f = arg;
	struct pci_dev pdev = function();

	EXPECT_EQ(f->last_source_id, 0x3a08);
	EXPECT_EQ(pdev.pasid_cap, PASID_AT);
	EXPECT_EQ(pdev.ats_cap, ATS_AT);
	EXPECT_EQ(pdev.pri_cap, PRI_AT);
	EXPECT_EQ(pci_find_ext_capability(&pdev, PCI_EXT_CAP_ID_ERR), 0);
	EXPECT_EQ(pci_find_capability(&pdev, PCI_CAP_ID_EXP), CAP_AT);
	EXPECT_EQ(pci_find_capability(&pdev, PCI_CAP_ID_MSI), 0);
	/* chains that never end, or lead nowhere */
	put(f, CAP_AT + 1, 1, CAP_AT);
	EXPECT_EQ(pci_find_capability(&pdev, PCI_CAP_ID_MSI), 0);
	put(f, CAP_AT, 1, 0xff);
	EXPECT_EQ(pci_find_capability(&pdev, PCI_CAP_ID_MSI), 0);
	put(f, PCI_STATUS, 2, 0);
	EXPECT_EQ(pci_find_capability(&pdev, PCI_CAP_ID_EXP), 0);
	put(f, PRI_AT, 4, PCI_EXT_CAP_ID_PRI | (u32)PASID_AT << 20);
	EXPECT_EQ(pci_find_ext_capability(&pdev, PCI_EXT_CAP_ID_ERR), 0);
	put(f, PASID_AT, 4, 0xffffffff);
	EXPECT_EQ(pci_find_ext_capability(&pdev, PCI_EXT_CAP_ID_PASID), 0);
	EXPECT_FALSE(dev_is_pci(&pdev.dev));
	pdev.dev.bus = kernel_bus(KERNEL_IOMMU_ARM_SMMU_V3);
	EXPECT_TRUE(dev_is_pci(&pdev.dev));
	return 0;
}

TEST(lib_pci, capabilities_are_found_and_endless_chains_end)
{
	struct rig f;

	function_prepare(&f);
	EXPECT_EQ(rig_call(&f, capabilities, &f), 0);
	rig_end(&f);
}

static long pasid(void *arg)
{
	struct rig *f = arg;
	struct pci_dev pdev = function();

	EXPECT_EQ(pci_max_pasids(&pdev), 1 << 20);
	EXPECT_EQ(pci_pasid_features(&pdev), PCI_PASID_CAP_EXEC);
	EXPECT_EQ(pci_enable_pasid(&pdev, PCI_PASID_CAP_PRIV), -EINVAL);
	EXPECT_EQ(pci_enable_pasid(&pdev, PCI_PASID_CAP_EXEC), 0);
	EXPECT_EQ(get16(f, PASID_AT + PCI_PASID_CTRL), PCI_PASID_CTRL_ENABLE | PCI_PASID_CTRL_EXEC);
	EXPECT_EQ(kernel_current()->warnings, 0);
	EXPECT_EQ(pci_enable_pasid(&pdev, 0), -EBUSY);
	EXPECT_EQ(kernel_current()->warnings, 1);
	pci_disable_pasid(&pdev);
	EXPECT_EQ(get16(f, PASID_AT + PCI_PASID_CTRL), 0);
	pci_disable_pasid(&pdev);
	EXPECT_EQ(kernel_current()->warnings, 2);
	pdev.pasid_cap = 0;
	EXPECT_EQ(pci_max_pasids(&pdev), -EINVAL);
	EXPECT_EQ(pci_enable_pasid(&pdev, 0), -EINVAL);
	return 0;
}

TEST(lib_pci, pasid_is_enabled_with_the_features_the_function_has)
{
	struct rig f;

	function_prepare(&f);
	EXPECT_EQ(rig_call(&f, pasid, &f), 0);
	rig_end(&f);
}

static long ats(void *arg)
{
	struct rig *f = arg;
	struct pci_dev pdev = function();

	EXPECT_TRUE(pci_ats_supported(&pdev));
	EXPECT_EQ(pci_ats_queue_depth(&pdev), 32);
	put(f, ATS_AT + PCI_ATS_CAP, 2, 4);
	EXPECT_EQ(pci_ats_queue_depth(&pdev), 4);
	EXPECT_EQ(pci_enable_ats(&pdev, 11), -EINVAL);
	EXPECT_EQ(pci_enable_ats(&pdev, 12), 0);
	EXPECT_EQ(get16(f, ATS_AT + PCI_ATS_CTRL), PCI_ATS_CTRL_ENABLE);
	EXPECT_EQ(pci_enable_ats(&pdev, 12), -EBUSY);
	pci_disable_ats(&pdev);
	EXPECT_EQ(get16(f, ATS_AT + PCI_ATS_CTRL), 0);
	EXPECT_EQ(kernel_current()->warnings, 1);
	pci_disable_ats(&pdev);
	EXPECT_EQ(kernel_current()->warnings, 2);
	pdev.ats_cap = 0;
	EXPECT_EQ(pci_enable_ats(&pdev, 12), -EINVAL);
	EXPECT_EQ(pci_ats_queue_depth(&pdev), -EINVAL);
	return 0;
}

static long pri(void *arg)
{
	struct rig *f = arg;
	struct pci_dev pdev = function();

	EXPECT_TRUE(pci_pri_supported(&pdev));
	EXPECT_EQ(pci_prg_resp_pasid_required(&pdev), 1);
	EXPECT_EQ(pci_reset_pri(&pdev), 0);
	EXPECT_EQ(get16(f, PRI_AT + PCI_PRI_CTRL), PCI_PRI_CTRL_RESET);
	EXPECT_EQ(pci_enable_pri(&pdev, 100), 0);
	EXPECT_EQ(get16(f, PRI_AT + PCI_PRI_ALLOC_REQ), 32);
	EXPECT_EQ(pci_enable_pri(&pdev, 100), -EBUSY);
	EXPECT_EQ(pci_reset_pri(&pdev), -EBUSY);
	pci_disable_pri(&pdev);
	pci_disable_pri(&pdev);
	EXPECT_EQ(kernel_current()->warnings, 3);
	put(f, PRI_AT + PCI_PRI_STATUS, 2, 0);
	EXPECT_EQ(pci_enable_pri(&pdev, 1), -EBUSY);
	pdev.pri_cap = 0;
	EXPECT_EQ(pci_enable_pri(&pdev, 1), -EINVAL);
	EXPECT_EQ(pci_reset_pri(&pdev), -EINVAL);
	EXPECT_EQ(pci_prg_resp_pasid_required(&pdev), 0);
	return 0;
}

TEST(lib_pci, ats_and_pri_are_switched_in_their_control_registers)
{
	struct rig f;

	function_prepare(&f);
	EXPECT_EQ(rig_call(&f, ats, &f), 0);
	rig_end(&f);
	function_prepare(&f);
	EXPECT_EQ(rig_call(&f, pri, &f), 0);
	rig_end(&f);
}

RIG_TEST(lib_pci, configuration_space_is_reached_in_three_widths, rig_init(rig, "mainline"))
{
	struct pci_dev pdev = { .bus = 1 };
	u32 dword;
	u16 word;
	u8 byte;

	EXPECT_EQ(pci_write_config_dword(&pdev, 0x10, 0x11223344), 0);
	EXPECT_EQ(pci_write_config_byte(&pdev, 0x10, 0x55), 0);
	EXPECT_EQ(pci_write_config_word(&pdev, 0x12, 0x6677), 0);
	EXPECT_EQ(pci_read_config_dword(&pdev, 0x10, &dword), 0);
	EXPECT_EQ(dword, 0x66773355);
	EXPECT_EQ(pci_read_config_word(&pdev, 0x12, &word), 0);
	EXPECT_EQ(word, 0x6677);
	EXPECT_EQ(pci_read_config_byte(&pdev, 0x11, &byte), 0);
	EXPECT_EQ(byte, 0x33);
	EXPECT_EQ(DMA_BIT_MASK(40), 0xffffffffffULL);
}

/* ---- devices ---- */

static void gone(struct device *dev)
{
	*(int *)dev->driver_data += 1;
}

static long device_references(void *arg)
{
	struct device dev = { .init_name = "dev" };

	dev_set_drvdata(&dev, arg);
	kref_init(&dev.kref);
	EXPECT_EQ(get_device(&dev), &dev);
	EXPECT_EQ(get_device(NULL), NULL);
	put_device(&dev);
	put_device(NULL);
	dev.release = gone;
	EXPECT_EQ(*(int *)dev_get_drvdata(&dev), 0);
	put_device(&dev);
	return *(int *)arg;
}

TEST(lib_device, the_last_reference_releases_a_device)
{
	struct rig f;
	int released = 0;

	rig_start(&f);
	EXPECT_EQ(rig_call(&f, device_references, &released), 1);
	rig_end(&f);
}

static const struct kernel_firmware_iommu units[] = {
	{ .name = "dmar0", .kind = KERNEL_IOMMU_INTEL, .mmio_base = RIG_REGISTERS },
};

static const struct kernel_firmware_device functions[] = {
	{ .name = "0000:3a:00.0", .source_id = 0x3a00, .iommu = 0, .group = -1 },
	{ .name = "0001:01:00.1", .segment = 1, .source_id = 0x0101, .iommu = 0, .group = -1 },
	{ .name = "0000:3b:00.0", .source_id = 0x3b00, .iommu = 0, .group = -1 },
};

static int count_to_two(struct device *dev, void *data)
{
	(void)dev;
	return ++*(int *)data == 2 ? 7 : 0;
}

static int count_all(struct device *dev, void *data)
{
	(void)dev;
	++*(int *)data;
	return 0;
}

static long enumeration(void *arg)
{
	struct bus_type *bus = kernel_bus(KERNEL_IOMMU_INTEL);
	struct pci_dev *pdev, *first = NULL;
	int count = 0;

	(void)arg;
	for_each_pci_dev(pdev)
	{
		first = first ? first : pdev;
		EXPECT_EQ(pdev->vendor, 0x8086);
		EXPECT_EQ(pdev->dev.bus, kernel_bus(units[pdev->firmware->iommu].kind));
		count++;
	}
	EXPECT_EQ(count, 3);
	pdev = pci_get_domain_bus_and_slot(1, 1, 1);
	EXPECT_STREQ(pci_name(pdev), "0001:01:00.1");
	EXPECT_EQ(pci_dev_id(pdev), 0x0101);
	EXPECT_EQ(to_pci_dev(&pdev->dev), pdev);
	pci_dev_put(pdev);
	EXPECT_EQ(pci_get_domain_bus_and_slot(0, 1, 1), NULL);
	EXPECT_EQ(pci_dev_get(NULL), NULL);
	pci_dev_put(NULL);
	count = 0;
	EXPECT_EQ(bus_for_each_dev(bus, NULL, &count, count_to_two), 7);
	count = 0;
	EXPECT_EQ(bus_for_each_dev(bus, &first->dev, &count, count_all), 0);
	EXPECT_EQ(count, 2);
	return 0;
}

TEST(lib_pci, functions_are_found_as_firmware_lists_them_even_if_no_iommu_works)
{
	struct rig f;

	rig_init(&f, "mainline");
	memset(f.registers, 0xff, sizeof(f.registers));
	put(&f, PCI_VENDOR_ID, 2, 0x8086);
	f.config.iommus = units;
	f.config.iommu_count = ARRAY_SIZE(units);
	f.config.devices = functions;
	f.config.device_count = ARRAY_SIZE(functions);
	rig_boot(&f);
	ASSERT_TRUE(f.kernel);
	EXPECT_EQ(rig_call(&f, enumeration, NULL), 0);
	EXPECT_TRUE(rig_logged(&f, "0000:3a:00.0: no IOMMU"));
	rig_end(&f);
}
