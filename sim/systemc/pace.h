// SPDX-License-Identifier: Apache-2.0
/*
 * How simulated time passes for whoever carries a transaction: at once in approximately-timed models, added up
 * until the quantum is full in loosely-timed ones.
 */
#ifndef SIM_SYSTEMC_PACE_H
#define SIM_SYSTEMC_PACE_H

#include "c_models.h"
#include "stack.h"

#include <systemc>

namespace vtdsim
{

/** Picoseconds as sc_time, and back. */
inline sc_core::sc_time picoseconds(u64 ps)
{
	static const u64 resolution = sc_core::sc_time(1, sc_core::SC_PS).value();

	return sc_core::sc_time::from_value(ps * resolution);
}

inline u64 to_picoseconds(const sc_core::sc_time &time)
{
	static const u64 resolution = sc_core::sc_time(1, sc_core::SC_PS).value();

	// asked for some twenty times a DMA, and only a foreign platform would have another resolution
	return resolution == 1 ? time.value() : time.value() / resolution;
}

/**
 * How far the running thread is ahead of SystemC's time. A wait costs the host more than all else of an access, and
 * it is for nothing where nobody else could have run meanwhile: then the thread just goes on. It lets SystemC's time
 * catch up before it does what others may see: settle(). SystemC's state is the process' own, so this is too.
 */
struct lookahead {
	bool allowed = false; // not unless all threads of the simulation know of it
	u64 lead = 0; // ps
	unsigned int waiting = 0; // threads that wait for a time
};
inline lookahead ahead;

/** Simulated time now, in picoseconds. */
inline u64 now()
{
	return to_picoseconds(sc_core::sc_time_stamp()) + ahead.lead;
}

/** Time of who is that much ahead of it, in picoseconds. */
inline u64 local_now(const sc_core::sc_time &delay)
{
	return now() + to_picoseconds(delay);
}

/** Lets SystemC's time catch up with the running thread's. */
inline void settle()
{
	const u64 ps = ahead.lead;

	ahead.lead = 0;
	if (ps)
		sc_core::wait(picoseconds(ps));
}

/** True if nobody else runs before the running thread's time. */
inline bool alone()
{
	const sc_core::sc_simcontext *context = sc_core::sc_get_curr_simcontext();

	// where another waits for a time, it is seldom worth asking
	return ahead.allowed && !ahead.waiting &&
	       to_picoseconds(sc_core::sc_time_to_pending_activity(context)) > ahead.lead;
}

/** Waits for a time; without SystemC where nothing else happens before it is over. */
inline void wait_for(u64 ps)
{
	ahead.lead += ps;
	if (alone())
		return;
	ahead.waiting++;
	settle();
	ahead.waiting--;
}

/** Waits for an event. */
inline void wait_for(const sc_core::sc_event &event)
{
	settle();
	sc_core::wait(event);
}

/** Notifies an event at once. */
inline void tell(sc_core::sc_event &event)
{
	settle();
	event.notify();
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
			wait_for(ps);
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
		settle();
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
