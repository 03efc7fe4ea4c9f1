// SPDX-License-Identifier: Apache-2.0
/*
 * Reads the PCIe topology of a platform: bridges by address and bus numbers, and what puts devices into their places.
 * As firmware and lspci do, bus numbers alone say what is below what.
 */
#include "platform_private.h"

#include <stdlib.h>
#include <string.h>

#define MAX_BRIDGES 1024u
#define BAR_MIN 4096ull
#define BAR_MAX (1ull << 40)
#define PLATFORM_RANGE 0xf0000000ull /* up to 4 GiB: registers, interrupts */
#define PLATFORM_RANGE_END (1ull << 32)
#define BRIDGE_VENDOR_DEFAULT 0x8086u
#define BRIDGE_DEVICE_DEFAULT 0x2030u /* a root port of Sky Lake-E */

static const char *const type_words[] = {
	[PCIE_ROOT_PORT] = "root-port",        [PCIE_UPSTREAM_PORT] = "upstream",
	[PCIE_DOWNSTREAM_PORT] = "downstream", [PCIE_TO_PCI_BRIDGE] = "pcie-to-pci",
	[PCI_TO_PCI_BRIDGE] = "pci",           NULL,
};

const char *platform_bridge_type(enum pcie_bridge_kind kind)
{
	return type_words[kind];
}

static unsigned int bus_of(u16 source_id)
{
	return source_id >> 8;
}

static unsigned int device_of(u16 source_id)
{
	return source_id >> 3 & 0x1f;
}

static bool has_link_below(enum pcie_bridge_kind kind)
{
	return kind == PCIE_ROOT_PORT || kind == PCIE_DOWNSTREAM_PORT;
}

static bool is_conventional(enum pcie_bridge_kind kind)
{
	return kind == PCIE_TO_PCI_BRIDGE || kind == PCI_TO_PCI_BRIDGE;
}

/* ---- ACS ---- */

/* In the order of their bits. */
static const char *const acs_words[] = { "SV", "TB", "RR", "CR", "UF", "EC", "DT", NULL };

/* 6.12.1: what downstream-facing ports may have, and functions of a device */
#define ACS_OF_PORTS 0x7fu
#define ACS_OF_FUNCTIONS                                                                      \
	(PCIE_ACS_REQUEST_REDIRECT | PCIE_ACS_COMPLETION_REDIRECT | PCIE_ACS_EGRESS_CONTROL | \
	 PCIE_ACS_DIRECT_TRANSLATED)
/* What `acs: true` stands for: what Linux wants, as far as there is that. */
#define ACS_USUAL                                                                                \
	(PCIE_ACS_SOURCE_VALIDATION | PCIE_ACS_REQUEST_REDIRECT | PCIE_ACS_COMPLETION_REDIRECT | \
	 PCIE_ACS_UPSTREAM_FORWARDING)

static bool read_acs_list(const struct node *node, unsigned int possible, u16 *out,
			  struct diags *diags)
{
	if (node->kind != NODE_SEQUENCE)
		return diag_add(diags, &node->place,
				"expected a list of SV, TB, RR, CR, UF, EC and DT");
	for (size_t i = 0; i < node->count; i++) {
		size_t bit;

		if (!node_choice(node->items[i], acs_words, &bit, diags))
			return false;
		if (!(possible >> bit & 1))
			return diag_add(
				diags, &node->items[i]->place,
				"%s is for ports that have a link below; a function has RR, CR, "
				"EC and DT",
				acs_words[bit]);
		*out |= (u16)(1u << bit);
	}
	return true;
}

static bool read_acs(const struct node *node, unsigned int possible, struct pcie_acs *acs,
		     struct diags *diags)
{
	static const char *const keys[] = { "has", "enabled", NULL };
	const struct node *has = node_get(node, "has"), *enabled = node_get(node, "enabled");
	bool usual = false;

	if (!node)
		return true;
	if (node->kind == NODE_SEQUENCE)
		return read_acs_list(node, possible, &acs->capability, diags);
	if (node->kind == NODE_SCALAR) {
		if (!node_bool(node, &usual, diags))
			return false;
		acs->capability = usual ? (u16)(ACS_USUAL & possible) : 0;
		return true;
	}
	if (!node_check_keys(node, keys, "acs", diags) ||
	    (has && !read_acs_list(has, possible, &acs->capability, diags)) ||
	    (enabled && !read_acs_list(enabled, possible, &acs->control, diags)))
		return false;
	if (acs->control & ~acs->capability)
		return diag_add(diags, &enabled->place,
				"'enabled' names what 'has' does not; expected some of that");
	return true;
}

