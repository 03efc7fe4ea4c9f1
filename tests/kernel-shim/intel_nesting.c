// SPDX-License-Identifier: Apache-2.0
/* The guest of the nesting tests. What it is good for is in the header. */
#include "intel_nesting.h"

#define ENTRY_PRESENT_WRITE_USER 7ULL

struct guest guest_start(struct rig *rig, unsigned int devices)
{
	struct guest guest = { .domain = rig_domain(rig), .ram = intel_ram(GUEST_ORDER) };
	unsigned int i;

	guest.set = ioasid_set_alloc(rig, 1000);
	EXPECT_FALSE(IS_ERR(guest.set));
	guest.pasid = guest_pasid(&guest, 5);
	EXPECT_EQ(iommu_enable_nesting(guest.domain), 0);
	for (i = 0; i < devices; i++)
		EXPECT_EQ(rig_attach(rig, guest.domain, i), 0);
	EXPECT_EQ(iommu_map(guest.domain, 0, guest.ram, GUEST_SIZE, IOMMU_READ | IOMMU_WRITE), 0);
	guest_map(rig, &guest, GUEST_VIRTUAL, GUEST_DATA);
	return guest;
}

void guest_stop(struct rig *rig, struct guest *guest, unsigned int devices)
{
	unsigned int i;

	for (i = 0; i < devices; i++)
		rig_detach(rig, guest->domain, i);
	iommu_domain_free(guest->domain);
	ioasid_set_put(guest->set);
	intel_ram_free(guest->ram, GUEST_ORDER);
}

ioasid_t guest_pasid(struct guest *guest, ioasid_t min)
{
	return ioasid_alloc(guest->set, min, (1U << 20) - 1, guest);
}

/* The table of a level lies in a page of its own: level 4 at GUEST_TOP, lower ones after it. */
static u64 table_at(unsigned int level)
{
	return GUEST_TOP + 4 * SZ_4K - level * SZ_4K;
}

static u64 entry_at(const struct guest *guest, u64 address, unsigned int level)
{
	return guest->ram + table_at(level) + (address >> (12 + 9 * (level - 1)) & 511) * 8;
}

u64 guest_leaf(const struct guest *guest, u64 address)
{
	return entry_at(guest, address, 1);
}

static void map_levels(struct rig *rig, const struct guest *guest, u64 address, u64 page,
		       unsigned int levels)
{
	unsigned int level;

	for (level = levels; level > 1; level--)
		intel_poke(rig, entry_at(guest, address, level),
			   table_at(level - 1) | ENTRY_PRESENT_WRITE_USER);
	intel_poke(rig, guest_leaf(guest, address), page | ENTRY_PRESENT_WRITE_USER);
}

void guest_map(struct rig *rig, const struct guest *guest, u64 address, u64 page)
{
	map_levels(rig, guest, address, page, 4);
}

void guest_map_5_levels(struct rig *rig, const struct guest *guest, u64 address, u64 page)
{
	map_levels(rig, guest, address, page, 5);
}

struct iommu_gpasid_bind_data guest_bind_data(const struct guest *guest)
{
	return (struct iommu_gpasid_bind_data){ .version = IOMMU_GPASID_BIND_VERSION_1,
						.format = IOMMU_PASID_FORMAT_INTEL_VTD,
						.gpgd = GUEST_TOP,
						.hpasid = guest->pasid,
						.addr_width = 48 };
}

int guest_bind(struct rig *rig, const struct guest *guest, unsigned int device)
{
	struct iommu_gpasid_bind_data data = guest_bind_data(guest);

	return iommu_sva_bind_gpasid(guest->domain, rig_device(rig, device), &data);
}

long guest_read(struct rig *rig, const struct guest *guest, unsigned int device)
{
	struct translation_result result =
		rig_translate_pasid(rig, device, guest->pasid, GUEST_VIRTUAL, ACCESS_READ);

	return result.fault ? -(long)result.fault : (long)(result.address.v - guest->ram);
}
