/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a platform: memory, IOMMUs by name, devices by PCI address, and that they fit together. One
 * IOMMU's own keys are read in platform_iommu.c, bridges and what is below them in
 * platform_topology.c; machine.c builds what is described here.
 */
#include "platform_private.h"

#include "kernel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where firmware of real machines puts the units' registers: below 4 GiB, and so below RAM. */
#define VTD_MMIO_BASE 0xfed90000ULL
#define SMMU_MMIO_BASE 0xf0000000ULL
#define MAX_IOMMUS 64u
#define MAX_DEVICES 4096u
#define MAX_CACHE_ENTRIES (1u << 20) /* of all IOMMUs: invalidations search them */
#define MAX_SMALL_IDENTITY (64ULL << 30) /* bytes that a pass-through domain maps by 4 KiB */

#define RAM_BASE (4ULL << 30)
#define RAM_GRANULE (2ULL << 20)
#define RAM_MIN (16ULL << 20)
#define RAM_DEFAULT (16ULL << 30)
#define WIDTH_DEFAULT 46u

/* A function of the kind this is about: Intel's Data Streaming Accelerator. */
#define VENDOR_DEFAULT 0x8086u
#define DEVICE_DEFAULT 0x0b25u

bool optional_number(const struct node *mapping, const char *key, struct bounds bounds,
		     unsigned long long *out, struct diags *diags)
{
	const struct node *node = node_get(mapping, key);

	return !node || node_u64_range(node, bounds.min, bounds.max, out, diags);
}

bool optional_bool(const struct node *mapping, const char *key, bool *out, struct diags *diags)
{
	const struct node *node = node_get(mapping, key);

	return !node || node_bool(node, out, diags);
}

bool optional_choice(const struct node *mapping, const char *key, const char *const *words,
		     size_t *index, struct diags *diags)
{
	const struct node *node = node_get(mapping, key);

	*index = 0;
	return !node || node_choice(node, words, index, diags);
}

bool out_of_memory(const struct node *node, struct diags *diags)
{
	return diag_add(diags, &node->place, "not enough memory to read this platform");
}

/* ---- memory ---- */

static bool read_memory(const struct node *root, struct platform *platform, struct diags *diags)
{
	static const char *const keys[] = { "width",   "ram",   "tables", "data",
					    "refresh", "cache", NULL };
	const struct node *node = node_get(root, "memory");
	unsigned long long width = WIDTH_DEFAULT;
	const struct node *ram = node_get(node, "ram");

	platform->ram_base = RAM_BASE;
	platform->ram_size = RAM_DEFAULT;
	platform->memory_width = WIDTH_DEFAULT;
	if (!node)
		return true;
	if (!node_check_keys(node, keys, "memory", diags) ||
	    !optional_number(node, "width", (struct bounds){ 33, 52 }, &width, diags) ||
	    (ram && !node_u64(ram, &platform->ram_size, true, diags)))
		return false;
	platform->memory_width = (unsigned int)width;
	if (platform->ram_size < RAM_MIN || platform->ram_size % RAM_GRANULE)
		return diag_add(diags, &ram->place, "expected a multiple of 2MiB, at least 16MiB");
	if (platform->ram_size > (1ULL << width) - RAM_BASE)
		return diag_add(diags, ram ? &ram->place : &node->place,
				"%s of RAM from 4GiB on do not fit into %llu bits of address",
				ram ? ram->text : "16GiB", width);
	return true;
}

/* ---- kernel parameters ---- */

bool parameter_uses_add(struct parameter_uses *uses, const char *name, const struct place *place)
{
	struct parameter_use *grown =
		realloc(uses->items, (uses->count + 1) * sizeof(*uses->items));

	if (!grown)
		return false;
	uses->items = grown;
	grown[uses->count++] = (struct parameter_use){ .name = name, .place = *place };
	return true;
}

/* One parameter, which the kernel must know and whose value it must take. Of type1 a kernel tree may know more. */
static bool check_parameter(const struct node_pair *pair, const char *value,
			    struct platform *platform, struct diags *diags)
{
	int ret = kernel_parameter_check(pair->key->text, value);
	const char *near;