/* ---- bridges ---- */

/* "01" or "01-03", as lspci -t shows them in brackets. */
static bool read_buses(const struct node *node, struct pcie_bridge_config *config,
		       struct diags *diags)
{
	static const char expected[] =
		"expected 'buses: 01' or 'buses: 01-03', in hex as lspci -t shows them: the bus below "
		"and the last one behind it";
	unsigned long first, last;
	const char *text;
	char *end;

	if (node->kind != NODE_SCALAR ||
	    strspn(node->text, "0123456789abcdefABCDEF-") != strlen(node->text))
		return diag_add(diags, &node->place, expected);
	text = node->text;
	first = last = strtoul(text, &end, 16);
	if (*end == '-' && end != text && end - text <= 2) {
		text = end + 1;
		last = strtoul(text, &end, 16);
	}
	if (*end || end == text || end - text > 2)
		return diag_add(diags, &node->place, expected);
	if (last < first)
		return diag_add(diags, &node->place,
				"buses %s end before they begin; expected the lower number first",
				node->text);
	config->secondary = (u8)first;
	config->subordinate = (u8)last;
	return true;
}

static bool read_bridge_config(const struct node *node, struct platform_bridge *bridge,
			       struct diags *diags)
{
	const struct node *type = node_get(node, "type");
	unsigned long long vendor = BRIDGE_VENDOR_DEFAULT, device = BRIDGE_DEVICE_DEFAULT;
	struct pcie_bridge_config *config = &bridge->config;
	bool express = true;
	size_t kind;

	if (!type || !node_get(node, "buses"))
		return diag_add(diags, &node->place,
				"a bridge needs 'type:' and 'buses:', as in '{type: root-port, "
				"buses: 01-03}'");
	if (!node_choice(type, type_words, &kind, diags) ||
	    !read_buses(node_get(node, "buses"), config, diags) ||
	    !optional_bool(node, "pcie-capability", &express, diags) ||
	    !optional_number(node, "vendor", (struct bounds){ 0, 0xfffe }, &vendor, diags) ||
	    !optional_number(node, "device", (struct bounds){ 0, 0xffff }, &device, diags))
		return false;
	config->kind = (enum pcie_bridge_kind)kind;
	config->vendor_id = (u16)vendor;
	config->device_id = (u16)device;
	config->hidden = !express;
	if (config->hidden && config->kind != PCIE_TO_PCI_BRIDGE)
		return diag_add(diags, &node_get(node, "pcie-capability")->place,
				"only a bridge of type pcie-to-pci may lack its capability");
	if (node_get(node, "acs") && !has_link_below(config->kind) &&
	    config->kind != PCIE_UPSTREAM_PORT)
		return diag_add(diags, &node_get(node, "acs")->place,
				"a bridge of type %s has no ACS (PCI Express 6.x, 6.12.1)",
				type_words[config->kind]);
	return read_acs(node_get(node, "acs"),
			has_link_below(config->kind) ? ACS_OF_PORTS : ACS_OF_FUNCTIONS,
			&config->acs, diags);
}

static bool read_bridge(const struct node_pair *pair, struct platform *platform,
			struct diags *diags)
{
	static const char *const keys[] = { "type",   "buses",           "iommu",
					    "acs",    "group",           "default-domain",
					    "vendor", "pcie-capability", "device",
					    NULL };
	static const char *const domains[] = { "dma", "identity", NULL };
	struct platform_bridge *bridge = &platform->bridges[platform->bridge_count];
	unsigned long long group = 0;
	size_t domain;

	if (!node_bdf(pair->key, &bridge->segment, &bridge->config.source_id, diags))
		return false;
	bridge->name = function_name(bridge->segment, bridge->config.source_id);
	if (!bridge->name)
		return out_of_memory(pair->key, diags);
	bridge->kernel_group = -1;
	platform->bridge_count++;
	if (!node_check_keys(pair->value, keys, "a bridge", diags) ||
	    !read_bridge_config(pair->value, bridge, diags) ||
	    !optional_number(pair->value, "group", (struct bounds){ 0, 0xffff }, &group, diags) ||
	    !optional_choice(pair->value, "default-domain", domains, &domain, diags))
		return false;
	bridge->group = node_get(pair->value, "group") ? (int)group : -1;
	bridge->identity = domain == 1;
	return true;
}

