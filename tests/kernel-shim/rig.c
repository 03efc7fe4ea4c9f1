// SPDX-License-Identifier: Apache-2.0
/* The machine of all tests of the kernel: wires real models and a kernel together. */
#include "rig.h"

#include "lib/context.h"
#include "lib/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MMIO_BASE 0xd0000000ULL
#define MMIO_STEP 0x100000ULL
#define SMMU_RAM_BASE 0x80000000ULL
#define SMMU_RAM_SIZE 0x40000000ULL
#define MEMORY_WIDTH 46 /* bits of host-physical addresses */

/* ---- what units and functions reach ---- */

static enum port_status port_on_read(void *ctx, hpa_t addr, void *buf, size_t len)
{
	return memory_read(((struct rig *)ctx)->memory, addr, buf, len);
}

static enum port_status port_on_write(void *ctx, hpa_t addr, const void *buf, size_t len)
{
	struct rig *rig = ctx;

	return rig->writes_fail ? PORT_ERROR : memory_write(rig->memory, addr, buf, len);
}

static enum port_status port_on_exchange(void *ctx, hpa_t addr, u64 *expected, u64 desired)
{
	return memory_compare_exchange(((struct rig *)ctx)->memory, addr, expected, desired);
}

static void port_on_interrupt(void *ctx, u64 address, u32 data)
{
	struct rig *rig = ctx;

	if (rig->kernel && !rig->deaf)
		kernel_interrupt(rig->kernel, address, data);
}

static void port_on_spend(void *ctx, unsigned int cycles)
{
	(void)ctx;
	(void)cycles;
}

static void port_on_response(void *ctx, const struct page_group_response *response)
{
	struct rig *rig = ctx;
	size_t i;

	for (i = 0; i < rig->device_count; i++)
		if (rig->devices[i].source_id == response->source_id)
			pcie_page_group_response(rig->functions[i], response);
}

static const struct port_ops port_ops = {
	.read = port_on_read,
	.write = port_on_write,
	.compare_exchange = port_on_exchange,
	.interrupt = port_on_interrupt,
	.spend = port_on_spend,
	.respond_page_group = port_on_response,
};

static void translate_in(struct rig *rig, unsigned int unit,
			 const struct translation_request *request,
			 struct translation_result *result)
{
	if (rig->vtd[unit])
		vtd_translate(rig->vtd[unit], request, result);
	else
		smmuv3_translate(rig->smmu[unit], request, result);
}

static void on_access(void *ctx, struct pcie_transaction *transaction)
{
	const struct rig_slot *slot = ctx;
	const struct port port = { .ops = &port_ops, .ctx = slot->rig };

	if (transaction->route == PCIE_ROUTE_ROOT)
		translate_in(slot->rig, slot->rig->devices[slot->device].iommu,
			     &transaction->request, &transaction->result);
	pcie_complete(&port, transaction);
}

static void on_page_request(void *ctx, const struct page_request *request)
{
	const struct rig_slot *slot = ctx;

	vtd_page_request(slot->rig->vtd[slot->rig->devices[slot->device].iommu], request);
}

/* ---- what the kernel reaches ---- */

/* Which unit's register lies at an address, and where in it; RIG_MAX: those that are memory. */
static unsigned int unit_at(const struct rig *rig, u64 address, u32 *offset)
{
	u64 unit = (address - MMIO_BASE) / MMIO_STEP;

	if (unit < rig->unit_count) {
		*offset = (u32)((address - MMIO_BASE) % MMIO_STEP);
		return (unsigned int)unit;
	}
	*offset = (u32)(address - RIG_REGISTERS);
	return RIG_MAX;
}

static u64 read_register(struct rig *rig, unsigned int unit, u32 offset, unsigned int size)
{
	u64 value = 0;

	if (unit == RIG_MAX) {
		if (offset > sizeof(rig->registers) - size)
			return ~0ULL;
		memcpy(&value, (const u8 *)rig->registers + offset, size);
		return value;
	}
	return rig->vtd[unit] ? vtd_mmio_read(rig->vtd[unit], offset, size)
			      : smmuv3_mmio_read(rig->smmu[unit], offset, size);
}

static u64 on_mmio_read(void *ctx, u64 address, unsigned int size)
{
	struct rig *rig = ctx;
	u32 offset;
	unsigned int unit = unit_at(rig, address, &offset);
	u64 value = read_register(rig, unit, offset, size);

	if (rig->hook)
		rig->hook(rig, unit, offset, false, &value);
	return value;
}

