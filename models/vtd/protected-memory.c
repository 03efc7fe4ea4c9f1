/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Protected memory regions (section 11.4.8): one below and one above 4 GiB that no DMA reaches which tables do not
 * decide: with translation off none at all, else none that passes through or comes translated. A request
 * that is translated is not hindered, as the specification leaves open: software has to keep the tables from
 * leading there. The unit's own accesses go anywhere.
 */
#include "unit.h"

void vtd_protection_changed(struct vtd_unit *unit)
{
	u64 pmen = vtd_register32(unit, VTD_PMEN);

	/* DMA that began before has reached memory when the status says that protection is on */
	unit->protecting = pmen_EPM(&pmen);
	if (unit->protecting)
		port_drain(&unit->port);
	/* which software may have switched off again meanwhile */
	vtd_register32_set(unit, VTD_PMEN,
			   (u32)(unit->protecting ? pmen_EPM_bits() | pmen_PRS_bits() : 0));
}

/*
 * The limit counts with all of its granule; below the base, it makes the region empty. The granule is that of
 * Intel Core processors from Sandy Bridge on (bits 63:21 in their datasheets); software finds it by writing ones.
 */
static bool within(u64 address, u64 base, u64 limit)
{
	return address >= base && address <= (limit | VTD_PROTECTED_BELOW);
}

bool vtd_protected(const struct vtd_unit *unit, u64 address)
{
	u64 cap = unit->cap;

	if (!unit->protecting)
		return false;
	if (cap_PLMR(&cap) &&
	    within(address, vtd_register32(unit, VTD_PLMBASE), vtd_register32(unit, VTD_PLMLIMIT)))
		return true;
	return cap_PHMR(&cap) && within(address, vtd_register64(unit, VTD_PHMBASE),
					vtd_register64(unit, VTD_PHMLIMIT));
}
