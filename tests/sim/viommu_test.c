/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A virtual unit by itself: what it offers, what of a guest's tables and queue reaches the host, and that nothing a
 * guest does goes further than its own unit. The host is a list of calls.
 */
#include "gtest_c.h"

#include "viommu/viommu.h"

#include "include/uapi/linux/vfio_nesting.h"
#include "vtd/vtd-format.h"

#include <errno.h>
#include <string.h>

#define MEMORY 0x100000u
#define ROOT 0x1000u
#define CONTEXTS 0x2000u
#define DIRECTORY 0x3000u
#define PASIDS 0x4000u /* entries of PASIDs 0 to 63 */
#define QUEUE 0x5000u
#define STATUS 0x6000u
#define PAGE_REQUESTS 0x7000u
#define TABLE 0x10000u /* a first-stage table */
#define DEVICE 0x3a00u
#define OTHER 0x3a08u
#define DOMAIN 1u

enum { FSTS = 0x34, IQT = 0x88, IQERCD = 0xb0, FRCD = 0x220, VCMD = 0xe00, VCRSP = 0xe10 };
enum { IQE = 0x10 };

enum call { BIND, UNBIND, INVALIDATE, ALLOC, FREE };

#define CALLS 256

struct rig {
	struct viommu *v;
	u8 memory[MEMORY];
	u16 devices[4];
	size_t device_count;
	enum call calls[CALLS];
	unsigned int count;
	struct nesting_bind bind; /* the last */
	struct nesting_invalidation invalidation; /* the last */
	u32 freed;
	long bind_result, alloc_result, free_result;
	unsigned int interrupts;
	struct page_group_response response; /* the last */
	unsigned int responses;
	u64 work; /* done so far */
	u64 work_max; /* 0: without end */
	u64 tail;
};

/* ---- the owner ---- */

static bool rig_read(void *ctx, u64 gpa, void *buf, size_t len)
{
	struct rig *rig = ctx;

	if (gpa >= MEMORY || len > MEMORY - gpa)
		return false;
	memcpy(buf, rig->memory + gpa, len);
	return true;
}

static bool rig_write(void *ctx, u64 gpa, const void *buf, size_t len)
{
	struct rig *rig = ctx;

	if (gpa >= MEMORY || len > MEMORY - gpa)
		return false;
	memcpy(rig->memory + gpa, buf, len);
	return true;
}

static void rig_interrupt(void *ctx, u64 address, u32 data)
{
	struct rig *rig = ctx;

	(void)address;
	(void)data;
	rig->interrupts++;
}

static bool rig_device(void *ctx, size_t index, u16 *source_id)
{
	struct rig *rig = ctx;

	if (index >= rig->device_count)
		return false;
	*source_id = rig->devices[index];
	return true;
}

static void note(struct rig *rig, enum call call)
{
	if (rig->count < CALLS)
		rig->calls[rig->count] = call;
	rig->count++;
}

static long rig_bind(void *ctx, const struct nesting_bind *bind)
{
	struct rig *rig = ctx;

	note(rig, BIND);
	rig->bind = *bind;
	return rig->bind_result;
}

static long rig_unbind(void *ctx, const struct nesting_bind *bind)
{
	struct rig *rig = ctx;

	note(rig, UNBIND);
	rig->bind = *bind;
	return 0;
}

static long rig_invalidate(void *ctx, const struct nesting_invalidation *invalidation)
{
	struct rig *rig = ctx;

	note(rig, INVALIDATE);
	rig->invalidation = *invalidation;
	return -EINVAL; /* the guest is not told */
}

static long rig_alloc(void *ctx, u32 min, u32 max)
{
	struct rig *rig = ctx;

	EXPECT_EQ(min, 1);
	EXPECT_EQ(max, 0xfffff);
	note(rig, ALLOC);
	return rig->alloc_result;
}

static long rig_free(void *ctx, u32 pasid)
{
	struct rig *rig = ctx;

	note(rig, FREE);
	rig->freed = pasid;
	return rig->free_result;
}

static void rig_page_response(void *ctx, const struct page_group_response *response)
{
	struct rig *rig = ctx;

	rig->response = *response;
	rig->responses++;
}

static bool rig_work(void *ctx, u64 amount)
{
	struct rig *rig = ctx;

	rig->work += amount;
	return !rig->work_max || rig->work <= rig->work_max;
}

static const struct viommu_ops ops = {
	.read = rig_read,
	.write = rig_write,
	.interrupt = rig_interrupt,
	.device = rig_device,
	.bind = rig_bind,
	.unbind = rig_unbind,
	.invalidate = rig_invalidate,
	.alloc_pasid = rig_alloc,
	.free_pasid = rig_free,
	.page_response = rig_page_response,
	.work = rig_work,
};

/* ---- the guest ---- */

static void put(const char *format, const char *name, u64 *entry, u64 value)
{
	format_field_set(vtd_field(vtd_format(format), name), entry, value);
}

static u64 get(const char *format, const char *name, const u64 *entry)
{
	return format_field_get(vtd_field(vtd_format(format), name), entry);
}

