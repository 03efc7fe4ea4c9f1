/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads one IOMMU of a platform: its profile, the fields that override it, its caches; and refuses
 * what no hardware could be. Names, addresses and devices are platform.c's.
 */
#include "platform_private.h"

#include "cache.h"
#include "vtd/vtd-format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FIELDS 64
#define MAX_WAYS 4096u /* a lookup compares all ways of a set */

/* ---- caches ---- */

/* One cache that `caches:` may name. */
struct cache_slot {
	const char *name;
	struct cache_geometry *geometry;
};

static bool read_policy(const struct node *node, struct cache_geometry *geometry,
			struct diags *diags)
{
	static const char *const words[] = { "lru", "round-robin", "random", NULL };
	static const enum cache_policy policies[] = { CACHE_LRU, CACHE_ROUND_ROBIN, CACHE_RANDOM };
	size_t index;

	if (!node)
		return true;
	if (!node_choice(node, words, &index, diags))
		return false;
	geometry->policy = policies[index];
	return true;
}

bool read_geometry(const struct node *node, struct cache_geometry *geometry, struct diags *diags)
{
	static const char *const keys[] = { "entries", "assoc", "policy", "seed",
					    "latency", "slots", NULL };
	unsigned long long entries = geometry->entries, assoc = geometry->assoc;
	unsigned long long seed = geometry->seed, latency = geometry->latency;
	unsigned long long slots = geometry->slots;

	if (!node_check_keys(node, keys, "a cache", diags) ||
	    !optional_number(node, "entries", (struct bounds){ 0, CACHE_MAX_ENTRIES }, &entries,
			     diags))
		return false;
	if (assoc > entries)
		assoc = entries; /* of the default; what the file says is taken as it is */
	if (!optional_number(node, "assoc", (struct bounds){ 0, CACHE_MAX_ENTRIES }, &assoc,
			     diags) ||
	    !read_policy(node_get(node, "policy"), geometry, diags) ||
	    !optional_number(node, "seed", (struct bounds){ 0, ~0ULL }, &seed, diags) ||
	    !optional_number(node, "latency", (struct bounds){ 0, 1000000 }, &latency, diags) ||
	    !optional_number(node, "slots", (struct bounds){ 0, 65536 }, &slots, diags))
		return false;
	geometry->entries = (unsigned int)entries;
	geometry->assoc = (unsigned int)assoc;
	geometry->seed = seed;
	geometry->latency = (unsigned int)latency;
	geometry->slots = (unsigned int)slots;
	if ((assoc ? assoc : entries) > MAX_WAYS)
		return diag_add(diags, &node->place, "sets of %llu entries; expected at most %u",
				assoc ? assoc : entries, MAX_WAYS);
	if (cache_geometry_valid(geometry))
		return true;
	return diag_add(diags, &node->place,
			"no cache has %llu entries in %llu ways; expected a power of two of sets "
			"of 'assoc' entries each (assoc 0: one set)",
			entries, assoc);
}

static bool read_caches(const struct node *node, const struct cache_slot *slots, size_t count,
			struct diags *diags)
{
	const char *keys[8] = { NULL };
	bool good = true;
	size_t i;

	if (!node)
		return true;
	for (i = 0; i < count; i++)
		keys[i] = slots[i].name;
	if (!node_check_keys(node, keys, "caches", diags))
		return false;
	for (i = 0; i < count; i++) {
		const struct node *cache = node_get(node, slots[i].name);

		if (cache && !read_geometry(cache, slots[i].geometry, diags))
			good = false;
	}
	return good;
}

/* ---- CAP and ECAP ---- */

static bool add_unknown_field(const struct node *key, const struct format *format,
			      struct diags *diags)
{
	const char *names[MAX_FIELDS + 1] = { NULL };
	const char *nearest;
	size_t i;

	for (i = 0; i < format->field_count && i < MAX_FIELDS; i++)
		names[i] = format->fields[i].name;
	nearest = nearest_word(key->text, names);
	return diag_add(diags, &key->place, "%s has no field '%s'%s%s%s", format->title, key->text,
			nearest ? "; did you mean '" : "; 'vtdsim decode --list' names them",
			nearest ? nearest : "", nearest ? "'?" : "");
}

