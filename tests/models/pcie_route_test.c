// SPDX-License-Identifier: Apache-2.0
/*
 * Tests of ports and bridges: their config space, which way a request goes between functions, and the requester id that
 * it has above. The hierarchy is real; the root complex notes what reaches it and accesses memory unchanged.
 */
#include "gtest_c.h"

#include "mem/memory.h"
#include "pcie/bridge.h"

#include <string.h>

#define BAR_A 0x90000000ULL
#define BAR_B 0x90100000ULL
#define BAR_SIZE 0x10000ULL
#define ELSEWHERE 0x80000000ULL
#define LINUX_ACS                                                                                \
	(PCIE_ACS_SOURCE_VALIDATION | PCIE_ACS_REQUEST_REDIRECT | PCIE_ACS_COMPLETION_REDIRECT | \
	 PCIE_ACS_UPSTREAM_FORWARDING)
#define ACS_OFFSET 0x100
#define ACS_CONTROL 0x106
#define ACS_VECTOR 0x108
#define ATS_CONTROL 0x106
#define ATS_ENABLE (1 << 15)

struct hierarchy {
	struct memory *mem;
	struct pcie_bus *root;
	struct pcie_bridge *bridges[8];
	struct pcie_function *functions[4];
	unsigned int bridge_count, function_count;
	unsigned int at_root; /* requests that the root complex saw */
	struct translation_request asked; /* the last one */
	u64 completion; /* of translation requests */
};

static enum port_status read_memory(void *ctx, hpa_t addr, void *buf, size_t len)
{
	return memory_read(((struct hierarchy *)ctx)->mem, addr, buf, len);
}

static enum port_status write_memory(void *ctx, hpa_t addr, const void *buf, size_t len)
{
	return memory_write(((struct hierarchy *)ctx)->mem, addr, buf, len);
}

static const struct port_ops ops = { .read = read_memory, .write = write_memory };

static void on_access(void *ctx, struct pcie_transaction *transaction)
{
	struct hierarchy *h = ctx;
	const struct port port = { .ops = &ops, .ctx = h };

	if (transaction->route == PCIE_ROUTE_ROOT) {
		h->at_root++;
		h->asked = transaction->request;
		transaction->result = (struct translation_result){
			.address = hpa(transaction->request.address.v),
			.page_size = 4096,
			.completion = h->completion,
		};
	}
	pcie_complete(&port, transaction);
}

static void hierarchy_init(struct hierarchy *h)
{
	*h = (struct hierarchy){ .mem = memory_create(46), .root = pcie_root_bus_create() };
}

static void hierarchy_clear(struct hierarchy *h)
{
	while (h->function_count)
		pcie_function_destroy(h->functions[--h->function_count]);
	while (h->bridge_count)
		pcie_bridge_destroy(h->bridges[--h->bridge_count]);
	pcie_root_bus_destroy(h->root);
	memory_destroy(h->mem);
}

/* A bridge whose secondary bus is the only one below it, unless told. */
static struct pcie_bridge *add_bridge(struct hierarchy *h, struct pcie_bridge_config config,
				      struct pcie_bridge *above)
{
	struct pcie_bridge *bridge;

	if (!config.subordinate)
		config.subordinate = config.secondary;
	bridge = pcie_bridge_create(&config, above ? pcie_bridge_bus(above) : h->root);
	h->bridges[h->bridge_count++] = bridge;
	return bridge;
}

static struct pcie_function *add_function(struct hierarchy *h, struct pcie_function_config config,
					  struct pcie_bridge *above)
{
	const struct pcie_upstream upstream = { .access = on_access, .ctx = h };
	const struct port port = { .ops = &ops, .ctx = h };
	struct pcie_function *function = pcie_function_create(&config, &upstream, &port);

	pcie_function_place(function, above ? pcie_bridge_bus(above) : h->root);
	h->functions[h->function_count++] = function;
	return function;
}

static struct pcie_acs acs(unsigned int bits)
{
	return (struct pcie_acs){ (u16)bits, (u16)bits };
}

