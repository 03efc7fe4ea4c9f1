/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the tables that a VT-d unit uses now, from outside: through its registers and memory, without caches,
 * side effects or any of the unit's own code. For the oracle and for the actor `hardware`.
 */
#include "run.h"

#include "vtd/vtd-format.h"

#include <string.h>

#define REG_RTADDR 0x20
#define REG_IRTA 0xb8
#define RTADDR_TTM_SHIFT 10
#define ENTRY_PRESENT 1ULL
#define TABLE_ADDRESS 0x000ffffffffff000ULL

static bool load(struct run *run, struct hw_entry *entry, const char *format, u64 address,
		 size_t quadwords)
{
	memset(entry, 0, sizeof(*entry));
	entry->format = format;
	entry->address = hpa(address);
	entry->quadwords = quadwords;
	return memory_read(machine_memory(run->machine), entry->address, entry->data,
			   quadwords * 8) == PORT_OK;
}

void hw_store(struct run *run, const struct hw_entry *entry)
{
	memory_write(machine_memory(run->machine), entry->address, entry->data,
		     entry->quadwords * 8);
}

static u64 field(const struct hw_entry *entry, const char *name)
{
	return format_field_get(vtd_field(vtd_format(entry->format), name), entry->data);
}

/* Root and context entry of the device; scalable tells the mode. */
static bool find_context(struct run *run, size_t device, bool only_root, struct hw_entry *out,
			 bool *scalable)
{
	const struct platform_device *d = &run->platform->devices[device];
	/* of the entry that its requests meet */
	u16 id = pcie_requester_id(machine_function(run->machine, device));
	u16 bus = id >> 8;
	u16 devfn = id & 0xff;
	u64 rtaddr, table;

	if (run->platform->iommus[d->iommu].kind != PLATFORM_VTD)
		return false;
	rtaddr = machine_register_read(run->machine, d->iommu, REG_RTADDR, 8);
	*scalable = (rtaddr >> RTADDR_TTM_SHIFT & 3) == 1;
	if (!load(run, out, *scalable ? "scalable-root" : "root",
		  (rtaddr & TABLE_ADDRESS) + bus * 16u, 2))
		return false;
	if (only_root)
		return true;
	table = *scalable && devfn >= 128 ? out->data[1] : out->data[0];
	if (!(table & ENTRY_PRESENT))
		return false;
	return *scalable
		       ? load(run, out, "context", (table & TABLE_ADDRESS) + (devfn & 127u) * 32u,
			      4)
		       : load(run, out, "legacy-context", (table & TABLE_ADDRESS) + devfn * 16u, 2);
}

bool hw_find(struct run *run, struct hw_requester who, enum hw_entry_kind kind,
	     struct hw_entry *out)
{
	bool scalable;

	if (!find_context(run, who.device, kind == HW_ROOT, out, &scalable))
		return false;
	if (kind == HW_ROOT || kind == HW_CONTEXT)
		return true;
	if (!scalable || !(out->data[0] & ENTRY_PRESENT))
		return false;
	if (who.pasid >> 6 >= 1u << (field(out, "PDTS") + 7))
		return false;
	if (!load(run, out, "pasid-directory", field(out, "PASIDDIRPTR") + (who.pasid >> 6) * 8ULL,
		  1))
		return false;
	if (kind == HW_PASID_DIRECTORY)
		return true;
	if (!(out->data[0] & ENTRY_PRESENT))
		return false;
	return load(run, out, "pasid-entry",
		    (out->data[0] & TABLE_ADDRESS) + (who.pasid & 63u) * 64ULL, 8);
}

/* Pointer and levels of the second stage that serves the device. */
static bool second_stage_root(struct run *run, struct hw_requester who, u64 *table,
			      unsigned int *levels)
{
	struct hw_entry entry;

	if (!hw_find(run, who, HW_CONTEXT, &entry))
		return false;
	if (strcmp(entry.format, "context") == 0 && !hw_find(run, who, HW_PASID_ENTRY, &entry))
		return false;
	if (!(entry.data[0] & ENTRY_PRESENT))
		return false;
	*table = field(&entry, "SSPTPTR");
	*levels = (unsigned int)field(&entry, "AW") + 2;
	return *levels >= 3 && *levels <= 5;
}

bool hw_find_second_stage(struct run *run, struct hw_requester who, u64 address, unsigned int level,
			  struct hw_entry *out)
{
	unsigned int at;
	u64 table;

	if (!second_stage_root(run, who, &table, &at))
		return false;
	for (;; at--) {
		u64 index = address >> (12 + 9 * (at - 1)) & 0x1ff;

		if (!load(run, out, "second-stage", table + index * 8, 1))
			return false;
		if (at == level || (level == 0 && (at == 1 || field(out, "PS"))))
			return true;
		if (at == 1 || !(out->data[0] & 7) || field(out, "PS"))
			return false;
		table = out->data[0] & TABLE_ADDRESS;
	}
}

bool hw_find_interrupt(struct run *run, size_t device, u64 index, struct hw_entry *out)
{
	const size_t unit = run->platform->devices[device].iommu;
	u64 irta;

	if (run->platform->iommus[unit].kind != PLATFORM_VTD)
		return false;
	irta = machine_register_read(run->machine, unit, REG_IRTA, 8);
	if (!(irta & TABLE_ADDRESS) || index >= 2ULL << (irta & 15) ||
	    !load(run, out, "irte", (irta & TABLE_ADDRESS) + index * 16, 2))
		return false;
	if (field(out, "IM"))
		out->format = "irte-posted";
	return true;
}
