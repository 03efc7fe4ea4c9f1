// SPDX-License-Identifier: Apache-2.0
/*
 * A PCIe link: bytes on the wire by hand, both directions, credits; and what lies above and below it.
 */
#include "rig.h"

#include "systemc/interconnect.h"
#include "systemc/processor.h"

using namespace rig;

namespace
{

// Takes every request after some time, and gives its credit back on arrival or at its end.
class root_port : public sc_core::sc_module
{
    public:
	tlm_utils::simple_target_socket<root_port> in{ "in" };
	u64 time = 0; // ps
	bool keeps_credit = false;
	unsigned int inside = 0, most = 0;

	explicit root_port(const sc_core::sc_module_name &name) : sc_core::sc_module(name)
	{
		in.register_b_transport(this, &root_port::on_request);
	}

    private:
	void on_request(tlm::tlm_generic_payload &trans, sc_core::sc_time &)
	{
		dma_extension *dma = trans.get_extension<dma_extension>();

		if (dma->credits && !keeps_credit) {
			dma->credits->give();
			dma->credits = nullptr;
		}
		most = std::max(most, ++inside);
		sc_core::wait(picoseconds(time));
		inside--;
		trans.set_response_status(tlm::TLM_OK_RESPONSE);
	}
};

class link_rig : public sc_core::sc_module
{
    public:
	tlm_utils::simple_initiator_socket<link_rig> function{ "function" };
	pcie_link link;
	root_port root{ "root" };
	root_port peer{ "peer" };

	explicit link_rig(const link_timing &timing,
			  const sc_core::sc_module_name &name = "link_rig")
		: sc_core::sc_module(name), link("link", timing, pace(TIMING_APPROXIMATELY, 0))
	{
		function.bind(link.function);
		link.root.bind(root.in);
		link.peers.bind(peer.in);
	}

	void access(tlm::tlm_command command, unsigned int len, bool pasid = false,
		    bool to_peer = false)
	{
		sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
		std::vector<unsigned char> bytes(len);
		payload p;

		p.prepare(command, 0x1000, bytes.data(), len);
		p.dma.request.has_pasid = pasid;
		p.dma.peer = to_peer;
		function->b_transport(p.trans, delay);
		EXPECT_TRUE(p.trans.is_response_ok());
		EXPECT_EQ(delay, sc_core::SC_ZERO_TIME);
	}
};

link_timing third_generation(unsigned int lanes)
{
	link_timing timing;

	link_timing_init(&timing);
	timing.generation = 3;
	timing.lanes = lanes;
	timing.latency = 0;
	timing.credits = 0;
	return timing;
}

// 8 GT/s a lane, 128 of 130 bits, as ps a byte on so many lanes.
double byte_time(unsigned int lanes)
{
	return 1e12 / (8e9 * lanes * 128 / 130 / 8);
}

} // namespace

TEST(link_transfer_time, is_bytes_by_rate_in_every_generation)
{
	const struct {
		unsigned int generation;
		double gigabytes; // a second and lane
	} rows[] = { { 1, 0.25 },  { 2, 0.5 },   { 3, 0.9846 },
		     { 4, 1.969 }, { 5, 3.938 }, { 6, 7.5625 } };

	for (const auto &row : rows) {
		link_timing timing = third_generation(4);

		timing.generation = row.generation;
		const double expected = 1e6 / (row.gigabytes * 4e9) * 1e12;

		EXPECT_NEAR(static_cast<double>(link_transfer_time(&timing, 1000000)), expected,
			    expected / 1000);
	}
}

TEST(link_transfer_time, is_none_without_lanes)
{
	link_timing timing = third_generation(0);

	EXPECT_EQ(link_transfer_time(&timing, 1000000), 0u);
}

struct traffic {
	const char *name;
	bool write, pasid;
	unsigned int len;
	unsigned int up, down; // bytes on the wire of each request
};

class wire : public ::testing::TestWithParam<traffic>
{
};

/*
 * Headers of 16 bytes (12 for completions), 4 of framing, 6 of sequence number and LCRC, 4 for DLLPs; a PASID prefix is
 * 4 bytes; payload of at most 256 bytes a packet, at most 512 bytes a read.
 */