/* Two functions with a BAR each below the ports of a switch: 3:00.0 (BAR_A) and 4:00.0 (BAR_B). */
static void add_switch(struct hierarchy *h, struct pcie_acs root, struct pcie_acs ports)
{
	struct pcie_bridge *root_port, *up, *down;

	root_port = add_bridge(h,
			       (struct pcie_bridge_config){ .source_id = 0x00e0,
							    .kind = PCIE_ROOT_PORT,
							    .secondary = 1,
							    .subordinate = 4,
							    .acs = root },
			       NULL);
	up = add_bridge(h,
			(struct pcie_bridge_config){ .source_id = 0x0100,
						     .kind = PCIE_UPSTREAM_PORT,
						     .secondary = 2,
						     .subordinate = 4 },
			root_port);
	for (unsigned int i = 0; i < 2; i++) {
		down = add_bridge(h,
				  (struct pcie_bridge_config){ .source_id = (u16)(0x0200 + i * 8),
							       .kind = PCIE_DOWNSTREAM_PORT,
							       .secondary = (u8)(3 + i),
							       .acs = ports },
				  up);
		add_function(h,
			     (struct pcie_function_config){ .source_id = (u16)(0x0300 + i * 0x100),
							    .kind = PCIE_ENDPOINT,
							    .ats = true,
							    .device_tlb = { .entries = 4 },
							    .bar_base = i ? BAR_B : BAR_A,
							    .bar_size = BAR_SIZE },
			     down);
	}
}

/* Two functions of one device with a BAR each, below a bridge or on the root bus. */
static void add_device(struct hierarchy *h, struct pcie_bridge *above, u16 source_id,
		       struct pcie_acs functions)
{
	for (unsigned int i = 0; i < 2; i++)
		add_function(h,
			     (struct pcie_function_config){ .source_id = (u16)(source_id + i),
							    .kind = above ? PCIE_ENDPOINT
									  : PCIE_ROOT_INTEGRATED,
							    .multifunction = true,
							    .acs = functions,
							    .bar_base = i ? BAR_B : BAR_A,
							    .bar_size = BAR_SIZE },
			     above);
}

static struct dma_result dma(struct hierarchy *h, unsigned int function, u64 address)
{
	const struct dma_request request = { .address = iova(address),
					     .len = 8,
					     .access = ACCESS_WRITE };
	struct dma_result result;
	u64 data = 0x1122334455667788ULL;

	h->at_root = 0;
	pcie_dma(h->functions[function], &request, &data, &result);
	return result;
}

/* Where a write of the first function to the second one's BAR goes. */
enum way { TO_ROOT, TO_PEER, NOWHERE };

static enum way way(struct hierarchy *h)
{
	struct dma_result result = dma(h, 0, BAR_B + 0x40);

	if (result.status == DMA_BUS_ERROR)
		return NOWHERE;
	EXPECT_EQ(result.status, DMA_OK);
	EXPECT_EQ(result.peer, !h->at_root);
	return h->at_root ? TO_ROOT : TO_PEER;
}

struct wanted_counter {
	const char *name;
	u64 value;
};

static void note_counter(void *arg, const char *name, u64 value)
{
	struct wanted_counter *wanted = arg;

	if (strcmp(name, wanted->name) == 0)
		wanted->value = value;
}

static u64 count(struct pcie_function *function, const char *name)
{
	struct wanted_counter wanted = { name, ~0ULL };

	pcie_visit_counters(function, note_counter, &wanted);
	return wanted.value;
}

/* ---- config space ---- */

TEST(pcie_bridge, has_a_type_1_header_with_its_bus_numbers)
{
	struct hierarchy h;
	struct pcie_bridge *port, *peer;

	hierarchy_init(&h);
	port = add_bridge(&h,
			  (struct pcie_bridge_config){ .source_id = 0x3ae1,
						       .vendor_id = 0x8086,
						       .device_id = 0x1234,
						       .kind = PCIE_ROOT_PORT,
						       .multifunction = true,
						       .secondary = 0x3b,
						       .subordinate = 0x3f },
			  NULL);
	peer = add_bridge(&h,
			  (struct pcie_bridge_config){ .source_id = 0x3b00,
						       .kind = PCIE_UPSTREAM_PORT,
						       .secondary = 0x3c },
			  port);
	EXPECT_EQ(pcie_bridge_config_read(port, 0, 4), 0x12348086);
	EXPECT_EQ(pcie_bridge_config_read(port, 0x0a, 2), 0x0604);
	EXPECT_EQ(pcie_bridge_config_read(port, 0x0e, 1), 0x81);
	EXPECT_EQ(pcie_bridge_config_read(peer, 0x0e, 1), 0x01);
	EXPECT_EQ(pcie_bridge_config_read(port, 0x18, 4), 0x003f3b3a);
	pcie_bridge_config_write(port, 0x1a, 1, 0x4f);
	pcie_bridge_config_write(port, 0x1b, 1, 0xff);
	EXPECT_EQ(pcie_bridge_config_read(port, 0x18, 4), 0x004f3b3a);
	/* wrong accesses, and beyond */
	EXPECT_EQ(pcie_bridge_config_read(port, 0x19, 2), ~0u);
	EXPECT_EQ(pcie_bridge_config_read(port, 0x800, 4), 0);
	pcie_bridge_config_write(port, 0x19, 2, 0);
	pcie_bridge_config_write(port, 0x800, 4, 1);
	EXPECT_EQ(pcie_bridge_config_read(port, 0x18, 4), 0x004f3b3a);
	hierarchy_clear(&h);
	pcie_bridge_destroy(NULL);
	pcie_root_bus_destroy(NULL);
}

