/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Platforms and profiles: what is read, what no hardware could be, and what profiles claim.
 */
#include "platform.h"
#include "gtest_c.h"

#include "cache.h"
#include "vtd/vtd-format.h"

#include <stdlib.h>
#include <string.h>

/* A platform from YAML; NULL with a failure when it cannot be read. */
static struct platform *read_platform(const char *yaml)
{
	struct diags diags = { 0 };
	struct document *doc = document_parse("p.yaml", yaml, strlen(yaml), &diags);
	struct platform *platform = doc ? platform_read(document_root(doc), &diags) : NULL;

	if (diags.count)
		ADD_FAILURE("%u:%u: %s", diags.items[0].line, diags.items[0].column,
			    diags.items[0].message);
	diag_clear(&diags);
	document_free(doc);
	return platform;
}

static u64 cap_field(const struct platform_iommu *iommu, const char *name)
{
	return format_field_get(vtd_field(vtd_format("cap"), name), &iommu->vtd.cap);
}

static u64 ecap_field(u64 ecap, const char *name)
{
	return format_field_get(vtd_field(vtd_format("ecap"), name), &ecap);
}

#define UNIT "iommus: {dmar0: {model: vt-d, profile: sapphire-rapids}}\n"

TEST(platform, has_defaults)
{
	struct platform *p = read_platform(UNIT "devices: {3a:00.1: {iommu: dmar0}}\n");
	const struct platform_device *d = &p->devices[0];

	EXPECT_TRUE(p->name == NULL);
	EXPECT_EQ(p->memory_width, 46);
	EXPECT_EQ(p->ram_base, 4ULL << 30);
	EXPECT_EQ(p->ram_size, 16ULL << 30);
	EXPECT_TRUE(p->kernel_parameters[0] == NULL);
	EXPECT_EQ(p->iommus[0].vtd.host_address_width, 46);
	ASSERT_EQ(p->device_count, 1);
	EXPECT_STREQ(d->name, "0000:3a:00.1");
	EXPECT_EQ(d->function.source_id, 0x3a01);
	EXPECT_EQ(d->group, -1);
	EXPECT_FALSE(d->function.pasid);
	EXPECT_FALSE(d->host_driver);
	EXPECT_FALSE(d->identity);
	EXPECT_EQ(d->function.vendor_id, 0x8086);
	platform_free(p);
	platform_free(NULL);
}

TEST(platform, a_device_tlb_has_defaults_that_its_keys_override)
{
	struct platform *p = read_platform(
		"iommus: {dmar0: {model: vt-d, profile: sapphire-rapids, invalidation-timeout: 7us}}\n"
		"devices:\n"
		"  3a:00.0: {iommu: dmar0, ats: yes}\n"
		"  3b:00.0: {iommu: dmar0, ats: yes, device-tlb: {}}\n"
		"  3c:00.0: {iommu: dmar0, ats: yes, clock: 1GHz,\n"
		"            device-tlb: {entries: 8, assoc: 0, policy: random, latency: 3, slots: 2}}\n");

	EXPECT_EQ(p->iommus[0].timing.invalidation_timeout, 7000000);
	EXPECT_EQ(p->devices[0].function.device_tlb.entries, 0);
	EXPECT_EQ(p->devices[1].function.device_tlb.entries, 64);
	EXPECT_EQ(p->devices[1].function.device_tlb.assoc, 4);
	EXPECT_EQ(p->devices[1].requester.clock_period, 2000);
	EXPECT_EQ(p->devices[2].function.device_tlb.entries, 8);
	EXPECT_EQ(p->devices[2].function.device_tlb.assoc, 0);
	EXPECT_EQ(p->devices[2].function.device_tlb.policy, CACHE_RANDOM);
	EXPECT_EQ(p->devices[2].function.device_tlb.latency, 3);
	EXPECT_EQ(p->devices[2].function.device_tlb.slots, 2);
	EXPECT_EQ(p->devices[2].requester.clock_period, 1000);
	platform_free(p);
}

