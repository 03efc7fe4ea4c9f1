/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host without memory: whatever allocation fails, what was to be made is not there, nothing is lost, and
 * the next try succeeds.
 */
#include "cache.h"
#include "gtest_c.h"
#include "host_memory.h"
#include "mem/memory.h"
#include "pcie/bridge.h"
#include "smmuv3/smmuv3.h"
#include "vtd_machine.h"

/* Far more than anything here allocates. */
#define ALLOCATIONS_MAX 1000u

static const struct port_ops no_ops;
static const struct port no_port = { .ops = &no_ops };

/* Makes something that is then freed; false: it could not be made. */
typedef bool (*make)(void);

static bool make_memory(void)
{
	struct memory *memory = memory_create(46);

	memory_destroy(memory);
	return memory;
}

static bool make_cache(void)
{
	const struct cache_geometry geometry = { .entries = 8, .assoc = 2 };
	struct cache cache;
	bool made = cache_init(&cache, &geometry, 8);

	cache_free(&cache);
	return made;
}

static bool make_unit(void)
{
	const struct vtd_config config = machine_config();
	struct vtd_unit *unit = vtd_create(&config, &no_port);

	vtd_destroy(unit);
	return unit;
}

static bool make_smmu(void)
{
	struct smmuv3_config config;
	struct smmuv3 *smmu;

	smmuv3_config_init(&config);
	smmu = smmuv3_create(&config, &no_port);
	smmuv3_destroy(smmu);
	return smmu;
}

static bool make_function(void)
{
	const struct pcie_function_config config = { .ats = true, .device_tlb.entries = 4 };
	const struct pcie_upstream upstream = { .access = NULL };
	struct pcie_function *function = pcie_function_create(&config, &upstream, &no_port);

	pcie_function_destroy(function);
	return function;
}

static bool make_bridge(void)
{
	const struct pcie_bridge_config config = { .secondary = 1 };
	struct pcie_bus *bus = pcie_root_bus_create();
	struct pcie_bridge *bridge = bus ? pcie_bridge_create(&config, bus) : NULL;

	pcie_bridge_destroy(bridge);
	pcie_root_bus_destroy(bus);
	return bridge;
}

struct thing_row {
	const char *name;
	make make;
};

static const struct thing_row things[] = {
	{ "memory", make_memory }, { "cache", make_cache },       { "vtd_unit", make_unit },
	{ "smmuv3", make_smmu },   { "function", make_function }, { "bridge", make_bridge },
};

TEST_WITH_NAMED_PARAMS(host_memory, a_failure_of_any_allocation_makes_nothing, struct thing_row,
		       things, name)
{
	unsigned int n;
	bool made = false;

	for (n = 0; n < ALLOCATIONS_MAX && !made; n++) {
		host_memory_fails_after(n);
		made = param->make();
		EXPECT_NE(host_memory_is_back(), made);
	}
	EXPECT_TRUE(made);
	EXPECT_GT(n, 1u);
}

/* Writes a word into fresh memory while allocation number n fails; whether that went well. */
static bool write_without(unsigned int n)
{
	struct memory *memory = memory_create(46);
	u64 value = 0x1122334455667788ULL, read = 0;
	bool written;

	host_memory_fails_after(n);
	written = memory_write(memory, hpa(0x123456000), &value, sizeof(value)) == PORT_OK;
	EXPECT_NE(host_memory_is_back(), written);
	EXPECT_EQ(memory_pages_touched(memory), written);
	/* and once more, with all that there is */
	EXPECT_EQ(memory_write(memory, hpa(0x123456000), &value, sizeof(value)), PORT_OK);
	EXPECT_EQ(memory_read(memory, hpa(0x123456000), &read, sizeof(read)), PORT_OK);
	EXPECT_EQ(read, value);
	EXPECT_EQ(memory_pages_touched(memory), 1u);
	memory_destroy(memory);
	return written;
}

TEST(host_memory, a_page_that_cannot_be_made_is_an_error_and_can_be_made_later)
{
	unsigned int n = 0;

	while (n < ALLOCATIONS_MAX && !write_without(n))
		n++;
	EXPECT_GT(n, 3u);
}

TEST(host_memory, nothing_but_a_page_fails_for_want_of_one)
{
	struct memory *memory = memory_create(46);
	const hpa_t page = hpa(0x3fffff000000);
	u64 expected = 0;

	host_memory_fails_after(0);
	EXPECT_TRUE(memory_page(memory, page) == NULL);
	EXPECT_TRUE(host_memory_is_back());
	host_memory_fails_after(0);
	EXPECT_EQ(memory_compare_exchange(memory, page, &expected, 1), PORT_ERROR);
	EXPECT_TRUE(host_memory_is_back());
	host_memory_fails_after(0);
	memory_poison(memory, page, true);
	EXPECT_TRUE(host_memory_is_back());
	EXPECT_EQ(memory_pages_touched(memory), 0u);
	EXPECT_TRUE(memory_page(memory, page) != NULL);
	memory_destroy(memory);
}