/* ---- places ---- */

/* The bridge whose secondary bus that is, or PLATFORM_ROOT_BUS. */
static size_t bridge_to(const struct platform *platform, u16 segment, unsigned int bus)
{
	for (size_t i = 0; i < platform->bridge_count; i++)
		if (platform->bridges[i].segment == segment &&
		    platform->bridges[i].config.secondary == bus)
			return i;
	return PLATFORM_ROOT_BUS;
}

static bool holds_bus(const struct platform_bridge *bridge, unsigned int bus)
{
	return bus >= bridge->config.secondary && bus <= bridge->config.subordinate;
}

/* Finds what is above a function. False: its bus is one of a bridge's, but none leads to it. */
static bool find_above(const struct node *key, const struct platform *platform, u16 segment,
		       u16 source_id, size_t *above, struct diags *diags)
{
	unsigned int bus = bus_of(source_id);

	*above = bridge_to(platform, segment, bus);
	if (*above != PLATFORM_ROOT_BUS)
		return true;
	for (size_t i = 0; i < platform->bridge_count; i++) {
		const struct platform_bridge *b = &platform->bridges[i];

		if (b->segment == segment && holds_bus(b, bus))
			return diag_add(
				diags, &key->place,
				"bus %02x is one of %02x-%02x behind %s, but no bridge leads to "
				"it; expected one with 'buses: %02x'",
				bus, b->config.secondary, b->config.subordinate, b->name, bus);
	}
	return true;
}

/* A unit is named at the root; what is below has the same. */
static bool find_unit(const struct node *node, const struct platform *platform, size_t above,
		      size_t *iommu, struct diags *diags)
{
	const struct node *named = node_get(node, "iommu");
	const struct platform_bridge *bridge;

	if (above == PLATFORM_ROOT_BUS)
		return find_iommu(node, platform, iommu, diags);
	bridge = &platform->bridges[above];
	*iommu = bridge->iommu;
	if (!named)
		return true;
	if (!find_iommu(node, platform, iommu, diags))
		return false;
	if (*iommu == bridge->iommu)
		return true;
	return diag_add(diags, &named->place,
			"this is below %s, which is behind '%s'; expected the same unit, or none",
			bridge->name, platform->iommus[bridge->iommu].name);
}

/* What may be below what (PCI Express 6.x, 1.3 and 7.5.1.3). */
static bool check_kind_place(const struct node *key, const struct platform *platform,
			     const struct platform_bridge *bridge, struct diags *diags)
{
	enum pcie_bridge_kind kind = bridge->config.kind;
	bool root = bridge->above == PLATFORM_ROOT_BUS;
	enum pcie_bridge_kind above = root ? 0 : platform->bridges[bridge->above].config.kind;
	bool good = false;
	static const char *const places[] = {
		[PCIE_ROOT_PORT] = "on a root bus",
		[PCIE_UPSTREAM_PORT] = "as device 00 below a root port or downstream port",
		[PCIE_DOWNSTREAM_PORT] = "below an upstream port",
		[PCIE_TO_PCI_BRIDGE] = ("on a root bus, or as device 00 below a root port or "
					"downstream port"),
		[PCI_TO_PCI_BRIDGE] = "on a root bus, or below a pcie-to-pci or pci bridge",
	};
	bool on_link = !root && has_link_below(above) && !device_of(bridge->config.source_id);

	switch (kind) {
	case PCIE_ROOT_PORT:
		good = root;
		break;
	case PCIE_UPSTREAM_PORT:
		good = on_link;
		break;
	case PCIE_DOWNSTREAM_PORT:
		good = !root && above == PCIE_UPSTREAM_PORT;
		break;
	case PCIE_TO_PCI_BRIDGE:
		good = root || on_link;
		break;
	case PCI_TO_PCI_BRIDGE:
		good = root || is_conventional(above);
		break;
	}
	return good ||
	       diag_add(diags, &key->place, "%s of type %s is %s; expected it %s", bridge->name,
			type_words[kind],
			root ? "on a root bus" : "below a bridge of another kind, or no device 00",
			places[kind]);
}