	if (ret == -EINVAL)
		return diag_add(diags, &pair->value->place, "'%s' is no value of %s", value,
				pair->key->text);
	if (!ret)
		return true;
	if (kernel_parameter_of_type1(pair->key->text))
		return parameter_uses_add(&platform->tree_parameters, pair->key->text,
					  &pair->key->place) ||
		       out_of_memory(pair->key, diags);
	near = nearest_word(pair->key->text, kernel_parameters());
	return diag_add(diags, &pair->key->place,
			"the kernel has no parameter '%s'; expected e.g. '%s'", pair->key->text,
			near ? near : kernel_parameters()[0]);
}

static bool read_parameters(const struct node *root, struct platform *platform, struct diags *diags)
{
	const struct node *node = node_get(root, "kernel-parameters");
	size_t count = node && node->kind == NODE_MAPPING ? node->count : 0;
	size_t i;

	platform->kernel_parameters = calloc(count + 1, sizeof(char *));
	if (!platform->kernel_parameters)
		return out_of_memory(root, diags);
	if (node && node->kind != NODE_MAPPING)
		return diag_add(diags, &node->place,
				"expected 'module.parameter: value', as in "
				"'vfio_iommu_type1.pasid_quota: 5'");
	for (i = 0; i < count; i++) {
		const char *value;

		if (!node_string(node->pairs[i].value, &value, diags) ||
		    !check_parameter(&node->pairs[i], value, platform, diags))
			return false;
		if (asprintf(&platform->kernel_parameters[i], "%s=%s", node->pairs[i].key->text,
			     value) < 0) {
			platform->kernel_parameters[i] = NULL;
			return out_of_memory(root, diags);
		}
	}
	return true;
}

/* ---- IOMMUs ---- */

/* RAM that a unit cannot reach could not be mapped, nor hold its tables. */
static bool check_reach(const struct node *node, const struct platform *platform,
			const struct platform_iommu *iommu, struct diags *diags)
{
	bool vtd = iommu->kind == PLATFORM_VTD;
	unsigned int width = vtd ? vtd_guest_address_width(&iommu->vtd) : iommu->smmu.address_bits;

	if (platform->ram_base + platform->ram_size <= 1ULL << width)
		return true;
	return diag_add(diags, &node->place,
			"'%s' reaches %u bits of address (%s), RAM ends beyond at 0x%llx",
			iommu->name, width, vtd ? "CAP.MGAW" : "address-bits",
			platform->ram_base + platform->ram_size);
}

static bool read_iommu(const struct node_pair *pair, struct platform *platform, struct diags *diags)
{
	static const char *const models[] = { "vt-d", "smmuv3", NULL };
	struct platform_iommu *iommu = &platform->iommus[platform->iommu_count];
	const struct node *node = pair->value;
	const struct node *model = node_get(node, "model");
	size_t index = 0;

	if (!*pair->key->text)
		return diag_add(diags, &pair->key->place, "an IOMMU without a name");
	iommu->name = strdup(pair->key->text);
	if (!iommu->name)
		return out_of_memory(node, diags);
	platform->iommu_count++;
	if (!model)
		return diag_add(diags, &node->place, "'%s' needs 'model: vt-d' or 'model: smmuv3'",
				iommu->name);
	if (!node_choice(model, models, &index, diags))
		return false;
	if (index == 0 ? !read_vtd(node, iommu, diags) : !read_smmuv3(node, iommu, diags))
		return false;
	if (iommu->kind == PLATFORM_VTD)
		iommu->vtd.host_address_width = platform->memory_width;
	return check_reach(node, platform, iommu, diags);
}

static void assign_registers(struct platform *platform)
{
	u64 next_vtd = VTD_MMIO_BASE, next_smmu = SMMU_MMIO_BASE;
	size_t i;

	for (i = 0; i < platform->iommu_count; i++) {
		struct platform_iommu *iommu = &platform->iommus[i];

		if (iommu->kind == PLATFORM_VTD) {
			iommu->mmio_base = next_vtd;
			next_vtd += VTD_MMIO_SIZE;
		} else {
			iommu->mmio_base = next_smmu;
			next_smmu += SMMUV3_MMIO_SIZE;
		}
	}
}

static bool check_caches(const struct node *node, const struct platform *platform,
			 struct diags *diags)
{
	unsigned long long entries = 0;
	size_t i;

	for (i = 0; i < platform->iommu_count; i++)
		entries += platform_cache_entries(&platform->iommus[i]);
	if (entries <= MAX_CACHE_ENTRIES)
		return true;
	return diag_add(diags, &node->place,
			"the caches of all IOMMUs have %llu entries; expected at most %u", entries,
			MAX_CACHE_ENTRIES);
}

