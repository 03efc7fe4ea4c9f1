// SPDX-License-Identifier: Apache-2.0
/*
 * Config space of a function: a Type 0 header with a BAR, the PCI Express capability of an endpoint, and
 * PASID, ATS, Page Request and ACS as configured. DMA is left to dma.c.
 */
#include "pcie-function.h"

#include <stdlib.h>
#include <string.h>

#define CLASS_PROCESSING_ACCELERATOR 0x12000000u

/* 7.5.1.2.1 Base Address Registers: one of 64 bits, prefetchable */
#define HEADER_BAR 0x10
#define BAR_64_BITS 4u
#define BAR_PREFETCHABLE 8u
#define BAR_FLAGS MASK(3, 0)

/* 7.5.3.2 PCI Express Capabilities Register: the type of a function */
#define TYPE_ENDPOINT 0
#define TYPE_ROOT_INTEGRATED 9
#define DEVICE_CAPABILITIES (PCIE_CAPABILITY + 0x04)
#define DEVICE_CAPABILITIES_ROLE_BASED_ERRORS MASK(15, 15)
#define DEVICE_CAPABILITIES_FLR MASK(28, 28)
#define DEVICE_CONTROL (PCIE_CAPABILITY + 0x08)
#define DEVICE_CONTROL_WRITABLE MASK(14, 0)
#define DEVICE_CONTROL_RESET 0x2810u /* relaxed ordering, no snoop, 512-byte read requests */
#define DEVICE_CONTROL_INITIATE_FLR MASK(15, 15)
#define DEVICE_STATUS_ERRORS (MASK(3, 0) << HIGH_HALF)
#define DEVICE_CAPABILITIES_2 (PCIE_CAPABILITY + 0x24)
#define DEVICE_CAPABILITIES_2_TLP_PREFIX MASK(21, 21)
#define DEVICE_CAPABILITIES_2_ONE_PREFIX (1u << 22)
#define DEVICE_CONTROL_2 (PCIE_CAPABILITY + 0x28)
#define DEVICE_CONTROL_2_WRITABLE MASK(15, 0)

#define EXTENDED_STRIDE 0x10u
#define EXTENDED_NEXT_SHIFT 20
#define EXTENDED_ID_ATS 0x0fu
#define EXTENDED_ID_PRI 0x13u
#define EXTENDED_ID_PASID 0x1bu

/* 7.8.9 PASID: capability register 15:0, control register 31:16 of the word at 4 */
#define PASID_REGISTERS 0x04
#define PASID_EXECUTE MASK(1, 1) /* same bit in capability and control */
#define PASID_PRIVILEGED MASK(2, 2)
#define PASID_WIDTH_SHIFT 8
#define PASID_WIDTH MASK(12, 8)
#define PASID_ENABLE MASK(0, 0)
#define PASID_WIDTH_MAX 20

/* 10.5.1 ATS: capability register 15:0, control register 31:16 of the word at 4 */
#define ATS_REGISTERS 0x04
#define ATS_QUEUE_DEPTH_MAX 32 /* as 0 */
#define ATS_PAGE_ALIGNED MASK(5, 5)
#define ATS_STU MASK(4, 0)
#define ATS_ENABLE MASK(15, 15)

static struct pcie_config_word *word_at(struct pcie_function *function, unsigned int offset)
{
	return &function->words[offset / 4];
}

static u32 value_at(const struct pcie_function *function, unsigned int offset)
{
	return function->words[offset / 4].value;
}

static void build(struct pcie_function *function, struct config_register reg)
{
	pcie_word_build(function->words, reg);
}

static const struct config_register common_registers[] = {
	{ HEADER_COMMAND, 0, COMMAND_WRITABLE, STATUS_ERRORS },
	{ HEADER_CLASS, CLASS_PROCESSING_ACCELERATOR, 0, 0 },
	{ HEADER_CACHE_LINE, 0, MASK(7, 0), 0 },
	{ HEADER_INTERRUPT, 0, MASK(7, 0), 0 },
};