/* The bus numbers of a bridge against those of another. */
static bool check_ranges(const struct node *key, const struct platform_bridge *a,
			 const struct platform_bridge *b, struct diags *diags)
{
	if (a->config.source_id == b->config.source_id)
		return diag_add(diags, &key->place, "bridge %s is there twice", a->name);
	if (a->above != b->above || (a->above == PLATFORM_ROOT_BUS && a->segment != b->segment))
		return true;
	if (a->config.secondary <= b->config.subordinate &&
	    b->config.secondary <= a->config.subordinate)
		return diag_add(
			diags, &key->place,
			"buses %02x-%02x of %s and %02x-%02x of %s overlap; expected others",
			a->config.secondary, a->config.subordinate, a->name, b->config.secondary,
			b->config.subordinate, b->name);
	return true;
}

static bool check_bridge(const struct node *key, const struct platform *platform,
			 const struct platform_bridge *bridge, struct diags *diags)
{
	const struct pcie_bridge_config *config = &bridge->config;
	const struct platform_bridge *above;

	if (bridge->above != PLATFORM_ROOT_BUS) {
		above = &platform->bridges[bridge->above];
		if (config->subordinate > above->config.subordinate)
			return diag_add(
				diags, &key->place,
				"buses %02x-%02x of %s are not within %02x-%02x of %s above it",
				config->secondary, config->subordinate, bridge->name,
				above->config.secondary, above->config.subordinate, above->name);
	}
	for (const struct platform_bridge *b = platform->bridges; b != bridge; b++)
		if (b->segment == bridge->segment && !check_ranges(key, bridge, b, diags))
			return false;
	return check_kind_place(key, platform, bridge, diags);
}

/* So that whatever leads to a bridge comes before it, loops are impossible: numbers grow downwards. */
static bool check_numbers(const struct node *key, const struct platform_bridge *bridge,
			  struct diags *diags)
{
	unsigned int bus = bus_of(bridge->config.source_id);

	return bridge->config.secondary > bus ||
	       diag_add(diags, &key->place,
			"%s is on bus %02x and leads to %02x; expected a number above its own bus",
			bridge->name, bus, bridge->config.secondary);
}

static int by_address(const void *a, const void *b)
{
	const struct platform_bridge *x = a, *y = b;

	if (x->segment != y->segment)
		return x->segment < y->segment ? -1 : 1;
	return x->config.source_id < y->config.source_id
		       ? -1
		       : x->config.source_id > y->config.source_id;
}

/* The pair of the file that a bridge was read from. */
static const struct node_pair *pair_of(const struct node *bridges,
				       const struct platform_bridge *bridge)
{
	for (size_t i = 0;; i++) {
		struct diags none = { 0 };
		u16 segment, source_id;

		node_bdf(bridges->pairs[i].key, &segment, &source_id, &none);
		if (segment == bridge->segment && source_id == bridge->config.source_id)
			return &bridges->pairs[i];
	}
}

static bool place_bridge(const struct node *bridges, struct platform *platform, size_t index,
			 struct diags *diags)
{
	struct platform_bridge *bridge = &platform->bridges[index];
	const struct node_pair *pair = pair_of(bridges, bridge);

	return find_above(pair->key, platform, bridge->segment, bridge->config.source_id,
			  &bridge->above, diags) &&
	       find_unit(pair->value, platform, bridge->above, &bridge->iommu, diags) &&
	       check_bridge(pair->key, platform, bridge, diags);
}

bool read_bridges(const struct node *root, struct platform *platform, struct diags *diags)
{
	const struct node *node = node_get(root, "bridges");
	bool good = true;

	if (!node)
		return true;
	if (node->kind != NODE_MAPPING)
		return diag_add(
			diags, &node->place,
			"expected bridges by address, as in '0000:00:1c.0: {type: root-port, "
			"buses: 01, iommu: dmar0}'");
	if (node->count > MAX_BRIDGES)
		return diag_add(diags, &node->place, "%zu bridges; expected %u at most",
				node->count, MAX_BRIDGES);
	platform->bridges = calloc(node->count + 1, sizeof(*platform->bridges));
	if (!platform->bridges)
		return out_of_memory(node, diags);
	for (size_t i = 0; i < node->count; i++)
		good = read_bridge(&node->pairs[i], platform, diags) && good;
	if (!good)
		return false;
	qsort(platform->bridges, platform->bridge_count, sizeof(*platform->bridges), by_address);
	for (size_t i = 0; i < platform->bridge_count && good; i++)
		good = check_numbers(pair_of(node, &platform->bridges[i])->key,
				     &platform->bridges[i], diags);
	for (size_t i = 0; i < platform->bridge_count && good; i++)
		good = place_bridge(node, platform, i, diags);
	return good;
}