static bool read_iommus(const struct node *root, struct platform *platform, struct diags *diags)
{
	const struct node *node = node_get(root, "iommus");
	bool good = true;
	size_t i;

	if (!node)
		return diag_add(diags, &root->place, "a platform needs 'iommus:'");
	if (node->kind != NODE_MAPPING || !node->count)
		return diag_add(diags, &node->place,
				"expected IOMMUs by name, as in 'dmar0: {model: vt-d, profile: "
				"sapphire-rapids}'");
	if (node->count > MAX_IOMMUS)
		return diag_add(diags, &node->place, "%zu IOMMUs; expected %u at most", node->count,
				MAX_IOMMUS);
	platform->iommus = calloc(node->count, sizeof(*platform->iommus));
	if (!platform->iommus)
		return out_of_memory(node, diags);
	for (i = 0; i < node->count; i++)
		good = read_iommu(&node->pairs[i], platform, diags) && good;
	assign_registers(platform);
	return good && check_caches(node, platform, diags);
}

/* ---- devices ---- */

static bool read_pasid(const struct node *node, struct pcie_function_config *function,
		       struct diags *diags)
{
	static const char *const keys[] = { "width", "execute", "privileged", NULL };
	unsigned long long width = 20;

	if (!node)
		return true;
	function->pasid = true;
	function->pasid_execute = function->pasid_privileged = true;
	function->pasid_width = 20;
	if (node->kind == NODE_SCALAR)
		return node_bool(node, &function->pasid, diags);
	if (!node_check_keys(node, keys, "pasid", diags) ||
	    !optional_number(node, "width", (struct bounds){ 1, 20 }, &width, diags) ||
	    !optional_bool(node, "execute", &function->pasid_execute, diags) ||
	    !optional_bool(node, "privileged", &function->pasid_privileged, diags))
		return false;
	function->pasid_width = (unsigned int)width;
	return true;
}

/* A guess, as for the caches of units: what functions have is not published. */
static const struct cache_geometry device_tlb_default = { .entries = 64, .assoc = 4, .latency = 1 };

static bool read_device_tlb(const struct node *node, struct pcie_function_config *function,
			    struct diags *diags)
{
	if (!node)
		return true;
	if (!function->ats)
		return diag_add(diags, &node->place,
				"'device-tlb' without 'ats'; expected 'ats: true' beside it");
	function->device_tlb = device_tlb_default;
	return read_geometry(node, &function->device_tlb, diags);
}

static bool read_function(const struct node *node, struct pcie_function_config *function,
			  struct diags *diags)
{
	unsigned long long vendor = VENDOR_DEFAULT, device = DEVICE_DEFAULT;

	if (!read_pasid(node_get(node, "pasid"), function, diags) ||
	    !optional_bool(node, "ats", &function->ats, diags) ||
	    !read_device_tlb(node_get(node, "device-tlb"), function, diags) ||
	    !optional_bool(node, "pri", &function->pri, diags) ||
	    !optional_number(node, "vendor", (struct bounds){ 0, 0xfffe }, &vendor, diags) ||
	    !optional_number(node, "device", (struct bounds){ 0, 0xffff }, &device, diags))
		return false;
	function->vendor_id = (u16)vendor;
	function->device_id = (u16)device;
	if (function->pri && !function->ats)
		return diag_add(diags, &node->place,
				"'pri' without 'ats'; a function that requests pages translates "
				"by ATS");
	return true;
}

bool find_iommu(const struct node *device, const struct platform *platform, size_t *index,
		struct diags *diags)
{
	const char *names[MAX_IOMMUS + 1] = { NULL };
	const struct node *node = node_get(device, "iommu");
	size_t i;

	if (!node)
		return diag_add(diags, &device->place,
				"a device needs 'iommu:', the unit it is behind");
	for (i = 0; i < platform->iommu_count; i++)
		names[i] = platform->iommus[i].name;
	return node_choice(node, names, index, diags);
}

static bool read_device_keys(const struct node_pair *pair, struct platform *platform,
			     struct platform_device *device, struct diags *diags)
{
	static const char *const keys[] = { "iommu",
					    "group",
					    "pasid",
					    "ats",
					    "pri",
					    "driver",
					    "vendor",
					    "default-domain",
					    "device",
					    "link",
					    "issue-interval",
					    "outstanding",
					    "completion",
					    "device-tlb",
					    "clock",
					    "acs",
					    "bar",
					    "dma-alias",
					    NULL };
	static const char *const drivers[] = { "vfio-pci", "host", NULL };
	static const char *const domains[] = { "dma", "identity", NULL };
	const struct node *node = pair->value;
	unsigned long long group = 0;
	size_t driver, domain;

