// SPDX-License-Identifier: Apache-2.0
/*
 * Tests of a PCIe function: its config space, and the DMA it masters over real memory.
 */
#include "gtest_c.h"

#include "mem/memory.h"
#include "pcie/pcie.h"

#include <string.h>

#define SOURCE_ID 0x3a00
#define FAULT_CODE 0x71
#define PASID_ID 0x1b
#define ATS_ID 0x0f
#define PRI_ID 0x13
#define FLR (1u << 15)

/* A function above memory; the IOMMU adds offset, faults at one page, and sees interrupts. */
struct fixture {
	struct memory *mem;
	struct pcie_function *function;
	u64 offset;
	u64 faulting_page;
	struct translation_request asked; /* the last one */
	unsigned int interrupts;
	bool posts; /* interrupts go to memory, not to a processor */
	u64 interrupt_address;
	u32 interrupt_data;
	unsigned int software_errors;
};

static enum port_status read_memory(void *ctx, hpa_t addr, void *buf, size_t len)
{
	return memory_read(((struct fixture *)ctx)->mem, addr, buf, len);
}

static enum port_status write_memory(void *ctx, hpa_t addr, const void *buf, size_t len)
{
	return memory_write(((struct fixture *)ctx)->mem, addr, buf, len);
}

static enum port_status exchange(void *ctx, hpa_t addr, u64 *expected, u64 desired)
{
	return memory_compare_exchange(((struct fixture *)ctx)->mem, addr, expected, desired);
}

static void take_interrupt(void *ctx, u64 address, u32 data)
{
	struct fixture *f = ctx;

	f->interrupts++;
	f->interrupt_address = address;
	f->interrupt_data = data;
}

static void spend(void *ctx, unsigned int cycles)
{
	(void)ctx;
	(void)cycles;
}

static void observe(void *ctx, const struct port_event *event)
{
	struct fixture *f = ctx;

	f->software_errors += event->kind == PORT_EVENT_SOFTWARE_ERROR;
}

static const struct port_ops ops = {
	.read = read_memory,
	.write = write_memory,
	.compare_exchange = exchange,
	.interrupt = take_interrupt,
	.spend = spend,
	.observe = observe,
};

static void translate(struct fixture *f, const struct translation_request *request,
		      struct translation_result *result)
{
	f->asked = *request;
	*result = (struct translation_result){
		.address = hpa(request->address.v + f->offset),
		.page_size = 4096,
		.rights = ACCESS_READ | ACCESS_WRITE,
		.table_reads = 3,
	};
	if (f->faulting_page && request->address.v >> 12 == f->faulting_page)
		*result = (struct translation_result){ .fault = FAULT_CODE, .table_reads = 2 };
	if (request->address.v >> 20 == 0xfee) {
		result->address = hpa(request->address.v);
		result->interrupt = true;
		result->data = ~request->data;
		result->posted = f->posts;
		result->silent = f->posts;
	}
}

static void access_memory(void *ctx, struct pcie_transaction *transaction)
{
	const struct port port = { .ops = &ops, .ctx = ctx };

	translate(ctx, &transaction->request, &transaction->result);
	pcie_complete(&port, transaction);
}

static const struct pcie_function_config everything = {
	.source_id = SOURCE_ID,
	.vendor_id = 0x8086,
	.device_id = 0x0b25,
	.pasid = true,
	.pasid_execute = true,
	.pasid_privileged = true,
	.ats = true,
	.pri = true,
};

static void fixture_create(struct fixture *f, const struct pcie_function_config *config)
{
	const struct pcie_upstream upstream = { .access = access_memory, .ctx = f };
	const struct port port = { .ops = &ops, .ctx = f };

	*f = (struct fixture){ .mem = memory_create(40), .offset = 0x100000 };
	f->function = pcie_function_create(config, &upstream, &port);
}

static void fixture_destroy(struct fixture *f)
{
	pcie_function_destroy(f->function);
	memory_destroy(f->mem);
}

static u32 cfg_read(struct fixture *f, unsigned int offset, unsigned int size)
{
	return pcie_config_read(f->function, offset, size);
}