TEST(platform, reads_every_key)
{
	struct platform *p = read_platform(
		"name: two formats\n"
		"memory: {width: 48, ram: 64GiB}\n"
		"kernel-parameters: {vfio_iommu_type1.pasid_quota: 5,\n"
		"                    vfio_iommu_type1.disable_hugepages: yes}\n"
		"iommus:\n"
		"  dmar0:\n"
		"    model: vt-d\n"
		"    version: 5:1\n"
		"    cap: 0x9ed008c40780466\n"
		"    ecap: 0x3ee9e86f050df\n"
		"    errata: [772415]\n"
		"    caches: {iotlb: {entries: 128, assoc: 8, policy: round-robin, latency: 3},\n"
		"             pasid: {policy: random, seed: 9}}\n"
		"  smmu0: {model: smmuv3, stage1: no, substream-bits: 8, stream-bits: 14,\n"
		"          address-bits: 44, asid16: false, vmid16: false, stage1_format: 2,\n"
		"          granules: [4KiB, 64KiB], two-level-stream-table: false,\n"
		"          two-level-cd-table: false, ats: true, invalidation-timeout: 3us,\n"
		"          caches: {tlb: {entries: 0}}}\n"
		"devices:\n"
		"  0000:3a:00.0: {iommu: dmar0, group: 21, pasid: {width: 16, execute: no}, ats: yes,\n"
		"                 pri: yes, driver: host, default-domain: identity, vendor: 0x1af4,\n"
		"                 device: 0x1000}\n"
		"  0001:01:00.0: {iommu: smmu0, pasid: true}\n");
	const struct platform_device *d = &p->devices[0];
	const struct platform_iommu *smmu = &p->iommus[1];

	EXPECT_STREQ(p->name, "two formats");
	EXPECT_EQ(p->memory_width, 48);
	EXPECT_EQ(p->ram_size, 64ULL << 30);
	EXPECT_STREQ(p->kernel_parameters[0], "vfio_iommu_type1.pasid_quota=5");
	EXPECT_STREQ(p->kernel_parameters[1], "vfio_iommu_type1.disable_hugepages=yes");
	EXPECT_TRUE(p->kernel_parameters[2] == NULL);

	EXPECT_EQ(p->iommus[0].kind, PLATFORM_VTD);
	EXPECT_TRUE(p->iommus[0].profile == NULL);
	EXPECT_EQ(p->iommus[0].vtd.version, 0x51);
	EXPECT_EQ(p->iommus[0].vtd.errata, VTD_ERRATUM_772415);
	EXPECT_EQ(p->iommus[0].vtd.iotlb.entries, 128);
	EXPECT_EQ(p->iommus[0].vtd.iotlb.assoc, 8);
	EXPECT_EQ(p->iommus[0].vtd.iotlb.policy, CACHE_ROUND_ROBIN);
	EXPECT_EQ(p->iommus[0].vtd.iotlb.latency, 3);
	EXPECT_EQ(p->iommus[0].vtd.pasid_cache.policy, CACHE_RANDOM);
	EXPECT_EQ(p->iommus[0].vtd.pasid_cache.seed, 9);

	EXPECT_EQ(smmu->kind, PLATFORM_SMMUV3);
	EXPECT_FALSE(smmu->smmu.stage1);
	EXPECT_TRUE(smmu->smmu.stage2);
	EXPECT_EQ(smmu->smmu.substream_bits, 8);
	EXPECT_EQ(smmu->smmu.stream_bits, 14);
	EXPECT_EQ(smmu->smmu.address_bits, 44);
	EXPECT_FALSE(smmu->smmu.asid16);
	EXPECT_FALSE(smmu->smmu.vmid16);
	EXPECT_EQ(smmu->smmu.granules, SMMUV3_GRANULE_4K | SMMUV3_GRANULE_64K);
	EXPECT_FALSE(smmu->smmu.two_level_stream);
	EXPECT_FALSE(smmu->smmu.two_level_cd);
	EXPECT_TRUE(smmu->smmu.ats);
	EXPECT_FALSE(smmu->smmu.split_stage_ats);
	EXPECT_EQ(smmu->timing.invalidation_timeout, 3000000);
	EXPECT_EQ(smmu->smmu.tlb.entries, 0);
	EXPECT_EQ(smmu->stage1_format, 2);

	EXPECT_EQ(d->group, 21);
	EXPECT_EQ(d->function.pasid_width, 16);
	EXPECT_FALSE(d->function.pasid_execute);
	EXPECT_TRUE(d->function.pasid_privileged);
	EXPECT_TRUE(d->function.ats);
	EXPECT_TRUE(d->function.pri);
	EXPECT_TRUE(d->host_driver);
	EXPECT_TRUE(d->identity);
	EXPECT_EQ(d->function.vendor_id, 0x1af4);
	EXPECT_EQ(d->function.device_id, 0x1000);
	EXPECT_EQ(p->devices[1].segment, 1);
	EXPECT_TRUE(p->devices[1].function.pasid);
	EXPECT_EQ(p->devices[1].function.pasid_width, 20);
	platform_free(p);
}