TEST(pcie_bridge, tells_its_type_in_the_pci_express_capability)
{
	static const struct {
		enum pcie_bridge_kind kind;
		bool hidden;
		unsigned int type;
	} kinds[] = {
		{ PCIE_ROOT_PORT, false, 4 },       { PCIE_UPSTREAM_PORT, false, 5 },
		{ PCIE_DOWNSTREAM_PORT, false, 6 }, { PCIE_TO_PCI_BRIDGE, false, 7 },
		{ PCIE_TO_PCI_BRIDGE, true, 0 },    { PCI_TO_PCI_BRIDGE, false, 0 },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct hierarchy h;
		struct pcie_bridge *bridge;

		hierarchy_init(&h);
		bridge = add_bridge(&h,
				    (struct pcie_bridge_config){ .kind = kinds[i].kind,
								 .hidden = kinds[i].hidden,
								 .secondary = 1 },
				    NULL);
		EXPECT_EQ(pcie_bridge_config_read(bridge, 0x06, 2) & 0x10,
			  kinds[i].type ? 0x10 : 0);
		EXPECT_EQ(pcie_bridge_config_read(bridge, 0x34, 1), kinds[i].type ? 0x40 : 0);
		EXPECT_EQ(pcie_bridge_config_read(bridge, 0x42, 2) >> 4 & 0xf, kinds[i].type);
		hierarchy_clear(&h);
	}
}

TEST(pcie_bridge, acs_has_what_is_configured_and_firmware_enabled)
{
	struct hierarchy h;
	struct pcie_bridge *with, *without;

	hierarchy_init(&h);
	with = add_bridge(
		&h,
		(struct pcie_bridge_config){
			.kind = PCIE_ROOT_PORT,
			.secondary = 1,
			.acs = { PCIE_ACS_SOURCE_VALIDATION | PCIE_ACS_EGRESS_CONTROL,
				 PCIE_ACS_SOURCE_VALIDATION | PCIE_ACS_REQUEST_REDIRECT } },
		NULL);
	without = add_bridge(
		&h, (struct pcie_bridge_config){ .kind = PCIE_ROOT_PORT, .secondary = 2 }, NULL);
	EXPECT_EQ(pcie_bridge_config_read(with, ACS_OFFSET, 4), 0x1000d);
	EXPECT_EQ(pcie_bridge_config_read(with, ACS_OFFSET + 4, 2), 0x2021);
	EXPECT_EQ(pcie_bridge_config_read(with, ACS_CONTROL, 2), 0x0001);
	pcie_bridge_config_write(with, ACS_CONTROL, 2, 0xffff);
	EXPECT_EQ(pcie_bridge_config_read(with, ACS_CONTROL, 2), 0x0021);
	pcie_bridge_config_write(with, ACS_VECTOR, 4, 0xa5a5a5a5);
	EXPECT_EQ(pcie_bridge_config_read(with, ACS_VECTOR, 4), 0xa5a5a5a5);
	EXPECT_EQ(pcie_bridge_config_read(without, ACS_OFFSET, 4), 0);
	hierarchy_clear(&h);
}

