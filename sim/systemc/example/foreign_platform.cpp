// SPDX-License-Identifier: Apache-2.0
/*
 * A SystemC platform of somebody else's, with its own memory, interrupt controller, DMA engine and driver, into which a
 * VT-d unit is bound. It needs the unit's module and nothing else of this repository: no kernel, no scenario.
 */
#include "systemc/iommu_unit.h"

#include <cstdio>
#include <cstring>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>

namespace
{

const u64 interrupt_base = 0xfee00000, interrupt_size = 0x100000;

// Memory and interrupt controller at once: 16 MiB of RAM from 0 on, 80 ns an access; and a list of messages.
class bus : public sc_core::sc_module
{
    public:
	tlm_utils::multi_passthrough_target_socket<bus> in{ "in" };
	u32 message = 0; // the last one

	explicit bus(const sc_core::sc_module_name &name) : sc_core::sc_module(name)
	{
		in.register_b_transport(this, &bus::on_access);
		in.register_transport_dbg(this, &bus::on_debug);
	}

	void poke(u64 address, u64 value)
	{
		memcpy(&ram_.at(address), &value, sizeof(value));
	}

	u64 peek(u64 address) const
	{
		u64 value;

		memcpy(&value, &ram_.at(address), sizeof(value));
		return value;
	}

    private:
	bool transfer(tlm::tlm_generic_payload &trans)
	{
		const u64 address = trans.get_address();
		const size_t len = trans.get_data_length();

		if (address > ram_.size() || len > ram_.size() - address)
			return false;
		if (trans.is_read())
			memcpy(trans.get_data_ptr(), &ram_[address], len);
		else
			memcpy(&ram_[address], trans.get_data_ptr(), len);
		return true;
	}

	void on_access(int, tlm::tlm_generic_payload &trans, sc_core::sc_time &)
	{
		if (trans.get_address() - interrupt_base < interrupt_size) {
			memcpy(&message, trans.get_data_ptr(), sizeof(message));
			trans.set_response_status(tlm::TLM_OK_RESPONSE);
			return;
		}
		wait(80, sc_core::SC_NS);
		trans.set_response_status(transfer(trans) ? tlm::TLM_OK_RESPONSE
							  : tlm::TLM_ADDRESS_ERROR_RESPONSE);
	}

	unsigned int on_debug(int, tlm::tlm_generic_payload &trans)
	{
		return transfer(trans) ? trans.get_data_length() : 0;
	}

	std::vector<unsigned char> ram_ = std::vector<unsigned char>(16 << 20);
};

// A PCIe function 03:00.0 that copies 64 bytes at a time.
class dma_engine : public sc_core::sc_module
{
    public:
	tlm_utils::simple_initiator_socket<dma_engine> upstream{ "upstream" };

	explicit dma_engine(const sc_core::sc_module_name &name) : sc_core::sc_module(name)
	{
	}

	// True if both the read and the write went through.
	bool copy(u64 from, u64 to)
	{
		unsigned char line[64];

		return access(tlm::TLM_READ_COMMAND, from, line, sizeof(line)) &&
		       access(tlm::TLM_WRITE_COMMAND, to, line, sizeof(line));
	}

    private:
	bool access(tlm::tlm_command command, u64 address, unsigned char *data, unsigned int len)
	{
		sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
		tlm::tlm_generic_payload trans;
		vtdsim::dma_extension who;

		who.request.source_id = 0x0300;
		trans.set_command(command);
		trans.set_address(address);
		trans.set_data_ptr(data);
		trans.set_data_length(len);
		trans.set_streaming_width(len);
		trans.set_extension(&who);
		upstream->b_transport(trans, delay);
		trans.clear_extension(&who);
		return trans.is_response_ok();
	}
};

// The driver of the unit: tables in RAM, registers by MMIO.
class driver : public sc_core::sc_module
{
    public:
	tlm_utils::simple_initiator_socket<driver> mmio{ "mmio" };
	bool good = false;

	driver(const sc_core::sc_module_name &name, bus &memory, dma_engine &engine)
		: sc_core::sc_module(name), memory_(memory), engine_(engine)
	{
		SC_HAS_PROCESS(driver);

		SC_THREAD(run);
	}

