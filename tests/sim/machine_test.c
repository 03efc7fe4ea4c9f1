/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Machines: built from a platform, many side by side, sharing nothing and leaving nothing.
 */
#include "gtest_c.h"

#include "machine.h"

#include <stdlib.h>
#include <string.h>

#define REG_GSTS 0x1c
#define GSTS_TES (1u << 31)

static const char platform_text[] =
	"iommus: {dmar0: {model: vt-d, profile: sapphire-rapids}, smmu0: {model: smmuv3}}\n"
	"devices:\n"
	"  0000:3a:00.0: {iommu: dmar0, group: 21, pasid: true}\n"
	"  0001:01:00.0: {iommu: smmu0, group: 33, pasid: true}\n";

static struct document *document;
static struct platform *platform;

static void read_platform(void)
{
	struct diags diags = { 0 };

	document = document_parse("platform", platform_text, strlen(platform_text), &diags);
	platform = platform_read(document_root(document), &diags);
	EXPECT_EQ(diags.count, 0);
	diag_clear(&diags);
}

static void drop_platform(void)
{
	platform_free(platform);
	document_free(document);
}

static struct machine *build(const char *variant)
{
	struct machine_config config = { .platform = platform, .variant = variant };
	char *error;
	struct machine *m = machine_create(&config, &error);

	if (!m)
		ADD_FAILURE("%s", error);
	free(error);
	return m;
}

static u64 dma_read(struct machine *m, size_t device, u64 address, enum dma_status *status)
{
	struct dma_request request = { .address = { address }, .len = 8, .access = ACCESS_READ };
	struct dma_result result;
	u64 data = 0;

	*status = pcie_dma(machine_function(m, device), &request, &data, &result);
	return data;
}

TEST(machine, is_booted_with_translation_enabled)
{
	struct machine *m;

	read_platform();
	m = build("v1");
	ASSERT_TRUE(m != NULL);
	EXPECT_TRUE(machine_register_read(m, 0, REG_GSTS, 4) & GSTS_TES);
	EXPECT_TRUE(machine_platform(m) == platform);
	machine_destroy(m);
	drop_platform();
}

TEST(machine, an_unknown_kernel_variant_is_an_error_not_a_machine)
{
	struct machine_config config;
	char *error = NULL;

	read_platform();
	config = (struct machine_config){ .platform = platform, .variant = "v99" };
	EXPECT_TRUE(machine_create(&config, &error) == NULL);
	EXPECT_TRUE(error != NULL);
	free(error);
	drop_platform();
}

TEST(machine, two_side_by_side_share_no_memory_and_no_state)
{
	static const u64 value = 0x1234;
	struct machine *a, *b;
	u64 seen = ~0ULL;

	read_platform();
	a = build("v1");
	b = build("v7");
	ASSERT_TRUE(a && b);
	memory_write(machine_memory(a), hpa(0x200000000), &value, sizeof(value));
	memory_read(machine_memory(b), hpa(0x200000000), &seen, sizeof(seen));
	EXPECT_EQ(seen, 0);
	machine_destroy(a);
	EXPECT_TRUE(machine_register_read(b, 0, REG_GSTS, 4) & GSTS_TES);
	machine_destroy(b);
	drop_platform();
}

TEST(machine, a_device_that_nobody_was_given_reaches_no_memory)
{
	enum dma_status status;
	struct machine *m;

	read_platform();
	m = build("mainline");
	ASSERT_TRUE(m != NULL);
	for (size_t device = 0; device < 2; device++) {
		dma_read(m, device, 0x100000000, &status);
		EXPECT_EQ(status, DMA_FAULT);
	}
	machine_destroy(m);
	drop_platform();
}

static void count_event(void *arg, size_t unit, const struct port_event *event)
{
	unsigned int *events = arg;

	(void)event;
	events[unit]++;
}

TEST(machine, an_observer_sees_events_of_the_unit_until_it_is_taken_away)
{
	unsigned int events[2] = { 0 }, seen;
	enum dma_status status;
	struct machine *m;

	read_platform();
	m = build("v1");
	ASSERT_TRUE(m != NULL);
	machine_observe(m, count_event, events);
	dma_read(m, 0, 0x1000, &status);
	seen = events[0];
	EXPECT_GT(seen, 0u);
	EXPECT_EQ(events[1], 0u);
	machine_observe(m, NULL, NULL);
	dma_read(m, 0, 0x1000, &status);
	EXPECT_EQ(events[0], seen);
	machine_destroy(m);
	drop_platform();
}

TEST(machine, a_thousand_are_made_and_destroyed)
{
	read_platform();
	for (unsigned int i = 0; i < 1000; i++) {
		struct machine *m = build(kernel_variants()[i % 5]);

		ASSERT_TRUE(m != NULL);
		machine_destroy(m);
	}
	drop_platform();
}