TEST(pcie_function, has_the_header_and_the_capabilities_of_its_kind)
{
	struct hierarchy h;
	struct pcie_function *integrated, *endpoint, *conventional;

	hierarchy_init(&h);
	integrated = add_function(&h, (struct pcie_function_config){ .source_id = 8 }, NULL);
	endpoint = add_function(&h,
				(struct pcie_function_config){ .kind = PCIE_ENDPOINT,
							       .multifunction = true,
							       .acs = acs(LINUX_ACS) },
				NULL);
	conventional =
		add_function(&h, (struct pcie_function_config){ .kind = PCIE_CONVENTIONAL }, NULL);
	EXPECT_EQ(pcie_config_read(integrated, 0x0e, 1), 0);
	EXPECT_EQ(pcie_config_read(integrated, 0x42, 2) >> 4 & 0xf, 9);
	EXPECT_EQ(pcie_config_read(endpoint, 0x0e, 1), 0x80);
	EXPECT_EQ(pcie_config_read(endpoint, 0x42, 2) >> 4 & 0xf, 0);
	EXPECT_EQ(pcie_config_read(endpoint, 0x40, 1), 0x10);
	EXPECT_EQ(pcie_config_read(endpoint, ACS_OFFSET, 2), 0x0d);
	EXPECT_EQ(pcie_config_read(endpoint, ACS_CONTROL, 2), LINUX_ACS);
	/* no capability of any kind, nor a reset that one would have */
	EXPECT_EQ(pcie_config_read(conventional, 0x06, 2) & 0x10, 0);
	EXPECT_EQ(pcie_config_read(conventional, 0x34, 1), 0);
	EXPECT_EQ(pcie_config_read(conventional, 0x40, 4), 0);
	pcie_config_write(conventional, 0x48, 2, 1 << 15);
	EXPECT_TRUE(pcie_config_read(conventional, 0x04, 2) & 4);
	hierarchy_clear(&h);
}

TEST(pcie_function, a_bar_can_be_sized_and_moved)
{
	struct hierarchy h;
	struct pcie_function *function;

	hierarchy_init(&h);
	function = add_function(&h,
				(struct pcie_function_config){ .bar_base = 0x3800000000ULL,
							       .bar_size = BAR_SIZE },
				NULL);
	EXPECT_EQ(pcie_config_read(function, 0x10, 4), 0x0000000c);
	EXPECT_EQ(pcie_config_read(function, 0x14, 4), 0x38);
	pcie_config_write(function, 0x10, 4, ~0u);
	EXPECT_EQ(pcie_config_read(function, 0x10, 4), (u32) ~(BAR_SIZE - 1) | 0xc);
	EXPECT_TRUE(pcie_config_read(function, 0x04, 2) & 2);
	hierarchy_clear(&h);
}

/* ---- the way ---- */

TEST(pcie_route, a_switch_without_acs_sends_to_a_peer_what_lies_in_its_bar)
{
	struct hierarchy h;
	u64 data = 0;

	hierarchy_init(&h);
	add_switch(&h, acs(0), acs(0));
	EXPECT_EQ(way(&h), TO_PEER);
	EXPECT_EQ(memory_read(h.mem, hpa(BAR_B + 0x40), &data, 8), PORT_OK);
	EXPECT_EQ(data, 0x1122334455667788ULL);
	EXPECT_EQ(count(h.functions[0], "peer_requests"), 1);
	EXPECT_EQ(dma(&h, 0, BAR_B + 0x40).first_page_size, 4096);
	/* and what does not, upstream */
	EXPECT_EQ(dma(&h, 0, BAR_B + BAR_SIZE).status, DMA_OK);
	EXPECT_EQ(h.at_root, 1);
	EXPECT_EQ(h.asked.source_id, 0x0300);
	EXPECT_EQ(dma(&h, 0, BAR_B - 8).peer, false);
	hierarchy_clear(&h);
}

TEST(pcie_route, request_redirect_of_the_port_a_request_comes_by_sends_it_to_the_root)
{
	struct hierarchy h;

	hierarchy_init(&h);
	add_switch(&h, acs(LINUX_ACS), acs(LINUX_ACS));
	EXPECT_EQ(way(&h), TO_ROOT);
	EXPECT_EQ(count(h.functions[0], "peer_requests"), 0);
	/* the other port's does not matter */
	pcie_bridge_config_write(h.bridges[3], ACS_CONTROL, 2, 0);
	EXPECT_EQ(way(&h), TO_ROOT);
	pcie_bridge_config_write(h.bridges[2], ACS_CONTROL, 2,
				 LINUX_ACS & ~PCIE_ACS_REQUEST_REDIRECT);
	EXPECT_EQ(way(&h), TO_PEER);
	hierarchy_clear(&h);
}

