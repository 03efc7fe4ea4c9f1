// SPDX-License-Identifier: Apache-2.0
/*
 * How simulated time passes for whoever carries a transaction: at once in approximately-timed models, added up
 * until the quantum is full in loosely-timed ones.
 */
#ifndef SIM_SYSTEMC_PACE_H
#define SIM_SYSTEMC_PACE_H

#include "c_models.h"

#include <systemc>

namespace vtdsim
{

/** Bytes of stack of a thread that goes through a model: with its port's observers, which may format texts. */
const int model_stack = 256 << 10;

/** Picoseconds as sc_time, and back. */
inline sc_core::sc_time picoseconds(u64 ps)
{
	static const u64 resolution = sc_core::sc_time(1, sc_core::SC_PS).value();

	return sc_core::sc_time::from_value(ps * resolution);
}

inline u64 to_picoseconds(const sc_core::sc_time &time)
{
	static const u64 resolution = sc_core::sc_time(1, sc_core::SC_PS).value();

	return time.value() / resolution;
}

/** Simulated time now, in picoseconds. */
inline u64 now()
{
	return to_picoseconds(sc_core::sc_time_stamp());
}

/** Time of who is that much ahead of it, in picoseconds. */
inline u64 local_now(const sc_core::sc_time &delay)
{
	return to_picoseconds(sc_core::sc_time_stamp() + delay);
}

/** The mode of a simulation, and what follows from it. */
class pace
{
    public:
	pace(timing_mode mode, u64 quantum_ps)
		: loosely_(mode != TIMING_APPROXIMATELY), quantum_(picoseconds(quantum_ps))
	{
	}

	/** True: nobody waits within a transaction, so nothing is contended for. */
	bool loosely() const
	{
		return loosely_;
	}

	/** Lets time pass inside a transaction whose carrier is delay ahead of simulated time. */
	void pass(u64 ps, sc_core::sc_time &delay) const
	{
		if (loosely_)
			delay += picoseconds(ps);
		else if (ps)
			sc_core::wait(picoseconds(ps));
	}

	/** Between transactions: catches up with simulated time once a quantum is full. */
	void synchronise(sc_core::sc_time &delay) const
	{
		if (delay >= quantum_)
			catch_up(delay);
	}

	/** Catches up at once: before anything that others must see in order. */
	void catch_up(sc_core::sc_time &delay) const
	{
		if (delay == sc_core::SC_ZERO_TIME)
			return;
		sc_core::wait(delay);
		delay = sc_core::SC_ZERO_TIME;
	}

    private:
	bool loosely_;
	sc_core::sc_time quantum_;
};

} // namespace vtdsim

#endif