/* A value of a field: a number that fits, or true and false for a single bit. */
static bool read_field_value(const struct node *node, const struct format_field *field,
			     unsigned long long *out, struct diags *diags)
{
	unsigned int width = field->hi - field->lo + 1u;
	unsigned long long dummy;
	bool bit;

	if (width == 1 && node->kind == NODE_SCALAR && !parse_u64(node->text, false, &dummy)) {
		if (!node_bool(node, &bit, diags))
			return false;
		*out = bit;
		return true;
	}
	return node_u64_range(node, 0, width >= 64 ? ~0ULL : (1ULL << width) - 1, out, diags);
}

/* A register as a whole, or fields of it on top of what a profile gave. */
static bool read_register(const struct node *node, const char *name, u64 *value,
			  struct diags *diags)
{
	const struct format *format = vtd_format(name);
	bool good = true;
	size_t i;

	if (node->kind != NODE_MAPPING)
		return node_u64(node, value, false, diags);
	for (i = 0; i < node->count; i++) {
		const struct node *key = node->pairs[i].key;
		const struct format_field *field = vtd_field(format, key->text);
		unsigned long long bits;

		if (!field)
			good = add_unknown_field(key, format, diags);
		else if (!read_field_value(node->pairs[i].value, field, &bits, diags))
			good = false;
		else
			format_field_set(field, value,
					 field->is_address ? bits << field->lo : bits);
	}
	return good;
}

unsigned long long platform_cache_entries(const struct platform_iommu *iommu)
{
	const struct vtd_config *vtd = &iommu->vtd;

	if (iommu->kind == PLATFORM_SMMUV3)
		return (unsigned long long)iommu->smmu.tlb.entries +
		       iommu->smmu.config_cache.entries;
	/* paging-structure caches are there for each of up to four levels above the leaves */
	return (unsigned long long)vtd->iotlb.entries + vtd->context_cache.entries +
	       vtd->pasid_cache.entries + vtd->interrupt_cache.entries +
	       4ULL * (vtd->first_stage_pwc.entries + vtd->second_stage_pwc.entries);
}

static u64 register_field(u64 value, const char *name, const char *field)
{
	return format_field_get(vtd_field(vtd_format(name), field), &value);
}

unsigned int vtd_guest_address_width(const struct vtd_config *config)
{
	return (unsigned int)register_field(config->cap, "cap", "MGAW") + 1;
}

bool vtd_maps_identity(const struct vtd_config *config)
{
	return !register_field(config->ecap, "ecap", "PT");
}

bool vtd_has_large_pages(const struct vtd_config *config)
{
	return register_field(config->cap, "cap", "SSLPS") & 1;
}

/* The fault records and the IOTLB registers must have room of their own in the register page. */
static bool check_placement(const struct node *node, const struct vtd_config *config,
			    struct diags *diags)
{
	u64 fault = register_field(config->cap, "cap", "FRO") * 16;
	u64 fault_end = fault + 16 * (register_field(config->cap, "cap", "NFR") + 1);
	u64 iotlb = register_field(config->ecap, "ecap", "IRO") * 16;
	u64 iotlb_end = iotlb + 16;

	if (fault < 0xf0 || fault_end > VTD_MMIO_SIZE)
		return diag_add(diags, &node->place,
				"CAP.FRO and CAP.NFR place fault records at 0x%llx to 0x%llx; "
				"expected 0xf0 to 0x%x",
				fault, fault_end, VTD_MMIO_SIZE);
	if (iotlb < 0xf0 || iotlb_end > VTD_MMIO_SIZE || (iotlb < fault_end && fault < iotlb_end))
		return diag_add(diags, &node->place,
				"ECAP.IRO places the IOTLB registers at 0x%llx, over others",
				iotlb);
	return true;
}

