/* SPDX-License-Identifier: Apache-2.0 */
/* A machine's time, the traffic that takes it, and the figures of both: taken from the timed hardware, where there is one. */
#include "machine_private.h"

#include "systemc/timed.h"

bool machine_timed(const struct machine *m)
{
	return m->timed != NULL;
}

u64 machine_now(const struct machine *m)
{
	return m->timed ? timed_now(m->timed) : 0;
}

void machine_settle(struct machine *m)
{
	if (m->timed)
		timed_settle(m->timed);
}

void machine_wait_until(struct machine *m, u64 time)
{
	if (m->timed)
		timed_wait_until(m->timed, time);
}

void machine_traffic_begin(struct machine *m, struct traffic *traffic)
{
	if (m->timed)
		timed_traffic_begin(m->timed, traffic);
}

static void traffic_at_once(struct machine *m, struct traffic *traffic)
{
	struct pcie_function *function = m->functions[traffic_config(traffic)->device];
	struct dma_request request;
	struct dma_result result;
	struct traffic_outcome outcome = { .request = &request, .result = &result };

	while (traffic_next(traffic, &request, &outcome.number)) {
		pcie_dma(function, &request, traffic_buffer(traffic, request.access), &result);
		traffic_ended(traffic, &outcome);
	}
}

void machine_traffic_end(struct machine *m, struct traffic *traffic)
{
	if (m->timed)
		timed_traffic_end(m->timed, traffic);
	else
		traffic_at_once(m, traffic);
}

void machine_ats_completion(struct machine *m, size_t device, unsigned int tag)
{
	const struct platform_device *d = &m->config.platform->devices[device];

	if (m->vtd[d->iommu])
		vtd_device_tlb_completion(m->vtd[d->iommu], d->function.source_id, tag);
}

void machine_evict_all(struct machine *m)
{
	for (size_t i = 0; i < m->config.platform->iommu_count; i++) {
		if (m->vtd[i])
			vtd_evict_all(m->vtd[i]);
		else
			smmuv3_evict_all(m->smmu[i]);
	}
	for (size_t i = 0; i < m->config.platform->device_count; i++)
		pcie_evict_all(m->functions[i]);
}

void machine_step_begin(struct machine *m, const char *name, unsigned int line)
{
	const struct trace_arg args[] = {
		{ "line", TRACE_DECIMAL, line, NULL },
		{ .name = NULL },
	};

	if (m->trace)
		machine_trace_step_begin(m->trace, name, line ? args : NULL);
}

void machine_step_end(struct machine *m)
{
	if (m->trace)
		machine_trace_step_end(m->trace);
}

void machine_visit_latencies(const struct machine *m, size_t unit, latency_visitor visit, void *arg)
{
	if (m->timed)
		timed_visit_latencies(m->timed, unit, visit, arg);
}

const struct histogram *machine_device_latency(const struct machine *m, size_t device)
{
	return m->timed ? timed_function_latency(m->timed, device) : NULL;
}

bool machine_rates(struct machine *m, size_t unit, struct rates *rates)
{
	if (m->timed)
		*rates = timed_rates(m->timed, unit);
	return m->timed != NULL;
}

void machine_visit_counters(const struct machine *m, size_t unit, counter_visitor visit, void *arg)
{
	if (m->vtd[unit])
		vtd_visit_counters(m->vtd[unit], visit, arg);
	else
		smmuv3_visit_counters(m->smmu[unit], visit, arg);
	if (m->timed)
		timed_visit_counters(m->timed, unit, visit, arg);
}

void machine_visit_device_counters(const struct machine *m, size_t device, counter_visitor visit,
				   void *arg)
{
	pcie_visit_counters(m->functions[device], visit, arg);
}