/* ---- devices ---- */

bool place_device(const struct node_pair *pair, const struct platform *platform,
		  struct platform_device *device, struct diags *diags)
{
	u16 source_id = device->function.source_id;
	enum pcie_bridge_kind kind;

	if (!find_above(pair->key, platform, device->segment, source_id, &device->above, diags) ||
	    !find_unit(pair->value, platform, device->above, &device->iommu, diags))
		return false;
	if (device->above == PLATFORM_ROOT_BUS)
		return true;
	kind = platform->bridges[device->above].config.kind;
	device->function.kind = is_conventional(kind) ? PCIE_CONVENTIONAL : PCIE_ENDPOINT;
	if (kind == PCIE_UPSTREAM_PORT)
		return diag_add(
			diags, &pair->key->place,
			"%s is inside the switch of %s; expected only its downstream ports there",
			device->name, platform->bridges[device->above].name);
	if (has_link_below(kind) && device_of(source_id))
		return diag_add(
			diags, &pair->key->place,
			"%s is below the %s %s, which leads to one device; expected device 00",
			device->name, type_words[kind], platform->bridges[device->above].name);
	return true;
}

static bool power_of_two(u64 value)
{
	return value && !(value & (value - 1));
}

static bool ranges_meet(u64 a, u64 a_end, u64 b, u64 b_end)
{
	return a < b_end && b < a_end;
}

static bool read_bar(const struct node *node, const struct platform *platform,
		     struct pcie_function_config *function, struct diags *diags)
{
	static const char *const keys[] = { "base", "size", NULL };
	const struct node *base = node_get(node, "base"), *size = node_get(node, "size");
	u64 end;

	if (!node)
		return true;
	if (!node_check_keys(node, keys, "bar", diags))
		return false;
	if (!base || !size)
		return diag_add(
			diags, &node->place,
			"expected a base and a size, as in 'bar: {base: 0x90000000, size: 64KiB}'");
	if (!node_u64(base, &function->bar_base, true, diags) ||
	    !node_u64(size, &function->bar_size, true, diags))
		return false;
	if (!power_of_two(function->bar_size) || function->bar_size < BAR_MIN ||
	    function->bar_size > BAR_MAX || function->bar_base & (function->bar_size - 1))
		return diag_add(
			diags, &node->place,
			"expected a size that is a power of two from 4KiB to 1TiB, and a base "
			"that is a multiple of it");
	end = function->bar_base + function->bar_size;
	if (function->bar_base >> platform->memory_width || end > 1ull << platform->memory_width)
		return diag_add(diags, &node->place, "the BAR ends beyond %u bits of address",
				platform->memory_width);
	if (ranges_meet(function->bar_base, end, platform->ram_base,
			platform->ram_base + platform->ram_size) ||
	    ranges_meet(function->bar_base, end, PLATFORM_RANGE, PLATFORM_RANGE_END))
		return diag_add(diags, &node->place,
				"the BAR overlaps RAM, or registers and interrupts at "
				"0xf0000000-0xffffffff; expected another base");
	return true;
}

static bool read_alias(const struct node *node, struct platform_device *device, struct diags *diags)
{
	u16 segment, source_id;

	if (!node)
		return true;
	if (!node_bdf(node, &segment, &source_id, diags))
		return false;
	if (bus_of(source_id) != bus_of(device->function.source_id) ||
	    (strchr(node->text, ':') != strrchr(node->text, ':') && segment != device->segment))
		return diag_add(
			diags, &node->place,
			"%s is of another bus than %s; expected the requester id of a function "
			"of its own bus",
			node->text, device->name);
	device->function.has_alias = true;
	device->function.alias = (u8)source_id;
	return true;
}

bool read_device_topology(const struct node *node, const struct platform *platform,
			  struct platform_device *device, struct diags *diags)
{
	static const char *const express[] = { "pasid", "ats", "pri", "acs", "device-tlb", NULL };
	struct pcie_function_config *function = &device->function;

	for (size_t i = 0; function->kind == PCIE_CONVENTIONAL && express[i]; i++)
		if (node_get(node, express[i]))
			return diag_add(
				diags, &node_get(node, express[i])->place,
				"%s is a conventional PCI device behind %s; '%s' is for PCI "
				"Express alone",
				device->name, platform->bridges[device->above].name, express[i]);
	return read_acs(node_get(node, "acs"), ACS_OF_FUNCTIONS, &function->acs, diags) &&
	       read_bar(node_get(node, "bar"), platform, function, diags) &&
	       read_alias(node_get(node, "dma-alias"), device, diags);
}

