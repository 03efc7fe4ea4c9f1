/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VT-d units of real machines: CAP and ECAP as the machines' boot logs give them. Which devices a
 * machine has behind them is left to platforms; cache geometries and walkers, where nobody measured them, to the
 * model's defaults.
 */
#include "platform.h"

#include <string.h>

/* VER holds the major version in 7:4 and the minor in 3:0; logs print it as "ver 4:0". */
#define VERSION(major, minor) ((major) << 4 | (minor))

/*
 * Source of every number below, unless the row says otherwise: the line that Linux prints for each
 * unit at boot, "DMAR: dmarN: reg_base_addr ... ver V:v cap ... ecap ...", as found in boot logs that
 * users of these machines attached to public bug reports.
 */
#define FROM_LOG "; from a public boot log"

/* Bits that rows assume. Positions: VT-d specification, 11.4.3 Extended Capability Register. */
#define ECAP_PRS (1ULL << 29)
#define ECAP_PASID (1ULL << 40)

#define SAPPHIRE_RAPIDS_CAP 0x9ed008c40780466ULL
#define SAPPHIRE_RAPIDS_57_CAP 0x19ed008c40780c66ULL
#define SAPPHIRE_RAPIDS_ECAP 0x3ee9e86f050dfULL

#define ASSUMED_PASID_PRS                                                                          \
	"ECAP.PASID and ECAP.PRS: clear in the log, whose unit has no accelerator behind it; set " \
	"here because software binds PASIDs only where they are. PSS (20 bits), SRS, EAFS, NEST, " \
	"SMTS, FSTS and SSTS are the log's own"

static const struct profile rows[] = {
	{ "sandy-bridge-ep", "Sandy Bridge-EP server" FROM_LOG, VERSION(1, 0), 0xd2078c106f0462,
	  0xf020fe, NULL },
	{ "ivy-bridge-ep", "Ivy Bridge-EP server" FROM_LOG, VERSION(1, 0), 0xd2078c106f0466,
	  0xf020de, NULL },
	{ "haswell-ep", "Haswell-EP server, a unit that snoops page walks" FROM_LOG, VERSION(1, 0),
	  0xd2078c106f0466, 0xf020df, NULL },
	{ "broadwell-ep", "Broadwell-EP server" FROM_LOG, VERSION(1, 0), 0x8d2078c106f0466,
	  0xf020df, NULL },
	{ "skylake-sp", "Skylake-SP server: the same values as Broadwell-EP" FROM_LOG,
	  VERSION(1, 0), 0x8d2078c106f0466, 0xf020df, NULL },
	{ "broadwell-e", "Broadwell-E desktop, the unit without a device TLB" FROM_LOG,
	  VERSION(1, 0), 0x8d2008c10ef0466, 0xf0205b, NULL },
	{ "xeon-e3-1226v3-graphics", "Xeon E3-1226 v3, the unit of its graphics" FROM_LOG,
	  VERSION(1, 0), 0xc0000020660462, 0xf0101a, NULL },
	{ "xeon-e3-1226v3", "Xeon E3-1226 v3, the unit of all else" FROM_LOG, VERSION(1, 0),
	  0xd2008020660462, 0xf010da, NULL },
	{ "skylake-client-graphics",
	  "Skylake to Comet Lake client, the unit of its graphics (extended mode, not scalable)" //
	  FROM_LOG,
	  VERSION(1, 0), 0x1c0000c40660462, 0x19e2ff0505e, NULL },
	{ "ice-lake-client-graphics", "Ice Lake client, the unit of its graphics" FROM_LOG,
	  VERSION(1, 0), 0x1c0000c40660462, 0x7e3ff0501e, NULL },
	{ "tiger-lake-client-graphics", "Tiger Lake client, the unit of its graphics" FROM_LOG,
	  VERSION(4, 0), 0x1c0000c40660462, 0x49e2ff0505e, NULL },
	{ "tiger-lake-client-graphics-dit",
	  "Tiger Lake client, the unit of its graphics, where the log shows DIT" FROM_LOG,
	  VERSION(4, 0), 0x1c0000c40660462, 0x69e2ff0505e, NULL },
	{ "alder-lake-client-graphics", "Alder Lake client, the unit of its graphics" FROM_LOG,
	  VERSION(4, 0), 0x1c0000c40660462, 0x29a00f0505e, NULL },
	{ "alder-lake-client", "Alder Lake client, the unit of all else" FROM_LOG, VERSION(5, 0),
	  0xd2008c40660462, 0xf050da, NULL },
	{ "ice-lake-sp", "Ice Lake-SP server" FROM_LOG, VERSION(4, 0), 0x8ed008c40780466,
	  0x60000f050df, NULL },
	/* the machines of these three rows have erratum 772415 (see models/vtd/errata.c); a platform switches it on */
	{ "sapphire-rapids",
	  "server of the Sapphire Rapids generation, 4-level paging, a unit in front of " //
	  "accelerators" FROM_LOG,
	  VERSION(6, 0), SAPPHIRE_RAPIDS_CAP, SAPPHIRE_RAPIDS_ECAP | ECAP_PASID | ECAP_PRS,
	  ASSUMED_PASID_PRS },
	{ "sapphire-rapids-as-logged",
	  "server of the Sapphire Rapids generation, 4-level paging, exactly" FROM_LOG,
	  VERSION(6, 0), SAPPHIRE_RAPIDS_CAP, SAPPHIRE_RAPIDS_ECAP, NULL },
	{ "sapphire-rapids-57",
	  "server of the Sapphire Rapids generation, 5-level paging switched on in its " //
	  "firmware: CAP" FROM_LOG,
	  VERSION(6, 0), SAPPHIRE_RAPIDS_57_CAP, SAPPHIRE_RAPIDS_ECAP | ECAP_PASID | ECAP_PRS,
	  "the whole ECAP, not logged: that of the 4-level machine. " ASSUMED_PASID_PRS },
	/* hw/i386/intel_iommu.c with its default properties, as a guest's boot log shows it */
	{ "qemu", "QEMU's emulated unit as its guests see it (legacy mode, caching mode)",
	  VERSION(1, 0), 0x80d2008c222f06c6, 0xf00f1a, NULL },
};

const struct profile *profiles(size_t *count)
{
	*count = sizeof(rows) / sizeof(rows[0]);
	return rows;
}

/*
 * Calibrated on the measurements of pcie-bench/data (Neugebauer et al., "Understanding PCIe performance for end host
 * networking", SIGCOMM 2018): a card reads 64 bytes at random places of a window. docs/validation.md says how, and
 * shows what the rest of the points come to. Of the five numbers of each machine two are the unit's:
 *   walkers: how many reads a second there are when each one misses (19.6 and 19.2 million), times how much longer
 *     one alone takes that misses (some 220 and 280 ns)
 *   IOTLB: 64 entries at least, as 256 KiB of 4-KiB pages all hit, and few more by the rate at 512 KiB
 * The other three belong to memory and link: scenarios/platforms/haswell-ep-nfp.yaml and broadwell-ep-nfp.yaml.
 */
static const struct profile_measured measured[] = {
	{ .profile = "haswell-ep", .walkers = 4, .iotlb_entries = 70 },
	{ .profile = "broadwell-ep", .walkers = 5, .iotlb_entries = 68 },
};

const struct profile_measured *profile_measured(const struct profile *profile)
{
	for (size_t i = 0; i < sizeof(measured) / sizeof(measured[0]); i++) {
		if (strcmp(measured[i].profile, profile->name) == 0)
			return &measured[i];
	}
	return NULL;
}