static void cfg_write(struct fixture *f, unsigned int offset, unsigned int size, u32 value)
{
	pcie_config_write(f->function, offset, size, value);
}

/* As software finds it: from 0x100 along the next pointers. 0: absent. */
static unsigned int extended_capability(struct fixture *f, u32 id)
{
	unsigned int offset = 0x100;

	for (int i = 0; offset && i < 16; i++) {
		u32 header = cfg_read(f, offset, 4);

		if ((header & 0xffff) == id)
			return offset;
		offset = header >> 20;
	}
	return 0;
}

static unsigned int pcie_capability(struct fixture *f)
{
	unsigned int offset = cfg_read(f, 0x34, 1);

	EXPECT_EQ(cfg_read(f, offset, 1), 0x10u);
	return offset;
}

static void enable_pasid(struct fixture *f, u32 control)
{
	cfg_write(f, extended_capability(f, PASID_ID) + 6, 2, control);
}

TEST(pcie_config, header_is_type_0_with_a_pci_express_capability)
{
	struct fixture f;

	fixture_create(&f, &everything);
	EXPECT_EQ(cfg_read(&f, 0, 4), 0x0b258086u);
	EXPECT_EQ(cfg_read(&f, 0, 2), 0x8086u);
	EXPECT_EQ(cfg_read(&f, 2, 2), 0x0b25u);
	EXPECT_EQ(cfg_read(&f, 0x0e, 1), 0u);
	EXPECT_EQ(cfg_read(&f, 6, 2) & 0x10, 0x10u);
	/* version 2, root-complex integrated endpoint, able of function-level reset */
	EXPECT_EQ(cfg_read(&f, pcie_capability(&f) + 2, 2), 0x92u);
	EXPECT_EQ(cfg_read(&f, pcie_capability(&f) + 1, 1), 0u);
	EXPECT_EQ(cfg_read(&f, pcie_capability(&f) + 4, 4) & 1u << 28, 1u << 28);
	fixture_destroy(&f);
}

TEST(pcie_config, wrong_accesses_read_ones_and_write_nothing)
{
	struct fixture f;

	fixture_create(&f, &everything);
	EXPECT_EQ(cfg_read(&f, 1, 2), ~0u);
	EXPECT_EQ(cfg_read(&f, 2, 4), ~0u);
	EXPECT_EQ(cfg_read(&f, 0, 3), ~0u);
	EXPECT_EQ(cfg_read(&f, 0, 8), ~0u);
	EXPECT_EQ(cfg_read(&f, 4096, 1), ~0u);
	EXPECT_EQ(cfg_read(&f, ~0u & ~3u, 4), ~0u);
	EXPECT_EQ(cfg_read(&f, 4092, 4), 0u);
	cfg_write(&f, 5, 2, 0);
	cfg_write(&f, 4096, 4, ~0u);
	cfg_write(&f, 0x800, 4, ~0u);
	EXPECT_EQ(cfg_read(&f, 0x800, 4), 0u);
	EXPECT_EQ(cfg_read(&f, 4, 2), 4u);
	fixture_destroy(&f);
}

TEST(pcie_config, read_only_bits_stay)
{
	struct fixture f;

	fixture_create(&f, &everything);
	for (unsigned int offset = 0; offset < 0x200; offset += 4) {
		u32 before = cfg_read(&f, offset, 4);

		if (offset == pcie_capability(&f) + 8)
			continue; /* would reset the function */
		cfg_write(&f, offset, 4, ~0u);
		cfg_write(&f, offset, 4, 0);
		/* what has no writable bit is as before; the others have gone to zero or back */
		EXPECT_EQ(cfg_read(&f, offset, 4) & ~before, 0u);
	}
	EXPECT_EQ(cfg_read(&f, 0, 4), 0x0b258086u);
	EXPECT_EQ(cfg_read(&f, 0x34, 4), 0x40u);
	EXPECT_EQ(cfg_read(&f, 0x10, 4), 0u);
	fixture_destroy(&f);
}