static void on_mmio_write(void *ctx, u64 address, unsigned int size, u64 value)
{
	struct rig *rig = ctx;
	u32 offset;
	unsigned int unit = unit_at(rig, address, &offset);

	if (rig->hook && !rig->hook(rig, unit, offset, true, &value))
		return;
	if (unit < RIG_MAX && rig->vtd[unit])
		vtd_mmio_write(rig->vtd[unit], offset, size, value);
	else if (unit < RIG_MAX)
		smmuv3_mmio_write(rig->smmu[unit], offset, size, value);
	else if (offset <= sizeof(rig->registers) - size)
		memcpy((u8 *)rig->registers + offset, &value, size);
}

/* RIG_MAX: none. */
static size_t device_at(struct rig *rig, u16 source_id)
{
	size_t i;

	for (i = 0; i < rig->device_count; i++)
		if (rig->devices[i].source_id == source_id)
			return i;
	rig->last_source_id = source_id;
	return RIG_MAX;
}

static u32 on_config_read(void *ctx, const struct kernel_config_space *at)
{
	struct rig *rig = ctx;
	size_t device = device_at(rig, at->source_id);
	u32 value = 0;

	if (device < RIG_MAX && rig->bridges[device])
		return pcie_bridge_config_read(rig->bridges[device], at->offset, at->size);
	if (device < RIG_MAX)
		return pcie_config_read(rig->functions[device], at->offset, at->size);
	memcpy(&value, rig->pci_config + at->offset, at->size);
	return value;
}

static void on_config_write(void *ctx, const struct kernel_config_space *at, u32 value)
{
	struct rig *rig = ctx;
	size_t device = device_at(rig, at->source_id);

	if (device < RIG_MAX && rig->bridges[device])
		pcie_bridge_config_write(rig->bridges[device], at->offset, at->size, value);
	else if (device < RIG_MAX)
		pcie_config_write(rig->functions[device], at->offset, at->size, value);
	else
		memcpy(rig->pci_config + at->offset, &value, at->size);
}

static void on_relax(void *ctx)
{
	struct rig *rig = ctx;

	rig->relaxed++;
	if (rig->on_relax)
		rig->on_relax(rig);
}

static void on_log(void *ctx, int level, const char *line)
{
	struct rig *rig = ctx;
	size_t room = sizeof(rig->log) - rig->log_len;
	int len = snprintf(rig->log + rig->log_len, room, "<%d>%s\n", level, line);

	if ((size_t)len < room)
		rig->log_len += (size_t)len;
	else
		rig->log[rig->log_len] = '\0';
}

/* ---- making one ---- */

void rig_init(struct rig *rig, const char *variant)
{
	memset(rig, 0, sizeof(*rig));
	rig->memory = memory_create(MEMORY_WIDTH);
	rig->config = (struct kernel_config){
		.variant = variant,
		.memory = rig->memory,
		.ram_base = RIG_RAM_BASE,
		.ram_size = RIG_RAM_SIZE,
		.iommus = rig->iommus,
		.devices = rig->devices,
		.hardware = {
			.mmio_read = on_mmio_read,
			.mmio_write = on_mmio_write,
			.config_read = on_config_read,
			.config_write = on_config_write,
			.relax = on_relax,
			.log = on_log,
			.ctx = rig,
		},
		.parameters = rig->parameters,
	};
}

static unsigned int add_unit(struct rig *rig, enum kernel_iommu_kind kind)
{
	static const char *const names[][RIG_MAX] = {
		[KERNEL_IOMMU_INTEL] = { "dmar0", "dmar1", "dmar2", "dmar3", "dmar4", "dmar5" },
		[KERNEL_IOMMU_ARM_SMMU_V3] = { "smmu0", "smmu1", "smmu2", "smmu3", "smmu4",
					       "smmu5" },
	};
	unsigned int index = (unsigned int)rig->unit_count++;

	rig->iommus[index] = (struct kernel_firmware_iommu){
		.name = names[kind][index],
		.kind = kind,
		.mmio_base = MMIO_BASE + index * MMIO_STEP,
	};
	rig->config.iommu_count = rig->unit_count;
	return index;
}

unsigned int rig_add_vtd(struct rig *rig, u64 cap, u64 ecap)
{
	unsigned int index = add_unit(rig, KERNEL_IOMMU_INTEL);

	vtd_config_init(&rig->vtd_config[index], cap, ecap);
	return index;
}

unsigned int rig_add_smmu(struct rig *rig)
{
	unsigned int index = add_unit(rig, KERNEL_IOMMU_ARM_SMMU_V3);

	smmuv3_config_init(&rig->smmu_config[index]);
	return index;
}

unsigned int rig_add_device(struct rig *rig, u16 source_id, unsigned int unit, int group)
{
	unsigned int index = (unsigned int)rig->device_count++;

	rig->devices[index] = (struct kernel_firmware_device){
		.name = rig->names[index],
		.source_id = source_id,
		.iommu = unit,
		.group = group,
	};
	rig->function_config[index].pasid = true;
	rig->config.device_count = rig->device_count;
	return index;
}