static const struct config_register express_registers[] = {
	{ HEADER_CAPABILITIES, PCIE_CAPABILITY, 0, 0 },
	{ DEVICE_CAPABILITIES, DEVICE_CAPABILITIES_FLR | DEVICE_CAPABILITIES_ROLE_BASED_ERRORS, 0,
	  0 },
	{ DEVICE_CONTROL, DEVICE_CONTROL_RESET, DEVICE_CONTROL_WRITABLE, DEVICE_STATUS_ERRORS },
	{ DEVICE_CONTROL_2, 0, DEVICE_CONTROL_2_WRITABLE, 0 },
};

/* Opens an extended capability after the last one; returns its offset. */
static unsigned int add_extended(struct pcie_function *function, unsigned int *last, u32 id)
{
	unsigned int offset = *last ? *last + EXTENDED_STRIDE : EXTENDED_START;

	if (*last)
		word_at(function, *last)->value |= offset << EXTENDED_NEXT_SHIFT;
	build(function, (struct config_register){ offset, id | EXTENDED_VERSION_1, 0, 0 });
	*last = offset;
	return offset;
}

static void build_pasid(struct pcie_function *function, unsigned int *last)
{
	const struct pcie_function_config *config = &function->config;
	unsigned int width = config->pasid_width ? config->pasid_width : PASID_WIDTH_MAX;
	u32 features = (config->pasid_execute ? PASID_EXECUTE : 0) |
		       (config->pasid_privileged ? PASID_PRIVILEGED : 0);

	function->pasid_offset = add_extended(function, last, EXTENDED_ID_PASID);
	build(function, (struct config_register){
				.offset = function->pasid_offset + PASID_REGISTERS,
				.value = features | width << PASID_WIDTH_SHIFT,
				.writable = (features | PASID_ENABLE) << HIGH_HALF,
			});
	/* the PASID travels in an end-to-end TLP prefix */
	build(function, (struct config_register){ .offset = DEVICE_CAPABILITIES_2,
						  .value = DEVICE_CAPABILITIES_2_TLP_PREFIX |
							   DEVICE_CAPABILITIES_2_ONE_PREFIX });
}

static void build_ats(struct pcie_function *function, unsigned int *last)
{
	function->ats_offset = add_extended(function, last, EXTENDED_ID_ATS);
	build(function, (struct config_register){
				.offset = function->ats_offset + ATS_REGISTERS,
				.value = function->config.ats_queue_depth % ATS_QUEUE_DEPTH_MAX |
					 ATS_PAGE_ALIGNED,
				.writable = (ATS_ENABLE | ATS_STU) << HIGH_HALF,
			});
}

static void build_pri(struct pcie_function *function, unsigned int *last)
{
	unsigned int offset = add_extended(function, last, EXTENDED_ID_PRI);

	function->pri_offset = offset;
	build(function,
	      (struct config_register){
		      .offset = offset + PRI_REGISTERS,
		      .value = PRI_STOPPED | (function->config.pasid ? PRI_RESPONSE_PASID : 0),
		      .writable = PRI_ENABLE,
		      .clearable = PRI_RESPONSE_FAILURE_RECEIVED | PRI_UNEXPECTED_GROUP,
	      });
	build(function, (struct config_register){ .offset = offset + PRI_CAPACITY,
						  .value = PRI_CAPACITY_REQUESTS });
	build(function, (struct config_register){ .offset = offset + PRI_ALLOCATION,
						  .writable = MASK(31, 0) });
}

static void build_acs(struct pcie_function *function, unsigned int *last)
{
	unsigned int offset = add_extended(function, last, EXTENDED_ID_ACS);

	pcie_acs_build(function->words, offset, function->config.acs);
	function->node.acs = word_at(function, offset);
}