TEST(platform, gives_each_unit_registers_of_its_own_below_ram)
{
	struct platform *p = read_platform("iommus:\n"
					   "  a: &u {model: vt-d, profile: qemu}\n"
					   "  s: {model: smmuv3}\n"
					   "  b: *u\n"
					   "  t: {model: smmuv3}\n");

	EXPECT_EQ(p->iommus[0].mmio_base, 0xfed90000);
	EXPECT_EQ(p->iommus[2].mmio_base, 0xfed91000);
	EXPECT_EQ(p->iommus[1].mmio_base, 0xf0000000);
	EXPECT_EQ(p->iommus[3].mmio_base, 0xf0020000);
	platform_free(p);
}

TEST(platform, overrides_fields_of_a_profile_by_name_old_and_new)
{
	struct platform *p = read_platform(
		"iommus:\n"
		"  dmar0: {model: vt-d, profile: sapphire-rapids, version: 0x40,\n"
		"          cap: {FL1GP: 0, MGAW: 0x2f}, ecap: {NEST: false, pss: 7}}\n");
	const struct platform_iommu *u = &p->iommus[0];

	EXPECT_STREQ(u->profile, "sapphire-rapids");
	EXPECT_EQ(u->vtd.version, 0x40);
	EXPECT_EQ(cap_field(u, "FS1GP"), 0);
	EXPECT_EQ(cap_field(u, "MGAW"), 0x2f);
	EXPECT_EQ(ecap_field(u->vtd.ecap, "NEST"), 0);
	EXPECT_EQ(ecap_field(u->vtd.ecap, "PSS"), 7);
	EXPECT_EQ(ecap_field(u->vtd.ecap, "SMTS"), 1);
	platform_free(p);
}

TEST(platform, a_small_cache_takes_no_more_ways_than_entries)
{
	struct platform *p = read_platform("iommus: {d: {model: vt-d, profile: qemu,\n"
					   "  caches: {iotlb: {entries: 1}}}}\n");

	EXPECT_TRUE(cache_geometry_valid(&p->iommus[0].vtd.iotlb));
	EXPECT_EQ(p->iommus[0].vtd.iotlb.entries, 1);
	platform_free(p);
}

/* ---- what cannot be ---- */

struct bad_row {
	const char *name, *yaml;
	unsigned int line;
	const char *message; /* part of it */
};

#define VTD(keys) "iommus:\n  d: {model: vt-d, profile: sapphire-rapids, " keys "}\n"
#define SMMU(keys) "iommus:\n  s: {model: smmuv3, " keys "}\n"
#define DEVICE(keys) UNIT "devices:\n  3a:00.0: {" keys "}\n"

