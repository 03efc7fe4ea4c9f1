// SPDX-License-Identifier: Apache-2.0
/*
 * Samples counters at intervals. There are never more than so many rows: when they are full, two make one, and
 * the interval doubles.
 */
#ifndef SIM_SYSTEMC_RATE_SAMPLER_H
#define SIM_SYSTEMC_RATE_SAMPLER_H

#include "pace.h"

#include "../rates.h"

#include <functional>
#include <vector>

namespace vtdsim
{

class rate_sampler : public sc_core::sc_module
{
    public:
	/** Gives all counters of a unit to the visitor; in the same order every time. */
	using reader = std::function<void(size_t unit, counter_visitor visit, void *arg)>;

	rate_sampler(const sc_core::sc_module_name &name, reader read);

	/** Adds a unit, of which the counters of these names (NULL-terminated, static) are sampled. */
	void add_unit(const char *const *names);

	/** The simulation is about to end: one more sample, and no more. */
	void stop()
	{
		stopped_ = true;
	}

	/** The table of a unit, with what has come since the last sample; good until the next call. */
	rates table(size_t unit);

    private:
	static const size_t most_rows = 100;

	// A unit: its rows, and where its counters stood at the last of them.
	struct series {
		const char *const *names;
		std::vector<int> columns; // by the order of visiting: which column, or -1
		std::vector<u64> last;
		std::vector<u64> values;
		size_t width;
	};

	void sample();
	void add_row(u64 time);
	void halve();
	void read(size_t unit, std::vector<u64> &values);

	reader read_;
	std::vector<series> units_;
	std::vector<u64> times_;
	u64 interval_; // ps
	sc_core::sc_event start_;
	bool stopped_ = false;
};

} // namespace vtdsim

#endif
