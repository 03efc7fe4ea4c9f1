/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PCIe topology of a platform: what is read, what cannot be, and the groups that the kernel makes of it.
 */
#include "cli_call.h"
#include "gtest_c.h"
#include "machine.h"
#include "scenario/scenario.h"

#include <string.h>

#define UNITS                                                       \
	"iommus: {dmar0: {model: vt-d, profile: sapphire-rapids}, " \
	"dmar1: {model: vt-d, profile: sapphire-rapids}}\n"
#define SWITCH                                                                                  \
	"bridges:\n"                                                                            \
	"  3c:01.0: {type: downstream, buses: 3e-3f, acs: [TB, EC]}\n"                          \
	"  3a:00.0: {type: root-port, iommu: dmar1, buses: 3b-40, acs: true}\n"                 \
	"  3b:00.0: {type: upstream, buses: 3c-3f}\n"                                           \
	"  3c:00.0: {type: downstream, buses: 3d, acs: {has: [SV, TB], enabled: [TB]}}\n"       \
	"  3e:00.0: {type: pcie-to-pci, buses: 3f, group: 9, vendor: 0x10e3, device: 0x8113,\n" \
	"            pcie-capability: no, default-domain: identity}\n"

static struct platform *read_platform(const char *yaml, struct diags *diags)
{
	struct document *doc = document_parse("p.yaml", yaml, strlen(yaml), diags);
	struct platform *platform = doc ? platform_read(document_root(doc), diags) : NULL;

	document_free(doc);
	return platform;
}

static struct platform *good_platform(const char *yaml)
{
	struct diags diags = { 0 };
	struct platform *platform = read_platform(yaml, &diags);

	if (!platform)
		ADD_FAILURE("%u:%u: %s", diags.items[0].line, diags.items[0].column,
			    diags.items[0].message);
	diag_clear(&diags);
	return platform;
}

TEST(platform_topology, bridges_are_sorted_and_placed_by_their_buses)
{
	struct platform *p = good_platform(UNITS SWITCH);
	const struct platform_bridge *b = p->bridges;

	ASSERT_EQ(p->bridge_count, 5);
	EXPECT_STREQ(b[0].name, "0000:3a:00.0");
	EXPECT_EQ(b[0].above, PLATFORM_ROOT_BUS);
	EXPECT_EQ(b[0].config.kind, PCIE_ROOT_PORT);
	EXPECT_EQ(b[0].config.secondary, 0x3b);
	EXPECT_EQ(b[0].config.subordinate, 0x40);
	EXPECT_EQ(b[0].config.acs.capability, 0x1d);
	EXPECT_EQ(b[0].config.acs.control, 0);
	EXPECT_EQ(b[1].above, 0);
	EXPECT_EQ(b[1].config.kind, PCIE_UPSTREAM_PORT);
	EXPECT_EQ(b[2].above, 1);
	EXPECT_EQ(b[2].config.acs.capability, 0x03);
	EXPECT_EQ(b[2].config.acs.control, 0x02);
	EXPECT_FALSE(b[2].config.multifunction);
	EXPECT_EQ(b[3].above, 1);
	EXPECT_EQ(b[3].config.acs.capability, 0x22);
	EXPECT_EQ(b[4].above, 3);
	EXPECT_EQ(b[4].config.kind, PCIE_TO_PCI_BRIDGE);
	EXPECT_EQ(b[4].config.vendor_id, 0x10e3);
	EXPECT_EQ(b[4].config.device_id, 0x8113);
	EXPECT_TRUE(b[4].config.hidden);
	EXPECT_TRUE(b[4].identity);
	EXPECT_EQ(b[4].group, 9);
	for (unsigned int i = 0; i < 5; i++)
		EXPECT_EQ(b[i].iommu, 1);
	platform_free(p);
}

