// SPDX-License-Identifier: Apache-2.0
/* Which figures are signals, and what they are called. */
#include "vcd.h"

namespace vtdsim
{

vcd_file::vcd_file(const std::string &path) : file_(sc_core::sc_create_vcd_trace_file(path.c_str()))
{
	file_->set_time_unit(1, sc_core::SC_PS);
}

vcd_file::~vcd_file()
{
	sc_core::sc_close_vcd_trace_file(file_);
}

void vcd_file::add(const std::string &scope, const char *name, const u64 &value)
{
	static const int bits = 32;

	sc_core::sc_trace(file_, value, scope + "." + name, bits);
}

void vcd_file::add_unit(const std::string &name, iommu_unit &unit, const memory_port &tables)
{
	unit.watch_queue();
	add(name, "requests", unit.statistics().requests.inside);
	add(name, "requests_waiting", unit.waiting_requests().queue.inside);
	add(name, "requests_held_up", unit.link_waits().queue.inside);
	add(name, "walkers_busy", unit.statistics().walks.inside);
	add(name, "walks_waiting", unit.waiting_walks().queue.inside);
	add(name, "table_accesses", tables.inside());
	add(name, "queue_depth", unit.queue_depth());
}

void vcd_file::add_device(const std::string &name, const requester &function, const pcie_link &link)
{
	add(name, "tags", function.tags().held);
	add(name, "tags_waiting", function.tags().queue.inside);
	add(name, "credits", link.credits().held);
	add(name, "credits_waiting", link.credits().queue.inside);
}

void vcd_file::add_memory(const std::string &name, const memory_port &memory)
{
	add(name, "accesses", memory.inside());
}

} // namespace vtdsim