static void store(struct rig *rig, u64 at, const u64 *entry, size_t quadwords)
{
	memcpy(rig->memory + at, entry, quadwords * 8);
}

static u64 reg(struct rig *rig, u32 offset, unsigned int size)
{
	return viommu_register_read(rig->v, offset, size);
}

static void set_reg(struct rig *rig, u32 offset, unsigned int size, u64 value)
{
	viommu_register_write(rig->v, offset, size, value);
}

static void context_for(struct rig *rig, u16 source_id)
{
	u64 context[4] = { 0 };

	put("context", "P", context, 1);
	put("context", "PASIDE", context, 1);
	put("context", "PASIDDIRPTR", context, DIRECTORY);
	store(rig, CONTEXTS + (source_id & 127u) * 32, context, 4);
}

/* Tables of two devices with one PASID table, empty. */
static void make_tables(struct rig *rig)
{
	const u64 root[2] = { CONTEXTS | 1, 0 }, directory = PASIDS | 1;

	store(rig, ROOT + (DEVICE >> 8) * 16, root, 2);
	context_for(rig, DEVICE);
	context_for(rig, OTHER);
	store(rig, DIRECTORY, &directory, 1);
}

static void first_stage_entry(u64 entry[8])
{
	memset(entry, 0, 64);
	put("pasid-entry", "P", entry, 1);
	put("pasid-entry", "PGTT", entry, 1);
	put("pasid-entry", "DID", entry, DOMAIN);
	put("pasid-entry", "FSPTPTR", entry, TABLE);
}

static void set_entry(struct rig *rig, u32 pasid, const u64 entry[8])
{
	store(rig, PASIDS + pasid * 64, entry, 8);
}

static void set_first_stage(struct rig *rig, u32 pasid)
{
	u64 entry[8];

	first_stage_entry(entry);
	set_entry(rig, pasid, entry);
}

static void clear_entry(struct rig *rig, u32 pasid)
{
	const u64 none[8] = { 0 };

	set_entry(rig, pasid, none);
}

static void submit(struct rig *rig, const u64 descriptor[4])
{
	store(rig, QUEUE + rig->tail, descriptor, 4);
	rig->tail = (rig->tail + 32) % 4096;
	set_reg(rig, IQT, 8, rig->tail);
}

static void invalidate_pasid_cache(struct rig *rig, u64 granularity, u64 domain, u64 pasid)
{
	u64 d[4] = { 7 };

	put("pasid-cache-invalidate", "G", d, granularity);
	put("pasid-cache-invalidate", "DID", d, domain);
	put("pasid-cache-invalidate", "PASID", d, pasid);
	submit(rig, d);
}

static void invalidate_context(struct rig *rig, u64 granularity, u64 source_id, u64 mask)
{
	u64 d[4] = { 1 };

	put("context-cache-invalidate", "G", d, granularity);
	put("context-cache-invalidate", "SID", d, source_id);
	put("context-cache-invalidate", "FM", d, mask);
	submit(rig, d);
}

static void enable(struct rig *rig)
{
	set_reg(rig, 0x20, 8, ROOT | 1 << 10);
	set_reg(rig, 0x18, 4, 1u << 30);
	set_reg(rig, 0x90, 8, QUEUE | 1 << 11);
	set_reg(rig, 0x18, 4, 1u << 26);
	set_reg(rig, 0x18, 4, 1u << 26 | 1u << 31);
}

/* ---- rigs ---- */

static struct rig shared; /* a megabyte of guest memory */

static struct rig *rig_create(u64 more_cap, u64 more_ecap)
{
	const struct viommu_info info = { .nesting = true };
	u64 cap, ecap;

	memset(&shared, 0, sizeof(shared));
	shared.devices[0] = DEVICE;
	shared.device_count = 1;
	viommu_derive(&info, &cap, &ecap);
	shared.v = viommu_create(cap | more_cap, ecap | more_ecap, &ops, &shared);
	make_tables(&shared);
	return &shared;
}

static struct rig *enabled(void)
{
	struct rig *rig = rig_create(0, 0);

	enable(rig);
	return rig;
}

static void rig_destroy(struct rig *rig)
{
	viommu_destroy(rig->v);
}

/* The calls since the rig was made, or last looked at, are these and no others. */
static void expect_calls(struct rig *rig, const char *expected)
{
	static const char letters[] = { 'b', 'u', 'i', 'a', 'f' };
	char got[CALLS + 1] = "";

	for (unsigned int i = 0; i < rig->count && i < CALLS; i++)
		got[i] = letters[rig->calls[i]];
	EXPECT_STREQ(got, expected);
	memset(rig->calls, 0, sizeof(rig->calls));
	rig->count = 0;
}

/* The fault that is recorded; 0: none. Clears it. */
static u64 take_fault(struct rig *rig)
{
	const u64 record[2] = { reg(rig, FRCD, 8), reg(rig, FRCD + 8, 8) };

	set_reg(rig, FRCD + 8, 8, 1ULL << 63);
	set_reg(rig, FSTS, 4, 1);
	return get("frcd", "F", record) ? get("frcd", "FR", record) : 0;
}