TEST(pcie_config, extended_capabilities_are_those_configured)
{
	struct pcie_function_config config = everything;
	struct fixture f;

	for (unsigned int set = 0; set < 8; set++) {
		config.pasid = set & 1;
		config.ats = set & 2;
		config.pri = set & 4;
		fixture_create(&f, &config);
		EXPECT_EQ(extended_capability(&f, PASID_ID) != 0, config.pasid);
		EXPECT_EQ(extended_capability(&f, ATS_ID) != 0, config.ats);
		EXPECT_EQ(extended_capability(&f, PRI_ID) != 0, config.pri);
		if (!set)
			EXPECT_EQ(cfg_read(&f, 0x100, 4), 0u);
		/* end-to-end TLP prefixes carry PASIDs */
		EXPECT_EQ(cfg_read(&f, pcie_capability(&f) + 0x24, 4) >> 21 & 1, config.pasid);
		fixture_destroy(&f);
	}
}

TEST(pcie_config, pasid_capability_tells_width_and_features)
{
	struct pcie_function_config config = everything;
	struct fixture f;

	fixture_create(&f, &config);
	EXPECT_EQ(cfg_read(&f, extended_capability(&f, PASID_ID) + 4, 2), 20u << 8 | 6);
	fixture_destroy(&f);

	config.pasid_width = 16;
	config.pasid_execute = false;
	fixture_create(&f, &config);
	EXPECT_EQ(cfg_read(&f, extended_capability(&f, PASID_ID) + 4, 2), 16u << 8 | 4);
	/* what is not supported cannot be enabled */
	enable_pasid(&f, 7);
	EXPECT_EQ(cfg_read(&f, extended_capability(&f, PASID_ID) + 6, 2), 5u);
	fixture_destroy(&f);
}

TEST(pcie_config, ats_capability_tells_the_queue_depth_and_takes_stu)
{
	struct pcie_function_config config = everything;
	struct fixture f;
	unsigned int ats;

	fixture_create(&f, &config);
	EXPECT_EQ(cfg_read(&f, extended_capability(&f, ATS_ID) + 4, 2) & 0x1f, 0u);
	fixture_destroy(&f);

	config.ats_queue_depth = 8;
	fixture_create(&f, &config);
	ats = extended_capability(&f, ATS_ID);
	EXPECT_EQ(cfg_read(&f, ats + 4, 2), 0x28u);
	cfg_write(&f, ats + 6, 2, 0x8003);
	EXPECT_EQ(cfg_read(&f, ats + 6, 2), 0x8003u);
	EXPECT_EQ(cfg_read(&f, ats + 4, 2), 0x28u);
	fixture_destroy(&f);
}

TEST(pcie_config, page_requests_are_stopped_while_disabled)
{
	struct fixture f;
	unsigned int pri;

	fixture_create(&f, &everything);
	pri = extended_capability(&f, PRI_ID);
	EXPECT_EQ(cfg_read(&f, pri + 6, 2), 0x8100u);
	EXPECT_EQ(cfg_read(&f, pri + 8, 4), 32u);
	cfg_write(&f, pri + 12, 4, 16);
	cfg_write(&f, pri + 4, 2, 1);
	EXPECT_EQ(cfg_read(&f, pri + 4, 4), 0x80000001u);
	EXPECT_EQ(cfg_read(&f, pri + 12, 4), 16u);
	cfg_write(&f, pri + 4, 2, 0);
	EXPECT_EQ(cfg_read(&f, pri + 6, 2), 0x8100u);
	/* the reset bit reads as zero */
	cfg_write(&f, pri + 4, 2, 2);
	EXPECT_EQ(cfg_read(&f, pri + 4, 2), 0u);
	fixture_destroy(&f);
}

