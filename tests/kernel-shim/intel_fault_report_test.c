// SPDX-License-Identifier: Apache-2.0
/*
 * Faults of DMA with a bound PASID, from a real unit through the driver to who has registered for them.
 */
#include "intel_nesting.h"

#define UNMAPPED 0x7f0000400000ULL

struct taker {
	unsigned int count;
	struct iommu_fault last;
};

static int take(struct iommu_fault *fault, void *data)
{
	struct taker *taker = data;

	taker->count++;
	taker->last = *fault;
	return 0;
}

static struct guest start(struct rig *rig, struct taker *taker)
{
	struct guest guest = guest_start(rig, 1);

	EXPECT_EQ(guest_bind(rig, &guest, 0), 0);
	EXPECT_EQ(iommu_register_device_fault_handler(rig_device(rig, 0), take, taker), 0);
	return guest;
}

/* DMA with a PASID (0: without), and what the driver does of it later; the reason of its fault. */
static unsigned int dma(struct rig *rig, u32 pasid, u64 address, enum access access)
{
	const struct translation_result result =
		pasid ? rig_translate_pasid(rig, 0, pasid, address, access)
		      : rig_translate(rig, 0, address, access);

	cond_resched();
	return result.fault;
}

RIG_TEST(intel_fault_report, tells_address_pasid_access_and_reason, intel_server(rig))
{
	struct taker taker = { 0 };
	struct guest guest = start(rig, &taker);

	EXPECT_EQ(dma(rig, guest.pasid, UNMAPPED, ACCESS_READ), 0x71u);
	EXPECT_EQ(taker.count, 1u);
	EXPECT_EQ(taker.last.type, (u32)IOMMU_FAULT_DMA_UNRECOV);
	EXPECT_EQ(taker.last.event.reason, (u32)IOMMU_FAULT_REASON_PTE_FETCH);
	EXPECT_EQ(taker.last.event.flags,
		  (u32)(IOMMU_FAULT_UNRECOV_PASID_VALID | IOMMU_FAULT_UNRECOV_ADDR_VALID));
	EXPECT_EQ(taker.last.event.pasid, guest.pasid);
	EXPECT_EQ(taker.last.event.perm, (u32)IOMMU_FAULT_PERM_READ);
	EXPECT_EQ(taker.last.event.addr, UNMAPPED);

	EXPECT_EQ(dma(rig, guest.pasid, 1ULL << 60, ACCESS_WRITE), 0x80u);
	EXPECT_EQ(taker.count, 2u);
	EXPECT_EQ(taker.last.event.reason, (u32)IOMMU_FAULT_REASON_OOR_ADDRESS);
	EXPECT_EQ(taker.last.event.perm, (u32)IOMMU_FAULT_PERM_WRITE);
	EXPECT_EQ(iommu_unregister_device_fault_handler(rig_device(rig, 0)), 0);
	guest_stop(rig, &guest, 1);
}

RIG_TEST(intel_fault_report, keeps_what_is_not_the_guests, intel_server(rig))
{
	struct taker taker = { 0 };
	struct guest guest = start(rig, &taker);

	/* without PASID; with one that nobody has bound; without anybody to tell */
	EXPECT_NE(dma(rig, 0, UNMAPPED, ACCESS_READ), 0u);
	EXPECT_NE(dma(rig, guest.pasid + 1, UNMAPPED, ACCESS_READ), 0u);
	EXPECT_EQ(taker.count, 0u);
	EXPECT_EQ(iommu_unregister_device_fault_handler(rig_device(rig, 0)), 0);
	EXPECT_NE(dma(rig, guest.pasid, UNMAPPED, ACCESS_READ), 0u);
	EXPECT_EQ(taker.count, 0u);
	guest_stop(rig, &guest, 1);
}