	if (!node_check_keys(node, keys, "a device", diags) ||
	    !place_device(pair, platform, device, diags) ||
	    !optional_number(node, "group", (struct bounds){ 0, 0xffff }, &group, diags) ||
	    !optional_choice(node, "driver", drivers, &driver, diags) ||
	    !optional_choice(node, "default-domain", domains, &domain, diags) ||
	    !read_function(node, &device->function, diags) ||
	    !read_device_topology(node, platform, device, diags) ||
	    !read_device_timing(node, &device->link, &device->requester, diags))
		return false;
	device->group_given = node_get(node, "group");
	device->group = device->group_given ? (int)group : -1;
	device->host_driver = driver == 1;
	device->identity = domain == 1;
	return true;
}

/* A device against one read before it: what both share must agree. */
static bool check_pair(const struct node *node, const struct platform *platform,
		       const struct platform_device *device, const struct platform_device *other,
		       struct diags *diags)
{
	const char *unit = platform->iommus[device->iommu].name;

	if (device->segment == other->segment &&
	    device->function.source_id == other->function.source_id)
		return diag_add(diags, &node->place, "device %s is there twice", device->name);
	if (device->iommu == other->iommu && device->segment != other->segment)
		return diag_add(
			diags, &node->place,
			"%s is behind '%s' with %s of another segment; expected one segment "
			"a unit, or source ids would be ambiguous",
			device->name, unit, other->name);
	if (device->group >= 0 && device->group == other->group && device->iommu != other->iommu)
		return diag_add(diags, &node->place,
				"%s is in group %d with %s, which is behind another unit ('%s'); "
				"expected a group to be behind one",
				device->name, device->group, other->name,
				platform->iommus[other->iommu].name);
	return true;
}

static bool check_device(const struct node *node, const struct platform *platform,
			 const struct platform_device *device, struct diags *diags)
{
	const struct platform_iommu *iommu = &platform->iommus[device->iommu];
	size_t i;

	for (i = 0; &platform->devices[i] != device; i++)
		if (!check_pair(node, platform, device, &platform->devices[i], diags))
			return false;
	if (iommu->kind == PLATFORM_SMMUV3 && !iommu->smmu.ats &&
	    device->function.device_tlb.entries)
		return diag_add(
			diags, &node->place,
			"%s has a 'device-tlb' behind '%s', an SMMUv3 without ATS; expected "
			"'ats: true' there",
			device->name, iommu->name);
	if (iommu->kind == PLATFORM_SMMUV3 && device->function.source_id >> iommu->smmu.stream_bits)
		return diag_add(diags, &node->place,
				"stream id 0x%x of %s is beyond the %u stream bits of '%s'",
				device->function.source_id, device->name, iommu->smmu.stream_bits,
				iommu->name);
	return true;
}

char *function_name(u16 segment, u16 source_id)
{
	unsigned int id = source_id;
	char *name;

	if (asprintf(&name, "%04x:%02x:%02x.%x", segment, id >> 8, id >> 3 & 0x1f, id & 7) < 0)
		return NULL;
	return name;
}

static bool read_device(const struct node_pair *pair, struct platform *platform,
			struct diags *diags)
{
	struct platform_device *device = &platform->devices[platform->device_count];

	if (!node_bdf(pair->key, &device->segment, &device->function.source_id, diags))
		return false;
	device->name = function_name(device->segment, device->function.source_id);
	if (!device->name)
		return out_of_memory(pair->key, diags);
	if (read_device_keys(pair, platform, device, diags) &&
	    check_device(pair->key, platform, device, diags)) {
		platform->device_count++;
		return true;
	}
	free(device->name);
	memset(device, 0, sizeof(*device));
	return false;
}

/* A pass-through domain that needs tables maps all RAM, with pages that every unit has. */
static bool check_identity(const struct node *node, const struct platform *platform,
			   struct diags *diags)
{
	bool needed = false, large = true;
	size_t i;