TEST(pcie_config, undefined_changes_are_reported)
{
	struct fixture f;
	unsigned int pri, ats;

	fixture_create(&f, &everything);
	pri = extended_capability(&f, PRI_ID);
	ats = extended_capability(&f, ATS_ID);
	enable_pasid(&f, 1);
	cfg_write(&f, ats + 6, 2, 0x8000);
	EXPECT_EQ(f.software_errors, 0u);
	enable_pasid(&f, 1);
	EXPECT_EQ(f.software_errors, 0u);
	enable_pasid(&f, 0);
	EXPECT_EQ(f.software_errors, 1u);
	cfg_write(&f, pri + 4, 2, 1);
	cfg_write(&f, pri + 12, 4, 5);
	EXPECT_EQ(f.software_errors, 2u);
	fixture_destroy(&f);
}

TEST(pcie_config, function_level_reset_disables_everything)
{
	struct fixture f;
	unsigned int control;

	fixture_create(&f, &everything);
	control = pcie_capability(&f) + 8;
	enable_pasid(&f, 7);
	cfg_write(&f, extended_capability(&f, ATS_ID) + 6, 2, 0x8000);
	cfg_write(&f, extended_capability(&f, PRI_ID) + 4, 2, 1);
	cfg_write(&f, control, 2, 0x5000 | FLR);
	EXPECT_EQ(cfg_read(&f, control, 2), 0x2810u);
	EXPECT_EQ(cfg_read(&f, extended_capability(&f, PASID_ID) + 6, 2), 0u);
	EXPECT_EQ(cfg_read(&f, extended_capability(&f, ATS_ID) + 6, 2), 0u);
	EXPECT_EQ(cfg_read(&f, extended_capability(&f, PRI_ID) + 4, 4), 0x81000000u);
	EXPECT_EQ(cfg_read(&f, 4, 2), 0u);
	EXPECT_EQ(cfg_read(&f, 0, 4), 0x0b258086u);
	fixture_destroy(&f);
}

TEST(pcie_config, impossible_functions_are_not_made)
{
	struct pcie_function_config config = everything;
	struct fixture f;

	config.pasid_width = 21;
	fixture_create(&f, &config);
	EXPECT_TRUE(f.function == NULL);
	fixture_destroy(&f);
	config.pasid_width = 20;
	config.ats_queue_depth = 33;
	fixture_create(&f, &config);
	EXPECT_TRUE(f.function == NULL);
	fixture_destroy(&f);
}

TEST(pcie_dma, reads_and_writes_are_split_at_pages)
{
	struct fixture f;
	struct dma_result result;
	u8 out[9000], in[9000];
	struct dma_request request = {
		.address = iova(0x2ffe),
		.len = sizeof(out),
		.access = ACCESS_WRITE,
	};

	fixture_create(&f, &everything);
	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = (u8)(i * 13);
	EXPECT_EQ(pcie_dma(f.function, &request, out, &result), DMA_OK);
	EXPECT_EQ(result.status, DMA_OK);
	EXPECT_EQ(result.done, sizeof(out));
	EXPECT_EQ(result.translations, 4u);
	EXPECT_EQ(result.table_reads, 12u);
	EXPECT_EQ(result.first_address.v, 0x102ffeull);
	EXPECT_EQ(result.first_page_size, 4096u);
	EXPECT_EQ(f.asked.source_id, SOURCE_ID);
	EXPECT_FALSE(f.asked.has_pasid);
	EXPECT_EQ(memory_read(f.mem, hpa(0x102ffe), in, sizeof(in)), PORT_OK);
	EXPECT_MEMEQ(in, out, sizeof(out));

	memset(in, 0, sizeof(in));
	request.access = ACCESS_READ;
	EXPECT_EQ(pcie_dma(f.function, &request, in, &result), DMA_OK);
	EXPECT_MEMEQ(in, out, sizeof(out));
	fixture_destroy(&f);
}

TEST(pcie_dma, a_fault_stops_it_and_what_was_before_is_done)
{
	struct fixture f;
	struct dma_result result;
	u8 data[8192] = { 1 };
	const struct dma_request request = {
		.address = iova(0x4800),
		.len = sizeof(data),
		.access = ACCESS_WRITE,
	};

	fixture_create(&f, &everything);
	f.faulting_page = 5;
	EXPECT_EQ(pcie_dma(f.function, &request, data, &result), DMA_FAULT);
	EXPECT_EQ(result.fault, (unsigned int)FAULT_CODE);
	EXPECT_EQ(result.fault_address.v, 0x5000ull);
	EXPECT_EQ(result.done, 0x800u);
	EXPECT_EQ(result.translations, 2u);
	EXPECT_EQ(result.table_reads, 5u);
	EXPECT_EQ(result.first_address.v, 0x104800ull);
	EXPECT_EQ(memory_pages_touched(f.mem), 1u);
	fixture_destroy(&f);
}