unsigned int rig_add_bridge(struct rig *rig, struct pcie_bridge_config config, unsigned int unit)
{
	unsigned int index = rig_add_device(rig, config.source_id, unit, -1);

	if (!config.subordinate)
		config.subordinate = config.secondary;
	rig->bridge_config[index] = config;
	return index;
}

void rig_init_smmu(struct rig *rig)
{
	rig_init(rig, "v1");
	rig->config.ram_base = SMMU_RAM_BASE;
	rig->config.ram_size = SMMU_RAM_SIZE;
	rig_add_smmu(rig);
	rig_add_device(rig, 0x0100, 0, -1);
}

/* The bus of a function: that below one of the bridges made already, or the root bus. */
static struct pcie_bus *bus_of(struct rig *rig, u16 source_id)
{
	for (unsigned int i = 0; i < rig->device_count; i++)
		if (rig->bridges[i] && rig->bridge_config[i].secondary == source_id >> 8)
			return pcie_bridge_bus(rig->bridges[i]);
	return rig->root_bus;
}

static void create_device(struct rig *rig, unsigned int i)
{
	const struct port port = { .ops = &port_ops, .ctx = rig };
	const struct pcie_upstream upstream = { .access = on_access,
						.page_request = on_page_request,
						.ctx = &rig->slots[i] };
	u16 source_id = rig->devices[i].source_id;
	struct pcie_bus *bus = bus_of(rig, source_id);

	snprintf(rig->names[i], sizeof(rig->names[i]), "0000:%02x:%02x.%u", source_id >> 8,
		 source_id >> 3 & 0x1fu, source_id & 7u);
	if (rig->bridge_config[i].secondary) {
		rig->bridges[i] = pcie_bridge_create(&rig->bridge_config[i], bus);
		return;
	}
	rig->function_config[i].source_id = source_id;
	rig->slots[i] = (struct rig_slot){ rig, i };
	rig->functions[i] = pcie_function_create(&rig->function_config[i], &upstream, &port);
	pcie_function_place(rig->functions[i], bus);
}

static void create_hardware(struct rig *rig)
{
	const struct port port = { .ops = &port_ops, .ctx = rig };
	unsigned int i;

	for (i = 0; i < rig->unit_count; i++) {
		if (rig->iommus[i].kind == KERNEL_IOMMU_INTEL)
			rig->vtd[i] = vtd_create(&rig->vtd_config[i], &port);
		else
			rig->smmu[i] = smmuv3_create(&rig->smmu_config[i], &port);
	}
	rig->root_bus = pcie_root_bus_create();
	for (i = 0; i < rig->device_count; i++)
		create_device(rig, i);
}

bool rig_try_boot(struct rig *rig)
{
	create_hardware(rig);
	rig->kernel = kernel_boot(&rig->config, &rig->boot_error);
	if (rig->boot_error)
		on_log(rig, 3, rig->boot_error);
	return rig->kernel != NULL;
}

bool rig_boot(struct rig *rig)
{
	if (rig_try_boot(rig))
		return true;
	ADD_FAILURE("the kernel does not boot: %s", rig->log);
	return false;
}

void rig_start(struct rig *rig)
{
	rig_init(rig, "mainline");
	rig_boot(rig);
}

/* ---- ending one ---- */

void rig_stop(struct rig *rig)
{
	struct kernel *kernel = rig->kernel;
	size_t i;

	kernel_shutdown(kernel);
	rig->kernel = NULL;
	free(rig->boot_error);
	for (i = 0; i < rig->device_count; i++)
		pcie_function_destroy(rig->functions[i]);
	for (i = 0; i < rig->device_count; i++)
		pcie_bridge_destroy(rig->bridges[i]);
	pcie_root_bus_destroy(rig->root_bus);
	for (i = 0; i < rig->unit_count; i++) {
		vtd_destroy(rig->vtd[i]);
		smmuv3_destroy(rig->smmu[i]);
	}
	memory_destroy(rig->memory);
}

struct kernel_usage rig_usage(struct rig *rig)
{
	struct kernel_usage usage;

	kernel_usage(rig->kernel, &usage);
	return usage;
}

void rig_expect_nothing_used(struct rig *rig)
{
	struct kernel_usage usage = rig_usage(rig);

	EXPECT_EQ(usage.pinned_pages, 0);
	EXPECT_EQ(usage.locked_pages, 0);
	EXPECT_EQ(usage.domains, 0);
	EXPECT_EQ(usage.pasids, 0);
	EXPECT_EQ(usage.pasid_sets, 0);
	EXPECT_EQ(usage.table_pages, 0);
	EXPECT_EQ(usage.slab_objects, 0);
	EXPECT_EQ(usage.open_files, 0);
}