static const struct bad_row bad_rows[] = {
	{ "list", "[]", 1, "expected platform as a mapping" },
	{ "unknown_key", UNIT "devcies: {}\n", 2, "did you mean 'devices'?" },
	{ "no_iommus", "name: x\n", 1, "a platform needs 'iommus:'" },
	{ "empty_iommus", "iommus: {}\n", 1, "expected IOMMUs by name" },
	{ "iommus_as_list", "iommus: [a]\n", 1, "expected IOMMUs by name" },
	{ "name_as_list", "name: []\n" UNIT, 1, "expected a text" },
	{ "iommu_without_name", "iommus: {'': {model: vt-d}}\n", 1, "without a name" },
	{ "iommu_as_word", "iommus: {d: vt-d}\n", 1, "'d' needs 'model: vt-d'" },
	{ "no_model", "iommus: {d: {profile: qemu}}\n", 1, "needs 'model: vt-d' or" },
	{ "unknown_model", "iommus: {d: {model: vtd}}\n", 1, "did you mean 'vt-d'?" },
	{ "unknown_profile", "iommus: {d: {model: vt-d, profile: saphire-rapids}}\n", 1,
	  "did you mean 'sapphire-rapids'?" },
	{ "profile_as_list", "iommus: {d: {model: vt-d, profile: []}}\n", 1, "found a list" },
	{ "no_profile_nor_registers", "iommus: {d: {model: vt-d}}\n", 1,
	  "needs 'profile:', or both 'cap:' and 'ecap:'" },
	{ "fields_without_profile", "iommus: {d: {model: vt-d, cap: {ND: 1}, ecap: 0x0}}\n", 1,
	  "needs 'profile:'" },
	{ "unknown_vtd_key", VTD("chaches: {}"), 2, "did you mean 'caches'?" },
	{ "unknown_field", VTD("cap: {FS1PG: 0}"), 2,
	  "has no field 'FS1PG'; did you mean 'FS1GP'?" },
	{ "unknown_field_far", VTD("ecap: {colour: 0}"), 2, "'vtdsim decode --list'" },
	{ "field_too_large", VTD("cap: {MGAW: 64}"), 2, "expected 0 to 63" },
	{ "bit_too_large", VTD("ecap: {NEST: 2}"), 2, "expected 0 to 1" },
	{ "bit_as_word", VTD("ecap: {NEST: maybe}"), 2, "expected true or false" },
	{ "field_as_list", VTD("ecap: {PSS: []}"), 2, "found a list" },
	{ "cap_without_0x", VTD("cap: 9ed008c"), 2, "expected a number" },
	{ "version_as_word", VTD("version: new"), 2, "expected a version such as 6:0" },
	{ "version_too_large", VTD("version: 0x100"), 2, "expected a version such as 6:0" },
	{ "no_width", VTD("cap: {SAGAW: 1}"), 2, "CAP.SAGAW names no supported width" },
	{ "guest_width_beyond_57", VTD("cap: {MGAW: 57}"), 2, "CAP.MGAW gives 58 bits" },
	{ "guest_width_below_ram", VTD("cap: {MGAW: 33}"), 2, "'d' reaches 34 bits of address" },
	{ "reserved_domain_count", VTD("cap: {ND: 7}"), 2, "CAP.ND 7 is reserved" },
	{ "fault_records_over_registers", VTD("cap: {FRO: 1}"), 2, "place fault records at 0x10" },
	{ "fault_records_beyond_page", VTD("cap: {FRO: 0xff, NFR: 3}"), 2, "to 0x1030" },
	{ "iotlb_over_fault_records", VTD("ecap: {IRO: 0x40}"), 2, "over others" },
	{ "iotlb_over_registers", VTD("ecap: {IRO: 1}"), 2, "over others" },
	{ "unknown_erratum", VTD("errata: [772415, 12]"), 2,
	  "expected one of: 772415 (Nested translation marks" },
	{ "erratum_as_word", VTD("errata: [SPR17]"), 2, "expected a number" },
	{ "errata_as_number", VTD("errata: 772415"), 2, "expected a list of numbers" },
	{ "unknown_cache", VTD("caches: {iotbl: {}}"), 2, "did you mean 'iotlb'?" },
	{ "unknown_cache_key", VTD("caches: {iotlb: {size: 3}}"), 2,
	  "expected entries, assoc, policy, seed, latency or slots" },
	{ "unknown_policy", VTD("caches: {iotlb: {policy: fifo}}"), 2,
	  "expected lru, round-robin or random" },
	{ "no_power_of_two_sets", VTD("caches: {iotlb: {entries: 24, assoc: 2}}"), 2,
	  "no cache has 24 entries in 2 ways" },
	{ "too_many_entries", VTD("caches: {iotlb: {entries: 0x10000000}}"), 2, "out of range" },
	{ "latency_too_long", VTD("caches: {iotlb: {latency: 9999999}}"), 2, "out of range" },
	{ "smmu_unknown_key", SMMU("stage3: 1"), 2, "did you mean 'stage1' or 'stage2'?" },
	{ "smmu_without_stages", SMMU("stage1: no, stage2: no"), 2, "'s' has neither stage" },
	{ "smmu_odd_width", SMMU("address-bits: 47"), 2, "unknown value '47'" },
	{ "smmu_width_below_ram", SMMU("address-bits: 32"), 2, "reaches 32 bits" },
	{ "smmu_too_many_substreams", SMMU("substream-bits: 21"), 2, "expected 0 to 20" },
	{ "smmu_no_granule", SMMU("granules: []"), 2, "expected 4KiB, 16KiB or 64KiB" },
	{ "smmu_odd_granule", SMMU("granules: [4KiB, 8KiB]"), 2, "unknown value '8KiB'" },
	{ "smmu_granule_no_word", SMMU("granules: {}"), 2, "expected 4KiB, 16KiB or 64KiB" },
	{ "smmu_split_stage_without_ats", SMMU("split-stage-ats: yes"), 2,
	  "'split-stage-ats' of 's' needs both stages and 'ats: true'" },
	{ "smmu_split_stage_of_one_stage", SMMU("ats: yes, split-stage-ats: yes, stage1: no"), 2,
	  "needs both stages" },
	{ "smmu_split_stage_of_the_other", SMMU("ats: yes, split-stage-ats: yes, stage2: no"), 2,
	  "needs both stages" },
	{ "smmu_bad_cache", SMMU("caches: {tlb: {entries: 3, assoc: 2}}"), 2, "no cache has 3" },
	{ "stream_beyond_bits",
	  "iommus: {s: {model: smmuv3, stream-bits: 8}}\ndevices: {3a:00.0: {iommu: s}}\n", 2,
	  "stream id 0x3a00 of 0000:3a:00.0 is beyond the 8 stream bits of 's'" },
	{ "memory_as_word", UNIT "memory: much\n", 2, "expected memory as a mapping" },
	{ "width_too_small", UNIT "memory: {width: 32}\n", 2, "expected 33 to 52" },
	{ "ram_too_small", UNIT "memory: {ram: 1MiB}\n", 2, "at least 16MiB" },
	{ "ram_odd", UNIT "memory: {ram: 16777217}\n", 2, "a multiple of 2MiB" },
	{ "ram_beyond_width", UNIT "memory: {width: 33, ram: 8GiB}\n", 2,
	  "8GiB of RAM from 4GiB on do not fit into 33 bits" },
	{ "default_ram_beyond_width", UNIT "memory: {width: 33}\n", 2, "16GiB of RAM" },
	{ "parameters_as_list", UNIT "kernel-parameters: [a.b]\n", 2, "'module.parameter: value'" },
	{ "unknown_parameter", UNIT "kernel-parameters: {vfio_iommu_typ1.pasid_quota: 1}\n", 2,
	  "expected e.g. 'vfio_iommu_type1.pasid_quota'" },
	{ "parameter_of_no_such_value",
	  UNIT "kernel-parameters: {vfio_iommu_type1.pasid_quota: many}\n", 2, "is no value of" },
	{ "parameter_as_list", UNIT "kernel-parameters: {a.b: []}\n", 2, "expected a text" },
	{ "devices_as_list", UNIT "devices: []\n", 2, "expected devices by address" },
	{ "device_address", UNIT "devices: {eth0: {iommu: dmar0}}\n", 2, "such as 0000:3a:00.0" },
	{ "device_without_unit", DEVICE("group: 1"), 3, "a device needs 'iommu:'" },
	{ "device_of_unknown_unit", DEVICE("iommu: dmr0"), 3, "did you mean 'dmar0'?" },
	{ "device_unknown_key", DEVICE("iommu: dmar0, grup: 1"), 3, "did you mean 'group'?" },
	{ "device_as_word", UNIT "devices: {3a:00.0: dmar0}\n", 2,
	  "expected a device as a mapping" },
	{ "group_too_large", DEVICE("iommu: dmar0, group: 65536"), 3, "expected 0 to 65535" },
	{ "unknown_driver", DEVICE("iommu: dmar0, driver: vfio"), 3, "unknown value 'vfio'" },
	{ "unknown_domain", DEVICE("iommu: dmar0, default-domain: none"), 3,
	  "expected dma or identity" },
	{ "pasid_as_number", DEVICE("iommu: dmar0, pasid: 20"), 3, "expected true or false" },
	{ "pasid_as_list", DEVICE("iommu: dmar0, pasid: []"), 3, "expected pasid as a mapping" },
	{ "pasid_too_wide", DEVICE("iommu: dmar0, pasid: {width: 21}"), 3, "expected 1 to 20" },
	{ "pri_without_ats", DEVICE("iommu: dmar0, pri: yes"), 3, "'pri' without 'ats'" },
	{ "device_tlb_without_ats", DEVICE("iommu: dmar0, device-tlb: {}"), 3,
	  "'device-tlb' without 'ats'" },
	{ "device_tlb_impossible", DEVICE("iommu: dmar0, ats: yes, device-tlb: {entries: 12}"), 3,
	  "no cache has 12 entries in 4 ways" },
	{ "device_tlbs_too_large", DEVICE("iommu: dmar0, ats: yes, device-tlb: {entries: 2097152}"),
	  3, "the device TLBs of all devices have 2097152 entries" },
	{ "device_tlb_behind_smmu",
	  "iommus: {s: {model: smmuv3}}\ndevices:\n  3a:00.0: {iommu: s, ats: yes, device-tlb: {}}\n",
	  3, "an SMMUv3 without ATS; expected 'ats: true' there" },
	{ "device_twice",
	  UNIT "devices:\n  3a:00.0: {iommu: dmar0}\n  0000:3a:00.0: {iommu: dmar0}\n", 4,
	  "device 0000:3a:00.0 is there twice" },
	{ "two_segments_behind_a_unit",
	  UNIT "devices:\n  3a:00.0: {iommu: dmar0}\n  0001:3a:00.0: {iommu: dmar0}\n", 4,
	  "of another segment" },
	{ "group_across_units",
	  "iommus: {a: &a {model: vt-d, profile: qemu}, b: *a}\ndevices:\n"
	  "  3a:00.0: {iommu: a, group: 1}\n  3b:00.0: {iommu: b, group: 1}\n",
	  4, "is in group 1 with 0000:3a:00.0, which is behind another unit ('a')" },
};