/* What no unit can be, whatever its registers claim. */
static bool check_vtd(const struct node *node, const struct vtd_config *config, struct diags *diags)
{
	unsigned int width = vtd_guest_address_width(config);

	if (!(register_field(config->cap, "cap", "SAGAW") & 0xe))
		return diag_add(diags, &node->place,
				"CAP.SAGAW names no supported width; expected bit 1 (39 bits, "
				"3 levels), 2 (48, 4) or 3 (57, 5)");
	if (width < 32 || width > 57)
		return diag_add(diags, &node->place,
				"CAP.MGAW gives %u bits; expected 31 to 56 (32 to 57 bits)", width);
	if (register_field(config->cap, "cap", "ND") == 7)
		return diag_add(diags, &node->place, "CAP.ND 7 is reserved; expected 0 to 6");
	return check_placement(node, config, diags);
}

/* What measurements of that machine tell of its unit. */
static void apply_measured(const struct profile *profile, struct platform_iommu *iommu)
{
	const struct profile_measured *measured = profile ? profile_measured(profile) : NULL;

	if (!measured)
		return;
	iommu->timing.walkers = measured->walkers;
	iommu->vtd.iotlb.entries = measured->iotlb_entries;
	iommu->vtd.iotlb.assoc = 0;
}

static const struct profile *find_profile(const struct node *node, struct diags *diags)
{
	const struct profile *all;
	const char **names;
	const struct profile *found = NULL;
	size_t count, i;

	all = profiles(&count);
	names = calloc(count + 1, sizeof(*names));
	if (!names) {
		diag_add(diags, &node->place, "not enough memory");
		return NULL;
	}
	for (i = 0; i < count; i++)
		names[i] = all[i].name;
	if (node_choice(node, names, &i, diags))
		found = &all[i];
	free(names);
	return found;
}

/* "6:0", as boot logs print it, or the register's value. */
static bool read_version(const struct node *node, u32 *version, struct diags *diags)
{
	unsigned long long value;
	const char *text = node->kind == NODE_SCALAR ? node->text : "";

	if (strlen(text) == 3 && text[1] == ':' && text[0] >= '0' && text[0] <= '9' &&
	    text[2] >= '0' && text[2] <= '9') {
		*version = (u32)(text[0] - '0') << 4 | (u32)(text[2] - '0');
		return true;
	}
	if (node->kind != NODE_SCALAR || !parse_u64(text, false, &value) || value > 0xff)
		return diag_add(diags, &node->place,
				"expected a version such as 6:0, or VER's value below 0x100");
	*version = (u32)value;
	return true;
}

/* CAP and ECAP: from the profile, then from the file. */
static bool read_registers(const struct node *node, struct platform_iommu *iommu,
			   struct diags *diags)
{
	const struct node *profile_node = node_get(node, "profile");
	const struct node *cap = node_get(node, "cap"), *ecap = node_get(node, "ecap");
	const struct node *version = node_get(node, "version");
	const struct profile *profile = NULL;
	u64 cap_value = 0, ecap_value = 0;
	u32 version_value = 0x60;

	if (profile_node) {
		profile = find_profile(profile_node, diags);
		if (!profile)
			return false;
		iommu->profile = profile->name;
		cap_value = profile->cap;
		ecap_value = profile->ecap;
		version_value = profile->version;
	} else if (!cap || !ecap || cap->kind == NODE_MAPPING || ecap->kind == NODE_MAPPING) {
		return diag_add(diags, &node->place,
				"'%s' needs 'profile:', or both 'cap:' and 'ecap:' as numbers",
				iommu->name);
	}
	if ((cap && !read_register(cap, "cap", &cap_value, diags)) ||
	    (ecap && !read_register(ecap, "ecap", &ecap_value, diags)) ||
	    (version && !read_version(version, &version_value, diags)))
		return false;
	vtd_config_init(&iommu->vtd, cap_value, ecap_value);
	iommu->vtd.version = version_value;
	unit_timing_init(&iommu->timing);
	apply_measured(profile, iommu);
	return true;
}

static bool read_cycles(const struct node *node, const char *key, unsigned int *cycles,
			struct diags *diags)
{
	unsigned long long value = *cycles;