void rig_end(struct rig *rig)
{
	if (rig->kernel && kernel_oops(rig->kernel)) {
		ADD_FAILURE("the kernel oopsed: %s", kernel_oops(rig->kernel));
	} else if (rig->kernel) {
		while (!list_empty(&rig->kernel->tasks))
			kernel_task_exit(list_first_entry(&rig->kernel->tasks, struct task, list));
		rig_expect_nothing_used(rig);
		EXPECT_STREQ(kernel_oops(rig->kernel), NULL);
	}
	rig_stop(rig);
}

/* ---- running a test's code ---- */

struct call {
	struct rig *rig;
	long (*fn)(struct rig *rig);
};

static long enter(void *arg)
{
	struct call *call = arg;

	return call->fn(call->rig);
}

long rig_run(struct rig *rig, long (*fn)(struct rig *rig))
{
	struct call call = { rig, fn };

	return rig_call(rig, enter, &call);
}

long rig_call(struct rig *rig, long (*fn)(void *arg), void *arg)
{
	return kernel_run(rig->kernel, NULL, fn, arg);
}

long rig_call_as(struct task *task, long (*fn)(void *arg), void *arg)
{
	return kernel_run(task->kernel, &task->ts, fn, arg);
}

void rig_test(struct rig *rig, long (*body)(struct rig *rig))
{
	if (rig_boot(rig))
		EXPECT_EQ(rig_run(rig, body), 0);
	rig_end(rig);
}

void rig_test_empty(long (*body)(struct rig *rig), const void *param)
{
	struct rig rig;

	rig_init(&rig, "v1");
	rig.param = param;
	rig_test(&rig, body);
}

bool rig_logged(const struct rig *rig, const char *text)
{
	return strstr(rig->log, text) != NULL;
}

void rig_log_clear(struct rig *rig)
{
	rig->log_len = 0;
	rig->log[0] = '\0';
}

/* ---- inside the kernel ---- */

struct device *rig_device(struct rig *rig, unsigned int index)
{
	u16 source_id = rig->devices[index].source_id;
	struct pci_dev *pdev = pci_get_domain_bus_and_slot(0, source_id >> 8, source_id & 0xffu);

	pci_dev_put(pdev);
	return &pdev->dev;
}

struct iommu_group *rig_group(struct rig *rig, unsigned int index)
{
	return iommu_group_get(rig_device(rig, index));
}

struct iommu_domain *rig_domain(struct rig *rig)
{
	return iommu_domain_alloc(kernel_bus(rig->iommus[0].kind));
}

int rig_attach(struct rig *rig, struct iommu_domain *domain, unsigned int device)
{
	struct iommu_group *group = rig_group(rig, device);
	int ret = iommu_attach_group(domain, group);

	iommu_group_put(group);
	return ret;
}

void rig_detach(struct rig *rig, struct iommu_domain *domain, unsigned int device)
{
	struct iommu_group *group = rig_group(rig, device);

	iommu_detach_group(domain, group);
	iommu_group_put(group);
}

struct iommu_domain *rig_attached_domain(struct rig *rig, bool nesting, struct iommu_group **group)
{
	struct iommu_domain *domain = rig_domain(rig);

	*group = rig_group(rig, 0);
	if (nesting)
		EXPECT_EQ(iommu_enable_nesting(domain), 0);
	EXPECT_EQ(iommu_attach_group(domain, *group), 0);
	return domain;
}

void rig_drop_domain(struct iommu_domain *domain, struct iommu_group *group)
{
	iommu_detach_group(domain, group);
	iommu_group_put(group);
	iommu_domain_free(domain);
}

/* ---- hardware ---- */

static struct translation_result translate(struct rig *rig, unsigned int device,
					   struct translation_request request)
{
	struct translation_result result;

	u16 id = pcie_requester_id(rig->functions[device]);

	/* a test may also give a device another id, without a bridge or an alias */
	request.source_id =
		id == rig->function_config[device].source_id ? rig->devices[device].source_id : id;
	translate_in(rig, rig->devices[device].iommu, &request, &result);
	return result;
}

struct translation_result rig_translate(struct rig *rig, unsigned int device, u64 address,
					enum access access)
{
	return translate(rig, device,
			 (struct translation_request){ .address = iova(address),
						       .access = access });
}

struct translation_result rig_translate_pasid(struct rig *rig, unsigned int device, u32 pasid,
					      u64 address, enum access access)
{
	return translate(rig, device,
			 (struct translation_request){ .has_pasid = true,
						       .pasid = pasid,
						       .address = iova(address),
						       .access = access });
}

struct dma_result rig_dma(struct rig *rig, unsigned int device, const struct dma_request *request,
			  void *buf)
{
	struct dma_result result;

	pcie_dma(rig->functions[device], request, buf, &result);
	return result;
}