/* ---- what it offers ---- */

TEST(viommu, without_nesting_it_is_a_legacy_unit_in_caching_mode)
{
	const struct viommu_info info = { .nesting = false };
	u64 cap, ecap;

	viommu_derive(&info, &cap, &ecap);
	EXPECT_EQ(get("cap", "CM", &cap), 1);
	EXPECT_EQ(get("ecap", "QI", &ecap), 1);
	EXPECT_EQ(get("ecap", "SMTS", &ecap), 0);
	EXPECT_EQ(get("ecap", "PASID", &ecap), 0);
}

TEST(viommu, of_a_format_word_alone_it_offers_what_the_vmm_always_does)
{
	const struct viommu_info info = { .nesting = true, .cap = ~0ULL, .ecap = ~0ULL };
	u64 cap, ecap;

	viommu_derive(&info, &cap, &ecap);
	EXPECT_EQ(get("cap", "CM", &cap), 1);
	EXPECT_EQ(get("cap", "FS5LP", &cap), 0);
	EXPECT_EQ(get("cap", "FS1GP", &cap), 0);
	EXPECT_EQ(get("ecap", "SMTS", &ecap), 1);
	EXPECT_EQ(get("ecap", "FSTS", &ecap), 1);
	EXPECT_EQ(get("ecap", "SSTS", &ecap), 0);
	EXPECT_EQ(get("ecap", "NEST", &ecap), 0);
	EXPECT_EQ(get("ecap", "SRS", &ecap), 1);
	EXPECT_EQ(get("ecap", "EAFS", &ecap), 0);
	EXPECT_EQ(get("ecap", "PSS", &ecap), 19);
	EXPECT_EQ(get("ecap", "VCS", &ecap), 1);
}

TEST(viommu, of_registers_it_offers_what_the_host_has)
{
	struct viommu_info info = {
		.nesting = true, .has_registers = true, .addr_width = 39, .pasid_bits = 16
	};
	u64 cap, ecap;

	put("cap", "FS5LP", &info.cap, 1);
	put("ecap", "EAFS", &info.ecap, 1);
	put("ecap", "PASID", &info.ecap, 1);
	viommu_derive(&info, &cap, &ecap);
	EXPECT_EQ(get("cap", "FS5LP", &cap), 1);
	EXPECT_EQ(get("cap", "FS1GP", &cap), 0);
	EXPECT_EQ(get("cap", "MGAW", &cap), 38);
	EXPECT_EQ(get("ecap", "EAFS", &ecap), 1);
	EXPECT_EQ(get("ecap", "SRS", &ecap), 0);
	EXPECT_EQ(get("ecap", "PSS", &ecap), 15);
	EXPECT_TRUE(viommu_unkept(&info, cap, ecap) == NULL);
}

TEST(viommu, what_the_hosts_registers_lack_cannot_be_offered)
{
	struct viommu_info info = { .nesting = true, .has_registers = true, .pasid_bits = 16 };
	u64 cap, ecap, more;

	put("ecap", "PASID", &info.ecap, 1);
	viommu_derive(&info, &cap, &ecap);
	more = cap;
	put("cap", "FS1GP", &more, 1);
	EXPECT_STREQ(viommu_unkept(&info, more, ecap), "FS1GP");
	more = ecap;
	put("ecap", "SRS", &more, 1);
	EXPECT_STREQ(viommu_unkept(&info, cap, more), "SRS");
	more = ecap;
	put("ecap", "PSS", &more, 19);
	EXPECT_STREQ(viommu_unkept(&info, cap, more), "PSS");
	/* who was told no registers has nothing to compare with */
	info.has_registers = false;
	EXPECT_TRUE(viommu_unkept(&info, cap, more) == NULL);
}

TEST(viommu, registers_on_top_of_others_cannot_be)
{
	u64 cap = 0, ecap = 0;

	EXPECT_TRUE(viommu_create(cap, ecap, &ops, &shared) == NULL);
	viommu_destroy(NULL);
}

/* ---- PASID entries ---- */

TEST(viommu, an_entry_is_bound_when_the_guest_says_that_it_changed)
{
	struct rig *rig = enabled();

	set_first_stage(rig, 5);
	expect_calls(rig, "");
	invalidate_pasid_cache(rig, 1, DOMAIN, 5);
	expect_calls(rig, "b");
	EXPECT_EQ(rig->bind.hpasid, 5);
	EXPECT_EQ(rig->bind.gpasid, 5);
	EXPECT_EQ(rig->bind.gpgd, TABLE);
	EXPECT_EQ(rig->bind.addr_width, 48);
	EXPECT_EQ(rig->bind.flags, IOMMU_SVA_GPASID_VAL);
	EXPECT_EQ(rig->bind.vtd_flags, 0);
	EXPECT_EQ(rig->bind.format, IOMMU_PASID_FORMAT_INTEL_VTD);
	/* once */
	invalidate_pasid_cache(rig, 1, DOMAIN, 5);
	expect_calls(rig, "");
	clear_entry(rig, 5);
	invalidate_pasid_cache(rig, 1, DOMAIN, 5);
	expect_calls(rig, "u");
	EXPECT_EQ(rig->bind.hpasid, 5);
	invalidate_pasid_cache(rig, 3, 0, 0);
	expect_calls(rig, "");
	EXPECT_EQ(take_fault(rig), 0);
	rig_destroy(rig);
}