	if (!optional_number(node, key, (struct bounds){ 0, 1000000 }, &value, diags))
		return false;
	*cycles = (unsigned int)value;
	return true;
}

/* ---- errata ---- */

static bool add_unknown_erratum(const struct node *node, struct diags *diags)
{
	const struct vtd_erratum_info *errata;
	char *known = NULL;
	size_t count, size, i;
	FILE *out = open_memstream(&known, &size);

	errata = vtd_errata(&count);
	for (i = 0; out && i < count; i++)
		fprintf(out, "%s%u (%s)", i ? ", " : "", errata[i].number, errata[i].title);
	if (out)
		fclose(out);
	diag_add(diags, &node->place, "no such erratum is known; expected one of: %s",
		 known ? known : "");
	free(known);
	return false;
}

static bool read_erratum(const struct node *node, unsigned int *bits, struct diags *diags)
{
	const struct vtd_erratum_info *errata;
	unsigned long long number;
	size_t count, i;

	errata = vtd_errata(&count);
	if (!node_u64(node, &number, false, diags))
		return false;
	for (i = 0; i < count; i++) {
		if (errata[i].number == number) {
			*bits |= errata[i].bit;
			return true;
		}
	}
	return add_unknown_erratum(node, diags);
}

/* What the unit does otherwise than specified: a list of numbers. */
static bool read_errata(const struct node *node, unsigned int *bits, struct diags *diags)
{
	bool good = true;
	size_t i;

	if (!node)
		return true;
	if (node->kind != NODE_SEQUENCE)
		return diag_add(diags, &node->place, "errata: expected a list of numbers");
	for (i = 0; i < node->count; i++)
		good &= read_erratum(node->items[i], bits, diags);
	return good;
}

bool read_vtd(const struct node *node, struct platform_iommu *iommu, struct diags *diags)
{
	static const char *const keys[] = { "model",       "profile",
					    "version",     "cap",
					    "ecap",        "caches",
					    "errata",      "descriptor-latency",
					    "clock",       "walkers",
					    "outstanding", "queue",
					    "merge",       "invalidation-timeout",
					    NULL };
	struct vtd_config *config = &iommu->vtd;
	const struct cache_slot slots[] = {
		{ "iotlb", &config->iotlb },
		{ "context", &config->context_cache },
		{ "pasid", &config->pasid_cache },
		{ "first-stage", &config->first_stage_pwc },
		{ "second-stage", &config->second_stage_pwc },
		{ "interrupt", &config->interrupt_cache },
	};

	iommu->kind = PLATFORM_VTD;
	return node_check_keys(node, keys, "a vt-d unit", diags) &&
	       read_registers(node, iommu, diags) && check_vtd(node, config, diags) &&
	       read_caches(node_get(node, "caches"), slots, sizeof(slots) / sizeof(slots[0]),
			   diags) &&
	       read_errata(node_get(node, "errata"), &config->errata, diags) &&
	       read_cycles(node, "descriptor-latency", &config->descriptor_latency, diags) &&
	       read_unit_timing(node, &iommu->timing, diags);
}

/* ---- SMMUv3 ---- */

static bool read_address_bits(const struct node *node, unsigned int *out, struct diags *diags)
{
	/* IDR5.OAS */
	static const char *const words[] = { "32", "36", "40", "42", "44", "48", "52", NULL };
	static const unsigned int bits[] = { 32, 36, 40, 42, 44, 48, 52 };
	size_t index;

	if (!node)
		return true;
	if (!node_choice(node, words, &index, diags))
		return false;
	*out = bits[index];
	return true;
}

static bool read_smmu_numbers(const struct node *node, struct platform_iommu *iommu,
			      struct diags *diags)
{
	struct smmuv3_config *config = &iommu->smmu;
	unsigned long long substream = config->substream_bits, stream = config->stream_bits;
	unsigned long long format = 0;