TEST_WITH_NAMED_PARAMS(impossible_platform, is_told_with_its_place, struct bad_row, bad_rows, name)
{
	struct diags diags = { 0 };
	struct document *doc = document_parse("p.yaml", param->yaml, strlen(param->yaml), &diags);
	struct platform *platform;

	ASSERT_TRUE(doc != NULL);
	platform = platform_read(document_root(doc), &diags);
	EXPECT_TRUE(platform == NULL);
	ASSERT_GE(diags.count, 1);
	EXPECT_EQ(diags.items[0].line, param->line);
	if (!strstr(diags.items[0].message, param->message))
		ADD_FAILURE("got: %s", diags.items[0].message);
	platform_free(platform);
	diag_clear(&diags);
	document_free(doc);
}

/* A platform with count pieces of text, each printed with its number. */
static struct platform *read_many(const char *head, const char *piece, unsigned int count,
				  struct diags *diags)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct platform *platform;
	struct document *doc;
	unsigned int i;

	fputs(head, out);
	for (i = 0; i < count; i++)
		fprintf(out, piece, i / 256, i % 256);
	fclose(out);
	doc = document_parse("p.yaml", text, len, diags);
	platform = doc ? platform_read(document_root(doc), diags) : NULL;
	document_free(doc);
	free(text);
	return platform;
}

