// SPDX-License-Identifier: Apache-2.0
/*
 * Buses and bridges: where they are, and a bridge's config space, a Type 1 header with its bus numbers, the PCI Express
 * capability of a port or bridge, and ACS as configured.
 */
#include "node.h"

#include <stdlib.h>

/* 7.5.1.3 Type 1 header */
#define HEADER_TYPE_BRIDGE (1u << HEADER_TYPE_SHIFT)
#define HEADER_BUSES 0x18 /* primary 7:0, secondary 15:8, subordinate 23:16 */
#define BUSES_WRITABLE MASK(23, 0)
#define SECONDARY_SHIFT 8
#define SUBORDINATE_SHIFT 16
#define CLASS_PCI_BRIDGE 0x06040000u

static const struct config_register common_registers[] = {
	{ HEADER_COMMAND, COMMAND_BUS_MASTER | COMMAND_MEMORY_SPACE, COMMAND_WRITABLE,
	  STATUS_ERRORS },
	{ HEADER_CLASS, CLASS_PCI_BRIDGE, 0, 0 },
	{ HEADER_CACHE_LINE, HEADER_TYPE_BRIDGE, MASK(7, 0), 0 },
	{ HEADER_INTERRUPT, 0, MASK(7, 0), 0 },
};

/* 7.5.3.2: by enum pcie_bridge_kind; 0: no PCI Express capability */
static const u8 express_types[] = {
	[PCIE_ROOT_PORT] = 4,     [PCIE_UPSTREAM_PORT] = 5, [PCIE_DOWNSTREAM_PORT] = 6,
	[PCIE_TO_PCI_BRIDGE] = 7, [PCI_TO_PCI_BRIDGE] = 0,
};

struct pcie_bus *pcie_root_bus_create(void)
{
	struct pcie_bus *bus = calloc(1, sizeof(*bus));

	if (bus)
		bus->root = bus;
	return bus;
}

void pcie_root_bus_destroy(struct pcie_bus *bus)
{
	free(bus);
}

static void build_express(struct pcie_bridge *bridge)
{
	u8 type = bridge->config.hidden ? 0 : express_types[bridge->config.kind];

	if (!type)
		return;
	bridge->words[HEADER_COMMAND / 4].value |= STATUS_CAPABILITIES;
	pcie_word_build(bridge->words, (struct config_register){ .offset = HEADER_CAPABILITIES,
								 .value = PCIE_CAPABILITY });
	pcie_word_build(bridge->words, (struct config_register){ .offset = PCIE_CAPABILITY,
								 .value = PCIE_CAPABILITY_ID |
									  PCIE_CAPABILITY_VERSION |
									  PCIE_TYPE(type) });
}

static void build_acs(struct pcie_bridge *bridge)
{
	pcie_word_build(bridge->words,
			(struct config_register){ .offset = EXTENDED_START,
						  .value = EXTENDED_ID_ACS | EXTENDED_VERSION_1 });
	pcie_acs_build(bridge->words, EXTENDED_START, bridge->config.acs);
	bridge->node.acs = &bridge->words[EXTENDED_START / 4];
}

static void build_config_space(struct pcie_bridge *bridge)
{
	const struct pcie_bridge_config *config = &bridge->config;
	size_t i;

	pcie_word_build(bridge->words,
			(struct config_register){ .offset = HEADER_ID,
						  .value = config->vendor_id |
							   (u32)config->device_id << HIGH_HALF });
	for (i = 0; i < sizeof(common_registers) / sizeof(common_registers[0]); i++)
		pcie_word_build(bridge->words, common_registers[i]);
	if (config->multifunction)
		bridge->words[HEADER_CACHE_LINE / 4].value |= HEADER_TYPE_MULTIFUNCTION;
	pcie_word_build(bridge->words,
			(struct config_register){
				.offset = HEADER_BUSES,
				.value = config->source_id >> 8 |
					 (u32)config->secondary << SECONDARY_SHIFT |
					 (u32)config->subordinate << SUBORDINATE_SHIFT,
				.writable = BUSES_WRITABLE,
			});
	build_express(bridge);
	if (config->acs.capability)
		build_acs(bridge);
}

struct pcie_bridge *pcie_bridge_create(const struct pcie_bridge_config *config,
				       struct pcie_bus *bus)
{
	struct pcie_bridge *bridge = calloc(1, sizeof(*bridge));

	if (!bridge)
		return NULL;
	bridge->config = *config;
	bridge->node = (struct pcie_node){ .source_id = config->source_id, .bus = bus };
	bridge->secondary = (struct pcie_bus){ .root = bus->root, .bridge = bridge };
	build_config_space(bridge);
	return bridge;
}

void pcie_bridge_destroy(struct pcie_bridge *bridge)
{
	free(bridge);
}

struct pcie_bus *pcie_bridge_bus(struct pcie_bridge *bridge)
{
	return &bridge->secondary;
}

u8 pcie_bridge_secondary(const struct pcie_bridge *bridge)
{
	return (u8)(bridge->words[HEADER_BUSES / 4].value >> SECONDARY_SHIFT);
}

u8 pcie_bridge_subordinate(const struct pcie_bridge *bridge)
{
	return (u8)(bridge->words[HEADER_BUSES / 4].value >> SUBORDINATE_SHIFT);
}

u32 pcie_bridge_config_read(const struct pcie_bridge *bridge, unsigned int offset,
			    unsigned int size)
{
	return pcie_words_read(bridge->words, PCIE_BRIDGE_USED, offset, size);
}

void pcie_bridge_config_write(struct pcie_bridge *bridge, unsigned int offset, unsigned int size,
			      u32 value)
{
	struct pcie_config_word *word;

	if (!pcie_access_legal(offset, size) || offset >= PCIE_BRIDGE_USED)
		return;
	word = &bridge->words[offset / 4];
	word->value &= ~(pcie_word_write(word, offset, size, value) & word->clearable);
}
