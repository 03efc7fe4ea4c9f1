/* SPDX-License-Identifier: Apache-2.0 */
/* The memory and port of the fuzz targets, and requests taken from bytes. */
#include "fuzz.h"

/* So deep may calls nest: an operation in an operation in an operation. */
#define DEPTH_MAX 3

void fuzz_called(struct fuzz_world *world)
{
	if (!world->calls_left || --world->calls_left || world->depth == DEPTH_MAX)
		return;
	world->depth++;
	world->reenter(world->arg);
	world->depth--;
}

static enum port_status on_read(void *ctx, hpa_t addr, void *buf, size_t len)
{
	struct fuzz_world *world = ctx;
	enum port_status status;

	/* port.h: what a model may ask for at once */
	fuzz_require(len >= 1 && len <= 4096 && (addr.v & 4095) + len <= 4096);
	status = memory_read(world->memory, addr, buf, len);
	fuzz_called(world);
	return status;
}

static enum port_status on_write(void *ctx, hpa_t addr, const void *buf, size_t len)
{
	struct fuzz_world *world = ctx;

	fuzz_require(len >= 1 && len <= 4096 && (addr.v & 4095) + len <= 4096);
	fuzz_called(world);
	return memory_write(world->memory, addr, buf, len);
}

static enum port_status on_compare_exchange(void *ctx, hpa_t addr, u64 *expected, u64 desired)
{
	struct fuzz_world *world = ctx;
	const u64 before = *expected;
	enum port_status status;

	fuzz_require(addr.v % 8 == 0);
	fuzz_called(world);
	status = memory_compare_exchange(world->memory, addr, expected, desired);
	if (status == PORT_OK && *expected == before && desired != before)
		world->marks += (addr.v ^ desired) * 0x9e3779b97f4a7c15ULL;
	return status;
}

static void on_interrupt(void *ctx, u64 address, u32 data)
{
	struct fuzz_world *world = ctx;

	(void)address;
	(void)data;
	world->interrupts++;
	fuzz_called(world);
}

static void on_spend(void *ctx, unsigned int cycles)
{
	(void)cycles;
	fuzz_called(ctx);
}

static void on_lookup(void *ctx, enum port_lookup which, unsigned int cycles)
{
	fuzz_require(which < PORT_LOOKUP_KINDS && cycles);
	fuzz_called(ctx);
}

static void on_drain(void *ctx)
{
	fuzz_called(ctx);
}

static bool on_invalidate_device_tlb(void *ctx, const struct ats_invalidation *invalidation)
{
	struct fuzz_world *world = ctx;

	fuzz_require(!invalidation->has_pasid || invalidation->pasid < 1u << 20);
	fuzz_called(world);
	return !world->silent;
}

static void on_respond_page_group(void *ctx, const struct page_group_response *response)
{
	fuzz_require(!response->has_pasid || response->pasid < 1u << 20);
	fuzz_require(response->group < PRI_GROUPS && response->code < 16);
	fuzz_called(ctx);
}

static void on_descriptor_done(void *ctx, const u64 *descriptor)
{
	struct fuzz_world *world = ctx;

	/* type 4, of all: an SMMU has no such call */
	world->interrupt_invalidations += (descriptor[0] & 0xe1f) == 4;
	fuzz_called(world);
}

static u64 on_virtual_command(void *ctx, u64 command)
{
	fuzz_called(ctx);
	return command;
}

static void on_observe(void *ctx, const struct port_event *event)
{
	const struct fuzz_world *world = ctx;

	/* names are texts and not rubbish */
	fuzz_require(event->what && strlen(event->what) < 256);
	fuzz_require(!event->detail || strlen(event->detail) < 1024);
	fuzz_require(event->len <= sizeof(event->data));
	if (world->observe)
		world->observe(world->arg, event);
}

static const struct port_ops ops = {
	.read = on_read,
	.write = on_write,
	.compare_exchange = on_compare_exchange,
	.interrupt = on_interrupt,
	.spend = on_spend,
	.lookup = on_lookup,
	.drain = on_drain,
	.invalidate_device_tlb = on_invalidate_device_tlb,
	.respond_page_group = on_respond_page_group,
	.descriptor_done = on_descriptor_done,
	.virtual_command = on_virtual_command,
	.observe = on_observe,
};

