/* SPDX-License-Identifier: Apache-2.0 */
#include "vtd_remapper.h"

#include "gtest_c.h"

struct remapper remapper_start(struct machine *machine, unsigned int pages, u64 irta_low)
{
	struct remapper r = { .machine = machine, .table = machine_pages(machine, pages) };

	machine_write64(machine, IRTA, r.table | irta_low);
	machine_command(machine, SIRTP, true);
	machine_command(machine, IRE, true);
	return r;
}

struct remapper remapper_create_with(const struct vtd_config *config, u64 irta_low)
{
	struct machine *machine = machine_create(config, true);

	machine_queue_start(machine, true, 0);
	return remapper_start(machine, 1, irta_low);
}

struct remapper remapper_create(void)
{
	struct vtd_config config = machine_config();

	config.cap = with_field(config.cap, "cap", "PI", 1);
	config.ecap = with_field(config.ecap, "ecap", "MHMV", 15);
	return remapper_create_with(&config, 7);
}

void remapper_store(const struct remapper *r, u32 index, const u64 irte[2])
{
	machine_store(r->machine, r->table + index * 16, irte[0]);
	machine_store(r->machine, r->table + index * 16 + 8, irte[1]);
}

void remapper_plain_entry(u64 irte[2])
{
	irte[0] = irte[1] = 0;
	field_set(irte, "irte", "P", 1);
	field_set(irte, "irte", "V", 0x41);
	field_set(irte, "irte", "DST", 3 << 8);
	field_set(irte, "irte", "SID", MACHINE_DEVICE);
	field_set(irte, "irte", "SVT", 1);
}

u64 remapper_posted_entry(const struct remapper *r, u64 irte[2])
{
	u64 descriptor = machine_page(r->machine) + 0x240;

	irte[0] = irte[1] = 0;
	field_set(irte, "irte-posted", "P", 1);
	field_set(irte, "irte-posted", "IM", 1);
	field_set(irte, "irte-posted", "V", REMAPPER_VECTOR);
	field_set(irte, "irte-posted", "PDAL", (descriptor & 0xffffffff) >> 6);
	field_set(irte, "irte-posted", "PDAH", descriptor >> 32);
	machine_store(r->machine, descriptor + 32, (u64)REMAPPER_NOTICE << 16 | 7ULL << 40);
	return descriptor;
}

void remapper_store_plain(const struct remapper *r, u32 index)
{
	u64 irte[2];

	remapper_plain_entry(irte);
	remapper_store(r, index, irte);
}

u64 remappable_address(u32 handle)
{
	u64 address = 0xfee00010;

	field_set(&address, "remappable-address", "HANDLE", handle & 0x7fff);
	field_set(&address, "remappable-address", "HANDLE_HI", handle >> 15);
	return address;
}

struct translation_result remapper_send_from(const struct remapper *r, u16 device, u64 address,
					     u32 data)
{
	struct translation_request request = dma_request(ACCESS_WRITE, address);

	request.source_id = device;
	request.data = data;
	return machine_dma(r->machine, &request);
}

struct translation_result remapper_send(const struct remapper *r, u32 index)
{
	return remapper_send_from(r, MACHINE_DEVICE, remappable_address(index), 0);
}

void remapper_invalidate(const struct remapper *r, bool by_index, u32 index, unsigned int mask)
{
	u64 d[4] = { 0 };

	field_set(d, "interrupt-entry-cache-invalidate", "TYPE", 4);
	field_set(d, "interrupt-entry-cache-invalidate", "G", by_index);
	field_set(d, "interrupt-entry-cache-invalidate", "IIDX", index);
	field_set(d, "interrupt-entry-cache-invalidate", "IM", mask);
	machine_submit(r->machine, d);
	EXPECT_TRUE(machine_wait(r->machine));
}