TEST(platform_topology, devices_are_what_their_bus_makes_them)
{
	struct platform *p = good_platform(
		UNITS SWITCH "devices:\n"
			     "  3d:00.0: {acs: [RR, DT], bar: {base: 2GiB, size: 64KiB}}\n"
			     "  3d:00.1: {iommu: dmar1, group: 4, dma-alias: 3d:1f.0}\n"
			     "  3f:04.0: {dma-alias: 0000:3f:04.1}\n"
			     "  3a:01.0: {iommu: dmar1}\n");
	const struct platform_device *d = p->devices;

	ASSERT_EQ(p->device_count, 4);
	EXPECT_EQ(d[0].function.kind, PCIE_ENDPOINT);
	EXPECT_EQ(d[0].above, 2);
	EXPECT_EQ(d[0].iommu, 1);
	EXPECT_TRUE(d[0].function.multifunction);
	EXPECT_EQ(d[0].function.acs.capability, 0x44);
	EXPECT_EQ(d[0].function.bar_base, 2ULL << 30);
	EXPECT_EQ(d[0].function.bar_size, 65536);
	EXPECT_FALSE(d[0].group_given);
	EXPECT_TRUE(d[1].function.multifunction);
	EXPECT_TRUE(d[1].group_given);
	EXPECT_TRUE(d[1].function.has_alias);
	EXPECT_EQ(d[1].function.alias, 0xf8);
	EXPECT_EQ(d[2].function.kind, PCIE_CONVENTIONAL);
	EXPECT_EQ(d[2].function.alias, 0x21);
	EXPECT_FALSE(d[2].function.multifunction);
	EXPECT_EQ(d[3].function.kind, PCIE_ROOT_INTEGRATED);
	EXPECT_EQ(d[3].above, PLATFORM_ROOT_BUS);
	platform_free(p);
}

/* ---- what cannot be ---- */

struct bad {
	const char *name;
	const char *yaml;
	const char *error; /* part of it */
};

#define PORT "3a:00.0: {type: root-port, iommu: dmar0, buses: 3b-3f}"
#define BRIDGES(more) UNITS "bridges: {" PORT ", " more "}\n"
#define DEVICES(more) UNITS "bridges: {" PORT "}\ndevices: {" more "}\n"