TEST(viommu, width_and_flags_of_the_bind_are_those_of_the_entry)
{
	struct rig *rig = rig_create(1ULL << 60, 1ULL << 34); /* FS5LP, EAFS */
	u64 entry[8];

	enable(rig);
	first_stage_entry(entry);
	put("pasid-entry", "FSPM", entry, 1);
	put("pasid-entry", "SRE", entry, 1);
	put("pasid-entry", "EAFE", entry, 1);
	set_entry(rig, 5, entry);
	invalidate_pasid_cache(rig, 1, DOMAIN, 5);
	expect_calls(rig, "b");
	EXPECT_EQ(rig->bind.addr_width, 57);
	EXPECT_EQ(rig->bind.vtd_flags, IOMMU_SVA_VTD_GPASID_SRE | IOMMU_SVA_VTD_GPASID_EAFE);
	rig_destroy(rig);
}

TEST(viommu, an_invalidation_concerns_the_pasid_and_domain_that_it_names)
{
	struct rig *rig = enabled();

	set_first_stage(rig, 5);
	set_first_stage(rig, 6);
	invalidate_pasid_cache(rig, 1, DOMAIN + 1, 5);
	expect_calls(rig, "");
	invalidate_pasid_cache(rig, 1, DOMAIN, 5);
	expect_calls(rig, "b");
	EXPECT_EQ(rig->bind.hpasid, 5);
	invalidate_pasid_cache(rig, 0, DOMAIN + 1, 0);
	expect_calls(rig, "");
	invalidate_pasid_cache(rig, 0, DOMAIN, 0);
	expect_calls(rig, "b");
	EXPECT_EQ(rig->bind.hpasid, 6);
	clear_entry(rig, 5);
	clear_entry(rig, 6);
	invalidate_pasid_cache(rig, 3, 0, 0);
	expect_calls(rig, "uu");
	rig_destroy(rig);
}

TEST(viommu, an_entry_that_changes_while_present_is_bound_again_without_an_unbind)
{
	struct rig *rig = enabled();
	u64 entry[8];

	set_first_stage(rig, 5);
	invalidate_pasid_cache(rig, 1, DOMAIN, 5);
	first_stage_entry(entry);
	put("pasid-entry", "FSPTPTR", entry, TABLE + 0x1000);
	set_entry(rig, 5, entry);
	invalidate_pasid_cache(rig, 1, DOMAIN, 5);
	expect_calls(rig, "bb");
	EXPECT_EQ(rig->bind.gpgd, TABLE + 0x1000);
	rig_destroy(rig);
}

TEST(viommu, pasid_0_and_pass_through_are_not_passed_on)
{
	struct rig *rig = enabled();
	u64 entry[8];

	set_first_stage(rig, 0);
	first_stage_entry(entry);
	put("pasid-entry", "PGTT", entry, 4);
	set_entry(rig, 1, entry);
	invalidate_pasid_cache(rig, 3, 0, 0);
	expect_calls(rig, "");
	/* what was bound and now passes through is unbound */
	set_first_stage(rig, 1);
	invalidate_pasid_cache(rig, 3, 0, 0);
	set_entry(rig, 1, entry);
	invalidate_pasid_cache(rig, 3, 0, 0);
	expect_calls(rig, "bu");
	rig_destroy(rig);
}

TEST(viommu, a_bind_that_failed_is_neither_tried_again_nor_undone)
{
	struct rig *rig = enabled();

	rig->bind_result = -EINVAL;
	set_first_stage(rig, 5);
	invalidate_pasid_cache(rig, 1, DOMAIN, 5);
	invalidate_pasid_cache(rig, 1, DOMAIN, 5);
	clear_entry(rig, 5);
	invalidate_pasid_cache(rig, 1, DOMAIN, 5);
	expect_calls(rig, "b");
	/* the guest heard nothing of it */
	EXPECT_EQ(reg(rig, FSTS, 4), 0);
	rig_destroy(rig);
}

TEST(viommu, each_device_has_its_own_entries_bound)
{
	struct rig *rig = enabled();

	rig->devices[1] = OTHER;
	rig->device_count = 2;
	set_first_stage(rig, 5); /* both share the table */
	invalidate_pasid_cache(rig, 1, DOMAIN, 5);
	expect_calls(rig, "bb");
	rig_destroy(rig);
}