TEST_P(wire, carries_as_many_bytes_a_second_as_its_lanes_do)
{
	const traffic &t = GetParam();
	const unsigned int requests = 200;
	simulation sim;
	link_rig r(third_generation(8));
	u64 last = 0;

	for (unsigned int i = 0; i < requests; i++)
		sim.at(0, [&] {
			r.access(t.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, t.len,
				 t.pasid);
			last = now();
		});
	sim.run();
	// the narrower direction is always busy, the other one is passed once
	const double expected =
		(requests * std::max(t.up, t.down) + std::min(t.up, t.down)) * byte_time(8);

	EXPECT_NEAR(static_cast<double>(last), expected, requests + expected / 1e5);
	EXPECT_NEAR(static_cast<double>(r.link.up().busy), requests * t.up * byte_time(8),
		    requests + expected / 1e5);
	EXPECT_NEAR(static_cast<double>(r.link.down().busy), requests * t.down * byte_time(8),
		    requests + expected / 1e5);
}

INSTANTIATE_TEST_SUITE_P(
	requests, wire,
	::testing::Values(traffic{ "read_64", false, false, 64, 30, 26 + 64 },
			  traffic{ "read_64_with_pasid", false, true, 64, 34, 26 + 64 },
			  traffic{ "read_256", false, false, 256, 30, 26 + 256 },
			  traffic{ "read_1024", false, false, 1024, 2 * 30, 4 * 26 + 1024 },
			  traffic{ "write_64", true, false, 64, 30 + 64, 0 },
			  traffic{ "write_257", true, false, 257, 2 * 30 + 257, 0 },
			  traffic{ "write_64_with_pasid", true, true, 64, 34 + 64, 0 }),
	[](const ::testing::TestParamInfo<traffic> &row) { return std::string(row.param.name); });

TEST(link, latency_is_paid_each_way_by_reads_and_once_by_writes)
{
	link_timing timing = third_generation(0);
	simulation sim;

	timing.latency = 200 * ns;
	link_rig r(timing);

	sim.at(0, [&] {
		r.access(tlm::TLM_READ_COMMAND, 64);
		EXPECT_EQ(now(), 400 * ns);
		r.access(tlm::TLM_WRITE_COMMAND, 64);
		EXPECT_EQ(now(), 600 * ns);
	});
	sim.run();
}

TEST(link, a_request_for_a_peer_takes_the_same_time_and_does_not_reach_the_root)
{
	link_timing timing = third_generation(0);
	simulation sim;

	timing.latency = 200 * ns;
	link_rig r(timing);

	sim.at(0, [&] {
		r.access(tlm::TLM_READ_COMMAND, 64, false, true);
		EXPECT_EQ(now(), 400 * ns);
	});
	sim.run();
	EXPECT_EQ(r.root.most, 0u);
	EXPECT_EQ(r.peer.most, 1u);
}

TEST(link, no_more_requests_are_under_way_than_there_are_credits)
{
	for (bool keeps : { false, true }) {
		link_timing timing = third_generation(0);
		simulation sim;
		u64 last = 0;

		timing.credits = 3;
		link_rig r(timing);

		r.root.time = 100 * ns;
		r.root.keeps_credit = keeps;
		for (int i = 0; i < 12; i++)
			sim.at(0, [&] {
				r.access(tlm::TLM_READ_COMMAND, 64);
				last = now();
			});
		sim.run();
		EXPECT_EQ(r.root.most, keeps ? 3u : 12u);
		EXPECT_EQ(last, (keeps ? 12 / 3 : 1) * 100 * ns);
	}
}