TEST(pcie_route, without_upstream_forwarding_a_port_above_sends_back_what_was_redirected)
{
	struct hierarchy h;

	hierarchy_init(&h);
	add_switch(&h, acs(LINUX_ACS & ~PCIE_ACS_UPSTREAM_FORWARDING), acs(LINUX_ACS));
	EXPECT_EQ(way(&h), TO_PEER);
	pcie_bridge_config_write(h.bridges[0], ACS_CONTROL, 2, 0);
	EXPECT_EQ(way(&h), TO_PEER);
	hierarchy_clear(&h);
}

TEST(pcie_route, a_bar_that_is_not_decoded_is_nobody_s)
{
	struct hierarchy h;

	hierarchy_init(&h);
	add_switch(&h, acs(0), acs(0));
	pcie_config_write(h.functions[1], 0x04, 2, 4);
	EXPECT_EQ(way(&h), TO_ROOT);
	hierarchy_clear(&h);
}

TEST(pcie_route, functions_of_a_device_reach_each_other_unless_they_redirect)
{
	struct hierarchy h;
	struct pcie_bridge *port;

	hierarchy_init(&h);
	port = add_bridge(&h,
			  (struct pcie_bridge_config){ .source_id = 0x00e0,
						       .kind = PCIE_ROOT_PORT,
						       .secondary = 3,
						       .acs = acs(LINUX_ACS) },
			  NULL);
	add_device(&h, port, 0x0300, acs(PCIE_ACS_REQUEST_REDIRECT));
	EXPECT_EQ(way(&h), TO_ROOT);
	pcie_config_write(h.functions[0], ACS_CONTROL, 2, 0);
	EXPECT_EQ(way(&h), TO_PEER);
	/* its own BAR lies behind the port, too */
	EXPECT_EQ(dma(&h, 0, BAR_A).status, DMA_OK);
	EXPECT_EQ(h.at_root, 1);
	hierarchy_clear(&h);
}

TEST(pcie_route, on_a_root_bus_only_functions_of_one_device_are_peers)
{
	struct hierarchy h;

	hierarchy_init(&h);
	add_device(&h, NULL, 0x0010, acs(0));
	EXPECT_EQ(way(&h), TO_PEER);
	hierarchy_clear(&h);

	hierarchy_init(&h);
	add_function(&h, (struct pcie_function_config){ .source_id = 0x0008 }, NULL);
	add_function(&h,
		     (struct pcie_function_config){
			     .source_id = 0x0010, .bar_base = BAR_B, .bar_size = BAR_SIZE },
		     NULL);
	EXPECT_EQ(way(&h), TO_ROOT);
	hierarchy_clear(&h);
}

TEST(pcie_route, egress_control_lets_pass_blocks_or_redirects)
{
	struct hierarchy h;

	hierarchy_init(&h);
	add_switch(&h, acs(LINUX_ACS), acs(LINUX_ACS | PCIE_ACS_EGRESS_CONTROL));
	/* a port that the vector does not name is reached directly, redirection or not */
	EXPECT_EQ(way(&h), TO_PEER);
	pcie_bridge_config_write(h.bridges[2], ACS_VECTOR, 4, 1u << 1);
	EXPECT_EQ(way(&h), TO_ROOT);
	pcie_bridge_config_write(h.bridges[2], ACS_CONTROL, 2, PCIE_ACS_EGRESS_CONTROL);
	EXPECT_EQ(way(&h), NOWHERE);
	EXPECT_EQ(count(h.functions[0], "blocked_requests"), 1);
	hierarchy_clear(&h);

	/* functions of a device are numbered by themselves */
	hierarchy_init(&h);
	add_device(&h, NULL, 0x0010, acs(PCIE_ACS_EGRESS_CONTROL));
	pcie_config_write(h.functions[0], ACS_VECTOR, 4, 1u << 1);
	EXPECT_EQ(way(&h), NOWHERE);
	pcie_config_write(h.functions[0], ACS_VECTOR, 4, 1u << 2);
	EXPECT_EQ(way(&h), TO_PEER);
	hierarchy_clear(&h);
}