TEST(viommu, a_device_that_is_gone_is_forgotten_one_that_is_unplugged_unbound)
{
	struct rig *rig = enabled();

	rig->devices[1] = OTHER;
	rig->device_count = 2;
	set_first_stage(rig, 5);
	invalidate_pasid_cache(rig, 1, DOMAIN, 5);
	expect_calls(rig, "bb");
	viommu_unplug(rig->v, DEVICE);
	expect_calls(rig, "u");
	viommu_unplug(rig->v, DEVICE);
	expect_calls(rig, "");
	rig->devices[0] = DEVICE;
	rig->device_count = 1;
	clear_entry(rig, 5);
	invalidate_pasid_cache(rig, 3, 0, 0);
	expect_calls(rig, "");
	rig_destroy(rig);
}

TEST(viommu, context_invalidations_look_behind_the_context_again)
{
	struct rig *rig = enabled();
	const u64 none[4] = { 0 };

	set_first_stage(rig, 5);
	invalidate_context(rig, 3, DEVICE + 8, 0);
	expect_calls(rig, "");
	invalidate_context(rig, 3, DEVICE, 0);
	expect_calls(rig, "b");
	store(rig, CONTEXTS + (DEVICE & 127u) * 32, none, 4);
	invalidate_context(rig, 3, DEVICE + 1, 3); /* all functions of the device */
	expect_calls(rig, "u");
	context_for(rig, DEVICE);
	invalidate_context(rig, 1, 0, 0);
	expect_calls(rig, "b");
	rig_destroy(rig);
}

TEST(viommu, nothing_is_bound_while_translation_is_off)
{
	struct rig *rig = rig_create(0, 0);

	set_first_stage(rig, 5);
	expect_calls(rig, "");
	enable(rig);
	expect_calls(rig, "b");
	set_reg(rig, 0x18, 4, 1u << 26); /* TE off */
	expect_calls(rig, "u");
	set_reg(rig, 0x18, 4, 1u << 26 | 1u << 31);
	expect_calls(rig, "b");
	/* another root table, without contexts */
	set_reg(rig, 0x20, 8, 0x8000 | 1 << 10);
	expect_calls(rig, "");
	set_reg(rig, 0x18, 4, 1u << 26 | 1u << 30 | 1u << 31);
	expect_calls(rig, "u");
	rig_destroy(rig);
}

TEST(viommu, pasids_beyond_the_directory_or_without_paside_have_no_entry)
{
	struct rig *rig = enabled();
	u64 context[4], directory = PASIDS | 1;

	/* 128 directory entries: PASIDs below 8192 */
	store(rig, DIRECTORY + 128 * 8, &directory, 1);
	set_first_stage(rig, 5);
	invalidate_pasid_cache(rig, 1, DOMAIN, 8192 + 5);
	expect_calls(rig, "");
	invalidate_pasid_cache(rig, 1, DOMAIN, 5);
	expect_calls(rig, "b");
	memcpy(context, rig->memory + CONTEXTS, sizeof(context));
	put("context", "PASIDE", context, 0);
	store(rig, CONTEXTS, context, 4);
	invalidate_pasid_cache(rig, 1, DOMAIN, 5);
	expect_calls(rig, "u");
	rig_destroy(rig);
}

/* ---- mappings ---- */

static void bind_two(struct rig *rig)
{
	u64 entry[8];

	set_first_stage(rig, 5);
	first_stage_entry(entry);
	put("pasid-entry", "DID", entry, DOMAIN + 1);
	set_entry(rig, 6, entry);
	invalidate_pasid_cache(rig, 3, 0, 0);
	expect_calls(rig, "bb");
}

static void invalidate_pasid_iotlb(struct rig *rig, u64 pasid, u64 domain, u64 high)
{
	u64 d[4] = { 6, high };

	put("pasid-iotlb-invalidate", "G", d, high ? 3 : 2);
	put("pasid-iotlb-invalidate", "DID", d, domain);
	put("pasid-iotlb-invalidate", "PASID", d, pasid);
	submit(rig, d);
}

TEST(viommu, an_invalidation_of_a_pasid_s_mappings_becomes_one_of_the_host)
{
	struct rig *rig = enabled();

	bind_two(rig);
	invalidate_pasid_iotlb(rig, 5, DOMAIN, 0);
	expect_calls(rig, "i");
	EXPECT_EQ(rig->invalidation.cache, IOMMU_CACHE_INV_TYPE_IOTLB);
	EXPECT_EQ(rig->invalidation.granularity, IOMMU_INV_GRANU_PASID);
	EXPECT_EQ(rig->invalidation.pasid, 5);
	EXPECT_TRUE(rig->invalidation.has_pasid);
	invalidate_pasid_iotlb(rig, 5, DOMAIN, 0x7f0000004000 | 1 << 6 | 2); /* IH, 4 pages */
	expect_calls(rig, "i");
	EXPECT_EQ(rig->invalidation.granularity, IOMMU_INV_GRANU_ADDR);
	EXPECT_EQ(rig->invalidation.address, 0x7f0000004000);
	EXPECT_EQ(rig->invalidation.granule_size, 4 * 4096);
	EXPECT_EQ(rig->invalidation.count, 1);
	EXPECT_TRUE(rig->invalidation.leaf);
	/* of another domain, or a PASID that is not bound */
	invalidate_pasid_iotlb(rig, 5, DOMAIN + 1, 0);
	invalidate_pasid_iotlb(rig, 7, DOMAIN, 0);
	expect_calls(rig, "");
	/* the host refused, the guest was not told */
	EXPECT_EQ(reg(rig, FSTS, 4), 0);
	rig_destroy(rig);
}