TEST(impossible_platform, has_more_units_than_there_is_room_for_registers)
{
	struct diags diags = { 0 };

	EXPECT_TRUE(read_many("iommus:\n", "  d%u-%u: {model: smmuv3}\n", 65, &diags) == NULL);
	ASSERT_EQ(diags.count, 1);
	EXPECT_STREQ(diags.items[0].message, "65 IOMMUs; expected 64 at most");
	diag_clear(&diags);
}

TEST(impossible_platform, has_devices_by_the_thousand)
{
	struct diags diags = { 0 };

	EXPECT_TRUE(read_many(UNIT "devices:\n", "  %02x:%x.0: {iommu: dmar0}\n", 4097, &diags) ==
		    NULL);
	ASSERT_EQ(diags.count, 1);
	EXPECT_STREQ(diags.items[0].message, "4097 devices; expected 4096 at most");
	diag_clear(&diags);
}

TEST(impossible_platform, tells_all_bad_units_at_once)
{
	struct diags diags = { 0 };

	EXPECT_TRUE(read_many("iommus:\n", "  d%u-%u: {model: x}\n", 3, &diags) == NULL);
	EXPECT_EQ(diags.count, 3);
	diag_clear(&diags);
}

/* ---- profiles ---- */

static const struct profile *find(const char *name)
{
	size_t count, i;
	const struct profile *all = profiles(&count);

	for (i = 0; i < count; i++)
		if (!strcmp(all[i].name, name))
			return &all[i];
	ADD_FAILURE("no profile '%s'", name);
	return NULL;
}

