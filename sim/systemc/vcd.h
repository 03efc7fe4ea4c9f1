// SPDX-License-Identifier: Apache-2.0
/* How many are where, over time, as signals in a Value Change Dump that wave viewers read. */
#ifndef SIM_SYSTEMC_VCD_H
#define SIM_SYSTEMC_VCD_H

#include "iommu_unit.h"
#include "memory_port.h"
#include "pcie_link.h"
#include "requester.h"

namespace vtdsim
{

/** A dump being written; to be made before simulation begins, and to be gone before what it looks at. */
class vcd_file
{
    public:
	/** Writes to path, to which SystemC adds ".vcd". */
	explicit vcd_file(const std::string &path);
	~vcd_file();
	vcd_file(const vcd_file &) = delete;
	vcd_file &operator=(const vcd_file &) = delete;

	/** Names are of one level, of letters, digits and '_'. The modules must stay where they are. */
	void add_unit(const std::string &name, iommu_unit &unit, const memory_port &tables);
	void add_device(const std::string &name, const requester &function, const pcie_link &link);
	void add_memory(const std::string &name, const memory_port &memory);

    private:
	void add(const std::string &scope, const char *name, const u64 &value);

	sc_core::sc_trace_file *file_;
};

} // namespace vtdsim

#endif