TEST(viommu, wider_invalidations_reach_every_pasid_that_they_cover)
{
	struct rig *rig = enabled();
	u64 d[4] = { 2 };

	bind_two(rig);
	put("iotlb-invalidate", "G", d, 1);
	submit(rig, d);
	expect_calls(rig, "ii");
	put("iotlb-invalidate", "G", d, 2);
	put("iotlb-invalidate", "DID", d, DOMAIN + 1);
	submit(rig, d);
	expect_calls(rig, "i");
	EXPECT_EQ(rig->invalidation.pasid, 6);
	/* by page: second-stage mappings, of which there are none */
	put("iotlb-invalidate", "G", d, 3);
	submit(rig, d);
	expect_calls(rig, "");
	rig_destroy(rig);
}

TEST(viommu, device_tlbs_are_invalidated_by_pasid_or_all_at_once)
{
	struct rig *rig = rig_create(0, 1 << 2); /* DT */
	u64 d[4] = { 8 };

	enable(rig);
	put("pasid-device-tlb-invalidate", "PASID", d, 5);
	submit(rig, d);
	expect_calls(rig, "i");
	EXPECT_EQ(rig->invalidation.cache, IOMMU_CACHE_INV_TYPE_DEV_IOTLB);
	EXPECT_EQ(rig->invalidation.granularity, IOMMU_INV_GRANU_PASID);
	EXPECT_EQ(rig->invalidation.pasid, 5);
	put("pasid-device-tlb-invalidate", "G", d, 1);
	submit(rig, d);
	EXPECT_EQ(rig->invalidation.granularity, IOMMU_INV_GRANU_DOMAIN);
	expect_calls(rig, "i");
	rig_destroy(rig);
}

/* ---- virtual commands ---- */

TEST(viommu, pasids_come_from_the_host)
{
	struct rig *rig = enabled();

	rig->alloc_result = 200;
	set_reg(rig, VCMD, 8, 1);
	expect_calls(rig, "a");
	EXPECT_EQ(reg(rig, VCRSP, 8), 200 << 16);
	rig->alloc_result = -ENOSPC;
	set_reg(rig, VCMD, 8, 1);
	EXPECT_EQ(reg(rig, VCRSP, 8), 16 << 1);
	expect_calls(rig, "a");
	set_reg(rig, VCMD, 8, 200 << 16 | 2);
	EXPECT_EQ(reg(rig, VCRSP, 8), 0);
	EXPECT_EQ(rig->freed, 200);
	expect_calls(rig, "f");
	rig->free_result = -EINVAL;
	set_reg(rig, VCMD, 8, 200 << 16 | 2);
	EXPECT_EQ(reg(rig, VCRSP, 8), 16 << 1);
	expect_calls(rig, "f");
	set_reg(rig, VCMD, 8, 2); /* PASID 0 is never the guest's */
	EXPECT_EQ(reg(rig, VCRSP, 8), 16 << 1);
	set_reg(rig, VCMD, 8, 3);
	EXPECT_EQ(reg(rig, VCRSP, 8), 1 << 1);
	expect_calls(rig, "");
	rig_destroy(rig);
}

/* ---- page requests ---- */

#define DT (1ULL << 2)
#define PRS_OFFERED (1ULL << 29)

enum { PQT = 0xc8, PQA = 0xd0, PRS = 0xdc, PECTL = 0xe0 };

static const struct page_request page_request = {
	.source_id = DEVICE,
	.has_pasid = true,
	.pasid = 5,
	.address = 0x7f0000001000,
	.read = true,
	.group = 9,
	.last = true,
};

static struct rig *with_page_requests(void)
{
	struct rig *rig = rig_create(0, DT | PRS_OFFERED);
	u64 context[4];

	memcpy(context, rig->memory + CONTEXTS, sizeof(context));
	put("context", "DTE", context, 1);
	put("context", "PRE", context, 1);
	store(rig, CONTEXTS, context, 4);
	set_first_stage(rig, 5);
	enable(rig);
	set_reg(rig, PQA, 8, PAGE_REQUESTS);
	set_reg(rig, PECTL, 4, 0);
	return rig;
}