static const struct bad bad_platforms[] = {
	{ "a_list", UNITS "bridges: [x]\n", "expected bridges by address" },
	{ "no_address", UNITS "bridges: {x: {type: pci, buses: 1}}\n",
	  "address of a PCI function" },
	{ "unknown_key", BRIDGES("3a:01.0: {type: root-port, buses: 40, ioumm: dmar0}"),
	  "did you mean 'iommu'?" },
	{ "no_type", BRIDGES("3a:01.0: {buses: 40}"), "needs 'type:' and 'buses:'" },
	{ "no_buses", BRIDGES("3a:01.0: {type: pci}"), "needs 'type:' and 'buses:'" },
	{ "unknown_type", BRIDGES("3a:01.0: {type: rootport, buses: 40}"), "root-port" },
	{ "buses_as_words", BRIDGES("3a:01.0: {type: pci, buses: all}"), "as lspci -t shows them" },
	{ "buses_as_a_list", BRIDGES("3a:01.0: {type: pci, buses: [1]}"),
	  "as lspci -t shows them" },
	{ "buses_without_an_end", BRIDGES("3a:01.0: {type: pci, buses: 3b-}"),
	  "as lspci -t shows them" },
	{ "buses_of_three_digits", BRIDGES("3a:01.0: {type: pci, buses: 03b}"),
	  "as lspci -t shows them" },
	{ "buses_without_a_start", BRIDGES("3a:01.0: {type: pci, buses: -3b}"),
	  "as lspci -t shows them" },
	{ "buses_of_many_digits", BRIDGES("3a:01.0: {type: pci, buses: 3b-100}"),
	  "as lspci -t shows them" },
	{ "buses_that_end_before_they_begin", BRIDGES("3a:01.0: {type: pci, buses: 41-40}"),
	  "end before they begin" },
	{ "no_unit_at_the_root", BRIDGES("3a:01.0: {type: pci, buses: 40}"), "needs 'iommu:'" },
	{ "unknown_unit", BRIDGES("3a:01.0: {type: pci, buses: 40, iommu: dmar2}"), "dmar" },
	{ "another_unit_below", BRIDGES("3b:00.0: {type: upstream, buses: 3c, iommu: dmar1}"),
	  "below 0000:3a:00.0, which is behind 'dmar0'" },
	{ "an_unknown_unit_below", BRIDGES("3b:00.0: {type: upstream, buses: 3c, iommu: dmar9}"),
	  "dmar" },
	{ "a_loop", BRIDGES("3b:00.0: {type: upstream, buses: 3a}"), "above its own bus" },
	{ "itself", BRIDGES("3b:00.0: {type: upstream, buses: 3b}"), "above its own bus" },
	{ "overlapping_siblings", BRIDGES("3a:01.0: {type: root-port, iommu: dmar0, buses: 3f-40}"),
	  "overlap" },
	{ "beyond_the_bridge_above", BRIDGES("3b:00.0: {type: upstream, buses: 3c-40}"),
	  "are not within 3b-3f of 0000:3a:00.0" },
	{ "twice", BRIDGES("0000:3a:00.0: {type: root-port, iommu: dmar0, buses: 50}"),
	  "there twice" },
	{ "no_bridge_leads_to_its_bus", BRIDGES("3c:00.0: {type: downstream, buses: 3d}"),
	  "no bridge leads to it" },
	{ "a_root_port_below", BRIDGES("3b:00.0: {type: root-port, buses: 3c}"), "on a root bus" },
	{ "an_upstream_port_at_the_root",
	  BRIDGES("3a:01.0: {type: upstream, iommu: dmar0, buses: 40}"),
	  "below a root port or downstream port" },
	{ "an_upstream_port_as_device_1", BRIDGES("3b:01.0: {type: upstream, buses: 3c}"),
	  "as device 00" },
	{ "a_downstream_port_below_a_root_port", BRIDGES("3b:00.0: {type: downstream, buses: 3c}"),
	  "below an upstream port" },
	{ "a_pci_bridge_on_a_link", BRIDGES("3b:00.0: {type: pci, buses: 3c}"),
	  "below a pcie-to-pci or pci bridge" },
	{ "a_pcie_to_pci_bridge_as_device_1", BRIDGES("3b:01.0: {type: pcie-to-pci, buses: 3c}"),
	  "as device 00" },
	{ "a_hidden_root_port",
	  BRIDGES("3a:01.0: {type: root-port, iommu: dmar0, buses: 40, pcie-capability: no}"),
	  "only a bridge of type pcie-to-pci" },
	{ "acs_of_a_conventional_bridge",
	  BRIDGES("3a:01.0: {type: pci, iommu: dmar0, buses: 40, acs: true}"), "has no ACS" },
	{ "acs_of_ports_in_an_upstream_port",
	  BRIDGES("3b:00.0: {type: upstream, buses: 3c, acs: [SV]}"), "SV is for ports" },
	{ "unknown_acs", BRIDGES("3b:00.0: {type: upstream, buses: 3c, acs: [XX]}"), "XX" },
	{ "acs_as_a_word", BRIDGES("3b:00.0: {type: upstream, buses: 3c, acs: some}"),
	  "true or false" },
	{ "acs_enabled_that_is_not_there",
	  BRIDGES("3b:00.0: {type: upstream, buses: 3c, acs: {has: [RR], enabled: [CR]}}"),
	  "'enabled' names what 'has' does not" },
	{ "acs_that_is_no_list", BRIDGES("3b:00.0: {type: upstream, buses: 3c, acs: {has: RR}}"),
	  "expected a list" },
	{ "unknown_acs_key", BRIDGES("3b:00.0: {type: upstream, buses: 3c, acs: {hass: []}}"),
	  "did you mean 'has'?" },
	{ "functions_of_a_bridge_behind_two_units",
	  UNITS "bridges: {" PORT ", 3a:00.1: {type: root-port, iommu: dmar1, buses: 40}}\n"
		"devices: {}\n",
	  "functions of one device behind different units" },
	{ "two_segments_behind_a_unit", DEVICES("0001:01:00.0: {iommu: dmar0}"),
	  "behind 'dmar0', but of different segments" },
	{ "a_device_without_a_bridge", DEVICES("3c:00.0: {}"), "no bridge leads to it" },
	{ "a_device_that_is_a_bridge", DEVICES("3a:00.0: {iommu: dmar0}"),
	  "a bridge and a device" },
	{ "device_1_on_a_link", DEVICES("3b:01.0: {}"), "which leads to one device" },
	{ "a_device_inside_a_switch",
	  UNITS "bridges: {" PORT ", 3b:00.0: {type: upstream, buses: 3c}}\n"
		"devices: {3c:05.0: {}}\n",
	  "inside the switch of 0000:3b:00.0" },
	{ "a_device_behind_another_unit", DEVICES("3b:00.0: {iommu: dmar1}"),
	  "which is behind 'dmar0'" },
	{ "functions_behind_two_units", DEVICES("40:00.0: {iommu: dmar0}, 40:00.1: {iommu: dmar1}"),
	  "different units" },
	{ "a_group_behind_two_units",
	  UNITS "bridges: {3a:00.0: {type: root-port, iommu: dmar0, buses: 3b, group: 5}}\n"
		"devices: {40:00.0: {iommu: dmar1, group: 5}}\n",
	  "are in group 5, but behind different units" },
	{ "pasids_of_a_conventional_device",
	  UNITS "bridges: {3a:00.0: {type: pci, iommu: dmar0, buses: 3b}}\n"
		"devices: {3b:00.0: {pasid: true}}\n",
	  "'pasid' is for PCI Express alone" },
	{ "acs_of_a_single_function", DEVICES("3b:00.0: {acs: [RR]}"),
	  "is the only function of its device" },
	{ "acs_of_ports_in_a_function", DEVICES("3b:00.0: {acs: [UF]}, 3b:00.1: {}"),
	  "UF is for ports" },
	{ "a_bar_without_size", DEVICES("3b:00.0: {bar: {base: 2GiB}}"), "a base and a size" },
	{ "a_bar_as_number", DEVICES("3b:00.0: {bar: 5}"), "bar" },
	{ "a_bar_of_words", DEVICES("3b:00.0: {bar: {base: here, size: 4KiB}}"),
	  "a size below 2^64 such as" },
	{ "a_bar_too_small", DEVICES("3b:00.0: {bar: {base: 2GiB, size: 2KiB}}"),
	  "power of two from 4KiB" },
	{ "a_bar_too_large", DEVICES("3b:00.0: {bar: {base: 0, size: 2TiB}}"),
	  "power of two from 4KiB" },
	{ "a_bar_of_no_power", DEVICES("3b:00.0: {bar: {base: 2GiB, size: 12KiB}}"),
	  "power of two from 4KiB" },
	{ "a_bar_that_is_not_aligned", DEVICES("3b:00.0: {bar: {base: 0x80001000, size: 8KiB}}"),
	  "a multiple of it" },
	{ "a_bar_beyond_the_width", DEVICES("3b:00.0: {bar: {base: 0x400000000000, size: 4KiB}}"),
	  "beyond 46 bits" },
	{ "a_bar_in_ram", DEVICES("3b:00.0: {bar: {base: 4GiB, size: 4KiB}}"), "overlaps RAM" },
	{ "a_bar_over_registers", DEVICES("3b:00.0: {bar: {base: 0xfed90000, size: 4KiB}}"),
	  "overlaps RAM, or registers" },
	{ "bars_that_overlap",
	  DEVICES("3b:00.0: {bar: {base: 2GiB, size: 8KiB}}, "
		  "3b:00.1: {bar: {base: 0x80001000, size: 4KiB}}"),
	  "the BARs of 0000:3b:00.0 and 0000:3b:00.1 overlap" },
	{ "an_alias_on_another_bus", DEVICES("3b:00.0: {dma-alias: 3c:00.0}"), "of another bus" },
	{ "an_alias_of_another_segment", DEVICES("3b:00.0: {dma-alias: 0001:3b:00.1}"),
	  "of another bus" },
	{ "an_alias_as_word", DEVICES("3b:00.0: {dma-alias: x}"), "address of a PCI function" },
};

