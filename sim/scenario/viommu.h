/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VMM's virtual unit within a run: shared by the actors `vmm`, whose it is, `guest`, who programs it, and the
 * oracle.
 */
#ifndef SIM_SCENARIO_VIOMMU_H
#define SIM_SCENARIO_VIOMMU_H

#include "run.h"

#include "viommu/viommu.h"

/** What the VMM asked of the host while a step went on. */
struct host_calls {
	unsigned int binds, unbinds, invalidations;
	long bind, unbind, invalidate; /* what the last that failed said: -errno; or 0 */
	unsigned int interrupts; /* sent to the guest */
	unsigned int page_requests, page_responses; /* passed up, and down */
	long page_response; /* as above */
};

/** What a guest's driver keeps of a unit. */
struct guest_driver {
	u64 queue; /* guest-physical; 0: it has not been enabled */
	u64 queue_bytes, tail; /* tail: byte offset */
	u64 root;
	u64 status_at; /* where wait descriptors write */
	u32 waits; /* how many so far */
	u64 page_requests; /* queue, guest-physical; 0: there is none */
	struct page_request *unanswered; /* what was read and wants an answer */
	size_t unanswered_count;
};

/** A virtual unit. */
struct virtual_iommu {
	char *name;
	struct run *run;
	struct opened *container; /* that it passes things on to */
	struct viommu *unit; /* NULL: the VMM refused to make it */
	u64 cap, ecap;
	struct guest_driver driver;
	/* of the running step */
	struct host_calls calls;
	struct step_out *out;
};

/* vmm-viommu.c */

/** The unit of that name; NULL with a failed step if there is none. */
struct virtual_iommu *run_viommu(struct run *run, const char *name, struct step_out *out);

/** The unit of a container, or NULL. */
struct virtual_iommu *run_container_viommu(struct run *run, const struct opened *container);

/** To be called when an operation on the unit begins: calls are counted from here on. */
void viommu_step_begin(struct virtual_iommu *v, struct step_out *out);

/** What the VMM asked of the host meanwhile, added to a result. */
void viommu_calls_to_json(const struct virtual_iommu *v, json_t *result);

/* viommu-pages.c */

/** Reads what page requests wait at the device files of the unit's container, and passes them up. */
void viommu_take_page_requests(struct virtual_iommu *v);

/** Passes the guest's answer down to the device's file. */
void viommu_page_response(void *ctx, const struct page_group_response *response);

/** Fields of viommu_calls_to_json(), for an operation's fields. */
#define VIOMMU_CALL_FIELDS                                                  \
	{ "binds", FIELD_NUMBER, NULL }, { "unbinds", FIELD_NUMBER, NULL }, \
		{ "cache_invalidations", FIELD_NUMBER, NULL },              \
		{ "page_requests", FIELD_NUMBER, NULL },                    \
		{ "bind", FIELD_WORD, viommu_call_results },                \
		{ "unbind", FIELD_WORD, viommu_call_results },              \
		{ "cache_invalidate", FIELD_WORD, viommu_call_results },    \
		{ "page_response", FIELD_WORD, viommu_call_results },       \
	{                                                                   \
		"interrupts", FIELD_NUMBER, NULL                            \
	}

extern const char *const viommu_call_results[];

/* guest.c */

/** A zeroed page of guest memory for tables. 0: no memory left. */
u64 run_guest_page(struct run *run);

/* guest-viommu.c */
extern const struct op op_viommu_enable, op_viommu_attach, op_viommu_pasid_entry,
	op_viommu_invalidate, op_viommu_register, op_viommu_alloc_pasid, op_viommu_free_pasid,
	op_viommu_faults, op_viommu_page_requests, op_viommu_respond;

/* oracle-viommu.c */

/**
 * Where the guest's tables send a device's request, up to its first-stage table: *binding receives that. False with
 * *answer if that is all there is to say.
 */
bool oracle_viommu(struct virtual_iommu *v, size_t device, const struct dma_request *request,
		   struct binding *binding, struct oracle_answer *answer);

#endif