TEST(pcie_route, source_validation_blocks_what_does_not_come_from_below)
{
	struct hierarchy h;

	hierarchy_init(&h);
	add_switch(&h, acs(LINUX_ACS), acs(LINUX_ACS));
	EXPECT_EQ(dma(&h, 0, ELSEWHERE).status, DMA_OK);
	pcie_bridge_config_write(h.bridges[2], 0x18, 4, 0x00040402);
	EXPECT_EQ(dma(&h, 0, ELSEWHERE).status, DMA_BUS_ERROR);
	pcie_bridge_config_write(h.bridges[2], 0x18, 4, 0x00020202);
	EXPECT_EQ(dma(&h, 0, ELSEWHERE).status, DMA_BUS_ERROR);
	pcie_bridge_config_write(h.bridges[2], ACS_CONTROL, 2, 0);
	EXPECT_EQ(dma(&h, 0, ELSEWHERE).status, DMA_OK);
	hierarchy_clear(&h);
}

/* A switch as above, whose first function translates by its device TLB to where the completion says. */
static void add_translating(struct hierarchy *h, unsigned int port_bits, u64 translation)
{
	h->completion = translation | ATS_READ | ATS_WRITE;
	add_switch(h, acs(LINUX_ACS), acs(port_bits));
	pcie_config_write(h->functions[0], ATS_CONTROL, 2, ATS_ENABLE);
}

TEST(pcie_route, direct_translated_p2p_lets_translated_requests_go_to_a_peer)
{
	struct hierarchy h;

	hierarchy_init(&h);
	add_translating(&h, LINUX_ACS | PCIE_ACS_DIRECT_TRANSLATED, BAR_B);
	EXPECT_EQ(dma(&h, 0, ELSEWHERE).peer, true);
	EXPECT_EQ(h.at_root, 1);
	EXPECT_EQ(h.asked.type, ADDRESS_TRANSLATION_REQUEST);
	/* what asks is never routed by its address */
	EXPECT_EQ(dma(&h, 0, BAR_B).peer, true);
	EXPECT_EQ(h.at_root, 1);
	/* untranslated ones are redirected as ever, and translated ones without the bit */
	pcie_config_write(h.functions[0], ATS_CONTROL, 2, 0);
	EXPECT_EQ(dma(&h, 0, BAR_B).peer, false);
	pcie_bridge_config_write(h.bridges[2], ACS_CONTROL, 2, LINUX_ACS);
	pcie_config_write(h.functions[0], ATS_CONTROL, 2, ATS_ENABLE);
	EXPECT_EQ(dma(&h, 0, BAR_B).peer, false);
	EXPECT_EQ(h.at_root, 2);
	hierarchy_clear(&h);
}

TEST(pcie_route, translation_blocking_stops_translated_requests_and_those_that_ask)
{
	struct hierarchy h;

	hierarchy_init(&h);
	add_translating(&h, LINUX_ACS | PCIE_ACS_TRANSLATION_BLOCKING, ELSEWHERE);
	EXPECT_EQ(dma(&h, 0, ELSEWHERE).status, DMA_ATS_DENIED);
	EXPECT_EQ(h.at_root, 0);
	/* a request for a translation that is unsupported is not repeated */
	EXPECT_EQ(dma(&h, 0, ELSEWHERE).status, DMA_OK);
	EXPECT_EQ(h.asked.type, ADDRESS_UNTRANSLATED);
	hierarchy_clear(&h);

	hierarchy_init(&h);
	add_translating(&h, LINUX_ACS | PCIE_ACS_TRANSLATION_BLOCKING, ELSEWHERE);
	pcie_bridge_config_write(h.bridges[2], ACS_CONTROL, 2, 0);
	EXPECT_EQ(dma(&h, 0, ELSEWHERE).status, DMA_OK);
	pcie_bridge_config_write(h.bridges[2], ACS_CONTROL, 2, PCIE_ACS_TRANSLATION_BLOCKING);
	EXPECT_EQ(dma(&h, 0, ELSEWHERE).status, DMA_BUS_ERROR);
	EXPECT_EQ(h.at_root, 0);
	hierarchy_clear(&h);
}

/* ---- requester ids ---- */