TEST_WITH_NAMED_PARAMS(impossible_topology, is_told, struct bad, bad_platforms, name)
{
	struct diags diags = { 0 };
	struct platform *platform = read_platform(param->yaml, &diags);
	bool told = false;

	EXPECT_TRUE(platform == NULL);
	for (size_t i = 0; i < diags.count; i++)
		told |= strstr(diags.items[i].message, param->error) != NULL;
	if (!told)
		ADD_FAILURE("expected '%s', got '%s'", param->error,
			    diags.count ? diags.items[0].message : "nothing");
	platform_free(platform);
	diag_clear(&diags);
}

TEST(impossible_topology, many_bridges_are_too_many)
{
	static char yaml[256 + 1100 * 64] = UNITS "bridges:\n";
	struct diags diags = { 0 };
	size_t len = strlen(yaml);

	for (unsigned int i = 0; i < 1025; i++)
		len += (size_t)snprintf(yaml + len, sizeof(yaml) - len,
					"  %04x:00:00.0: {type: pci, iommu: dmar0, buses: 1}\n", i);
	EXPECT_TRUE(read_platform(yaml, &diags) == NULL);
	ASSERT_GE(diags.count, 1);
	EXPECT_TRUE(strstr(diags.items[0].message, "1025 bridges; expected 1024 at most"));
	diag_clear(&diags);
}

