/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rig of ats_rig.h.
 */
#include <string.h>

#include "ats_rig.h"
#include "gtest_c.h"

#define ATS_CONTROL 0x116 /* behind the PASID capability at 0x100 */
#define PASID_CONTROL 0x106
#define PRI_CONTROL 0x124
#define PRI_ALLOCATION 0x12c

static enum port_status read_memory(void *ctx, hpa_t address, void *buf, size_t len)
{
	return memory_read(((struct ats_rig *)ctx)->machine->memory, address, buf, len);
}

static enum port_status write_memory(void *ctx, hpa_t address, const void *buf, size_t len)
{
	return memory_write(((struct ats_rig *)ctx)->machine->memory, address, buf, len);
}

static void take_interrupt(void *ctx, u64 address, u32 data)
{
	struct ats_rig *rig = ctx;

	rig->machine->interrupts++;
	rig->machine->interrupt_address = address;
	rig->machine->interrupt_data = data;
}

const struct port_ops ats_rig_ops = {
	.read = read_memory,
	.write = write_memory,
	.interrupt = take_interrupt,
};

void ats_rig_access(void *ctx, struct pcie_transaction *transaction)
{
	struct ats_rig *rig = ctx;
	const struct port port = { .ops = &ats_rig_ops, .ctx = rig };

	vtd_translate(rig->machine->unit, &transaction->request, &transaction->result);
	pcie_complete(&port, transaction);
	rig->last[0] = rig->last[1];
	rig->last[1] = *transaction;
	rig->sent++;
}

static unsigned int begin(void *ctx)
{
	return ((struct ats_rig *)ctx)->under_way++;
}

static void end(void *ctx, unsigned int begun)
{
	struct ats_rig *rig = ctx;

	rig->under_way--;
	EXPECT_EQ(begun, rig->under_way);
}

static void drain(void *ctx)
{
	struct ats_rig *rig = ctx;

	rig->drained_under_way = rig->under_way;
}

static void ask_for_page(void *ctx, const struct page_request *request)
{
	struct ats_rig *rig = ctx;

	rig->asked = *request;
	rig->asked_count++;
	if (!rig->lose_page_requests)
		vtd_page_request(rig->machine->unit, request);
}

static void deliver_response(struct machine *machine, const struct page_group_response *response)
{
	struct ats_rig *rig = machine->arg;

	pcie_page_group_response(rig->function, response);
}

static bool deliver(struct machine *machine, const struct ats_invalidation *invalidation)
{
	struct ats_rig *rig = machine->arg;

	return invalidation->source_id == MACHINE_DEVICE &&
	       pcie_ats_invalidate(rig->function, invalidation);
}

void ats_rig_enable(struct ats_rig *rig, bool on)
{
	pcie_config_write(rig->function, ATS_CONTROL, 2, on ? 0x8000 : 0);
}

void ats_rig_enable_pri(struct ats_rig *rig, unsigned int requests)
{
	pcie_config_write(rig->function, PRI_ALLOCATION, 4, requests);
	pcie_config_write(rig->function, PRI_CONTROL, 2, 1);
	ats_rig_set_context(rig, "PRE", 1);
	machine_write64(rig->machine, 0xd0, machine_page(rig->machine));
}

/* Sets fields of the scalable context entry, and makes them count. */
void ats_rig_set_context(struct ats_rig *rig, const char *field, u64 value)
{
	machine_set_context(rig->machine, field, value);
	machine_invalidate_all(rig->machine);
}

static struct pcie_function *make_function(struct ats_rig *rig, unsigned int entries)
{
	const struct pcie_function_config config = {
		.source_id = MACHINE_DEVICE,
		.pasid = true,
		.pasid_execute = true,
		.pasid_privileged = true,
		.ats = true,
		.pri = true,
		.device_tlb = { .entries = entries },
	};
	const struct pcie_upstream upstream = {
		.access = ats_rig_access,
		.begin = begin,
		.end = end,
		.drain = drain,
		.page_request = ask_for_page,
		.ctx = rig,
	};
	const struct port port = { .ops = &ats_rig_ops, .ctx = rig };

	return pcie_function_create(&config, &upstream, &port);
}

void ats_rig_create_with(struct ats_rig *rig, const struct vtd_config *config, unsigned int entries)
{
	*rig = (struct ats_rig){ .machine = machine_create(config, true) };
	rig->machine->arg = rig;
	rig->machine->on_invalidate = deliver;
	rig->machine->on_response = deliver_response;
	rig->function = make_function(rig, entries);
	pcie_config_write(rig->function, PASID_CONTROL, 2, 7);
	ats_rig_enable(rig, true);
}

/* A unit with an address space of that type under PASIDs 0 and 1, and a device TLB. */
void ats_rig_create(struct ats_rig *rig, unsigned int pgtt)
{
	const u64 nwfs = with_field(MACHINE_ECAP, "ecap", "NWFS", 1);
	const u64 cap = MACHINE_CAP, ecap = with_field(nwfs, "ecap", "DIT", 1);
	const struct vtd_config config = machine_config_with(cap, ecap);

	ats_rig_create_with(rig, &config, 16);
	machine_ready(rig->machine, pgtt);
	ats_rig_set_context(rig, "DTE", 1);
}

void ats_rig_destroy(struct ats_rig *rig)
{
	pcie_function_destroy(rig->function);
	machine_destroy(rig->machine);
}

static void visit(void *arg, const char *name, u64 value)
{
	struct {
		const char *name;
		u64 value;
	} *wanted = arg;

	if (!strcmp(name, wanted->name))
		wanted->value = value;
}

u64 ats_rig_counter(const struct ats_rig *rig, const char *name)
{
	struct {
		const char *name;
		u64 value;
	} wanted = { name, ~0ULL };

	pcie_visit_counters(rig->function, visit, &wanted);
	EXPECT_NE(wanted.value, ~0ULL);
	return wanted.value;
}

struct dma_result ats_rig_dma(struct ats_rig *rig, enum access access, u64 address, u32 pasid)
{
	const struct dma_request request = {
		.address = iova(address),
		.len = 8,
		.access = access,
		.has_pasid = pasid != 0,
		.pasid = pasid,
	};
	u64 data = DATA;
	struct dma_result result;

	pcie_dma(rig->function, &request, &data, &result);
	return result;
}

u64 ats_rig_read(struct ats_rig *rig, u64 address, u32 pasid)
{
	const struct dma_request request = {
		.address = iova(address),
		.len = 8,
		.access = ACCESS_READ,
		.has_pasid = pasid != 0,
		.pasid = pasid,
	};
	u64 data = 0;
	struct dma_result result;

	pcie_dma(rig->function, &request, &data, &result);
	EXPECT_EQ(result.status, DMA_OK);
	return data;
}

struct translation_result ats_rig_ask(struct ats_rig *rig,
				      const struct translation_request *request)
{
	struct translation_request question = *request;

	question.type = ADDRESS_TRANSLATION_REQUEST;
	return machine_dma(rig->machine, &question);
}

unsigned int ats_rig_recorded(struct ats_rig *rig, u64 record[2])
{
	machine_frcd(rig->machine, 0, record);
	return field_get(record, "frcd", "F") ? (unsigned int)field_get(record, "frcd", "FR") : 0;
}