/* ---- what holds of all together ---- */

/* A function, bridge or not. */
struct function_ref {
	const struct node *key; /* where it is named */
	const char *name;
	u16 segment, source_id;
	size_t iommu;
	int group;
	bool *multifunction;
};

/* Devices are in the order of the file. */
static struct function_ref function_ref(const struct node *root, struct platform *platform,
					size_t index)
{
	struct platform_bridge *b;
	struct platform_device *d;

	if (index >= platform->bridge_count) {
		index -= platform->bridge_count;
		d = &platform->devices[index];
		return (struct function_ref){
			.key = node_get(root, "devices")->pairs[index].key,
			.name = d->name,
			.segment = d->segment,
			.source_id = d->function.source_id,
			.iommu = d->iommu,
			.group = d->group,
			.multifunction = &d->function.multifunction,
		};
	}
	b = &platform->bridges[index];
	return (struct function_ref){
		.key = pair_of(node_get(root, "bridges"), b)->key,
		.name = b->name,
		.segment = b->segment,
		.source_id = b->config.source_id,
		.iommu = b->iommu,
		.group = b->group,
		.multifunction = &b->config.multifunction,
	};
}

/* A function against one before it: what both share must agree. */
static bool check_functions(const struct platform *platform, const struct function_ref *a,
			    const struct function_ref *b, struct diags *diags)
{
	const char *units[] = { platform->iommus[a->iommu].name, platform->iommus[b->iommu].name };

	if (a->group >= 0 && a->group == b->group && a->iommu != b->iommu)
		return diag_add(
			diags, &a->key->place,
			"%s and %s are in group %d, but behind different units ('%s' and '%s')",
			a->name, b->name, a->group, units[0], units[1]);
	if (a->segment != b->segment && a->iommu == b->iommu)
		return diag_add(
			diags, &a->key->place,
			"%s and %s are behind '%s', but of different segments; expected one segment "
			"a unit, or source ids would be ambiguous",
			a->name, b->name, units[0]);
	if (a->segment != b->segment || (a->source_id ^ b->source_id) & ~7u)
		return true;
	if (a->source_id == b->source_id)
		return diag_add(diags, &a->key->place, "%s is a bridge and a device", a->name);
	if (a->iommu != b->iommu)
		return diag_add(
			diags, &a->key->place,
			"%s and %s are functions of one device behind different units ('%s' and "
			"'%s'); expected one",
			a->name, b->name, units[0], units[1]);
	*a->multifunction = *b->multifunction = true;
	return true;
}

static bool check_all_functions(const struct platform *platform, const struct function_ref *refs,
				size_t count, struct diags *diags)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			if (!check_functions(platform, &refs[i], &refs[j], diags))
				return false;
	return true;
}

static bool bars_overlap(const struct pcie_function_config *a, const struct pcie_function_config *b)
{
	return ranges_meet(a->bar_base, a->bar_base + a->bar_size, b->bar_base,
			   b->bar_base + b->bar_size);
}

static bool check_bar(const struct platform *platform, const struct function_ref *ref, size_t index,
		      struct diags *diags)
{
	const struct platform_device *d = &platform->devices[index];

	for (size_t i = 0; d->function.bar_size && i < index; i++)
		if (bars_overlap(&d->function, &platform->devices[i].function))
			return diag_add(diags, &ref->key->place, "the BARs of %s and %s overlap",
					platform->devices[i].name, d->name);
	if (d->function.acs.capability && !d->function.multifunction)
		return diag_add(
			diags, &ref->key->place,
			"%s has ACS, but is the only function of its device; expected more of "
			"them, or ACS of the port above",
			d->name);
	return true;
}

bool finish_topology(const struct node *root, struct platform *platform, struct diags *diags)
{
	size_t count = platform->bridge_count + platform->device_count;
	struct function_ref *refs = calloc(count + 1, sizeof(*refs));
	bool good;

	if (!refs)
		return out_of_memory(root, diags);
	for (size_t i = 0; i < count; i++)
		refs[i] = function_ref(root, platform, i);
	good = check_all_functions(platform, refs, count, diags);
	for (size_t i = 0; good && i < platform->device_count; i++)
		good = check_bar(platform, &refs[platform->bridge_count + i], i, diags);
	free(refs);
	return good;
}