static void build_bar(struct pcie_function *function)
{
	u64 writable = ~(function->config.bar_size - 1);

	build(function, (struct config_register){
				.offset = HEADER_BAR,
				.value = BAR_64_BITS | BAR_PREFETCHABLE,
				.writable = (u32)writable,
			});
	build(function, (struct config_register){ .offset = HEADER_BAR + 4,
						  .writable = (u32)(writable >> 32) });
}

static void build_express(struct pcie_function *function)
{
	u32 type = function->config.kind == PCIE_ENDPOINT ? TYPE_ENDPOINT : TYPE_ROOT_INTEGRATED;
	size_t i;

	word_at(function, HEADER_COMMAND)->value |= STATUS_CAPABILITIES;
	build(function,
	      (struct config_register){ .offset = PCIE_CAPABILITY,
					.value = PCIE_CAPABILITY_ID | PCIE_CAPABILITY_VERSION |
						 PCIE_TYPE(type) });
	for (i = 0; i < sizeof(express_registers) / sizeof(express_registers[0]); i++)
		build(function, express_registers[i]);
}

static void build_config_space(struct pcie_function *function)
{
	const struct pcie_function_config *config = &function->config;
	unsigned int last = 0;
	size_t i;

	build(function, (struct config_register){ .offset = HEADER_ID,
						  .value = config->vendor_id |
							   (u32)config->device_id << HIGH_HALF });
	for (i = 0; i < sizeof(common_registers) / sizeof(common_registers[0]); i++)
		build(function, common_registers[i]);
	if (config->multifunction)
		word_at(function, HEADER_CACHE_LINE)->value |= HEADER_TYPE_MULTIFUNCTION;
	if (config->bar_size)
		build_bar(function);
	if (config->kind != PCIE_CONVENTIONAL)
		build_express(function);
	if (config->pasid)
		build_pasid(function, &last);
	if (config->ats)
		build_ats(function, &last);
	if (config->pri)
		build_pri(function, &last);
	if (config->acs.capability)
		build_acs(function, &last);
	for (i = 0; i < PCIE_CONFIG_WORDS; i++)
		function->words[i].reset = function->words[i].value;
}

/* As firmware, or the kernel's pci_set_master(), leaves it. */
static void firmware_sets_up(struct pcie_function *function)
{
	const struct pcie_function_config *config = &function->config;

	word_at(function, HEADER_COMMAND)->value |= COMMAND_BUS_MASTER;
	if (!config->bar_size)
		return;
	word_at(function, HEADER_COMMAND)->value |= COMMAND_MEMORY_SPACE;
	word_at(function, HEADER_BAR)->value |= (u32)config->bar_base;
	word_at(function, HEADER_BAR + 4)->value = (u32)(config->bar_base >> 32);
}

struct pcie_function *pcie_function_create(const struct pcie_function_config *config,
					   const struct pcie_upstream *upstream,
					   const struct port *port)
{
	struct pcie_function *function;

	if (config->pasid_width > PASID_WIDTH_MAX || config->ats_queue_depth > ATS_QUEUE_DEPTH_MAX)
		return NULL;
	function = calloc(1, sizeof(*function));
	if (!function)
		return NULL;
	function->config = *config;
	function->upstream = *upstream;
	function->port = *port;
	function->node.source_id = config->source_id;
	if (!device_tlb_init(&function->device_tlb, &config->device_tlb)) {
		pcie_function_destroy(function);
		return NULL;
	}
	build_config_space(function);
	firmware_sets_up(function);
	return function;
}

void pcie_function_destroy(struct pcie_function *function)
{
	if (!function)
		return;
	cache_free(&function->device_tlb.cache);
	free(function);
}

u32 pcie_config_read(struct pcie_function *function, unsigned int offset, unsigned int size)
{
	return pcie_words_read(function->words, PCIE_CONFIG_USED, offset, size);
}

