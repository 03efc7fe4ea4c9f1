/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rights found in tables, or kept in the IOTLB, grant to a request. The same functions
 * judge a fresh walk and a cached page, so that both end alike.
 */
#include "unit.h"

/* A translation request for a page that may not be written is answered for reads (PCI Express 10.2.3). */
static bool lower_to_read(const struct vtd_walk *walk)
{
	if (walk->lowered)
		walk->lowered->access = ACCESS_READ;
	return walk->lowered;
}

/* Sections 3.6.1 and 3.6.2: user and supervisor, write protection, execution. */
enum vtd_fault vtd_first_stage_denies(const struct vtd_walk *walk, u64 rights)
{
	unsigned int flags = walk->space.flags;
	bool user_page = rights & VTD_FIRST_USER;

	if (!walk->privileged && !user_page)
		return VTD_FAULT_SM_USER_TO_SUPERVISOR;
	if (vtd_executes(walk)) {
		if (!(rights & VTD_FIRST_EXECUTE))
			return VTD_FAULT_SM_NO_EXECUTE;
		if (walk->privileged && user_page && (flags & VTD_SPACE_SMEP))
			return VTD_FAULT_SM_NO_EXECUTE;
	}
	if (walk->request->access == ACCESS_WRITE && !(rights & VTD_FIRST_WRITE)) {
		if ((!walk->privileged || (flags & VTD_SPACE_WPE)) && !lower_to_read(walk))
			return VTD_FAULT_SM_NO_WRITE;
	}
	return VTD_FAULT_NONE;
}

/* Section 3.7.1. An execute request reads too. */
enum vtd_fault vtd_second_stage_denies(const struct vtd_walk *walk, u64 rights)
{
	if (walk->request->access == ACCESS_WRITE) {
		if (rights & VTD_SECOND_WRITE)
			return VTD_FAULT_NONE;
		if (!lower_to_read(walk))
			return VTD_FAULT_SM_NO_WRITE;
	}
	if (vtd_executes(walk) && !(rights & VTD_SECOND_EXECUTE))
		return VTD_FAULT_SM_NO_EXECUTE;
	return rights & VTD_SECOND_READ ? VTD_FAULT_NONE : VTD_FAULT_SM_NO_READ;
}

unsigned int vtd_granted(const struct vtd_walk *walk, u64 rights)
{
	unsigned int flags = walk->space.flags;
	bool user_page = rights & VTD_FIRST_USER;
	bool write = rights & VTD_FIRST_WRITE;
	bool execute = rights & VTD_FIRST_EXECUTE;

	if (walk->privileged) {
		write |= !(flags & VTD_SPACE_WPE);
		execute &= !(user_page && (flags & VTD_SPACE_SMEP));
	} else if (!user_page) {
		return 0;
	}
	execute &= (flags & VTD_SPACE_ERE) && (rights & VTD_SECOND_EXECUTE);
	return (rights & VTD_SECOND_READ ? (unsigned int)ACCESS_READ : 0) |
	       (write && (rights & VTD_SECOND_WRITE) ? (unsigned int)ACCESS_WRITE : 0) |
	       (execute && (rights & VTD_SECOND_READ) ? (unsigned int)ACCESS_EXECUTE : 0);
}