TEST(viommu, a_page_request_goes_into_the_guests_queue_with_its_event)
{
	struct rig *rig = with_page_requests();
	u64 entry[4];

	viommu_page_request(rig->v, &page_request);
	EXPECT_EQ(reg(rig, PQT, 8), 32);
	EXPECT_EQ(reg(rig, PRS, 4), 1);
	EXPECT_EQ(rig->interrupts, 1);
	EXPECT_EQ(rig->responses, 0);
	memcpy(entry, rig->memory + PAGE_REQUESTS, sizeof(entry));
	EXPECT_EQ(get("page-request", "RID", entry), DEVICE);
	EXPECT_EQ(get("page-request", "PASID", entry), 5);
	EXPECT_EQ(get("page-request", "ADDR", entry), 0x7f0000001000);
	EXPECT_EQ(get("page-request", "PRGI", entry), 9);
	EXPECT_EQ(get("page-request", "LPIG", entry), 1);
	rig_destroy(rig);
}

TEST(viommu, the_guests_answer_goes_back)
{
	struct rig *rig = with_page_requests();
	u64 d[4] = { 9 };

	viommu_page_request(rig->v, &page_request);
	put("page-group-response", "PP", d, 1);
	put("page-group-response", "PASID", d, 5);
	put("page-group-response", "SID", d, DEVICE);
	put("page-group-response", "PRGI", d, 9);
	put("page-group-response", "LPIG", d, 1);
	put("page-group-response", "RC", d, PRI_INVALID_REQUEST);
	submit(rig, d);
	EXPECT_EQ(rig->responses, 1);
	EXPECT_EQ(rig->response.source_id, DEVICE);
	EXPECT_EQ(rig->response.pasid, 5);
	EXPECT_EQ(rig->response.group, 9);
	EXPECT_EQ(rig->response.code, PRI_INVALID_REQUEST);
	rig_destroy(rig);
}

TEST(viommu, a_page_request_that_the_guest_takes_none_of_is_answered_at_once)
{
	struct rig *rig = with_page_requests();

	clear_entry(rig, 5);
	viommu_page_request(rig->v, &page_request);
	EXPECT_EQ(rig->responses, 1);
	EXPECT_EQ(rig->response.code, PRI_INVALID_REQUEST);
	EXPECT_EQ(reg(rig, PQT, 8), 0);
	EXPECT_EQ(take_fault(rig), VTD_FAULT_SM_PASID_ENTRY_NOT_PRESENT);
	rig_destroy(rig);
}

TEST(viommu, page_requests_are_offered_on_request_and_only_where_the_host_has_them)
{
	struct viommu_info info = { .nesting = true, .has_registers = true, .pasid_bits = 20 };
	u64 cap, ecap;

	info.ecap = PRS_OFFERED;
	viommu_derive(&info, &cap, &ecap);
	EXPECT_EQ(get("ecap", "PRS", &ecap), 0);
	EXPECT_TRUE(viommu_unkept(&info, cap, ecap | PRS_OFFERED) == NULL);
	info.ecap = 0;
	EXPECT_STREQ(viommu_unkept(&info, cap, ecap | PRS_OFFERED), "PRS");
}

/* ---- what a guest does wrong ---- */

TEST(viommu, a_wrong_descriptor_stops_the_queue_and_no_more)
{
	struct rig *rig = enabled();
	const u64 wrong[4] = { 0xf }, wait[4] = { 0x25 | 77ULL << 32, STATUS };
	u32 status = 0;

	submit(rig, wrong);
	EXPECT_EQ(reg(rig, FSTS, 4), IQE);
	EXPECT_EQ(reg(rig, IQERCD, 8), 3);
	submit(rig, wait);
	memcpy(&status, rig->memory + STATUS, 4);
	EXPECT_EQ(status, 0);
	/* repaired, it goes on */
	store(rig, QUEUE, wait, 4);
	set_reg(rig, FSTS, 4, IQE);
	memcpy(&status, rig->memory + STATUS, 4);
	EXPECT_EQ(status, 77);
	expect_calls(rig, "");
	rig_destroy(rig);
}

TEST(viommu, a_queue_outside_of_memory_is_a_queue_error)
{
	struct rig *rig = rig_create(0, 0);

	set_reg(rig, 0x20, 8, ROOT | 1 << 10);
	set_reg(rig, 0x18, 4, 1u << 30);
	set_reg(rig, 0x90, 8, MEMORY | 1 << 11);
	set_reg(rig, 0x18, 4, 1u << 26);
	set_reg(rig, IQT, 8, 32);
	EXPECT_EQ(reg(rig, FSTS, 4), IQE);
	EXPECT_EQ(reg(rig, IQERCD, 8), 2);
	rig_destroy(rig);
}

/** A quadword of the guest's tables, and the fault when its entries are looked at. */
struct breach {
	const char *name;
	u64 at, value;
	unsigned int fault;
};