/* ---- groups ---- */

TEST(platform_groups, without_a_topology_are_numbered_in_order)
{
	struct platform *p = good_platform(UNITS "devices: {3a:00.0: {iommu: dmar0}, "
						 "3b:00.0: {iommu: dmar0, group: 7}, "
						 "3c:00.0: {iommu: dmar0}}\n");

	machine_number_groups(p);
	EXPECT_EQ(p->devices[0].group, 8);
	EXPECT_EQ(p->devices[1].group, 7);
	EXPECT_EQ(p->devices[2].group, 9);
	platform_free(p);
}

static void number_machine_groups(void *arg, struct machine *machine)
{
	const struct platform *p = machine_platform(machine);

	(void)arg;
	for (size_t i = 0; i < p->device_count; i++)
		EXPECT_EQ(kernel_device_group(machine_kernel(machine), p->devices[i].segment,
					      p->devices[i].function.source_id),
			  p->devices[i].group);
}

/* The kernel's numbers and those that steps use are the same, however they were found. */
static void expect_kernel_agrees(struct platform *p)
{
	const struct machine_config config = { .platform = p, .variant = "v1" };

	EXPECT_TRUE(machine_run(&config, number_machine_groups, NULL) == NULL);
}

TEST(platform_groups, are_those_of_the_kernel)
{
	static const char *const platforms[] = {
		UNITS "devices: {3a:00.0: {iommu: dmar0}, 3b:00.0: {iommu: dmar0, group: 7}, "
		      "0001:3c:00.0: {iommu: dmar1}}\n",
		UNITS "devices: {3a:00.1: {iommu: dmar0}, 3a:00.0: {iommu: dmar0}}\n",
		UNITS SWITCH "devices: {3d:00.0: {}, 3d:00.1: {group: 4}, 3f:04.0: {}}\n",
	};

	for (size_t i = 0; i < sizeof(platforms) / sizeof(platforms[0]); i++) {
		struct platform *p = good_platform(platforms[i]);

		machine_number_groups(p);
		expect_kernel_agrees(p);
		platform_free(p);
	}
}

TEST(platform_groups, of_conventional_devices_behind_an_smmu_are_for_the_first_alone)
{
	struct platform *p =
		good_platform("iommus: {s: {model: smmuv3}}\n"
			      "bridges: {01:00.0: {type: pcie-to-pci, iommu: s, buses: 2}}\n"
			      "devices: {02:04.0: {}, 02:05.0: {}}\n");

	machine_number_groups(p);
	EXPECT_EQ(p->bridges[0].kernel_group, 0);
	EXPECT_EQ(p->devices[0].group, 0);
	EXPECT_EQ(p->devices[1].group, -1);
	platform_free(p);
}

#define SHOWN                                                                              \
	"scenario: s\nplatform:\n"                                                         \
	"  iommus: {dmar0: {model: vt-d, profile: sapphire-rapids}, s: {model: smmuv3}}\n" \
	"  bridges:\n"                                                                     \
	"    3a:00.0: {type: root-port, iommu: dmar0, buses: 3b, acs: true}\n"             \
	"    0001:00:01.0: {type: pcie-to-pci, iommu: s, buses: 01}\n"                     \
	"  devices: {3b:00.0: {}, 3b:00.1: {}, 0001:01:04.0: {}, 0001:01:05.0: {}}\n"

TEST(platform_groups, are_shown_by_check)
{
	char *dir = make_dir();
	struct call got;

	write_file(dir, "good.yaml", SHOWN "steps:\n  - vmm: {open: 2}\n");
	got = CALL("check", "--verbose", dir);
	EXPECT_EQ(got.status, 0);
	EXPECT_TRUE(strstr(got.out, "good.yaml:\n"
				    "  group 0: 0000:3a:00.0 (root-port)\n"
				    "  group 1: 0001:00:01.0 (pcie-to-pci) 0001:01:04.0\n"
				    "  group 2: 0000:3b:00.0 0000:3b:00.1\n"
				    "  no group: 0001:01:05.0\n"
				    "1 scenario: well formed\n"));
	call_free(&got);
	write_file(dir, "good.yaml", SHOWN "steps:\n  - vmm: {open: 3}\n");
	got = CALL("check", dir);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "group 3 is not in the platform; its groups are 2, 1");
	call_free(&got);
	remove_dir(dir);
}