TEST(profile, each_makes_a_platform)
{
	size_t count, i;
	const struct profile *all = profiles(&count);
	char yaml[200];

	for (i = 0; i < count; i++) {
		struct platform *p;

		SCOPED_NOTE("profile %s", all[i].name);
		snprintf(yaml, sizeof(yaml), "iommus: {d: {model: vt-d, profile: %s}}\n",
			 all[i].name);
		p = read_platform(yaml);
		ASSERT_TRUE(p != NULL);
		EXPECT_EQ(p->iommus[0].vtd.cap, all[i].cap);
		EXPECT_EQ(p->iommus[0].vtd.ecap, all[i].ecap);
		EXPECT_EQ(p->iommus[0].vtd.version, all[i].version);
		EXPECT_EQ(p->iommus[0].vtd.errata, 0);
		EXPECT_TRUE(strlen(all[i].about) > 10);
		platform_free(p);
	}
}

TEST(profile, sapphire_rapids_can_nest_and_bind_full_width_pasids)
{
	static const char *const needed[] = { "SMTS", "NEST", "FSTS", "SSTS", "PASID",
					      "PRS",  "SRS",  "EAFS", "QI",   "IR" };
	const struct profile *p = find("sapphire-rapids");
	size_t i;

	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		SCOPED_NOTE("ECAP.%s", needed[i]);
		EXPECT_EQ(ecap_field(p->ecap, needed[i]), 1);
	}
	EXPECT_EQ(ecap_field(p->ecap, "PSS"), 19);
	EXPECT_EQ(p->cap >> 56 & 1, 1); /* FS1GP */
	EXPECT_EQ(p->cap >> 60 & 1, 0); /* FS5LP */
	EXPECT_EQ(find("sapphire-rapids-57")->cap >> 60 & 1, 1);
}

TEST(profile, says_which_bits_are_assumed)
{
	const struct profile *logged = find("sapphire-rapids-as-logged");
	const struct profile *assumed = find("sapphire-rapids");
	u64 added = assumed->ecap ^ logged->ecap;

	EXPECT_EQ(added, 1ULL << 40 | 1ULL << 29); /* PASID, PRS */
	EXPECT_TRUE(logged->assumed == NULL);
	EXPECT_TRUE(strstr(assumed->assumed, "ECAP.PASID and ECAP.PRS") != NULL);
	EXPECT_TRUE(strstr(find("sapphire-rapids-57")->assumed, "ECAP") != NULL);
}

TEST(profile, legacy_machines_have_no_scalable_mode)
{
	static const char *const legacy[] = { "sandy-bridge-ep", "ivy-bridge-ep", "haswell-ep",
					      "broadwell-ep",    "skylake-sp",    "broadwell-e",
					      "xeon-e3-1226v3",  "qemu",          "ice-lake-sp" };
	size_t i;

	for (i = 0; i < sizeof(legacy) / sizeof(legacy[0]); i++) {
		SCOPED_NOTE("profile %s", legacy[i]);
		EXPECT_EQ(ecap_field(find(legacy[i])->ecap, "SMTS"), 0);
	}
}

TEST(profile, the_two_units_of_the_xeon_e3_differ)
{
	const struct profile *graphics = find("xeon-e3-1226v3-graphics");
	const struct profile *rest = find("xeon-e3-1226v3");

	EXPECT_NE(graphics->cap, rest->cap);
	EXPECT_EQ(ecap_field(graphics->ecap, "SC"), 0);
	EXPECT_EQ(ecap_field(rest->ecap, "SC"), 1);
}

TEST(impossible_platform, tells_all_that_is_wrong)
{
	static const char text[] = "name: [x]\nmemory: {width: 99}\n"
				   "iommus: {dmar0: {model: vt-d, profile: qmeu}}\n"
				   "devices: {3a:00.0: {iommu: dmar0, grup: 1}}\n";
	struct diags diags = { 0 };
	struct document *doc = document_parse("p.yaml", text, sizeof(text) - 1, &diags);

	ASSERT_TRUE(doc != NULL);
	EXPECT_TRUE(platform_read(document_root(doc), &diags) == NULL);
	ASSERT_EQ(diags.count, 4);
	for (unsigned int i = 0; i < 4; i++)
		EXPECT_EQ(diags.items[i].line, i + 1);
	diag_clear(&diags);
	document_free(doc);
}
