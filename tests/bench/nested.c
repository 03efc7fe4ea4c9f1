// SPDX-License-Identifier: Apache-2.0
/* Builds the tables with the rig of the models' tests, and a second unit beside that rig's: one that nobody counts. */
#include "nested.h"

#include "../models/plain_port.h"
#include "../models/vtd_machine.h"

#include <stdlib.h>

#define INPUT 0x7f1234500000ULL
#define GUEST 0x40000000ULL
#define HOST 0x14000000ULL
#define PASIDS_OF_TABLE 64u
#define PAGE ((u64)MODEL_PAGE_SIZE)

struct nested {
	struct machine *machine;
	struct vtd_unit *unit;
	unsigned int pages, pasids;
};

static struct vtd_config config_with(enum nested_caches caches)
{
	struct vtd_config config = machine_config();

	if (caches == NESTED_CACHES_NONE)
		machine_caches_off(&config);
	if (caches >= NESTED_CACHES_WITHOUT_IOTLB)
		config.iotlb.entries = 0;
	if (caches >= NESTED_CACHES_OF_CONTEXTS) {
		config.first_stage_pwc.entries = 0;
		config.second_stage_pwc.entries = 0;
	}
	return config;
}

static void map_pages(struct nested *nested)
{
	struct machine *m = nested->machine;

	machine_stages(m, 4, 4, true);
	for (u64 i = 0; i < nested->pages; i++) {
		machine_map_first(m, INPUT + i * PAGE, GUEST + i * PAGE, PAGE,
				  FS_P | FS_W | FS_U | FS_A | FS_D);
		machine_map_second(m, GUEST + i * PAGE, HOST + i * PAGE, PAGE, SS_R | SS_W);
	}
}

/* A directory of its own, of as many tables as it takes. */
static void bind_pasids(struct nested *nested)
{
	struct machine *m = nested->machine;
	unsigned int tables = (nested->pasids + PASIDS_OF_TABLE - 1) / PASIDS_OF_TABLE;
	u64 context[4], entry[8], pointer;
	u64 directory = machine_pages(m, (unsigned int)((tables * sizeof(u64) + PAGE - 1) / PAGE));

	machine_pasid_entry(m, entry, NESTED);
	for (unsigned int i = 0; i < tables; i++) {
		u64 table = machine_page(m);

		machine_store(m, directory + i * sizeof(u64), table | 1);
		for (unsigned int j = 0; j < PASIDS_OF_TABLE; j++)
			memory_write(m->memory, hpa(table + j * sizeof(entry)), entry,
				     sizeof(entry));
	}
	pointer = machine_context_address(m);
	memory_read(m->memory, hpa(pointer), context, sizeof(context));
	field_set(context, "context", "PASIDDIRPTR", directory);
	field_set(context, "context", "PDTS", 7); /* 2^14 tables */
	memory_write(m->memory, hpa(pointer), context, sizeof(context));
}

struct nested *nested_create(enum nested_caches caches, unsigned int pages, unsigned int pasids)
{
	const struct vtd_config config = config_with(caches);
	struct nested *nested = calloc(1, sizeof(*nested));
	struct machine *m = machine_create(&config, false);
	struct port port = plain_port(m->memory);

	port.direct = memory_recent(m->memory);
	nested->machine = m;
	nested->pages = pages;
	nested->pasids = pasids;
	machine_start(m, MODE_SCALABLE);
	map_pages(nested);
	bind_pasids(nested);
	/* from here on the rig has the unit that is measured */
	nested->unit = m->unit;
	m->unit = vtd_create(&config, &port);
	machine_root_pointer(m, m->root_table, MODE_SCALABLE);
	machine_command(m, 31, true);
	return nested;
}

void nested_destroy(struct nested *nested)
{
	vtd_destroy(nested->unit);
	machine_destroy(nested->machine);
	free(nested);
}

long nested_sweep(struct nested *nested)
{
	struct translation_request request = dma_with_pasid(ACCESS_READ, INPUT, 1);
	struct translation_result result;
	long reads = 0;

	for (unsigned int i = 0; i < nested->pages; i++) {
		vtd_translate(nested->machine->unit, &request, &result);
		if (result.fault)
			return -1;
		reads += result.table_reads;
		request.address.v += MODEL_PAGE_SIZE;
	}
	return reads;
}

bool nested_sweep_pasids(struct nested *nested)
{
	struct translation_request request = dma_with_pasid(ACCESS_READ, INPUT, 1);
	struct translation_result result;

	for (request.pasid = 1; request.pasid < nested->pasids; request.pasid++) {
		vtd_translate(nested->machine->unit, &request, &result);
		if (result.fault)
			return false;
	}
	return true;
}

size_t nested_touched(const struct nested *nested)
{
	return memory_pages_touched(nested->machine->memory) * MODEL_PAGE_SIZE;
}