void fuzz_world_init(struct fuzz_world *world, void (*reenter)(void *arg), void *arg)
{
	*world = (struct fuzz_world){
		.memory = memory_create(FUZZ_MEMORY_WIDTH),
		.reenter = reenter,
		.arg = arg,
	};
	fuzz_require(world->memory);
	world->port = (struct port){ .ops = &ops, .ctx = world };
}

void fuzz_world_clear(struct fuzz_world *world)
{
	memory_destroy(world->memory);
}

static void store(struct fuzz_world *world, struct fuzz_input *in)
{
	u64 page = fuzz_take(in, 1) % FUZZ_PAGES;
	u64 slot = fuzz_take(in, 2) % 512;
	u64 value = fuzz_take(in, 8);

	memory_write(world->memory, hpa(page * 4096 + slot * 8), &value, sizeof(value));
}

static void poison(struct fuzz_world *world, struct fuzz_input *in)
{
	const hpa_t address = hpa(fuzz_take(in, 1) % FUZZ_PAGES << 12);

	memory_poison(world->memory, address, fuzz_take(in, 1) & 1);
}

bool fuzz_operate(struct fuzz_world *world, struct fuzz_input *in, unsigned int operation)
{
	if (operation == FUZZ_STORE)
		store(world, in);
	else if (operation == FUZZ_POISON)
		poison(world, in);
	else if (operation == FUZZ_REENTER)
		world->calls_left = (unsigned int)fuzz_take(in, 1) % 64;
	else
		return false;
	return true;
}

struct translation_request fuzz_request(struct fuzz_input *in)
{
	unsigned int kind = (unsigned int)fuzz_take(in, 1);
	struct translation_request request = {
		.source_id = (u16)fuzz_take(in, 2),
		.has_pasid = kind & 1,
		.privileged = kind >> 1 & 1,
		.access = (enum access)(1 << (kind >> 2 & 3) % 3),
		.type = (enum address_type)((kind >> 4 & 3) % 3),
		.no_write = kind >> 6 & 1,
		.len = 4,
	};

	if (request.has_pasid)
		request.pasid = (u32)fuzz_take(in, 3) & 0xfffff;
	request.address = iova(fuzz_take(in, 8));
	/* what is written to the interrupt range matters */
	if (request.address.v >> 20 == 0xfee)
		request.data = (u32)fuzz_take(in, 4);
	return request;
}

void fuzz_check_result(const struct translation_request *request,
		       const struct translation_result *result)
{
	if (result->fault || result->blocked)
		return;
	if (request->type == ADDRESS_TRANSLATION_REQUEST) {
		if (result->ats_status == ATS_SUCCESS)
			fuzz_require(ats_rights(result->completion) == result->rights);
		return;
	}
	if (result->interrupt)
		return;
	fuzz_require(result->page_size >= 4096);
	fuzz_require((result->page_size & (result->page_size - 1)) == 0);
	fuzz_require((result->address.v ^ request->address.v) % 4096 == 0);
	/* VT-d: to execute is to read, and whether it was asked for counts with PASID alone; an SMMU's page may be for that only */
	if (request->access == ACCESS_EXECUTE)
		fuzz_require(result->rights & (ACCESS_READ | ACCESS_EXECUTE));
	else
		fuzz_require(result->rights & (unsigned int)request->access);
}

void fuzz_put_store(struct fuzz_seed *seed, u64 address, u64 value)
{
	fuzz_put(seed, FUZZ_STORE, 1);
	fuzz_put(seed, address >> 12, 1);
	fuzz_put(seed, (address & 0xfff) / 8, 2);
	fuzz_put(seed, value, 8);
}

void fuzz_put_reenter(struct fuzz_seed *seed, unsigned int call)
{
	fuzz_put(seed, FUZZ_REENTER, 1);
	fuzz_put(seed, call, 1);
}

void fuzz_put_request(struct fuzz_seed *seed, unsigned int operation, unsigned int kind,
		      u64 address)
{
	fuzz_put(seed, operation, 1);
	fuzz_put(seed, kind, 1);
	fuzz_put(seed, 0, 2);
	if (kind & 1)
		fuzz_put(seed, 0, 3);
	fuzz_put(seed, address, 8);
	if (address >> 20 == 0xfee)
		fuzz_put(seed, 0, 4);
}