static const struct breach breaches[] = {
	{ "context_table_outside", ROOT + 0x3a * 16, MEMORY | 1, VTD_FAULT_SM_CONTEXT_ACCESS },
	{ "root_reserved", ROOT + 0x3a * 16, CONTEXTS | 3, VTD_FAULT_SM_ROOT_RESERVED },
	{ "root_not_present", ROOT + 0x3a * 16, 0, 0 },
	{ "context_reserved", CONTEXTS + 16, 1, VTD_FAULT_SM_CONTEXT_RESERVED },
	{ "context_page_requests_not_offered", CONTEXTS, DIRECTORY | 0x19,
	  VTD_FAULT_SM_CONTEXT_RESERVED },
	{ "context_not_present", CONTEXTS, 0, 0 },
	{ "directory_outside", CONTEXTS, MEMORY | 9, VTD_FAULT_SM_PASID_DIRECTORY_ACCESS },
	{ "directory_reserved", DIRECTORY, PASIDS | 5, VTD_FAULT_SM_PASID_DIRECTORY_RESERVED },
	{ "directory_not_present", DIRECTORY, 0, 0 },
	{ "pasid_table_outside", DIRECTORY, MEMORY | 1, VTD_FAULT_SM_PASID_ENTRY_ACCESS },
	{ "entry_reserved", PASIDS + 5 * 64 + 24, 1, VTD_FAULT_SM_PASID_ENTRY_RESERVED },
	{ "entry_nested", PASIDS + 5 * 64, 3 << 6 | 1, VTD_FAULT_SM_PASID_ENTRY_INVALID },
	{ "entry_five_levels_not_offered", PASIDS + 5 * 64 + 16, TABLE | 4,
	  VTD_FAULT_SM_PASID_ENTRY_INVALID },
	{ "entry_eafe_not_offered", PASIDS + 5 * 64 + 16, TABLE | 1 << 7,
	  VTD_FAULT_SM_PASID_ENTRY_RESERVED },
	{ "entry_memory_type_not_offered", PASIDS + 5 * 64 + 8, 1 << 25 | DOMAIN,
	  VTD_FAULT_SM_PASID_ENTRY_RESERVED },
};

TEST_WITH_NAMED_PARAMS(viommu, tables_that_make_no_sense_fault_and_are_unbound, struct breach,
		       breaches, name)
{
	struct rig *rig = enabled();

	set_first_stage(rig, 5);
	invalidate_pasid_cache(rig, 1, DOMAIN, 5);
	expect_calls(rig, "b");
	store(rig, param->at, &param->value, 1);
	invalidate_pasid_cache(rig, 1, DOMAIN, 5);
	expect_calls(rig, "u");
	EXPECT_EQ(take_fault(rig), param->fault);
	rig_destroy(rig);
}

TEST(viommu, a_root_table_outside_of_memory_faults)
{
	struct rig *rig = rig_create(0, 0);

	set_reg(rig, 0x20, 8, MEMORY | 1 << 10);
	set_reg(rig, 0x18, 4, 1u << 30);
	set_reg(rig, 0x18, 4, 1u << 31);
	EXPECT_EQ(take_fault(rig), VTD_FAULT_SM_ROOT_ACCESS);
	expect_calls(rig, "");
	rig_destroy(rig);
}

TEST(viommu, garbage_everywhere_ends_in_faults_alone)
{
	struct rig *rig = enabled();

	memset(rig->memory + ROOT, 0xff, QUEUE - ROOT);
	invalidate_pasid_cache(rig, 3, 0, 0);
	invalidate_context(rig, 1, 0, 0);
	expect_calls(rig, "");
	EXPECT_NE(take_fault(rig), 0);
	rig_destroy(rig);
}

TEST(viommu, a_directory_full_of_the_same_table_ends_where_the_owner_says)
{
	struct rig *rig = enabled();
	u64 directory = PASIDS | 1;

	for (u32 pasid = 0; pasid < 64; pasid++)
		set_first_stage(rig, pasid);
	for (unsigned int i = 0; i < 128; i++)
		store(rig, DIRECTORY + i * 8, &directory, 1);
	rig->work_max = 1000;
	invalidate_pasid_cache(rig, 3, 0, 0);
	EXPECT_LT(rig->count, 20);
	/* without a limit, all of them */
	rig->work_max = 0;
	rig->count = 0;
	invalidate_pasid_cache(rig, 3, 0, 0);
	EXPECT_GT(rig->count, 128 * 64 - 64);
	rig_destroy(rig);
}

TEST(viommu, the_root_pointer_counts_when_it_is_latched)
{
	struct rig *rig = enabled();
	struct viommu_tables tables;

	ASSERT_TRUE(viommu_tables(rig->v, &tables));
	EXPECT_EQ(tables.root, ROOT);
	set_reg(rig, 0x20, 8, 0x9000 | 1 << 10);
	ASSERT_TRUE(viommu_tables(rig->v, &tables));
	EXPECT_EQ(tables.root, ROOT);
	set_reg(rig, 0x18, 4, 1u << 26 | 1u << 30 | 1u << 31);
	ASSERT_TRUE(viommu_tables(rig->v, &tables));
	EXPECT_EQ(tables.root, 0x9000);
	/* legacy mode has none that could be nested */
	set_reg(rig, 0x20, 8, 0x9000);
	set_reg(rig, 0x18, 4, 1u << 26 | 1u << 30 | 1u << 31);
	EXPECT_FALSE(viommu_tables(rig->v, &tables));
	EXPECT_TRUE(viommu_translates(rig->v));
	rig_destroy(rig);
}