	/* stream ids are source ids here: 16 bits say all */
	if (!optional_number(node, "substream-bits", (struct bounds){ 0, 20 }, &substream, diags) ||
	    !optional_number(node, "stream-bits", (struct bounds){ 0, 16 }, &stream, diags) ||
	    !optional_number(node, "stage1_format", (struct bounds){ 0, 0xffffffff }, &format,
			     diags))
		return false;
	config->substream_bits = (unsigned int)substream;
	config->stream_bits = (unsigned int)stream;
	iommu->stage1_format = (u32)format;
	return read_address_bits(node_get(node, "address-bits"), &config->address_bits, diags);
}

/* `granules: [4KiB, 64KiB]`; a single one needs no list */
static bool read_granules(const struct node *node, unsigned int *granules, struct diags *diags)
{
	static const char *const words[] = { "4KiB", "16KiB", "64KiB", NULL };
	bool list = node && node->kind == NODE_SEQUENCE;
	size_t index, i;

	if (!node)
		return true;
	*granules = 0;
	for (i = 0; i < (list ? node->count : 1); i++) {
		if (!node_choice(list ? node->items[i] : node, words, &index, diags))
			return false;
		*granules |= 1u << index; /* SMMUV3_GRANULE_4K, 16K, 64K */
	}
	return *granules ||
	       diag_add(diags, &node->place, "no granule; expected 4KiB, 16KiB or 64KiB");
}

/* What of IDR0 is there or not. */
static bool read_smmu_flags(const struct node *node, struct smmuv3_config *config,
			    struct diags *diags)
{
	return optional_bool(node, "stage1", &config->stage1, diags) &&
	       optional_bool(node, "stage2", &config->stage2, diags) &&
	       optional_bool(node, "asid16", &config->asid16, diags) &&
	       optional_bool(node, "vmid16", &config->vmid16, diags) &&
	       optional_bool(node, "two-level-stream-table", &config->two_level_stream, diags) &&
	       optional_bool(node, "two-level-cd-table", &config->two_level_cd, diags) &&
	       optional_bool(node, "ats", &config->ats, diags) &&
	       optional_bool(node, "split-stage-ats", &config->split_stage_ats, diags);
}

static bool check_smmu(const struct node *node, const struct platform_iommu *iommu,
		       struct diags *diags)
{
	const struct smmuv3_config *config = &iommu->smmu;

	if (!config->stage1 && !config->stage2)
		return diag_add(diags, &node->place,
				"'%s' has neither stage; expected one at least", iommu->name);
	if (config->split_stage_ats && !(config->ats && config->stage1 && config->stage2))
		return diag_add(diags, &node->place,
				"'split-stage-ats' of '%s' needs both stages and 'ats: true'",
				iommu->name);
	return true;
}

bool read_smmuv3(const struct node *node, struct platform_iommu *iommu, struct diags *diags)
{
	static const char *const keys[] = { "model",
					    "stage1",
					    "stage2",
					    "substream-bits",
					    "stream-bits",
					    "address-bits",
					    "granules",
					    "two-level-stream-table",
					    "two-level-cd-table",
					    "asid16",
					    "vmid16",
					    "ats",
					    "split-stage-ats",
					    "stage1_format",
					    "caches",
					    "command-latency",
					    "clock",
					    "walkers",
					    "outstanding",
					    "queue",
					    "invalidation-timeout",
					    NULL };
	struct smmuv3_config *config = &iommu->smmu;
	const struct cache_slot slots[] = {
		{ "tlb", &config->tlb },
		{ "config", &config->config_cache },
	};

	iommu->kind = PLATFORM_SMMUV3;
	smmuv3_config_init(config);
	unit_timing_init(&iommu->timing);
	if (!node_check_keys(node, keys, "an smmuv3", diags) ||
	    !read_smmu_flags(node, config, diags) || !read_smmu_numbers(node, iommu, diags) ||
	    !read_granules(node_get(node, "granules"), &config->granules, diags) ||
	    !check_smmu(node, iommu, diags))
		return false;
	return read_caches(node_get(node, "caches"), slots, sizeof(slots) / sizeof(slots[0]),
			   diags) &&
	       read_cycles(node, "command-latency", &config->command_latency, diags) &&
	       read_unit_timing(node, &iommu->timing, diags);
}