	for (i = 0; i < platform->device_count; i++) {
		const struct platform_iommu *iommu = &platform->iommus[platform->devices[i].iommu];

		needed |= platform->devices[i].identity && iommu->kind == PLATFORM_VTD &&
			  vtd_maps_identity(&iommu->vtd);
	}
	for (i = 0; i < platform->bridge_count; i++) {
		const struct platform_iommu *iommu = &platform->iommus[platform->bridges[i].iommu];

		needed |= platform->bridges[i].identity && iommu->kind == PLATFORM_VTD &&
			  vtd_maps_identity(&iommu->vtd);
	}
	for (i = 0; i < platform->iommu_count; i++)
		large &= platform->iommus[i].kind != PLATFORM_VTD ||
			 vtd_has_large_pages(&platform->iommus[i].vtd);
	if (!needed || large || platform->ram_size <= MAX_SMALL_IDENTITY)
		return true;
	return diag_add(diags, &node->place,
			"'default-domain: identity' without ECAP.PT maps all RAM, here by 4-KiB "
			"pages (CAP.SSLPS); expected at most 64GiB of RAM then");
}

static bool check_device_tlbs(const struct node *node, const struct platform *platform,
			      struct diags *diags)
{
	unsigned long long entries = 0;
	size_t i;

	for (i = 0; i < platform->device_count; i++)
		entries += platform->devices[i].function.device_tlb.entries;
	if (entries <= MAX_CACHE_ENTRIES)
		return true;
	return diag_add(diags, &node->place,
			"the device TLBs of all devices have %llu entries; expected at most %u",
			entries, MAX_CACHE_ENTRIES);
}

static bool read_devices(const struct node *root, struct platform *platform, struct diags *diags)
{
	const struct node *node = node_get(root, "devices");
	bool good = true;
	size_t i;

	if (!node)
		return true;
	if (node->kind != NODE_MAPPING)
		return diag_add(
			diags, &node->place,
			"expected devices by address, as in '0000:3a:00.0: {iommu: dmar0}'");
	if (node->count > MAX_DEVICES)
		return diag_add(diags, &node->place, "%zu devices; expected %u at most",
				node->count, MAX_DEVICES);
	platform->devices = calloc(node->count + 1, sizeof(*platform->devices));
	if (!platform->devices)
		return out_of_memory(node, diags);
	for (i = 0; i < node->count; i++)
		good = read_device(&node->pairs[i], platform, diags) && good;
	return good && check_device_tlbs(node, platform, diags) &&
	       check_identity(node, platform, diags);
}

/* ---- the whole ---- */

static bool read_name(const struct node *root, struct platform *platform, struct diags *diags)
{
	const struct node *node = node_get(root, "name");
	const char *text;

	if (!node)
		return true;
	if (!node_string(node, &text, diags))
		return false;
	platform->name = strdup(text);
	return platform->name || out_of_memory(root, diags);
}

struct platform *platform_read(const struct node *node, struct diags *diags)
{
	static const char *const keys[] = { "name",    "memory", "kernel-parameters", "iommus",
					    "devices", "timing", "quantum",           "processor",
					    "bridges", NULL };
	struct platform *platform;
	bool good = node_check_keys(node, keys, "platform", diags);

	if (node->kind != NODE_MAPPING)
		return NULL;
	platform = calloc(1, sizeof(*platform));
	if (!platform) {
		out_of_memory(node, diags);
		return NULL;
	}
	/* one after the other, whatever is wrong before, so that all errors are told */
	good = read_name(node, platform, diags) && good;
	good = read_parameters(node, platform, diags) && good;
	good = read_memory(node, platform, diags) && good;
	good = read_platform_timing(node, &platform->timing, diags) && good;
	good = read_iommus(node, platform, diags) && good;
	if (platform->iommu_count)
		good = read_bridges(node, platform, diags) && read_devices(node, platform, diags) &&
		       finish_topology(node, platform, diags) && good;
	if (good)
		return platform;
	platform_free(platform);
	return NULL;
}

void platform_free(struct platform *platform)
{
	size_t i;

	if (!platform)
		return;
	for (i = 0; i < platform->iommu_count; i++)
		free(platform->iommus[i].name);
	for (i = 0; i < platform->bridge_count; i++)
		free(platform->bridges[i].name);
	for (i = 0; i < platform->device_count; i++)
		free(platform->devices[i].name);
	for (i = 0; platform->kernel_parameters && platform->kernel_parameters[i]; i++)
		free(platform->kernel_parameters[i]);
	free(platform->kernel_parameters);
	free(platform->tree_parameters.items);
	free(platform->iommus);
	free(platform->bridges);
	free(platform->devices);
	free(platform->name);
	free(platform);
}