    private:
	enum { GCMD = 0x18, GSTS = 0x1c, RTADDR = 0x20, CCMD = 0x28 };
	enum { FSTS = 0x34, FECTL = 0x38, FEDATA = 0x3c, FEADDR = 0x40 };

	u64 access(tlm::tlm_command command, u64 offset, unsigned int size, u64 value = 0)
	{
		sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
		tlm::tlm_generic_payload trans;

		trans.set_command(command);
		trans.set_address(offset);
		trans.set_data_ptr(reinterpret_cast<unsigned char *>(&value));
		trans.set_data_length(size);
		trans.set_streaming_width(size);
		mmio->b_transport(trans, delay);
		return value;
	}

	u32 read(u64 offset)
	{
		return static_cast<u32>(access(tlm::TLM_READ_COMMAND, offset, 4));
	}

	void write(u64 offset, unsigned int size, u64 value)
	{
		access(tlm::TLM_WRITE_COMMAND, offset, size, value);
	}

	// Legacy mode: 03:00.0 sees pages 0x40000000 and 0x40001000 of a second stage of four levels.
	void build_tables()
	{
		const u64 root = 0x1000, context = 0x2000, table = 0x3000, next = 0x1000;
		const u64 address = 0x40000000;

		memory_.poke(root + 0x03 * 16, context | 1);
		memory_.poke(context,
			     table | 1); // TT 0: untranslated requests by this second stage
		memory_.poke(context + 8, 1 << 8 | 2); // domain 1, 48 bits
		for (unsigned int level = 4; level > 1; level--) {
			const u64 at = table + (4 - level) * next;

			memory_.poke(at + (address >> (12 + 9 * (level - 1)) & 511) * 8,
				     (at + next) | 3);
		}
		memory_.poke(table + 3 * next, 0x100000 | 1); // read-only
		memory_.poke(table + 3 * next + 8, 0x200000 | 3);
		write(RTADDR, 8, root);
	}

	void run()
	{
		build_tables();
		write(GCMD, 4, 1u << 30); // SRTP
		write(FEDATA, 4, 0x21);
		write(FEADDR, 4, interrupt_base);
		write(FECTL, 4, 0); // unmasked
		write(GCMD, 4, 1u << 31); // TE
		if (!(read(GSTS) >> 31))
			return;

		memory_.poke(0x100040, 0x1122334455667788);
		const bool copied = engine_.copy(0x40000040, 0x40001080);
		const sc_core::sc_time first = sc_core::sc_time_stamp();
		const bool again = engine_.copy(0x40000040, 0x40001080);
		const sc_core::sc_time second = sc_core::sc_time_stamp() - first;
		const bool refused = !engine_.copy(0x40001080, 0x40000040);

		wait(1, sc_core::SC_US); // for the interrupt
		printf("copied through the unit: 0x%llx, %s with tables to read and %s without\n",
		       memory_.peek(0x200080), first.to_string().c_str(),
		       second.to_string().c_str());
		printf("a write to the read-only page %s, FSTS is 0x%x, interrupt 0x%x\n",
		       refused ? "was refused" : "went through", read(FSTS), memory_.message);
		good = copied && again && refused && second < first &&
		       memory_.peek(0x200080) == 0x1122334455667788 && read(FSTS) & 2 &&
		       memory_.message == 0x21;
	}

	bus &memory_;
	dma_engine &engine_;
};

} // namespace

int sc_main(int, char **)
{
	const vtdsim::pace pace(TIMING_APPROXIMATELY, 0);
	vtd_config config;
	unit_timing timing;

	// CAP and ECAP as a boot log shows them: a Broadwell-EP server's
	vtd_config_init(&config, 0x8d2078c106f0466, 0xf020df);
	unit_timing_init(&timing);

	bus memory("memory");
	dma_engine engine("engine");
	driver software("software", memory, engine);
	vtdsim::vtd_unit_module unit("iommu", config, timing, pace);

	engine.upstream.bind(unit.requests);
	software.mmio.bind(unit.registers);
	unit.memory.bind(memory.in); // translated requests, and interrupts
	unit.tables.bind(memory.in); // root, context and page tables, the invalidation queue
	sc_core::sc_start();
	return software.good ? 0 : 1;
}