TEST(pcie_dma, memory_that_is_not_there_is_a_bus_error)
{
	struct fixture f;
	struct dma_result result;
	u8 data[16] = { 0 };
	struct dma_request request = { .address = iova(0x1000), .len = 16, .access = ACCESS_READ };

	fixture_create(&f, &everything);
	memory_poison(f.mem, hpa(0x101000), true);
	EXPECT_EQ(pcie_dma(f.function, &request, data, &result), DMA_BUS_ERROR);
	EXPECT_EQ(result.done, 0u);
	request.access = ACCESS_WRITE;
	EXPECT_EQ(pcie_dma(f.function, &request, data, &result), DMA_OK);
	f.offset = 1ULL << 40;
	EXPECT_EQ(pcie_dma(f.function, &request, data, &result), DMA_BUS_ERROR);
	fixture_destroy(&f);
}

TEST(pcie_dma, an_interrupt_message_does_not_reach_memory)
{
	struct fixture f;
	struct dma_result result;
	u32 data = 0x4041;
	struct dma_request request = {
		.address = iova(0xfee01000),
		.len = 4,
		.access = ACCESS_WRITE,
	};

	fixture_create(&f, &everything);
	EXPECT_EQ(pcie_dma(f.function, &request, &data, &result), DMA_OK);
	EXPECT_EQ(f.interrupts, 1u);
	EXPECT_EQ(f.interrupt_address, 0xfee01000ull);
	/* the message is what the IOMMU made of the data, which stay the function's */
	EXPECT_EQ(f.interrupt_data, ~0x4041u);
	EXPECT_EQ(data, 0x4041u);
	EXPECT_EQ(f.asked.len, 4u);
	EXPECT_EQ(result.done, 4u);
	EXPECT_EQ(memory_pages_touched(f.mem), 0u);
	/* one that was posted is done */
	f.posts = true;
	EXPECT_EQ(pcie_dma(f.function, &request, &data, &result), DMA_OK);
	EXPECT_EQ(f.interrupts, 1u);
	EXPECT_EQ(memory_pages_touched(f.mem), 0u);
	fixture_destroy(&f);
}

struct support_row {
	const char *name;
	struct dma_request request;
	u32 pasid_control;
	bool bus_master_off;
	enum dma_status status;
};

#define DMA_AT(...)                                                                 \
	{                                                                           \
		.address = { 0x1000 }, .len = 4, .access = ACCESS_READ, __VA_ARGS__ \
	}

/* the function has 8-bit PASIDs */
static const struct support_row support[] = {
	{ "without_pasid", DMA_AT(.has_pasid = false), 0, false, DMA_OK },
	{ "bus_master_off", DMA_AT(.has_pasid = false), 0, true, DMA_UNSUPPORTED },
	{ "privileged_without_pasid", DMA_AT(.privileged = true), 7, false, DMA_UNSUPPORTED },
	{ "execute_without_pasid",
	  { { 0x1000 }, 4, ACCESS_EXECUTE, false, 0, false },
	  7,
	  false,
	  DMA_UNSUPPORTED },
	{ "pasid_not_enabled", DMA_AT(.has_pasid = true, .pasid = 5), 0, false, DMA_UNSUPPORTED },
	{ "pasid_not_enabled_but_modes", DMA_AT(.has_pasid = true, .pasid = 5), 6, false,
	  DMA_UNSUPPORTED },
	{ "pasid_enabled", DMA_AT(.has_pasid = true, .pasid = 5), 1, false, DMA_OK },
	{ "pasid_widest", DMA_AT(.has_pasid = true, .pasid = 255), 1, false, DMA_OK },
	{ "pasid_too_wide", DMA_AT(.has_pasid = true, .pasid = 256), 1, false, DMA_UNSUPPORTED },
	{ "privileged_enabled", DMA_AT(.has_pasid = true, .privileged = true), 5, false, DMA_OK },
	{ "privileged_not_enabled", DMA_AT(.has_pasid = true, .privileged = true), 1, false,
	  DMA_UNSUPPORTED },
	{ "execute_enabled", { { 0x1000 }, 4, ACCESS_EXECUTE, true, 0, false }, 3, false, DMA_OK },
	{ "execute_not_enabled",
	  { { 0x1000 }, 4, ACCESS_EXECUTE, true, 0, false },
	  5,
	  false,
	  DMA_UNSUPPORTED },
	{ "no_bytes", { { 0x1000 }, 0, ACCESS_READ, false, 0, false }, 0, false, DMA_UNSUPPORTED },
	{ "beyond_the_address_space",
	  { { ~0ULL }, 2, ACCESS_READ, false, 0, false },
	  0,
	  false,
	  DMA_UNSUPPORTED },
};