TEST(pcie_route, a_request_keeps_its_id_through_ports)
{
	struct hierarchy h;

	hierarchy_init(&h);
	add_switch(&h, acs(0), acs(0));
	EXPECT_EQ(pcie_requester_id(h.functions[1]), 0x0400);
	EXPECT_EQ(dma(&h, 1, ELSEWHERE).status, DMA_OK);
	EXPECT_EQ(h.asked.source_id, 0x0400);
	hierarchy_clear(&h);
}

TEST(pcie_route, a_function_on_no_bus_has_its_own_id)
{
	const struct pcie_function_config config = { .source_id = 0x3a00 };
	const struct pcie_upstream upstream = { .access = on_access };
	const struct port port = { .ops = &ops };
	struct pcie_function *function = pcie_function_create(&config, &upstream, &port);

	EXPECT_EQ(pcie_requester_id(function), 0x3a00);
	pcie_function_destroy(function);
}

TEST(pcie_route, a_function_may_use_another_one_s_id)
{
	struct hierarchy h;

	hierarchy_init(&h);
	add_function(
		&h,
		(struct pcie_function_config){ .source_id = 0x3a00, .has_alias = true, .alias = 1 },
		NULL);
	EXPECT_EQ(pcie_requester_id(h.functions[0]), 0x3a01);
	dma(&h, 0, ELSEWHERE);
	EXPECT_EQ(h.asked.source_id, 0x3a01);
	hierarchy_clear(&h);
}

TEST(pcie_route, behind_a_pcie_to_pci_bridge_the_id_is_that_of_its_secondary_bus)
{
	struct hierarchy h;
	struct pcie_bridge *port, *bridge, *second;

	hierarchy_init(&h);
	port = add_bridge(&h,
			  (struct pcie_bridge_config){ .source_id = 0x00e0,
						       .kind = PCIE_ROOT_PORT,
						       .secondary = 1,
						       .subordinate = 3,
						       .acs = acs(LINUX_ACS) },
			  NULL);
	bridge = add_bridge(&h,
			    (struct pcie_bridge_config){ .source_id = 0x0100,
							 .kind = PCIE_TO_PCI_BRIDGE,
							 .secondary = 2,
							 .subordinate = 3 },
			    port);
	second = add_bridge(&h,
			    (struct pcie_bridge_config){ .source_id = 0x0208,
							 .kind = PCI_TO_PCI_BRIDGE,
							 .secondary = 3 },
			    bridge);
	add_function(
		&h, (struct pcie_function_config){ .source_id = 0x0220, .kind = PCIE_CONVENTIONAL },
		bridge);
	add_function(&h,
		     (struct pcie_function_config){ .source_id = 0x0300,
						    .kind = PCIE_CONVENTIONAL,
						    .bar_base = BAR_B,
						    .bar_size = BAR_SIZE },
		     second);
	EXPECT_EQ(pcie_requester_id(h.functions[0]), 0x0200);
	EXPECT_EQ(pcie_requester_id(h.functions[1]), 0x0200);
	dma(&h, 1, ELSEWHERE);
	EXPECT_EQ(h.asked.source_id, 0x0200);
	/* one conventional bus is shared by all that is on it */
	EXPECT_EQ(way(&h), TO_PEER);
	hierarchy_clear(&h);
}

TEST(pcie_route, behind_a_conventional_bridge_the_id_is_the_bridge_s_own)
{
	struct hierarchy h;
	struct pcie_bridge *bridge;

	hierarchy_init(&h);
	bridge = add_bridge(&h,
			    (struct pcie_bridge_config){ .source_id = 0x00f0,
							 .kind = PCI_TO_PCI_BRIDGE,
							 .secondary = 5 },
			    NULL);
	for (u16 id = 0x0508; id <= 0x0510; id += 8)
		add_function(&h,
			     (struct pcie_function_config){ .source_id = id,
							    .kind = PCIE_CONVENTIONAL,
							    .bar_base = id == 0x0510 ? BAR_B
										     : BAR_A,
							    .bar_size = BAR_SIZE },
			     bridge);
	EXPECT_EQ(pcie_requester_id(h.functions[0]), 0x00f0);
	dma(&h, 0, ELSEWHERE);
	EXPECT_EQ(h.asked.source_id, 0x00f0);
	EXPECT_EQ(way(&h), TO_PEER);
	hierarchy_clear(&h);
}