TEST(link, back_pressure_of_a_full_unit_holds_up_the_link)
{
	settings s;
	simulation sim;
	u64 last = 0;
	unsigned int done = 0;

	s.config.context_cache = settings::cache(4);
	s.timing.outstanding = 1;
	s.timing.queue = 1;
	vtd_rig r(s);
	link_timing timing = third_generation(0);

	timing.credits = 2;
	struct front : sc_core::sc_module {
		tlm_utils::simple_initiator_socket<front> function{ "function" };

		explicit front(const sc_core::sc_module_name &name) : sc_core::sc_module(name)
		{
		}
	} f("front");
	pcie_link link("link", timing, pace(TIMING_APPROXIMATELY, 0));

	f.function.bind(link.function);
	link.root.bind(r.unit.requests);
	r.map(0x40000000, 0x10000000);
	for (int i = 0; i < 10; i++)
		sim.at(i, [&] {
			sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
			u64 data = 0;
			payload p;

			p.prepare(tlm::TLM_READ_COMMAND, 0x40000000, &data, 8);
			p.dma.request.source_id = FUNCTION;
			f.function->b_transport(p.trans, delay);
			EXPECT_TRUE(p.trans.is_response_ok());
			last = now();
			done++;
		});
	sim.run();
	EXPECT_EQ(done, 10u);
	// one after the other through the unit: two reads of the context, then four a request
	EXPECT_EQ(last, (200 + 10 * 400 + 50) * ns);
	// of ten, one is in the unit, one waits in it, two hold a credit: six waited for one
	EXPECT_EQ(link.credits().queue.most, 6u);
	EXPECT_EQ(link.credits().queue.integral, link.credits().queue.time_inside);
}

// ---- interrupts ----

TEST(interconnect, interrupts_come_in_the_order_of_their_time_to_who_waits)
{
	simulation sim;
	const pace passing(TIMING_LOOSELY, 1000 * ns);
	processor_timing timing{ 0, 0, 100 * ns, 10 * ns };
	interconnect bus("bus");
	processor cpu("cpu", timing, passing);
	struct sender : sc_core::sc_module {
		tlm_utils::simple_initiator_socket<sender> out{ "out" };

		explicit sender(const sc_core::sc_module_name &name) : sc_core::sc_module(name)
		{
		}
	} from("sender");
	struct nothing : sc_core::sc_module {
		tlm_utils::simple_target_socket<nothing> in{ "in" };
		unsigned int accesses = 0;

		explicit nothing(const sc_core::sc_module_name &name) : sc_core::sc_module(name)
		{
			in.register_b_transport(this, &nothing::on_access);
		}
		void on_access(tlm::tlm_generic_payload &trans, sc_core::sc_time &)
		{
			accesses++;
			trans.set_response_status(tlm::TLM_OK_RESPONSE);
		}
	} memory("memory"), window("window");
	std::vector<std::pair<u32, u64>> came;

	bus.memory.bind(memory.in);
	bus.interrupts.bind(cpu.interrupts);
	cpu.bus.bind(bus.processor);
	bus.window(0x1000, 0x100, window.in);
	from.out.bind(bus.dma);
	auto send = [&](u32 data, u64 ahead, unsigned int len, bool interrupt) {
		sc_core::sc_time delay = picoseconds(ahead);
		unsigned char bytes[8] = {};
		payload p;

		memcpy(bytes, &data, sizeof(data));
		p.prepare(tlm::TLM_WRITE_COMMAND, 0xfee00000, bytes, len);
		p.dma.result.interrupt = interrupt;
		from.out->b_transport(p.trans, delay);
		return p.trans.is_response_ok();
	};
	cpu.set_interrupt_handler(
		[&](u64 address, u32 data) { came.emplace_back(data, address ? now() : 0); });
	cpu.set_software([&] {
		cpu.wait_until([&] { return came.size() == 3; },
			       cpu.interrupt_arrived() | cpu.interrupt_arrived());
		EXPECT_FALSE(cpu.interrupt_pending());
		// the processor reaches windows, and nothing beside them
		EXPECT_EQ(cpu.read(0x1010, 8), 0u);
		EXPECT_EQ(cpu.read(0x1100, 8), ~0ULL);
		cpu.write(0x2000, 8, 1);
	});
	sim.at(10 * ns, [&] {
		EXPECT_TRUE(send(1, 500 * ns, 4, true));
		EXPECT_TRUE(send(2, 20 * ns, 4, true));
		EXPECT_TRUE(send(3, 20 * ns, 4, true));
		EXPECT_FALSE(send(4, 0, 8, true)); // no message
		EXPECT_TRUE(send(5, 0, 4, false)); // DMA that goes there is DMA
	});
	sim.run();
	EXPECT_TRUE(cpu.software_ended());
	EXPECT_EQ(came, (std::vector<std::pair<u32, u64>>{
				{ 2, 130 * ns }, { 3, 130 * ns }, { 1, 610 * ns } }));
	EXPECT_EQ(memory.accesses, 1u);
	EXPECT_EQ(window.accesses, 1u);
}
