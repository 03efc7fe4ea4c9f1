// SPDX-License-Identifier: Apache-2.0
/*
 * What there is too little of: slots that serve for a known time, places that are held for as long as it takes,
 * and pages that one walk serves. All in order of arrival, all counting who waited how long.
 */
#ifndef SIM_SYSTEMC_CONTENTION_H
#define SIM_SYSTEMC_CONTENTION_H

#include "pace.h"

#include <deque>
#include <queue>
#include <vector>

namespace vtdsim
{

/**
 * Occupancy of something over time. By Little's law, occupancy (the integral of how many were inside, divided
 * by the time) equals the rate of arrivals times the mean time inside: exact, as long as all have left.
 */
struct occupancy {
	u64 arrivals = 0;
	u64 inside = 0; // now
	u64 most = 0;
	u64 integral = 0; // of inside, in ps
	u64 time_inside = 0; // sum of the stays that ended, in ps
	u64 last_change = 0; // ps

	/** Somebody comes. */
	void enter()
	{
		change(inside + 1);
		arrivals++;
	}

	/** Somebody goes who came at that time. */
	void leave(u64 since)
	{
		change(inside - 1);
		time_inside += now() - since;
	}

	/** The integral up to now. */
	u64 integral_now() const
	{
		return integral + inside * (now() - last_change);
	}

	/** Somebody goes of whom it is not known when they came: the integral alone counts. */
	void leave_uncounted()
	{
		change(inside - 1);
	}

    private:
	void change(u64 to)
	{
		const u64 time = now();

		integral += inside * (time - last_change);
		last_change = time;
		inside = to;
		if (inside > most)
			most = inside;
	}
};

/** Servers that each serve one at a time, for a time that is known when it begins. */
class slots
{
    public:
	/** count 0: as many as it takes. */
	explicit slots(unsigned int count) : count_(count)
	{
	}

	/** Books the first server that is free: ps from now until it has served for duration ps. */
	u64 book(u64 duration)
	{
		const u64 time = now();
		u64 start = time;

		while (!ends_.empty() && ends_.top() <= time)
			ends_.pop();
		if (count_ && ends_.size() == count_) {
			start = ends_.top();
			ends_.pop();
		}
		if (count_)
			ends_.push(start + duration);
		served++;
		busy += duration;
		waited += start - time;
		return start + duration - time;
	}

	u64 served = 0;
	u64 busy = 0; // ps, summed over servers
	u64 waited = 0; // ps before service, summed over the served

    private:
	unsigned int count_;
	// of the servers that are busy
	std::priority_queue<u64, std::vector<u64>, std::greater<u64>> ends_;
};

/** So many places, held until given back; who finds none waits, first come first served. */
class places
{
    public:
	/** count 0: as many as it takes. */
	explicit places(unsigned int count) : limited_(count != 0), free_(count)
	{
	}

	/** Takes a place; returns when there is one. */
	void take()
	{
		held++;
		if (!limited_)
			return;
		if (free_) {
			free_--;
			return;
		}
		const u64 since = now();
		waiter *w = idle_waiter();

		held--; // not yet: who gives the place leaves it held
		queue.enter();
		waiting_.push_back(w);
		wait_for(w->event);
		queue.leave(since);
		idle_.push_back(w);
	}

	/** Gives a place back: to who waits longest, if anybody does. */
	void give()
	{
		if (waiting_.empty())
			held--;
		if (!limited_)
			return;
		if (waiting_.empty()) {
			free_++;
			return;
		}
		tell(waiting_.front()->event);
		waiting_.pop_front();
	}

	places(const places &) = delete;
	places &operator=(const places &) = delete;

	occupancy queue; // of those who wait
	u64 held = 0; // places, now

    private:
	struct waiter {
		sc_core::sc_event event;
	};

	waiter *idle_waiter()
	{
		if (idle_.empty()) {
			waiters_.emplace_back();
			return &waiters_.back();
		}
		waiter *w = idle_.back();

		idle_.pop_back();
		return w;
	}

	bool limited_;
	unsigned int free_;
	std::deque<waiter>
		waiters_; // all: who still waits when a simulation ends leaves nothing behind
	std::deque<waiter *> waiting_;
	std::vector<waiter *> idle_;
};

/** Pages that are being walked for. */
class missed_pages
{
    public:
	/** True: the page is the caller's until done(). False: it was another's, which is done. */
	bool miss(port_page page)
	{
		for (entry *e : active_) {
			if (e->page.number != page.number || e->page.space != page.space)
				continue;
			const u64 since = now();

			merged++;
			waiting.enter();
			wait_for(e->done);
			waiting.leave(since);
			return false;
		}
		entry *e = idle_entry();

		e->page = page;
		active_.push_back(e);
		return true;
	}

	void done(port_page page)
	{
		for (size_t i = 0; i < active_.size(); i++) {
			entry *e = active_[i];

			if (e->page.number != page.number || e->page.space != page.space)
				continue;
			if (waiting.inside)
				tell(e->done);
			idle_.push_back(e);
			active_[i] = active_.back();
			active_.pop_back();
			return;
		}
	}

	missed_pages() = default;
	missed_pages(const missed_pages &) = delete;
	missed_pages &operator=(const missed_pages &) = delete;

	u64 merged = 0; // requests that waited for another's walk
	occupancy waiting; // of those

    private:
	struct entry {
		port_page page;
		sc_core::sc_event done;
	};

	entry *idle_entry()
	{
		if (idle_.empty()) {
			entries_.emplace_back();
			return &entries_.back();
		}
		entry *e = idle_.back();

		idle_.pop_back();
		return e;
	}

	std::deque<entry> entries_; // all
	std::vector<entry *> active_, idle_;
};

/** Requests between their arrival and their end, so that drains can wait for those that came before them. */
class in_flight
{
    public:
	/** A request arrives; what end() is to be told. */
	unsigned int begin()
	{
		counts_.back()++;
		return last();
	}

	void end(unsigned int phase)
	{
		bool ended = false;

		counts_[phase - first_]--;
		// the last phase goes on
		while (counts_.size() > 1 && !counts_.front()) {
			counts_.pop_front();
			first_++;
			ended = true;
		}
		if (ended)
			tell(drained_);
	}

	/** Returns when all that began before has ended. Any number of drains may wait at a time. */
	void drain()
	{
		const u64 since = now();

		if (counts_.back())
			counts_.push_back(0);
		const unsigned int phase = last();

		while (static_cast<int>(phase - first_) > 0)
			wait_for(drained_);
		drains++;
		drain_time += now() - since;
	}

	u64 drains = 0;
	u64 drain_time = 0; // ps, summed

    private:
	unsigned int last() const
	{
		return first_ + static_cast<unsigned int>(counts_.size()) - 1;
	}

	// of requests by phase: a drain begins another one
	std::deque<u64> counts_{ 0 };
	unsigned int first_ = 0; // number of the first of those phases, which may wrap around
	sc_core::sc_event drained_;
};

} // namespace vtdsim

#endif
