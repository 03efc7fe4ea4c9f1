// SPDX-License-Identifier: Apache-2.0
/* Rows of counters' growth, and their thinning out. */
#include "rate_sampler.h"

#include <cstring>

namespace vtdsim
{

// So short that even a scenario of some register accesses has rows.
static const u64 first_interval = 1000000; // 1 us

rate_sampler::rate_sampler(const sc_core::sc_module_name &name, reader read)
	: sc_core::sc_module(name), read_(std::move(read)), interval_(first_interval)
{
	SC_HAS_PROCESS(rate_sampler);

	SC_METHOD(sample);
	dont_initialize();
	sensitive << start_;
	start_.notify(picoseconds(interval_));
}

void rate_sampler::add_unit(const char *const *names)
{
	series s;

	s.names = names;
	for (s.width = 0; names[s.width]; s.width++)
		;
	s.last.assign(s.width, 0);
	units_.push_back(std::move(s));
}

namespace
{

// A reading of the counters that are wanted.
struct reading {
	const char *const *names;
	std::vector<int> *columns;
	std::vector<u64> *values;
	size_t next; // counter in the order of visiting
};

// Which column a counter is; looked for by name the first time alone.
int column_of(reading *r, const char *name)
{
	int column = -1;

	if (r->next < r->columns->size())
		return (*r->columns)[r->next];
	for (int i = 0; r->names[i]; i++)
		if (!strcmp(r->names[i], name))
			column = i;
	r->columns->push_back(column);
	return column;
}

void visit(void *arg, const char *name, u64 value)
{
	auto *r = static_cast<reading *>(arg);
	const int column = column_of(r, name);

	r->next++;
	if (column >= 0)
		(*r->values)[static_cast<size_t>(column)] = value;
}

} // namespace

void rate_sampler::read(size_t unit, std::vector<u64> &values)
{
	series &s = units_[unit];
	reading r = { s.names, &s.columns, &values, 0 };

	values.assign(s.width, 0);
	read_(unit, visit, &r);
}

// Rows of one and the next become one; an odd last one stays.
void rate_sampler::halve()
{
	const size_t rows = times_.size();

	for (series &s : units_) {
		for (size_t row = 0; row < rows; row++)
			for (size_t i = 0; i < s.width; i++)
				if (row % 2)
					s.values[row / 2 * s.width + i] +=
						s.values[row * s.width + i];
				else
					s.values[row / 2 * s.width + i] =
						s.values[row * s.width + i];
		s.values.resize((rows + 1) / 2 * s.width);
	}
	for (size_t row = 0; row < rows; row++)
		times_[row / 2] = times_[row];
	times_.resize((rows + 1) / 2);
}

void rate_sampler::add_row(u64 time)
{
	std::vector<u64> values;

	if (!times_.empty() && times_.back() >= time)
		return;
	times_.push_back(time);
	for (size_t unit = 0; unit < units_.size(); unit++) {
		series &s = units_[unit];

		read(unit, values);
		for (size_t i = 0; i < s.width; i++)
			s.values.push_back(values[i] - s.last[i]);
		s.last = values;
	}
}

void rate_sampler::sample()
{
	add_row(now());
	if (times_.size() >= most_rows) {
		halve();
		interval_ *= 2;
	}
	// where nothing else is to come, neither is there anything to wait for
	if (!stopped_ && sc_core::sc_pending_activity())
		next_trigger(picoseconds(interval_ - now() % interval_));
}

rates rate_sampler::table(size_t unit)
{
	add_row(now());
	return { units_[unit].names, times_.size(), times_.data(), units_[unit].values.data() };
}

} // namespace vtdsim