/* 6.6.2 Function Level Reset: the registers return to their reset values, bus master off */
static void function_level_reset(struct pcie_function *function)
{
	size_t i;

	for (i = 0; i < PCIE_CONFIG_WORDS; i++)
		function->words[i].value = function->words[i].reset;
	pcie_ats_switched(function);
	pcie_pri_reset(function);
}

static void software_error(struct pcie_function *function, const char *rule)
{
	struct port_event event = {
		.kind = PORT_EVENT_SOFTWARE_ERROR,
		.what = "PCIe config write",
		.detail = rule,
		.input = function->config.source_id,
	};

	port_observe(&function->port, &event);
}

/* Writes whose outcome the specification leaves undefined; they are done, and told. */
static void report_undefined(struct pcie_function *function, unsigned int offset, u32 changed)
{
	if (function->pasid_offset && offset == function->pasid_offset + PASID_REGISTERS &&
	    changed && function->ats_offset &&
	    value_at(function, function->ats_offset + ATS_REGISTERS) & ATS_ENABLE << HIGH_HALF)
		software_error(function, "PASID control changed while ATS is enabled");
	if (function->pri_offset && offset == function->pri_offset + PRI_ALLOCATION && changed &&
	    value_at(function, function->pri_offset + PRI_REGISTERS) & PRI_ENABLE)
		software_error(function, "page request allocation changed while it is enabled");
}

void pcie_config_write(struct pcie_function *function, unsigned int offset, unsigned int size,
		       u32 value)
{
	struct pcie_config_word *word;
	u32 written, old;

	if (!pcie_access_legal(offset, size) || offset >= PCIE_CONFIG_USED)
		return;
	word = word_at(function, offset);
	old = word->value;
	written = pcie_word_write(word, offset, size, value);
	offset -= offset % 4;
	report_undefined(function, offset, old ^ word->value);
	/* 10.5.1.3: what was translated before the switch is not to be used after it */
	if (function->ats_offset && offset == function->ats_offset + ATS_REGISTERS &&
	    (old ^ word->value) & ATS_ENABLE << HIGH_HALF)
		pcie_ats_switched(function);
	word->value &= ~(written & word->clearable);
	if (function->pri_offset && offset == function->pri_offset + PRI_REGISTERS)
		pcie_pri_controlled(function, old, written);
	if (function->config.kind != PCIE_CONVENTIONAL && offset == DEVICE_CONTROL &&
	    written & DEVICE_CONTROL_INITIATE_FLR)
		function_level_reset(function);
}

bool pcie_decodes(const struct pcie_function *function, u64 address)
{
	u64 base = (u64)value_at(function, HEADER_BAR + 4) << 32 |
		   (value_at(function, HEADER_BAR) & ~BAR_FLAGS);

	return value_at(function, HEADER_COMMAND) & COMMAND_MEMORY_SPACE &&
	       address - base < function->config.bar_size;
}

struct pcie_controls pcie_controls(const struct pcie_function *function)
{
	struct pcie_controls controls = {
		.bus_master = value_at(function, HEADER_COMMAND) & COMMAND_BUS_MASTER,
	};
	u32 pasid;

	if (function->ats_offset)
		controls.ats = value_at(function, function->ats_offset + ATS_REGISTERS) &
			       ATS_ENABLE << HIGH_HALF;
	if (!function->pasid_offset)
		return controls;
	pasid = value_at(function, function->pasid_offset + PASID_REGISTERS);
	controls.pasid_width = (pasid & PASID_WIDTH) >> PASID_WIDTH_SHIFT;
	controls.pasid = pasid >> HIGH_HALF & PASID_ENABLE;
	controls.execute = controls.pasid && pasid >> HIGH_HALF & PASID_EXECUTE;
	controls.privileged = controls.pasid && pasid >> HIGH_HALF & PASID_PRIVILEGED;
	return controls;
}