TEST_WITH_PARAMS(pcie_dma, obeys_command_and_pasid_control, struct support_row, support)
{
	struct pcie_function_config config = everything;
	struct dma_result result;
	struct fixture f;
	u8 data[4];

	config.pasid_width = 8;
	fixture_create(&f, &config);
	enable_pasid(&f, param->pasid_control);
	if (param->bus_master_off)
		cfg_write(&f, 4, 2, 0);
	EXPECT_EQ(pcie_dma(f.function, &param->request, data, &result), param->status);
	EXPECT_EQ(result.translations, param->status == DMA_OK);
	if (param->status == DMA_OK) {
		EXPECT_EQ(f.asked.has_pasid, param->request.has_pasid);
		EXPECT_EQ(f.asked.pasid, param->request.pasid);
		EXPECT_EQ(f.asked.privileged, param->request.privileged);
		EXPECT_EQ(f.asked.access, param->request.access);
	}
	fixture_destroy(&f);
}

TEST(pcie_dma, a_function_without_the_capability_sends_no_pasid)
{
	struct pcie_function_config config = { .source_id = SOURCE_ID };
	const struct dma_request request = DMA_AT(.has_pasid = true, .pasid = 1);
	struct dma_result result;
	struct fixture f;
	u8 data[4];

	fixture_create(&f, &config);
	EXPECT_EQ(pcie_dma(f.function, &request, data, &result), DMA_UNSUPPORTED);
	fixture_destroy(&f);
	pcie_function_destroy(NULL);
}

TEST(pcie_dma, after_a_function_level_reset_pasid_and_bus_mastering_must_be_enabled_again)
{
	const struct dma_request request = DMA_AT(.has_pasid = true, .pasid = 1);
	struct dma_result result;
	struct fixture f;
	u8 data[4];

	fixture_create(&f, &everything);
	enable_pasid(&f, 1);
	EXPECT_EQ(pcie_dma(f.function, &request, data, &result), DMA_OK);
	cfg_write(&f, pcie_capability(&f) + 8, 2, FLR);
	EXPECT_EQ(pcie_dma(f.function, &request, data, &result), DMA_UNSUPPORTED);
	cfg_write(&f, 4, 2, 4);
	EXPECT_EQ(pcie_dma(f.function, &request, data, &result), DMA_UNSUPPORTED);
	enable_pasid(&f, 1);
	EXPECT_EQ(pcie_dma(f.function, &request, data, &result), DMA_OK);
	fixture_destroy(&f);
}

TEST(pcie_dma, what_a_unit_blocks_without_a_fault_is_an_error_of_the_access)
{
	struct pcie_transaction transaction = {
		.request = { .access = ACCESS_WRITE },
		.result = { .blocked = true },
		.status = PORT_OK,
	};
	static const struct port_ops nothing;
	const struct port port = { .ops = &nothing };

	pcie_complete(&port, &transaction);
	EXPECT_EQ(transaction.status, PORT_ERROR);
}
